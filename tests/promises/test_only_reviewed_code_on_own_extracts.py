"""On a council's own extracts only reviewed code runs, and even that reads, writes and calls no further than it must.

Longer than 400 lines: one list of ways round the door, tried one after the other on one house.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import json
import os
import py_compile
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from commissioning.cli import main
from commissioning.errors import UsageError
from commissioning.measures.catalogue import catalogue
from commissioning.runs import keys, notebooks, review
from commissioning.runs.plan import plan
from commissioning.runs.warm_server import ForkServerProcess

sys.path.insert(0, str(Path(__file__).parent))

from acts_kit import House, batch, importable_by_workers, notebook, one_report  # noqa: E402, F401

ROOT = Path(__file__).parents[2]


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.delenv(review.PLACE)
    made = House(tmp_path / "house")
    made.write("1_analyse", notebook("pass", stage="analyse"))
    (made.root / "pilots" / "alpha" / "measures.py").write_text("MEASURES = ()\n")
    return made


# --- the review -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", [None, "", "# nothing yet\n", "[notebooks]\n", "[pilots]\n"])
def test_a_missing_or_empty_review_refuses_every_run_on_own_extracts(house, record):
    file = house.root / "notebooks" / "reviewed.toml"
    if record is not None:
        file.write_text(record)
    with pytest.raises(UsageError, match=r"no notebook was reviewed here .* record the review"):
        plan(house.root, house.pilots)
    assert plan(house.root, house.pilots, illustrative=True), "the sample needs none"


@pytest.mark.parametrize("record", ["[notebooks", "notebooks = 3\n", "[notebooks]\nx = {"])
def test_a_review_that_cannot_be_read_refuses_too(house, record):
    (house.root / "notebooks" / "reviewed.toml").write_text(record)
    with pytest.raises(UsageError, match=r"reviewed\.toml is not a record of reviews"):
        plan(house.root, house.pilots)


def test_the_command_refuses_before_it_reads_an_extract(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (tmp_path / "reviewed.toml").write_text("")
    monkeypatch.setenv(review.PLACE, str(tmp_path / "reviewed.toml"))
    data = tmp_path / "own"
    data.mkdir()
    (data / "people.csv").write_text("not even a table")
    out = tmp_path / "site"
    assert main(["run", "vcf_funding", "--data", str(data), "--area", "E08000033", "--out", str(out)]) in (2, 65)
    assert not out.exists()
    assert capsys.readouterr().err.count("\n") >= 1


CODE = {
    "measures.py changed": lambda root: (root / "pilots/alpha/measures.py").write_text("MEASURES = ()  # and more\n"),
    "measures.py of another pilot": lambda root: (root / "pilots/beta/measures.py").write_text("import socket\n"),
    "sections.py": lambda root: (root / "pilots/alpha/sections.py").write_text("print('x')\n"),
    "a helper beside": lambda root: (root / "pilots/alpha/deep").mkdir() or (root / "pilots/alpha/deep/helper.py").write_text(""),
    "a compiled module": lambda root: (root / "pilots/alpha/fast.so").write_bytes(b"\x7fELF"),
    "a path file": lambda root: (root / "pilots/alpha/more.pth").write_text("import os"),
}  # fmt: skip


@pytest.mark.parametrize("what", CODE)
def test_code_in_a_pilots_folder_is_refused_until_it_is_reviewed(house, what):
    notebooks.record_review(house.root, tuple(house.pilots))
    plan(house.root, house.pilots)
    CODE[what](house.root)
    with pytest.raises(UsageError, match="only reviewed code runs"):
        plan(house.root, house.pilots)
    assert plan(house.root, house.pilots, illustrative=True)
    notebooks.record_review(house.root, tuple(house.pilots))
    plan(house.root, house.pilots)


def test_a_reviewer_may_keep_the_record_where_analysts_cannot_write(house, tmp_path, monkeypatch):
    monkeypatch.setenv(review.PLACE, str(tmp_path / "kept" / "review.toml"))
    (tmp_path / "kept").mkdir()
    assert notebooks.record_review(house.root, tuple(house.pilots)) == tmp_path / "kept" / "review.toml"
    plan(house.root, house.pilots)
    assert not (house.root / "notebooks" / "reviewed.toml").exists()


@pytest.mark.parametrize("where", ["checkout", "elsewhere", "none"])
def test_a_run_s_record_says_which_record_of_reviews_it_went_by(house, tmp_path, monkeypatch, where):
    """Whoever runs may name one of their own: a reader of the run's record sees that, and which one."""
    if where == "elsewhere":
        monkeypatch.setenv(review.PLACE, str(tmp_path / "Ottershawbury.toml"))
    if where != "none":
        notebooks.record_review(house.root, tuple(house.pilots))
    file = review.place(house.root)
    batch(house)
    told = (house.out / "record.json").read_text()
    sha = {} if where == "none" else {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    assert json.loads(told)["review"] == {"place": where, **sha}
    assert "Ottershawbury" not in told


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A copy of the library that may be changed; `review` looks at it instead."""
    copy = tmp_path / "library" / "commissioning"
    shutil.copytree(keys.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "worked_examples"))
    monkeypatch.setattr(review, "PACKAGE", copy)
    review._as_committed.cache_clear()
    yield copy
    review._as_committed.cache_clear()


CHANGES = {
    "a byte": lambda lib: (lib / "cli.py").write_bytes((lib / "cli.py").read_bytes().replace(b"main", b"mian", 1)),
    "a file more": lambda lib: (lib / "reports" / "extra.py").write_text(""),
    "a file less": lambda lib: (lib / "wording.py").unlink(),
    "a table": lambda lib: (lib / "evidence" / "councils.csv").write_text("code\n"),
    "the same size and time": lambda lib: same_size_and_time(lib / "ledger.py"),
}


def same_size_and_time(path: Path) -> None:
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"def read", b"def raed", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def vouched_by_record(root: Path, library: Path, monkeypatch) -> None:
    notebooks.record_review(root, ("alpha", "beta"))


def vouched_by_git(root: Path, library: Path, monkeypatch) -> None:
    if shutil.which("git") is None:
        pytest.skip("no git here")
    for words in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "released"],
    ):
        subprocess.run(["git", "-C", str(library.parent), *words], check=True, capture_output=True)
    assert review.read(root) == {}


def vouched_by_wheel(root: Path, library: Path, monkeypatch) -> None:
    lines = []
    for path in sorted(library.rglob("*")):
        if path.is_file():
            value = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
            lines.append(f"{path.relative_to(library.parent).as_posix()},sha256={value},{path.stat().st_size}")
    about = library.parent / "commissioning-9.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: commissioning\nVersion: 9\n")
    (about / "RECORD").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(library.parent))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("vouch", [vouched_by_record, vouched_by_git, vouched_by_wheel], ids=lambda one: one.__name__)
def test_a_library_as_released_or_reviewed_runs_and_a_changed_one_is_refused(
    house, library, monkeypatch, vouch, change
):
    (house.root / "pilots/alpha/measures.py").unlink()
    assert review.unreviewed(house.root, ("alpha",)) == ["the library (lib/commissioning) has not been reviewed"]
    review._as_committed.cache_clear()
    vouch(house.root, library, monkeypatch)
    assert review.unreviewed(house.root, ("alpha",)) == []
    CHANGES[change](library)
    (told,) = review.unreviewed(house.root, ("alpha",))
    assert told.startswith(("lib/commissioning/", "the library"))


def test_a_file_that_is_gone_is_seen_too_where_the_list_of_files_leaves_it_out(house, library, monkeypatch):
    pytest.importorskip("importlib_metadata")  # it puts its own finder first, as an imported Dask does
    (house.root / "pilots/alpha/measures.py").unlink()
    review._as_committed.cache_clear()
    vouched_by_wheel(house.root, library, monkeypatch)
    (library / "wording.py").unlink()
    assert review.unreviewed(house.root, ("alpha",)) != []


def test_a_compiled_copy_beside_measures_is_not_run(tmp_path):
    folder = tmp_path / "alpha"
    folder.mkdir()
    file = folder / "measures.py"
    evil = f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\nMEASURES = ()\n"
    file.write_text(evil)
    py_compile.compile(str(file), doraise=True)
    stood = file.stat()
    file.write_text("MEASURES = ()\n".ljust(len(evil) - 1, "#") + "\n")
    os.utime(file, ns=(stood.st_atime_ns, stood.st_mtime_ns))
    with pytest.raises(UsageError, match="has no measures"):
        catalogue(folder=folder)
    assert not (tmp_path / "ran").exists()


def test_code_that_changes_while_the_run_goes_on_is_not_published(house):
    from acts_kit import QuickPool, batch

    notebooks.record_review(house.root, tuple(house.pilots))

    class Meddling(QuickPool):
        def send(self, name, message):
            (house.root / "pilots/alpha/measures.py").write_text("MEASURES = ()  # changed in between\n")
            super().send(name, message)

    def recheck() -> None:
        review.refuse_unreviewed(house.root, tuple(house.pilots))

    with pytest.raises(UsageError, match=r"pilots/alpha/measures\.py was changed after its review"):
        batch(house, pool=Meddling(), recheck=recheck)
    assert not (house.out / "index.html").exists()


# --- the kernel -----------------------------------------------------------------------------------------------


def landlock() -> int:
    """The version of Landlock here; below 1 where there is none."""
    return int(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)) if sys.platform == "linux" else 0


fenced = pytest.mark.skipif(landlock() < 6, reason="this system has no Landlock that would hold it")

TRIED = r"""
import asyncio, concurrent.futures, ctypes, json, multiprocessing.shared_memory, os, pathlib, socket, subprocess, sys, tempfile
said, own = {}, pathlib.Path(os.environ["COMMISSIONING_OUT"])
c = ctypes.CDLL(None, use_errno=True)
def tried(name, what):
    try: said[name] = repr(what())
    except BaseException as error: said[name] = type(error).__name__
def child(code): return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode
def by_c(call, *given):
    if call(*given) != -1: return "done"
    raise OSError(ctypes.get_errno(), "refused")
AT = json.loads(WHERE)
for name in AT["closed"]: tried("read " + name, lambda: open(name).read())
for name in AT["folders"]: tried("list " + name, lambda: os.listdir(name))
for name in AT["writes"]: tried("write " + name, lambda: open(name + "/planted", "w").close())
tried("a child reads", lambda: child(f"open({AT['closed'][0]!r})") and 1 / 0)
tried("C reads", lambda: by_c(c.open, os.fsencode(AT["closed"][0]), 0))
tried("through a link", lambda: (os.symlink(AT["closed"][0], own / "link"), (own / "link").read_text()))
for pid in AT["processes"]:
    for what in ("environ", "mem", "maps"): tried(f"process {what} {pid}", lambda: open(f"/proc/{pid}/{what}", "rb").read(1))
tried("signal", lambda: os.kill(AT["processes"][0], 0))
tried("tcp", lambda: socket.create_connection(("127.0.0.1", AT["port"])))
tried("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)))
tried("udp6", lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
tried("unix", lambda: socket.socket(socket.AF_UNIX).connect(AT["socket"]))
tried("unix datagram", lambda: socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b"x", AT["socket"]))
tried("abstract", lambda: socket.socket(socket.AF_UNIX).bind("\0planted"))
tried("raw", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
tried("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
tried("listening", lambda: socket.create_server(("127.0.0.1", 0)))
tried("C socket", lambda: by_c(c.socket, 1, 1, 0))
tried("io_uring", lambda: by_c(c.syscall, 425, 1, 0))
tried("namespace", lambda: by_c(c.unshare, 0x10000000))
tried("shared memory", lambda: multiprocessing.shared_memory.SharedMemory(create=True, size=8))
tried("old shared memory", lambda: by_c(c.shmget, 4711, 8, 0o1600))
tried("a child's call", lambda: child("import socket; socket.socket(socket.AF_UNIX)") and 1 / 0)
tried("name", lambda: socket.getaddrinfo("localhost", 80))
allowed = {
    "own": lambda: (own / "note").write_text("x"), "temporary": lambda: tempfile.TemporaryFile().write(b"x"),
    "home": lambda: pathlib.Path("~/x").expanduser().write_text("x"), "child": lambda: child("print(1)") and 1 / 0,
    "loop": lambda: asyncio.new_event_loop().close(), "pair": lambda: socket.socketpair()[0].fileno(),
    "threads": lambda: concurrent.futures.ThreadPoolExecutor(1).submit(int).result(), "null": lambda: open("/dev/null", "w").write("x"),
    "pandas": lambda: __import__("pandas").Series([1]).sum(), "list": lambda: os.listdir(AT["given"]),
}
for name, what in allowed.items(): tried("may " + name, what)
said["environment"] = dict(os.environ)
said["started with"] = open("/proc/self/environ").read()
said["path"] = sys.path
(own / "said.json").write_text(json.dumps(said))
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """What a notebook must not reach: extracts, a secret, another report's leavings, a socket, a port."""
    root = tmp_path_factory.mktemp("elsewhere")
    for name in ("extracts", "ledger", "results", "given"):
        (root / name).mkdir()
        (root / name / "file").write_text("Aaliyah Person 4711")
    unix = socket.socket(socket.AF_UNIX)
    short = Path(os.path.relpath(root / "s"))
    unix.bind(str(short) if len(str(short)) < 100 else "\0elsewhere")
    unix.listen()
    with socket.create_server(("127.0.0.1", 0)) as port, unix:
        yield {
            "closed": [str(root / name / "file") for name in ("extracts", "ledger", "results")] + ["/etc/shadow"],
            "folders": [str(root), str(root / "extracts"), str(Path.home()), "/tmp", str(ROOT / "data")],  # noqa: S108
            "writes": [str(root), "/tmp", "/dev/shm", "/var/tmp", str(Path.home()), sys.prefix, str(ROOT)],  # noqa: S108
            "processes": [os.getpid()],
            "port": port.getsockname()[1],
            "socket": str(root / "s"),
            "given": str(root / "given"),
        }


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("WEB_TOKEN", "hunter2")
    made = ForkServerProcess(())
    made.wait_ready()
    monkeypatch.setenv("COMMISSIONING_FORK_SERVER", made.socket_path)
    yield made
    made.close()


@fenced
@pytest.mark.parametrize("engine", ["warm", "plain"])
def test_a_notebook_reads_by_list_writes_in_its_own_folder_and_calls_nobody(
    tmp_path, monkeypatch, elsewhere, server, engine
):
    for name, value in {
        "WEB_TOKEN": "hunter2",
        "PYTHONSTARTUP": "/x",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "LD_PRELOAD": "",
    }.items():
        monkeypatch.setenv(name, value)
    cell = f"WHERE = {json.dumps(elsewhere)!r}\n" + TRIED
    made = one_report(
        tmp_path / "report", notebook(cell, declared="{'files': ['said.json']}"), engine=engine, protect=(str(tmp_path),),
        read=(elsewhere["given"],),
    )  # fmt: skip
    assert made.ok, made
    said = json.loads((tmp_path / "report/done/alpha-analyse/alpha-analyse.said.json").read_text())
    environment, path, started = said.pop("environment"), said.pop("path"), said.pop("started with")
    may = {name: value for name, value in said.items() if name.startswith("may ")}
    refused = set(said) - set(may)
    through = {
        name: said[name]
        for name in refused
        if said[name] not in ("PermissionError", "OSError", "ZeroDivisionError", "gaierror", "ProcessLookupError")
    }
    assert not through, "what should have been refused went through"
    assert len(refused) > 35
    assert not {name: value for name, value in may.items() if value.endswith("Error")}
    assert "hunter2" not in json.dumps(environment) + started
    assert not {
        "PYTHONSTARTUP",
        "WEB_TOKEN",
        "XDG_DATA_HOME",
        "COMMISSIONING_LEDGER",
        "COMMISSIONING_FORK_SERVER",
    } & set(environment)
    work = str(tmp_path / "report" / "work")
    assert all(environment[name].startswith(work) for name in ("HOME", "IPYTHONDIR", "MPLCONFIGDIR", "TMPDIR"))
    assert "" not in path and str(ROOT) not in path, "nothing beside the notebook is imported by accident"


PLANT = """
import os, pathlib
for folder in (os.environ["IPYTHONDIR"], os.path.expanduser("~/.ipython")):
    start = pathlib.Path(folder, "profile_default", "startup")
    start.mkdir(parents=True, exist_ok=True)
    (start / "00-planted.py").write_text("planted = 'from another notebook'")
    (start.parent / "ipython_config.py").write_text("c.InteractiveShellApp.exec_lines = ['planted = 1']")
pathlib.Path(os.environ["MPLCONFIGDIR"], "matplotlibrc").write_text("figure.dpi: 7")
"""


@pytest.mark.parametrize("engine", ["warm", "plain"])
def test_a_start_up_file_of_one_notebook_runs_in_no_other(tmp_path, server, engine):
    given = {"engine": engine, "protect": (str(tmp_path),)}
    assert one_report(tmp_path / "first", notebook(PLANT), **given).ok
    look = "assert 'planted' not in globals()\nimport os; assert not os.path.exists(os.path.join(os.environ['MPLCONFIGDIR'], 'matplotlibrc'))"
    assert one_report(tmp_path / "second", notebook(look), **given).ok


@fenced
@pytest.mark.parametrize("engine", ["warm", "plain"])
def test_a_notebook_that_reads_rows_results_or_record_keys_by_their_path_fails(tmp_path, server, engine):
    """A study's folder is given part by part: what may be shown, and nothing from which it was worked out."""
    study = tmp_path / "report" / "study"
    for name in ("tables", "published"):
        (study / name).mkdir(parents=True)
    closed = ["tables/people.parquet", "results.parquet", "breakdowns.parquet", "record_keys.parquet", "account.json"]
    opened = ["published/starts.parquet", "released.json", "study.json"]
    for name in closed + opened:
        (study / name).write_text("Aaliyah Person 4711")
    cell = (
        "import json, os, pathlib\nsaid = {}\n"
        f"for name in {closed + opened!r}:\n"
        "    try: said[name] = open(os.path.join(os.environ['COMMISSIONING_STUDY'], name)).read()\n"
        "    except OSError as error: said[name] = type(error).__name__\n"
        "(pathlib.Path(os.environ['COMMISSIONING_OUT']) / 'said.json').write_text(json.dumps(said))"
    )
    made = one_report(
        tmp_path / "report", notebook(cell, declared="{'files': ['said.json']}"), engine=engine, protect=(str(tmp_path),)
    )  # fmt: skip
    assert made.ok, made
    said = json.loads((tmp_path / "report/done/alpha-analyse/alpha-analyse.said.json").read_text())
    assert {said[name] for name in closed} == {"PermissionError"}
    assert {said[name] for name in opened} == {"Aaliyah Person 4711"}
