"""The command `commissioning`: what it understands, and how it says that something is wrong.

Nothing heavy is imported here: help, usage errors and a run in which nothing changed answer
at once. Every error meant for people is one plain line on standard error and an exit code:
0 done · 1 a report failed · 2 usage · 65 data refused · 73 cannot write · 75 another run holds it.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from commissioning import __version__, names
from commissioning.errors import CannotWrite, UsageError, WorkbenchError
from commissioning.runs.terminal import is_utf8, say
from commissioning.wording import nearest

DESCRIPTION = "Pilot Evaluation Workbench: what good did a service do for people, for the money?"
EXIT_CODES = (
    "exit codes: 0 done, 1 a report failed, 2 usage, 65 data refused, 73 cannot write, 75 another run holds the report"
)

DOES = (
    "run",
    "sign-off",
    "new",
    "seal",
    "publish",
    "correct",
    "replies",
    "map",
)  # they change something; the others only tell
DATA = "folder with the extracts, or the address of one on an object store (default: data/sample, illustrative)"
OUT = "folder of the working site (default: reports)"
AREA = "ONS code (default: the council's own area, else the pilot's)"


class Parser(argparse.ArgumentParser):
    """argparse, with one plain line for a mistake and the nearest word that would have been right."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See: {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            known = [str(one) for one in action.choices]
            what = "command" if action.dest == "command" else f"--{action.dest.replace('_', '-')}"
            raise UsageError(f"{what} {str(value)!r} is not known: {nearest(str(value), known)}")

    def refuse_unknown(self, unknown: Sequence[str]) -> None:
        """Raise UsageError for the first thing that no option takes."""
        known = [one for action in self._actions for one in action.option_strings]
        first = unknown[0]
        if first.startswith("-"):
            raise UsageError(f"no option {first.partition('=')[0]!r}: {nearest(first.partition('=')[0], known)}")
        raise UsageError(f"{first!r} is one word too many. See: {self.prog} --help")


