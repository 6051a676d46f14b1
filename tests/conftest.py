"""What several test processes share, made once a test session: above all one published run of the sample.

The first process to take the lock makes a thing, the others wait. Its folder is made anew for each test session.
Longer than other files: pytest reads what all folders share from here.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib.util
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest

# The same examples in every run, so that a test which passes here passes everywhere; `make soak` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.register_profile("searching", max_examples=300, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

ROOT = Path(__file__).resolve().parents[1]
# No test reads the council that whoever runs the tests has set up.
os.environ["COMMISSIONING_COUNCIL"] = str(ROOT / "tests" / "council.toml")
PATIENCE = 1_500  # seconds that one process waits for another's run


@dataclass(frozen=True, kw_only=True)
class Site:
    """A published site: its front page, and the pages of the version it serves."""

    out: Path
    version: Path
    record: dict[str, Any]

    @property
    def index(self) -> Path:
        return self.out / "index.html"

    def page(self, report: str) -> Path:
        return self.version / f"{report}.html"

    def report(self, report: str) -> dict[str, Any]:
        """The machine-readable result of a report."""
        found: dict[str, Any] = json.loads((self.version / f"{report}.json").read_text(encoding="utf-8"))
        return found

    @property
    def pages(self) -> tuple[Path, ...]:
        """Every page: reports, Easy Read pages and the front page."""
        return (self.index, *(one for one in sorted(self.version.glob("*.html")) if one.name != "index.html"))


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold a lock file; wait for whoever holds it. A lock that nobody has touched for long is taken over."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL)
            break
        except FileExistsError:
            if time.monotonic() > end:
                raise TimeoutError(f"another test process has held {lock.name} for {PATIENCE} seconds") from None
            time.sleep(0.5)
    try:
        yield
    finally:
        os.close(handle)
        lock.unlink()


def read(out: Path) -> Site:
    """The site that a run published in `out`."""
    record = json.loads((out / "record.json").read_text(encoding="utf-8"))
    return Site(out=out, version=out / "versions" / record["version"], record=record)


@pytest.fixture(scope="session", autouse=True)
def ledger_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test writes into the account's own ledger: each test process has one of its own."""
    folder = tmp_path_factory.mktemp("ledger")
    (folder / "secret").write_bytes(b"the secret of the tests' council")  # as `commissioning setup` makes one
    before = os.environ.get("COMMISSIONING_LEDGER")
    os.environ["COMMISSIONING_LEDGER"] = str(folder)
    yield folder
    if before is None:
        os.environ.pop("COMMISSIONING_LEDGER", None)
    else:
        os.environ["COMMISSIONING_LEDGER"] = before


@pytest.fixture(scope="session", autouse=True)
def review_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The checkout counts as reviewed as it stands, so that tests of own extracts run while somebody works on the library.

    Whether the committed record is up to date, and what is refused without one, tests ask with this taken away.
    """
    from commissioning import pilot as pilots
    from commissioning.runs import notebooks

    file = tmp_path_factory.mktemp("review") / "reviewed.toml"
    os.environ["COMMISSIONING_REVIEW"] = str(file)
    notebooks.record_review(ROOT, pilots.names(ROOT))
    yield file
    os.environ.pop("COMMISSIONING_REVIEW", None)


@pytest.fixture(autouse=True)
def nothing_tried_before() -> Iterator[None]:
    """A process that tried a setting or a measure makes no report afterwards: each test begins as a session of its own."""
    from commissioning.study import unagreed

    unagreed.found.clear()
    yield


@pytest.fixture(scope="session")
def demo() -> ModuleType:
    """The module that makes the demonstration notebook, with every kind of chart and table."""
    path = ROOT / "tests" / "presentation" / "demo_notebook.py"
    spec = importlib.util.spec_from_file_location("presentation_demo_notebook", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


Once = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """once(name, make) → a folder filled by `make(folder)`, by the first test process that asks; read it only."""
    root = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = root / name, root / f"{name}.made"
        with alone(root / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a try that failed
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def real_files_read_once(once: Once) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Within it the intake reads a file that it has read before, for another pilot or area, from what it found then.

    Reading the real public files takes nine seconds each time and gives the same; which of them a study takes is
    decided anew. `make soak` reads them through the command, and remembers nothing.
    """
    from commissioning.evidence import intake

    choose = intake.choose

    @dataclass(frozen=True)
    class Remembering:
        reader: Any

        @property
        def contract(self) -> Any:
            return self.reader.contract

        def read(self, got: Any, source: Any) -> Any:
            asked = f"{got.name} {got.sha256} {self.contract.title} {source}"
            made = once(
                f"read-{hashlib.sha256(asked.encode()).hexdigest()}",
                lambda folder: (folder / "loaded").write_bytes(pickle.dumps(self.reader.read(got, source))),
            )
            return pickle.loads((made / "loaded").read_bytes())  # noqa: S301 - this test session wrote it

    def chosen(seen: Any) -> Any:
        reader, match, nearest = choose(seen)
        return None if reader is None else Remembering(reader), match, nearest

    @contextlib.contextmanager
    def within() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(intake, "choose", chosen)
            yield

    return within


