"""A folder of extracts: what is accepted, refused and left aside, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from evidence_kit import OWN, PACKAGES, SESSIONS, accepted, check, csv, package, pay, refused

from commissioning.errors import DataRefused
from commissioning.evidence.intake import take_in

WIRRAL, TRAFFORD = "E08000015", "E08000009"
JSON_KEYS = [
    "file", "table", "status", "reason", "unit", "rows_in", "rows_accepted", "rows_quarantined", "rows_not_data",
    "pence_in", "pence_accepted", "pence_quarantined", "pence_not_data", "quarantine", "quarantine_codes",
]  # fmt: skip


def said(folder: Path, **keys) -> None:
    lines = ["[[source]]"] + [f"{k} = {json.dumps(v)}" for k, v in keys.items()]
    (folder / "sources.toml").write_text("\n".join(lines) + "\n")


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def statuses(folder: Path, **keys) -> dict[str, str]:
    return {f.file: f.status for f in take_in(folder, **keys).files}


def test_the_json_has_the_promised_shape(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(2), "A,Adults,31/02/2024,1.00"]))
    assert list(entry) == JSON_KEYS
    assert entry["quarantine_codes"] == {"no such date": 1}
    assert list(entry["quarantine"][0]) == ["where", "column", "code", "reason"]
    json.dumps(entry)


def test_at_most_1000_items_are_listed_and_every_one_is_counted(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(1), *pay(1200, amount="x")]))
    assert len(entry["quarantine"]) == 1000
    assert entry["quarantine_codes"] == {"not an amount": 1200}


def test_files_are_recognised_under_any_name_in_any_folder(tmp_path):
    put(tmp_path, "a/b/Copy of FINAL (2).CSV", csv(OWN, pay(2)))
    put(tmp_path, "x.dat", csv(SESSIONS, ["2014-15 Q1,A,W,day centre,5"]))
    put(tmp_path, "noending", csv(PACKAGES, [package()]))
    assert set(statuses(tmp_path).values()) == {"accepted"}


def test_an_unknown_file_is_left_aside_with_the_nearest_contract(tmp_path):
    put(tmp_path, "ok.csv", csv(OWN, pay(2)))
    entry = check(tmp_path, "department,colour,height\nA,red,3\n", "odd.csv")
    assert entry["status"] == "left aside"
    assert "nearest" in entry["reason"]
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04junk")
    assert statuses(tmp_path)["photo.png"] == statuses(tmp_path)["letter.docx"] == "left aside"
    take_in(tmp_path).raise_if_refused()


def test_notes_settings_and_schemas_are_passed_over(tmp_path):
    put(tmp_path, "ok.csv", csv(OWN, pay(2)))
    for name in ("README.md", "x.toml", ".hidden.csv", "~$open.xlsx", "Thumbs.db"):
        put(tmp_path, name, "x")
    put(tmp_path, "my-schema.json", '{"$schema": "x"}')
    put(tmp_path, "other.json", '{"$schema": "x", "properties": {}}')
    assert statuses(tmp_path) == {"ok.csv": "accepted"}


def test_a_folder_where_nothing_is_recognised_is_refused(tmp_path):
    put(tmp_path, "odd.csv", "a,b\n1,2\n")
    with pytest.raises(DataRefused, match="nothing in") as caught:
        take_in(tmp_path).raise_if_refused()
    assert caught.value.exit_code == 65


def test_one_refused_file_refuses_the_folder_by_name(tmp_path):
    put(tmp_path, "ok.csv", csv(OWN, pay(2)))
    put(tmp_path, "bad.csv", "")
    put(tmp_path, "worse.csv", "")
    with pytest.raises(DataRefused, match=r"bad\.csv: .*empty file.*1 more"):
        take_in(tmp_path).raise_if_refused()


def test_files_of_another_pilot_are_left_aside(tmp_path):
    put(tmp_path, "pay.csv", csv(OWN, pay(2)))
    put(tmp_path, "s.csv", csv(SESSIONS, ["2014-15 Q1,A,W,day centre,5"]))
    taken = take_in(tmp_path, pilot="learning_disability", wanted_tables=["sessions"])
    record = taken.of("left aside")[0]
    assert record.file == "pay.csv" and "another pilot than learning_disability" in record.reason
    assert set(taken.tables) == {"sessions"}


def test_spend_of_an_unknown_or_another_area_is_never_counted(tmp_path):
    put(tmp_path, "pay.csv", csv(OWN, pay(2)))
    assert statuses(tmp_path) == {"pay.csv": "accepted"}
    record = take_in(tmp_path, area=WIRRAL).files[0]
    assert record.status == "left aside" and "unknown" in record.reason
    said(tmp_path, files="*.csv", area=TRAFFORD, publisher="Trafford Council")
    record = take_in(tmp_path, area=WIRRAL).files[0]
    assert record.status == "left aside" and TRAFFORD in record.reason
    assert statuses(tmp_path, area=TRAFFORD) == {"pay.csv": "accepted"}
    assert set(take_in(tmp_path).tables["payments"]["area"]) == {TRAFFORD}


def test_rows_of_another_area_are_left_out_and_said(tmp_path):
    rows = [r + f",{a}" for r, a in zip(pay(3), (WIRRAL, TRAFFORD, ""), strict=True)]
    put(tmp_path, "pay.csv", csv(OWN + ",area", rows))
    taken = take_in(tmp_path, area=WIRRAL)
    assert len(taken.tables["payments"]) == 1
    assert taken.files[0].counted == 1
    assert f"1 row of another area than {WIRRAL} (£10.00)" in taken.files[0].reason
    assert statuses(tmp_path, area="E08000021") == {"pay.csv": "left aside"}


def test_the_same_register_in_two_forms_is_counted_once_and_named(tmp_path):
    rows = [package(i) for i in range(5)]
    put(tmp_path, "a.csv", csv(PACKAGES, rows))
    put(tmp_path, "b.json", json.dumps([dict(zip(PACKAGES.split(","), r.split(","), strict=True)) for r in rows]))
    taken = take_in(tmp_path)
    assert [f.status for f in taken.files] == ["accepted", "accepted"]
    assert "5 records in a.csv too: counted once" in taken.files[1].reason
    assert len(taken.tables["packages"]) == 5


def test_two_copies_of_a_ledger_are_counted_once_and_named(tmp_path):
    put(tmp_path, "a.csv", csv(OWN, pay(5)))
    put(tmp_path, "b.csv", csv(OWN, pay(5)))
    put(tmp_path, "c.csv", csv(OWN, pay(5)[::-1]))
    taken = take_in(tmp_path)
    assert len(taken.tables["payments"]) == 5
    assert "byte for byte" in taken.files[1].reason
    assert "the same 5 rows as a.csv" in taken.files[2].reason


def test_ledgers_that_overlap_in_part_are_kept_and_the_overlap_is_a_finding(tmp_path):
    put(tmp_path, "a.csv", csv(OWN, pay(5)))
    put(tmp_path, "b.csv", csv(OWN, pay(8)))
    put(tmp_path, "c.csv", csv(OWN, pay(3, amount="99.00")))
    taken = take_in(tmp_path)
    assert len(taken.tables["payments"]) == 16
    assert [f.code for f in taken.findings] == ["rows in two files"]


def test_two_versions_of_one_record_in_two_files_are_refused(tmp_path):
    put(tmp_path, "a.csv", csv(PACKAGES, [package(1), package(2)]))
    put(tmp_path, "b.csv", csv(PACKAGES, [package(2, weekly_cost="7.00"), package(3)]))
    with pytest.raises(DataRefused, match="with other content"):
        take_in(tmp_path).raise_if_refused()


def test_persons_are_never_public(tmp_path):
    put(tmp_path, "p.csv", csv(PACKAGES, [package(1)]))
    said(tmp_path, files="*", public=True)
    refused(take_in(tmp_path).as_json()["files"][0], "its rows are people")


def test_sample_and_real_data_are_never_mixed(tmp_path):
    put(tmp_path, "a.csv", csv(OWN, pay(5)))
    said(tmp_path, files="a.csv", publisher="Illustrative Arts")
    assert not take_in(tmp_path).illustrative, "a publisher's name says nothing of it"
    said(tmp_path, files="a.csv", illustrative=True)
    assert take_in(tmp_path).illustrative
    put(tmp_path, "b.csv", csv(SESSIONS, ["2014-15 Q1,A,W,day centre,5"]))
    with pytest.raises(DataRefused, match="sample and real data are mixed"):
        take_in(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[source]]\nfiles = 'a'\nplublisher = 'x'\n", "unknown key “plublisher”"),
        ("other = 1\n", "unknown key “other”"),
        ("[[source]]\npublisher = 'x'\n", "has no files"),
        ("[[source]]\nfiles = 'a'\npublic = 'yes'\n", "public must be true or false"),
        ("[[source]]\nfiles = 1\n", "files must be text"),
        ("[[source]]\nfiles = 'a'\narea = 'Wirral'\n", "ONS code"),
        ("[source]\nfiles = 'a'\n", "two brackets"),
        ("[[source]\n", "not valid TOML"),
    ],
)
def test_a_wrong_sources_file_is_refused_by_table_and_key(tmp_path, text, says):
    put(tmp_path, "sources.toml", text)
    with pytest.raises(DataRefused, match="sources.toml") as caught:
        take_in(tmp_path)
    assert says in str(caught.value)


def test_the_first_source_that_matches_holds(tmp_path):
    put(tmp_path, "x/pay.csv", csv(OWN, pay(1)))
    put(
        tmp_path,
        "sources.toml",
        f"[[source]]\nfiles='x/p*'\narea='{WIRRAL}'\n[[source]]\nfiles='*'\narea='{TRAFFORD}'\n",
    )
    assert take_in(tmp_path).files[0].source.area == WIRRAL


def test_links_out_of_the_folder_and_broken_ones_are_refused(tmp_path):
    data = tmp_path / "data"
    put(data, "ok.csv", csv(OWN, pay(2)))
    put(tmp_path, "outside/pay.csv", csv(OWN, pay(2)))
    (data / "out.csv").symlink_to(tmp_path / "outside" / "pay.csv")
    (data / "outdir").symlink_to(tmp_path / "outside")
    (data / "broken.csv").symlink_to(tmp_path / "nothing")
    (data / "in.csv").symlink_to(data / "ok.csv")
    (data / "below").mkdir()
    (data / "again").symlink_to(data / "below")
    os.mkfifo(data / "pipe.csv")
    taken = take_in(data)
    assert {f.file for f in taken.of("refused")} == {"out.csv", "outdir", "broken.csv", "pipe.csv", "again"}
    assert len(taken.tables["payments"]) == 2


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    put(tmp_path, "a.csv", csv(OWN, pay(2)))
    for error, says in (
        (PermissionError(13, "denied"), "no permission"),
        (OSError(5, "Input/output error"), "Input"),
        (
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            "cannot be decoded",
        ),
    ):

        def broken(self, *args, error=error, **keys):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("commissioning.evidence.extract._hash", broken)
            refused(take_in(tmp_path).as_json()["files"][0], says)


@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"a\nb.csv"])
def test_a_file_whose_name_cannot_be_printed_is_refused_by_its_name_and_not_by_its_content(tmp_path, name):
    (tmp_path / os.fsdecode(name)).write_text(csv(OWN, pay(2)))
    refused(take_in(tmp_path).as_json()["files"][0], "its name holds characters that cannot be printed: rename it")


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    put(tmp_path, "a.csv", csv(OWN, pay(2)))
    from commissioning.evidence import extract

    real, calls = extract._hash, []

    def grows(path):
        calls.append(path)
        with path.open("a") as f:
            f.write("x\n")
        return real(path)

    monkeypatch.setattr(extract, "_hash", grows)
    refused(take_in(tmp_path).as_json()["files"][0], "changed between two reads")


def test_the_fingerprint_changes_with_bytes_area_and_source(tmp_path):
    put(tmp_path, "a.csv", csv(OWN, pay(2)))
    prints = [take_in(tmp_path).fingerprint, take_in(tmp_path).fingerprint, take_in(tmp_path, area=WIRRAL).fingerprint]
    put(tmp_path, "a.csv", csv(OWN, pay(3)))
    prints.append(take_in(tmp_path).fingerprint)
    said(tmp_path, files="*", area=WIRRAL)
    prints.append(take_in(tmp_path).fingerprint)
    assert prints[0] == prints[1] and len(set(prints)) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"a": 1,', "half-written"),
        ('[{"a": 1, "a": 2}]', "twice"),
        ('[{"a": NaN}]', "NaN"),
        ('[{"a" 1}, {"b": 2}]', "not valid JSON"),
        ("[" * 100_000, "nested"),
    ],
)
def test_json_that_breaks_the_standard_is_refused(tmp_path, text, says):
    refused(check(tmp_path, text, "a.json"), says)


def test_json_records_are_checked_like_rows(tmp_path):
    row = {"payee": "A", "department": "D", "paid_on": "13/04/2024", "amount": 1.10}
    entry = check(
        tmp_path, json.dumps([row, {**row, "amount": 12}, {**row, "payee": ["x"]}, {**row, "amount": True}]), "a.json"
    )
    accepted(entry, 2, 2)
    assert entry["pence_accepted"] == 1310
    assert [q["where"] for q in entry["quarantine"]] == ["[2]", "[3]"]


def test_progress_is_told_each_file(tmp_path):
    put(tmp_path, "a.csv", csv(OWN, pay(2)))
    seen = []
    take_in(tmp_path, progress=seen.append)
    assert seen == ["a.csv"]


def test_rows_and_pence_so_far_are_told_while_a_file_is_read_and_at_its_end(tmp_path):
    put(tmp_path, "a.csv", csv(OWN, [*pay(2), "A,Adults,no day,10.00"]))
    put(tmp_path, "b.json", json.dumps({"populations": {"wirral": 5}, "year": 2024}))
    told = []
    take_in(tmp_path, counted=lambda *so_far: told.append(so_far))
    assert told[-2:] == [("a.csv", 1.0, 3, 3_000), ("b.json", 1.0, 1, 0)]
    assert all(0 <= share <= 1 for _, share, _, _ in told)


@pytest.mark.real_data
def test_every_real_file_is_accepted_and_accounted_for(real_intake):
    taken = real_intake
    assert [f.file for f in taken.files if f.status != "accepted"] == ["grants/360g_cloudesley_invalid_fixture.xlsx"]
    assert [f.status for f in taken.files if f.status != "accepted"] == ["nothing accepted"]
    by = {f.file.rpartition("/")[2]: f.as_json() for f in taken.files}
    pence = by["spend_trafford_2024-25_learning_disability.csv"]
    assert (pence["rows_in"], pence["pence_in"]) == (21_515, 2_694_764_755)
    for name in ("360g_trafford_council_vcs_grants.csv", "360g_trafford_council_vcs_grants.json"):
        assert (by[name]["rows_accepted"], by[name]["pence_accepted"]) == (555, 129_143_654)
    assert "counted once" in by["360g_trafford_council_vcs_grants.json"]["reason"]


def test_the_sample_is_accepted_wholly():
    taken = take_in(Path(__file__).parents[2] / "data" / "sample")
    assert taken.illustrative
    for f in taken.files:
        if not f.file.startswith("records/"):
            assert f.status == "accepted" and f.loaded.rows_quarantined == 0, (f.file, f.reason)


def test_a_stage_record_beside_the_extracts_is_passed_over(tmp_path):
    import json

    from commissioning.evidence.intake import take_in

    (tmp_path / "starts.csv").write_text("unit_kind,unit,started\nward,Ashmoor,never\n", encoding="utf-8")
    record = {"schema_version": 1, "stage": "review", "pilot": "vcf_funding", "illustrative": True}
    (tmp_path / "vcf_funding.review.json").write_text(json.dumps(record), encoding="utf-8")
    assert [one.file for one in take_in(tmp_path).files] == ["starts.csv"]
