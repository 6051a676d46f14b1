"""Nothing accepted, most rows set aside, or most rows of the last run gone: the run stops, says so, and keeps the site."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from commissioning.errors import DataRefused
from commissioning.presentation import easy_read, site
from commissioning.presentation.page import PageInfo
from commissioning.runs import record, rendering, soundness

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "runs"))

import light  # noqa: E402


def file(table: str, accepted: int, aside: int = 0, name: str = "", not_data: int = 0) -> dict:
    """One file of the intake's account."""
    return {
        "file": name or f"{table}.csv", "table": table, "status": "accepted", "rows_in": accepted + aside + not_data,
        "rows_accepted": accepted, "rows_quarantined": aside, "rows_not_data": not_data, "counted": accepted,
        "quarantine_codes": {"not a date": aside} if aside else {},
    }  # fmt: skip


@pytest.fixture
def house(tmp_path):
    """A light house of one pilot, and extracts as a test says."""
    made = light.House(tmp_path / "house")
    (made.root / "pilots" / "beta" / "pilot.toml").unlink()
    (made.root / "pilots" / "beta").rmdir()
    made.write("1_analyse", light.notebook("print(pilot)", stage="analyse"))
    return made


def hold(house, *files) -> None:
    (house.data / "held.json").write_text(json.dumps({"files": list(files)}))


class Pool(light.QuickPool):
    """Hands over finished reports, and keeps what their pages are told."""

    forced: list[str] = []  # where no page is made anew, none is told anything

    def send(self, name, message):
        if message["do"] == "report":
            self.forced = message["task"]["page"]["forced"]
        super().send(name, message)


def run(house, **options):
    return light.batch(house, pool=Pool(), **options)


# Exactly half gone or set aside still goes on; one row more stops.
STOPS = [
    ("most rows gone", [file("reviews", 10_315)], [file("reviews", 3)], "reviews: 3 rows, where the last run that held it had 10,315"),
    ("one more than half gone", [file("reviews", 20)], [file("reviews", 9)], "9 rows, where"),
    ("spread over two files", [file("reviews", 50, name="a.csv"), file("reviews", 50, name="b.csv")],
     [file("reviews", 20, name="a.csv")], "20 rows, where the last run that held it had 100"),
    ("one of several files", [file("reviews", 900, name="a.csv"), file("reviews", 100, name="b.csv")],
     [file("reviews", 900, name="a.csv"), file("reviews", 3, name="b.csv")], "3 rows in the file of reviews, where the last run had 100"),
    ("most rows set aside", [], [file("reviews", 40, 60)], "60 of 100 rows of reviews.csv were set aside (not a date)"),
    ("most of a small file set aside", [], [file("people", 90), file("starts", 1, 2)], "2 of 3 rows of starts.csv"),
    ("nothing accepted", [], [file("reviews", 0, 0, not_data=5)], "no row of any extract was accepted"),
    ("every row of every file set aside", [], [file("reviews", 0, 9), file("people", 0, 9)], "no row of any extract was accepted"),
    ("the whole table gone", [file("reviews", 90), file("people", 90)], [file("people", 90)], "is not in the extracts"),
]  # fmt: skip
GOES_ON = [
    ("half gone", [file("reviews", 20)], [file("reviews", 10)]),
    ("a few of a few", [file("starts", 6)], [file("starts", 2)]),
    ("half set aside", [], [file("reviews", 50, 50)]),
    ("more than before", [file("reviews", 10)], [file("reviews", 1_000)]),
    ("the same rows in other files", [file("reviews", 100, name="all.csv")],
     [file("reviews", 50, name="all.csv"), file("reviews", 50, name="more.csv")]),
    ("one file for two", [file("reviews", 50, name="a.csv"), file("reviews", 50, name="b.csv")], [file("reviews", 100, name="c.csv")]),
    ("rows that are declared no data", [], [file("payments", 10, 0, not_data=90)]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "now", "says"), [one[1:] for one in STOPS], ids=[one[0] for one in STOPS])
def test_rubbish_stops_the_run_with_65_and_keeps_the_site_and_force_goes_on(house, before, now, says):
    served = None
    if before:
        hold(house, *before)
        assert run(house).exit_code == 0
        served = house.published()
    hold(house, *now)
    with pytest.raises(DataRefused) as said:
        run(house)
    assert said.value.exit_code == 65 and says in str(said.value) and "--force" in str(said.value)
    assert house.record["outcome"] == "refused" and any(says in one for one in house.exact["refused"])
    assert house.record["refused"] == [record.REFUSED]
    if served:
        assert house.published() == served
    pool = Pool()
    outcome = light.batch(house, pool=pool, force=True)
    assert outcome.exit_code == 0 and pool.forced
    (held,) = house.exact["studies"]
    assert any(says in one for one in held["forced"]) and any("published with --force" in one for one in outcome.lines)


