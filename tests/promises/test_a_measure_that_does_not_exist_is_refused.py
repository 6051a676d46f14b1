"""A measure that a pilot file names and that does not exist is refused, wherever it is named, with the nearest name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from commissioning import cli
from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.study.pilot_measures import measures_of
from commissioning.study.prepare import prepare

ROOT = Path(__file__).resolve().parents[2]
AREA = "E08000015"
GOAL = "learning_disability_own_goal_met"


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the pilots of the project, and a ledger outside it."""
    root = tmp_path / "checkout"
    (root / "notebooks").mkdir(parents=True)
    shutil.copytree(ROOT / "pilots", root / "pilots", ignore=shutil.ignore_patterns("*.ipynb"))
    for made_up in (ROOT / "data" / "sample").glob(
        "*/agreed.toml"
    ):  # as a council would agree it, and as the sample has it
        for folder in (root / "pilots" / made_up.parent.name, root / "data" / "sample" / made_up.parent.name):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(made_up, folder / "agreed.toml")
    monkeypatch.chdir(root)
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path / "ledger"))
    return root


def edit(root: Path, old: str, new: str, name: str = "learning_disability") -> None:
    """Change a pilot's own file, or what was agreed for it, wherever it stands."""
    own = root / "pilots" / name
    files = [own / "pilot.toml", own / "agreed.toml", root / "data" / "sample" / name / "agreed.toml"]
    held = [path for path in files if path.is_file() and old in path.read_text(encoding="utf-8")]
    assert held, old
    for path in held:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def extracts(tmp_path):
    """A council's own reviews: a hundred of one year."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "sources.toml").write_text(f'[[source]]\nfiles = "*.csv"\npublisher = "A council"\narea = "{AREA}"\n')
    lines = (ROOT / "data/sample/learning_disability/reviews.csv").read_text(encoding="utf-8").splitlines()
    (data / "reviews.csv").write_text("\n".join(lines[:101]) + "\n", encoding="utf-8")
    return data


WRONG = "learning_disability_own_goal_mett"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (f'outcomes = [\n    "{GOAL}"', f'outcomes = [\n    "{WRONG}"', "design.outcomes"),
        (f'[[floors]]\nmeasure = "{GOAL}"', f'[[floors]]\nmeasure = "{WRONG}"', "floors"),
        ("[gates_for.learning_disability_goal_kept]", f"[gates_for.{WRONG}]", f"gates_for.{WRONG}"),
        (f'kind = "outcome"\nexpected = "4 more in each 100 reviews with a goal"\nmeasure = "{GOAL}"',
         f'kind = "outcome"\nexpected = "4 more in each 100 reviews with a goal"\nmeasure = "{WRONG}"', "benefits"),
        (f'{GOAL} = "met the main goal', f'{WRONG} = "met the main goal', f"easy_words.{WRONG}"),
        (f'[[contributions]]\noutcome = "{GOAL}"', f'[[contributions]]\noutcome = "{WRONG}"', "contributions"),
        (f'[corporate_plan]\n{GOAL} =', f'[corporate_plan]\n{WRONG} =', f"corporate_plan.{WRONG}"),
        ("[own_spend.learning_disability_weekly_cost]", f"[own_spend.{WRONG}]", f"own_spend.{WRONG}"),
        ('"learning_disability_ascof_1e", ', f'"{WRONG}", ', "published_measures"),
    ],
)  # fmt: skip
def test_a_measure_that_does_not_exist_is_refused_naming_the_near_one(checkout, old, new, place):
    edit(checkout, old, new)
    with pytest.raises(UsageError) as said:
        measures_of(pilots.load("learning_disability"))
    assert place in str(said.value) and f"did you mean {GOAL}?" in str(said.value) and ".toml" in str(said.value)


@pytest.mark.parametrize("file", ["pilots/{}/agreed.toml", "data/sample/{}/agreed.toml", "pilots/{}/pilot.toml"])
def test_the_file_that_says_it_is_named(checkout, file):
    said_in = file.format("learning_disability")
    for one in (
        checkout / "pilots/learning_disability/agreed.toml",
        checkout / "data/sample/learning_disability/agreed.toml",
    ):
        one.unlink() if one != checkout / said_in else None
    text = (checkout / said_in).read_text(encoding="utf-8")
    added = f'\n[[contributions]]\noutcome = "{WRONG}"\nservice = "x"\nby = "y"\nstyle = "enable"\nlevel = "service"\n'
    kept = text.partition("[[contributions]]")[0] if "[[contributions]]" in text else text
    (checkout / said_in).write_text(kept + added, encoding="utf-8")
    with pytest.raises(UsageError) as said:
        loaded = pilots.load("learning_disability", sample="sample" in file)
        measures_of(loaded)
    assert str(said.value).startswith(f"{said_in}, contributions: no measure is called '{WRONG}'")


def test_the_commands_refuse_it_too(checkout, extracts, capsys, tmp_path):
    edit(checkout, f'[[floors]]\nmeasure = "{GOAL}"', f'[[floors]]\nmeasure = "{WRONG}"')
    for words in (["seal", "learning_disability", "--by", "A"], ["check", "learning_disability", "--data", str(extracts)]):  # fmt: skip
        assert cli.main(words) == 2
        assert GOAL in capsys.readouterr().err
    with pytest.raises(UsageError, match=GOAL):
        prepare(pilots.load("learning_disability"), extracts, folder=tmp_path / "study")
