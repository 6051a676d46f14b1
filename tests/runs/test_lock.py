"""Locks: the operating system holds them, so nothing stale can be left."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from commissioning.errors import Busy, CannotWrite
from commissioning.runs import lock

HOLD = """
import sys, time, pathlib
from commissioning.runs.lock import SiteLock
held = SiteLock(pathlib.Path(sys.argv[1])); held.take(sys.argv[2:])
print('held', flush=True); time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    made = []

    def hold(*names):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path), *names], stdout=subprocess.PIPE, text=True
        )
        made.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield hold
    for one in made:
        one.kill()
        one.wait()


def test_a_second_holder_of_the_same_report_is_refused_at_once_and_named(tmp_path, holder):
    holder("alpha-analyse", "alpha-plan")
    mine = lock.SiteLock(tmp_path)
    start = time.monotonic()
    with pytest.raises(Busy, match="alpha-plan") as caught:
        mine.take(["beta-analyse", "alpha-plan"])
    assert time.monotonic() - start < 0.5 and caught.value.exit_code == 75
    mine.take(["beta-analyse"])  # what was taken before the refusal was let go


def test_different_reports_do_not_meet(tmp_path, holder):
    holder("alpha-analyse")
    lock.SiteLock(tmp_path).take(["beta-analyse", "alpha-plan"])


def test_reports_are_locked_in_one_order_however_they_are_named(tmp_path, monkeypatch):
    # Else one run holds a and wants b, the other holds b and wants a, and both end with 75.
    tried = []
    monkeypatch.setattr(lock.SiteLock, "_try", lambda _, name: not tried.append(name))
    for names in (["b", "a", "c"], ["c", "b", "a"]):
        lock.SiteLock(tmp_path).take(names)
    assert tried == ["a", "b", "c"] * 2


def test_kill_9_leaves_no_stale_lock(tmp_path, holder):
    process = holder("alpha-analyse")
    process.kill()
    process.wait()
    lock.SiteLock(tmp_path).take(["alpha-analyse"])


def test_closing_another_handle_of_the_lock_file_drops_nothing(tmp_path, holder):
    mine = lock.SiteLock(tmp_path)
    mine.take(["alpha-analyse"])
    lock.SiteLock(tmp_path).close()
    other = lock.SiteLock(tmp_path)
    with pytest.raises(Busy):
        other.take(["alpha-analyse"])


def test_a_child_process_does_not_inherit_a_lock(tmp_path):
    mine = lock.SiteLock(tmp_path)
    mine.take(["alpha-analyse"])
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    mine.close()
    try:
        lock.SiteLock(tmp_path).take(["alpha-analyse"])
    finally:
        child.kill()
        child.wait()


MOUNTS = (
    "21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
    "40 21 0:50 / /srv/share rw,relatime - nfs server:/x rw,vers=3,{options}\n"
)


@pytest.mark.parametrize("options", ["nolock", "local_lock=all", "local_lock=posix"])
def test_a_network_share_whose_locks_hold_on_one_machine_only_is_refused(tmp_path, options, monkeypatch):
    monkeypatch.setattr(lock.os.path, "realpath", lambda _: "/srv/share/reports")
    with pytest.raises(CannotWrite, match="nfs share"):
        lock.refuse_unsafe_share(tmp_path, MOUNTS.format(options=options))
    lock.refuse_unsafe_share(tmp_path, MOUNTS.format(options="local_lock=none"))


def test_a_local_disk_is_no_share(tmp_path):
    lock.refuse_unsafe_share(tmp_path, MOUNTS.format(options="nolock"))


def test_ten_thousand_reports_have_ten_thousand_places():
    names = [f"learning_disability-analyse-{number}" for number in range(10_000)]
    assert len({lock.place_of(one) for one in names}) == 10_000
