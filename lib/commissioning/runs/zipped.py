"""A report in one file, to be mailed: its pages, its figures and workbook, and the annex that it leads to."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from commissioning.runs.keys import file_digest
from commissioning.runs.places import sync_file

FOLDER = "zip"
TAKEN = (".html", ".xlsx", ".png", ".svg", ".pdf", ".csv")
ALWAYS = (2000, 1, 1, 0, 0, 0)  # the time of every part: the same report has the same bytes
_ANNEX = re.compile(r'href="([a-z0-9_-]+-annex\.html)[#"]')


def make(folder: Path, report: str, files: Sequence[str]) -> dict[str, str]:
    """Write `zip/<report>.zip` in a version's folder; returns its name there and its SHA-256. Files for staff stay out."""
    taken = {one for one in files if Path(one).suffix in TAKEN and ".staff." not in one}
    page = folder / f"{report}.html"
    for annex in _ANNEX.findall(page.read_text(encoding="utf-8")) if page.is_file() else ():
        name = annex.removesuffix(".html")
        taken |= {one.name for one in folder.glob(f"{name}.*") if one.suffix in TAKEN}
    target = folder / FOLDER / f"{report}.zip"
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(taken):
            out.writestr(zipfile.ZipInfo(name, ALWAYS), (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    sync_file(target)
    return {f"{FOLDER}/{target.name}": file_digest(target)}
