"""Whatever pandas makes of a study's frame is shown with figures that are right and rightly marked, or refused in one sentence."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from commissioning.errors import NotReleased, UsageError
from commissioning.study import frames, showing, traced
from commissioning.study.frames import Frame, Provenance

ALT = "Each row is an outcome of one place in one of the years."
WARDS, YEARS, MEASURES = (
    ("Alderby", "Birchley", "Dunmere"),
    ("2013-14", "2014-15"),
    {"goals": "Goals met", "work": "In paid work"},
)


def outcomes(agreed: bool = True) -> Frame:
    """Three wards, two years, two measures: every figure another, and those of paid work in Birchley hidden."""
    rows = []
    for place, (measure, title) in enumerate(MEASURES.items()):
        for ward, group in enumerate(WARDS):
            for year, period in enumerate(YEARS):
                hidden = measure == "work" and (group == "Birchley" or (group, period) == ("Dunmere", "2014-15"))
                number = 1000 * (place + 1) + 100 * ward + 15 * year + 35 + (0 if agreed else 7000)
                value = None if hidden else number / 37
                rows.append(
                    (
                        measure,
                        title,
                        period,
                        group,
                        value,
                        None if hidden else float(number),
                        4e5 + number,
                        "final",
                        "hidden" if hidden else "known",
                    )
                )
    names = ["measure", "title", "period", "group", "value", "numerator", "real_pence", "state", "status"]
    made = pd.DataFrame(rows, columns=names).astype({"real_pence": int})
    of = Provenance(
        says="outcomes",
        measures=tuple(MEASURES),
        titles=tuple(MEASURES.items()),
        extracts=("a.csv",),
        source="The council",
        agreed=agreed,
    )
    return frames.made(made, of)


def of_each_figure() -> dict[str, set[str]]:
    """Each figure as a page writes it → the words of the row that it is of."""
    found = {}
    for row in outcomes().itertuples():
        for one in (row.value, row.numerator, row.real_pence / 100, row.real_pence):
            found[f"{one:.1f}"] = {row.title, row.group, row.period}
    return found


FIGURES = of_each_figure()
WORDS = {*WARDS, *YEARS, *MEASURES.values()}


def shown(thing, title="Outcomes", alt=ALT, **words):
    return showing.shown(thing, title=title, alt=alt, **words).record


def cells(record, label):
    place = [one["label"] for one in record["data"]["columns"]].index(label)
    return [row[place] for row in record["data"]["rows"]]


def marked(record):
    """The labels of the columns that the page says are the analyst's."""
    return {one["label"] for one in record["data"]["columns"] if one.get("own")}


def in_place(change):
    def step(one):
        out = one.copy()
        change(out)
        return out

    return step


def _loc(one):
    one.loc[one.index[0], one.columns[-1]] = 20.0


def _iat(one):
    one.iat[0, one.shape[1] - 1] = 20.0


def _place(one):
    one.isetitem(one.shape[1] - 1, [20.0] * len(one))


