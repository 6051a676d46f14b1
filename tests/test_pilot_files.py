"""A pilot file says all that changes from council to council, and a misspelt field is refused."""

import shutil

import pytest

from commissioning import pilot as pilots
from commissioning.errors import UsageError


@pytest.fixture
def root(tmp_path):
    """A copy of the checkout's pilots in a folder of its own."""
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(pilots.home() / "pilots", tmp_path / "pilots")
    return tmp_path


def edit(root, name, old, new):
    path = root / "pilots" / name / "pilot.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("name", pilots.names())
def test_every_pilot_of_the_project_reads_and_asks_a_question(name):
    pilot = pilots.load(name)
    assert pilot.name == name
    assert pilot.question.endswith("?")
    assert (pilot.folder / "question.md").read_text().strip()


def test_a_pilot_that_does_not_exist_is_refused_with_the_nearest_name(root):
    with pytest.raises(UsageError, match="did you mean vcf_funding"):
        pilots.load("vcf_fundin", root)


def test_a_misspelt_field_is_refused_by_name(root):
    edit(root, "vcf_funding", "[gates]\nperiods_before", "[gates]\nperiod_before")
    with pytest.raises(UsageError, match="gates.period_before"):
        pilots.load("vcf_funding", root)


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("perspectve =", "perspective =", "perspectve is not a field here: did you mean perspective?"),
        ("started_unit =", "started_units =", r"gates\.started_unit is not known: did you mean started_units?"),
        ("zzz = 1\nperspective =", "perspective =", "zzz is not a field here: see docs/how-to/add-a-pilot.md"),
        ("", "title = ", "title is missing: write it"),
    ],
)
def test_a_field_that_is_misspelt_or_missing_is_said_with_what_was_meant(root, wrong, right, says):
    path = root / "pilots" / "learning_disability" / "pilot.toml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(right))
    lines[at] = lines[at].replace(right, wrong, 1) if wrong else ""
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(UsageError, match=says.replace("?", r"\?")):
        pilots.load("learning_disability", root)


def test_broken_toml_is_refused_with_its_line(root):
    edit(root, "vcf_funding", 'price_base = "2022-23"', "price_base = 2022-Q")
    with pytest.raises(UsageError, match="not valid TOML"):
        pilots.load("vcf_funding", root)


def test_less_than_three_months_notice_is_refused(root):
    edit(root, "vcf_funding", "[theory]", "[decision]\nnotice_months = 2\n\n[theory]")
    with pytest.raises(UsageError, match="decision.notice_months"):
        pilots.load("vcf_funding", root)


def test_the_assurer_may_not_be_the_analyst(root):
    edit(root, "vcf_funding", "[theory]", '[quality]\nanalyst = "A. Name"\nassurer = "A. Name"\n\n[theory]')
    with pytest.raises(UsageError, match="assurer may not be the analyst"):
        pilots.load("vcf_funding", root)


def test_the_name_in_the_file_is_the_name_of_the_folder(root):
    edit(root, "vcf_funding", 'name = "vcf_funding"', 'name = "other"')
    with pytest.raises(UsageError, match="make them one"):
        pilots.load("vcf_funding", root)
