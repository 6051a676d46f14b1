"""A light house for tests of the runner: small pilots, notebooks that import nothing heavy, a study of two files.

The doubles stand for the rooms above evidence only; everything of the runner is the real thing.
As a program, `python tests/runs/light.py HOUSE [OPTION…]` runs a batch of that house.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from commissioning.pilot.agreed import Dates

HERE = Path(__file__).resolve()
CLOSE = """
import json, os, pathlib
out = pathlib.Path(os.environ['COMMISSIONING_OUT'])
name = os.environ['COMMISSIONING_REPORT']
study = pathlib.Path(os.environ['COMMISSIONING_STUDY'].split(os.pathsep)[0])
figures = [json.loads((study / 'tables.json').read_text())['rows']]
(out / f'{name}.json').write_text(json.dumps({'figures': figures, 'declared': DECLARED, **EXTRA}))
if stage:
    (out / f'{pilot}.{stage}.json').write_text(json.dumps({'stage': stage, 'period': period, 'rows': figures}))
(out / 'sentinel').write_text(os.environ['COMMISSIONING_NONCE'])
"""


def notebook(
    *cells: str, stage: str = "", declared: str = "{}", extra: str = "{}", close: bool = True
) -> dict[str, Any]:
    """A notebook with a parameters cell, the cells given, and a last cell that closes the report."""
    first = 'pilot: str = "alpha"\nperiod: str = "latest"\narea: str = ""\nlevel: str = ""\nnote: str = ""'
    sources = [f"stage = {stage!r}", *cells]
    if close:
        sources.append(f"DECLARED = {declared}\nEXTRA = {extra}" + CLOSE)
    made = [_markdown("# A light report"), {**_code(first), "metadata": {"tags": ["parameters"]}}]
    for number, source in enumerate(sources):
        made += [_markdown(f"## Part {number}"), _code(source)]
    for number, one in enumerate(made):
        one["id"] = f"cell-{number}"
    return {
        "cells": made,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


class House:
    """A checkout in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.data = root / "data" / "sample"
        self.out = root / "reports"
        self.data.mkdir(parents=True)
        (root / "notebooks").mkdir()
        (self.data / "people.csv").write_text("id,outcome\n1,yes\n2,no\n")
        for name in ("", "reports", "presentation"):  # the code that reports reach: somebody may edit the real one
            (root / "code" / name).mkdir(parents=True)
            (root / "code" / name / "__init__.py").write_text(f'"""A stand-in for {name or "the package"}."""\n')
        for name in ("alpha", "beta"):
            (root / "pilots" / name).mkdir(parents=True)
            (root / "pilots" / name / "pilot.toml").write_text(f'title = "{name.title()} pilot"\n')

    def write(self, name: str, made: dict[str, Any], *, pilot: str = "") -> Path:
        """Put a notebook in the house: shared, or of one pilot."""
        folder = self.root / "pilots" / pilot if pilot else self.root / "notebooks"
        path = folder / f"{name}.ipynb"
        path.write_text(json.dumps(made))
        return path

    @property
    def pilots(self) -> dict[str, Any]:
        return {
            folder.name: SimpleNamespace(
                dates=Dates(),
                name=folder.name,
                title=folder.name.title(),
                area="E08000015",
                levels=("locality",),
                organisation="A council",
                contact="someone@example.org",
                tables=("people",),
            )
            for folder in sorted((self.root / "pilots").iterdir())
        }

    @property
    def index(self) -> str:
        return (self.out / "index.html").read_text()

    @property
    def record(self) -> dict[str, Any]:
        return json.loads((self.out / "record.json").read_text())

    def published(self) -> dict[str, bytes]:
        """Every file of the served version, and the index."""
        from commissioning.runs.publish import current_version

        version = current_version(self.out)
        assert version is not None
        found = {one.name: one.read_bytes() for one in (self.out / "versions" / version).iterdir() if one.is_file()}
        return {**found, "/index.html": (self.out / "index.html").read_bytes()}

    @property
    def exact(self) -> dict[str, Any]:
        """The exact record of the last run, which the staff have."""
        return json.loads((self.state / "records" / f"{self.record['run']}.json").read_text())

    @property
    def state(self) -> Path:
        runs = self.root / "data" / "results" / "runs"
        return next(iter(runs.glob("*")), runs / "none-yet")


def prepare(pilot: str, area: str, data: str, folder: str, history: str) -> dict[str, Any]:
    """A study double: the extract that belongs to the pilot (`people.csv`, or `<pilot>.csv` if there is one)."""
    from commissioning.errors import DataRefused
    from commissioning.runs.studies import describe

    own = Path(data) / f"{pilot}.csv"
    source = own if own.is_file() else Path(data) / "people.csv"
    if not source.is_file() or not source.read_text().endswith("\n"):
        raise DataRefused(f"{source.name}: half-written or missing; send it again")
    text = source.read_text()
    target = Path(folder)
    (target / "tables.json").write_text(json.dumps({"rows": len(text.splitlines()) - 1}))
    (target / "released.json").write_text(json.dumps({"rows": len(text.splitlines()) - 1}))
    sha = hashlib.sha256(text.encode()).hexdigest()
    record = {
        "fingerprint": sha,
        "illustrative": True,
        "files": [{"file": source.name, "status": "accepted", "rows_in": 2, "sha": sha}],
        "hashes": {source.name: sha},
        "notes": [],
        "findings": [],
    }
    held = Path(data) / "held.json"  # of what these rows are: levels and periods, where a test says so
    record |= json.loads(held.read_text()) if held.is_file() else {}
    (target / "study.json").write_text(json.dumps(record))
    return describe(target, record)


