"""Issue 18, item 6: the account of files is for staff. A page shows plain names and round figures, and nothing that tells of one person.

The scan over every page, download and record of a run on files with words planted in names, headers, sheet titles and cells that are
set aside stands in `tests/leaks`, which runs everything once.
"""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from commissioning.disclosure.keys import SAMPLE_SECRET
from commissioning.errors import DataRefused
from commissioning.evidence import shown
from commissioning.evidence.intake import take_in
from commissioning.evidence.loaded import Finding
from commissioning.evidence.tables import CONTRACTS
from commissioning.pilot import load
from commissioning.presentation.sections import Reconciliation
from commissioning.study.open_tables import PUBLISHED, write_published
from commissioning.study.prepare import prepare

SECRET = b"a secret of the council's, outside its data"
TYPED = "Ottershawbury"
REVIEWS = "review_id,person_id,period,due_on,done_on,kind,ward,locality,provider,goal_in_own_words,goal_rewritten,goal_met,goal_baseline,goal_achieved,goal_set_by,goal_scored_by,goal_kept,home_chosen,leisure_chosen,control,answered_by"
ROW = "R{0},P{0},2014-15 Q1,30/06/2014,25/06/2014,annual,Ward 1,North,Provider A,yes,yes,yes,0,0,person,person,yes,yes,yes,{1},self"
MINE = '[[source]]\nfiles = "*"\npublisher = "The council"\narea = "E08000015"\n'


def reviews(rows: int, broken: int = 0, extra: str = "") -> str:
    head = REVIEWS + (f",{TYPED} remarks" if extra else "")
    lines = [ROW.format(i, "perhaps" if i < broken else "yes") + extra for i in range(rows)]
    return "\n".join([head, *lines]) + "\n"


def told(folder, secret=SECRET):
    """The exact account of a folder, and the one that pages show."""
    taken = take_in(folder)
    files = [{**one.as_json(), **one.account(), "counted": one.counted, "not_used": ""} for one in taken.files]
    notes = {one.file: one.loaded.notes for one in taken.files if one.loaded}
    hashes = {one.file: one.sha256 for one in taken.files}
    return files, hashes, shown.account(files, hashes, findings=taken.findings, notes=notes, secret=secret)


def put(folder, **files):
    folder.mkdir(exist_ok=True)
    (folder / "sources.toml").write_text(MINE)
    for name, text in files.items():
        (folder / f"{name.replace('_csv', '.csv')}").write_text(text)
    return folder


def test_a_page_shows_no_exact_row_no_pound_no_hash_and_no_word_that_was_typed_around_the_rows(tmp_path):
    put(tmp_path / "d", **{f"{TYPED}_csv": reviews(1_234, broken=17, extra=",x"), "list_csv": f"{TYPED},b\n1,2\n"})
    files, hashes, found = told(tmp_path / "d")
    said = json.dumps([found.files, found.hashes, found.findings, found.notes]) + Reconciliation(found.files).html
    assert TYPED in json.dumps(files) and {1_234, 1_217, 17} <= {
        v for one in files for v in one.values() if isinstance(v, int)
    }
    assert TYPED not in said and not re.search(r"1,?234|1,?217|\b17\b", said)
    assert not any(one in said for one in hashes.values())
    assert {one["file"] for one in found.files} == {"The file of reviews", "A file of no known table"}
    assert [one["pounds"] for one in found.files if one["people"]] == [None]


def test_a_file_that_is_public_keeps_its_name_its_hash_and_its_notes(tmp_path):
    folder = put(tmp_path / "d", open_csv="paid_on,payee,department,amount\n" + "01/04/2015,X,Adults,10.00\n" * 1_234)
    (folder / "sources.toml").write_text(MINE + "public = true\n")
    files, hashes, found = told(folder)
    (one,) = found.files
    assert (one["file"], one["rows"], one["pounds"]) == ("open.csv", 1_200, 12_000)
    assert found.hashes == hashes and found.notes


def test_of_people_nothing_is_public_whatever_sources_says():
    for table in sorted(one.table for one in CONTRACTS if one.persons):
        one = {
            "file": f"{TYPED}.csv",
            "table": table,
            "status": "accepted",
            "rows_in": 5,
            "rows_accepted": 5,
            "public": True,
            "pence_in": 1,
            "pence_accepted": 1,
        }
        found = shown.account([one], {f"{TYPED}.csv": "ab" * 32}, secret=SECRET)
        assert found.names[f"{TYPED}.csv"] == f"The file of {table.replace('_', ' ')}"
        assert (
            found.files[0]["pounds"] is None
            and found.files[0]["rows"] in (0, 100)
            and "ab" * 32 not in found.hashes.values()
        )


@pytest.mark.parametrize("change", ["one more", "one fewer", "one corrected", "one set aside"])
def test_one_record_moves_the_account_at_a_step_that_only_the_secret_tells(tmp_path, change):
    """Over fifty secrets the text moves as seldom as a step is wide; a corrected record moves it never."""
    rows, broken = {
        "one more": (1_001, 0),
        "one fewer": (999, 0),
        "one corrected": (1_000, 0),
        "one set aside": (1_000, 1),
    }[change]
    one, other = put(tmp_path / "a", r_csv=reviews(1_000)), put(tmp_path / "b", r_csv=reviews(rows, broken))
    if change == "one corrected":
        (other / "r.csv").write_text(
            reviews(1_000).replace(
                "R7,P7,2014-15 Q1,30/06/2014,25/06/2014,annual", "R7,P7,2014-15 Q1,30/06/2014,24/06/2014,annual"
            )
        )
    before, after = told(one)[0], told(other)[0]
    assert change == "one corrected" or before != after
    moved = 0
    for number in range(50):
        key = SECRET + bytes([number])
        texts = [Reconciliation(shown.account(files, {}, secret=key).files).html for files in (before, after)]
        moved += texts[0] != texts[1]
    assert moved == 0 if change in ("one corrected", "one set aside") else moved <= 4


