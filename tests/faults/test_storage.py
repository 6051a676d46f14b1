"""Faults of storage (numbers 18 to 28): the last good site is kept, byte for byte, or replaced whole."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import threading
from pathlib import Path

import pytest
from light import House

from commissioning.errors import CannotWrite, DataRefused
from commissioning.runs import keys, lock, places, publish
from commissioning.runs.publish import Entry


@pytest.fixture
def site(tmp_path):
    """Places of a light house, made, with a first version published."""
    house = House(tmp_path / "house")
    found = places.locate(house.root, house.data, house.out)
    places.prepare_out(found)
    put(found, {"alpha": "first"})
    return found


def index(entries, prefix, **_):
    links = "".join(f'<a href="{prefix}{one.id}.html">{one.id}</a>' for one in entries)
    return f"<html><head></head><body>{links}</body></html>"


def fresh_reports(found, texts):
    """Finished reports as a worker hands them over."""
    made = {}
    for name, text in texts.items():
        folder = found.done / name
        folder.mkdir(parents=True, exist_ok=True)
        page = f"<html>{text * 50}</html>".encode()
        (folder / f"{name}.html").write_bytes(page)
        files = {f"{name}.html": keys.file_digest(folder / f"{name}.html")}
        entry = Entry(
            id=name, title=name, pilot=name, stage="analyse", period="latest", area="", level="",
            key=text, depends={}, files=files, summary={},
        )  # fmt: skip
        made[name] = (entry, folder)
    return made


def put(found, texts, **more):
    return publish.publish(found, fresh_reports(found, texts), stage_name="run-test", index=index, **more)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def served(found) -> dict[str, bytes]:
    version = publish.current_version(found.out)
    return {"index": (found.out / "index.html").read_bytes(), **tree(found.versions / version)}


def test_18_a_disk_with_less_than_three_times_the_last_version_is_refused_at_pre_flight(site, monkeypatch):
    before = served(site)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 0, 50_000_000))
    with pytest.raises(CannotWrite, match="disk nearly full"):
        places.prepare_out(site, needed=20_000_000)
    places.prepare_out(site, needed=10_000_000)
    assert served(site) == before


def test_19_a_read_only_output_folder_is_named_before_anything_runs(site, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EROFS, "Read-only file system")

    before = served(site)
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(CannotWrite, match="read-only"):
        places.try_publishing(site)
    monkeypatch.undo()
    assert served(site) == before


def test_20_an_output_that_is_a_file_is_refused(tmp_path):
    house = House(tmp_path / "house")
    house.out.write_text("a file")
    with pytest.raises(CannotWrite, match="is a file"):
        places.prepare_out(places.locate(house.root, house.data, house.out))
    assert house.out.read_text() == "a file"


@pytest.mark.parametrize("name", ["versions", ".staging"])
def test_20_a_link_out_of_the_site_is_refused(tmp_path, name):
    house = House(tmp_path / "house")
    house.out.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (house.out / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotWrite, match="symbolic link"):
        places.prepare_out(places.locate(house.root, house.data, house.out))


def test_20_an_index_that_is_a_link_is_refused(tmp_path):
    house = House(tmp_path / "house")
    house.out.mkdir()
    (house.out / "index.html").symlink_to("/etc/hostname")
    with pytest.raises(CannotWrite, match="not an ordinary file"):
        places.prepare_out(places.locate(house.root, house.data, house.out))


def test_20_the_checkout_and_the_restricted_folder_are_no_place_for_a_site(tmp_path):
    house = House(tmp_path / "house")
    for out in (house.root, house.root.parent, house.root / "data" / "results" / "site", house.data):
        with pytest.raises(CannotWrite):
            places.prepare_out(places.locate(house.root, house.data, out))


def test_20_a_missing_output_folder_is_made(tmp_path):
    house = House(tmp_path / "house")
    places.prepare_out(places.locate(house.root, house.data, tmp_path / "new" / "site"))
    assert (tmp_path / "new" / "site" / "versions").is_dir()


@pytest.mark.parametrize("what", ["missing", "a file"])
def test_37_a_missing_data_folder_is_named(tmp_path, what):
    path = tmp_path / "extracts"
    if what == "a file":
        path.write_text("x")
    with pytest.raises(DataRefused, match="extracts"):
        places.check_data(path)


def test_21_extracts_that_may_not_be_read_are_named(tmp_path, monkeypatch):
    (tmp_path / "people.csv").write_text("x\n")
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "people.csv" and allowed(path, mode))
    with pytest.raises(DataRefused, match=r"people\.csv may not be read"):
        places.check_data(tmp_path)


def test_22_a_disk_that_fails_to_sync_fails_the_run_and_keeps_the_site(site, monkeypatch):
    before = served(site)

    def fail(_):
        raise OSError(errno.EIO, "Input/output error")

    for place in range(1, 7):  # the first sync that fails, the second, …
        calls = iter(range(1, 100))
        real = os.fsync
        monkeypatch.setattr(
            os, "fsync", lambda fd, calls=calls, place=place, real=real: fail(fd) if next(calls) == place else real(fd)
        )
        try:
            put(site, {"alpha": f"second {place}"})
            raised = False
        except CannotWrite as error:
            raised = True
            assert "last good site" in str(error)
        monkeypatch.undo()
        after = served(site)
        assert after == before or b"second" in b"".join(after.values())
        if raised and after != before:
            # the flip itself had happened and only its folder could not be synced: new, and whole
            assert publish.read_version(site, publish.current_version(site.out))
        before = after


def test_23_two_file_systems_are_refused_at_pre_flight(site, monkeypatch):
    real = Path.rename

    def rename(self, target):
        if "trial" in self.name:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(CannotWrite, match="another file system"):
        places.try_publishing(site)


STEPS = ("fsync", "rename", "replace", "link", "unlink", "copyfile", "open")


@pytest.mark.parametrize("after", range(1, 60, 3))
def test_24_power_cut_at_any_step_leaves_old_or_new_never_mixed(site, monkeypatch, after):
    before = served(site)
    left = [after]

    class PowerCut(BaseException):
        pass

    def wrap(owner, name):
        real = getattr(owner, name)

        def step(*args, **kwargs):
            left[0] -= 1
            if left[0] <= 0:
                raise PowerCut
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, step)

    made = fresh_reports(site, {"alpha": "second", "beta": "second"})
    for owner, name in (
        (os, "fsync"), (os, "link"), (shutil, "copyfile"), (Path, "rename"), (Path, "replace"),
        (Path, "mkdir"), (Path, "chmod"), (Path, "open"), (shutil, "rmtree"),
    ):  # fmt: skip
        wrap(owner, name)
    with contextlib.suppress(PowerCut):
        publish.publish(site, made, stage_name="run-cut", index=index)
    monkeypatch.undo()
    now = served(site)
    entries = publish.read_version(site, publish.current_version(site.out))
    assert now == before or set(entries) == {"alpha", "beta"}
    assert entries, "what is served is whole"
    put(site, {"alpha": "third", "beta": "third"})  # and the next run succeeds
    assert set(publish.read_version(site, publish.current_version(site.out))) == {"alpha", "beta"}


def test_26_what_a_hundred_crashes_left_is_cleared_and_what_is_in_use_is_not(site):
    for number in range(100):
        (site.staging / f"run-{number:012x}" / "v").mkdir(parents=True)
        (site.work / f"run-{number:012x}").mkdir()
        (site.out / f".index.html-{number}").write_text("half")
    other = lock.SiteLock(site.out)
    other.hold_stage("run-000000000007")
    mine = lock.SiteLock(site.out)
    mine.clear_leftovers(site)
    assert [one.name for one in site.staging.iterdir()] == ["run-000000000007"]
    assert [one.name for one in site.work.iterdir()] == ["run-000000000007"]
    assert not list(site.out.glob(".index*"))
    other.close()
    mine.clear_leftovers(site)
    mine.close()
    assert not list(site.staging.iterdir())


def test_27_ten_thousand_reads_during_publishing_are_all_whole(site):
    stop = threading.Event()
    torn: list[str] = []
    reads = [0]

    def read():
        while reads[0] < 10_000 and not (stop.is_set() and reads[0] >= 10_000):
            page = (site.out / "index.html").read_text()
            version = publish.POINTER.search(page)
            if version is None or not page.endswith("</html>"):
                torn.append("index")
                continue
            for name in ("alpha", "beta"):
                if f"{name}.html" in page:
                    text = (site.versions / version[1] / f"{name}.html").read_text()
                    if not text.endswith("</html>"):
                        torn.append(name)
            reads[0] += 1

    reader = threading.Thread(target=read)
    reader.start()
    number = 0
    while reader.is_alive():
        number += 1
        put(site, {"alpha": f"text {number}", "beta": f"text {number}"}, keep=3)
    reader.join()
    assert not torn and reads[0] >= 10_000 and number > 3


def test_28_the_served_version_is_never_retired(site):
    for number in range(12):
        put(site, {"alpha": f"number {number}"}, keep=2)
    current = publish.current_version(site.out)
    put(site, {"alpha": "first"}, keep=2)  # back to the very first text: an old version served again
    kept = {one.name for one in site.versions.iterdir()}
    assert publish.current_version(site.out) in kept and current in kept and len(kept) <= 4
    assert publish.retire(site, keep=0, pinned={current}) and (site.versions / current).is_dir()


def test_published_versions_are_never_written_again(site):
    first = publish.current_version(site.out)
    before = tree(site.versions / first)
    put(site, {"beta": "new"})
    put(site, {"alpha": "changed"})
    assert tree(site.versions / first) == before


def test_a_damaged_version_is_made_anew_under_another_name(site):
    version = publish.current_version(site.out)
    page = site.versions / version / "alpha.html"
    page.chmod(0o644)
    page.write_text("<html>cut")
    assert publish.read_version(site, version) == {}
    again = put(site, {"alpha": "first"})
    assert again != version and publish.read_version(site, again)
    assert page.read_text() == "<html>cut"


def test_40_a_memory_of_hashes_cut_at_any_byte_counts_as_empty(tmp_path):
    (tmp_path / "extract.csv").write_text("a,b\n1,2\n")
    memory = tmp_path / "hashes.json"
    made = keys.FileHashes(memory)
    right = made.of(tmp_path / "extract.csv")
    made.keep()
    whole = memory.read_bytes()
    for length in range(len(whole)):
        memory.write_bytes(whole[:length])
        assert keys.FileHashes(memory).known == {}
    for place in range(0, len(whole), 7):
        memory.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert keys.FileHashes(memory).known.get(str(tmp_path / "extract.csv"), [right])[-1] == right


def test_40_a_changed_file_of_the_same_size_and_time_is_seen(tmp_path):
    path = tmp_path / "extract.csv"
    path.write_text("a,b\n1,2\n")
    info = path.stat()
    hashes = keys.FileHashes(tmp_path / "hashes.json")
    before = hashes.of(path)
    path.write_text("a,b\n1,3\n")
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert hashes.of(path) != before


def test_a_manifest_cut_at_any_byte_means_never_made(site):
    version = publish.current_version(site.out)
    manifest = site.versions / version / publish.MANIFEST
    whole = manifest.read_bytes()
    for length in range(len(whole) - 2):
        manifest.write_bytes(whole[:length])
        assert publish.read_version(site, version) == {}
    manifest.write_text(json.dumps({"reports": [{"id": "alpha"}]}))
    assert publish.read_version(site, version) == {}


def test_a_folder_of_results_that_cannot_be_written_is_named_and_not_the_site(tmp_path):
    root, out = tmp_path / "checkout", tmp_path / "site"
    (root / "data").mkdir(parents=True)
    (root / "data" / "results").write_text("a file where a folder is needed")
    with pytest.raises(CannotWrite) as said:
        places.prepare_out(places.locate(root, root / "data" / "sample", out))
    assert str(root / "data" / "results") in str(said.value) and str(out) not in str(said.value)
    assert "must own" in str(said.value)
