"""A PDF beside each page, printed by Chromium; the page's own print style decides how it looks."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from commissioning.errors import ReportFailed
from commissioning.runs.places import Places, write_whole

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def make(places: Places, record: Any) -> list[Path]:
    """Print every page of the served version into `pdf/<version>/`. Raises ReportFailed without a browser."""
    browser = next((found for one in BROWSERS if (found := shutil.which(one))), None)
    if browser is None:
        raise ReportFailed("--pdf needs Chromium, and none is installed; the pages themselves were published")
    made = []
    target = places.out / "pdf" / record.version
    target.mkdir(parents=True, exist_ok=True)
    for page in sorted((places.versions / record.version).glob("*.html")):
        if page.name == "index.html" or (target / f"{page.stem}.pdf").is_file():
            continue
        with tempfile.TemporaryDirectory() as folder:
            printed = Path(folder) / "page.pdf"
            subprocess.run(
                [
                    browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}",
                    "--no-pdf-header-footer", f"--print-to-pdf={printed}", page.as_uri(),
                ],
                check=False, capture_output=True, timeout=120,
            )  # fmt: skip
            if not printed.is_file():
                raise ReportFailed(f"Chromium could not print {page.name}; the pages themselves were published")
            write_whole(target / f"{page.stem}.pdf", printed.read_bytes())
            made.append(target / f"{page.stem}.pdf")
    return made
