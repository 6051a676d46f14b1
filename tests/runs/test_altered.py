"""A published report that somebody altered never vanishes without a word: the command, the site and signing say so."""

from __future__ import annotations

import pytest
from light import batch

from commissioning.errors import UsageError
from commissioning.runs import places, publish, signing

ALTERED, OTHER = "alpha-analyse", "beta-analyse"
REAL = {"index": "commissioning.runs.rendering:index"}
SAYS = "(Alpha, the latest period): altered since it was published. Run it again."


def text_of(house):
    return " ".join(house.index.replace("\n", " ").split())


@pytest.fixture
def where(house):
    return places.locate(house.root, house.data, house.out)


@pytest.fixture
def site(house, where):
    """A site of three reports, one of which was signed and then altered on the disk."""
    assert batch(house, **REAL).exit_code == 0
    signing.sign(where, ALTERED, "analyst", "Ann")
    path = where.versions / str(publish.current_version(house.out)) / f"{ALTERED}.json"
    path.chmod(0o644)
    path.write_text(path.read_text().replace("2", "3"))
    return house


def test_signing_another_report_names_the_altered_one_and_so_does_the_front_page(site, where):
    said = signing.sign(where, OTHER, "analyst", "Ann")
    assert f"{ALTERED}: was altered after it was published, and left out of the site; run it again" in said
    assert f"{ALTERED}.html" not in site.index and f"{OTHER}.html" in site.index
    assert SAYS in text_of(site)
    assert f"{ALTERED}: was altered" not in signing.sign(where, OTHER, "assurer", "Bob"), "it was said once"
    assert SAYS in text_of(site), "the front page goes on saying it"


def test_an_altered_report_cannot_be_signed_before_or_after_it_was_left_out(site, where):
    for _ in range(2):
        with pytest.raises(UsageError, match=f"{ALTERED}' was altered after it was published; run it again"):
            signing.sign(where, ALTERED, "assurer", "Bob")
        signing.sign(where, OTHER, "analyst", "Ann")


def test_a_run_makes_the_altered_report_again_and_names_it(site):
    outcome = batch(site, **REAL)
    assert outcome.exit_code == 0
    assert outcome.lines == (f"report {ALTERED}: was altered after it was published, and is made again",)
    assert "altered" not in site.index and f"{ALTERED}.html" in site.index


def test_a_run_of_other_reports_says_of_the_altered_one_that_it_is_left_out(site):
    outcome = batch(site, asked=("beta",), **REAL)
    assert [one.outcome for one in outcome.record.reports] == ["unchanged"]
    assert outcome.lines == (
        f"report {ALTERED}: was altered after it was published, and is left out of the site; run it again",
    )
    assert SAYS in text_of(site)
    again = batch(site, **REAL)
    assert again.lines == () and "altered" not in site.index
