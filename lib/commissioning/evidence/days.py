"""Cells of days and periods: day first, in Europe/London, and never one that has not come unless its column allows it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from commissioning.evidence.cell import ERROR_CELLS, Cell, Context, bad, plain_digits
from commissioning.evidence.contracts import Column
from commissioning.evidence.shorthand import without_marks

LONDON = ZoneInfo("Europe/London")
_NAMES = (
    "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep september sept|oct october|"
    "nov november|dec december"
)
MONTHS = {name: at for at, names in enumerate(_NAMES.split("|"), start=1) for name in names.split()}

DAY_MONTH_YEAR = re.compile(r"(\d{1,2})([/.\- ])(\d{1,2})\2(\d{4}|\d{2})")
_YMD = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})")
_WORDS = re.compile(r"(?:[A-Za-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9}),?[ -](\d{4}|\d{2})")
_TIME = re.compile(
    r"(?P<day>.+?)(?:T|(?<!\s)(?:\s++(?:,\s*+)?|,\s*+))(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?\s*+"
    r"(?P<half>[ap]m)?\s*+(?P<zone>Z|UTC|GMT|BST|[+-]\d{2}:?\d{2})?",
    re.I,
)


def day(column: Column, text: str, context: Context) -> Cell:
    """A date, day first."""
    text, note = plain_digits(text)
    if ERROR_CELLS.match(text):
        return bad("error value", "the cell holds a spreadsheet error (#…): mend the formula and export again")
    if re.fullmatch(r"\d{1,6}(?:\.\d+)?", text):
        if not context.workbook:
            return bad("excel serial", f"{column.heading} is a spreadsheet's day number: export it as dd/mm/yyyy")
        found: date | Cell = context.epoch + timedelta(days=int(float(text)))
        note = "day numbers were read as dates by the workbook's own calendar"
    else:
        clock = _TIME.fullmatch(text)
        found = _day(clock["day"].strip() if clock else text, column, context)
        if clock and isinstance(found, date):
            found = _in_london(found, clock)
    if isinstance(found, Cell):
        return found
    if found in column.sentinels:
        return Cell(value=None, status=column.sentinels[found])
    if (found.day, found.month, found.year) in ((1, 1, 1900), (31, 12, 9999), (30, 12, 1899), (1, 1, 1970)):
        return bad("sentinel date", f"{found:%d/%m/%Y} stands for “no date” and is not declared: leave it blank")
    if not column.earliest <= found <= column.latest:
        return bad(
            "implausible date",
            f"{column.heading} lies outside {column.earliest:%d/%m/%Y} to {column.latest:%d/%m/%Y}: check it",
        )
    return _to_come(column, found, context) or Cell(value=found, note=note)


def _to_come(column: Column, first: date, context: Context) -> Cell | None:
    """The fault of a day, or of a period's first day, that lies further ahead than the column may; None where it does not."""
    if column.ahead is None or (first - context.today).days <= column.ahead:
        return None
    words = f"{column.heading} lies in the future"
    if column.ahead:
        words = f"{column.heading} lies more than {column.ahead:,} days ahead"
    return Cell(code="not come yet", reason=f"{words}: check it", comes=first - timedelta(days=column.ahead))


