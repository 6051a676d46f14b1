"""What a scheduler needs to run the workbench unwatched: systemd and cron.

Each holds the environment, the log, catching up once after the machine was off, and a hook
that is called with the run's record when a run fails. The lock is the run's own: a second
run of the same reports ends at once with exit code 75, which is not a failure here.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from pathlib import Path

from commissioning.errors import UsageError
from commissioning.runs.plan import LATEST, check_period

CALENDAR = {
    "hour": "*-*-* *:{minute}:00",
    "day": "*-*-* {at}:00",
    "week": "Mon *-*-* {at}:00",
    "month": "*-*-01 {at}:00",
}
CRON = {"hour": "{m} * * * *", "day": "{m} {h} * * *", "week": "{m} {h} * * 1", "month": "{m} {h} 1 * *"}


def command(pilots: tuple[str, ...], data: str, out: Path, period: str) -> list[str]:
    """The command that is scheduled, with every choice written out: nothing is taken from the clock."""
    check_period(period)
    program = str(Path(sys.executable).with_name("commissioning"))
    return [program, "run", *pilots, "--data", data, "--out", str(out.absolute()), "--period", period]


def check_time(at: str) -> tuple[int, int]:
    """Hour and minute of `HH:MM`. Raises UsageError."""
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", at)
    if not found:
        raise UsageError(f"--at {at!r}: write a time of day such as 05:30")
    return int(found[1]), int(found[2])


def _hook(on_failure: str, out: Path) -> str:
    """Shell words that call the user's command with the record, unless the run was merely second."""
    if not on_failure:
        return ""
    return f"{on_failure} {shlex.quote(str(out.absolute() / 'record.json'))}"


def _systemd_quote(words: list[str]) -> str:
    """Words for ExecStart=: quoted, with systemd's own marks (% and $) doubled."""
    quoted = []
    for one in words:
        text = one.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
        quoted.append(f'"{text}"' if re.search(r"[\s\"';\\]", one) else text)
    return " ".join(quoted)


def unit_name(pilots: tuple[str, ...], period: str) -> str:
    """The name of what is scheduled: two schedules of other pilots or periods must not overwrite each other.

    >>> unit_name((), "latest"), unit_name(("vcf_funding",), "2014-15 Q2")
    ('commissioning', 'commissioning-vcf_funding-2014-15-q2')
    """
    parts = ["commissioning", *pilots, *([] if period == LATEST else [period])]
    name = re.sub(r"[^a-z0-9_]+", "-", "-".join(parts).lower())
    # A unit's file name has 255 bytes at most.
    return name if len(name) <= 120 else f"{name[:100]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def systemd(
    root: Path, words: list[str], *, every: str, at: str, out: Path, on_failure: str, name: str = "commissioning"
) -> str:
    """A service, a timer that catches up once, and a service for failures."""
    _, minute = check_time(at)
    calendar = CALENDAR[every].format(at=at, minute=f"{minute:02}")
    failing = f"OnFailure={name}-failed.service\n" if on_failure else ""
    text = f"""# ~/.config/systemd/user/{name}.service
[Unit]
Description=Pilot Evaluation Workbench: one run
{failing}
[Service]
Type=oneshot
WorkingDirectory={_path(root)}
Environment=PYTHONUNBUFFERED=1 LANG=C.UTF-8
ExecStart={_systemd_quote(words)}
# 75: another run holds the same reports. It is making them.
SuccessExitStatus=75
# A run has a deadline of its own, 6 hours. One that hangs beyond it is ended, and counts as failed.
TimeoutStartSec=6h 30min
KillMode=mixed
TimeoutStopSec=15
UMask=0027
StandardOutput=journal
StandardError=journal

# ~/.config/systemd/user/{name}.timer
[Unit]
Description=Pilot Evaluation Workbench: every {every}

[Timer]
OnCalendar={calendar}
# A run that was missed while the machine was off is caught up once.
Persistent=true
RandomizedDelaySec=60
Unit={name}.service

[Install]
WantedBy=timers.target
"""
    if on_failure:
        hook = _systemd_quote(["/bin/sh", "-c", _hook(on_failure, out)])
        text += f"""
# ~/.config/systemd/user/{name}-failed.service
[Unit]
Description=Pilot Evaluation Workbench: a run failed

[Service]
Type=oneshot
WorkingDirectory={_path(root)}
ExecStart={hook}
"""
    return text + (
        f"\n# Then: systemctl --user daemon-reload && systemctl --user enable --now {name}.timer"
        "\n# Once: loginctl enable-linger, so that the timer runs while nobody is logged in."
        f"\n# Read the log with: journalctl --user -u {name}.service"
    )


def _path(path: Path) -> str:
    return str(path.absolute()).replace("%", "%%")


def cron(root: Path, words: list[str], *, every: str, at: str, out: Path, on_failure: str) -> str:
    """A crontab line. `%` ends a command in cron, so it is written `\\%`."""
    hour, minute = check_time(at)
    when = CRON[every].format(m=minute, h=hour)
    log = shlex.quote(str(root.absolute() / "data" / "results" / "schedule.log"))
    # The shell opens the log before the first run has made its folder.
    line = (
        f"cd {shlex.quote(str(root.absolute()))} && mkdir -p -m 700 data/results && "
        f"LANG=C.UTF-8 {shlex.join(words)} >>{log} 2>&1"
    )
    hook = _hook(on_failure, out)
    if hook:
        line += f" || {{ [ $? -eq 75 ] || {hook}; }}"
    escaped = line.replace("%", "\\%")
    return (
        f"# crontab -e   (every {every}; cron does not catch up missed runs: use the systemd timer, or anacron)\n"
        f"{when} {escaped}"
    )


def everything(
    root: Path,
    *,
    every: str,
    at: str,
    pilots: tuple[str, ...],
    data: str,
    out: Path,
    period: str,
    on_failure: str = "",
) -> str:
    """Both, one below the other, under headings."""
    if "\n" in on_failure or "\x00" in on_failure:
        raise UsageError("--on-failure: write one command on one line")
    words = command(pilots, data, out, period)
    name = unit_name(pilots, period)
    return "\n\n".join(
        [
            "##### systemd (Linux) #####",
            systemd(root, words, every=every, at=at, out=out, on_failure=on_failure, name=name),
            "##### cron #####",
            cron(root, words, every=every, at=at, out=out, on_failure=on_failure),
        ]
    )
