"""Write `docs/reference/licences.md`: the licence of each package that the lock names, as the package itself says.

    make licences

What is not installed here (a package for Windows, or for another Python) keeps the line that it has on the page; a package
of which neither says anything is refused, so that none comes in unread.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "licences.md"
_PIN = re.compile(r"^([a-z0-9_.-]+)==([^ ;\\]+)", re.M)
_LINE = re.compile(r"^\| ([a-z0-9_.-]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.M)
_HEAD = """# Licences of what it stands on

The workbench itself is under the [MIT licence](../../LICENSE). It installs these packages and changes none of them; each keeps its own
licence. The list is made from what each package says of itself, by `make licences`; a test compares it with `requirements.lock`.
*Reports* marks what `requirements-run.lock` holds too; the others are for tests and checks alone.

| package | version | licence | for |
|---|---|---|---|
"""


def pins(lock: Path) -> dict[str, list[str]]:
    """The versions that a lock file pins, by package: one, or one for each Python it is for."""
    found: dict[str, list[str]] = {}
    for name, version in _PIN.findall(lock.read_text(encoding="utf-8")):
        found.setdefault(name, []).append(version)
    return found


def said_by(name: str, versions: Collection[str]) -> str:
    """The licence as an installed package says it: its expression, its classifiers, its own words, or the head of its licence file.

    "" where none of these versions is installed, or it says nothing.
    """
    try:
        facts = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if facts["Version"] not in versions:
        return ""
    if expression := facts.get("License-Expression"):
        return str(expression).strip()
    kinds = [one.rpartition(" :: ")[2] for one in facts.get_all("Classifier") or () if one.startswith("License ::")]
    words = next((line.strip() for line in str(facts.get("License") or "").splitlines() if line.strip()), "")
    exact = [one for one in kinds if one != "OSI Approved"]
    if not exact and words.upper() in ("", "LICENSE", "LICENCE", "UNKNOWN"):
        files = [one for one in metadata.files(name) or () if one.name.upper().startswith(("LICEN", "COPYING"))]
        heads = (line.strip() for one in files for line in one.read_text(encoding="utf-8").splitlines())
        words = next(filter(None, heads), "")
    return ("; ".join(exact) or words).replace("|", "/")[:120]


def listed(page: Path = PAGE) -> dict[str, tuple[str, str, str]]:
    """What a page says of each package: versions, licence, what it is for."""
    if not page.is_file():
        return {}
    rows = _LINE.findall(page.read_text(encoding="utf-8"))
    return {name: (version, licence, what) for name, version, licence, what in rows if name != "package"}


def page(before: dict[str, tuple[str, str, str]]) -> str:
    """The page as it should stand. Raises SystemExit where a package's licence is known neither from itself nor from `before`."""
    run = pins(ROOT / "requirements-run.lock")
    lines, unknown = [], []
    for name, versions in sorted(pins(ROOT / "requirements.lock").items()):
        licence = said_by(name, versions) or before.get(name, ("", "", ""))[1]
        if not licence:
            unknown.append(name)
        lines.append(
            f"| {name} | {', '.join(versions)} | {licence} | {'reports' if name in run else 'tests and checks'} |"
        )
    if unknown:
        raise SystemExit(
            f"{', '.join(unknown)}: no licence is known. Install it, or write its line in {PAGE.relative_to(ROOT)} by hand "
            "from the file LICENSE in the package"
        )
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(listed()), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} is written\n")
