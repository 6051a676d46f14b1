"""The house keeps its own rules: dependencies in step, and nothing hidden."""

import re
import subprocess
import tomllib

import pytest

from commissioning import pilot as pilots

ROOT = pilots.home()
CONDA_NAMES = {"duckdb": "python-duckdb", "jupyter-client": "jupyter_client"}


def requirement(text):
    name, rest = re.match(r"([A-Za-z0-9_.-]+)(.*)", text).groups()
    return name.lower(), rest.replace(" ", "")


def test_environment_yml_lists_the_same_direct_dependencies_as_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for group in project["optional-dependencies"].values() for one in group)]
    wanted = {CONDA_NAMES.get(name, name): rest for name, rest in map(requirement, asked)}
    lines = re.findall(r"^\s+- ([A-Za-z].*?)\s*$", (ROOT / "environment.yml").read_text(), re.M)
    found = dict(
        requirement(one)
        for one in lines
        if not one.startswith(("python>=", "conda-forge")) and one not in ("pip", "pip:")
    )
    assert found == wanted


def test_the_lock_pins_every_direct_dependency_by_hash_and_names_no_address():
    text = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9_.-]+)==", text, re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for group in project["optional-dependencies"].values() for one in group)]
    assert {requirement(one)[0] for one in asked} <= pinned
    assert "://" not in text
    blocks = re.split(r"^(?=[a-z0-9_.-]+==)", text, flags=re.M)[1:]
    assert blocks and all("--hash=sha256:" in one for one in blocks)


@pytest.mark.parametrize("folder", ["lib", "notebooks", "pilots", "tests", "docs", "data/sample"])
def test_no_folder_of_the_project_is_ignored_by_git(folder):
    found = subprocess.run(["git", "check-ignore", "-q", folder], cwd=ROOT, check=False)
    assert found.returncode != 0


def test_each_direct_dependency_has_a_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text()
    block = text.split("dependencies = [", 1)[1].split("[project.scripts]")[0]
    lines = [one for one in block.splitlines() if one.startswith('    "')]
    assert len(lines) > 30 and [one for one in lines if "#" not in one] == []


@pytest.mark.parametrize("path", ["data/incoming/x.csv", "data/evidence/x", "data/results/x", "reports/x.html"])
def test_what_is_restricted_or_published_is_never_committed(path):
    found = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
    assert found.returncode == 0


def test_no_pickled_file_is_read_or_written_by_the_library():
    banned = re.compile(
        r"^\s*(?:import|from) (?:c?[pP]ickle|dill|joblib|shelve|marshal)\b|read_pickle|to_pickle|allow_pickle=True",
        re.M,
    )
    assert [one.name for one in (ROOT / "lib").rglob("*.py") if banned.search(one.read_text())] == []


def test_a_file_over_400_lines_says_at_its_top_why():
    long = [
        one.relative_to(ROOT).as_posix()
        for folder in ("lib", "pilots", "tests", "benchmarks", "docs")
        for one in sorted((ROOT / folder).rglob("*.py"))
        if len((text := one.read_text()).splitlines()) > 400 and not re.search(r"[Ll]onger than|over 400", text[:2500])
    ]
    assert long == []


def test_the_words_explained_on_a_page_stand_in_the_glossary_too():
    from commissioning.sections.assurance import WORDS

    held = {one.lower() for one in re.findall(r"^\| \*\*(.+?)\*\*", (ROOT / "docs" / "glossary.md").read_text(), re.M)}
    assert {one.lower() for one in WORDS} - held == set()
