"""Issue 18, item 14: set-up installs only what is locked and hashed, build tools included; a production lock; licences; CI."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from commissioning import pilot as pilots

ROOT = pilots.home()
LOCK, RUN_LOCK = ROOT / "requirements.lock", ROOT / "requirements-run.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def blocks(lock):
    """What a lock pins: (name, version, marker) → its hashes."""
    found = {}
    for block in re.split(r"^(?=\S)", lock.read_text(), flags=re.M):
        if block.strip() and not block.startswith("#"):
            name, version, marker = re.match(r"([a-z0-9_.-]+)==([^ ;\\]+)\s*(?:;([^\\]*))?", block).groups()
            found[name, version, (marker or "").strip()] = frozenset(HASHED.findall(block))
    return found


def versions(lock):
    return {name: version for name, version, marker in blocks(lock) if "3.12" not in marker or "<" in marker}


def direct(*groups):
    asked = [one for group in groups for one in PROJECT["project"]["optional-dependencies"][group]]
    return [Requirement(one) for one in asked]


def set_up(target="requirements.lock"):
    """The commands by which `make` installs, as it would run them."""
    said = subprocess.run(
        ["make", "-B", "-n", f"LOCK={target}", ".venv/.complete"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [line for line in said.stdout.splitlines() if "pip install" in line]


@pytest.mark.parametrize("lock", [LOCK, RUN_LOCK], ids=lambda one: one.name)
def test_everything_in_a_lock_has_an_exact_version_and_hashes(lock):
    held = blocks(lock)
    assert len(held) > 100
    assert [name for name, hashes in held.items() if not hashes] == []
    assert "://" not in lock.read_text() and "--index" not in lock.read_text()


def test_each_installing_command_asks_for_hashes_or_may_reach_no_index():
    for lock in ("requirements.lock", "requirements-run.lock"):
        commands = set_up(lock)
        assert len(commands) == 3 and any(f"-r {lock}" in one for one in commands)
        for one in commands:
            assert "--no-deps" in one
            hashed = "--require-hashes" in one and " -r " in one
            shut = "--no-index" in one and "--no-build-isolation" in one
            assert hashed or shut, one


@pytest.mark.parametrize("lock", [LOCK, RUN_LOCK], ids=lambda one: one.name)
def test_the_build_tools_stand_in_the_lock(lock):
    held = versions(lock)
    for one in map(Requirement, PROJECT["build-system"]["requires"]):
        assert one.name in held and one.specifier.contains(held[one.name])
    assert "pip" in held


def test_the_lock_for_reports_is_a_part_of_the_whole_lock_version_for_version_and_hash_for_hash():
    whole, run = blocks(LOCK), blocks(RUN_LOCK)
    for (name, version, _), hashes in run.items():
        same = [held for (other, at, _), held in whole.items() if (other, at) == (name, version)]
        assert same == [hashes], name


def test_the_lock_for_reports_holds_what_reports_need_and_no_test_tool():
    held = versions(RUN_LOCK)
    needed = [*map(Requirement, PROJECT["project"]["dependencies"]), *direct("cluster", "install")]
    assert [one.name for one in needed if not one.specifier.contains(held.get(one.name, "0"))] == []
    only_tests = {one.name for one in direct("test")} - {"beautifulsoup4"}  # nbconvert needs that one itself
    assert only_tests & set(held) == set()


def test_every_module_of_the_library_imports_without_the_test_tools():
    """As on a production machine: a package that only the whole lock holds cannot be imported."""
    hidden = sorted(set(versions(LOCK)) - set(versions(RUN_LOCK)))
    assert "pytest" in hidden and len(hidden) > 15
    program = f"""
import importlib, pkgutil, sys
from importlib import machinery, metadata
hidden = {{top for top, names in metadata.packages_distributions().items() if names and all(one.lower().replace("_", "-") in {hidden!r} for one in names)}}
places = [i for i, one in enumerate(sys.meta_path) if one is machinery.PathFinder]
class Hide(machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)
sys.meta_path[places[0]] = Hide
assert "pytest" in hidden and "playwright" in hidden
import commissioning
count = 0
for one in pkgutil.walk_packages(commissioning.__path__, "commissioning."):
    if not one.name.endswith("__main__"):
        importlib.import_module(one.name)
        count += 1
from commissioning.presentation import pdf
assert not pdf.available()
print(count)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 150


@pytest.mark.soak
def test_a_machine_set_up_for_reports_alone_makes_them(tmp_path):
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COMMISSIONING"))
    }
    subprocess.run(["make", "production"], cwd=tmp_path, env=clean, check=True)
    missing = subprocess.run([tmp_path / ".venv/bin/python", "-c", "import pytest"], check=False, capture_output=True)
    assert missing.returncode != 0
    done = subprocess.run([tmp_path / ".venv/bin/commissioning", "run"], cwd=tmp_path, env=clean, check=False)
    assert done.returncode == 0 and (tmp_path / "reports" / "index.html").is_file()


@pytest.fixture(scope="module")
def licences():
    spec = importlib.util.spec_from_file_location("docs_licences", ROOT / "docs" / "licences.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_list_of_licences_names_what_the_lock_pins_each_with_a_licence(licences):
    listed = licences.listed()
    assert {name: at for name, (at, _, _) in listed.items()} == {
        name: ", ".join(at) for name, at in licences.pins(LOCK).items()
    }
    assert [name for name, (_, licence, _) in listed.items() if licence.upper() in ("", "LICENSE", "UNKNOWN")] == []
    run = set(versions(RUN_LOCK))
    assert {name for name, (_, _, what) in listed.items() if what == "reports"} >= run


def test_the_list_of_licences_says_what_the_installed_packages_say(licences):
    assert licences.page(licences.listed()) == licences.PAGE.read_text()


def test_a_package_of_unknown_licence_is_refused_by_name(licences, monkeypatch):
    monkeypatch.setattr(licences, "said_by", lambda name, versions: "" if name == "six" else "MIT")
    with pytest.raises(SystemExit, match="six: no licence is known"):
        licences.page({})


def test_the_licence_stands_in_the_house_and_in_the_package():
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License") and "WITHOUT WARRANTY" in text
    assert PROJECT["project"]["license"] == "MIT"


def test_the_workflow_runs_what_a_clean_machine_runs_and_may_write_nothing():
    flow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    said = [step["run"] for step in steps if "run" in step]
    assert ".ci/run" in said and "make production" in said
    assert flow["permissions"] == {"contents": "read"}
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert {Path(step["uses"]).parts[0] for step in steps if "uses" in step} == {"actions"}
