"""One report: its notebook executed, judged, rendered, and handed over finished, or named as failed.

Everything a report needs stands in its task, so that a worker process, another machine or a
test can run it. Nothing is believed that was not checked: papermill's own word on whether a
notebook completed is not asked.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError, WorkbenchError
from commissioning.runs import processes
from commissioning.runs.judge import LEAVING, count_displays, declared_of, judge
from commissioning.runs.keys import file_digest
from commissioning.runs.notebooks import source_hash
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
    nb: Any = None
    work = Path(task.work)
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
        result = Result(
            id=task.id,
            key=task.key,
            ok=True,
            seconds=time.monotonic() - start,
            render_seconds=time.monotonic() - rendering,
            cells=_timings(task, watch),
            files=files,
            summary=summary,
            partitions_read=_names(declared.get("partitions_read")),
            warnings=warnings,
        )
        _keep_executed(task, work)
    except Failed as failed:
        result = Result(
            id=task.id,
            key=task.key,
            ok=False,
            reason=failed.reason,
            cell=None if failed.cell is None else cell_label(task, failed.cell),
            error=failed.error,
            detail=failed.detail,
            partial=_keep_executed(task, work),
            seconds=time.monotonic() - start,
            cells=_timings(task, watch),
        )
    except OSError as error:
        result = Result(
            id=task.id,
            key=task.key,
            ok=False,
            reason="CANNOT_WRITE",
            detail=os_reason(error),
            seconds=time.monotonic() - start,
        )
    except Exception as error:  # a bug, or a report's JSON in another shape: one report must not end its worker
        result = Result(
            id=task.id,
            key=task.key,
            ok=False,
            reason="NOT_FINISHED",
            error=type(error).__name__,
            detail=place_of(error),
            partial=_keep_executed(task, work),
            seconds=time.monotonic() - start,
            cells=_timings(task, watch),
        )
    shutil.rmtree(work, ignore_errors=True)
    return result


# --- executing ----------------------------------------------------------------------------------------------


def kernel_environment(task: Task, work: Path, nonce: str) -> dict[str, str]:
    """The environment of the notebook's process. A matplotlib backend set by somebody is taken out,
    because `Agg` would silently drop every figure."""
    env = processes.one_thread_each(dict(os.environ))
    for name in ("MPLBACKEND", "COMMISSIONING_RESTRICTED", "PYTHONSTARTUP"):
        env.pop(name, None)
    env |= {
        "COMMISSIONING_STUDY": os.pathsep.join(task.studies),
        "COMMISSIONING_RECORDS": str(work / "records"),
        "COMMISSIONING_OUT": str(work / "out"),
        "COMMISSIONING_REPORT": task.id,
        "COMMISSIONING_NONCE": nonce,
        "COMMISSIONING_PROTECT": os.pathsep.join(task.protect),
        "COMMISSIONING_ALLOW": os.pathsep.join((str(work), *task.allow)),
        "COMMISSIONING_FILE_LIMIT": str(task.file_size_limit),
        "COMMISSIONING_KERNEL_LOG": str(work / "kernel.log"),
        "TMPDIR": str(work / "tmp"),
        "PYTHONHASHSEED": "0",
    }
    return env


def _planned(task: Task, work: Path) -> Path:
    """A copy of the notebook that was planned, and reviewed where it had to be. Raises Failed where it is another by now.

    What is executed are the bytes that were compared, so that nobody can change the file in between.
    """
    copied = work / "notebook.ipynb"
    shutil.copyfile(task.notebook, copied)
    try:
        same = not task.sha256 or source_hash(copied) == task.sha256
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

    from commissioning.runs.client import LeftEarly, OutputTooBig, RunTimeout
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
    except RunTimeout:
        raise Failed("RUN_TIMEOUT", cell=watch.failed_cell) from None
    except LeftEarly:
        raise Failed("INCOMPLETE", cell=watch.failed_cell) from None
    except OutputTooBig:
        raise Failed("OUTPUT_TOO_BIG", cell=watch.failed_cell) from None
    except DeadKernelError:
        if patrol.found:
            raise Failed(patrol.found, cell=watch.failed_cell) from None
        if watch.exit_status == 0:
            raise Failed("INCOMPLETE", cell=watch.failed_cell) from None
        raise Failed("KERNEL_DIED", cell=watch.failed_cell) from None
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
    for name, text in beside.items():
        wanted.setdefault(name, text.encode())
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
    return name if name.startswith(task.id) else f"{task.id}.{name}"


def _page(
    task: Task, nb: Any, declared: dict[str, Any], render: Callable[..., Any]
) -> tuple[str, dict[str, str], dict[str, Any]]:
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
    signatures = signoff.read(folder / f"{name}.json", page)
    signoff.show(page, signatures)
    for one in folder.glob("*.html"):
        sync_file(one)
    return signoff.status(signatures)


def _claims(declared: dict[str, Any]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in declared.get("findings") or ():
        if isinstance(one, dict) and isinstance(one.get("claim"), str):
            counted[one["claim"]] = counted.get(one["claim"], 0) + 1
    return dict(sorted(counted.items()))


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


def cell_label(task: Task, place: int) -> str:
    """`cell 7 (What the pilot changed)`: number and the last heading before it, as in the notebook itself.

    Read from the notebook file, not from what was executed: papermill adds cells, and the
    outputs of an executed one may quote rows.
    """
    return _label(*_sources(task.notebook), task, place)


def _label(cells: list[tuple[str, str]], parameters_at: int | None, task: Task, place: int) -> str:
    """The label of a cell of a notebook that was read already."""
    place -= task.parameters != {} and parameters_at is not None and place > parameters_at
    heading = ""
    for kind, source in cells[: place + 1]:
        if kind == "markdown":
            for line in source.splitlines():
                if line.startswith("#"):
                    heading = line.lstrip("# ").strip()
    return f"cell {place + 1}" + (f" ({heading[:60]})" if heading else "")


def _sources(path: str) -> tuple[list[tuple[str, str]], int | None]:
    """Kind and source of each cell, and the place of the one that papermill puts its own after."""
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return [], None
    found, at = [], None
    for place, cell in enumerate(cells):
        source = cell.get("source", "")
        found.append((cell.get("cell_type", ""), "".join(source) if isinstance(source, list) else source))
        if "parameters" in (cell.get("metadata") or {}).get("tags", []):
            at = place
    return found, at


def _timings(task: Task, watch: Any) -> tuple[dict[str, Any], ...]:
    """Seconds of each code cell, by its label."""
    cells, parameters_at = _sources(task.notebook)
    return tuple(
        {"cell": _label(cells, parameters_at, task, place), "seconds": round(seconds, 4)}
        for place, seconds in sorted(watch.cell_seconds.items())
        if place in watch.code_cells
    )