def seconds(text: str) -> float:
    """`90`, `90s`, `15m` or `2h` as seconds."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1.0)
    try:
        value = float(number) * unit
    except ValueError:
        value = 0.0
    if not 0 < value < 1e7:
        raise UsageError(f"{text!r} is no length of time: write 90s, 15m or 2h")
    return value


def count(text: str) -> int:
    """A whole number of one or more."""
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) <= 1_000_000:
        raise UsageError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def build() -> tuple[Parser, dict[str, Parser]]:
    """The parser and each command's own."""
    top = Parser(prog="commissioning", description=DESCRIPTION, epilog=EXIT_CODES, allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"commissioning {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    made: dict[str, Parser] = {}

    def command(name: str, help: str) -> Parser:
        made[name] = commands.add_parser(name, help=help, description=help, allow_abbrev=False, epilog=EXIT_CODES)
        return made[name]

    setup = command("setup", "say once which council this is: writes council.toml and makes the council's secret")
    setup.add_argument("--name", metavar="TEXT", help="the council's name, as its pages are to be headed")
    setup.add_argument("--area", metavar="CODE", help="its ONS code")
    setup.add_argument("--contact", metavar="TEXT", help="who answers questions about its pages")
    setup.add_argument("--address", metavar="TEXT", help="the postal address for replies, its lines apart by commas")
    setup.add_argument("--telephone", metavar="TEXT", help="the telephone number for replies, or whom to ring")
    setup.add_argument("--author", metavar="TEXT", help="who writes the reports (default: the council's name)")
    setup.add_argument("--logo", metavar="FILE", help="the council's logo: SVG or PNG of 40 kB or less")
    setup.add_argument("--ledger", metavar="DIR", help="folder of the council's ledger (default: the account's own)")
    setup.add_argument("--yes", action="store_true", help="change what stands there without asking")

    run = command("run", "evaluate pilots and fill a working site with their reports")
    run.add_argument("pilot", nargs="*", metavar="PILOT", help="pilots to run; none: all of them")
    run.add_argument("--data", metavar="DIR", help=DATA)
    run.add_argument("--out", metavar="DIR", help="folder of the working site, for staff (default: reports)")
    run.add_argument("--period", metavar="P", action="append", help='financial year "2014-15", quarter, or latest')
    run.add_argument("--area", metavar="CODE", action="append", help="ONS code (default: the pilot's own area)")
    run.add_argument("--level", metavar="KIND=CODE", action="append", help="one part of the area: locality=North")
    run.add_argument("--workers", metavar="N", type=count, default=None, help="reports made at once (default: 1)")
    run.add_argument("--cluster", metavar="ADDRESS", help="an existing Dask cluster: tcp://host:8786")
    run.add_argument("--engine", choices=("warm", "plain"), default="warm", help="how kernels are started")
    run.add_argument(
        "--force", action="store_true", help="execute what did not change too; go on where a check says stop"
    )
    run.add_argument("--pdf", action="store_true", help="a PDF beside each page (needs Chromium)")
    run.add_argument("--cell-timeout", metavar="T", type=seconds, default=None, help="limit for a cell (10m)")
    run.add_argument("--run-timeout", metavar="T", type=seconds, default=None, help="deadline of the run (6h)")
    run.add_argument(
        "-p", "--parameter", metavar="NAME=VALUE", action="append", default=[], help="a further notebook parameter"
    )

    check = command("check", "take extracts in and print the reconciliation; no report is made")
    check.add_argument("pilot", nargs="*", metavar="PILOT", help="pilots whose tables are wanted; none: all")
    check.add_argument("--data", metavar="DIR", help=DATA)
    check.add_argument("--area", metavar="CODE", help="ONS code (default: the pilot's own area)")
    check.add_argument("--json", action="store_true", help="machine-readable")

    mapping = command(
        "map", "look at files of the council's own systems and write mapping.toml, for a person to read and mend"
    )
    mapping.add_argument("file", nargs="+", metavar="FILE", help="CSV or XLSX files, as the systems export them")
    mapping.add_argument(
        "--out", metavar="TOML", help="the mapping, new or to be added to (default: mapping.toml beside the first)"
    )

    measures = command("measures", "list the measures, or print one definition card")
    measures.add_argument("id", nargs="?", metavar="ID", help="a measure")
    measures.add_argument("--json", action="store_true", help="machine-readable")

    calibrate = command("calibrate", "coverage and false alarms of each method at this pilot's shape")
    calibrate.add_argument("pilot", metavar="PILOT")
    calibrate.add_argument("--data", metavar="DIR", help=DATA)
    calibrate.add_argument("--area", metavar="CODE", help="ONS code (default: the pilot's own area)")
    calibrate.add_argument("--draws", metavar="N", type=count, default=None, help="simulated pilots (1000)")
    calibrate.add_argument("--json", action="store_true", help="machine-readable")

    new = command("new", "make the folder of another service: pilots/PILOT, with templates of its extracts")
    new.add_argument("pilot", metavar="PILOT", help="its name: lower-case letters, digits and _")

    sealing = command("seal", "record design, gates, floors and worthwhile changes as agreed, before figures are seen")
    sealing.add_argument("pilot", metavar="PILOT")
    sealing.add_argument("--by", metavar="NAME", required=True, help="who seals it")
    sealing.add_argument("--area", metavar="CODE", help=AREA)

    correcting = command("correct", "let final figures of a pilot change in its next run, once")
    correcting.add_argument("pilot", metavar="PILOT")
    correcting.add_argument("--reason", metavar="R", required=True, help="why they change; it stands on the page")
    correcting.add_argument("--by", metavar="NAME", required=True, help="who lets them change")
    correcting.add_argument("--area", metavar="CODE", help=AREA)

    sign = command("sign-off", "sign a report as it stands in the working site")
    sign.add_argument("report", metavar="REPORT", help="the report's name, as in the site")
    sign.add_argument("--role", required=True, help="analyst, assurer, approver or easy_read_group")
    sign.add_argument("--name", required=True, help="who signs")
    sign.add_argument("--out", metavar="DIR", help=OUT)

    publish = command("publish", "copy what is approved to the site that others see, after showing what is new")
    publish.add_argument("report", nargs="*", metavar="REPORT", help="reports to publish; none: all there are")
    publish.add_argument("--by", metavar="NAME", required=True, help="who approves it")
    publish.add_argument(
        "--to", metavar="DIR", help="folder of the published site (default: published, beside reports)"
    )
    publish.add_argument("--out", metavar="DIR", help=OUT)
    publish.add_argument(
        "--allow", metavar="REPORT", action="append", help="a report that runs may publish until a day"
    )
    publish.add_argument("--until", metavar="DATE", help="the last day of what is allowed: 2026-12-31")
    publish.add_argument("--show", action="store_true", help="show what is new, and publish nothing")
    publish.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")

    replies = command("replies", "record what evaluators sent back, so that it is printed with what was done about it")
    replies.add_argument("what", choices=("import",), help="import: read reply forms")
    replies.add_argument("file", nargs="+", metavar="FILE", help="forms as they came: text files, or letters (.eml)")

    runs = command("runs", "list the runs of a site, or compare two")
    runs.add_argument("run", nargs="*", metavar="RUN", help="two runs to compare")
    runs.add_argument("--out", metavar="DIR", help=OUT)
    runs.add_argument("--json", action="store_true", help="machine-readable")

    prune = command("prune", "delete what is kept and no longer needed")
    prune.add_argument("--opened", action="store_true", help="copies of own extracts that notebooks opened by hand")

    schedule = command("schedule", "print what a scheduler needs: systemd and cron")
    schedule.add_argument("--every", metavar="E", required=True, help="hour, day, week or month")
    schedule.add_argument("--at", metavar="HH:MM", default="05:30", help="time of day (05:30)")
    schedule.add_argument("--on-failure", metavar="COMMAND", default="", help="called with the run record's path")
    schedule.add_argument("--out", metavar="DIR", help=OUT)
    schedule.add_argument("--data", metavar="DIR", help=DATA)
    schedule.add_argument("--period", metavar="P", default="latest", help="period of the reports (latest)")
    schedule.add_argument("pilot", nargs="*", metavar="PILOT", help="pilots to run; none: all")
    return top, made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Never raises for a mistake of the user's."""
    _open_closed_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    code = _answer(words)
    lost = _flush(sys.stdout)
    if code == 0 and lost is not None and (words or [""])[0] not in DOES:
        # Their work is done, whether or not a line about it could be written. Of the others the text is all there is.
        say(f"commissioning: cannot write to standard output: {lost}", error=True)
        code = CannotWrite.exit_code
    _flush(sys.stderr)
    return code


def _open_closed_streams() -> None:
    """Where the caller closed a standard stream, open nothing in its place: its number would go to the next file that
    is opened, such as the lock, and what a child process says would be written there."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - for good


def _flush(stream: TextIO) -> str | None:
    """Why the last of what was said could not be written; None where it was, or where the reader went away.

    Python would try again at its end, and end with an exit code of its own.
    """
    try:
        stream.flush()
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            stream.flush()
        if not isinstance(error, BrokenPipeError):
            return getattr(error, "strerror", None) or "it is closed"
    return None


def _answer(words: list[str]) -> int:
    """What `main` does, without regard to whether it could be said."""
    top, made = build()
    try:
        for one in words:
            if not is_utf8(one):
                raise UsageError(f"{one!r} holds bytes that are no UTF-8: write it in UTF-8")
        given, unknown = top.parse_known_args(words)
        if given.command is None:
            if unknown:
                top.refuse_unknown(unknown)
            top.print_help()
            return 2
        if isinstance(getattr(given, "pilot", None), list) and not any(one.startswith("-") for one in unknown):
            given.pilot, unknown = [*given.pilot, *unknown], []  # `run alpha --workers 2 beta` names two pilots
        if unknown:
            made[given.command].refuse_unknown(unknown)
        _check_names(given)
        from commissioning.runs import commands

        return int(getattr(commands, given.command.replace("-", "_"))(given))
    except WorkbenchError as error:
        for line in str(error).splitlines() or [type(error).__name__]:
            say(f"commissioning: {line}", error=True)
        return error.exit_code
    except BrokenPipeError:  # `commissioning measures | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        say("commissioning: STOPPED: interrupted before anything was started", error=True)
        return 1
    except Exception as error:
        if os.environ.get("COMMISSIONING_DEBUG") == "1":
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            where = error.filename or "standard output"
            say(f"commissioning: cannot write to {where}: {error.strerror}", error=True)
            return CannotWrite.exit_code
        if out_of_memory(error):
            say(f"commissioning: {NO_MEMORY}", error=True)
            return 1
        say(f"commissioning: {fault(error)}", error=True)
        return 1


def _check_names(given: argparse.Namespace) -> None:
    """Whoever acts is named so that nobody can be taken for another, whatever the command: `--by`, and `--name` of a person."""
    for option in ("by", "name"):
        text = getattr(given, option, None)
        if text is None:
            continue
        if option == "by" or given.command == "sign-off":
            setattr(given, option, names.person(f"--{option}", text))
        elif why := names.fault(names.written(text)):  # the council's
            raise UsageError(f"--{option}: the name {why}")


NO_MEMORY = (
    "there is not enough memory: close other programs, raise the limit (ulimit -v), or run fewer at once (--workers 1)"
)


def out_of_memory(error: BaseException) -> bool:
    """True where a fault is memory that was not there: Python's, Arrow's, the system's, or a library that found no room."""
    words = str(error).casefold()
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, ImportError) and ("failed to map" in words or "cannot allocate" in words))
        or (isinstance(error, RuntimeError) and "can't start new thread" in words)
    )


def fault(error: Exception) -> str:
    """A fault of the program in one line: its class and place, never its message, which may quote a row."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}, line {place.tb_lineno}" if place else ""
    return (
        f"a fault of the program, not of your data: {type(error).__name__}{where}. Please report it; "
        "COMMISSIONING_DEBUG=1 shows the details, which may quote your data"
    )


if __name__ == "__main__":
    sys.exit(main())
