"""Issue 20, second round of readers: each fault they found, held by its kind over every page of the sample."""

from __future__ import annotations

import re

import pytest

import commissioning as cm
from commissioning.reports import answer_grade, own_words
from commissioning.sections import findings, markets, pictures, providers
from commissioning.sections.page import page_of

LD, VCF = "learning_disability", "vcf_funding"
REPORT = re.compile(r"cabinet_summary|service_reviews|(?:learning_disability|vcf_funding)-(?!annex)[a-z_]+")
YEAR = re.compile(
    r"\b\d{4}-\d{2}\b|\ball years\b|\bthe year of each one's last accounts\b|\ba (?:person-)?(?:week|year)\b|\bweekly\b"
)
POUNDS = re.compile(r"£\d")
SAID = re.compile(
    r'(?s)<p class="sentence">(.*?)</p>|<p class="grade[^"]*">(.*?)</p>|<strong class="headline">(.*?)</strong>'
)
SENTENCES = re.compile(r"(?s)<(p|li|dd)\b([^>]*)>(?!\s*<(?:p|ul|ol|div)\b)(.*?)</\1>")


@pytest.fixture(scope="module")
def studies():
    return {one: cm.open(one) for one in (LD, VCF)}


def reports(site) -> dict[str, str]:
    found = {
        path.stem: path.read_text(encoding="utf-8")
        for path in site.pages
        if REPORT.fullmatch(path.stem) and path.parent == site.version
    }
    assert len(found) == 13
    return found


def plain(markup: str) -> str:
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_every_sum_in_a_finding_an_answer_and_a_title_has_its_year_or_its_week(site):
    lost, held = [], 0
    for name, text in reports(site).items():
        for found in SAID.finditer(text):
            said = plain(next(one for one in found.groups() if one is not None))
            if POUNDS.search(said):
                held += 1
                lost += [] if YEAR.search(said) else [f"{name}: {said}"]
    assert held > 40
    assert lost == []


def test_where_money_of_two_years_is_set_side_by_side_its_prices_are_said(site):
    bare = []
    for name, text in reports(site).items():
        for found in SAID.finditer(text):
            said = plain(next(one for one in found.groups() if one is not None))
            if re.search(r"spend.* (?:rose|fell) from £|spend was £\S+ in \d{4}-\d{2} and £", said):
                bare += [] if re.search(r"\d{4}-\d{2} prices|cash", said) else [f"{name}: {said}"]
    assert bare == []


def test_an_answer_names_whose_the_whole_spend_is_and_gives_one_base_for_cost_and_worth(studies):
    money, each = cm.answer(studies[LD]).lines[1:3]
    assert "In 2022-23 prices" in money.says and "2015-16 prices" in money.says, (
        "the sum of the next line's prices stands beside it"
    )
    assert "the whole spend, on everybody's support," in money.says
    assert re.search(r"against the worth of £12,000 agreed beforehand, both in 2015-16 prices", each.says)
    assert "the whole spend on agreements was" in cm.answer(studies[VCF]).lines[1].says


def test_what_each_cost_of_the_change_and_what_each_cost_on_average_have_two_names(studies):
    named = {one: cm.answer(studies[one]).lines[2] for one in (LD, VCF)}
    assert named[LD].question == "What each cost" and "Each more person cost" in named[LD].says
    assert named[VCF].question == "What each cost on average" and "Each person who gained cost" in named[VCF].says
    assert any("it is no cost of the change" in one for one in named[VCF].more)


def test_a_grade_that_an_assumption_holds_down_names_the_assumption_in_its_own_sentence(studies):
    held = answer_grade._riskiest(studies[VCF].settings)
    assumed = {one.says.rstrip(".").casefold() for one in studies[VCF].settings.assumptions if one.impact == "red"}
    assert held is not None and any(one in held.says.casefold() for one in assumed) and "rated red" in held.says
    assert cm.answer(studies[VCF]).lines[3].because == held.says


@pytest.mark.parametrize("name", [LD, VCF])
def test_the_picture_of_the_change_tells_the_change_of_the_answer_before_how_each_line_moved(studies, name):
    made = pictures.started_and_not(studies[name]).displays[0]
    effect = studies[name].effects().tidy().iloc[0]
    change, alone = made.record["title"].split("; on its own, ")
    for number in (effect.estimate, effect.lower, effect.upper):
        assert re.search(rf"(?<![\d.]){number:g}(?![\d.])", change), (number, change)
    assert "no clear change" not in change and alone


