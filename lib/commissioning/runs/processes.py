"""Processes that must not outlive their report: find them, and end them.

Only processes that descend from the caller are ever touched. On systems without /proc
(macOS, Windows) the tree cannot be walked; the process group is ended instead.
"""

from __future__ import annotations

import contextlib
import os
import signal
import site
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> bool:
    """Make orphaned grandchildren children of this process, so that it can end them (Linux only).

    A notebook's child that starts a session of its own leaves the kernel's process group;
    without this it would be adopted by init and outlive the run.
    """
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    try:
        return ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False


def _seen() -> Iterator[tuple[int, str, int]]:
    """Each process as /proc tells of it: its number, its state, its parent's number."""
    for name in os.listdir(PROC) if PROC.is_dir() else ():  # noqa: PTH208 - a hot path
        if name.isdigit():
            with contextlib.suppress(OSError):
                text = (PROC / name / "stat").read_text(encoding="ascii", errors="replace")
                state, parent = text.rpartition(")")[2].split()[:2]
                yield int(name), state, int(parent)


def _parents() -> dict[int, int]:
    """Parent of every living process; zombies are left out."""
    return {pid: parent for pid, state, parent in _seen() if state not in "ZX"}


def descendants(pid: int) -> set[int]:
    """Living processes below `pid`, however deep. Empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents().items():
        children.setdefault(parent, []).append(child)
    found: set[int] = set()
    todo = [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def of_kernel(pid: int, others: Callable[[], Collection[int]]) -> set[int]:
    """Living processes that a notebook's kernel started: those below it, and the orphans that its parent adopted.

    A process that forks twice is no longer below the kernel. Its session says whose it is; one
    that made a session of its own counts for every report that runs beside it. `others` are the
    other children of the parent (asked after looking, so that a kernel started meanwhile is known).
    """
    parents = _parents()
    keeper = parents.get(pid)
    if keeper is None:
        return set()
    if keeper != os.getpid() and parents.get(keeper) not in {os.getpid(), os.getppid()} - {0, 1}:
        return descendants(pid)  # the server has died, and whoever adopted the kernel has children that are not ours
    found = descendants(keeper) - {pid}
    known = set(others()) - {pid}
    for other in known:
        found -= descendants(other)
    return {one for one in found - known if _session(one) not in known}


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except (OSError, AttributeError):
        return 0


def kill_group(pgid: int) -> None:
    """SIGKILL a whole process group; a group that has gone is no error."""
    if hasattr(os, "killpg") and pgid > 1:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pgid, signal.SIGKILL)


def kill_below(pid: int, *, keep: frozenset[int] = frozenset(), seconds: float = 3.0) -> int:
    """SIGKILL everything below `pid` except `keep` and what lies below it; return how many were ended.

    Repeats until a walk finds nothing, because a process may fork while it is being ended.
    """
    ended = 0
    end = time.monotonic() + seconds
    while True:
        doomed = descendants(pid) - keep
        for one in keep:
            doomed -= descendants(one)
        if not doomed:
            return ended
        ended += kill_each(doomed)
        reap()
        if time.monotonic() > end:
            return ended
        time.sleep(0.01)


def kill_tree(pid: int) -> None:
    """SIGKILL `pid`, its group if it leads one, and everything below it."""
    below = descendants(pid)
    if hasattr(os, "getpgid"):
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(pid) == pid:
                kill_group(pid)
    kill_each((pid, *below))


def kill_each(pids: Iterable[int]) -> int:
    """SIGKILL each process; return how many there were to end."""
    ended = 0
    for one in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, getattr(signal, "SIGKILL", signal.SIGTERM))
            ended += 1
    return ended


def reap() -> None:
    """Collect the exit status of adopted orphans only: children started with subprocess keep theirs.

    `subprocess` copes with a child that somebody else reaped, but then its exit code is lost.
    """
    for pid, state, parent in _seen():
        if state == "Z" and parent == os.getpid() and pid not in STARTED_HERE:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


# Ids of processes that this process started on purpose and will wait for itself.
STARTED_HERE: set[int] = set()


def one_thread_each(env: dict[str, str]) -> dict[str, str]:
    """The environment with one BLAS thread a process: several workers share the processors better,
    and numpy then starts no threads, which makes forking safe."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        env.setdefault(name, "1")
    return env


# What a notebook's process is told of its caller's environment: where programs lie, language and zone, numbers of threads. Never
# what may hold a password, name another start-up file or another library to be loaded first.
KEPT = (
    "PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX",
    "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER", "MALLOC_ARENA_MAX", "COMMISSIONING_COUNCIL",
)  # fmt: skip
LIBRARY = Path(__file__).resolve().parents[2]  # the folder that this package is imported from


def clean(env: dict[str, str]) -> dict[str, str]:
    """What of an environment a notebook's process may have, by list, with one thread each."""
    found = {name: value for name, value in env.items() if name in KEPT or name.startswith("LC_")}
    if str(LIBRARY) in (os.path.realpath(one) for one in env.get("PYTHONPATH", "").split(os.pathsep) if one):
        found["PYTHONPATH"] = str(LIBRARY)
    if site.ENABLE_USER_SITE and site.USER_BASE:  # installed for one account: its packages lie below its home
        found["PYTHONUSERBASE"] = site.USER_BASE
    else:
        found["PYTHONNOUSERSITE"] = "1"
    return one_thread_each(found)
