"""A section is a function of a page; what only one service shows lies in its own folder; what a section gives is the same whenever it is asked."""

from __future__ import annotations

import pytest

from commissioning import pilot as pilots
from commissioning import reports
from commissioning.errors import UsageError
from commissioning.presentation.sections import Note
from commissioning.reports import own_sections, stages
from commissioning.sections.page import Told, gathered

BRINGS = """
from commissioning.presentation.sections import Note


def waiting_list(page):
    return Note("Nobody waits.")


SECTIONS = (waiting_list,)
"""


@pytest.fixture(scope="module")
def page():
    return reports.open("pilot", pilot="vcf_funding")


def test_a_service_brings_sections_in_its_folder_as_one_file_or_several(tmp_path, page):
    (tmp_path / "sections.py").write_text(BRINGS)
    (tmp_path / "sections_more.py").write_text(BRINGS.replace("waiting_list", "turned_away"))
    found = own_sections.of_pilot(tmp_path)
    assert list(found) == ["waiting_list", "turned_away"]
    assert Told.of(found["waiting_list"](page)).displays[0].record["lines"] == ["Nobody waits."]


def test_a_folder_without_sections_brings_none(tmp_path):
    assert own_sections.of_pilot(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\n", r"sections\.py: has no sections; end it with SECTIONS"),
        ("SECTIONS = (1,)\n", r"sections\.py: has no sections"),
        ("import nowhere_at_all\n", r"sections\.py: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("def f(:\n", r"sections\.py: SyntaxError"),
    ],
)
def test_a_file_that_is_no_file_of_sections_is_named_with_what_to_do(tmp_path, text, says):
    (tmp_path / "sections.py").write_text(text)
    with pytest.raises(UsageError, match=says):
        own_sections.of_pilot(tmp_path)


def test_two_files_of_one_folder_may_not_bring_one_name(tmp_path):
    (tmp_path / "sections_a.py").write_text(BRINGS)
    (tmp_path / "sections_b.py").write_text(BRINGS)
    with pytest.raises(UsageError, match=r"sections_b\.py: a section waiting_list is in another file"):
        own_sections.of_pilot(tmp_path)


def test_sections_run_from_the_text_that_was_reviewed_and_not_from_a_compiled_copy(tmp_path, page):
    import py_compile

    path = tmp_path / "sections.py"
    path.write_text(BRINGS)
    py_compile.compile(str(path))
    path.write_text(BRINGS.replace("Nobody waits.", "Some wait.") + "\n")
    said = own_sections.of_pilot(tmp_path)["waiting_list"](page)
    assert said.record["lines"] == ["Some wait."]


def test_what_only_one_service_shows_is_on_no_page_of_another():
    own = {name: set(own_sections.of_pilot(pilots.load(name).folder)) for name in pilots.names()}
    assert {"access_slope", "public_purse"} <= own["learning_disability"]
    assert {"register", "paid_twice"} <= own["vcf_funding"]
    assert not own["learning_disability"] & own["vcf_funding"]
    shared = {name for kind in (stages.KINDS | stages.ACROSS).values() for name in kind.sections}
    assert not shared & (own["learning_disability"] | own["vcf_funding"] - {"bought_and_achieved", "criteria"})


def test_two_sections_of_one_name_are_never_gathered_as_one():
    import types

    one, other = types.ModuleType("one"), types.ModuleType("other")
    for module in (one, other):
        exec("def shown(page): ...\nshown.is_section = True", module.__dict__)
        module.shown.__module__ = module.__name__
    assert list(gathered(one)) == ["shown"]
    with pytest.raises(ValueError, match="two sections are called shown: one and other"):
        gathered(one, other)


def test_what_a_section_gives_holds_each_finding_and_each_lack_once():
    first = Told(displays=(Note("A."),), lacks=("x",))
    made = Told.of([first, Note("B.")], lacks=["x", "y"])
    assert [one.record["lines"] for one in made.displays] == [["A."], ["B."]]
    assert made.lacks == ("x", "y") and made.found == ()
