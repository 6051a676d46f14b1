"""How a kernel is started, waited for and ended: forked from the warm process, or an ordinary process, without fixed waits."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from commissioning.runs import processes
from commissioning.runs.warm_server import ForkServerProcess

SOCKET_VARIABLE = "COMMISSIONING_FORK_SERVER"


def _own_server() -> str:
    """The socket of this process's own server, for `papermill --engine warm` outside a run."""
    given = os.environ.get(SOCKET_VARIABLE)
    if given:
        return given
    server = ForkServerProcess()
    server.wait_ready()
    atexit.register(server.close)
    os.environ[SOCKET_VARIABLE] = server.socket_path
    return server.socket_path


class OwnKernel(LocalProvisioner):
    """An ordinary kernel process of ours, waited for without a fixed step of 0.1 s. `status`: how it ended."""

    status: int | None = None

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        manager: Any = self.parent
        given = options.get("env")
        options = await super().pre_launch(**options)
        command = options["cmd"]
        if given is not None and "COMMISSIONING_PROTECT" in given:
            # The kernel of a run, with its guard on and in its own environment, whatever a kernel's file of this account says.
            options["cmd"] = [
                sys.executable,
                "-P",
                "-m",
                "commissioning.runs.kernel",
                "-f",
                manager.connection_file,
            ]
            options["env"] = dict(given)
        elif command[1:3] == ["-m", "ipykernel_launcher"]:
            options["cmd"] = [sys.executable, "-m", "commissioning.runs.kernel", *command[3:]]
        return options

    async def poll(self) -> int | None:
        if self.process is not None:
            self.status = self.process.poll()
        return self.status

    async def wait(self) -> int | None:
        while self.process is not None and await self.poll() is None:
            await asyncio.sleep(0.01)
        self.process = None
        return self.status

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        folder = getattr(self.parent, "folder", None)
        if folder and not restart:
            shutil.rmtree(folder, ignore_errors=True)


class ForkedKernel(OwnKernel):
    """Gets its kernel from the fork server. The open connection is the kernel's lifeline."""

    connection: socket.socket | None = None

    @property
    def has_process(self) -> bool:
        return self.connection is not None

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        path = _own_server()
        self.connection = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + 60  # the server may still be importing
        while True:
            try:
                self.connection.connect(path)
                break
            except (FileNotFoundError, ConnectionRefusedError):
                gone = not Path(path).parent.is_dir()  # its owner took it down: nobody will ever listen there
                if gone or time.monotonic() > deadline:
                    raise RuntimeError("the fork server did not answer") from None
                await asyncio.sleep(0.02)
        where = cmd.index("-f")
        request = {
            "connection_file": cmd[where + 1],
            "extra": cmd[where + 2 :],
            "cwd": str(options.get("cwd") or Path.cwd()),
            "env": dict(options["env"]),
            "log": options["env"].get("COMMISSIONING_KERNEL_LOG"),
        }
        self.connection.settimeout(60)
        self.connection.sendall(json.dumps(request).encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            try:
                part = self.connection.recv(4096)
            except TimeoutError:
                part = b""
            if not part:
                raise RuntimeError("the fork server went away")
            answer += part
        self.pid = self.pgid = json.loads(answer)["pid"]
        self.connection.setblocking(False)
        await self._bound()
        return self.connection_info

    async def _bound(self) -> None:
        """Wait until the kernel listens. ZeroMQ tries again only after a tenth of a second where it called too early."""
        info = self.connection_info
        if info.get("transport") != "ipc":
            return
        last = Path(f"{info['ip']}-{info['hb_port']}")  # the heartbeat's is the last socket to be bound
        until = time.monotonic() + 1.0  # after that the client's own waiting decides
        while not last.exists() and time.monotonic() < until and await self.poll() is None:
            await asyncio.sleep(0.002)

    async def poll(self) -> int | None:
        if self.connection is not None and self.status is None:
            try:
                data = self.connection.recv(4096)
                self.status = json.loads(data)["exit"] if data else -9
            except BlockingIOError:
                return None
            except OSError:
                self.status = -9
        return self.status

    async def wait(self) -> int | None:
        while self.connection is not None and await self.poll() is None:
            await asyncio.sleep(0.005)
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        return self.status

    async def send_signal(self, signum: int) -> None:
        if self.connection is not None and self.status is None and self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signum)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(9)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(15)


class PromptClient(AsyncKernelClient):
    """Ready when the kernel's first broadcast arrives (JEP 65), not after fixed waits of 0.2 s."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        start = time.monotonic()
        end = start + (timeout or 60)
        welcomed = False
        while not welcomed:
            try:
                message = await self.iopub_channel.get_msg(timeout=0.5)
                welcomed = message["msg_type"] == "iopub_welcome"
            except Empty:
                await self._still_there(end)
                if time.monotonic() > start + 5:  # a kernel older than JEP 65
                    await super()._async_wait_for_ready(timeout)
                    return
        asked = self.kernel_info()
        while True:
            try:
                message = await self.shell_channel.get_msg(timeout=0.5)
            except Empty:
                await self._still_there(end)
                continue
            if message["parent_header"].get("msg_id") == asked:
                self._handle_kernel_info_reply(message)
                return

    async def _still_there(self, end: float) -> None:
        if not await self._async_is_alive():
            raise RuntimeError("Kernel died before replying to kernel_info")
        if time.monotonic() > end:
            raise RuntimeError("Kernel didn't respond in time")

    wait_for_ready = _async_wait_for_ready  # type: ignore[assignment]


class PromptManager(AsyncKernelManager):
    """Ends kernels at once."""

    kernel_class: type[OwnKernel] = OwnKernel
    kill_at_once = False
    folder: str | None = None  # of its own, where the kernel's channels are files

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if hasattr(os, "fork"):
            self.folder = tempfile.mkdtemp(prefix="ck")
            options |= {"transport": "ipc", "connection_file": str(Path(self.folder) / "k.json")}
        super().__init__(*arguments, **options)
        self.client_factory = PromptClient
        self.kernel_id = self.kernel_id or str(uuid.uuid4())
        self.provisioner = self.kernel_class(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)

    async def _async_shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        self.shutting_down = True
        self.stop_restarter()
        kernel = self.provisioner
        assert isinstance(kernel, OwnKernel)
        if now or self.kill_at_once:
            await kernel.kill()
        else:
            await self._async_request_shutdown(restart=restart)
        for seconds in (1, 5):
            try:
                await asyncio.wait_for(kernel.wait(), seconds)
                break
            except TimeoutError:
                await kernel.kill()
        else:  # whoever should have told us stands still: not worth waiting for
            if kernel.pid:
                processes.kill_tree(kernel.pid)
        await self._async_cleanup_resources(restart=restart)

    shutdown_kernel = _async_shutdown_kernel  # type: ignore[assignment]


class ForkManager(PromptManager):
    kernel_class = ForkedKernel
