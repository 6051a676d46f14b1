"""A tagged PDF of a page, through Chromium where it is present."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from commissioning.errors import CannotWrite, UsageError

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def browser() -> str | None:
    """The Chromium to print with: `COMMISSIONING_CHROMIUM`, else the first on the path; None where there is none."""
    named = os.environ.get("COMMISSIONING_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def available() -> bool:
    """True where a page can be printed: Chromium and playwright are both here."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return False
    return browser() is not None


def write(pages: list[tuple[Path, Path]]) -> None:
    """Print pages (HTML file, PDF file) as tagged A4 with an outline, all details open.

    Raises UsageError where Chromium or playwright is missing, CannotWrite where a PDF cannot be written.
    One browser prints them all. The network is shut: a page holds everything it needs.
    """
    if not available():
        raise UsageError("--pdf needs Chromium and the Python package playwright; install them, or leave --pdf out")
    # In a thread of its own, because playwright refuses to start where an event loop already runs.
    with ThreadPoolExecutor(max_workers=1) as alone:
        alone.submit(_print, pages).result()


def _print(pages: list[tuple[Path, Path]]) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=_ARGUMENTS)
        try:
            context = chromium.new_context(offline=True, java_script_enabled=True)
            for source, target in pages:
                tab = context.new_page()
                tab.goto(source.resolve().as_uri())
                tab.emulate_media(media="print")
                # The page itself runs no script; this only opens what paper cannot open.
                tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
                data = tab.pdf(format="A4", prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
                tab.close()
                try:
                    part = target.with_name(target.name + ".part")
                    part.write_bytes(data)
                    part.replace(target)
                except OSError as error:
                    raise CannotWrite(f"{target.name}: cannot be written ({error.strerror})") from error
        finally:
            chromium.close()
