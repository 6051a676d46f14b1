"""The documentation resolves, says what the code says, and keeps to the house's words."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from documents import DOCS, PAGES, ROOT, RUN, anchors, blocks, links, name, prose

from commissioning import cli
from commissioning.measures import describe
from commissioning.runs import record, task

KINDS = ("tutorial", "how-to", "reference", "explanation")


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_and_anchor_of_a_page_resolves(page):
    for target in links(page):
        if re.match(r"https?:|mailto:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{target}: there is no such file"
        assert found.is_relative_to(ROOT), f"{target}: leads out of the project"
        if anchor:
            assert anchor in anchors(found), f"{target}: no heading of {name(found)} has this anchor"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_names_no_absolute_path_of_the_machine_it_was_written_on(page):
    assert not re.search(r"(?<![\w.)/])/(?:work|root|tmp|home)/", page.read_text(encoding="utf-8"))


def test_every_page_of_the_documentation_is_reached_from_its_index():
    reached = {(DOCS / one.partition("#")[0]).resolve() for one in links(DOCS / "index.md")}
    decisions = DOCS / "decisions"
    reached |= {(decisions / one.partition("#")[0]).resolve() for one in links(decisions / "README.md")}
    missing = [name(one) for one in DOCS.rglob("*.md") if one.resolve() not in reached and one.name != "index.md"]
    assert missing == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_documentation_has_four_kinds_of_pages(kind):
    assert list((DOCS / kind).glob("*.md"))


@pytest.mark.parametrize("page", ["cli.md", "tables.md", "schemas.md", "api.md"])
def test_a_reference_page_says_what_the_code_says(generate, page):
    made = generate.PAGES[page]()
    kept = (DOCS / "reference" / page).read_text(encoding="utf-8")
    assert kept == made, f"docs/reference/{page} is behind the code: python docs/generate.py"


def test_the_reference_of_measures_says_what_the_measures_say():
    made = describe.reference_page(describe.every_measure())
    assert (DOCS / "reference" / "measures.md").read_text(encoding="utf-8") == made


def test_the_reference_of_records_names_every_field_event_and_reason_of_a_run():
    page = (DOCS / "reference" / "records.md").read_text(encoding="utf-8")
    of_a_run, rest = page.split("Each entry of `reports`:")
    of_a_report, rest = rest.split("## Reasons of a failure")
    reasons, events = rest.split("## The log")

    def named(text):
        return {one.removesuffix("[]") for one in re.findall(r"`([A-Za-z_]+(?:\[\])?)`", text)}

    def fields(text):
        rows = re.findall(r"^\| (`.+?`) \|", text, re.M)
        return {one for row in rows for one in named(row)}

    assert fields(of_a_run) == set(record.RunRecord.model_fields)
    assert fields(of_a_report) == set(record.ReportRecord.model_fields)
    assert named(reasons) == set(task.REASONS)
    said = re.search(r"an event \((.+?)\)", events, re.S)[1]
    code = "".join(one.read_text(encoding="utf-8") for one in Path(record.__file__).parent.glob("*.py"))
    assert named(said) == set(re.findall(r"log\.write\(\s*\"(\w+)\"", code))


def test_the_guide_lists_every_other_name_that_is_read(generate):
    assert generate.GUIDE.read_text(encoding="utf-8") == generate.guide_page(), "run: python docs/generate.py"


def test_the_reference_of_the_interface_holds_every_name_of_the_design(generate):
    page = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    promised = (
        "intervals.proportion intervals.rate intervals.mean standardise.direct standardise.indirect "
        "inequality.slope_index control_chart.xmr funnel.proportion funnel.ratio effects.staggered effects.interrupted "
        "effects.before_after effects.synthetic claims.judge value.frontier value.compare money.real_terms "
        "money.present_value attainment.t_score disclosure.policy disclosure.release disclosure.attack "
        "measures.Measure measures.Rule measures.catalogue"
    )
    assert [one for one in promised.split() if f"### {one}\n" not in page] == []


def test_the_glossary_holds_the_words_of_the_house():
    words = (
        "pilot extract table contract evidence measure result released effect claim value finding stage report run "
        "outcome output input process"
    )
    rows = re.findall(r"^\| \*\*(.+?)\*\* \|", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.M)
    assert [one for one in words.split() if one not in rows] == []
    assert rows == sorted(rows, key=str.lower)


@pytest.mark.parametrize("page", RUN, ids=name)
def test_every_block_of_a_tutorial_or_guide_can_be_run(page):
    for block in blocks(page):
        assert block.language in {"console", "python"} or block.file, (
            f"{block.where}: nobody would notice if this were wrong"
        )
    unseen = re.search(r"^    \S.*", prose(page), re.M)
    assert unseen is None, f"{name(page)}: not in a fence, so nobody carries it out: {unseen[0]}"


@pytest.mark.parametrize("page", [one for one in PAGES if "reference" not in one.parts], ids=name)
def test_a_picture_has_words_for_those_who_do_not_see_it(page):
    assert all(len(words) > 20 for words in re.findall(r"!\[([^\]]*)\]\(", prose(page)))


def test_pictures_stay_small():
    pictures = list((DOCS / "pictures").glob("*.png"))
    assert pictures and all(one.stat().st_size < 200_000 for one in pictures)


@pytest.mark.parametrize("page", RUN + [ROOT / "README.md", DOCS / "glossary.md"], ids=name)
def test_pages_for_people_avoid_the_words_that_claim_too_much(page):
    text = prose(page).lower()
    assert [one for one in ("proved", "proven", "customers", "bme", "neediest") if re.search(rf"\b{one}\b", text)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_make_target_or_command_that_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = set(re.findall(r"(?:`|^    |^\$ )make ([a-z]+)", text, re.M))
    assert named <= targets
    commands = set(re.findall(r"(?:`|bin/|^    )commissioning ([a-z][a-z-]+)", text, re.M))
    assert commands <= set(cli.build()[1])


def test_the_readme_names_the_two_commands_the_notebooks_and_what_was_not_tried():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(one in text for one in ("make report", "make test", "make lab", "docs/pictures/report.png"))
    assert re.search(r"conda.*could not\s+be tried", text, re.S)
    assert re.search(r"macOS and Windows\*\*: not tried", text)