KEEPS = {
    "filter": lambda one: one[one["value"].gt(40) | one["value"].isna()] if "value" in one else one.iloc[1:],
    "head": lambda one: one.head(5),
    "sort": lambda one: one.sort_values(list(one.columns)[-1]),
    "rename": lambda one: one.rename(columns={"value": "share", "numerator": "people of the place"}),
    "without status": lambda one: one.drop(columns="status", errors="ignore"),
    "without group": lambda one: one.drop(columns="group", errors="ignore"),
    "choose": lambda one: one[[name for name in one if name in ("title", "group", "period", "value", "share")]],
    "round": lambda one: one.round(1),
    "pivot": lambda one: one.pivot_table(index=["title", "group"], columns="period", values="value") if {"title", "group", "period", "value"} <= {*one} else one,
    "index": lambda one: one.set_index("period") if "period" in one else one,
    "reset": lambda one: one.reset_index() if one.index.names != [None] else one.reset_index(drop=True),
    "melt": lambda one: one.melt(id_vars=["title", "period", "group"], value_vars=["value", "numerator"]) if {"title", "period", "group", "value", "numerator"} <= {*one} else one,
    "concat": lambda one: pd.concat([one.head(2), one.tail(2)]),
    "first": lambda one: one.groupby("group", as_index=False).first() if "group" in one and one.index.names == [None] else one,
}  # fmt: skip
ADDS = {
    "assign": lambda one: one.assign(twice=one[one.columns[-1]]) if one.columns[-1] != 'status' else one.assign(twice=20),
    "sum": lambda one: one.groupby("period")[["numerator"]].sum() if {"period", "numerator"} <= {*one} else one.assign(total=7.5),
    "typed words": lambda one: one.assign(says="John Smith and 17 others"),
    "typed index": lambda one: one.set_axis(pd.Index(range(3, 3 + len(one)), name="people")),
    "loc": in_place(_loc),
    "iat": in_place(_iat),
    "isetitem": in_place(_place),
    "insert": in_place(lambda one: one.insert(0, "n", ["17"] * len(one), allow_duplicates=True)),
    "map": lambda one: one.map(lambda cell: 17.0 if isinstance(cell, float) else cell),
    "dates": lambda one: one.assign(day=pd.Timestamp("2014-04-01")),
    "bands": lambda one: one.assign(band=pd.cut(pd.Series(range(len(one)), index=one.index), [-1, 3, 99])),
    "lists": lambda one: one.assign(both=[[1, 2]] * len(one)),
    "twice the same name": lambda one: pd.concat([one, one.iloc[:, -1:]], axis=1),
    "transpose": lambda one: one.T,
    "stack": lambda one: one.set_index(["title", "period"])[["value"]].stack() if {"title", "period", "value"} <= {*one} else one,
    "describe": lambda one: one.describe(),
    "counts": lambda one: one.value_counts(one.columns[0]),
    "explode": lambda one: one.assign(part=[[1, 2]] * len(one)).explode("part"),
    "with a frame of elsewhere": lambda one: one.join(pd.DataFrame({"weather": [11.0] * 20})),
}  # fmt: skip


def applied(steps, one):
    for step in steps:
        try:
            one = ({**KEEPS, **ADDS})[step](one)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            assume(False)  # pandas itself has no such frame
        one = one.to_frame() if isinstance(one, pd.Series) else one
        assume(len(one) and one.shape[1])
    return one


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted({**KEEPS, **ADDS})), max_size=4))
def test_every_number_on_the_page_is_the_released_one_of_its_row_or_its_column_is_marked(steps):
    made = applied(steps, outcomes())
    try:
        record = shown(made)
    except (NotReleased, UsageError, ValueError) as refused:
        assert "\n" not in str(refused) and len(str(refused)) < 300, refused
        return
    data, own = record["data"], marked(record)
    for place, column in enumerate(data["columns"]):
        for row in data["rows"]:
            if isinstance(row[place], (int, float)) and column["label"] not in own:
                size = row[place] / 100 if column["kind"] == "pence" else row[place]
                beside = {word for cell in (*row, *column["label"].split(", ")) for word in WORDS & {cell}}
                assert beside <= FIGURES[f"{size:.1f}"], (steps, column, row)
    for label in own:
        assert label in record["caption"]
    assert not any(one["label"] in ("measure", "real_pence", "goals") for one in data["columns"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(KEEPS)), max_size=5))
def test_everyday_pandas_marks_nothing_and_says_of_no_hidden_figure_that_it_is_not_known(steps):
    record = shown(applied(steps, outcomes()))
    assert marked(record) == set() and "by the analyst" not in record["caption"], steps
    assert not any(cell in ("not known", "no range", 0) for row in record["data"]["rows"] for cell in row), steps


def test_a_hidden_figure_stays_hidden_wherever_pandas_puts_it():
    one = outcomes()
    work = one[one["measure"].eq("work")]
    pivoted = work.pivot(index="group", columns="period", values="value")
    assert cells(shown(pivoted), "2014-15") == [55.4, "hidden", "hidden"]
    assert cells(shown(work[["group", "period", "value"]]), "Value").count("hidden") == 3
    assert cells(shown(work[["group", "value"]].rename(columns={"value": "share"})), "Share").count("hidden") == 3
    assert cells(shown(one[["group", "value"]].tail(1)), "Value") == ["hidden"]
    pivoted["change"] = pivoted["2014-15"] - pivoted["2013-14"]
    assert cells(shown(pivoted), "Change")[1:] == ["hidden", "hidden"]


