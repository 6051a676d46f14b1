"""Whose words stand on a page follows from where its data came from: the council's own, or nobody's, and never another's.

Longer than 400 lines: one council is set up for all of them.
"""

from __future__ import annotations

import csv
import json
import shutil
import stat
import tomllib
from functools import partial
from pathlib import Path

import pytest

from commissioning import cli
from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.errors import DataRefused, UsageError
from commissioning.evidence import sources
from commissioning.reports import closing, easy_read, face
from commissioning.reports.stages import KINDS
from commissioning.runs import setting_up
from commissioning.study import parameters
from commissioning.study.prepare import open_sample, prepare
from commissioning.study.prepared import pilot_of

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"
NAMES = ("learning_disability", "vcf_funding")
ANSWERS = {
    "name": "Much Binding Borough Council",
    "area": "E06009901",
    "contact": "evidence@muchbinding.example",
    "address": "The Old Mill, Binding Lane, MB1 2CD",
    "telephone": "01999 555 0100",
}
TRAFFORD = "E08000009"


@pytest.fixture
def council(tmp_path, monkeypatch):
    """A council of its own, set up for this test alone."""
    monkeypatch.setenv(councils.PLACE, str(tmp_path / "set up" / "council.toml"))
    monkeypatch.setenv(councils.LEDGER, str(tmp_path / "ledger"))
    (tmp_path / "set up").mkdir()
    setting_up.set_up(ROOT, ANSWERS)
    return councils.load()


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    """A checkout that no council has set up."""
    monkeypatch.setenv(councils.PLACE, str(tmp_path / "none" / "council.toml"))


def few(name: str, folder: Path, every: int = 60, *, first: int = 1) -> Path:
    """Extracts of an invented council, with the shape of the sample's and none of its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for extract in {"learning_disability": ("people", "reviews", "packages"), "vcf_funding": ("supported", "returns")}[
        name
    ]:
        with (SAMPLE / name / f"{extract}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        with (folder / f"{extract}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([rows[0], *rows[first::every]])
    return folder


def sample_words() -> set[str]:
    """Every text that was made up for the sample and that the pilots' own files do not say."""
    kept: set[str] = set()
    for name in NAMES:
        own = set(texts(pilots.load(name, sample=False).model_dump(mode="json")))
        kept |= {
            one
            for one in texts(tomllib.loads((SAMPLE / name / pilots.AGREED_FILE).read_text(encoding="utf-8")))
            if one not in own
        }
    for record in (SAMPLE / "records").glob("*.json"):
        # A finding without a figure ("not known, because no estimate is held") is what any council is told.
        found = json.loads(record.read_text(encoding="utf-8")).get("findings", ())
        kept |= {one["sentence"] for one in found if any(letter.isdigit() for letter in one["sentence"])}
    scores = tomllib.loads((SAMPLE / "service_reviews.toml").read_text(encoding="utf-8"))
    kept |= {one for one in texts(scores) if one.startswith("Illustrative")}
    # A few words, such as "mixed" or "did not work", are anybody's; a name or a sentence is not.
    anybodys = " ".join(
        t for name in NAMES for t in texts(pilots.load(name, sample=False).model_dump(mode="json"))
    ).casefold()
    return {one for one in kept if (len(one.split()) > 3 or "@" in one) and one.casefold() not in anybodys} | {
        "Wirral",
        "E08000015",
        "wirral",
        "Wallasey",
    }


def texts(thing: object):
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for one in thing.values():
            yield from texts(one)
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from texts(one)


@pytest.fixture
def everything_said(opened, run_cell, monkeypatch):
    return partial(_everything_said, opened, run_cell, monkeypatch)