def test_where_the_steps_lie_is_secret_and_on_average_they_are_true():
    keys = [SECRET + bytes([n, m]) for n in range(20) for m in range(20)]
    printed = [shown.about(1_050, key=key, of="rows reviews") for key in keys]
    assert set(printed) == {1_000, 1_100} and 1_040 < sum(printed) / len(printed) < 1_060
    assert shown.about(1_050, key=keys[0], of="a") == shown.about(1_050, key=keys[0], of="a")


def test_a_fingerprint_changes_with_the_file_and_is_found_by_no_search_without_the_secret():
    one, other = "ab" * 32, "cd" * 32
    assert shown.fingerprint(one, SECRET) == shown.fingerprint(one, SECRET) != shown.fingerprint(other, SECRET)
    assert shown.fingerprint(one, SECRET) not in (
        one,
        shown.fingerprint(one, b"another"),
        shown.fingerprint(one, SAMPLE_SECRET),
    )
    assert shown.fingerprint(one, b"") == ""


def test_without_a_secret_neither_rows_nor_fingerprints_of_people_are_shown(tmp_path):
    files, _, found = told(put(tmp_path / "d", r_csv=reviews(500)), secret=b"")
    assert found.files[0]["rows"] is None and set(found.hashes.values()) == {""}
    assert "not told" in Reconciliation(found.files).html


def test_a_finding_about_people_is_a_kind_and_no_figure():
    for code in (*shown.FINDINGS, "a code of tomorrow"):
        one = Finding(code=code, says=f"17 rows of {TYPED}.csv in column {TYPED}", table="reviews", file=f"{TYPED}.csv")
        (said,) = shown.account([], {}, findings=[one], secret=SECRET).findings
        assert TYPED not in said and not re.search(r"\d", said) and said.startswith("Reviews: ")


def test_why_a_file_was_left_aside_is_told_in_words_of_ours():
    for reason in (
        "no contract recognises it; the nearest is X",
        "its area is unknown: say",
        f"{TYPED}.csv: column {TYPED}",
    ):
        one = {"file": f"{TYPED}.csv", "table": None, "status": "left aside", "reason": reason}
        (found,) = shown.account([one], {}, secret=SECRET).files
        assert TYPED not in json.dumps(found) and "nearest" not in found["reason"] and found["reason"]


MIXED = '[[source]]\nfiles = "made*"\nillustrative = true\n' + MINE


@pytest.mark.parametrize(
    ("names", "sources", "says"),
    [
        (
            (f"made {TYPED}", TYPED),
            MIXED,
            "sample and real data are mixed: the file of reviews, 2 of 2 is illustrative",
        ),
        ((TYPED, f"{TYPED} 2"), MINE.replace("*", "none*"), "which holds a file of no known table, 1 of 2"),
    ],
    ids=["mixed", "no glob matches"],
)
def test_a_folder_that_is_refused_as_a_whole_is_refused_without_a_file_s_name_in_a_log(tmp_path, names, sources, says):
    """`check` is for whoever holds the files and names them; a run may end in a log."""
    put(tmp_path / "d", **{f"{name}_csv": reviews(3) for name in names})
    (tmp_path / "d" / "sources.toml").write_text(sources)
    with pytest.raises(DataRefused, match=TYPED):
        take_in(tmp_path / "d")
    with pytest.raises(DataRefused) as logged:
        take_in(tmp_path / "d", for_log=True)
    assert says in str(logged.value) and TYPED not in str(logged.value)


def test_a_run_on_a_mixed_folder_names_no_file(tmp_path):
    put(tmp_path / "d", **{f"made {TYPED}_csv": reviews(3), f"{TYPED}_csv": reviews(3)})
    (tmp_path / "d" / "sources.toml").write_text(MIXED)
    with pytest.raises(DataRefused, match="are mixed") as logged:
        prepare(load("learning_disability"), tmp_path / "d", area="E08000015", folder=tmp_path / "s")
    assert TYPED not in str(logged.value)


def test_a_refusal_in_a_log_names_a_plain_file_and_leads_to_check():
    one = {"file": f"{TYPED}.csv", "table": "reviews", "status": "refused", "reason": f"no column {TYPED}"}
    said = shown.refusal([one], f"{TYPED}.csv: no column {TYPED}")
    assert said == "The file of reviews is refused: `commissioning check` says why, by file, column and row"
    public = one | {"table": "payments", "public": True}
    assert shown.refusal([public], f"{TYPED}.csv: no column") == f"{TYPED}.csv: no column"


def test_rows_that_a_notebook_may_read_name_their_file_as_a_page_does(tmp_path):
    """So no notebook of a run needs the exact account, which tells the files' own names."""
    rows = pd.DataFrame({"unit": ["a", "b", "c"], "source_file": [f"{TYPED}.csv", "open.csv", None]})
    names = {f"{TYPED}.csv": "The file of starts", "open.csv": "open.csv"}
    write_published(tmp_path, {"starts": rows}, (), names)
    kept = pd.read_parquet(tmp_path / PUBLISHED / "starts.parquet")
    assert kept["source_file"].fillna("").tolist() == ["The file of starts", "open.csv", ""]
    assert rows["source_file"][0] == f"{TYPED}.csv", "what the study itself holds stays as it was"