def test_a_frame_says_to_a_chart_why_a_figure_is_missing():
    work = outcomes().query("measure == 'work'").drop(columns="status")
    assert work.missing("value") == ["", "", "hidden", "hidden", "", "hidden"]
    assert work.pivot(index="group", columns="period", values="value").missing("2014-15") == ["", "hidden", "hidden"]
    assert work.reindex([40]).missing("value") == [traced.MAYBE]


@pytest.mark.parametrize(
    "added",
    [
        lambda one: one.groupby("group")["numerator"].sum(),
        lambda one: one.groupby("group", as_index=False)["numerator"].sum(),
        lambda one: one.groupby("group")[["numerator"]].agg("sum"),
        lambda one: one.groupby("group").agg(numerator=("numerator", "sum")),
        lambda one: one.pivot_table(index="group", values="numerator", aggfunc="sum", dropna=False),
        lambda one: one.pivot(index="group", columns="period", values="numerator").sum(axis=1),
        lambda one: one.groupby("group")["numerator"].cumsum().groupby(one["group"]).last(skipna=False),
    ],
)
def test_a_sum_with_a_hidden_part_is_missing_and_never_nought(added):
    found = added(outcomes().query("measure == 'work'"))
    rows = shown(found)["data"]["rows"] if len(found) else []
    by_ward = {row[0]: row[1] for row in rows}
    assert by_ward["Alderby"] == 2035 + 2050
    assert all(str(by_ward.get(one, "hidden")).startswith("hidden") for one in ("Birchley", "Dunmere"))


@pytest.mark.parametrize(
    "edit",
    [
        in_place(_loc),
        in_place(_iat),
        in_place(_place),
        in_place(lambda one: one.__setitem__("numerator", [1035.0] * len(one))),
        in_place(lambda one: one.iloc.__setitem__((slice(None), 1), [1035.0] * len(one))),
        in_place(lambda one: one.at.__setitem__((0, "numerator"), one.at[1, "numerator"])),
        in_place(lambda one: one.loc.__setitem__(99, ["Goals met", 1035.0])),
        lambda one: one.map(lambda cell: 1035.0 if isinstance(cell, float) else cell).tail(3),
        lambda one: one.apply(lambda row: pd.Series({"title": row["title"], "numerator": 2035.0}), axis=1).head(2),
        lambda one: one.replace({1035.0: 2035.0}),
        lambda one: one.assign(numerator=one["numerator"].where(one["numerator"].gt(1e6), 2035.0)).head(1),
    ],
)
def test_a_released_number_in_another_place_is_the_analysts(edit):
    record = shown(edit(outcomes()[["title", "numerator"]]))
    assert "Number" in marked(record) and "Worked out by the analyst:" in record["caption"]


@pytest.mark.parametrize(
    "join",
    [
        lambda mine, tried: mine.assign(n2=tried["numerator"]),
        lambda mine, tried: mine.assign(n2=tried["numerator"] * 2),
        lambda mine, tried: in_place(lambda one: one.insert(0, "n2", tried["numerator"] * 2))(mine),
        lambda mine, tried: in_place(lambda one: one.loc.__setitem__((slice(None), "n2"), tried["numerator"] * 2))(
            mine
        ),
        lambda mine, tried: mine.assign(
            n2=mine["numerator"].where(mine["numerator"].isna(), tried["numerator"].to_numpy())
        ),
        lambda mine, tried: mine.replace(dict(zip(mine["numerator"], tried["numerator"], strict=True))),
    ],
)
def test_what_nobody_agreed_is_said_however_it_came_into_the_frame(join):
    goals = outcomes().query("measure == 'goals'")[["group", "period", "numerator"]]
    record = shown(join(goals, outcomes(agreed=False).head(6)))
    assert "Not agreed: an analyst's own try." in record["caption"] and "by the analyst" in record["caption"]
    assert "Not agreed" not in shown(goals.assign(n2=goals["numerator"] * 2))["caption"]


def test_words_that_were_not_in_the_study_are_marked_and_are_no_evidence_of_a_number():
    one = outcomes()[["title", "period", "value"]]
    people = one.head(3).set_axis(pd.Index(["3", "4", "17"], name="people"))
    for made, label in (
        (people, "Different people"),
        (one.assign(title="John Smith and 17 others"), "Measure"),
        (in_place(lambda each: each.insert(1, "n", ["17"] * len(each)))(one), "N"),
        (one.rename(columns={"value": "17 people of Alderby"}), "17 people of Alderby"),
        (one.rename(columns={"value": "people_17"}), "People 17"),
    ):
        assert label in marked(shown(made))
        with pytest.raises(ValueError, match="number 17 in its title"):
            shown(made, title="Of them 17 people left")


