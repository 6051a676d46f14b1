"""One cell: its text against what its column must hold.

Every function here is pure and strict: it returns a value, or a problem with a code and one plain
sentence that says what to do. Nothing is guessed; what a column declares is accepted, the rest is not.
The text of a cell never goes into a sentence, for a cell may hold a person's data.

Longer than other files: one short parser for each kind of column, side by side, so that their rules are compared.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from commissioning.evidence.contracts import (
    A_PENNY,
    NO,
    WORDS_FOR_NOT_APPLICABLE,
    WORDS_FOR_NOT_ASKED,
    WORDS_FOR_SUPPRESSED,
    WORDS_FOR_UNKNOWN,
    YES,
    Column,
    Status,
)
from commissioning.evidence.text import TWICE_DECODED
from commissioning.wording import counted

LONDON = ZoneInfo("Europe/London")
CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SURROGATE = re.compile("[\ud800-\udfff]")
ERROR_CELLS = re.compile(r"#(?:N/?A|REF|DIV/0|VALUE|NAME|NUM|NULL|SPILL|CALC|GETTING_DATA|FIELD|####+)?[!?]?#*$", re.I)
PLAUSIBLE = Decimal(10) ** 13  # four times what the country makes in a year; as pence, sums of it still fit 64 bits
NOT_NUMBERS = ("nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity", "-nan", "1.#inf", "1.#qnan")
MONTHS = {
    m: i
    for i, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "september", "sept"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for m in names
}


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a cell's file adds: a workbook's numbers and dates are typed, a CSV's are text."""

    workbook: bool = False
    epoch: date = date(1899, 12, 30)  # 1904 workbooks: date(1904, 1, 1)
    header: str = ""
    multiplier: int | Decimal | None = None  # pounds a unit, as the header itself declares (`£000`, pence)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A parsed cell. `code` is set where it is faulty; `note` names a declared repair; `residue` is
    the part of a penny rounded away; `refuses` marks a fault that takes the whole file."""

    value: Any = None
    status: Status = "known"
    code: str = ""
    reason: str = ""
    note: str = ""
    residue: Decimal = Decimal(0)
    refuses: bool = False


def bad(code: str, reason: str, *, refuses: bool = False) -> Cell:
    return Cell(code=code, reason=reason, refuses=refuses)


def parse(column: Column, text: str, context: Context) -> Cell:
    """One cell of a column: its value, or what is wrong with it."""
    if "\x00" in text:
        return bad("nul byte", "the cell holds a NUL byte: export the row again")
    if CONTROL.search(text):
        return bad("control character", "the cell holds a control character: remove it")
    if not text.isascii():
        if SURROGATE.search(text):
            return bad("lone surrogate", "the cell holds half of a surrogate pair: export the row again")
        if "\ufffd" in text:
            return bad("lost character", "a character was lost (�) before the file arrived: export it again as UTF-8")
        if TWICE_DECODED.search(text):
            return bad("decoded twice", "the text has been decoded twice (as in Â£): export it again as UTF-8")
    tidy = text.strip(" \t\r\n\u00a0\ufeff\u200b\u2007\u202f")
    token = tidy.casefold()
    if token in column.missing:
        return Cell(value=None, status=column.missing[token])
    if tidy == "":
        return bad("blank", f"{column.heading} is blank: fill it in (blank is not zero)")
    return _PARSERS[column.holds](column, tidy, context)


def _text(column: Column, text: str, context: Context) -> Cell:
    if ERROR_CELLS.match(text):
        return bad("error value", "the cell holds a spreadsheet error (#…): mend the formula and export again")
    if column.pattern and not re.fullmatch(column.pattern, text):
        return bad("not as declared", f"{column.heading} must be {column.says}")
    return Cell(value=text)


def _id(column: Column, text: str, context: Context) -> Cell:
    if ERROR_CELLS.match(text):
        return bad("error value", "the cell holds a spreadsheet error (#…): mend the formula and export again")
    if any(unicodedata.category(c) == "Nd" and not c.isascii() for c in text):
        return bad("full-width digits", "the id holds digits that are not 0 to 9: type it again")
    clean = unicodedata.normalize("NFKC", text)
    clean = "".join(c for c in clean if unicodedata.category(c) not in ("Cf", "Zs"))
    note = ""
    if clean != text:
        note = "hidden characters or spaces inside ids were removed"
    if clean[:1] in ("'", "’", "‘") and len(clean) > 1:
        clean, note = clean[1:], "a leading apostrophe (Excel's text mark) was removed from ids"
    if clean == "":
        return bad("blank", f"{column.heading} holds only hidden characters: fill it in")
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d+", clean, re.I) or re.fullmatch(r"\d\.\d+E\d+", clean, re.I):
        return bad(
            "id lost digits", "the id was turned into a number by a spreadsheet (as in 1.23E+15): export as text"
        )
    if re.fullmatch(r"\d{16,}", clean) and clean[15:].strip("0") == "":
        return bad("id lost digits", "an id of 16 or more digits that ends in zeros: a spreadsheet keeps 15 digits")
    if context.workbook and re.fullmatch(r"\d+\.\d+", clean):
        return bad("id is a number", "the id is a number with decimals: format the column as text")
    header = re.sub(r"[^a-z]", "", context.header.casefold())
    if header.startswith("nhs") and (fault := nhs_fault(clean)):
        return bad("nhs number", fault)
    if column.length is not None and len(clean) != column.length:
        return bad(
            "id length",
            f"the id has {counted(len(clean), 'character')} and the contract says {column.length}: "
            + (
                "leading zeros may have been lost; format the column as text"
                if len(clean) < column.length
                else "check it"
            ),
        )
    if column.pattern and not re.fullmatch(column.pattern, clean):
        return bad("not as declared", f"{column.heading} must be {column.says}")
    return Cell(value=clean, note=note)


def nhs_fault(text: str) -> str:
    """What is wrong with an NHS number, or empty text (NHS Data Dictionary: ten digits, modulus 11)."""
    digits = text.replace("-", "")
    if not re.fullmatch(r"[0-9]{10}", digits):
        return f"an NHS number has 10 digits and this has {sum(c.isdigit() for c in digits)}: look it up again"
    check = 11 - sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    check = 0 if check == 11 else check
    if check != int(digits[9]):
        return "the check digit of this NHS number is wrong: look it up again"
    return ""


def word_key(text: str) -> str:
    """Categories are compared without case, hidden characters or the choice of space, hyphen and underscore."""
    clean = unicodedata.normalize("NFKC", text)
    clean = "".join(c for c in clean if unicodedata.category(c) != "Cf")
    clean = re.sub(r"[‐-―−]", "-", clean)
    return re.sub(r"[\s_-]+", " ", clean).strip().casefold()


def _category(column: Column, text: str, context: Context) -> Cell:
    known = {word_key(k): v for k, v in column.categories.items()}
    key = word_key(text)
    if key in known:
        return Cell(value=known[key])
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f"the nearest is “{known[near[0]]}”" if near else "none is near"
    words = ", ".join(dict.fromkeys(column.categories.values()))
    return bad("unknown category", f"{column.heading} must be one of: {words}; {hint}")


def _yes_no(column: Column, text: str, context: Context) -> Cell:
    key = word_key(text.replace("\ufe0f", ""))
    if key in YES:
        return Cell(value="yes")
    if key in NO:
        return Cell(value="no")
    for words, meaning in (
        (WORDS_FOR_UNKNOWN, "unknown"),
        (WORDS_FOR_NOT_ASKED, "not asked"),
        (WORDS_FOR_NOT_APPLICABLE, "not applicable"),
        (WORDS_FOR_SUPPRESSED, "suppressed"),
    ):
        if key in words and meaning in column.categories:
            return Cell(value=meaning)
    allowed = ", ".join(("yes", "no", *column.categories))
    return bad("unknown category", f"{column.heading} must be one of: {allowed}")


def plain_digits(text: str) -> tuple[str, str]:
    """Full-width and other digits as 0 to 9 (NFKC), and the note that says so."""
    if text.isascii():
        return text, ""
    clean = unicodedata.normalize("NFKC", text)
    clean = "".join(
        str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c
        for c in clean
        if unicodedata.category(c) != "Cf"
    )
    clean = clean.replace("\u2212", "-").replace("\u2013", "-").strip()
    return clean, "" if clean == text else "full-width digits or typographic signs were read as numbers"


def _not_a_number(text: str) -> Cell | None:
    if ERROR_CELLS.match(text) or text.startswith("#"):
        return bad("error value", "the cell holds a spreadsheet error (#…): mend the formula and export again")
    if text.casefold() in NOT_NUMBERS:
        return bad("not a number", "the cell holds NaN or infinity: it is neither a number nor blank")
    return None


_GROUPED = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_MONEY = re.compile(rf"([+-]?)\s*(?:£|GBP)?\s*([+-]?)\s*({_GROUPED}(?:\.\d+)?|\.\d+)", re.I)
_PLAIN_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")  # what no other spelling can be taken for
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)E[+-]?\d+", re.I)
_CONTINENTAL = re.compile(
    r"[+-]?(?:£|GBP)?\s*[+-]?(?:\d{1,3}(?:[. ]\d{3})+,\d{1,2}|\d+,\d{1,2}|\d{1,3}(?:\.\d{3}){2,})", re.I
)
_CREDIT = re.compile(r"\s*(?:CR|C)\.?$", re.I)
_DEBIT = re.compile(r"\s*(?:DR|D)\.?$", re.I)


def _money(column: Column, text: str, context: Context) -> Cell:
    note, sign, body = "", 0, text
    if not _PLAIN_AMOUNT.fullmatch(text):
        text, note = plain_digits(text)
        if (fault := _not_a_number(text)) is not None:
            return fault
        sign, body = _ledger_sign(text)
    if sign and not column.ledger_signs:
        return bad(
            "ledger sign", "a sign written as CR, DR, a trailing minus or brackets is not declared: write -123.45"
        )
    if _CONTINENTAL.fullmatch(body):
        return bad("continental number", "the amount is written as on the continent (1.234,50): write 1,234.50")
    if _SCIENTIFIC.fullmatch(body):
        if not (column.scientific or context.workbook):
            return bad("scientific notation", "the amount is in scientific notation (1.2E+05): export it in full")
        amount = Decimal(body)
    else:
        found = _MONEY.fullmatch(body)
        if not found or (found[1] and found[2]):
            return bad("not an amount", f"{column.heading} must be an amount such as 1,234.50")
        amount = Decimal(found[3].replace(",", ""))
        if "-" in (found[1], found[2]):
            amount = -amount
    if sign:
        if amount < 0:
            return bad("ledger sign", "the amount carries two signs: write one")
        amount *= sign
    multiplier = context.multiplier or column.multiplier
    if context.multiplier == A_PENNY:
        note = f"{column.heading} is in pence, as its header says"
        if amount != amount.to_integral_value() or re.search(r"\.\d\d$", body):
            return bad("pence with decimals", "the header says pence and the cell holds parts of one: which is it?")
    elif context.multiplier and multiplier != 1:
        note = f"{column.heading} is in units of £{multiplier:,}, as its header says"
    pounds = amount * multiplier
    if abs(pounds) > PLAUSIBLE:
        return bad("implausible", "the amount is far above any plausible sum of money: check it")
    if column.upper is not None and abs(pounds) > Decimal(str(column.upper)):
        return bad("implausible", f"the amount is above the contract's limit of £{column.upper:,.0f}: check it")
    if column.lower is not None and pounds < Decimal(str(column.lower)):
        return bad("implausible", f"the amount is below the contract's limit of £{column.lower:,.0f}: check it")
    exact = pounds * 100
    pence = exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return Cell(value=int(pence), residue=exact - pence, note=note)


def _ledger_sign(text: str) -> tuple[int, str]:
    """The sign that a ledger writes (0 where it writes none) and the amount without it."""
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1].strip()
    if re.match(r"\(\s*£|£\s*\(", text) and text.endswith(")"):
        return -1, text.replace("(", "").rstrip(")")
    for pattern, sign in ((_CREDIT, -1), (_DEBIT, 1)):
        if pattern.search(text) and re.match(r"[£\d.,+-]", text):
            return sign, pattern.sub("", text).strip()
    front = re.match(r"(CR|DR)\.?\s*(?=[£\d.,+-])", text, re.I)
    if front:
        return (-1 if front[1].upper() == "CR" else 1), text[front.end() :]
    if len(text) > 1 and text[-1] in "-+" and text[-2].isdigit():
        return (-1 if text[-1] == "-" else 1), text[:-1].strip()
    return 0, text


def _number(column: Column, text: str, context: Context) -> Cell:
    text, note = plain_digits(text)
    if (fault := _not_a_number(text)) is not None:
        return fault
    if _SCIENTIFIC.fullmatch(text):
        if column.holds == "int" and not context.workbook:
            return bad("scientific notation", f"{column.heading} must be a whole number written in full")
        plain = text
    elif re.fullmatch(rf"[+-]?(?:{_GROUPED}(?:\.\d*)?|\.\d+)", text):
        plain = text.replace(",", "")
    else:
        if _CONTINENTAL.fullmatch(text):
            return bad("continental number", "the number is written as on the continent (1.234,5): write 1,234.5")
        return bad("not a number", f"{column.heading} must be a {'whole ' if column.holds == 'int' else ''}number")
    try:
        value = Decimal(plain)
    except InvalidOperation:  # pragma: no cover - the patterns above admit only decimals
        return bad("not a number", f"{column.heading} must be a number")
    if abs(value) > PLAUSIBLE:
        return bad("implausible", f"{column.heading} is far above any plausible figure: check it")
    lower = column.lower if column.lower is not None else (0 if column.holds == "int" else None)
    if lower is not None and value < Decimal(str(lower)):
        return bad("implausible", f"{column.heading} is below the contract's limit of {lower:g}: check it")
    if column.upper is not None and value > Decimal(str(column.upper)):
        return bad("implausible", f"{column.heading} is above the contract's limit of {column.upper:g}: check it")
    if column.holds == "int":
        if re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+", text):
            return bad("continental number", "the point may stand for thousands or for decimals: write 1000 or 1,000")
        if value != value.to_integral_value():
            return bad("not a whole number", f"{column.heading} must be a whole number")
        return Cell(value=int(value), note=note)
    return Cell(value=float(value), note=note)


_DMY = re.compile(r"(\d{1,2})([/.\- ])(\d{1,2})\2(\d{4}|\d{2})")
_YMD = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})")
_WORDS = re.compile(r"(?:[A-Za-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9}),?[ -](\d{4}|\d{2})")
_TIME = re.compile(
    r"(?P<day>.+?)(?:T|\s+|\s*,\s*)(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?\s*"
    r"(?P<half>[ap]m)?\s*(?P<zone>Z|UTC|GMT|BST|[+-]\d{2}:?\d{2})?",
    re.I,
)


def _date(column: Column, text: str, context: Context) -> Cell:
    text, note = plain_digits(text)
    if ERROR_CELLS.match(text):
        return bad("error value", "the cell holds a spreadsheet error (#…): mend the formula and export again")
    if re.fullmatch(r"\d{1,6}(?:\.\d+)?", text):
        if not context.workbook:
            return bad("excel serial", f"{column.heading} is a spreadsheet's day number: export it as dd/mm/yyyy")
        day: date | Cell = context.epoch + timedelta(days=int(float(text)))
        note = "day numbers were read as dates by the workbook's own calendar"
    else:
        clock = _TIME.fullmatch(text)
        day = _day(clock["day"].strip() if clock else text, column)
        if clock and isinstance(day, date):
            day = _in_london(day, clock)
    if isinstance(day, Cell):
        return day
    if day in column.sentinels:
        return Cell(value=None, status=column.sentinels[day])
    if (day.day, day.month, day.year) in ((1, 1, 1900), (31, 12, 9999), (30, 12, 1899), (1, 1, 1970)):
        return bad("sentinel date", f"{day:%d/%m/%Y} stands for “no date” and is not declared: leave it blank")
    if not column.earliest <= day <= column.latest:
        return bad(
            "implausible date",
            f"{column.heading} lies outside {column.earliest:%d/%m/%Y} to {column.latest:%d/%m/%Y}: check it",
        )
    return Cell(value=day, note=note)


def _day(text: str, column: Column) -> date | Cell:
    if found := _YMD.fullmatch(text):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := re.fullmatch(r"((?:19|20)\d{2})(\d{2})(\d{2})", text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _DMY.fullmatch(text):
        day, month = int(found[1]), int(found[3])
        full = _year(found[4], column)
        if isinstance(full, Cell):
            return full
        year = full
        if month > 12 and day <= 12:
            return bad("us date", "the date is month first, as in the USA: write dd/mm/yyyy")
    elif (found := _WORDS.fullmatch(text)) and found[2].casefold() in MONTHS:
        day, month = int(found[1]), MONTHS[found[2].casefold()]
        full = _year(found[3], column)
        if isinstance(full, Cell):
            return full
        year = full
    else:
        return bad("not a date", f"{column.heading} must be a date such as 03/04/2024")
    try:
        return date(year, month, day)
    except ValueError:
        return bad("no such date", f"{column.heading} is a day that does not exist: check it")


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


def _fy(column: Column, text: str, context: Context) -> Cell:
    year = financial_year(text)
    if year is None or not 1990 <= int(year[:4]) <= 2098:
        return bad("not a financial year", f"{column.heading} must be a financial year such as 2014-15")
    return Cell(value=year)


_QUARTER_LAST = re.compile(r"(.+?)\s*[-–/,]?\s*(?:Q|QTR|QUARTER)\s*\.?\s*([1-4])", re.I)
_QUARTER_FIRST = re.compile(r"(?:Q|QTR|QUARTER)\s*\.?\s*([1-4])\s*[-–/,]?\s*(?:of\s+)?(.+)", re.I)


def _quarter(column: Column, text: str, context: Context) -> Cell:
    words = f"{column.heading} must be a financial quarter such as 2014-15 Q1 (April to June)"
    found = _QUARTER_LAST.fullmatch(text)
    year, number = (found[1], found[2]) if found else (None, None)
    if not found and (found := _QUARTER_FIRST.fullmatch(text)):
        year, number = found[2], found[1]
    if year is None:
        return bad("not a quarter", words)
    if re.fullmatch(r"\d{4}|\d{2}", year.strip()):
        return bad(
            "quarter not declared",
            f"a quarter of a single year may be of the calendar or the financial year; {words}",
            refuses=True,
        )
    full = financial_year(year.strip())
    if full is None or not 1990 <= int(full[:4]) <= 2098:
        return bad("not a quarter", words)
    return Cell(value=f"{full} Q{number}")


def _month(column: Column, text: str, context: Context) -> Cell:
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})(?:[-/]01)?", text):
        year, month = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"(\d{1,2})/(\d{4})", text):
        year, month = int(found[2]), int(found[1])
    elif (found := re.fullmatch(r"([A-Za-z]{3,9})[ -](\d{4})", text)) and found[1].casefold() in MONTHS:
        year, month = int(found[2]), MONTHS[found[1].casefold()]
    else:
        return bad("not a month", f"{column.heading} must be a month such as 2014-04")
    if not (1 <= month <= 12 and 1990 <= year <= 2098):
        return bad("not a month", f"{column.heading} must be a month such as 2014-04")
    return Cell(value=f"{year}-{month:02d}")


_PARSERS = {
    "text": _text,
    "id": _id,
    "category": _category,
    "yes/no": _yes_no,
    "int": _number,
    "number": _number,
    "money": _money,
    "date": _date,
    "year": _fy,
    "quarter": _quarter,
    "month": _month,
}
