"""Extracts on an object store: copied whole, once, for their owner alone; and what no copy may be made of."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from commissioning import cli
from commissioning.errors import CannotWrite, DataRefused, UsageError
from commissioning.runs import remote

ROOT = Path(__file__).resolve().parents[2]
FILES = {"reviews.csv": b"person,date\n1,2014-05-01\n", "money/2014-15.csv": b"amount\n12.50\n"}


class Store(MemoryFileSystem):
    """A store in memory that can be told to misbehave."""

    protocol = "teststore"
    store: dict = {}  # noqa: RUF012 - fsspec's own way
    pseudo_dirs = [""]  # noqa: RUF012
    after_open = None
    names = staticmethod(lambda found: found)

    def find(self, *arguments, **options):
        return self.names(super().find(*arguments, **options))

    def _open(self, path, *arguments, **options):
        made = super()._open(path, *arguments, **options)
        return (
            made
            if Store.after_open is None or options.get("mode", "rb") != "rb"
            else Store.after_open(self, path, made)
        )


fsspec.register_implementation("teststore", Store, clobber=True)


@pytest.fixture
def store(monkeypatch):
    """An address below which `FILES` lie, and its file system."""
    monkeypatch.setattr(Store, "store", {})
    held = fsspec.filesystem("teststore")
    url = f"teststore://{uuid.uuid4().hex}"
    for name, data in FILES.items():
        held.pipe(f"{url}/{name}", data)
    return SimpleNamespace(url=url, files=held)


def held(folder: Path) -> dict[str, bytes]:
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_everything_below_the_address_is_copied_for_its_owner_alone(store, tmp_path):
    made = remote.fetch(store.url, tmp_path / "fetched")
    assert held(made) == FILES
    for one in [made.parent.parent, made.parent, *made.rglob("*")]:
        assert stat.S_IMODE(one.stat().st_mode) & 0o077 == 0


def test_what_has_not_changed_is_not_copied_again(store, tmp_path, monkeypatch):
    first = remote.fetch(store.url, tmp_path)
    monkeypatch.setattr(Store, "after_open", lambda *_: pytest.fail("opened again"))
    assert remote.fetch(store.url, tmp_path) == first


def test_what_changed_is_another_folder_and_the_copy_before_stays_for_a_run_that_reads_it(store, tmp_path):
    first = remote.fetch(store.url, tmp_path)
    store.files.pipe(f"{store.url}/reviews.csv", b"person,date\n2,2014-06-01\n")
    second = remote.fetch(store.url, tmp_path)
    assert first != second and held(first) == FILES
    assert held(second)["reviews.csv"].endswith(b"2,2014-06-01\n")
    store.files.rm(f"{store.url}/money/2014-15.csv")
    third = remote.fetch(store.url, tmp_path)
    assert set(held(third)) == {"reviews.csv"}
    assert {one.name for one in third.parent.iterdir() if one.is_dir()} == {second.name, third.name}
    assert {one.stem for one in third.parent.glob("*.json")} == {second.name, third.name}


def test_a_store_that_changes_while_it_is_copied_is_refused_and_leaves_nothing(store, tmp_path, monkeypatch):
    def change(files, path, made):
        Store.after_open = None
        files.pipe(f"{store.url}/late.csv", b"x\n1\n")
        return made

    monkeypatch.setattr(Store, "after_open", change)
    with pytest.raises(DataRefused, match="changed while they were copied"):
        remote.fetch(store.url, tmp_path)
    assert held(tmp_path) == {}
    assert "late.csv" in held(remote.fetch(store.url, tmp_path))


def test_a_file_of_which_less_comes_than_was_listed_is_refused(store, tmp_path, monkeypatch):
    def half(files, path, made):
        return fsspec.implementations.memory.MemoryFile(data=made.getvalue()[:5])

    monkeypatch.setattr(Store, "after_open", half)
    with pytest.raises(DataRefused, match=r"money/2014-15.csv has 13 bytes, and 5 came"):
        remote.fetch(store.url, tmp_path)
    assert held(tmp_path) == {}


@pytest.mark.parametrize("name", ["../outside.csv", "a/../../b.csv", "a\\b.csv", "line\nend.csv", "nul\0.csv"])
def test_a_name_that_would_leave_the_folder_is_refused(store, tmp_path, monkeypatch, name):
    about = {"name": name, "size": 1, "type": "file"}
    top = fsspec.core.url_to_fs(store.url)[1]
    monkeypatch.setattr(Store, "names", staticmethod(lambda found: found | {f"{top}/{name}": about}))
    with pytest.raises(DataRefused, match="no folder can hold"):
        remote.fetch(store.url, tmp_path / "fetched")
    assert held(tmp_path) == {}


def test_names_that_differ_in_capital_letters_only_are_refused(store, tmp_path):
    store.files.pipe(f"{store.url}/Reviews.csv", b"x\n")
    with pytest.raises(DataRefused, match="capital letters"):
        remote.fetch(store.url, tmp_path)


@pytest.mark.parametrize("below", ["/nothing/here", "/reviews.csv"])
def test_an_address_without_a_folder_of_files_is_refused(store, tmp_path, below):
    with pytest.raises(DataRefused, match="no file at this address|that of a file"):
        remote.fetch(store.url + below, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "s3://key:SECRET@bucket/extracts",
        "https://store/extracts?sig=SECRET",
        "https://store/x#SECRET",
        "s3://b/SECRET x",
    ],
)
def test_an_address_with_a_password_or_token_is_refused_without_repeating_it(url, tmp_path):
    for what in (lambda: remote.fetch(url, tmp_path), lambda: remote.checked(url)):
        with pytest.raises(UsageError) as refused:
            what()
        assert "SECRET" not in str(refused.value)


def test_an_error_of_the_store_is_named_by_its_class_because_its_message_may_hold_a_token(store, tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("403 for token SECRET")

    for place in ("after_open", "names"):
        with monkeypatch.context() as patch:
            patch.setattr(Store, place, broken if place == "after_open" else staticmethod(broken))
            with pytest.raises(DataRefused, match="RuntimeError") as refused:
                remote.fetch(store.url, tmp_path)
        assert "SECRET" not in str(refused.value) and held(tmp_path) == {}


def test_a_store_that_nothing_here_can_read_is_a_mistake_of_use(tmp_path):
    with pytest.raises(UsageError, match="no file system is called 'nosuch'"):
        remote.fetch("nosuch://bucket/x", tmp_path)
    with pytest.raises(UsageError, match="Install"):  # fsspec says which package reads that store
        remote.fetch("oss://bucket/x", tmp_path)


def test_too_little_room_is_said_before_anything_is_copied(store, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(CannotWrite, match="less room"):
        remote.fetch(store.url, tmp_path)
    assert held(tmp_path) == {}


def test_a_folder_that_cannot_be_made_is_said_in_a_line(store, tmp_path):
    (tmp_path / "fetched").write_text("a file")
    with pytest.raises(CannotWrite, match="no copy can be kept"):
        remote.fetch(store.url, tmp_path / "fetched")


def test_checking_an_address_says_what_checking_its_folder_says(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    extracts = tmp_path / "extracts"
    shutil.copytree(ROOT / "data" / "sample" / "vcf_funding", extracts, ignore=shutil.ignore_patterns("*.toml"))
    monkeypatch.setattr(remote, "KEEP", 1)
    said = []
    for data in (str(extracts), f"file://{extracts}"):
        assert cli.main(["check", "vcf_funding", "--data", data, "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1] and said[0]["files"]


def test_a_run_from_an_address_that_holds_nothing_makes_no_site(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "empty").mkdir()
    assert cli.main(["run", "--data", f"file://{tmp_path}/empty", "--out", str(tmp_path / "site")]) == 65
    assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "site").exists()


def test_a_schedule_names_the_address_as_it_was_given(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.main(["schedule", "--every", "week", "--data", "s3://council/extracts"]) == 0
    assert capsys.readouterr().out.count("s3://council/extracts") == 2
    assert cli.main(["schedule", "--every", "week", "--data", "s3://k:SECRET@council/extracts"]) == 2
    assert "SECRET" not in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["shorter", "missing", "one too many", "never noted", "noted in half"])
def test_a_copy_that_is_not_as_it_was_noted_is_made_again(store, tmp_path, fault):
    made = remote.fetch(store.url, tmp_path)
    note = made.with_name(f"{made.name}.json")
    assert {name: size for name, (size, _) in json.loads(note.read_text()).items()} == {
        name: len(data) for name, data in FILES.items()
    }
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    if fault == "shorter":  # a power cut: the folder's name was on the disk, the bytes were not
        (made / "reviews.csv").write_text("")
    elif fault == "missing":
        (made / "reviews.csv").unlink()
    elif fault == "one too many":
        (made / "late.csv").write_text("x\n")
    elif fault == "never noted":
        note.unlink()
    else:
        note.write_text(note.read_text()[:20])
    assert remote.fetch(store.url, tmp_path) == made and held(made) == FILES
    assert sorted(one.name for one in made.parent.iterdir()) == sorted([made.name, note.name])


def test_every_file_is_on_the_disk_before_the_copy_is_noted(store, tmp_path, monkeypatch):
    done, sync = [], os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda number: (done.append(Path(f"/proc/self/fd/{number}").readlink()), sync(number))
    )
    made = remote.fetch(store.url, tmp_path)
    assert {one.name for one in done[:2]} == {"reviews.csv", "2014-15.csv"} and "money" in {one.name for one in done}
    # Then what was copied is noted, and only then has the copy its name.
    assert done[-3].name.startswith(f".{made.name}-") and done[-3].parent == made.parent
    assert done[-2:] == [made.parent, made.parent]


COPYING = """
import sys, time
from pathlib import Path
from commissioning.runs import remote
real = remote._copy
def slow(*about):
    made = real(*about); print("one copied", flush=True); time.sleep(60); return made