@pytest.mark.parametrize("name", [LD, VCF])
def test_people_compared_over_all_years_are_told_from_those_of_one_year(studies, name):
    shown = studies[name].effects()
    said = str(shown.tidy().iloc[0].get("compared", "")) or cm.answer(studies[name]).lines[3].more[-1]
    assert re.search(r"about [\d,]+ different people are counted in all", said), said
    if name == LD:
        gained = next(one for one in cm.answer(studies[LD]).lines[2].more if "more people" in one)
        assert (
            "counted once each in 2015-16" in gained
            and "over all the years that are compared there were more" in gained
        )


@pytest.mark.parametrize("name", [LD, VCF])
def test_the_markets_title_and_its_finding_are_one_sentence(studies, name):
    page = page_of(studies[name])
    told = providers.market(studies[name])
    assert [one.record["sentence"] for one in told.found] == [f"{told.displays[0].record['title']}."]
    found = markets.of(page)
    assert (
        findings.concentration_words(page, found, markets.year_of(found, page.period))
        == told.displays[0].record["title"]
    )


def test_a_provider_that_a_verdict_names_has_its_figure_its_range_and_a_caution(site):
    named = list(
        re.findall(
            r"(?s)<li>([^<]*lies further (?:below|above) the rest than chance allows[^<]*)</li>",
            "".join(reports(site).values()),
        )
    )
    assert named
    for one in named:
        assert re.search(
            r"provider \S.* lies further .*\. Its figure is [\d.]+% of \d+ \(range [\d.]+ to [\d.]+\)", one
        ), one
        assert "no verdict" in one


def test_spend_that_moves_with_the_number_of_people_says_so_wherever_it_is_drawn_by_year(site):
    pages = [text for text in reports(site).values() if 'id="spend-by-year"' in text]
    assert pages and all(
        "The number of people recorded moves sharply in 2014-15, from 1,160 to 860" in plain(one) for one in pages
    )


def test_payments_are_said_to_be_of_their_own_file_and_why_they_may_be_the_smaller_sum(site):
    text = plain(reports(site)["learning_disability-outcomes_and_spend"])
    assert "All payments in the file of payments" in text and "All payments in the council's files" not in text
    assert "so payments may be the smaller sum" in text


def test_what_people_said_for_themselves_stands_under_the_answer_of_cabinet_and_of_each_pilot(site, studies):
    for name in ("cabinet_summary", "learning_disability-implications", "vcf_funding-funding"):
        text = reports(site)[name]
        first = plain(text[text.index('class="first-screen"') : text.index('class="beside"')])
        assert first.count("what people said for themselves where the pilot started") == (
            2 if name == "cabinet_summary" else 1
        ), name
        if "implications" not in name:
            assert "No change beyond chance shows in how many say the help made the change they wanted" in first
    assert own_words.in_their_own_words(studies[VCF]).found


def test_no_sentence_of_a_page_is_cut(site):
    cut, held = [], 0
    for name, text in reports(site).items():
        body = re.sub(r"(?s)<(style|svg|nav|header|footer)\b.*?</\1>", " ", text[text.index("<h1") :])
        for found in SENTENCES.finditer(body):
            said = plain(found[3])
            held += 1
            for opening, closing in ("()", "“”", "[]"):
                if said.count(opening) != said.count(closing):
                    cut.append(f"{name}: {opening}{closing} in {said[:160]}")
            if "…" in said or said.endswith((",", ";", " and", " the", " of", " most", "(")):
                cut.append(f"{name}: ends early: {said[-160:]}")
            if 'class="sentence"' in found[2] and not re.search(r"[.?!]”?$", said):
                cut.append(f"{name}: no full stop: {said[-160:]}")
    assert held > 500
    assert cut == []


def test_figures_said_to_be_hidden_stand_in_tables_that_say_hidden(site):
    for name, text in reports(site).items():
        told = re.search(
            r"In the tables of this page, which open on the screen, (?:one|[\d,]+) figures? says? “hidden”", plain(text)
        )
        assert bool(told) <= (">hidden" in text), name
    assert "and marked so" not in "".join(reports(site).values())


def test_no_list_begins_each_line_with_because(site):
    assert not re.search(r"<li>\s*Because:", "".join(reports(site).values()))


def test_a_pictures_key_names_no_table_that_paper_leaves_out(studies):
    for name in (LD, VCF):
        for shown in pictures.providers(studies[name]).displays:
            assert "named in the table" not in str(shown.record["options"])


def test_a_title_of_a_scatter_has_one_claim(studies):
    for name in (LD, VCF):
        title = pictures.providers(studies[name]).displays[0].record["title"].partition(": ")[2]
        assert title.startswith("none of ") or " spends " in title, title
        assert "none that" not in title