def span(period: str, holds: str) -> tuple[date, date]:
    """The first and last day of a financial year "2014-15", a quarter "2014-15 Q1" or a calendar month "2014-04"."""
    year = int(period[:4])
    first, months = 4, 12
    if holds == "quarter":
        first, months = 1 + 3 * int(period[-1]), 3
    elif holds == "month":
        first, months = int(period[5:7]), 1
    begin, end = year * 12 + first - 1, year * 12 + first - 1 + months
    return date(begin // 12, begin % 12 + 1, 1), date(end // 12, end % 12 + 1, 1) - timedelta(days=1)


def _period(column: Column, period: str, context: Context) -> Cell:
    return _to_come(column, span(period, column.holds)[0], context) or Cell(value=period)


def _day(text: str, column: Column, context: Context) -> date | Cell:
    if found := _YMD.fullmatch(text):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := re.fullmatch(r"((?:19|20)\d{2})(\d{2})(\d{2})", text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := DAY_MONTH_YEAR.fullmatch(text):
        day, month = int(found[1]), int(found[3])
        full = _year(found[4], column)
        if isinstance(full, Cell):
            return full
        year = full
        if month > 12 and day <= 12:
            return bad("us date", "the date is month first, as in the USA: write dd/mm/yyyy")
    elif (found := _WORDS.fullmatch(text)) and found[2].casefold() in MONTHS:
        day, month = int(found[1]), MONTHS[found[2].casefold()]
        # Beside a month in words two digits can only be the year, and of this century where it may be.
        year = int(found[3]) if len(found[3]) == 4 else _century(int(found[3]), column, context)
    else:
        return bad("not a date", f"{column.heading} must be a date such as 03/04/2024")
    try:
        return date(year, month, day)
    except ValueError:
        return bad("no such date", f"{column.heading} is a day that does not exist: check it")


def _century(two: int, column: Column, context: Context) -> int:
    if column.pivot is not None:
        return two + (1900 if two >= column.pivot else 2000)
    furthest = context.today.year + (100 if column.ahead is None else 1 + column.ahead // 365)
    return two + (2000 if 2000 + two <= furthest else 1900)


def _year(text: str, column: Column) -> int | Cell:
    if len(text) == 4:
        return int(text)
    if column.pivot is None:
        return bad("two-digit year", "the year has two digits: write four")
    return int(text) + (1900 if int(text) >= column.pivot else 2000)


def _in_london(day: date, clock: re.Match[str]) -> date | Cell:
    hour, minute, second = int(clock["h"]), int(clock["m"]), int(clock["s"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            return bad("not a date", "the time of day does not exist: check it")
        hour = hour % 12 + (12 if clock["half"].lower() == "pm" else 0)
    zone = (clock["zone"] or "").upper()
    try:
        if not zone:
            return datetime(day.year, day.month, day.day, hour, minute, second).date()
        sign = {"Z": "+0000", "UTC": "+0000", "GMT": "+0000", "BST": "+0100"}.get(zone, zone.replace(":", ""))
        stamp = f"{day:%Y-%m-%d} {hour:02d}:{minute:02d}:{second:02d}{sign}"
        return datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S%z").astimezone(LONDON).date()
    except (ValueError, OverflowError):
        return bad("not a date", "the time of day does not exist: check it")


_DASH = r"\s*[/_\-‐‑‒–—−]\s*"
_YEAR_PAIR = re.compile(rf"(?:FY\s*)?(\d{{4}}|\d{{2}}){_DASH}(\d{{4}}|\d{{2}})", re.I)
_YEAR_END = re.compile(r"FY\s*(\d{4}|\d{2})", re.I)


def financial_year(text: str) -> str | None:
    """A declared financial year in any of its spellings as "2010-11"; None where it is not one.

    `FY11` and `FY2011` are named by the year they end in.
    """
    text = plain_digits(text)[0] if not text.isascii() else text
    if found := _YEAR_PAIR.fullmatch(text):
        first = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
        last = int(found[2])
        if last in (first + 1, (first + 1) % 100) and (len(found[2]) == 4) == (last > 99):
            return f"{first}-{(first + 1) % 100:02d}"
        return None
    if found := _YEAR_END.fullmatch(text):
        end = int(found[1]) if len(found[1]) == 4 else 2000 + int(found[1])
        return f"{end - 1}-{end % 100:02d}"
    return None


def year(column: Column, text: str, context: Context) -> Cell:
    """A financial year, as "2014-15"."""
    found = financial_year(without_marks(text))
    if found is None or not 1990 <= int(found[:4]) <= 2098:
        return bad("not a financial year", f"{column.heading} must be a financial year such as 2014-15")
    return _period(column, found, context)


# Of text in which each run of white space is one space: matching stays linear.
_QUARTER_LAST = re.compile(r"(.+?) ?[-–/,]? ?(?:Q|QTR|QUARTER) ?\.? ?([1-4])", re.I)
_QUARTER_FIRST = re.compile(r"(?:Q|QTR|QUARTER) ?\.? ?([1-4]) ?[-–/,]? ?(?:of )?(.+)", re.I)


def quarter(column: Column, text: str, context: Context) -> Cell:
    """A financial quarter, as "2014-15 Q1"."""
    words = f"{column.heading} must be a financial quarter such as 2014-15 Q1 (April to June)"
    text = without_marks(" ".join(text.split()))
    found = _QUARTER_LAST.fullmatch(text)
    named, number = (found[1], found[2]) if found else (None, None)
    if not found and (found := _QUARTER_FIRST.fullmatch(text)):
        named, number = found[2], found[1]
    if named is None:
        return bad("not a quarter", words)
    if re.fullmatch(r"\d{4}|\d{2}", named.strip()):
        return bad(
            "quarter not declared",
            f"a quarter of a single year may be of the calendar or the financial year; {words}",
            refuses=True,
        )
    full = financial_year(named.strip())
    if full is None or not 1990 <= int(full[:4]) <= 2098:
        return bad("not a quarter", words)
    return _period(column, f"{full} Q{number}", context)


def month(column: Column, text: str, context: Context) -> Cell:
    """A calendar month, as "2014-04"."""
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})(?:[-/]01)?", text):
        of, number = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"(\d{1,2})/(\d{4})", text):
        of, number = int(found[2]), int(found[1])
    elif (found := re.fullmatch(r"([A-Za-z]{3,9})[ -](\d{4}|\d{2})", text)) and found[1].casefold() in MONTHS:
        number = MONTHS[found[1].casefold()]
        of = int(found[2]) if len(found[2]) == 4 else _century(int(found[2]), column, context)
    else:
        return bad("not a month", f"{column.heading} must be a month such as 2014-04")
    if not (1 <= number <= 12 and 1990 <= of <= 2098):
        return bad("not a month", f"{column.heading} must be a month such as 2014-04")
    return _period(column, f"{of}-{number:02d}", context)
