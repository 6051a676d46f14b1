"""What a notebook's process may not do: fill the machine, reach the network, write over the site.

Applied inside the kernel before any cell runs, under both engines. The limits come from
the environment that the runner sets; without it (plain papermill, JupyterLab) nothing is
limited. It stops mistakes and careless code, not a determined attacker: notebooks are
reviewed code, and the runner checks their hash.
"""

from __future__ import annotations

import os
import sys
from typing import Any

OPEN_FILES = 1024
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


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
    return any(path == root or path.startswith(root + os.sep) for root in roots)


def guard() -> None:
    """Set the limits and the audit hook. Does nothing outside a run (no COMMISSIONING_PROTECT)."""
    protect = os.environ.get("COMMISSIONING_PROTECT")
    if not protect:
        return
    limit_resources()
    closed = tuple(os.path.realpath(one) for one in protect.split(os.pathsep) if one)
    allowed = tuple(os.path.realpath(one) for one in os.environ.get("COMMISSIONING_ALLOW", "").split(os.pathsep) if one)

    def refuse(path: Any) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        full = os.path.realpath(os.fsdecode(path))
        if _inside(full, closed) and not _inside(full, allowed) and "__pycache__" not in full:
            raise PermissionError("a notebook may write only in its own stage folder")

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if (isinstance(flags, int) and flags & WRITING) or (
                isinstance(mode, str) and any(letter in mode for letter in "wax+")
            ):
                refuse(path)
        elif event in ("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"):
            refuse(arguments[0])
        elif event in ("os.rename", "os.link", "os.symlink"):
            refuse(arguments[0])
            refuse(arguments[1])
        elif event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
            import socket

            inet = event != "socket.connect" or arguments[0].family != getattr(socket, "AF_UNIX", None)
            if inet:
                raise PermissionError("a notebook may not use the network")

    sys.addaudithook(watch)
