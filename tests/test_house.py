"""The house keeps its own rules: dependencies in step, and nothing hidden."""

import re
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
    import subprocess

    found = subprocess.run(["git", "check-ignore", "-q", folder], cwd=ROOT, check=False)
    assert found.returncode != 0


def test_each_direct_dependency_has_a_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text()
    block = text.split("dependencies = [")[1].split("\n]")[0]
    lines = [one for one in block.splitlines() if one.strip().startswith('"')]
    assert lines and all("#" in one for one in lines)
