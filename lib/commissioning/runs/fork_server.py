"""The warm process: it holds the libraries, and forks one fresh kernel for each notebook.

`python -m commissioning.runs.fork_server SOCKET MODULE…` prints one line of JSON when it is ready. A client sends one line of JSON
(`connection_file`, `cwd`, `env`, `log`, `extra`) and gets `{"pid"}`, and `{"exit"}` when the kernel has ended. When its connection
closes the kernel's process group is killed; when standard input closes (the runner died), every kernel is, and the server leaves.

One thread only, on purpose: forking a process with threads is unsafe. So nothing here may open a DuckDB connection or import what
starts threads.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

from commissioning.runs import processes
from commissioning.runs.warm_server import kernels_file

# What every ipykernel imports at start-up, so that the forked one need not; each brings further ones with it.
KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",  # with pdb
    "IPython.core.historyapp",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "commissioning.runs.streams",
    "faulthandler",
    "tornado.platform.asyncio",
)
INLINE = "module://matplotlib_inline.backend_inline"


def preload(modules: tuple[str, ...]) -> list[str]:
    """Import the libraries; return the names that could not be imported.

    pandas fixes `display.max_columns` by asking `get_ipython().kernel` at import, so a stand-in
    answers while it is imported: otherwise wide tables would be cut under this engine only.
    ipykernel takes it that there is no debugger: nobody sets a breakpoint in a run, and debugpy would cost this process
    and every kernel a tenth of a second. A notebook may still import it.
    """
    missing = []
    os.environ["MPLBACKEND"] = INLINE
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    builtins.get_ipython = lambda: types.SimpleNamespace(kernel=True)  # type: ignore[attr-defined]
    try:
        for name in (*modules, *KERNEL_MODULES):
            try:
                importlib.import_module(name)
            except Exception:  # a missing library fails in the notebook that needs it, by its own name
                missing.append(name)
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]
        del sys.modules["debugpy"]
    return missing


def become_kernel(request: dict[str, Any]) -> None:
    """Run in the forked child: a clean process, then an ordinary ipykernel."""
    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if request.get("log") else null
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()  # fork copies numpy's global generator: every kernel would draw the same
    from commissioning.runs.guard import guard, no_network, on

    if not on():
        own = [one for one in request["env"].get("PYTHONPATH", "").split(os.pathsep) if one]
        sys.path[:] = ["", *own, *(one for one in sys.path if one not in ("", *own))]  # as in JupyterLab
    guard(request["connection_file"])
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher.py", "-f", request["connection_file"]]
    app = IPKernelApp.instance(parent_handle=os.getppid())
    streams = "--IPKernelApp.outstream_class=commissioning.runs.streams.PromptStream"
    app.initialize(["-f", request["connection_file"], streams, *request.get("extra", [])])
    app.kernel._execute_sleep = 0.0  # half a thousandth a cell, for clients that do not wait for "idle"; nbclient does
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is not None and os.environ.get("MPLBACKEND", INLINE) in (INLINE, "inline"):
        # It was imported before there was a shell, so its picture formatters are not registered yet.
        inline._enable_matplotlib_integration()
    no_network()
    app.start()


class ForkServer:
    """The loop that forks, reaps and kills."""

    def __init__(self, path: str) -> None:
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(path)
        Path(path).chmod(0o600)
        self.listening.listen(64)
        self.wake_read, self.wake_write = socket.socketpair()
        self.wake_read.setblocking(False)
        self.wake_write.setblocking(False)
        signal.set_wakeup_fd(self.wake_write.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for one in (signal.SIGINT, signal.SIGHUP):
            signal.signal(one, signal.SIG_IGN)  # the runner decides when to stop
        signal.signal(signal.SIGTERM, lambda *_: self.leave())
        self.kernels: dict[int, socket.socket] = {}
        self.noted = kernels_file(path)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listening, selectors.EVENT_READ, self.accept)
        self.selector.register(self.wake_read, selectors.EVENT_READ, self.woken)
        self.selector.register(sys.stdin, selectors.EVENT_READ, lambda _: self.leave())

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select():
                key.data(key.fileobj)

    def leave(self) -> None:
        for pid in list(self.kernels):
            processes.kill_group(pid)
        processes.kill_below(os.getpid(), seconds=2.0)
        os._exit(0)

    def accept(self, _: Any) -> None:
        connection, _address = self.listening.accept()
        connection.settimeout(10)
        line = b""
        with contextlib.suppress(OSError):
            while not line.endswith(b"\n"):
                part = connection.recv(1 << 20)
                if not part:
                    break
                line += part
        if not line.endswith(b"\n"):
            connection.close()
            return
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            self.child(request, connection)
        self.kernels[pid] = connection
        self.note()
        with contextlib.suppress(OSError):
            connection.sendall(json.dumps({"pid": pid}).encode() + b"\n")
        self.selector.register(connection, selectors.EVENT_READ, lambda _, pid=pid: self.client_left(pid))

    def note(self) -> None:
        """Say which kernels there are, for those who count what a report started."""
        with contextlib.suppress(OSError):
            self.noted.write_text(" ".join(str(one) for one in self.kernels), encoding="ascii")

    def child(self, request: dict[str, Any], connection: socket.socket) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for one in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
                signal.signal(one, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.selector.close()
            for held in (self.listening, self.wake_read, self.wake_write, connection, *self.kernels.values()):
                held.close()
            become_kernel(request)
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            # No interpreter shutdown: closing ZeroMQ's sockets there can wait for seconds on messages
            # that nobody will read. Files that cells left open are closed by the system.
            with contextlib.suppress(Exception):
                sys.stdout.flush()
            os._exit(code)

    def client_left(self, pid: int) -> None:
        """The client closed its end: nobody wants this kernel any more."""
        connection = self.kernels.get(pid)
        if connection is not None:
            self.selector.unregister(connection)
            processes.kill_group(pid)

    def woken(self, _: Any) -> None:
        with contextlib.suppress(BlockingIOError):
            self.wake_read.recv(4096)
        ended = False
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            connection = self.kernels.pop(pid, None)
            if connection is None:
                continue  # an adopted orphan
            ended = True
            processes.kill_group(pid)  # its children share its group
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(connection)
            with contextlib.suppress(OSError):
                connection.sendall(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode() + b"\n")
            connection.close()
        if ended:
            self.note()
            # Children that left the group were adopted by this process.
            processes.kill_below(os.getpid(), keep=frozenset(self.kernels), seconds=1.0)


def thread_names() -> list[str]:
    """Names of this process's threads, as the system knows them, the allocator's own apart.

    pyarrow's allocator keeps a thread that frees memory; it prepares for a fork by itself.
    """
    folder = Path("/proc/self/task")
    if not folder.is_dir():
        return ["main"]
    names = [(one / "comm").read_text().strip() for one in folder.iterdir()]
    return [one for one in names if one != "jemalloc_bg_thd"]


def main(arguments: list[str]) -> None:
    processes.adopt_orphans()
    missing = preload(tuple(arguments[1:]))
    threads = thread_names()
    gc.collect()
    gc.freeze()  # the collector then leaves the shared pages alone
    server = ForkServer(arguments[0])
    print(json.dumps({"ready": True, "missing": missing, "threads": threads}), flush=True)
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