def render(nb: Any, page: dict[str, Any]) -> str:
    """A page double: every output as escaped text. Ends in a mark, so that a torn page is seen."""
    pieces = [
        html.escape(str(one.get("text", "")) or str(one.get("data", {}).get("text/plain", "")))
        for cell in nb.cells
        for one in cell.get("outputs", ())
    ]
    return (
        f"<html><head></head><body><h1>{html.escape(page['title'])}</h1><p>{'</p><p>'.join(pieces)}</p></body></html>"
    )


def index(entries: Any, prefix: str, not_made: Any = (), **_: Any) -> str:
    """An index double: a link a report, and what could not be made."""
    links = "".join(f'<li><a href="{prefix}{one.id}.html">{html.escape(one.title)}</a></li>' for one in entries)
    lacking = "".join(f"<p>NOT MADE: {one['id']}</p>" for one in not_made)
    return f"<html><head></head><body><ul>{links}</ul>{lacking}</body></html>"


DOUBLES = {"prepare": "light:prepare", "work_out": "", "render": "light:render", "index": "light:index"}


_POOL: list[Any] = []


def shared_pool() -> Any:
    """One warm pool for all tests of a process, with nothing heavy preloaded: starting one takes seconds."""
    if not _POOL:
        import atexit

        from commissioning.runs.pool import LocalPool

        _POOL.append(LocalPool(1, warm=True, preload=()))
        atexit.register(_POOL[0].close)
    return _POOL[0]


class QuickPool:
    """A pool that hands over finished reports without executing anything: for tests of what comes after."""

    def __init__(self) -> None:
        import queue

        self.answers: Any = queue.Queue()
        self.sent: list[str] = []

    def free(self) -> int:
        return 1

    def send(self, name: str, message: dict[str, Any]) -> None:
        self.sent.append(name)
        if message["do"] == "prepare":
            self.answers.put((name, {"study": prepare(**message["arguments"])}))
            return
        task = message["task"]
        done = Path(task["done"])
        done.mkdir(parents=True)
        texts = {f"{task['id']}.html": f"<html>{task['parameters']}</html>", f"{task['id']}.json": "{}"}
        for file, text in texts.items():
            (done / file).write_text(text)
        files = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in texts.items()}
        result = {"id": task["id"], "key": task["key"], "ok": True, "files": files, "partitions_read": ["tables.json"]}
        self.answers.put((name, {"result": result}))

    def close(self) -> None:
        pass


def batch(house: House, *, asked: tuple[str, ...] = (), extra: dict[str, Any] | None = None, **options: Any) -> Any:
    """Run a batch of the house in this process; returns its outcome."""
    from commissioning.runs import batch as runner
    from commissioning.runs import keys, places
    from commissioning.runs.plan import plan
    from commissioning.runs.progress import Progress

    chosen = {name: options.pop(name) for name in ("periods", "areas", "levels", "stages") if name in options}
    stop = options.pop("stop", None)
    plans = plan(house.root, house.pilots, illustrative=True, asked=asked, extra=extra, **chosen)
    found = places.locate(house.root, house.data, house.out)
    quiet = Progress(len(plans), stream=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    own_pool = options.pop("own_pool", False)
    pool = options.pop("pool", None) or (None if own_pool else shared_pool())
    made = runner.Options(**{"engine": "warm", "preload": (), "cell_timeout": 60.0, "workers": 1, **DOUBLES, **options})
    package, keys.PACKAGE = keys.PACKAGE, house.root / "code"
    try:
        return runner.run(found, plans, house.pilots, made, stop=stop, progress=quiet, pool=pool)
    finally:
        keys.PACKAGE = package


def main() -> int:
    """Run a batch of an existing house, as the command would, signals included."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("--asked", default="")
    parser.add_argument("--engine", default="warm")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--cell-timeout", type=float, default=60.0)
    parser.add_argument("--cluster", default=None)
    given = parser.parse_args()
    from commissioning.errors import WorkbenchError
    from commissioning.runs import processes
    from commissioning.runs.batch import Stop

    house = House.__new__(House)
    house.root, house.data, house.out = given.root, given.root / "data" / "sample", given.root / "reports"
    stop = Stop()

    def heard(number: int, _: Any) -> None:
        stop.name = signal.Signals(number).name

    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, heard)
    processes.adopt_orphans()
    asked = tuple(one for one in given.asked.split(",") if one)
    try:
        outcome = batch(
            house, asked=asked, engine=given.engine, workers=given.workers, force=given.force, stop=stop,
            cell_timeout=given.cell_timeout, own_pool=True, cluster=given.cluster,
        )  # fmt: skip
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    finally:
        processes.kill_below(os.getpid(), seconds=2.0)
    for line in outcome.lines:
        print(line, file=sys.stderr)
    return int(outcome.exit_code)


def copy_house(house: House, target: Path) -> House:
    """The same inputs elsewhere; nothing that was made."""
    made_there = {str(house.root): {"reports"}, str(house.root / "data"): {"results"}}
    shutil.copytree(house.root, target, ignore=lambda folder, _: made_there.get(folder, set()))
    made = House.__new__(House)
    made.root, made.data, made.out = target, target / "data" / "sample", target / "reports"
    return made


if __name__ == "__main__":
    sys.modules["light"] = sys.modules["__main__"]
    sys.exit(main())