def _everything_said(opened, run_cell, monkeypatch, stage: str, name: str, folder: Path, data: Path) -> str:
    """Every record of every cell of a report, its JSON and its Easy Read page."""
    monkeypatch.setenv(parameters.STUDY, str(folder))
    monkeypatch.setenv(parameters.RESTRICTED, "1")
    notebook = {"pilot": ROOT / "pilots" / name / ("implications" if name == NAMES[0] else "funding")}.get(
        stage,
        ROOT
        / "notebooks"
        / {"analyse": "1_analyse", "plan": "2_plan", "do": "3_do", "review": "4_review"}.get(stage, stage),
    )
    notebook = notebook.with_suffix(".ipynb")
    space, cells = opened(notebook, **({"pilot": name} if stage in KINDS else {}), data=str(data))
    told = [json.dumps(one, ensure_ascii=False, default=str) for cell in cells for one in run_cell(cell, space)]
    told += [
        "".join(one["source"])
        for one in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        if one["cell_type"] == "markdown"
    ]
    report = face.stage_page(space.get("studies") or space["study"], stage)
    told.append(json.dumps(closing.as_json(report), ensure_ascii=False, default=str))
    if stage == "pilot":
        page = easy_read.make(report)
        assert not page.problems()
        told.append(page.render(organisation=report.pilot.organisation))
    return "\n".join(told)


SHORT = [("pilot", "vcf_funding"), ("analyse", "learning_disability")]
EVERY = [(stage, name) for name in NAMES for stage in ("pilot", "analyse", "plan", "do", "review", "cabinet_summary")]
EVERY.append(("service_reviews", "vcf_funding"))


@pytest.mark.parametrize(
    ("stage", "name"), [one if one in SHORT else pytest.param(*one, marks=pytest.mark.soak) for one in EVERY]
)
def test_no_word_of_the_sample_stands_on_any_page_of_a_councils_own_data(
    stage, name, council, tmp_path, everything_said
):
    data = few(name, tmp_path / "own")
    made = prepare(pilots.load(name), data, folder=tmp_path / "study")
    assert (made.area, made.sample, made.illustrative) == (council.area, False, False)
    said = everything_said(stage, name, made.path, data)
    assert len(said) > 10_000
    assert sorted(one for one in sample_words() if one in said) == []
    if stage == "pilot":
        assert council.name in said and "Binding Lane" in said and council.telephone in said


def test_the_sample_speaks_with_its_own_words_and_no_councils(council):
    opened = open_sample(pilots.load("vcf_funding"))
    voice = opened.voice
    assert opened.sample and opened.illustrative and voice.own and voice.organisation == "Wirral Council"
    assert ANSWERS["name"] not in json.dumps(opened.record)


