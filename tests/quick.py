"""The quick tests of the rooms somebody works in, for `make quick`: of one named, or of the files changed since `main`.

Left out is what `conftest` marks slow: `tests/slow.txt` (measured), and whatever needs a run of the sample. `make test` runs it all.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ("tests/test_floors.py", "tests/test_house.py")  # in seconds: a departure from the house shows at once
WITHIN = 50  # seconds after which no further test begins, on however slow a machine
# A room is tested in the folder of its name; these have none, or another one too.
TESTED_IN = {"cli": ("runs",), "seal": ("promises/*seal*.py", "promises/*publi*.py"), "study": ("reports", "study")}


def rooms() -> list[str]:
    """Every room: a folder or a module of the package."""
    return sorted(one.stem for one in (ROOT / "lib" / "commissioning").iterdir() if not one.name.startswith(("_", ".")))


def git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split("\n") if done.returncode == 0 else []


def changed() -> list[str]:
    """Files that differ from where this branch left `main` (from the last commit, where there is no `main`), and new ones."""
    base = next(iter(git("merge-base", "main", "HEAD")), "") or "HEAD"
    return [
        one for one in (*git("diff", "--name-only", base), *git("ls-files", "--others", "--exclude-standard")) if one
    ]


def rooms_of(files: list[str]) -> list[str]:
    """The rooms that files of the package lie in."""
    found = (re.match(r"lib/commissioning/([a-z_]+)(?:/|\.py)", one) for one in files)
    return sorted({one[1] for one in found if one} & set(rooms()))


def tests_of(room: str) -> list[str]:
    """Folders and files that test a room; those that import it, where nothing bears its name."""
    patterns = (room, *TESTED_IN.get(room, ()))
    found = {path for pattern in patterns for path in (ROOT / "tests").glob(pattern)}
    if not found:
        says = re.compile(rf"commissioning\.{room}\b|from commissioning import (?:[\w, ]*\b)?{room}\b")
        every = (ROOT / "tests").rglob("test_*.py")
        found = {path for path in every if says.search(path.read_text(encoding="utf-8"))}
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def main(words: list[str]) -> int:
    files = [] if words else changed()
    asked = words or rooms_of(files)
    if strange := [one for one in asked if one not in rooms()]:
        print(f"no room is called {strange[0]!r}; the rooms are {', '.join(rooms())}", file=sys.stderr)
        return 2
    of_tests = [one for one in files if re.fullmatch(r"tests/.*test_\w+\.py", one) and (ROOT / one).is_file()]
    chosen = list(dict.fromkeys([*HOUSE, *of_tests, *(test for room in asked for test in tests_of(room))]))
    print(f"rooms: {', '.join(asked) or 'none changed since main'}", flush=True)
    how = ["-rs", "-m", "not soak and not slow and not browser", "-n", "2", "--dist", "worksteal", f"--within={WITHIN}"]
    return subprocess.run([sys.executable, "-m", "pytest", *how, *chosen], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
