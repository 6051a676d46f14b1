"""Cells of money and numbers: what a ledger may write, and what nobody should read as an amount."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from commissioning.evidence import shorthand
from commissioning.evidence.cell import PLAUSIBLE, Cell, Context, bad, not_a_number, plain_digits
from commissioning.evidence.contracts import Column
from commissioning.evidence.units import A_PENNY

_GROUPED = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_MONEY = re.compile(rf"([+-]?)\s*(?:£|GBP)?\s*([+-]?)\s*({_GROUPED}(?:\.\d+)?|\.\d+)", re.I)
_PLAIN_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")  # what no other spelling can be taken for
_SCIENTIFIC = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)E[+-]?\d+", re.I)
_CONTINENTAL = re.compile(
    r"[+-]?(?:£|GBP)?\s*[+-]?(?:\d{1,3}(?:[. ]\d{3})+,\d{1,2}|\d+,\d{1,2}|\d{1,3}(?:\.\d{3}){2,})", re.I
)
_FAR = "the amount is far above any plausible sum of money: check it"
_CREDIT = re.compile(r"\s*(?:CR|C)\.?$", re.I)
_DEBIT = re.compile(r"\s*(?:DR|D)\.?$", re.I)


def money(column: Column, text: str, context: Context) -> Cell:
    """An amount in pounds as whole pence. A faulty one that can be read all the same says what it is (`Cell.pence`)."""
    note, sign, body, declared = "", 0, text, True
    if not _PLAIN_AMOUNT.fullmatch(text):
        text, note = plain_digits(text)
        text, note = _unmarked(text, note)
        if (fault := not_a_number(text)) is not None:
            return fault
        sign, body, declared = _ledger_sign(text, column.ledger_signs)
    code = reason = ""
    if _CONTINENTAL.fullmatch(body):  # 1.234,50 or 1,50: which mark stands for what is not for us to say
        return bad("continental number", "the amount is written as on the continent (1.234,50): write 1,234.50")
    if _SCIENTIFIC.fullmatch(body):
        amount = Decimal(body)
        if amount.adjusted() > 40:
            return bad("implausible", _FAR)
        if not (column.scientific or context.workbook):
            code, reason = "scientific notation", "the amount is in scientific notation (1.2E+05): export it in full"
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
        if not declared:
            code, reason = "ledger sign", "a sign written as CR or DR is not declared: write -123.45"
    multiplier = context.multiplier or column.multiplier
    if context.multiplier == A_PENNY:
        note = f"{column.heading} is in pence, as its header says"
        if amount != amount.to_integral_value() or re.search(r"\.\d\d$", body):
            return bad("pence with decimals", "the header says pence and the cell holds parts of one: which is it?")
    elif context.multiplier and multiplier != 1:
        note = f"{column.heading} is in units of £{multiplier:,}, as its header says"
    pounds = amount * multiplier
    if abs(pounds) > 10**7 * PLAUSIBLE:  # digits typed by a cat: nothing that a sum should carry
        return bad(code or "implausible", reason or _FAR)
    exact = pounds * 100
    pence = exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    if not code:
        code, reason = "implausible", _outside(column, pounds)
    if reason:
        return bad(code, reason, pence=int(pence))
    return Cell(value=int(pence), residue=exact - pence, note=note)


def _outside(column: Column, pounds: Decimal) -> str:
    """Why an amount cannot be right; empty where it may be."""
    if abs(pounds) > PLAUSIBLE:
        return _FAR
    if column.upper is not None and abs(pounds) > Decimal(str(column.upper)):
        return f"the amount is above the contract's limit of £{column.upper:,.0f}: check it"
    if column.lower is not None and pounds < Decimal(str(column.lower)):
        return f"the amount is below the contract's limit of £{column.lower:,.0f}: check it"
    return ""


def _ledger_sign(text: str, letters: bool) -> tuple[int, str, bool]:
    """The sign that a ledger writes (0 where it writes none), the amount without it, and whether it may be written so.

    Brackets and a trailing minus mean one thing everywhere; `letters` (CR, DR, C, D) only where the contract says so.
    """
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1].strip(), True
    if re.match(r"[(]\s*£|(?:£|GBP)\s*[(]", text) and text.endswith(")"):
        return -1, text.replace("(", "").rstrip(")").strip(), True
    if len(text) > 1 and text[-1] in "-+" and text[:-1].rstrip()[-1:].isdigit():
        return (-1 if text[-1] == "-" else 1), text[:-1].strip(), True
    for pattern, sign in ((_CREDIT, -1), (_DEBIT, 1)):
        if pattern.search(text) and re.match(r"[£\d.,+-]", text):
            return sign, pattern.sub("", text).strip(), letters
    front = re.match(r"(CR|DR)\.?\s*(?=[£\d.,+-])", text, re.I)
    if front:
        return (-1 if front[1].upper() == "CR" else 1), text[front.end() :], letters
    return 0, text, True


def _unmarked(text: str, note: str) -> tuple[str, str]:
    """A figure without the marks in square brackets to its right ([r], [note 2]); round ones may be a sign or a sum."""
    bare = shorthand.without_square_marks(text)
    return (text, note) if bare == text else (bare, shorthand.NOTE)


def number(column: Column, text: str, context: Context) -> Cell:
    """A whole or decimal number, scaled as its header says ((000s))."""
    text, note = plain_digits(text)
    text, note = _unmarked(text, note)
    if (fault := not_a_number(text)) is not None:
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
    if context.multiplier and context.multiplier != 1:
        value *= context.multiplier
        note = f"{column.heading} is in units of {context.multiplier:,}, as its header says"
    if abs(value) > PLAUSIBLE:
        return bad("implausible", f"{column.heading} is far above any plausible figure: check it")
    lower = column.lower if column.lower is not None else (0 if column.holds == "int" else None)
    if lower is not None and value < Decimal(str(lower)):
        return bad("implausible", f"{column.heading} is below the contract's limit of {lower:g}: check it")
    if column.upper is not None and value > Decimal(str(column.upper)):
        return bad("implausible", f"{column.heading} is above the contract's limit of {column.upper:g}: check it")
    if column.holds == "int":
        if not context.multiplier and re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+", text):
            return bad("continental number", "the point may stand for thousands or for decimals: write 1000 or 1,000")
        if value != value.to_integral_value():
            return bad("not a whole number", f"{column.heading} must be a whole number")
        return Cell(value=int(value), note=note)
    return Cell(value=float(value), note=note)
