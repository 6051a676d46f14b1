"""The floors of the house hold: no room imports anything from a floor above its own."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from commissioning import pilot as pilots

ROOT = pilots.home()
PACKAGE = ROOT / "lib" / "commissioning"
LINT = Path(sys.executable).with_name("lint-imports")
FLOORS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the linter says of the package in `folder`/lib, under the project's own contracts."""
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    return subprocess.run(
        [LINT, "--no-cache", "--config", folder / "pyproject.toml"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "lib"), "PATH": "", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    """The package in a folder of its own, to be spoiled."""
    shutil.copytree(PACKAGE, tmp_path / "lib" / "commissioning", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_no_room_imports_from_a_floor_above_its_own(copy):
    said = lint(copy)
    assert said.returncode == 0, said.stdout


def test_a_room_that_reaches_upwards_is_named(copy):
    spoilt = copy / "lib" / "commissioning" / "methods" / "money.py"
    spoilt.write_text(spoilt.read_text() + "\nfrom commissioning.study import parameters as _parameters  # noqa\n")
    said = lint(copy)
    assert said.returncode != 0
    assert "commissioning.methods.money -> commissioning.study" in said.stdout


def test_every_room_has_its_floor():
    rooms = {one.stem for one in PACKAGE.iterdir() if one.suffix == ".py" or (one / "__init__.py").is_file()}
    named = {room.strip() for floor in FLOORS for room in floor.split("|")}
    assert named == rooms - {"__init__", "__main__"}


def test_the_page_on_architecture_names_every_room():
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    drawn = page.split("Floors, lowest first.")[1].split("## ")[0]
    named = {room.strip() for floor in FLOORS for room in floor.split("|")}
    assert {room for room in named if room not in drawn} == set()
