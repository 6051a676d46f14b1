"""What a notebook's process may not do: fill the machine, reach the network, write over the site.

Applied inside the kernel before any cell runs, under both engines. The limits come from
the environment that the runner sets; without it (plain papermill, JupyterLab) nothing is
limited. Two fences, one behind the other:

- Python's audit hook refuses by name what Python does: writing and deleting in the protected
  folders, and the network. It does not see what other languages write (a C++ library such
  as pyarrow or DuckDB), nor what child processes do.
- Linux's Landlock (5.19 and later) refuses the same writing for every language and every child
  process, and besides: signals to processes that the notebook did not start (6.12), and calling
  out over TCP (6.7). Where the system has no Landlock (macOS, Windows, an older kernel, a
  container that forbids it) there is only the hook. Landlock knows no times, owners or modes of
  files, and no UDP: of those the hook alone knows.

It stops mistakes and careless code, not a determined attacker: notebooks are reviewed code,
and the runner checks their hash. A protected file may always be read.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Callable
from typing import Any

OPEN_FILES = 1024
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit event → for each path that it changes: its place among the arguments, and that of the folder it is relative to.
CHANGES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.mkdir": ((0, 2),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((0, 2), (1, 3)),
    "os.symlink": ((0, None), (1, 2)),
}
LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
SENDING = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")


def limit_resources() -> None:
    """Open files, processes and file size, where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    size = int(os.environ.get("COMMISSIONING_FILE_LIMIT", "0"))
    if size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _inside(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def guard() -> None:
    """Set the limits and both fences. Does nothing outside a run (no COMMISSIONING_PROTECT)."""
    protect = os.environ.get("COMMISSIONING_PROTECT")
    if not protect:
        return
    limit_resources()
    closed = tuple(os.path.realpath(one) for one in protect.split(os.pathsep) if one)
    allowed = tuple(os.path.realpath(one) for one in os.environ.get("COMMISSIONING_ALLOW", "").split(os.pathsep) if one)
    sys.addaudithook(_watcher(closed, allowed))
    restrict(closed, allowed)


# --- the audit hook -----------------------------------------------------------------------------------------


def _watcher(closed: tuple[str, ...], allowed: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    def refuse(path: Any, folder: Any = None) -> None:
        if isinstance(path, int):  # an open file
            path = f"/proc/self/fd/{path}"
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        name = os.fsdecode(path)
        if isinstance(folder, int) and folder >= 0:  # a name in an open folder, as shutil.rmtree deletes
            name = os.path.join(f"/proc/self/fd/{folder}", name)  # noqa: PTH118 - an absolute name stays what it is
        full = os.path.realpath(name)
        if _inside(full, closed) and not _inside(full, allowed) and "__pycache__" not in full:
            raise PermissionError("a notebook may write only in its own stage folder")

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if (isinstance(flags, int) and flags & WRITING) or (
                isinstance(mode, str) and any(letter in mode for letter in "wax+")
            ):
                refuse(path)
        elif event in CHANGES:
            for place, folder in CHANGES[event]:
                refuse(arguments[place], None if folder is None else arguments[folder])
        elif event in LOOKING_UP:
            raise PermissionError("a notebook may not use the network")
        elif event in SENDING:
            import socket

            if arguments[0].family != getattr(socket, "AF_UNIX", None):
                raise PermissionError("a notebook may not use the network")

    return watch


# --- Landlock -----------------------------------------------------------------------------------------------

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every processor
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_CHANGING = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))  # write, remove, make of each kind, move
_CALL_OUT = 1 << 1  # connect over TCP
_SIGNAL = 1 << 1
_NO_NEW_PRIVILEGES = 38
OLDEST = 2  # the first version cannot move a file between two folders, which reports do


def restrict(closed: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    """Fence this process and its children in by Landlock; False, and nothing done, where the system has none.

    Landlock only allows; so every folder beside the closed ones is allowed, and `allowed` within
    them. (A new file right in a folder above a closed one is therefore refused too.)
    """
    if not sys.platform.startswith("linux"):
        return False
    system = ctypes.CDLL(None, use_errno=True)
    version = system.syscall(_CREATE, None, ctypes.c_size_t(0), 1)
    if version < OLDEST:
        return False
    rights = _CHANGING | (_TRUNCATE if version >= 3 else 0)
    wanted = struct.pack("QQQ", rights, _CALL_OUT if version >= 4 else 0, _SIGNAL if version >= 6 else 0)
    wanted = wanted[: 8 if version < 4 else 16 if version < 6 else 24]  # older systems know fewer fields
    rules = system.syscall(_CREATE, wanted, ctypes.c_size_t(len(wanted)), 0)
    if rules < 0:
        return False
    _make_settings_folders(closed)
    try:
        for path in (*_beside(closed), *allowed):
            _allow(system, rules, path, rights)
        return (
            system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and system.syscall(_RESTRICT, ctypes.c_int(rules), 0) == 0
        )
    finally:
        os.close(rules)


def _allow(system: Any, rules: int, path: str, rights: int) -> None:
    try:
        held = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not there, or not ours to see
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - for a file there are fewer rights
            rights &= _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, held)
        system.syscall(_ADD, ctypes.c_int(rules), 1, rule, 0)
    finally:
        os.close(held)


def _make_settings_folders(closed: tuple[str, ...]) -> None:
    """Where IPython and Matplotlib keep their settings, which they make at their first start if they may.

    They may not where the checkout lies in the home folder, and IPython then does not start.
    """
    home = os.path.realpath(os.path.expanduser("~"))  # noqa: PTH111
    if any(_inside(one, (home,)) for one in closed):
        for name in (".ipython", ".cache", ".config"):
            with contextlib.suppress(OSError):
                os.makedirs(os.path.join(home, name), exist_ok=True)  # noqa: PTH103, PTH118


def _beside(closed: tuple[str, ...]) -> list[str]:
    """Every file and folder that lies beside the closed ones or beside a folder above them, however high."""
    found: list[str] = []
    todo = [os.sep]
    while todo:
        folder = todo.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink() or _inside(entry.path, closed):
                continue  # what a link leads to has a place of its own
            if any(_inside(one, (entry.path,)) for one in closed):
                todo.append(entry.path)
            else:
                found.append(entry.path)
    return found
