"""Signatures: every byte a reader sees is signed, versions are copies, what was signed stays, and a twin is no second person."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning import names
from commissioning.cli import main
from commissioning.errors import UsageError
from commissioning.presentation import signoff
from commissioning.runs import places, publish, signing

sys.path.insert(0, str(Path(__file__).parent))

from acts_kit import House, Quick, batch, importable_by_workers, notebook  # noqa: E402, F401

REPORT = "alpha-own"
PAGE = (
    "<html><head></head><body><h1>Own</h1><p>45 of 60</p><!--status:head--><!--/status-->"
    "<p>Run abc</p><!--status:table--><!--/status--></body></html>"
)
EASY = "<html><head></head><body><!--status:easy--><!--/status--><p>About 45 people</p></body></html>"


class Pages(Quick):
    """Hands over reports of four files each, as a real one has."""

    files = {"html": PAGE, "json": '{"figures": []}', "easy-read.html": EASY, "more.csv": "a,b\n1,2\n"}

    def send(self, name, message):
        super().send(name, message)
        if message["do"] != "report":
            return
        answer = self.take(name)
        task = message["task"]
        done = Path(task["done"])
        made = {f"{task['id']}.{kind}": text for kind, text in self.files.items()}
        for file, text in made.items():
            (done / file).write_text(text)
        answer["result"]["files"] = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in made.items()}
        self.answers.put((name, answer))


@pytest.fixture
def site(tmp_path):
    house = House(tmp_path / "house")
    house.write("own", notebook("pass"), pilot="alpha")
    assert batch(house, pool=Pages(), index=publish.INDEX).exit_code == 0
    return places.locate(house.root, house.data, house.out), house


def sign_all(where, report=REPORT):
    for role, name in (("analyst", "Ann Analyst"), ("assurer", "Ash Assurer"), ("approver", "Abi Approver")):
        signing.sign(where, report, role, name)


def served(where):
    return where.versions / str(publish.current_version(where.out))


def is_signed(folder, key=None):
    held = signoff.read(folder / f"{REPORT}.json", folder / f"{REPORT}.html", key=key)
    return signoff.is_signed_off(held)


def test_any_byte_of_any_file_of_a_report_unsigns_it(site, tmp_path):
    """Every byte is tried at a stride, so that each region is met: text, run line, blocks, markers, downloads, Easy Read."""
    where, _ = site
    sign_all(where)
    folder = tmp_path / "copy"
    shutil.copytree(served(where), folder)
    assert is_signed(folder)
    tried = 0
    for file in signoff.files_of(folder / f"{REPORT}.json"):
        file.chmod(0o644)
        whole = file.read_bytes()
        for place in range(0, len(whole), 1 if len(whole) < 40 else 7):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            try:
                still = is_signed(folder)
            except UsageError:
                still = False
            assert not still, (file.name, place)
            tried += 1
        file.write_bytes(whole)
    assert tried > 200 and is_signed(folder)


STATED = {
    "figures": [
        {"measure": "m", "period": "2018-19", "state": "provisional", "numerator": 45},
        {"measure": "m", "period": "2098-99", "state": "provisional", "numerator": 50},
    ],
    "illustrative": True,
    "states": {"closes_after_months": 3, "says": "Provisional: some.", "due": 0, "revisions": []},
}


class Stated(Pages):
    """Hands over reports whose figures have states, as those of real ones have."""

    files = {
        "html": PAGE.replace("<p>Run abc", signoff.states_block("Provisional: some.") + "<p>Run abc"),
        "json": signoff.as_text(STATED),
    }


@pytest.fixture
def stated(tmp_path):
    house = House(tmp_path / "house")
    house.write("own", notebook("pass"), pilot="alpha")
    assert batch(house, pool=Stated(), index=publish.INDEX).exit_code == 0
    return places.locate(house.root, house.data, house.out)


def test_the_last_signature_changes_states_and_undoes_no_other(stated):
    sign_all(stated)
    folder = served(stated)
    held = json.loads((folder / f"{REPORT}.json").read_text())
    assert [one["state"] for one in held["figures"]] == ["final", "provisional"]
    assert held["states"]["says"] in (folder / f"{REPORT}.html").read_text()
    assert "2098-99" in held["states"]["says"] and "some" not in held["states"]["says"]
    assert is_signed(folder)


def test_what_sign_off_itself_changes_nobody_else_can_change_afterwards(stated, tmp_path):
    sign_all(stated)
    folder = tmp_path / "copy"
    shutil.copytree(served(stated), folder)
    body, page = folder / f"{REPORT}.json", folder / f"{REPORT}.html"
    for file, old, new in (
        (body, '"state":"provisional"', '"state":"final"'),
        (body, '"state":"final"', '"state":"provisional"'),
        (body, "Provisional: the", "Final: the"),
        (body, '"numerator":45', '"numerator":46'),
        (body, ",", ", "),
        (page, "Provisional: the", "Final: the"),
        (page, "<!--status:states-->", "<!--status:states--> "),
    ):
        file.chmod(0o644)
        whole = file.read_text()
        assert old in whole, old
        file.write_text(whole.replace(old, new, 1))
        assert not is_signed(folder), (file.name, new)
        file.write_text(whole)
    assert is_signed(folder)


@pytest.mark.parametrize("what", ["a file more", "a file less", "another name in the block", "a status of its own"])
def test_a_file_put_beside_taken_away_or_a_name_changed_in_the_block_unsigns_it(site, tmp_path, what):
    where, _ = site
    sign_all(where)
    folder = tmp_path / "copy"
    shutil.copytree(served(where), folder)
    page = folder / f"{REPORT}.html"
    page.chmod(0o644)
    if what == "a file more":
        (folder / f"{REPORT}.extra.csv").write_text("1")
    elif what == "a file less":
        (folder / f"{REPORT}.more.csv").unlink()
    elif what == "another name in the block":
        page.write_text(page.read_text().replace("Abi Approver", "Abe Approver"))
    else:
        page.write_text(page.read_text().replace("<h1>", "<!--status:head-->Approved<!--/status--><h1>"))
    assert not is_signed(folder)


def test_a_signature_says_which_account_entered_it_whatever_the_environment_says(site, monkeypatch):
    where, _ = site
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    sign_all(where)
    kept = json.loads((served(where) / f"{REPORT}.signoff.json").read_text())["signatures"]
    assert {one["account"] for one in kept} == {names.account()}
    assert str(os.getuid()) in names.account() and "somebody-else" not in names.account()


def test_with_a_council_secret_a_signature_that_was_written_by_hand_does_not_count(site, tmp_path, monkeypatch):
    """Whoever may write the site can compute every hash; without the secret they cannot make the code over them."""
    where, house = site
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    (ledger / "secret").write_bytes(bytes(range(32)))
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(ledger))
    key = signing.key_of(house.root)
    assert key is not None
    sign_all(where)
    folder = tmp_path / "forged"
    shutil.copytree(served(where), folder)
    assert is_signed(folder, key)
    file = folder / f"{REPORT}.signoff.json"
    file.chmod(0o644)
    page = folder / f"{REPORT}.html"
    page.chmod(0o644)
    page.write_text(page.read_text().replace("Abi Approver", "Eve Outsider"))
    held = json.loads(file.read_text().replace("Abi Approver", "Eve Outsider"))
    held["shown"] = signoff._shown(folder / f"{REPORT}.json")
    for forged in (
        held,
        {**held, "code": ""},
        {k: v for k, v in held.items() if k != "code"},
        {**held, "code": signoff.code_of(held, b"x")},
    ):
        file.write_text(json.dumps(forged))
        assert is_signed(folder), "its hashes are all right"
        assert not is_signed(folder, key)
        assert not signing.is_genuine(file, key)


def test_a_run_does_not_carry_forged_signatures_on(site, tmp_path, monkeypatch):
    from commissioning.runs.making import Making

    where, house = site
    sign_all(where)  # before there was a secret
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    (ledger / "secret").write_bytes(bytes(32))
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(ledger))
    told = []
    real = Making.task
    monkeypatch.setattr(Making, "task", lambda *given, **more: told.append(real(*given, **more)) or told[-1])
    assert batch(house, pool=Pages(), force=True, index=publish.INDEX).exit_code == 0
    assert [one.signoff for one in told] == [None]


def test_no_two_versions_share_a_file(site):
    where, house = site
    sign_all(where)
    house.write("own", notebook("pass"), pilot="beta")
    assert batch(house, pool=Pages(), index=publish.INDEX).exit_code == 0
    inodes = [one.stat().st_ino for one in where.versions.rglob("*") if one.is_file()]
    assert len(list(where.versions.iterdir())) == 5 and len(inodes) == len(set(inodes))
    assert all(one.stat().st_nlink == 1 for one in where.versions.rglob("*") if one.is_file())


def test_signed_and_first_versions_outlive_every_later_one(site):
    where, house = site
    first = publish.current_version(where.out)
    signed = []
    for role, name in (("analyst", "Ann"), ("assurer", "Ash"), ("approver", "Abi")):
        signing.sign(where, REPORT, role, name)
        signed.append(publish.current_version(where.out))
    made = []
    for number in range(15):
        with (house.data / "people.csv").open("a") as more:
            more.write(f"{number + 3},yes\n")
        changed = type("Changed", (Pages,), {"files": {**Pages.files, "json": json.dumps({"figures": [number]})}})
        assert batch(house, pool=changed(), index=publish.INDEX, keep_versions=3).exit_code == 0
        made.append(publish.current_version(where.out))
    there = {one.name for one in where.versions.iterdir()}
    assert {first, *signed} <= there, "what was signed, and the first, stay"
    assert made[0] not in there and made[-1] in there, "of the rest the last few are kept"


# --- names ----------------------------------------------------------------------------------------------------

TWINS = [
    "Аnn Lee",  # Cyrillic А
    "Ann Lее",  # Cyrillic е
    "Αnn Lee",  # Greek Α
    "Ann Lеe",
    "Сас Аре",  # Cyrillic throughout
    "Annɑ Lee",  # a phonetic letter
    "ǀan Lee",  # a click
    "Ꭺnn",  # Cherokee
    "Ann Leе\u200b",
]  # fmt: skip
REAL = [
    "Siân O’Neill-Łuczak",
    "Zoë Nguyễn",
    "Ирина Петрова",
    "田中 さくら",
    "김철수",
    "محمد علي",
    "Our group",
    "A. N. Other (illustrative)",
]


@pytest.mark.parametrize("name", TWINS)
@pytest.mark.parametrize(
    "words",
    [
        ["sign-off", "x", "--role", "assurer", "--name", "{}"],
        ["seal", "vcf_funding", "--by", "{}"],
        ["publish", "--by", "{}"],
        ["setup", "--name", "{}", "--area", "E08000015", "--contact", "a", "--address", "b", "--telephone", "c"],
    ],
    ids=lambda one: one[0],
)
def test_a_name_of_mixed_or_look_alike_letters_is_refused_by_every_command(name, words, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_COUNCIL", str(tmp_path / "council.toml"))
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path / "ledger"))
    assert main([one.format(name) for one in words]) == 2
    told = capsys.readouterr().err
    assert "letter" in told and "--" in told and name.split()[0] not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", REAL)
def test_a_persons_own_name_is_taken_in_any_one_script(name):
    assert names.person("--by", name) == unicodedata.normalize("NFKC", name)


@pytest.mark.parametrize(
    "pair",
    [("Ann Lee", "ANN  LEE"), ("Bill Olson", "Bi11 0lson"), ("Al Iain", "AI lain"), ("Ann Lee", "Ann Lee\u202e")],
)
def test_names_that_look_alike_are_one_person(pair):
    assert names.compared(pair[0]) == names.compared(pair[1])


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12), st.data())
def test_no_latin_name_with_one_letter_of_another_script_passes(name, data):
    place = data.draw(st.integers(0, len(name) - 1))
    other = data.draw(st.sampled_from("авекмнорстухіјѕαβεικνορτυχաօսЖΩбאعकᎠ"))
    with pytest.raises(UsageError, match="--by"):
        names.person("--by", name[:place] + other + name[place + 1 :] + " Lee")
