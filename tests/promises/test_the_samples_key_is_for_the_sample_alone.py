"""The sample is counted with a key that everybody has: no other row is, wherever somebody puts it."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path

import nbformat
import papermill
import pytest

from commissioning import cli, reports, sample_list
from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.errors import DataRefused
from commissioning.evidence.intake import FileRecord, Intake, walk
from commissioning.evidence.source import Source
from commissioning.evidence.spill import Tables
from commissioning.runs import scaffold
from commissioning.seal import home
from commissioning.study import parameters
from commissioning.study.fingerprint import copied_from_sample
from commissioning.study.prepare import prepare
from commissioning.study.secret import secret_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
PILOT = "learning_disability"
REFUSED = "these are not the sample's files"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the pilots and a sample of its own, so that a test may put files into it."""
    root = tmp_path / "checkout"
    for name in ("pilots", "notebooks", "data/sample"):
        shutil.copytree(ROOT / name, root / name)
    monkeypatch.chdir(root)
    return root


def own_rows(path: Path) -> None:
    """Rows in place of the sample's: the same people without the last."""
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


CHANGES = {
    "differs": lambda sample: own_rows(sample / PILOT / "people.csv"),
    "is not among them": lambda sample: shutil.copy(sample / PILOT / "people.csv", sample / PILOT / "ours.csv"),
    "no list": lambda sample: (sample / sample_list.LIST).unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_sample_that_holds_other_rows_is_refused_by_every_way_in(change, checkout, tmp_path, capsys):
    sample = checkout / "data" / "sample"
    CHANGES[change](sample)
    with pytest.raises(DataRefused, match=REFUSED) as refusal:
        prepare(pilots.load(PILOT), sample, folder=tmp_path / "study")
    assert "data/incoming" in str(refusal.value) and (change == "no list" or change in str(refusal.value))
    assert not (tmp_path / "study").exists()
    with pytest.raises(DataRefused, match=REFUSED):
        reports.open("analyse", pilot=PILOT)
    for words in (["run", PILOT], ["run", PILOT, "--data", "data/sample"], ["check", PILOT]):
        assert cli.main(words) == 65
        assert REFUSED in capsys.readouterr().err
    assert not (checkout / "reports").exists()


def test_what_is_read_is_held_to_the_list_though_it_stands_among_the_stage_records(checkout, tmp_path):
    sample = checkout / "data" / "sample"
    with (sample / PILOT / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = [row | {"person_id": f"Z{n:05d}"} for n, row in zip(range(40), csv.DictReader(file), strict=False)]
    (sample / "records" / "ours.json").write_text(json.dumps(rows))
    said = sample / "sources.toml"
    said.write_text(said.read_text(encoding="utf-8").replace(f'"{PILOT}/*"', '"*"'), encoding="utf-8")
    with pytest.raises(DataRefused, match=r"records/ours.json is not among them"):
        prepare(pilots.load(PILOT), sample, folder=tmp_path / "study")


def test_made_up_extracts_of_a_new_pilot_are_held_to_their_list(checkout, tmp_path):
    scaffold.make(checkout, "home_library")
    made_up = checkout / "pilots" / "home_library" / "sample"
    assert (made_up / sample_list.LIST).read_bytes() == sample_list.of_folder(made_up)
    pilots.refuse_own_in_sample(made_up)
    own_rows(made_up / "supported.csv")
    for words in (["run", "home_library"], ["run", "home_library", "--data", str(made_up)]):
        assert cli.main(words) == 65
    with pytest.raises(DataRefused, match="supported.csv differs"):
        reports.open("analyse", pilot="home_library")


def test_a_place_that_is_a_link_to_ones_own_folder_is_still_the_place(checkout, tmp_path):
    own = tmp_path / "ours"
    shutil.move(checkout / "data" / "sample", own)
    own_rows(own / PILOT / "people.csv")
    (checkout / "data" / "sample").symlink_to(own)
    for given in (own, checkout / "data" / "sample"):
        with pytest.raises(DataRefused, match=REFUSED):
            pilots.refuse_own_in_sample(given)


def test_the_committed_list_names_every_extract_of_the_sample_and_nothing_else():
    assert (SAMPLE / sample_list.LIST).read_bytes() == sample_list.of_folder(SAMPLE)
    extracts = {name for _, name in walk(SAMPLE) if not name.startswith("records/")}
    assert set(sample_list.listed(SAMPLE)) == extracts and len(extracts) == 18
    pilots.refuse_own_in_sample(SAMPLE)


def _intake(*hashes: str) -> Intake:
    files = tuple(
        FileRecord(file=f"{n}.csv", table="people", status="accepted", reason="", source=Source(), sha256=one)
        for n, one in enumerate(hashes)
    )
    return Intake(
        folder=SAMPLE, files=files, tables=Tables({}), notes=(), findings=(), fingerprint="", illustrative=False
    )


def test_only_files_that_the_list_names_are_a_copy_of_the_sample_and_no_files_are_none():
    pilot = pilots.load(PILOT)
    listed = sample_list.listed(SAMPLE)[f"{PILOT}/people.csv"]
    other = hashlib.sha256(b"ours").hexdigest()
    assert copied_from_sample(_intake(listed), pilot)
    assert not copied_from_sample(_intake(listed, other), pilot)
    assert not copied_from_sample(_intake(), pilot)


# --- the council's own secret


def few(folder: Path) -> Path:
    """A few of the sample's rows: people of some council, and no file of the sample."""
    folder.mkdir()
    for name in ("people", "reviews"):
        header, *rows = (SAMPLE / PILOT / f"{name}.csv").read_bytes().splitlines(keepends=True)
        (folder / f"{name}.csv").write_bytes(b"".join([header, *rows[1::60]]))
    return folder


def test_a_secret_that_this_account_may_not_read_is_said_and_not_taken_for_none(tmp_path, monkeypatch):
    monkeypatch.setenv(councils.LEDGER, str(tmp_path))
    (tmp_path / "secret").write_text("a secret")
    read = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", denied)
    for look in (secret_of, lambda area: home.fingerprint(area, ROOT)):
        with pytest.raises(
            DataRefused, match=r"cannot be read \(permission denied\): run under the account that set it up"
        ):
            look("E08000015")


OPENED = """
from commissioning import reports
report = reports.open("analyse", pilot="learning_disability", data={data!r})
"""


def test_under_papermill_people_are_not_counted_where_no_council_has_made_a_secret(tmp_path, monkeypatch):
    monkeypatch.setenv(councils.LEDGER, str(tmp_path / "empty"))
    monkeypatch.setenv(parameters.RESTRICTED, "1")
    data = few(tmp_path / "own")
    cells = [OPENED.format(data=str(data)), "report.outcomes_table()"]
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells]), tmp_path / "look.ipynb"
    )
    with pytest.raises(papermill.PapermillExecutionError, match="commissioning setup"):
        papermill.execute_notebook(
            tmp_path / "look.ipynb", tmp_path / "out.ipynb", kernel_name="python3", progress_bar=False, cwd=str(ROOT)
        )
    made = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    outputs = [one for cell in made["cells"] if cell["cell_type"] == "code" for one in cell.get("outputs", ())]
    assert [one["output_type"] for one in outputs] == ["error"] and outputs[0]["ename"] == "DataRefused"