def test_a_copy_of_the_sample_is_the_sample_and_a_changed_one_is_not(council, tmp_path):
    copied = tmp_path / "copy"
    (copied / "vcf_funding").mkdir(parents=True)
    shutil.copy(SAMPLE / "vcf_funding" / "returns.csv", copied / "vcf_funding")
    shutil.copy(SAMPLE / "sources.toml", copied)
    pilot = pilots.load("vcf_funding")
    whole = prepare(pilot, copied, area="E08000015", folder=tmp_path / "a")
    assert whole.sample and whole.voice.organisation == "Wirral Council"
    returns = copied / "vcf_funding" / "returns.csv"
    returns.write_text("\n".join(returns.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    changed = prepare(pilot, copied, area="E08000015", folder=tmp_path / "b")
    assert not changed.sample and changed.illustrative, "its sources.toml still says that it is made up"
    assert changed.voice.organisation == "Wirral (E08000015)", (
        "the area that sources.toml names, and nothing of the sample"
    )
    assert not pilot_of(changed).floors


def test_data_of_another_area_carry_its_official_name_and_no_address(council, tmp_path, everything_said):
    data = few("vcf_funding", tmp_path / "theirs")
    (data / "sources.toml").write_text(
        f'[[source]]\nfiles = "*"\npublisher = "Theirs"\narea = "{TRAFFORD}"\n', encoding="utf-8"
    )
    made = prepare(pilots.load("vcf_funding"), data, area=TRAFFORD, folder=tmp_path / "study")
    voice = made.voice
    assert (voice.organisation, voice.area_name) == (f"Trafford ({TRAFFORD})", "Trafford")
    assert (voice.contact, voice.reply_by_post, voice.reply_by_phone) == (councils.NOT_GIVEN, "", "")
    said = everything_said("pilot", "vcf_funding", made.path, data)
    assert "This booklet is about Trafford." in said
    assert "This booklet does not give an address, an email address or a phone number." in said
    assert not [one for one in (*sample_words(), *ANSWERS.values()) if one in said]


def test_an_area_that_no_list_knows_is_called_by_its_code(nobody):
    voice = councils.voice(pilots.load("vcf_funding"), area="E06009902", sample=False, council=None)
    assert voice.organisation == "The council with the code E06009902" and voice.area_name == "E06009902"


# --- a folder says whose extracts it holds


def test_a_folder_without_sources_is_the_councils_own_once_it_is_set_up(council, tmp_path):
    made = prepare(pilots.load("vcf_funding"), few("vcf_funding", tmp_path / "own"), folder=tmp_path / "study")
    assert made.area == council.area and set(made.record["publishers"].values()) == {council.name}


def test_without_sources_and_without_a_council_the_lines_to_write_are_said_and_then_work(nobody, tmp_path, capsys):
    data = few("vcf_funding", tmp_path / "own")
    for command in ("check", "run"):
        extra = ["--out", str(tmp_path / "site")] if command == "run" else []
        assert (
            cli.main([command, "vcf_funding", "--data", str(data), "--area", TRAFFORD, *extra]) == DataRefused.exit_code
        )
        told = capsys.readouterr().err
        assert "commissioning setup" in told and str(data / "sources.toml") in told
    lines = [one.removeprefix("commissioning: ") for one in told.splitlines()]
    (data / "sources.toml").write_text("\n".join(lines[lines.index("[[source]]") :]) + "\n", encoding="utf-8")
    assert sources.read(data).areas == (TRAFFORD,)
    assert cli.main(["check", "vcf_funding", "--data", str(data)]) == 0, (
        "the one area that is named is the area asked for"
    )


@pytest.mark.parametrize(
    "meant",
    [
        "source.toml",
        "Sources.toml",
        "sources.toml.txt",
        "sources.tml",
        "soruces.toml",
        "SOURCES.TXT",
        "returns/sources.toml",
    ],
)
@pytest.mark.parametrize("set_up", [True, False])
def test_a_file_that_was_meant_to_be_sources_toml_is_named(meant, set_up, tmp_path, monkeypatch, request):
    request.getfixturevalue("council" if set_up else "nobody")
    data = few("vcf_funding", tmp_path / "own", every=400)
    (data / meant).parent.mkdir(exist_ok=True)
    (data / meant).write_text('[[source]]\nfiles = "*"\narea = "E08000009"\n', encoding="utf-8")
    with pytest.raises(DataRefused, match=r"is not read: its name must be sources\.toml") as refused:
        prepare(pilots.load("vcf_funding"), data, folder=tmp_path / "study")
    assert meant in str(refused.value)


@pytest.mark.parametrize("beside", ["notes.txt", "resources list.csv", "sources.csv", "source.json", "README.md"])
def test_a_file_that_is_called_something_else_is_not_taken_for_it(beside, council, tmp_path):
    data = few("vcf_funding", tmp_path / "own", every=400)
    (data / beside).write_text("a,b\n1,2\n", encoding="utf-8")
    assert councils.owner(data, council) == council.source


def test_where_several_areas_are_named_and_none_is_asked_for_nothing_is_guessed(nobody, tmp_path, capsys):
    data = few("vcf_funding", tmp_path / "own", every=400)
    (data / "sources.toml").write_text(
        '[[source]]\nfiles = "returns*"\narea = "E08000009"\n[[source]]\nfiles = "*"\narea = "E08000003"\n',
        encoding="utf-8",
    )
    assert (
        cli.main(["run", "vcf_funding", "--data", str(data), "--out", str(tmp_path / "site")]) == UsageError.exit_code
    )
    assert "name its ONS code with --area" in capsys.readouterr().err
    with pytest.raises(UsageError, match="name its ONS code with --area"):
        prepare(pilots.load("vcf_funding"), data, folder=tmp_path / "study")


def test_only_the_committed_sample_needs_no_council(nobody):
    assert councils.owner(SAMPLE, None) is None
    assert councils.area_of(pilots.load("vcf_funding"), SAMPLE, None) == "E08000015"


# --- asked once


def lines_of(*answers: str):
    given = iter(answers)
    return lambda question: next(given)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(councils.PLACE, str(tmp_path / "council.toml"))
    monkeypatch.setenv(councils.LEDGER, str(tmp_path / "deep" / "ledger"))
    return tmp_path


def test_setup_asks_each_thing_once_and_again_where_an_answer_cannot_be_used(place):
    told = setting_up.set_up(
        ROOT, {}, ask=lines_of("Ünchester “City” Council", "E0600", "e06000060", "a@b", "1, \\ Street", "01 2", "", "")
    )
    assert councils.load() == councils.Council(
        name="Ünchester “City” Council", area="E06000060", contact="a@b", address="1, \\ Street", telephone="01 2",
        ledger=place / "deep" / "ledger",
    )  # fmt: skip
    assert any("E06000060 is Buckinghamshire" in one for one in told)
    assert stat.S_IMODE((place / "council.toml").stat().st_mode) == 0o644


def test_the_secret_is_the_accounts_alone_and_made_once(place):
    setting_up.set_up(ROOT, ANSWERS)
    secret = place / "deep" / "ledger" / "secret"
    assert len(secret.read_bytes()) == 32 and stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    held = secret.read_bytes()
    assert any("secret was kept" in one for one in setting_up.set_up(ROOT, {}))
    assert secret.read_bytes() == held


def test_a_secret_that_is_lost_or_another_is_said_and_never_made_anew(place):
    setting_up.set_up(ROOT, ANSWERS)
    secret = place / "deep" / "ledger" / "secret"
    held = secret.read_bytes()
    secret.unlink()
    with pytest.raises(UsageError, match="missing beside a ledger that had one: bring back the file"):
        setting_up.set_up(ROOT, {})
    assert not secret.exists()
    secret.write_bytes(bytes(32))
    with pytest.raises(UsageError, match="is not the one that was made here"):
        setting_up.set_up(ROOT, {})
    secret.write_bytes(held)
    assert any("secret was kept" in one for one in setting_up.set_up(ROOT, {}))


def test_a_ledger_that_holds_seals_and_no_secret_yet_gets_one_and_says_so(place):
    ledger = place / "deep" / "ledger"
    ledger.mkdir(parents=True)
    (ledger / "seals.jsonl").write_text("{}\n")
    assert any("was there without a secret" in one for one in setting_up.set_up(ROOT, ANSWERS))


def test_what_stands_there_is_changed_only_where_a_person_says_so(place):
    setting_up.set_up(ROOT, ANSWERS)
    with pytest.raises(
        UsageError, match="contact: evidence@muchbinding.example → other@b: give --yes|give --yes to change"
    ):
        setting_up.set_up(ROOT, {"contact": "other@b"})
    with pytest.raises(UsageError, match="nothing was changed"):
        setting_up.set_up(ROOT, {}, ask=lines_of(*["", "", "other@b"], *[""] * 4, "n"))
    assert councils.load().contact == ANSWERS["contact"]
    setting_up.set_up(ROOT, {}, ask=lines_of(*["", "", "other@b"], *[""] * 4, "y"))
    assert councils.load().contact == "other@b" and councils.load().name == ANSWERS["name"]
    setting_up.set_up(ROOT, {"contact": "third@b"}, yes=True)
    assert councils.load().contact == "third@b"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [("area", "Wirral", "no ONS code"), ("name", "Two\nlines", "cannot be printed"), ("name", "x" * 400, "is the most"),
     ("contact", "a\u202eb", "cannot be printed"), ("address", "   ", "is empty")],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_named(place, name, text, says):
    with pytest.raises(UsageError, match=says):
        setting_up.set_up(ROOT, {**ANSWERS, name: text})
    assert not (place / "council.toml").exists()


def test_unattended_setup_names_every_answer_that_it_lacks(place, capsys, monkeypatch):
    monkeypatch.setattr(setting_up, "terminal", lambda: None)
    assert cli.main(["setup", "--name", "N", "--area", "E06000060"]) == UsageError.exit_code
    assert "--contact … --address … --telephone …" in capsys.readouterr().err
    options = [word for name, text in ANSWERS.items() for word in (f"--{name}", text)]
    assert cli.main(["setup", *options]) == 0
    assert "council's secret was made" in capsys.readouterr().out
    assert councils.load().telephone == ANSWERS["telephone"]


@pytest.mark.parametrize(
    ("body", "says"),
    [(b'name = "x', "cannot be read"), (b"\xff\xfe", "cannot be read"), (b'name = "N"\n', "area, contact"),
     (b'nmae = "N"\n', "nmae is not a field"), (b'name="N"\narea="X"\ncontact="c"\naddress="a"\ntelephone="t"\n', "no ONS code")],
)  # fmt: skip
def test_a_council_file_that_cannot_be_used_is_refused_by_field(place, body, says):
    (place / "council.toml").write_bytes(body)
    with pytest.raises(UsageError, match=says) as refused:
        councils.load()
    assert str(refused.value).startswith("council.toml")


def test_a_pilot_file_that_names_no_area_is_its_councils_own():
    pilot = pilots.load("vcf_funding", sample=False)
    own = councils.load()
    assert pilot.area == ""
    for area, of in ((own.area, own.area), ("E06000060", own.area)):
        voice = councils.voice(pilot, area=area, sample=False, council=own)
        assert pilot.as_said_by(voice).area == of, "starts and cost centres written in it count for its own area alone"


SILENT = {
    "empty": ("", "says nothing"),
    "a comment alone": ("# nothing yet\n", "says nothing"),
    "an empty list": ("source = []\n", "says nothing"),
    "another case": ('[[source]]\nfiles = "PEOPLE.csv"\n', "“PEOPLE.csv” matches nothing"),
    "a folder that is not here": ('[[source]]\nfiles = "extracts/*"\n', "“extracts/*” matches nothing"),
    "two": ('[[source]]\nfiles = "a.csv"\n\n[[source]]\nfiles = "b/*"\n', "“a.csv” or “b/*” matches nothing"),
}


@pytest.mark.parametrize("case", SILENT)
@pytest.mark.parametrize("set_up", ["council", "nobody"])
def test_a_sources_file_that_says_whose_no_file_is_stops_the_run(case, set_up, tmp_path, request, capsys):
    request.getfixturevalue(set_up)
    data = few("learning_disability", tmp_path / "data", every=400)
    (data / "sources.toml").write_text(SILENT[case][0], encoding="utf-8")
    assert cli.main(["check", "learning_disability", "--data", str(data), "--area", TRAFFORD]) == 65
    told = capsys.readouterr().err
    assert "sources.toml" in told and SILENT[case][1] in told


def test_people_of_whom_no_source_says_whose_they_are_are_refused_by_file(nobody, tmp_path, capsys):
    data = few("learning_disability", tmp_path / "data", every=400)
    (data / "sources.toml").write_text(
        f'[[source]]\nfiles = "p*.csv"\narea = "{TRAFFORD}"\n\n[[source]]\nfiles = "reveiws.csv"\narea = "{TRAFFORD}"\n',
        encoding="utf-8",
    )
    assert cli.main(["check", "learning_disability", "--data", str(data), "--area", TRAFFORD]) == 65
    told = capsys.readouterr()
    assert "no [[source]] of sources.toml says whose" in told.err and "reviews.csv" in told.err
    assert "“reveiws.csv” matches nothing in the folder" in told.err