@pytest.mark.parametrize(("before", "now"), [one[1:] for one in GOES_ON], ids=[one[0] for one in GOES_ON])
def test_what_may_well_be_so_goes_on(house, before, now):
    if before:
        hold(house, *before)
        run(house)
    hold(house, *now)
    pool = Pool()
    assert light.batch(house, pool=pool).exit_code == 0 and pool.forced == []


def test_each_table_has_a_line_of_its_own(house):
    hold(house, file("reviews", 500), file("people", 400), file("starts", 22))
    run(house)
    hold(house, file("reviews", 5), file("people", 4), file("starts", 22))
    with pytest.raises(DataRefused) as said:
        run(house)
    lines = str(said.value).splitlines()
    assert len(lines) == 2 and "people" in lines[0] and "reviews" in lines[1]


def test_a_table_that_comes_back_is_held_against_the_last_run_that_held_it(house):
    hold(house, file("reviews", 500), file("people", 400))
    run(house)
    hold(house, file("people", 400))
    run(house, force=True)
    hold(house, file("reviews", 3), file("people", 400))
    with pytest.raises(DataRefused, match="3 rows, where the last run that held it had 500"):
        run(house)
    hold(house, file("reviews", 480), file("people", 400))
    assert run(house).exit_code == 0


def test_rows_are_held_against_the_last_run_whichever_folder_they_lie_in(house):
    hold(house, file("reviews", 500))
    run(house)
    house.data = house.data.rename(house.data.with_name("november"))
    hold(house, file("reviews", 500))
    run(house)
    house.data = house.data.rename(house.data.with_name("december"))
    hold(house, file("reviews", 3))
    with pytest.raises(DataRefused, match="3 rows, where"):
        run(house)


def test_areas_are_not_held_against_each_other(house):
    hold(house, file("reviews", 500))
    run(house, areas=("E08000015",))
    hold(house, file("reviews", 3))
    assert run(house, areas=("E08000003",)).exit_code == 0
    with pytest.raises(DataRefused):
        run(house, areas=("E08000015",))


def test_what_was_forced_once_is_the_measure_of_the_next_run_and_its_page_goes_on_saying_so(house):
    hold(house, file("reviews", 500))
    run(house)
    hold(house, file("reviews", 3))
    run(house, force=True)
    outcome = run(house)
    assert outcome.exit_code == 0 and house.record["studies"][0]["forced"]
    assert {one.outcome for one in outcome.record.reports} == {"unchanged"}
    hold(house, file("reviews", 4))
    pool = Pool()
    assert light.batch(house, pool=pool).exit_code == 0 and pool.forced == []


def test_the_record_keeps_the_rows_of_each_table(house):
    hold(house, file("reviews", 500, name="a.csv"), file("reviews", 20, name="b.csv"), file("people", 400))
    run(house)
    assert house.exact["studies"][0]["rows"] == {"reviews": 520, "people": 400}
    assert house.record["studies"][0]["rows"] == {}


def test_every_limit_has_its_reason():
    for limit in (soundness.SET_ASIDE, soundness.GONE):
        assert 0 < limit.share < 1 and len(limit.because.split()) > 8


def test_a_page_that_was_forced_says_so_before_its_title():
    from commissioning.presentation.exporter import template

    info = PageInfo(
        title="Review", pilot="P", stage="Review", period="2014-15", level="Whole area", area="Here", run="r", illustrative=False,
        organisation="A council", contact="a@b.example", code_version="0.1.0", data_fingerprint="f",
        forced=("Of reviews, most rows of the run before are not in this one.",),
    )  # fmt: skip
    html = template("report.html.j2").render(
        page=info,
        sections=(),
        answered=0,
        above="",
        above_follows=False,
        popovers="",
        status="",
        published="",
        css="",
        digest="",
    )
    assert html.index("although a check of the data said stop") < html.index("<h1>") and "Of reviews, most rows" in html


def test_easy_read_and_the_front_page_of_a_forced_run_say_so_before_anything_else(tmp_path):
    plain = site.index_page([{"id": "a", "title": "Review", "pilot": "p", "summary": {"forced": False}, "files": ()}])
    forced = site.index_page([{"id": "a", "title": "Review", "pilot": "p", "summary": {"forced": True}, "files": ()}])
    assert "although a check" not in plain
    assert 0 < forced.index("although a check of the data said stop") < forced.index("<h1>")
    page = f"<body>{easy_read.MAIN}\n<h1>Is it helping?</h1></main></body>"
    why = {"forced": ["most rows are gone"]}
    said = rendering.warned(why, "x.easy-read.html", page.encode()).decode()
    assert said.index("A check of the facts said stop") < said.index("<h1>")
    assert rendering.warned(why, "x.json", page.encode()).decode() == page
    assert rendering.warned({"forced": []}, "x.easy-read.html", page.encode()).decode() == page
    assert easy_read.MAIN in (Path(easy_read.__file__).parent / "templates" / "easy_read.html.j2").read_text()
