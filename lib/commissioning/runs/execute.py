"""One report: its notebook executed, judged, rendered, and handed over finished, or named as failed.

Everything a report needs stands in its task, so that a worker process, another machine or a
test can run it. Nothing is believed that was not checked: papermill's own word on whether a
notebook completed is not asked.
"""

from __future__ import annotations

import dataclasses
import json
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError, WorkbenchError
from commissioning.runs import notebooks, processes
from commissioning.runs.environment import kernel_environment
from commissioning.runs.judge import LEAVING, count_displays, declared_of, judge
from commissioning.runs.keys import file_digest
from commissioning.runs.patrol import Patrol
from commissioning.runs.places import reason as os_reason
from commissioning.runs.places import sync_file, sync_folder, write_whole
from commissioning.runs.task import Failed, Result, Task, load_function, place_of
from commissioning.wording import within

PAGE_LIMIT = 1_000_000


def run_report(task: Task) -> Result:
    """Execute, judge and render one report. Returns how it ended, whatever happened."""
    from commissioning.runs.client import Watch

    start = time.monotonic()
    watch = Watch()
    work = Path(task.work)

    def ended(*, ok: bool, **how: Any) -> Result:
        cells = _timings(task, watch)
        return Result(id=task.id, key=task.key, ok=ok, seconds=time.monotonic() - start, cells=cells, **how)

    try:
        render = load_function(task.render)  # first: the fork server is still loading its libraries at the first report
        shutil.rmtree(work, ignore_errors=True)
        for folder in ("out", "records", "tmp"):
            (work / folder).mkdir(parents=True, mode=0o700)
        for name, path in task.records.items():
            shutil.copyfile(path, work / "records" / name)
        nonce = secrets.token_hex(16)
        nb = _execute(task, _planned(task, work), work, nonce, watch)
        declared = judge(task, work, nonce, nb, watch)
        rendering = time.monotonic()
        files, summary, warnings = _finish(task, work, nb, declared, render)
        result = ended(
            ok=True,
            render_seconds=time.monotonic() - rendering,
            files=files,
            summary=summary,
            partitions_read=_names(declared.get("partitions_read")),
            warnings=warnings,
        )
        _keep_executed(task, work)
    except Failed as failed:
        cell = None if failed.cell is None else _label(cell_labels(task), failed.cell)
        partial = _keep_executed(task, work)
        result = ended(
            ok=False, reason=failed.reason, cell=cell, error=failed.error, detail=failed.detail, partial=partial
        )
    except OSError as error:
        result = ended(ok=False, reason="CANNOT_WRITE", detail=os_reason(error))
    except Exception as error:  # a bug, or a report's JSON in another shape: one report must not end its worker
        what, where = type(error).__name__, place_of(error)
        result = ended(ok=False, reason="NOT_FINISHED", error=what, detail=where, partial=_keep_executed(task, work))
    shutil.rmtree(work, ignore_errors=True)
    return result


# --- executing ----------------------------------------------------------------------------------------------


def _planned(task: Task, work: Path) -> Path:
    """A copy of the notebook that was planned, and reviewed where it had to be. Raises Failed where it is another by now.

    What is executed are the bytes that were compared, so that nobody can change the file in between.
    """
    copied = work / "notebook.ipynb"
    shutil.copyfile(task.notebook, copied)
    try:
        same = not task.sha256 or notebooks.source_hash(copied) == task.sha256
    except UsageError:  # half-written by an editor
        same = False
    if not same:
        raise Failed("NOTEBOOK_CHANGED")
    return copied


