"""A small council whose reports are run, signed and corrected in this process: everything is the real thing but the kernel.

The one report is the Analyse stage of a pilot without a design; its notebook's cells are executed here, one after the other.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import queue
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output

from commissioning import cli, clock
from commissioning import pilot as pilots
from commissioning.presentation.page import ORDER
from commissioning.runs import batch, execute, places, plan, publish, signing
from commissioning.runs.task import Result, Task, load_function

sys.path.insert(0, str(Path(__file__).parent))
import small_pilot  # noqa: E402

GOAL = small_pilot.GOAL
AREA, PILOT, REPORT = "E08000015", "learning_disability", "learning_disability-analyse"
WARDS = ("Alder", "Birch", "Cedar", "Dale")
LONG_AFTER = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # every year of the extracts closed long before


class HerePool:
    """Prepares and executes in this process, one thing at a time."""

    def __init__(self) -> None:
        self.answers: Any = queue.Queue()

    def free(self) -> int:
        return 1

    def send(self, name: str, message: dict[str, Any]) -> None:
        if message["do"] == "prepare":
            try:
                answer = {"study": load_function(message["function"])(**message["arguments"])}
            except Exception as error:
                answer = {"error": type(error).__name__, "message": str(error)}
        else:
            answer = {"result": _report(Task(**message["task"])).model_dump(mode="json")}
        self.answers.put((name, answer))

    def close(self) -> None:
        pass


def _report(task: Task) -> Result:
    work = Path(task.work)
    for folder in ("out", "records", "tmp"):
        (work / folder).mkdir(parents=True)
    nb = nbformat.read(task.notebook, as_version=4)
    if not task.id.endswith("-annex"):
        nb = _short(nb)
    with _environment(execute.kernel_environment(task, work, "nonce")), _displayed() as bundles:
        names: dict[str, Any] = {}
        for number, cell in enumerate((one for one in nb.cells if one.cell_type == "code"), start=1):
            tree = ast.parse(cell.source)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, "cell", "exec"), names)
            if "parameters" in cell.metadata.get("tags", ()):
                names |= task.parameters
            made = None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            bundles += [made._repr_mimebundle_()] if hasattr(made, "_repr_mimebundle_") else []
            cell.execution_count = number
            cell.outputs = [new_output("display_data", data=one) for one in bundles]
            bundles.clear()
    declared = json.loads((work / "out" / f"{task.id}.json").read_text())
    files, summary, _ = execute._finish(task, work, nb, declared, load_function(task.render))
    return Result(
        id=task.id, key=task.key, ok=True, files=files, summary=summary, partitions_read=tuple(declared["partitions_read"])
    )  # fmt: skip


def _short(nb: Any) -> Any:
    """The notebook without the sections of its stage: what every page has is enough here, and its last cell hands over."""
    kept, on = [], True
    for cell in nb.cells:
        if cell.cell_type == "markdown" and (found := re.search(r"^## (.+)$", cell.source, re.MULTILINE)):
            on = found[1] in ORDER
        kept += [cell] if on or "cm.annex(" in cell.source else []  # its annex, the last cell, closes the page
    nb.cells = kept
    return nb


@contextlib.contextmanager
def _displayed() -> Iterator[list[dict[str, Any]]]:
    """What cells display besides their last lines."""
    bundles: list[dict[str, Any]] = []
    before = InteractiveShell.initialized()
    shell = InteractiveShell.instance()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shell.display_pub, "publish", lambda data, **_: bundles.append(data))
        yield bundles
    if not before:
        InteractiveShell.clear_instance()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass
class Council:
    """A checkout, its extracts and its ledger; `day` is what every clock of the workbench says."""

    root: Path
    monkeypatch: Any
    met: dict[str, int] = field(default_factory=dict)  # ward → goals met of 20 in each quarter
    more: str = ""
    name: str = "home"
    site: Path = Path()

    def __post_init__(self) -> None:
        self.home = small_pilot.checkout(self.root / self.name, 'kind = "none"\n', more=self.more)
        self.site = self.root / "site"
        self.met = self.met or dict.fromkeys(WARDS, 10)
        self.monkeypatch.setenv("COMMISSIONING_LEDGER", str(self.ledger))
        self.ledger.mkdir(mode=0o700, exist_ok=True)
        if not (self.ledger / "secret").exists():
            self.hide(b"0123456789abcdef" * 2)
        self.on(LONG_AFTER)
        self.bring()
        self.enter()

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    def hide(self, secret: bytes) -> None:
        """The council's secret, as `commissioning setup` would make it."""
        (self.ledger / "secret").write_bytes(secret)
        (self.ledger / "secret.sha256").write_text(hashlib.sha256(secret).hexdigest())

    def enter(self) -> None:
        self.monkeypatch.chdir(self.home)

    def on(self, moment: datetime) -> None:
        self.monkeypatch.setattr(clock, "now", lambda: moment)

    def bring(self, **met: int) -> None:
        """Write the extracts; `met` changes some wards' goals met in each quarter."""
        self.met |= met
        shares = {ward: [count / 20] * len(small_pilot.QUARTERS) for ward, count in self.met.items()}
        small_pilot.extracts(self.root / "data", small_pilot.Reviews(shares), None)

    def pilot(self) -> dict[str, Any]:
        return {PILOT: pilots.load(PILOT, self.home)}

    def run(self, site: Path | None = None, *, stages: tuple[str, ...] = ("analyse",), **options: Any) -> batch.Outcome:
        known = self.pilot()
        plans = [one for one in plan.plan(self.home, known, illustrative=True) if one.stage in stages]
        return batch.run(self.places(site), plans, known, batch.Options(**options), pool=HerePool())

    def places(self, site: Path | None = None) -> places.Places:
        return places.locate(self.home, self.root / "data", site or self.site)

    def sign(self, *roles: str, site: Path | None = None) -> str:
        """Sign in these roles, all three by default; what the last of them was told."""
        people = {"analyst": "Ann Analyst", "assurer": "Asif Assurer", "approver": "Ada Approver"}
        said = ""
        for role in roles or tuple(people):
            said = signing.sign(self.places(site), REPORT, role, people[role])
        return said

    def correct(self, reason: str = "a ward sent its reviews late", by: str = "Dee Director") -> int:
        return cli.main(["correct", PILOT, "--reason", reason, "--by", by])

    def served(self, ending: str, site: Path | None = None, report: str = REPORT) -> str:
        where = self.places(site)
        version = publish.current_version(where.out)
        return (where.versions / str(version) / f"{report}{ending}").read_text(encoding="utf-8")

    def json(self, site: Path | None = None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.served(".json", site))
        return found

    def page(self, site: Path | None = None, report: str = REPORT) -> str:
        """The words of the page."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.served(".html", site, report).split("</style>")[1]))

    def figure(self, period: str = "2018-19", site: Path | None = None, **where: str) -> dict[str, Any]:
        """The figure of the goal met of one year, for the whole area or a group."""
        wanted = {"measure": small_pilot.GOAL, "group_kind": "all", "period": period, **where}
        rows = [one for one in self.json(site)["figures"] if all(one[name] == held for name, held in wanted.items())]
        assert len(rows) == 1, rows
        return rows[0]
