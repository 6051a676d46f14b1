"""What a notebook's process may not do: fill the machine, reach anybody, read or write beyond what it was given.

Applied inside the kernel before any cell runs, under both engines, as the runner's environment says; without it (plain papermill,
JupyterLab) nothing is limited. Three fences: Linux's Landlock (5.19 and later; into other processes 6.12) for every language and
child process; Linux's seccomp against every network; and Python's audit hook, which refuses by name what Python does. The hook does
not see what other languages write, nor what child processes do, and where the system has no Landlock (macOS, Windows, an older
kernel, a container that forbids it) there is only the hook; times, owners and modes of files it alone knows everywhere.
It stops mistakes and most of what an attacker would try; on own extracts only reviewed code runs at all.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from commissioning.runs import seccomp

OPEN_FILES = 1024
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What any program reads: libraries, fonts, zones, the names of accounts. Nothing of people's, and nothing of other programs'.
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store", "/System", "/Library", "/sys",
    "/proc", "/dev/urandom", "/dev/random", "/dev/zero", "/etc/alternatives", "/etc/debian_version", "/etc/fonts", "/etc/group",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/locale.alias", "/etc/locale.conf",
    "/etc/localtime", "/etc/lsb-release", "/etc/mime.types", "/etc/nsswitch.conf", "/etc/os-release", "/etc/passwd",
    "/etc/ssl/openssl.cnf", "/etc/timezone", "/var/cache/fontconfig",
)  # fmt: skip
SINKS = ("/dev/null", "/dev/full")
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
    "os.setxattr": ((0, None),),
    "os.removexattr": ((0, None),),
}
LOOKING = ("os.listdir", "os.scandir")
LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
SENDING = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
NOT_GIVEN = "a notebook may read only what it was given"
NO_NETWORK = "a notebook may not use the network, nor call other processes"


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


def drop_powers() -> None:
    """Where a run is started by root: keep of its powers those over files alone. With others it could look into any process."""
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        kept = 0b1111  # own, read and write files whoever owns them: within the fence below
        header = struct.pack("=Ii", 0x20080522, 0)
        ctypes.CDLL(None).capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def _inside(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def on() -> bool:
    """True in the kernel of a run."""
    return bool(os.environ.get("COMMISSIONING_PROTECT"))


def guard(connection_file: str) -> None:
    """Set the limits and the fences around files; `no_network` follows once the kernel has its own channels.

    `connection_file`: the kernel's, in a folder of its own in which its channels lie. Does nothing outside a run.
    """
    if not on():
        return
    limit_resources()
    sys.dont_write_bytecode = True
    warnings.filterwarnings("ignore", message="Couldn't bind IOPub Pipe")  # a port of its own, which it can do without
    writable = (*_listed("COMMISSIONING_ALLOW"), os.path.dirname(os.path.realpath(connection_file)))  # noqa: PTH120
    readable = _listed("COMMISSIONING_READ")
    drop_powers()
    fenced = restrict(writable, (*readable, *programs()))
    everything = (*writable, *readable, *programs(), *map(os.path.realpath, SYSTEM))
    may_read = None if fenced else lambda path: _inside(path, everything)
    sys.addaudithook(_watcher(lambda path: _inside(path, writable), may_read))


def no_network() -> None:
    """Refuse every network from here on: call it when the kernel's own channels stand, and before any cell runs."""
    if on():
        seccomp.refuse_network()


_preparing: list[Callable[[str, tuple[Any, ...]], None]] = []


@functools.cache
def _watch_preparing() -> None:
    """A hook stays for good, so there is one; it does nothing while nothing is prepared."""
    sys.addaudithook(lambda event, arguments: _preparing[-1](event, arguments) if _preparing else None)


@contextlib.contextmanager
def preparing(closed: tuple[str, ...], open_: tuple[str, ...]) -> Iterator[None]:
    """While a study is prepared, which runs a pilot's own `measures.py`: no network, and no writing in `closed`, but in `open_`.

    By Python's hook alone, for the process goes on to other work: it stops what careless code does.
    """
    closed, open_ = tuple(map(os.path.realpath, closed)), tuple(map(os.path.realpath, open_))

    def may_write(path: str) -> bool:
        return not _inside(path, closed) or _inside(path, open_)

    _watch_preparing()
    _preparing.append(
        _watcher(may_write, None, "a pilot's measures may not write among extracts, notebooks or the library")
    )
    try:
        yield
    finally:
        _preparing.pop()


