"""The fences of a kernel, each by itself: the filter on system calls, and the hook where there is no other."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys

import pytest

from commissioning.runs import seccomp


def test_without_landlock_pythons_own_reading_is_held_by_the_hook(tmp_path):
    """As on macOS: the fence of the system is taken away, and the hook stands alone."""
    (tmp_path / "secret").write_text("4711")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "k.json").write_text("{}")
    code = (
        "import os, pathlib\nfrom commissioning.runs import guard\nguard.restrict = lambda *given: False\n"
        f"guard.guard({str(tmp_path / 'own' / 'k.json')!r})\n"
        "def refused(what):\n    try: what()\n    except PermissionError: return\n    raise SystemExit('went through')\n"
        f"refused(lambda: open({str(tmp_path / 'secret')!r}))\nrefused(lambda: os.listdir({str(tmp_path)!r}))\n"
        f"refused(lambda: pathlib.Path({str(tmp_path / 'new')!r}).write_text('x'))\n"
        f"pathlib.Path({str(tmp_path / 'own' / 'x')!r}).write_text('x')\nimport email.mime.text, decimal\n"
        "import socket\nrefused(lambda: socket.getaddrinfo('localhost', 1))\n"
    )  # fmt: skip
    env = {**os.environ, "COMMISSIONING_PROTECT": str(tmp_path), "COMMISSIONING_ALLOW": str(tmp_path / "own")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


TRIED = """
import socket, pathlib, os
def prepare(pilot, area, data, folder, history):
    pathlib.Path(folder, "tables").write_text("x")
    pathlib.Path(data, "people.csv").read_text()
    said = {}
    def tried(name, what):
        try: what(); said[name] = "went through"
        except PermissionError: said[name] = "refused"
    tried("beside", lambda: pathlib.Path(data, "copy.csv").write_text("x"))
    tried("over", lambda: open(pathlib.Path(data, "people.csv"), "a"))
    tried("away", lambda: os.rename(pathlib.Path(data, "people.csv"), pathlib.Path(data, "x.csv")))
    tried("library", lambda: pathlib.Path(LIBRARY, "planted.py").write_text("x"))
    tried("tcp", lambda: socket.create_connection(("127.0.0.1", PORT)))
    tried("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)))
    tried("unix", lambda: socket.socket(socket.AF_UNIX).connect(str(pathlib.Path(data, "s"))))
    tried("name", lambda: socket.getaddrinfo("localhost", 80))
    return said
"""


def test_what_prepares_a_study_writes_nothing_among_extracts_and_calls_nobody(tmp_path, monkeypatch):
    from commissioning.runs import keys, worker

    for name in ("data", "folder", "code"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "people.csv").write_text("id")
    with socket.create_server(("127.0.0.1", 0)) as port:
        text = TRIED.replace("PORT", str(port.getsockname()[1])).replace("LIBRARY", repr(str(keys.PACKAGE)))
        (tmp_path / "code" / "tries_to_reach_out.py").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path / "code"))
        given = {
            "pilot": "alpha",
            "area": "",
            "data": str(tmp_path / "data"),
            "folder": str(tmp_path / "folder"),
            "history": "",
        }
        answer = worker.answer({"do": "prepare", "function": "tries_to_reach_out:prepare", "arguments": given})
        assert set(answer["study"].values()) == {"refused"} and len(answer["study"]) == 8
        socket.create_connection(port.getsockname()).close()  # the process itself goes on
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["people.csv"]
    (tmp_path / "data" / "later").write_text("x")


def verdict(program: bytes, number: int, arguments: tuple[int, ...] = (), processor: int = 0) -> bool:
    """Whether a filter lets a system call through: the few instructions of classic BPF, as its manual describes them."""
    data = struct.pack("=iIQ6Q", number, processor, 0, *(arguments + (0,) * (6 - len(arguments))))
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    at, held = 0, 0
    while True:
        code, yes, no, k = steps[at]
        at += 1
        if code == 0x20:
            held = struct.unpack_from("=I", data, k)[0]
        elif code == 0x54:
            held &= k
        elif code in (0x15, 0x35):
            at += yes if (held == k if code == 0x15 else held >= k) else no
        elif code == 0x06:
            return k == 0x7FFF0000
        else:
            raise AssertionError(f"an instruction {code:#x} that this filter should not hold")


@pytest.mark.parametrize("processor", seccomp.PROCESSORS)
def test_the_filter_refuses_what_it_names_and_nothing_else_on_both_processors(processor):
    place, name = seccomp.PROCESSORS[processor]
    program = seccomp.program(processor)
    refused = {numbers[place] for numbers in seccomp.REFUSED.values()}
    sendto, pair = seccomp.SENDTO[place], seccomp.SOCKETPAIR[place]
    for number in range(500):
        let = verdict(program, number, processor=name)
        assert let == (number not in refused and number != pair), number
        assert not verdict(program, number, processor=0x40000003), "32-bit calls have other numbers"
    assert verdict(program, pair, (1, 1 | 0o2000000), name) and not verdict(program, pair, (1, 2), name)
    assert not verdict(program, pair, (2, 1), name)
    for address in (1, 1 << 33, 1 << 63):
        assert not verdict(program, sendto, (3, 0, 0, 0, address), name)
    if processor == "x86_64":
        assert not verdict(program, 0x40000000 | 41, processor=name) and not verdict(
            program, 0x40000000, processor=name
        )
