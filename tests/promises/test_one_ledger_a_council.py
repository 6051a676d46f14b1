"""One ledger a council says what is final: whatever site, checkout or pilot prints it, and whoever moves house."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from commissioning import ledger, states
from commissioning.errors import CannotWrite, DataRefused
from commissioning.runs import correcting, publication
from commissioning.seal import figures as final_figures
from commissioning.seal import home, memory_of

sys.path.insert(0, str(Path(__file__).parent))
from states_kit import AREA, GOAL, PILOT, Council  # noqa: E402

SECRET, OTHER = b"0123456789abcdef" * 2, b"fedcba9876543210" * 2


@pytest.fixture(scope="module")
def patch():
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.fixture(scope="module")
def signed(tmp_path_factory, patch):
    """A council with a site of which every figure is final, and whose data moved since."""
    council = Council(tmp_path_factory.mktemp("signed"), patch)
    assert council.run().exit_code == 0
    council.sign()
    council.kept = council.figure()
    council.bring(Alder=18)
    return council


@pytest.fixture
def moved(signed, tmp_path, monkeypatch):
    """The same council on another machine: another checkout, a copy of the site, and the ledger as a test leaves it."""
    signed.enter()
    folder = tmp_path / "ledger"
    shutil.copytree(signed.ledger, folder)
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(folder))
    shutil.copytree(signed.site, tmp_path / "site", symlinks=True)
    return folder, tmp_path / "site"


def test_a_final_figure_is_final_in_another_site_of_another_checkout_too(signed, tmp_path, monkeypatch):
    other = Council(tmp_path, monkeypatch, name="elsewhere", met=dict(signed.met))
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(signed.ledger))
    out = other.run()
    assert out.exit_code == 0
    assert {**other.figure(), "claim": ""} == {**signed.kept, "claim": ""}
    assert any("correction due" in one for one in out.lines)
    # What claims, effects and gates are worked out from is the data.
    results = pd.read_parquet(next(other.places().studies.glob("*/results.parquet")))
    area = results[(results["group_kind"] == "all") & (results["period"] == "2018-19")].set_index("measure")
    assert area.loc[GOAL, "numerator"] == sum(other.met.values()) * 4
    assert area.loc[GOAL, "numerator"] > other.figure()["numerator"] + 10


def test_a_final_figure_is_final_for_another_pilot_that_counts_the_same(signed):
    kept = final_figures.final(AREA)
    assert kept.figures
    assert not any("pilot" in one for one in kept.figures)
    assert kept.digest("a twin") == kept.digest(PILOT)


@pytest.mark.parametrize("what", ["secret", "ledger"])
def test_a_run_into_a_site_made_with_another_is_refused_and_told_how_to_move_house(signed, moved, what):
    folder, site = moved
    if what == "secret":
        (folder / "secret").write_bytes(OTHER)
    else:
        (folder / ledger.FILE).unlink()
        ledger.append(
            folder, lambda _: [ledger.Draft(kind="read", area=AREA, pilot=PILOT, says={"periods": ["2018-19"]})]
        )
    before = (site / "index.html").read_bytes()
    with pytest.raises(DataRefused) as refused:
        signed.run(site)
    assert f"the council's {what} is another than the one with which the site {site} was made" in str(refused.value)
    assert "To move house, copy the whole folder of the old ledger" in str(refused.value)
    assert str(folder) in str(refused.value)
    assert (site / "index.html").read_bytes() == before
    assert json.loads((site / "record.json").read_text())["outcome"] == "refused"


@pytest.mark.parametrize("what", ["secret", ledger.FILE])
def test_a_run_whose_secret_or_ledger_is_gone_is_refused(signed, moved, what):
    folder, site = moved
    (folder / what).unlink()
    with pytest.raises(DataRefused, match="is gone than|is gone"):
        signed.run(site)
    if what == ledger.FILE:
        assert not (folder / what).exists()  # nothing began anew


def test_signing_in_a_site_made_with_another_secret_is_refused(signed, moved):
    folder, site = moved
    (folder / "secret").write_bytes(OTHER)
    with pytest.raises(DataRefused, match="the council's secret is another"):
        signed.sign("analyst", site=site)


@pytest.mark.parametrize("option", ["reason", "by"])
def test_a_correction_that_would_put_somebody_in_the_extracts_on_a_page_is_refused(signed, capsys, option):
    signed.enter()
    person = pd.read_csv(next(signed.root.glob("data/*review*.csv")))["person_id"].iloc[0]
    text = {"reason": f"the review of {person} came late", "by": str(person)}[option]
    assert signed.correct(**{option: text}) == 2
    said = capsys.readouterr().err
    assert f"--{option} names somebody who is in the extracts" in said and str(person) not in said
    assert not final_figures.final(AREA).open


def test_publishing_from_a_site_made_with_another_ledger_or_secret_is_refused(signed, moved, tmp_path):
    folder, site = moved
    where, to = signed.places(site), tmp_path / "published"
    assert publication.candidates(where, to)
    (folder / "secret").write_bytes(OTHER)
    with pytest.raises(DataRefused, match="the council's secret is another"):
        publication.candidates(where, to)
    (folder / "secret").write_bytes(SECRET)
    (folder / ledger.FILE).unlink()
    with pytest.raises(DataRefused, match="is gone"):
        publication.candidates(where, to)
    assert not to.exists()


def test_a_ledger_that_moved_house_whole_is_known_again(signed, moved):
    _, site = moved  # another folder, the same lines and secret
    home.refuse_another(site, {AREA}, signed.home)
    assert home.mark(site, {AREA}, signed.home) is None


def test_the_site_carries_a_keyed_fingerprint_and_neither_the_secret_nor_where_the_ledger_lies(signed):
    text = (signed.site / home.MARK).read_text()
    assert set(json.loads(text)[AREA]) == {"ledger", "secret"}
    for told in (SECRET.decode(), SECRET.hex(), str(signed.ledger), ledger.read(signed.ledger).entries[0].hash):
        assert told not in text
    # Without the secret nobody can tell whether a ledger is the one: the same lines under another one give another print.
    first = home.fingerprint(AREA, signed.home)
    (signed.ledger / "secret").write_bytes(OTHER)
    other = home.fingerprint(AREA, signed.home)
    (signed.ledger / "secret").write_bytes(SECRET)
    assert not set(first.values()) & set(other.values())


def test_a_mark_that_cannot_be_read_is_not_taken_for_none(signed, moved):
    _, site = moved
    (site / home.MARK).write_text("{")
    with pytest.raises(DataRefused, match="cannot be read"):
        home.refuse_another(site, {AREA}, signed.home)


def test_a_site_made_before_there_was_a_secret_takes_the_first_one(signed, moved):
    folder, site = moved
    (folder / "secret").unlink()
    (site / home.MARK).unlink()
    (site / home.MARK).write_text(home.mark(site, {AREA}, signed.home))
    (folder / "secret").write_bytes(SECRET)
    home.refuse_another(site, {AREA}, signed.home)
    (folder / ledger.FILE).unlink()
    with pytest.raises(DataRefused, match="the council's ledger is gone"):
        home.refuse_another(site, {AREA}, signed.home)


def test_a_lost_ledger_is_told_in_a_new_site_too_by_a_checkout_that_used_it(signed, moved, tmp_path):
    folder, _ = moved
    ledger.remember(folder, memory_of(signed.home))
    (folder / ledger.FILE).unlink()
    with pytest.raises(DataRefused, match=r"no longer holds what it held .* bring .* back from its copy"):
        signed.run(tmp_path / "new site")
    assert not (folder / ledger.FILE).exists()


@pytest.mark.parametrize("kind", ["final", "correct"])
def test_a_line_that_says_what_is_final_and_was_altered_stops_the_run(signed, moved, kind):
    folder, site = moved
    final_figures.let_change(PILOT, AREA, "Dee", "a good reason")
    lines = (folder / ledger.FILE).read_text().splitlines()
    at = next(i for i, one in enumerate(lines) if json.loads(one)["kind"] == kind)
    lines[at] = lines[at].replace('"by": "', '"by": "Not ')
    (folder / ledger.FILE).write_text("\n".join(lines) + "\n")
    with pytest.raises(DataRefused, match=f"line {at + 1} of .* says which figures are final, and was altered"):
        signed.run(site)


def test_a_ledger_that_cannot_be_read_is_not_taken_for_an_empty_one(signed, moved):
    folder, _ = moved
    (folder / ledger.FILE).unlink()
    (folder / ledger.FILE).mkdir()
    with pytest.raises(DataRefused, match="says which figures are final; make it readable"):
        final_figures.final(AREA)


def test_a_correction_that_cannot_be_written_keeps_the_page_as_it_is(signed, moved, monkeypatch):
    folder, _ = moved
    made = final_figures.let_change(PILOT, AREA, "Dee", "a good reason")
    held = final_figures.final(AREA)
    prepared = {"digest": held.digest(PILOT, ["m"]), "measures": ["m"], "open": True, "told": []}

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(CannotWrite, match="No space left on device"):
        patch.setattr(ledger.os, "write", full)
        final_figures.changed(PILOT, AREA, prepared)
    assert final_figures.final(AREA).open[PILOT].hash == made.hash
    assert not ledger.read(folder).problem


def test_the_sample_needs_no_ledger(tmp_path, monkeypatch, signed):
    from commissioning.study import figure_states

    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path / "none"))
    page, run = figure_states.applied(None, signed.pilot()[PILOT], AREA, {}, ledger=False)[1:]
    assert (page["kept"], page["due"], run) == ([], [], {})
    assert correcting.lines(PILOT, run) == []
    assert not (tmp_path / "none").exists()


def test_a_final_figure_that_somebody_else_published_follows_its_publisher():
    from commissioning.disclosure import revisions
    from commissioning.disclosure.released import typed

    row = dict.fromkeys(states.KEY, "x") | {"period": "2018-19", "value": 3.1, "public": True, "kind": "published"}
    kept = revisions.frame_of([{**row, "value": 2.9, "state": "final", "hidden": False}])
    made, told = revisions.applied(typed(pd.DataFrame([row])), kept)
    assert made[["state", "value", "was"]].to_numpy().tolist() == [["corrected", 3.1, 2.9]]
    assert [one["corrected"] for one in told] == [True]