def publish(out: Path, *asked: str) -> None:
    """What `commissioning run` makes of what is asked, in `out`."""
    finished = subprocess.run(
        [sys.executable, "-m", "commissioning.cli", "run", *asked, "--out", str(out), "--workers", "2"],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert finished.returncode == 0, f"the run ended with {finished.returncode}:\n{finished.stderr[-3000:]}"


@pytest.fixture(scope="session")
def site_of(once: Once) -> Callable[..., Site]:
    """site_of("learning_disability", "--area", "E08000033") → the site of that run, made once for the whole test session."""

    def made(*asked: str) -> Site:
        name = re.sub(r"[^A-Za-z0-9]+", "-", " ".join(asked))
        return read(once(f"site {name}", lambda folder: publish(folder / "site", *asked)) / "site")

    return made


def publish_sample(folder: Path) -> None:
    """The sample, run and published in `folder`/site; `folder`/shown.json: what each cell of its notebooks showed, by its place."""
    out = folder / "site"
    publish(out)
    from commissioning.runs import places

    made = places.locate(ROOT, ROOT / "data" / "sample", out)
    shown = {place: one for path in sorted(made.executed.glob("*.ipynb")) for place, one in shown_in(path)}
    (folder / "shown.json").write_text(json.dumps(shown), encoding="utf-8")
    shutil.rmtree(made.state, ignore_errors=True)


def shown_in(executed: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every display of an executed notebook: the pilot ("all" across pilots), notebook, place and id; its record."""
    from commissioning.presentation.display import MIME

    pilot, _, notebook = executed.stem.partition("-")
    where = f"{pilot} {notebook}" if notebook else f"all {pilot}"
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", ()) if MIME in output.get("data", {})]
    for number, output in enumerate(outputs):
        record = output["data"][MIME]
        yield f"{where} {number} {record.get('id', record['kind'])}", record


@pytest.fixture(scope="session")
def site(once: Once) -> Site:
    """The sample, run and published once for the whole test session: both pilots, every stage, the front page.

    Read it only: a test that signs or runs again copies it first. `COMMISSIONING_TEST_SITE` names a site made before,
    for whoever mends a page and would not wait for a run each time.
    """
    if os.environ.get("COMMISSIONING_TEST_SITE"):
        return read(Path(os.environ["COMMISSIONING_TEST_SITE"]))
    return read(once("sample", publish_sample) / "site")


# Folders whose tests run the whole workbench, by which of two test processes begins with them. Left to the alphabet, they come last
# and one process waits for the other.
LONG = (("leaks", "faults", "browser"), ("real", "docs", "runs"))


# What `make quick` leaves out: tests that ask for one of these, and those whose names begin with a line of slow.txt.
SLOW_TO_MAKE = frozenset(("site", "every_display", "displays_of", "shown_by", "real", "ran", "story"))
SLOW = tuple((ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").split("\n"))
BEGAN: list[float] = []  # when each test of this process began


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--within", type=float, help="seconds after which no further test begins; for `make quick`")


def pytest_runtest_setup(item: pytest.Item) -> None:
    within = item.config.getoption("--within")
    BEGAN.append(time.monotonic())
    if within and BEGAN[-1] - BEGAN[0] > within:
        pytest.skip(f"{within:.0f} seconds are over: the rest is for `make test`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each test process begins with long tests and ends with short ones, which can be shared out to the last second."""
    slow = tuple(one for one in SLOW if one and not one.startswith("#"))
    for item in items:
        if item.nodeid.startswith(slow) or SLOW_TO_MAKE & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    folders = {item: item.path.relative_to(ROOT).parts[1] if item.path.is_relative_to(ROOT) else "" for item in items}
    first, second = ([item for one in own for item in items if folders[item] == one] for own in LONG)
    short = [item for item in items if not any(folders[item] in own for own in LONG)]
    long = {item.path for item in short if item.get_closest_marker("slow")}
    short.sort(key=lambda item: item.path not in long)  # files with slow tests first, each file together
    middle = max(0, min(len(short), len(items) // 2 - len(first)))
    items[:] = [*first, *short[:middle], *second, *short[middle:]]


# --- what the cells of a notebook show ------------------------------------------------------------------------


def cells_of(notebook: Path) -> list[str]:
    code = [one for one in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if one["cell_type"] == "code"]
    return ["".join(one["source"]) for one in code]


def last_value(cell: str, space: dict[str, Any]) -> Any:
    """Run a cell; return what its last line gives, as a notebook shows it."""
    *before, last = ast.parse(cell).body
    if not isinstance(last, ast.Expr):
        exec(cell, space)  # noqa: S102 - the cells are the project's own
        return None
    exec(compile(ast.Module(before, []), "cell", "exec"), space)  # noqa: S102
    return eval(compile(ast.Expression(last.value), "cell", "eval"), space)


def displays(value: Any) -> list[Any]:
    """The display objects that a notebook would show of a cell's last value, told to its page as Jupyter would have it told."""
    if hasattr(value, "displays"):
        value.page.note(value)
        return list(value.displays)
    return [value] if getattr(value, "record", None) is not None else []


@pytest.fixture
def run_cell(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, dict[str, Any]], list[dict[str, Any]]]:
    """run_cell(cell, space) → the record of everything that a cell of a notebook shows, in order."""
    found: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda *shown, **_: found.extend(shown))

    def run(cell: str, space: dict[str, Any]) -> list[dict[str, Any]]:
        found.clear()
        found.extend(displays(last_value(cell, space)))
        return [one.record for one in found]

    return run


@pytest.fixture
def opened(run_cell: Callable[..., Any]) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """opened(notebook, pilot=…, …) → what a notebook holds once its study is open, and the cells that follow."""

    def run(notebook: Path, **given: str) -> tuple[dict[str, Any], list[str]]:
        space: dict[str, Any] = {}
        parameters, opening, *others = cells_of(notebook)
        run_cell(parameters, space)
        space |= given
        run_cell(opening, space)
        return space, others

    return run


Shown = dict[str, str]


_ESTIMATED: dict[tuple[str, ...], Any] = {}


def remembered(estimate: Callable[..., Any]) -> Callable[..., Any]:
    """The same estimates of the same study, pilot and question, worked out once in a test process."""

    def of(study: Any, pilot: Any, **given: Any) -> Any:
        asked = (str(study.path), repr(pilot), repr({k: v for k, v in sorted(given.items()) if k != "cache"}))
        if asked not in _ESTIMATED:
            _ESTIMATED[asked] = estimate(study, pilot, **given)
        return _ESTIMATED[asked]

    return of


@pytest.fixture
def worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from commissioning.study import estimates

    monkeypatch.setattr(estimates, "estimate", remembered(estimates.estimate))


@pytest.fixture
def shown_by(worked_out_once: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Shown]:
    """shown_by(notebook, pilot=…, …) → what each cell showed, as its text: {"number last line of the cell": text}.

    The cells run one by one in this process; a cell that raises fails the test by its number.
    """
    from commissioning.study import estimates

    monkeypatch.setattr(estimates, "DRAWS", 20)  # a card's figures do not matter here
    out = tmp_path / "out"
    out.mkdir()
    for name, value in (("OUT", str(out)), ("REPORT", "report"), ("NONCE", "said")):
        monkeypatch.setenv(f"COMMISSIONING_{name}", value)

    def run(notebook: Path, **given: str) -> Shown:
        space: dict[str, Any] = {}
        found: Shown = {}
        for number, cell in enumerate(cells_of(notebook), 1):
            try:
                value = last_value(cell, space)
            except Exception as fault:
                raise AssertionError(f"{notebook.name}, cell {number}: {cell!r}: {fault}") from fault
            if number == 1:
                space |= given
            if shown := displays(value):
                found[f"{number} {cell.splitlines()[-1]}"] = "\n\n".join(map(repr, shown))
        return found

    return run


Displays = list[dict[str, Any]]


@pytest.fixture(scope="session")
def displays_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Displays]:
    """displays_of(notebook, studies=(…), pilot=…, …) → the record of everything that its cells show, in order.

    `only`: how the cells begin that are run after the study is open; all where nothing is given.
    `studies`: folders of prepared studies to read in place of the sample, as `commissioning run` hands them over.
    """
    from commissioning.study import estimates

    def run(notebook: Path, *, studies: tuple[Path, ...] = (), only: tuple[str, ...] = (), **given: str) -> Displays:
        found: list[Any] = []
        space: dict[str, Any] = {}
        names = {"OUT": str(tmp_path_factory.mktemp("displays")), "REPORT": "report", "NONCE": "said"}
        if studies:
            names["STUDY"] = os.pathsep.join(map(str, studies))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(estimates, "DRAWS", 20)
            patch.setattr(estimates, "estimate", remembered(estimates.estimate))
            patch.setattr("IPython.display.display", lambda *shown, **_: found.extend(shown))
            patch.delenv("COMMISSIONING_STUDY", raising=False)
            for name, value in names.items():
                patch.setenv(f"COMMISSIONING_{name}", value)
            for number, cell in enumerate(cells_of(notebook), 1):
                if number > 2 and only and not cell.startswith(only):
                    continue
                found.extend(displays(last_value(cell, space)))
                if number == 1:
                    space |= given
        return [{"kind": one.kind, **one.record} for one in found]

    return run


@pytest.fixture(scope="session")
def every_display(once: Once) -> Callable[[], dict[str, dict[str, Any]]]:
    """every_display() → the record of every display of the sample's run, by its place: each notebook of both pilots."""

    def made() -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads((once("sample", publish_sample) / "shown.json").read_text())
        return found

    return made