def test_a_frame_that_lost_its_provenance_shows_only_words_that_its_data_hold():
    rows = pd.DataFrame({"ward": ["Alderby"], "who": ["P587757"]})
    with pytest.raises(NotReleased, match="column 'who' holds words that stand nowhere in `data`") as refused:
        shown(rows, data=outcomes())
    assert "P587757" not in str(refused.value)
    lost = pd.DataFrame({"group": ["Alderby"], "period": ["2013-14"], "numerator": [1035.0], "guess": [17.5]})
    assert marked(shown(lost, data=outcomes())) == {"Guess"}
    assert marked(shown(lost.assign(numerator=2035.0, title="Goals met"), data=outcomes())) == {"Guess", "Number"}


def test_days_ranges_and_fractions_are_written_as_a_page_writes_them():
    one = outcomes()[["title", "value"]].head(1)
    record = shown(
        one.assign(
            day=pd.Timestamp("2014-04-01"), date=datetime.date(2014, 4, 1), month=pd.Period("2014-04"), band=pd.Interval(50, 100),
            part=Fraction(1, 4), amount=Decimal("2.5"), yes=True, over=one["value"] / 0,
        )
    )  # fmt: skip
    assert record["data"]["rows"][0][2:] == [
        "1 April 2014",
        "1 April 2014",
        "2014-04",
        "50 to 100",
        0.3,
        2.5,
        "yes",
        "no figure",
    ]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda one: one.T, "lies on its side, so show frame.T"),
        (lambda one: one.T.reset_index(), "lies on its side, so show frame.T"),
        (
            lambda one: one.assign(both=[[1]] * len(one)),
            "several things in a cell: give each a row of its own with frame.explode",
        ),
        (lambda one: pd.concat([one, one[["value"]]], axis=1), "two columns are called 'value': rename one"),
        (lambda one: pd.crosstab(one["group"], one["period"]), "no longer says which released figures it rests on"),
        (lambda one: pd.get_dummies(one[["group"]]), "no longer says which released figures it rests on"),
    ],
)
def test_what_cannot_be_shown_well_is_refused_in_a_sentence(made, says):
    with pytest.raises((UsageError, NotReleased), match=says):
        shown(made(outcomes()))


def test_names_and_pence_are_told_apart_from_their_endings_rows_and_headings():
    one = outcomes().query("measure == 'goals'")
    stacked = shown(one.set_index(["group", "period"])[["value", "real_pence"]].stack())
    assert stacked["data"]["rows"][1] == ["Alderby", "2013-14", "Real terms (£)", 4010.4]
    both = one.merge(one, on=["group", "period"], suffixes=("_old", "_new"))
    record = shown(both[["group", "real_pence_old", "real_pence_new", "value_old"]])
    kinds = {each["label"]: each["kind"] for each in record["data"]["columns"]}
    assert kinds["Real terms, old (£)"] == kinds["Real terms, new (£)"] == "pence" and kinds["Value, old"] == "number"
    wide = shown(one.pivot(index="group", columns="period", values=["value", "real_pence"]))
    assert {each["label"]: each["kind"] for each in wide["data"]["columns"]}["Real terms (£), 2013-14"] == "pence"
    assert cells(shown(one[["measure", "value"]].rename(columns={"measure": "of"})), "Of") == ["Goals met"] * 6


@pytest.mark.parametrize(
    ("behind", "label"),
    [
        ("people", "Different people"),
        ("agreements", "Different agreements"),
        ("organisations", "Different organisations"),
    ],
)
def test_a_cross_table_says_what_it_counts_also_where_every_number_is_hidden(behind, label):
    made = pd.DataFrame({"ward": ["Alderby", "Birchley"], "number": [None, None], "number_hidden": [True, True]})
    of = Provenance(says=f"a cross-table of one's own, by ward: different {behind} in each group", extracts=("a.csv",))
    assert cells(shown(frames.made(made, of)), label) == ["hidden", "hidden"]
