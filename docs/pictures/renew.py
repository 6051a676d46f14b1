"""Make the pictures of docs/pictures again, from the reports of the illustrative sample.

    make report
    .venv/bin/python docs/pictures/renew.py [SITE] [FOLDER]

SITE is the folder of a published site (default: reports). It must be made from the sample: a picture of
restricted extracts has no place here, so pages without the band that says so are refused.
Needs Chromium, as `--pdf` does. Pictures go to FOLDER (default: this one) and keep to 200 KB each.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from commissioning.errors import UsageError
from commissioning.presentation.pdf import _ARGUMENTS as ARGUMENTS
from commissioning.presentation.pdf import browser
from commissioning.runs.places import locate
from commissioning.runs.publish import current_version

HERE = Path(__file__).parent
LIMIT = 200_000


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture: which page, from which element down, and how large."""

    name: str
    page: str
    words: str  # the alternative text that the docs give it
    start: str = "body"  # CSS selector of the element that stands at the top
    width: int = 1100
    height: int = 1000


SHOTS = (
    Shot(name="report", page="learning_disability-review", words="The top of a review report", height=900),
    Shot(
        name="beside_spend",
        page="learning_disability-implications",
        words="Outcomes beside spend",
        start=".first-screen",
        height=760,
    ),
    Shot(name="site", page="index", words="The front page of a site", height=900),
    Shot(
        name="phone",
        page="vcf_funding-funding",
        words="A chart on a phone",
        start=".beside figure.chart",
        width=390,
        height=844,
    ),
    Shot(
        name="easy_read",
        page="learning_disability-implications.easy-read",
        words="An Easy Read page",
        height=900,
    ),
)


def renew(site: Path, folder: Path) -> list[Path]:
    """Take every picture; returns the files written.

    Raises UsageError where the site holds no such page, a page is not illustrative, Chromium is absent,
    or a picture would be too large.
    """
    from playwright.sync_api import sync_playwright

    version = current_version(site)
    if version is None:
        raise UsageError(f"{site} holds no published reports: run `make report` first")
    pages = locate(Path.cwd(), site, site).versions / version
    if browser() is None:
        raise UsageError("pictures need Chromium: install it, or name it in COMMISSIONING_CHROMIUM")
    made = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=ARGUMENTS)
        try:
            for shot in SHOTS:
                source = pages / f"{shot.page}.html"
                if not source.is_file():
                    raise UsageError(f"{site} holds no page {shot.page}: run `make report` first")
                if '<p class="illustrative">' not in source.read_text(encoding="utf-8"):
                    raise UsageError(f"{shot.page} is not made from illustrative data: no picture of it is taken")
                made.append(take(chromium, source, shot, folder))
        finally:
            chromium.close()
    return made


def take(chromium: object, source: Path, shot: Shot, folder: Path) -> Path:
    """One picture of one page, with the network shut."""
    context = chromium.new_context(offline=True, viewport={"width": shot.width, "height": shot.height})
    tab = context.new_page()
    tab.goto(source.resolve().as_uri())
    tab.evaluate("start => window.scrollTo(0, document.querySelector(start).getBoundingClientRect().top)", shot.start)
    path = folder / f"{shot.name}.png"
    data = tab.screenshot()
    context.close()
    if len(data) > LIMIT:
        raise UsageError(f"{path.name} would be {len(data):,} bytes, above {LIMIT:,}: show less of the page")
    path.write_bytes(data)
    return path


def main(words: list[str]) -> int:
    site = Path(words[0] if words else "reports")
    folder = Path(words[1]) if len(words) > 1 else HERE
    try:
        made = renew(site.absolute(), folder)
    except UsageError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    for path in made:
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
