"""Every command and every block of the tutorial and the guides is carried out, in a copy of the house."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from documents import ROOT, RUN, Block, blocks, commands, name
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

BIN = Path(sys.executable).parent
COPIED = ("lib", "notebooks", "pilots", "data/sample", "data/reference", "docs", "tests/measures")
FILES = ("Makefile", "pyproject.toml", "requirements.lock", "README.md")


@pytest.fixture
def house(tmp_path):
    """The checkout as a clone has it, with the environment that `make` would have made."""
    target = tmp_path / "commissioning"
    for one in COPIED:
        shutil.copytree(ROOT / one, target / one, ignore=shutil.ignore_patterns("*.egg-info"))
    for one in FILES:
        shutil.copy(ROOT / one, target / one)
        os.utime(target / one, (0, 0))  # older than the environment: `make` finds nothing to install
    shutil.copy(os.environ["COMMISSIONING_REVIEW"], target / "notebooks" / "reviewed.toml")  # no git vouches for a copy
    (target / ".venv").mkdir()
    for one in ("bin", "lib", "pyvenv.cfg"):
        (target / ".venv" / one).symlink_to(BIN.parent / one)
    (target / ".venv" / ".complete").touch()
    return target


def environment(house: Path) -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("COMMISSIONING_", "PYTEST_", "COV_"))
    }
    return {
        **kept,
        "PYTHONPATH": str(house / "lib"),
        "XDG_DATA_HOME": str(house.parent / "account"),  # where a council's ledger would lie
        "LANG": "C.UTF-8",
        "COLUMNS": "120",
    }


def carry_out(block: Block, house: Path) -> None:
    """Do what one block says. Fails where a command ends otherwise than told, or prints something else."""
    if block.file:
        path = house / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if "append" in block.words else "w", encoding="utf-8") as file:
            file.write(block.text)
        return
    if block.language == "python":
        run(block, [str(BIN / "python"), "-c", block.text], house, ())
        return
    ends = [int(one.removeprefix("exit=")) for one in block.words if one.startswith("exit=")]
    wanted = commands(block)
    for number, command in enumerate(wanted):
        code = ends[0] if ends and number == len(wanted) - 1 else 0
        run(block, ["bash", "-c", command.words], house, command.printed, code)


def run(block: Block, words: list[str], house: Path, printed: tuple[str, ...], code: int = 0) -> None:
    done = subprocess.run(
        words, cwd=house, env=environment(house), capture_output=True, text=True, timeout=900, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{block.where}: {words[-1]}\nended with {done.returncode}\n{said[-3000:]}"
    rest = said
    for line in printed:
        for part in filter(None, (one.strip() for one in line.split("…"))):
            _, found, rest = rest.partition(part)
            assert found, f"{block.where}: {words[-1]}\ndoes not print {part!r}, but\n{said[-3000:]}"


@contextlib.contextmanager
def keyboard(house: Path) -> Iterator[Callable[[Block], None]]:
    """A person at JupyterLab who reads one page: its cells run one after another in one kernel, whose front end can be asked something."""
    started: list[tuple[KernelManager, BlockingKernelClient]] = []

    def cell(block: Block) -> None:
        if not started:
            manager = KernelManager(kernel_name="python3")
            manager.start_kernel(cwd=str(house), env=environment(house))
            started.append((manager, manager.client()))
            started[0][1].start_channels()
            started[0][1].wait_for_ready(timeout=60)
        said = started[0][1].execute_interactive(
            block.text, allow_stdin=True, timeout=300, output_hook=lambda message: None
        )
        assert said["content"]["status"] == "ok", (
            f"{block.where}: {said['content'].get('ename')} {said['content'].get('evalue')}"
        )

    try:
        yield cell
    finally:
        for manager, client in started:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def runnable(page: Path) -> list[Block]:
    return [one for one in blocks(page) if one.language in {"console", "python"} or one.file]


def follow(page: list[Block], house: Path) -> None:
    with keyboard(house) as cell:
        for block in page:
            (cell(block) if "kernel" in block.words else carry_out(block, house))


@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_commands_of_a_page_do_what_it_says(page, house):
    follow([one for one in runnable(page) if not {"slow", "clone"} & set(one.words)], house)


def test_the_tutorial_begins_with_a_clone_that_holds_what_the_rest_needs(tmp_path):
    (block,) = [one for page in RUN for one in blocks(page) if "clone" in one.words]
    if not (ROOT / ".git").exists():
        pytest.skip("this copy has no git history to clone")
    (command,) = commands(block)
    run(block, ["bash", "-c", command.words.replace("ADDRESS", str(ROOT))], tmp_path, command.printed)
    assert all((tmp_path / "workbench" / one).exists() for one in (*COPIED, *FILES))


@pytest.mark.soak
@pytest.mark.parametrize("page", [one for one in RUN if any("slow" in b.words for b in blocks(one))], ids=name)
def test_the_slow_commands_of_a_page_do_what_it_says_too(page, house):
    follow([one for one in runnable(page) if "clone" not in one.words], house)


def test_a_command_that_prints_something_else_is_found_out(house, tmp_path):
    page = ROOT / "docs" / "page.md"
    block = Block(
        page=page,
        line=1,
        language="console",
        words=(),
        text="$ .venv/bin/commissioning --version\ncommissioning 9.9.9\n",
    )
    with pytest.raises(AssertionError, match="does not print"):
        carry_out(block, house)
    block = Block(
        page=page, line=1, language="console", words=(), text="$ .venv/bin/commissioning measures no_such_measure\n"
    )
    with pytest.raises(AssertionError, match="ended with 2"):
        carry_out(block, house)