def _execute(task: Task, notebook: Path, work: Path, nonce: str, watch: Any) -> Any:
    import logging

    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError

    from commissioning.runs.client import Ended
    from commissioning.runs.warm_engine import PlainEngine, WarmEngine

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # its lines quote paths and outputs
    papermill_engines.register("plain", PlainEngine)
    papermill_engines.register("warm", WarmEngine)
    executed = work / "executed.ipynb"
    patrol = Patrol(task, work, watch)
    patrol.start()
    try:
        return papermill.execute_notebook(
            str(notebook),
            str(executed),
            parameters=task.parameters,
            engine_name=task.engine,
            kernel_name="python3",
            cwd=task.cwd,
            progress_bar=False,
            watch=watch,
            kernel_env=kernel_environment(task, work, nonce),
            cell_timeout=task.cell_timeout,
            run_deadline=time.monotonic() + task.seconds_left,
            output_limit=task.output_limit,
        )
    except PapermillExecutionError:
        at = watch.failed_cell
        if watch.failed_as in LEAVING:
            raise Failed("INCOMPLETE", cell=at) from None
        if watch.failed_as == "StdinNotImplementedError":
            raise Failed("INPUT_ASKED", cell=at) from None
        raise Failed("RAISED", cell=at, error=_safe_name(watch.failed_as)) from None
    except CellTimeoutError:
        late = watch.failed_as == "RunTimeout"
        raise Failed("RUN_TIMEOUT" if late else "CELL_TIMEOUT", cell=watch.failed_cell) from None
    except Ended as ended:
        raise Failed(ended.reason, cell=watch.failed_cell) from None
    except DeadKernelError:
        died = "INCOMPLETE" if watch.exit_status == 0 else "KERNEL_DIED"
        raise Failed(patrol.found or died, cell=watch.failed_cell) from None
    except (RuntimeError, NoSuchKernel) as error:
        raise Failed("NOT_STARTED", error=type(error).__name__) from None
    finally:
        patrol.stop()
        if task.engine == "plain":
            processes.kill_below(os.getpid(), keep=frozenset(processes.STARTED_HERE), seconds=2.0)


def _safe_name(name: str | None) -> str | None:
    """The class of an error, if it is one that code names: a class made from data is not repeated."""
    import builtins

    from commissioning import errors

    known = name is not None and (hasattr(builtins, name) or hasattr(errors, name))
    return name if known else None


# --- finishing ----------------------------------------------------------------------------------------------


def _finish(
    task: Task, work: Path, nb: Any, declared: dict[str, Any], render: Callable[..., Any]
) -> tuple[dict[str, str], dict[str, Any], tuple[str, ...]]:
    """Render the page and put the finished report, synced, where an interrupted batch finds it."""
    finished = work / "finished"
    finished.mkdir(mode=0o700)
    out = work / "out"
    page, beside, said = _page(task, nb, declared, render)
    wanted = {f"{task.id}.html": page.encode(), f"{task.id}.json": (out / f"{task.id}.json").read_bytes()}
    pilot = task.page.get("pilot", "")
    stage_record = out / f"{pilot}.{task.stage}.json"
    if pilot and stage_record.is_file():
        wanted[f"{task.id}.stage.json"] = stage_record.read_bytes()
    from commissioning.runs.rendering import warned

    for name in declared_of(declared)["files"]:
        wanted.setdefault(_published_name(task, name), warned(task.page, name, (out / name).read_bytes()))
    for name, data in beside.items():
        wanted.setdefault(name, data)
    if task.signoff and Path(task.signoff).is_file():
        wanted[f"{task.id}.signoff.json"] = Path(task.signoff).read_bytes()
    for name, data in wanted.items():
        (finished / name).write_bytes(data)
        sync_file(finished / name)
    status = {"status": _show_signatures(finished, task.id)} if task.signoff else {}
    files = {name: file_digest(finished / name) for name in sorted(wanted)}
    summary = {
        "illustrative": bool(declared.get("illustrative", True)),
        **count_displays(nb),
        "findings": len(declared.get("findings") or ()),
        "released_figures": len(declared.get("figures") or ()) if isinstance(declared.get("figures"), list) else 0,
        "claims": _claims(declared),
        **said,
        **status,
    }
    warnings = tuple(str(one)[:300] for one in declared.get("warnings") or () if isinstance(one, str))
    write_whole(
        finished / "entry.json",
        json.dumps(
            {"key": task.key, "files": files, "summary": summary, "partitions_read": declared.get("partitions_read")}
        ),
    )
    target = Path(task.done)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    finished.rename(target)
    sync_folder(target.parent)
    return files, summary, warnings


def _published_name(task: Task, name: str) -> str:
    """What bears a report's name is signed with it."""
    return name if name.startswith(f"{task.id}.") else f"{task.id}.{name}"


