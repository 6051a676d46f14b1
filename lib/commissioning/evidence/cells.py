"""One cell: its text against what its column must hold.

Every function here is pure and strict: it returns a value, or a problem with a code and one plain
sentence that says what to do. Nothing is guessed; what a column declares is accepted, the rest is not.
The text of a cell never goes into a sentence, for a cell may hold a person's data.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import replace

from commissioning.evidence import amounts, days, limits
from commissioning.evidence.cell import ERROR_CELLS, Cell, Context, bad
from commissioning.evidence.contracts import (
    NO,
    WORDS_FOR_NOT_APPLICABLE,
    WORDS_FOR_NOT_ASKED,
    WORDS_FOR_SUPPRESSED,
    WORDS_FOR_UNKNOWN,
    YES,
    Column,
)
from commissioning.evidence.days import financial_year
from commissioning.evidence.invisible import CLEANED, visible
from commissioning.evidence.text import TWICE_DECODED
from commissioning.wording import counted

__all__ = ["Cell", "Context", "bad", "financial_year", "nhs_fault", "parse", "word_key"]

CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SURROGATE = re.compile("[\ud800-\udfff]")


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
    shown = visible(text)
    cell = _parse(column, shown.strip(" \t\r\n\u00a0\u2007\u202f"), context)
    return cell if shown == text or cell.note else replace(cell, note=CLEANED)


def _parse(column: Column, tidy: str, context: Context) -> Cell:
    token = tidy.casefold()
    if token in column.missing:
        return Cell(value=None, status=column.missing[token])
    if tidy == "":
        return bad("blank", f"{column.heading} is blank: fill it in (blank is not zero)")
    longest = limits.CELL if column.holds == "text" and column.pattern is None else limits.VALUE
    if len(tidy) > longest:
        return bad("too long", f"{column.heading} has more than {longest:,} characters: it holds something else")
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
    if re.fullmatch(r"-?\d(?:\.\d+)?E\+\d+", clean, re.I) or re.fullmatch(r"-?\d\.\d+E\d+", clean, re.I):
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


_PARSERS = {
    "text": _text,
    "id": _id,
    "category": _category,
    "yes/no": _yes_no,
    "int": amounts.number,
    "number": amounts.number,
    "money": amounts.money,
    "date": days.day,
    "year": days.year,
    "quarter": days.quarter,
    "month": days.month,
}
