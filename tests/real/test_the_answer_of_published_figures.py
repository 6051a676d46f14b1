"""From published figures alone a page's first lines tell level, year, spend a person, England and five named neighbours."""

import re

import pytest

from commissioning import pilot as pilots
from commissioning.presentation.answer import MOST_WORDS
from commissioning.reports import stages
from commissioning.sections import figures
from commissioning.study import opened
from commissioning.study.parameters import Parameters
from commissioning.study.prepared import pilot_of

pytestmark = pytest.mark.real_data
AREAS = ("E08000015", "E08000009")  # Wirral and Trafford
PAID_WORK = "learning_disability_ascof_1e"


def asked(area, name):
    return Parameters(pilot=name, area="" if area == pilots.load(name).area else area)


@pytest.fixture(scope="module", params=AREAS)
def published(real, request):
    """The lines of one council's page, its study and its page."""
    prepared = real("learning_disability", request.param)
    given = asked(request.param, "learning_disability")
    page = stages.page_of("pilot", given, pilot_of(prepared), prepared)
    return page.answer().lines, opened.of(prepared, given), page


def percents(text):
    return [float(one) for one in re.findall(r"(\d+\.\d)%", text)]


def test_the_answer_knows_nearly_all_and_carries_its_year(published):
    lines, study, _ = published
    assert sum(one.words for one in lines) <= MOST_WORDS
    assert sum("not known" in one.says for one in lines) == 0
    assert study.period in lines[0].says and study.period in lines[3].says


def test_the_level_is_the_published_one_beside_the_last_published_before(published):
    lines, study, _ = published
    levels = study.outcomes().query("measure == @PAID_WORK").set_index("period")["value"]
    assert percents(lines[0].says) == [round(levels["2020-21"], 1), round(levels["2018-19"], 1)]
    assert "2018-19" in lines[0].says


def test_england_and_the_five_nearest_neighbours_stand_by_name(published):
    lines, study, _ = published
    rows = study.compare(PAID_WORK).query("period == @study.period").set_index("council")["value"]
    text = lines[3].says.split(". What")[0]
    assert percents(text)[:2] == [round(rows[study.settings.area_name], 1), round(rows["England"], 1)]
    named = re.findall(r"([A-Z][\w.' -]+?) (\d+\.\d)%", text.split("neighbours, ")[1].replace(" and ", ", "))
    assert len(named) == 5 and all(
        float(value) == round(rows[name.strip()], 1) for name, value in named if name in rows
    )
    assert lines[3].sign == "compared" and lines[3].grade == "weak"


def test_spend_and_spend_a_person_are_the_returns(published):
    lines, study, page = published
    spend = figures.spend(page).frame
    line = spend[spend["what"].str.startswith("Long-term support") & spend["basis"].eq("gross current")].iloc[-1]
    assert line["year"] == "2016-17" and f"£{line['real_pence'] / 1e8:.2f}m" in lines[1].says
    each = study.compare(PAID_WORK).query("period == '2016-17'").set_index("council")["spend_a_person_pence"]
    for council in (study.settings.area_name, "England"):
        assert f"£{each[council] / 100:,.0f}" in lines[2].says


def test_of_grants_alone_awards_are_no_spend_and_at_most_two_lines_are_not_known(real):
    prepared = real("vcf_funding", "E08000009")
    page = stages.page_of("pilot", asked("E08000009", "vcf_funding"), pilot_of(prepared), prepared)
    lines = page.answer().lines
    assert "Awards came to" in lines[1].says and "what was spent of them is not held" in lines[1].says
    missing = [one.says for one in lines if "not known, because" in one.says]
    assert len(missing) <= 2 and all(" holds " in one for one in missing)