def _page(
    task: Task, nb: Any, declared: dict[str, Any], render: Callable[..., Any]
) -> tuple[str, dict[str, bytes], dict[str, Any]]:
    """The page, the files that rendering adds beside it, and what the index says of it. Raises Failed."""
    files = [_published_name(task, one) for one in declared_of(declared)["files"]]
    facts = {
        **task.page,
        "id": task.id,
        "report": declared,
        "before": _read(task.before),
        "changes_before": _read(task.changes_before),
        "easy_read": next((one for one in files if one.endswith(".easy-read.html")), None),
    }
    from commissioning.presentation import typed

    people = typed.people_of(task.studies)
    for where, text in typed.of_notebook(nb) if people else ():
        if within(text, people):
            raise Failed(
                "PAGE_REFUSED", detail=f"{where}: its text names somebody who is in the extracts, or gives their id"
            )
    try:
        made = render(nb, facts)
    except WorkbenchError as error:
        raise Failed("PAGE_REFUSED", detail=_first_line(error)) from None
    page = made if isinstance(made, str) else made.page
    if len(page.encode()) > PAGE_LIMIT:
        raise Failed("PAGE_TOO_BIG", detail=f"{len(page.encode()) // 1000} kB")
    return (page, {}, {}) if isinstance(made, str) else (page, made.files, made.summary)


def _read(path: str | None) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8") if path else None
    except (OSError, UnicodeDecodeError):
        return None


def _show_signatures(folder: Path, name: str) -> str:
    """Signatures that still hold are shown on the page made anew; the others say that it changed since.

    Returns the report's status in words.
    """
    from commissioning.presentation import signoff

    page = folder / f"{name}.html"
    report = folder / f"{name}.json"
    signatures = signoff.read(report, page, as_shown=False)
    signoff.show(page, signatures)
    signoff.settle_illustrative(report, page, signatures)
    if any(one.valid for one in signatures) and not any(one.valid for one in signoff.read(report, page)):
        # Its blocks come out in other words than those that were signed: not every byte is what they read.
        signatures = tuple(dataclasses.replace(one, valid=False) for one in signatures)
        signoff.show(page, signatures)
    for one in folder.glob("*.html"):
        sync_file(one)
    return signoff.status(signatures)


def _claims(declared: dict[str, Any]) -> dict[str, int]:
    held = [one.get("claim") for one in declared.get("findings") or () if isinstance(one, dict)]
    return dict(sorted(Counter(one for one in held if isinstance(one, str)).items()))


def _names(value: Any) -> tuple[str, ...] | None:
    return tuple(sorted(str(one) for one in value)) if isinstance(value, list) else None


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _keep_executed(task: Task, work: Path) -> str | None:
    """Move the executed notebook, whole or partial, to where its owner may read it."""
    source = work / "executed.ipynb"
    target = Path(task.executed)
    try:
        source.chmod(0o600)
        (source).replace(target)
    except OSError:
        return None
    return str(target)


def cell_labels(task: Task) -> list[str]:
    """Of each executed cell `cell 7 (What the pilot changed)`: number and last heading, as in the notebook itself.

    Read from the notebook file, not from what was executed: papermill adds a cell after that of the parameters, and the
    outputs of an executed one may quote rows.
    """
    found: list[str] = []
    heading, parameters_at = "", None
    try:
        cells = notebooks.cells(Path(task.notebook))
    except UsageError:
        return []
    for place, cell in enumerate(cells):
        if cell.get("cell_type") == "markdown":
            headings = [line for line in notebooks.source(cell).splitlines() if line.startswith("#")]
            heading = headings[-1].lstrip("# ").strip() if headings else heading
        if "parameters" in notebooks.tags(cell):
            parameters_at = place
        found.append(f"cell {place + 1}" + (f" ({heading[:60]})" if heading else ""))
    if task.parameters and parameters_at is not None:
        found.insert(parameters_at + 1, found[parameters_at])
    return found


def _label(labels: list[str], place: int) -> str:
    return labels[place] if place < len(labels) else f"cell {place + 1}"


def _timings(task: Task, watch: Any) -> tuple[dict[str, Any], ...]:
    """Seconds of each code cell, by its label."""
    if not watch.cell_seconds:
        return ()
    labels = cell_labels(task)
    return tuple(
        {"cell": _label(labels, place), "seconds": round(seconds, 4)}
        for place, seconds in sorted(watch.cell_seconds.items())
        if place in watch.code_cells
    )
