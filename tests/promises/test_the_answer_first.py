"""The answer stands first: five lines in at most 150 words, each true of the study's frames and of every other place of the page."""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

import commissioning as cm
from commissioning import reports
from commissioning.presentation.answer import MOST_WORDS
from commissioning.reports import answer_headline, review
from commissioning.sections import figures, pictures
from commissioning.study import value_words

LD, VCF = "learning_disability", "vcf_funding"
PILOTS = (LD, VCF)
QUESTIONS = ["What changed", "For what money", "What each cost", "Compared with what, and how sure",
             "What the evidence supports; members decide"]  # fmt: skip
OF_THE_PROGRAM = re.compile(r"extract|withheld|jackknife|\bgate|pilot\.toml|[a-z]_[a-z]|`|\[\[|\bnan\b", re.IGNORECASE)


def beside(name: str):
    """A helper file of this folder, whichever way pytest imports tests."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="module")
def studies():
    return {one: cm.open(one) for one in PILOTS}


def lines_of(study, stage="pilot"):
    return cm.answer(study, stage=stage).lines


def numbers_in(text: str) -> list[float]:
    """The numbers of a text without its years, money in pounds."""
    bare = re.sub(r"\b\d{4}-\d{2}(?: Q\d)?\b", " ", text)
    scale = {"m": 1e6, "k": 1e3, "bn": 1e9}
    found = re.finditer(r"(\d[\d,]*(?:\.\d+)?)(m|k|bn)?\b", bare)
    return [float(one[1].replace(",", "")) * scale.get(one[2] or "", 1) for one in found]


def pounds_in(text: str) -> list[float]:
    return numbers_in(" ".join(re.findall(r"£[\d,.]+(?:m|k|bn)?\b", text)))


def about(pence: float) -> pytest.approx:
    """An amount of a frame as a page prints it, to two significant figures."""
    return pytest.approx(pence / 100, rel=0.05)


# --- its form, on the sample


@pytest.mark.parametrize("stage", ["pilot", "review"])
@pytest.mark.parametrize("name", PILOTS)
def test_the_sample_answers_five_questions_in_150_words_and_knows_every_one(studies, name, stage):
    lines = lines_of(studies[name], stage)
    # What each who gained cost on average is no cost of the change, and has a name of its own.
    asked = [one.removesuffix(" on average") for one in (line.question for line in lines)]
    assert asked == QUESTIONS and (lines[2].question == QUESTIONS[2]) == (name == LD)
    assert sum(one.words for one in lines) <= MOST_WORDS == 150
    for one in lines:
        assert one.says.endswith(".") and not OF_THE_PROGRAM.search(one.says + one.because), one.says
        assert "not known" not in one.says
        assert one.sign in ("recorded", "described", "compared", "attributable")
    assert lines[3].grade in ("strong", "moderate", "weak") and lines[3].because


@pytest.mark.parametrize("name", PILOTS)
def test_what_stands_one_tap_below_is_in_plain_words_too(studies, name):
    below = [says for one in lines_of(studies[name]) for says in one.more]
    assert len(below) > 10
    assert [one for one in below if OF_THE_PROGRAM.search(one) or not re.search(r"[.?!”]$", one)] == []


@pytest.mark.parametrize("stage", ["analyse", "plan", "do", "outcomes_and_spend"])
@pytest.mark.parametrize("name", PILOTS)
def test_each_stage_answers_its_own_questions_in_the_same_form(studies, name, stage):
    lines = lines_of(studies[name], stage)
    assert 3 <= len(lines) <= 5 and sum(one.words for one in lines) <= MOST_WORDS
    assert len({one.question for one in lines}) == len(lines)
    assert all(one.says.endswith(".") and not OF_THE_PROGRAM.search(one.says) for one in lines)


def test_service_reviews_answers_which_next_and_how_stable():
    lines = lines_of(cm.open_all(), "service_reviews")
    assert lines[0].question == "Which next, and how stable" and 3 <= len(lines) <= 5


def test_in_a_notebook_it_is_text_and_an_ordered_list(studies):
    made = cm.answer(studies[LD])
    assert repr(made).splitlines()[0].startswith("1. What changed. About 11 more people in every 100")
    assert '<ol class="answer">' in made.html and made.html.count('class="answer-line"') == 5
    assert 'class="claim-sign claim-attributable"' in made.html and 'class="grade grade-moderate"' in made.html
    assert cm.answer(studies[LD]).record == made.record, "asked again, it says the same"


# --- its numbers are those of the frames


def test_what_changed_is_the_first_change_with_its_limits_and_the_levels_before_and_now(studies):
    study = studies[LD]
    effect = study.effects().tidy().iloc[0]
    levels = study.outcomes().query("measure == @effect.measure").set_index("period")["value"]
    says = lines_of(study)[0].says
    change, level = says.split(". ", 1)
    assert numbers_in(change) == [effect.estimate, 100, effect.lower, effect.upper, effect.started]
    assert numbers_in(level) == [round(levels["2012-13"], 1), round(levels["2015-16"], 1)]
    assert "in 2012-13 and" in level


def test_the_money_is_the_extra_cost_in_real_terms_and_the_whole_spend(studies):
    study = studies[LD]
    value, spend = study.value().iloc[0], study.spend().query("scope == 'purpose' and period == '2015-16'").iloc[0]
    in_cash, in_real = spend.cash_pence, spend.real_pence
    line = lines_of(study)[1]
    extra, low, high, in_its_year, whole = pounds_in(line.says)
    for said, pence in (
        (extra, value.cost_more_pence),
        (low, value.cost_more_lower_pence),
        (high, value.cost_more_upper_pence),
    ):
        assert said == about(float(pence) * in_real / in_cash)
    assert whole == in_real / 100 and in_its_year == about(float(value.cost_more_pence))
    cash = pounds_in(next(one for one in line.more if one.startswith("In the money of")))
    assert cash == [
        about(float(value[one])) for one in ("cost_more_pence", "cost_more_lower_pence", "cost_more_upper_pence")
    ]


def test_each_cost_stands_beside_what_was_agreed_and_its_chance(studies):
    value = studies[LD].value().iloc[0]
    line = lines_of(studies[LD])[2]
    told = [value.cost_each_pence, value.cost_each_lower_pence, value.cost_each_upper_pence, value.worth_pence]
    assert pounds_in(line.says) == [one / 100 for one in told]
    assert value.cost_each_lower_pence < value.cost_each_pence < value.cost_each_upper_pence
    assert f"is {value.chance:.0f}%" in line.says and "agreed beforehand" in line.says
    assert numbers_in(line.more[-2])[:4] == [value.more_people, value.more_lower, value.more_upper, value.people]


def test_without_an_extra_cost_it_is_said_what_each_who_gained_cost_on_average(studies):
    study = studies[VCF]
    spend = study.spend().query("scope == 'purpose'").set_index("period")["real_pence"]
    reached = study.outcomes().query("measure == 'vcf_funding_outcome_reached'").set_index("period")["numerator"]
    line = lines_of(study)[2]
    (now,), (then,) = (
        pounds_in(line.says),
        pounds_in(next(one for one in line.more if one.startswith("In 2012-13 it was"))),
    )
    assert now == about(spend["2015-16"] / reached["2015-16"]) and then == about(spend["2012-13"] / reached["2012-13"])
    whole = pounds_in(lines_of(study)[1].says)
    rest = study.spend().query("period == '2015-16' and scope == 'none'")["real_pence"].iloc[0]
    assert whole == [spend["2015-16"] / 100, spend["2012-13"] / 100, rest / 100]


@pytest.mark.parametrize("name", PILOTS)
def test_who_was_compared_is_who_the_effects_compare(studies, name):
    effect = studies[name].effects().tidy().iloc[0]
    line = lines_of(studies[name])[3]
    assert numbers_in(line.says) == [effect.started, effect.not_started] and line.sign == effect.claim


def test_the_grade_has_five_reasons_and_the_weakest_is_said_first(studies):
    for name, grade, weakest in ((LD, "moderate", "No other study"), (VCF, "weak", "rated red")):
        line = lines_of(studies[name])[3]
        parts = [one for one in line.more if re.match(r"\w[\w ]* is (?:strong|moderate|weak): ", one)]
        assert [one.split(" is ")[0] for one in parts] == [
            "Design",
            "Size",
            "Completeness",
            "Calibration",
            "Confirmation elsewhere",
        ]
        assert line.grade == grade and weakest in line.because


# --- and the same number has one value on the whole site


def test_every_page_says_the_same_five_lines_of_a_pilot(studies):
    cabinet = cm.answer(cm.open_all(), stage="cabinet_summary").lines
    each = [line for name in PILOTS for line in lines_of(studies[name])]
    assert [one.says for one in cabinet] == [one.says for one in each]
    assert [one.says for one in lines_of(studies[LD], "review")] == [one.says for one in each[:5]]


def test_its_numbers_stand_in_the_sections_of_the_page_as_they_are(studies):
    report = reports.open("review", pilot=LD)
    lines = report.answer().lines
    effects = repr(report.told("effects_table").found)
    assert "about 11 more in each 100 (6 to 15)" in effects
    said = " ".join(value_words.sentences(review.value_found(report), report.pilot.easy_words))
    cash = next(one for one in lines[1].more if one.startswith("In the money of"))
    assert set(pounds_in(cash)) <= set(pounds_in(said))
    assert pounds_in(lines[2].says)[0] in pounds_in(said)
    assert lines[4].says.split(". ")[0] in repr(report.what_the_evidence_supports())
    plan = " ".join(one.says for one in lines_of(studies[LD], "plan"))
    noticed = next(one for one in lines[3].more if one.startswith("Size"))
    assert f"a change of {numbers_in(noticed)[0]} points" in plan


def test_one_outcome_told_three_ways_is_reconciled_in_a_sentence(studies):
    assert "they compare different things" in " ".join(lines_of(studies[LD])[0].more)


# --- a part of the area, an earlier year, a what-if


def test_a_part_of_the_area_has_levels_and_spend_and_is_not_compared_on_its_own():
    study = cm.open(LD, level="locality=North")
    lines = lines_of(study)
    levels = study.outcomes().query("measure == 'learning_disability_own_goal_met'").set_index("period")["value"]
    assert numbers_in(lines[0].says) == [round(levels["2015-16"], 1), round(levels["2014-15"], 1)]
    assert "North" in lines[0].says and "not compared on its own" in lines[3].says
    assert sum("not known" in one.says for one in lines) == 0


def test_an_earlier_year_tells_nothing_later():
    before = lines_of(cm.open(LD, period="2012-13"))
    for one in before:
        assert not re.search(r"201[3-9]-1", one.says), one.says
    assert "not compared" in before[3].says and "more people" not in before[0].says


def test_a_what_if_says_so_and_who_agreed_it():
    made = cm.answer(cm.open(LD, worth="6000"))
    assert made.record["notice"].startswith("What if") and made.record["notice"] in made.html
    assert "agreed by nobody" in made.lines[2].says and "beforehand" not in made.lines[2].says


# --- harm, and changes that may not be told


@pytest.fixture
def changed(studies):
    """changed(each) → the review of the sample, with each of its effects changed by a function."""

    def made(each):
        report = reports.open("review", pilot=LD)
        held = figures.effects(report)
        altered = replace(held, estimates=tuple(each(one) for one in held.estimates))
        report.worked_out = {key: one for key, one in report.worked_out.items() if key.__module__ != review.__name__}
        report.worked_out[figures.effects] = altered
        return report

    return made


def worse(one):
    if one.summary.estimate is None:
        return one
    return replace(one, summary=replace(one.summary, estimate=-7.0, lower=-11.0, upper=-3.0), sides=(-7.0, -11.0, -3.0))


def untold(one):
    why = "Before the start, those that started were already moving away from the others (p between 0.01 and 0.05)."
    hidden = replace(one.summary, estimate=None, lower=None, upper=None, withheld=why, claim="described", wording=why)
    claim = SimpleNamespace(rung="described") if one.claim is None else replace(one.claim, rung="described")
    return replace(one, summary=hidden, claim=claim, sides=None)


def test_harm_is_told_as_a_fall_and_never_beside_a_verdict_to_continue(changed):
    lines = changed(worse).answer().lines
    assert "About 7 fewer people in every 100" in lines[0].says and "(3 to 11)" in lines[0].says
    assert "worse for people" in lines[0].says
    assert "continue" not in lines[4].says


def test_where_no_change_may_be_told_the_reason_is_given_and_no_estimate(changed):
    report = changed(untold)
    lines = report.answer().lines
    assert "not known, because, before the start, those that started were already moving away" in lines[0].says
    levels = numbers_in(lines[0].says)
    assert len(levels) == 2 and 11.0 not in levels
    assert lines[3].grade == "weak" and "p between" not in lines[0].says + lines[3].because


def test_where_harm_and_a_gain_stand_together_the_harm_stands_first(changed):
    report = changed(lambda one: worse(one) if one.measure.id.endswith("control") else one)
    says = report.answer().lines[0].says
    assert "fewer people in every 100 say they have enough control" in says
    assert answer_headline.headline_of(report).harmed


# --- a council's own files


def opened(folder, monkeypatch, tmp_path, **given):
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    return cm.open(LD, data=str(folder), **given)


def without_a_comparison(study, week="A week of support cost about"):
    lines = lines_of(study)
    assert sum(one.words for one in lines) <= MOST_WORDS
    assert sum("not known" in one.says for one in lines) <= 2
    assert (
        "not compared, because no list says when each ward started; the manager of the pilot holds it" in lines[3].says
    )
    known = study.outcomes().query("value.notna()")
    first, year = known.iloc[-1], study.period
    now = known[known["measure"].eq("learning_disability_paid_work") & known["period"].eq(year)]["value"].iloc[0]
    assert first is not None and numbers_in(lines[0].says)[0] == round(now, 1) and year in lines[0].says
    spend = study.spend().query("scope == 'purpose' and period == @year").iloc[0]
    assert pounds_in(lines[1].says)[0] == spend.real_pence / 100
    assert week in lines[2].says
    assert all(one.sign in ("recorded", "described") for one in lines)
    return lines


def test_an_invented_councils_own_exports_tell_levels_and_spend(tmp_path, monkeypatch):
    invented = beside("test_the_invented_council")
    if not invented.CASE.is_dir():
        pytest.skip("the invented council's exports are not beside this checkout")
    invented.reshape(tmp_path)
    lines = without_a_comparison(opened(tmp_path, monkeypatch, tmp_path, area=invented.AREA))
    assert "the year before is not held" in lines[0].says


def test_client_level_data_alone_tell_levels_of_two_years_and_planned_cost_at_prices_of_its_own_time(
    tmp_path, monkeypatch
):
    kit = beside("client_level_kit")
    world = kit.World(people=300)
    for year in (2023, 2024):
        world.submission(tmp_path / f"CLD {year}.csv", date(year, 4, 1), date(year + 1, 3, 31))
    (tmp_path / "sources.toml").write_text('[[source]]\nfiles = "*.csv"\npublisher = "A council"\narea = "E08000015"\n')
    lines = without_a_comparison(opened(tmp_path, monkeypatch, tmp_path), "A week of support was planned to cost about")
    assert "2023-24" in lines[0].says
    # A yearly submission gives the prices of its last quarter: what the year before cost is not set beside it.
    assert "2023-24" not in lines[2].says and any("later ones" in one for one in lines[2].more)


def test_where_it_costs_less_and_does_more_no_sum_is_given_for_each_and_the_reason_is():
    report = reports.open("review", pilot=LD)
    held = figures.effects(report)
    first = held.value.outcomes[0]
    cheaper = replace(
        first,
        printed=replace(first.printed, each=None, each_withheld="no cost for each: it does more and costs no more"),
    )
    report.worked_out[figures.effects] = replace(held, value=replace(held.value, outcomes=(cheaper,)))
    says = report.answer().lines[2].says
    assert "does more and costs no more" in says and "£12,000 agreed beforehand" in says and "90%" in says
    assert "£7,900" not in says


@pytest.mark.parametrize("name", PILOTS)
def test_what_could_be_detected_is_one_number_wherever_it_is_asked(studies, name):
    """The method that made the estimate is the one that the frame calls chosen, whatever the card would choose."""
    study = studies[name]
    card = study.effects().calibration()
    used = {one.measure.id: one.tried for one in study.effects().found.estimates if one.tried}
    chosen = card[card["chosen"].eq(True)].set_index("measure")["detectable_effect"]
    assert len(chosen) == len(used) and chosen.index.is_unique
    for key, tried in used.items():
        assert chosen[key] == pytest.approx(100 * tried["detectable_effect"])
    first = study.effects().tidy()["measure"].iloc[0]
    below = next(one for one in lines_of(study)[3].more if "would usually notice a change of" in one)
    assert numbers_in(below)[0] == round(chosen[first], 1)
    plan = next(one for one in lines_of(study, "plan") if one.question == "What could be detected")
    assert numbers_in(plan.says.rpartition("”")[2])[0] in set(chosen.round(1))


def test_an_extra_cost_names_its_prices_wherever_it_stands_and_the_two_are_reconciled(studies):
    study = studies[LD]
    money, each = lines_of(study)[1:3]
    assert "In 2022-23 prices" in money.says and "in 2015-16 prices" in each.says
    real = pounds_in(money.says)[0]
    shown = [one.record for told in (pictures.plane(study), review.value(study)) for one in told.displays]
    shown = [one for one in shown if one["id"] in ("value-plane", "extra-cost")]
    assert len(shown) == 2
    for record in shown:
        cash, same = pounds_in(
            re.search(r"£[^.]*in the cash of 2015-16 is the same sum as[^.]*2022-23 prices", record["caption"])[0]
        )
        assert same == real and cash < real
        assert all("cash" in one["label"] for one in record["data"]["columns"] if "£" in one["label"])