remote._copy = slow
if sys.argv[1] == "fetch":
    remote.fetch(sys.argv[2], Path(sys.argv[3]))
else:
    from commissioning import cli, pilot
    home = pilot.home()
    remote_fetch = remote.fetch
    remote.fetch = lambda url, _: remote_fetch(url, Path(sys.argv[3]))
    sys.exit(cli.main(["run", "--data", sys.argv[2], "--out", sys.argv[3] + "/site"]))
"""


def copying(*words):
    child = subprocess.Popen(
        [sys.executable, "-c", COPYING, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "one copied\n"
    return child


@pytest.fixture
def disk(tmp_path):
    """An address on this disk, which a process of its own can read too."""
    (tmp_path / "store").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "store" / name).write_text("x\n1\n")
    return f"file://{tmp_path}/store"


def test_what_a_killed_copy_left_is_cleared_and_what_is_still_copied_is_not(disk, tmp_path):
    fetched = tmp_path / "fetched"
    living, killed = (copying("fetch", disk, str(fetched)) for _ in range(2))
    try:
        killed.kill()
        killed.wait()
        place = next(fetched.iterdir())
        elsewhere = place / f".{'0' * 16}-{'f' * 16}-{killed.pid}-00000000"
        elsewhere.mkdir()
        made = remote.fetch(disk, fetched)
        left = {one.name for one in place.iterdir()} - {made.name, f"{made.name}.json", elsewhere.name}
        assert len(left) == 1 and f"-{living.pid}-" in left.pop() and elsewhere.is_dir()
    finally:
        living.kill()
        living.wait()
    remote.fetch(disk, fetched)
    assert {one.name for one in place.iterdir()} == {made.name, f"{made.name}.json", elsewhere.name}


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_while_extracts_are_copied_ends_the_command_and_leaves_no_extract(disk, tmp_path, sent):
    child = copying("run", disk, str(tmp_path / "fetched"))
    child.send_signal(sent)
    said = child.communicate(timeout=20)[1]
    assert child.returncode == 1 and said.startswith("commissioning: STOPPED") and said.count("\n") == 1
    assert held(tmp_path / "fetched") == {}


@pytest.mark.parametrize(
    "wrong", [["--period", "2014/15"], ["-p", "perid=1"], ["--cluster", "nonsense"], ["--out", ""]]
)
def test_nothing_is_copied_for_a_command_that_is_wrong(disk, monkeypatch, wrong):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(remote, "fetch", lambda *_: pytest.fail("copied"))
    assert cli.main(["run", "--data", disk, *wrong]) == 2


def test_extracts_of_an_address_are_never_taken_for_the_sample(monkeypatch):
    from commissioning.runs import plan

    asked = []
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(plan, "plan", lambda *_, illustrative, **__: asked.append(illustrative) or [])
    monkeypatch.setattr(remote, "fetch", lambda *_: ROOT / "data" / "sample")
    for words in (["--data", f"file://{ROOT}/data/sample"], ["--data", "data/sample"], []):
        assert cli.main(["run", *words]) == 2  # nothing is planned here
    assert asked == [False, True, True]


def test_reading_a_file_does_not_make_it_another(store, tmp_path, monkeypatch):
    first = remote.fetch(store.url, tmp_path)
    read = {"atime": 7, "st_atime": 7, "time": 7, "last_accessed_on": "now", "accessed": 7}
    monkeypatch.setattr(Store, "names", staticmethod(lambda found: {name: one | read for name, one in found.items()}))
    monkeypatch.setattr(Store, "after_open", lambda *_: pytest.fail("opened again"))
    assert remote.fetch(store.url, tmp_path) == first
