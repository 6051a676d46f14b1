"""A study answers what it was asked, or says in one sentence why not: of the part that is open, in numbers that add up, and never of nobody."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pandas as pd
import pytest

import commissioning as cm
from commissioning import reports
from commissioning.errors import UsageError
from commissioning.reports import review
from commissioning.study import by_hand, showing, unagreed
from commissioning.study.frames import Frame
from commissioning.study.opened import Study

GOAL, CONTROL = "learning_disability_own_goal_met", "learning_disability_control"
NORTH = {"level": "locality=North"}
WRONG = (None, 2014, [], {}, "misspelt", ["misspelt"])


@pytest.fixture(autouse=True)
def keyboard(monkeypatch):
    """A person at a kernel, in a new session."""
    monkeypatch.setattr(by_hand, "_answers", lambda: True)
    monkeypatch.setattr(by_hand, "ASKED", False)
    monkeypatch.setattr(by_hand, "opened", set())
    monkeypatch.setattr(unagreed, "found", {})
    for name in by_hand.RUN:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def study() -> Study:
    return cm.open("learning_disability")


@pytest.fixture(scope="module")
def north() -> Study:
    return cm.open("learning_disability", **NORTH)


@pytest.fixture
def rows(study) -> pd.DataFrame:
    return study.table("reviews")


def shown(frame: Frame) -> str:
    return showing.shown(frame, title="What is told", alt="A row for each of them.").html


# --- asked wrongly


def sentence(call) -> str:
    with pytest.raises(UsageError) as told:
        call()
    said = str(told.value)
    assert said and "\n" not in said and "Traceback" not in said
    return said


MAY_BE_LEFT_OUT = {("outcomes", "by"), ("try_measure", "by"), ("rows_behind", "period"), ("rows_behind", "group"),
                   ("rows_left_out", "period"), ("rows_left_out", "group"), ("release", "behind"), ("release", "amount")}  # fmt: skip


def questions(study) -> list[tuple[str, str, dict]]:
    """Each parameter of each public method, with what the method needs besides it."""
    mine = {"measure": GOAL, "outcome": GOAL, "by": "ward", "frame": study.prepared._held("reviews")}
    tried = {"measure": cm.measure("Goals met", table="reviews", achieved={"goal_met": "yes"})}
    found = []
    for name, method in vars(Study).items():
        if not name.startswith("_") and inspect.isfunction(method):
            names = list(inspect.signature(method).parameters)[1:]
            needs = {one: mine[one] for one in names if one in mine and (one != "by" or name == "release")}
            needs |= tried if name == "try_measure" else {}
            found += [(name, one, {key: value for key, value in needs.items() if key != one}) for one in names]
    return found


@pytest.mark.parametrize("given", WRONG, ids=repr)
def test_what_is_no_answer_to_a_question_is_refused_in_one_sentence_and_opens_nothing(study, given):
    asked = questions(study)
    assert len(asked) > 20
    for name, parameter, others in asked:
        left_out = (name, parameter) in MAY_BE_LEFT_OUT and (given is None or (name == "release" and not given))
        if left_out or (parameter == "changes" and given == 2014):
            continue
        by_hand.opened.clear()
        wrong = {"worth": given} if parameter == "changes" else {parameter: given}
        sentence(lambda name=name, given={**others, **wrong}: getattr(study, name)(**given))
        assert not by_hand.opened, (name, parameter)
    sentence(lambda: cm.measure(None if given == "misspelt" else given, table="reviews", achieved={"goal_met": "yes"}))
    sentence(lambda: cm.measure("Goals met", table="reviews", achieved=given))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda one: one.table("review"), "holds a table called 'review'; did you mean reviews?"),
        (lambda one: one.rows_behind(GOAL, group=("ward", "Bidston")), "no ward is called 'Bidston'"),
        (lambda one: one.rows_behind(GOAL, group=("wrad", "Alderby")), "'wrad' is no group of it"),
        (lambda one: one.rows_behind(GOAL, group=("ward",)), "write the kind and the name of one"),
        (lambda one: one.rows_behind(GOAL, group="ward"), "write the kind and the name of one"),
        (lambda one: one.rows_behind(GOAL, period="2014"), "years and quarters"),
        (lambda one: one.rows_left_out(GOAL, period="2099-00"), "has not come"),
        (lambda one: one.rows_left_out(GOAL, period="1999-00"), "no extract here holds it"),
        (lambda one: one.explain("learning_disability_own_goal_mt"), f"did you mean {GOAL}?"),
        (lambda one: one.breaks("learning_disability_own_goal_mt"), f"did you mean {GOAL}?"),
        (lambda one: one.compare("learning_disability_own_goal_mt"), f"did you mean {GOAL}?"),
        (lambda one: one.outcomes(by="wrad"), "did you mean ward?"),
        (lambda one: one.outcomes(periods=[]), 'write "all"'),
        (lambda one: one.try_measure(GOAL), "give a measure that cm.measure made"),
        (lambda one: one.release(one.table("reviews"), by=["ward", "ward"]), "name each column once"),
        (lambda one: one.release(one.table("reviews"), by="wrad"), "did you mean ward?"),
    ],
)  # fmt: skip
def test_a_misspelt_word_is_answered_with_the_nearest_that_there_is(study, ask, says):
    assert says in sentence(lambda: ask(study))
    assert not any("rows behind" in one or "left out" in one or "'review'" in one for one in by_hand.opened)


def test_a_measure_that_no_extract_holds_says_what_to_bring(study):
    lacking = "learning_disability_ascof_1e"
    found = study.explain(lacking)
    assert found.empty and list(found) == ["step", "period", "says", "number", "hidden"]
    assert (
        "counted from indicators" in found.why
        and "bring it" in found.why
        and study.measures[lacking].title in found.why
    )
    assert "bring it" in sentence(lambda: study.rows_behind(lacking)) and not by_hand.opened


def test_every_example_that_opens_rows_or_tries_runs_as_it_is_written(study):
    ran = 0
    for name in ("explain", "rows_left_out", "rows_behind", "release", "table", "try_measure", "what_if"):
        blocks = [textwrap.dedent(one) for one in (getattr(Study, name).__doc__ or "").split("\n\n")]
        (example,) = [one for one in blocks if one.strip().startswith(("study.", "rows =", "met ="))]
        last = ast.parse(example).body[-1]
        names = {"cm": cm, "study": study}
        exec(example, names)  # noqa: S102  our own words
        assert len(eval(ast.unparse(last), names)), name  # noqa: S307
        ran += 1
    assert ran == 7


# --- of the part that is open


def most(one: Study) -> pd.DataFrame:
    return one.outcomes().set_index(["measure", "period"])["denominator"].astype(float)


def test_every_frame_of_a_level_is_of_that_level_or_says_that_it_is_of_the_whole_area(north, study):
    goals = cm.measure("Goals met", table="reviews", achieved={"goal_met": "yes"})
    what_if = north.what_if(worth=6000)
    made = {
        "outcomes": north.outcomes(), "wards": north.outcomes(by="ward"), "spend": north.spend(), "beside": north.outcomes_against_spend(),
        "explain": north.explain(GOAL), "tried": north.try_measure(goals), "tried by ward": north.try_measure(goals, by="ward"),
        "value": north.value(), "changes": what_if.changes, "what-if value": what_if.value, "what-if effects": what_if.effects,
        "priorities": what_if.priorities, "verdict": what_if.verdict, "what-if": what_if.tidy(),
        **{name: getattr(north.effects(), name)() for name in ("tidy", "event_study", "trends", "gates", "calibration", "sensitivity")},
    }  # fmt: skip
    of_level, own = {"outcomes", "wards", "spend", "beside", "tried", "tried by ward"}, most(north)
    for name, frame in made.items():
        assert len(frame), name
        if name in of_level:
            assert not frame.provenance.whole and "group" not in frame or not frame["group"].eq("whole area").any()
        elif name != "explain":
            assert frame["group"].eq("whole area").all(), name
            assert "Of the whole area, not of North alone." in shown(frame.drop(columns="group")), name
    assert "Of the whole area" not in shown(made["outcomes"])
    assert (
        "group" not in study.value()
        and "group" not in study.explain(GOAL)
        and "Of the whole area" not in shown(study.value())
    )
    for name in ("wards", "tried by ward"):
        wards = made[name]
        assert 1 < wards["group"].nunique() < study.outcomes(by="ward")["group"].nunique()
        sums = (
            wards[wards["measure"].ne("")].groupby(["measure", "period"])["denominator"].sum(min_count=1).astype(float)
        )
        top = own if name == "wards" else made["tried"].set_index(["measure", "period"])["denominator"].astype(float)
        both = pd.concat([sums, top], axis=1, keys=["sum", "top"]).dropna()
        assert len(both) > 3 and (both["sum"] <= both["top"] + 5 * wards["group"].nunique() * 4).all()
    known = made["beside"].dropna(subset=["people"])
    assert known["people"].max() < study.outcomes_against_spend()["people"].min()


def test_an_explanation_of_a_level_has_its_figures_and_says_of_the_rest_whose_it_is(north, study):
    told, whole = north.explain(GOAL), study.explain(GOAL)
    released = told[told["step"].eq("released") & told["says"].str.startswith("denominator")].set_index("period")[
        "number"
    ]
    own = most(north)[GOAL]
    assert released.astype(float).to_dict() == own.to_dict() and (released < 600).all()
    rest = told[told["step"].ne("released")]
    assert rest["group"].eq("whole area").all() and told.loc[told["step"].eq("released"), "group"].eq("North").all()
    assert rest["number"].tolist() == whole[whole["step"].ne("released")]["number"].tolist()


def test_rows_behind_a_figure_of_a_level_are_that_levels_and_add_up_to_it_before_noise(north, study):
    mine, everybody = (one.rows_behind(GOAL, period="2014-15") for one in (north, study))
    assert len(mine) < len(everybody) / 2
    assert abs(mine["denominator"].sum() - most(north)[GOAL, "2014-15"]) <= 22
    assert len(north.rows_behind(GOAL, period="latest")) and north.rows_behind(
        GOAL, group=("all", "all"), period="2014-15"
    ).equals(everybody)
    ids = set(zip(mine["source_file"], mine["source_row"], strict=True))
    reviews = study.table("reviews")
    there = reviews[[one in ids for one in zip(reviews["source_file"], reviews["source_row"], strict=True)]]
    assert set(there["locality"]) == {"North"}
    left = north.rows_left_out(GOAL, period="2014-15")
    assert 0 < len(left) < len(study.rows_left_out(GOAL, period="2014-15")) / 2


def test_groups_of_which_nothing_says_where_they_lie_are_not_told_for_a_level(north):
    found = north.outcomes(by="provider")
    assert found.empty and "which provider lies in North" in found.why
    assert set(north.outcomes(by="locality")["group"]) == {"North"}


# --- a word that no row has


def test_a_word_that_no_row_has_is_no_figure(study):
    yes = sentence(lambda: study.try_measure(cm.measure("Goals met", table="reviews", achieved={"goal_met": "Yes"})))
    assert "no row of reviews says 'Yes' in goal_met: did you mean 'yes'?" in yes
    who = cm.measure("G", table="reviews", counts={"goal_set_by": "Person"}, achieved={"goal_met": "yes"})
    assert "says 'Person' in goal_set_by: did you mean 'person'?" in sentence(lambda: study.try_measure(who))
    both = cm.measure("G", table="reviews", achieved={"goal_met": ["yes", "mostly so"]})
    assert "says 'mostly so' in goal_met" in sentence(lambda: study.try_measure(both))
    assert "say what goal_met must say" in sentence(lambda: cm.measure("G", table="reviews", achieved={"goal_met": []}))


def test_no_name_of_a_person_is_offered_for_a_misspelt_one(study):
    person = study.prepared._held("reviews")["person_id"].iloc[0]
    near = cm.measure("G", table="reviews", counts={"person_id": person + "0"}, achieved={"goal_met": "yes"})
    said = sentence(lambda: study.try_measure(near))
    assert "did you mean" not in said and said.count(person) == said.count(person + "0")


def test_what_a_rule_looks_up_or_says_is_told_only_where_it_is_nearly_a_columns_name(study):
    cells = study.prepared._held("reviews").iloc[0]

    def says(rows):
        raise UsageError(rows["person_id"].iloc[0])

    rules = (
        lambda r: {}[(r["ward"] + " " + r["person_id"]).iloc[0]],
        lambda r: {}[r["person_id"].iloc[0].lower()],
        lambda r: {}[r["provider"].iloc[0] + " provider"],
        lambda r: r.set_index("due_on").loc[pd.Timestamp("1901-01-01")],
        lambda r: r["goal_met"].map(lambda one: {}[f"{one} {cells['ward']}"]),
        says,
    )
    for rule in rules:
        said = sentence(lambda rule=rule: study.try_measure(cm.measure("G", table="reviews", achieved=("x", rule))))
        for cell in ("person_id", "ward", "provider", "source_row"):
            assert str(cells[cell]).lower() not in said.lower().replace("'provider'", "")
        assert "1901" not in said
    near = cm.measure("G", table="reviews", achieved=("x", lambda r: r["goal_mt"].eq("yes")))
    assert "no column 'goal_mt': did you mean goal_met?" in sentence(lambda: study.try_measure(near))


# --- a cross-table of one's own


def test_a_release_says_what_it_counts_of_whom_and_a_small_group_once(study, rows):
    one = study.release(rows, by="ward")
    assert (
        list(one)[:3] == ["ward", "people", "people_hidden"]
        and "Different people" in shown(one)
        and "rows" not in shown(one).split("Extract")[0].split("<thead")[1].split("</thead")[0]
    )
    assert one.provenance.measures == ("learning_disability_own_people",) and one.provenance.states == ("provisional",)
    (titled,) = dict(one.provenance.titles).values()
    assert titled == "People, a cross-table of one's own, by ward: different people in each group"
    crossed = study.release(rows[rows["ward"].eq("Alderby")], by=["provider", "goal_set_by"])
    small = crossed["provider"].str.startswith("small")
    assert small.any() and not small.all()
    assert crossed.loc[small, "provider"].str.fullmatch(r"small group \d+, name not shown").all()
    assert crossed.loc[small, "goal_set_by"].eq("name not shown").all()
    assert not crossed.astype(str).apply(lambda column: column.str.contains("by ")).any(axis=None)


def test_a_list_of_single_people_is_no_cross_table(study, rows):
    for by in ("source_row", ["ward", "review_id"]):
        assert "nearly every group" in sentence(lambda by=by: study.release(rows, by=by))
    assert "nearly every group" in sentence(lambda: study.release(rows.assign(who=rows["person_id"]), by="who"))
    assert len(study.release(rows, by=["ward", "goal_set_by"])) > 20


# --- numbers that add up


def test_value_adds_up_from_what_it_shows_and_is_one_figure_everywhere(study):
    found = study.value().set_index("measure")
    one = found.loc[GOAL]
    assert one["more_people"] * one["worth_pence"] - one["cost_more_pence"] == one["benefit_pence"]
    for row in found.dropna(subset=["cost_each_pence"]).itertuples():
        exact = row.cost_more_pence / row.more_people
        assert abs(row.cost_each_pence - exact) <= 0.05 * exact, "rounded to two figures, as the cost is"
    other = study.what_if(worth={GOAL: 12000}).value.set_index("measure")
    assert other["cost_more_pence"].eq(found.loc[other.index, "cost_more_pence"]).all()
    assert other.loc[GOAL, "benefit_pence_old"] == other.loc[GOAL, "benefit_pence_new"] == one["benefit_pence"]


def test_an_explanation_adds_up_and_says_about_where_it_does_not(study):
    told = study.explain(GOAL)
    file = told[told["step"].eq("file")].iloc[0]
    assert "about" in file["says"]
    counted = told.loc[told["step"].eq("counted"), "number"].sum()
    years = told[told["says"].str.startswith("denominator")]["number"].sum()
    assert abs(counted - years) <= 22 * 6, "the years, each with noise of its own"
    passed = told[told["step"].isin(["no date", "left out", "unknown", "not applicable", "counted"])]["number"].sum()
    assert abs(passed - file["number"]) <= 0.1 * passed


def test_a_jump_in_who_is_recorded_stands_beside_the_figures_it_moves(study):
    found = study.outcomes_against_spend()
    goal = found[found["measure"].eq(GOAL)].set_index("period")
    assert goal.loc["2014-15", "breaks"] == "in 2014-15 the people supported move from 1,160 to 860"
    assert goal.loc["2012-13", "breaks"] == ""
    work = found[found["measure"].eq("learning_disability_paid_work")].set_index("period")
    assert "the number counted moves from" in work.loc["2014-15", "breaks"]
    for measure in study.held:
        mine = found[found["measure"].eq(measure) & found["period"].isin(study.breaks(measure))]
        assert mine["breaks"].ne("").all()
    quiet = found[found["period"].lt("2014-15")][["title", "period", "value", "breaks"]]
    assert quiet["breaks"].eq("").all() and "reaks" not in shown(quiet).split("<thead")[1].split("</thead")[0]


# --- a what-if


@pytest.mark.parametrize(
    "given", [float("inf"), float("nan"), -1, 1e12, "inf", None, [], {}, {GOAL: float("inf")}], ids=repr
)
@pytest.mark.parametrize("name", ["worth", "floor", "worthwhile_change", "weights", "chance_agreed"])
def test_a_setting_has_bounds(study, name, given):
    wrong = {"cost" if name == "weights" else GOAL: given[GOAL]} if isinstance(given, dict) and given else given
    sentence(lambda: study.what_if(**{name: wrong}))
    if name in ("floor", "worthwhile_change"):
        assert "from 0 to 100" in sentence(lambda: study.what_if(**{name: {GOAL: 101}}))
    assert not unagreed.found


def test_a_study_opened_as_a_what_if_says_so_wherever_it_is_looked_at():
    tried = cm.open("learning_disability", worth="6000")
    effects = tried.effects()
    frames = [
        tried.value(),
        *(
            getattr(effects, name)()
            for name in ("tidy", "event_study", "trends", "gates", "calibration", "sensitivity")
        ),
    ]
    for frame in frames:
        assert not frame.provenance.agreed and frame.provenance.states == ("what-if",)
        assert "Not agreed" in shown(frame)
    assert "what-if" in repr(tried) and "what-if" in tried._repr_html_()
    assert tried.outcomes().provenance.agreed, "nothing of them rests on what one more person is worth"
    assert (
        tried.sealed.standing(f"floors.{GOAL}.worth") == "tried"
        and tried.sealed.standing(f"floors.{GOAL}.floor") == "not sealed"
    )


def test_its_page_says_tried_in_place_of_agreed_and_its_note_only_what_is_changed():
    page = reports.open("review", pilot="learning_disability", worth="6000", floor="50")
    assert not any("50 → 50" in one for one in unagreed.words()) and any(
        "12000 → 6000" in one for one in unagreed.words()
    )
    *displays, note = review.value(page)
    said = str(note.html)
    assert "At £6,000 a person, tried here (nobody agreed it)" in said and "agreed (not sealed" not in said
    table = next(one.html for one in displays if "Worth less the whole cost" in one.html)
    assert "Worth tried for each" in table and "Worth agreed" not in table
    assert "Floor tried" in review.standings_table(page).html


def test_a_what_if_tells_first_what_it_changes_and_what_that_moves(study):
    other = study.what_if(worth={GOAL: 6000}, chance_agreed=0.5)
    said = repr(other)
    assert (
        len(said) < 900
        and "12000 → 6000" in said
        and "never published" in said
        and "Whether the gain is worth its cost" in said
    )
    assert ".value" in said and "0.5 → 0.5" not in said and said.splitlines()[0] in other._repr_html_()
    assert other.changes["what"].tolist() == ["pounds for one more person"]
    assert other.effects["unit"].equals(study.effects().tidy()["unit"])
