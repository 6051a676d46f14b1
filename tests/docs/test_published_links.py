"""Every link and every anchor of the published pages of the sample resolves."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

OUTSIDE = ("https:", "http:", "mailto:", "tel:", "data:")


@pytest.fixture(scope="session")
def read():
    """Each page as parsed, once."""
    known: dict[Path, BeautifulSoup] = {}

    def parsed(page: Path) -> BeautifulSoup:
        if page not in known:
            known[page] = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        return known[page]

    return parsed


def test_every_link_and_anchor_of_every_page_resolves(site, read):
    lost = []
    ids = cache(lambda page: {tag["id"] for tag in read(page).select("[id]")})
    for page in site.pages:
        for link in read(page).select("a[href], area[href]"):
            target = str(link["href"])
            if target.startswith(OUTSIDE):
                continue
            path, _, anchor = target.partition("#")
            found = (page.parent / unquote(path)).resolve() if path else page
            if not found.is_file():
                lost.append(f"{page.name}: {target}: there is no such file")
            elif anchor and found.suffix == ".html" and unquote(anchor) not in ids(found):
                lost.append(f"{page.name}: {target}: nothing has this id")
    assert lost == []


def test_no_id_stands_twice_on_a_page(site, read):
    for page in site.pages:
        twice = [one for one, times in Counter(tag["id"] for tag in read(page).select("[id]")).items() if times > 1]
        assert twice == [], page.name


def test_what_a_label_or_a_button_points_to_is_on_the_page(site, read):
    names = ("aria-labelledby", "aria-describedby", "popovertarget", "for")
    for page in site.pages:
        held = {tag["id"] for tag in read(page).select("[id]")}
        wanted = [word for name in names for tag in read(page).select(f"[{name}]") for word in str(tag[name]).split()]
        assert [one for one in wanted if one not in held] == [], page.name


def test_no_link_leads_out_of_the_site(site, read):
    for page in site.pages:
        for link in read(page).select("a[href]"):
            target = str(link["href"]).partition("#")[0]
            if target and not target.startswith(OUTSIDE):
                assert (page.parent / unquote(target)).resolve().is_relative_to(site.out.resolve()), (page.name, target)
