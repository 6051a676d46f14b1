"""What a reader sees before anything is scrolled: on a desk the answer and a picture, on a phone the title and the answer."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

REPORTS = re.compile(
    r"cabinet_summary|service_reviews|(?:learning_disability|vcf_funding)-(?!annex)[a-z_]+(?:-e[0-9]+)?"
)
DESK, PHONE = (1280, 900), (390, 844)
GOOD_PART = 0.6
"""How much of a picture must stand on the first screen: more than half, and its plot with it."""
PICTURES = """() => [...document.querySelectorAll('figure.chart')].filter(one => !one.closest('details')).map(one => {
  const img = [...one.querySelectorAll('img')].find(each => each.offsetHeight > 0);
  const box = each => { const b = each.getBoundingClientRect(); return {left: b.left, top: b.top, right: b.right, bottom: b.bottom}; };
  return img ? {id: one.id, img: box(img), title: box(one.querySelector('.headline')), scale: img.getBoundingClientRect().width / img.naturalWidth} : null;
}).filter(Boolean)"""


def reports(site):
    return {path.stem: path for path in site.pages if REPORTS.fullmatch(path.stem) and path.parent == site.version}


def seen(box, screen) -> float:
    """The share of a box's area that stands on the first screen."""
    width, height = box["right"] - box["left"], box["bottom"] - box["top"]
    across = max(0, min(box["right"], screen[0]) - max(box["left"], 0))
    down = max(0, min(box["bottom"], screen[1]) - max(box["top"], 0))
    return across * down / (width * height)


def test_the_first_screen_of_a_desk_holds_the_title_of_a_picture_and_a_good_part_of_its_plot_on_every_report(
    open_page, site
):
    found = reports(site)
    assert len(found) == 13
    poor = {}
    for name, path in found.items():
        pictures = open_page(path, *DESK).evaluate(PICTURES)
        held = [one for one in pictures if seen(one["title"], DESK) == 1 and seen(one["img"], DESK) >= GOOD_PART]
        if not held:
            poor[name] = [
                (one["id"], round(one["img"]["top"]), round(seen(one["img"], DESK), 2)) for one in pictures[:2]
            ]
    assert poor == {}


def test_the_picture_stands_beside_the_answer_and_covers_none_of_it_and_its_words_can_be_read(open_page, site):
    for name, path in reports(site).items():
        tab = open_page(path, *DESK)
        answer = tab.locator(".answers").first.bounding_box()
        picture = tab.locator(".beside figure.chart").first.bounding_box()
        assert answer["x"] + answer["width"] <= picture["x"], name
        assert abs(answer["y"] - picture["y"]) < 40, name
        scale = next(one["scale"] for one in tab.evaluate(PICTURES))
        assert scale * 15 >= 12, (name, scale)  # text in a picture is drawn at 15
        assert tab.evaluate("document.documentElement.scrollWidth") <= DESK[0], name


def test_the_first_screen_of_a_phone_holds_title_and_the_first_line_of_the_answer_on_every_report(open_page, site):
    late = {}
    for name, path in reports(site).items():
        tab = open_page(path, *PHONE)
        boxes = {
            one: tab.locator(one).first.bounding_box() for one in ("h1", ".answer-line .sentence", ".beside figure")
        }
        ends = {one: box["y"] + box["height"] for one, box in boxes.items()}
        assert boxes[".beside figure"]["y"] > ends[".answer-line .sentence"], name
        if not ends["h1"] < ends[".answer-line .sentence"] <= PHONE[1]:
            late[name] = ends
    assert late == {}


def test_a_section_whose_picture_went_to_the_head_of_the_page_says_where_it_is_and_leads_there(open_page, site):
    for name, path in reports(site).items():
        tab = open_page(path, *DESK)
        moved = tab.locator("p.no-paper", has_text="at the head of this page")
        assert moved.count() == 1, name
        for href in moved.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))"):
            assert tab.locator(f".beside {href}").count() == 1, (name, href)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("asked", "least"),
    [(("--area", "E08000033"), 5), (("--data", "data/sample_cld"), 5)],
    ids=["published figures alone", "Client Level Data"],
)
def test_on_other_files_too_each_report_shows_a_picture_or_the_theory_of_change_at_once(
    open_page, site_of, asked, least
):
    found = reports(site_of("learning_disability", *asked))
    assert len(found) >= least
    for name, path in found.items():
        tab = open_page(path, *DESK)
        held = [
            one
            for one in tab.evaluate(PICTURES)
            if seen(one["title"], DESK) == 1 and seen(one["img"], DESK) >= GOOD_PART
        ]
        chain = tab.locator("[id^=theory]").first
        stands = chain.count() and chain.bounding_box()["y"] < DESK[1]
        assert held or stands, name