def _listed(name: str) -> tuple[str, ...]:
    return tuple(os.path.realpath(one) for one in os.environ.get(name, "").split(os.pathsep) if one)


def programs() -> tuple[str, ...]:
    """Where this Python and what it imports lie."""
    places = (sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable)))  # noqa: PTH120
    return tuple(dict.fromkeys(os.path.realpath(one) for one in (*places, *sys.path) if one and one != os.sep))


# --- the audit hook -----------------------------------------------------------------------------------------


def _watcher(
    may_write: Callable[[str], bool],
    may_read: Callable[[str], bool] | None,
    words: str = "a notebook may write only in its own stage folder",
) -> Callable[[str, tuple[Any, ...]], None]:
    """`may_read`: None where nobody asks, or the system itself watches reading."""

    def check(path: Any, folder: Any, may: Callable[[str], bool], says: str) -> None:
        if isinstance(path, int):  # an open file
            path = f"/proc/self/fd/{path}"
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        name = os.fsdecode(path)
        if isinstance(folder, int) and folder >= 0:  # a name in an open folder, as shutil.rmtree deletes
            name = os.path.join(f"/proc/self/fd/{folder}", name)  # noqa: PTH118 - an absolute name stays what it is
        full = os.path.realpath(name)
        if not may(full) and full not in SINKS and not full.startswith("/proc/"):
            raise PermissionError(says)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, int):
                return  # it was allowed when it was opened
            if (isinstance(flags, int) and flags & WRITING) or (
                isinstance(mode, str) and any(letter in mode for letter in "wax+")
            ):
                check(path, None, may_write, words)
            elif may_read is not None:
                check(path, None, may_read, NOT_GIVEN)
        elif event in CHANGES:
            for place, folder in CHANGES[event]:
                check(arguments[place], None if folder is None else arguments[folder], may_write, words)
        elif event in LOOKING:
            if may_read is not None:
                check(arguments[0] or ".", None, may_read, NOT_GIVEN)
        elif event in LOOKING_UP or (event in SENDING and arguments[1] is not None):
            raise PermissionError(NO_NETWORK)

    return watch


# --- Landlock -----------------------------------------------------------------------------------------------

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every processor
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_CHANGING = sum(1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))  # write, remove, make of each kind, move
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_CALLS = 1 << 0 | 1 << 1  # listen and connect over TCP
_ABSTRACT_UNIX, _SIGNAL = 1 << 0, 1 << 1
_NO_NEW_PRIVILEGES = 38
OLDEST = 2  # the first version cannot move a file between two folders, which reports do


def restrict(writable: tuple[str, ...], readable: tuple[str, ...]) -> bool:
    """Fence this process and its children in by Landlock; False, and nothing done, where the system has none."""
    if not sys.platform.startswith("linux"):
        return False
    system = ctypes.CDLL(None, use_errno=True)
    version = system.syscall(_CREATE, None, ctypes.c_size_t(0), 1)
    if version < OLDEST:
        return False
    reading = _READ_FILE | _READ_DIR
    writing = _CHANGING | (_TRUNCATE if version >= 3 else 0)
    handled = reading | writing | _EXECUTE
    wanted = struct.pack("QQQ", handled, _CALLS if version >= 4 else 0, _ABSTRACT_UNIX | _SIGNAL if version >= 6 else 0)
    wanted = wanted[: 8 if version < 4 else 16 if version < 6 else 24]  # older systems know fewer fields
    rules = system.syscall(_CREATE, wanted, ctypes.c_size_t(len(wanted)), 0)
    if rules < 0:
        return False
    try:
        for path in (*SYSTEM, *readable):
            _allow(system, rules, path, reading | _EXECUTE)
        for path in (*writable, *SINKS):
            _allow(system, rules, path, reading | writing)
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
            rights &= _OF_A_FILE
        rule = struct.pack("=Qi", rights, held)
        system.syscall(_ADD, ctypes.c_int(rules), 1, rule, 0)
    finally:
        os.close(held)
