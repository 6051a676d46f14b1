"""JSON, strictly: no doubled keys, no NaN, numbers kept as written."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from commissioning.evidence import limits, text
from commissioning.evidence.csv_reader import Record
from commissioning.evidence.extract import IN_MEMORY_BYTES, Extract
from commissioning.evidence.loaded import Refused


class Number(str):
    """A number as the file wrote it: text, so that no digit is lost."""

    __slots__ = ()


def read(extract: Extract) -> Any:
    """The parsed document; floats are Decimal and whole numbers int. Raises Refused with the line of a fault.

    JSON lines (one document a line) are a list of them.
    """
    if extract.size > IN_MEMORY_BYTES:
        raise Refused(
            f"{extract.name} has {extract.size:,} bytes; JSON is read up to {IN_MEMORY_BYTES:,}: split it",
            code="too large",
        )
    encoding = text.decide(extract.path, extract.name, cp1252_allowed=False)
    body = extract.data()[encoding.skip :].decode(encoding.codec)
    _flat_enough(body, extract.name)
    return _parsed(body, extract.name)


def _parsed(body: str, name: str, line: int = 0) -> Any:
    try:
        return json.loads(
            body, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_decimal, parse_int=_whole
        )
    except json.JSONDecodeError as e:
        lines = [(at, one) for at, one in enumerate(body.split("\n"), 1) if one.strip()]
        if not line and e.msg == "Extra data" and len(lines) > 1 and e.pos >= len(lines[0][1]):
            return [_parsed(one, name, at) for at, one in lines]
        end = e.pos >= len(body.rstrip()) - 1
        hint = "it may be half-written; wait or export it again" if end else "mend it"
        raise Refused(
            f"{name} is not valid JSON at line {line or e.lineno}, column {e.colno} ({e.msg}): {hint}",
            code="half-written" if end else "not json",
            where=str(line or e.lineno),
        ) from None
    except RecursionError:
        raise Refused(f"{name} is nested too deeply to be a table: mend it", code="too large") from None
    except _Fault as e:
        raise Refused(f"{name}: {e}", code="not json") from None


class _Fault(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(pairs) > limits.COLUMNS:
        raise _Fault(f"an object has {len(pairs):,} keys; the limit is {limits.COLUMNS:,}")
    if len(out) != len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise _Fault(f"an object has the key “{twice[:60]}” twice; keep one")
    for key, value in pairs:
        if len(key) > limits.VALUE or (isinstance(value, str) and len(value) > limits.CELL):
            raise _Fault(
                f"a key or its value is too long: the limits are {limits.VALUE} and {limits.CELL:,} characters"
            )
    return out


def _no_constant(word: str) -> Any:
    raise _Fault(f"it holds {word}, which is not a JSON number; write null or leave the key out")


def _whole(digits: str) -> int:
    if len(digits) > limits.DIGITS:
        raise _Fault(_TOO_MANY_DIGITS)
    return int(digits)


def _decimal(digits: str) -> Decimal:
    """A number with a point or an exponent. One of a huge exponent would fill the memory where it is written in full."""
    value = Decimal(digits) if len(digits) <= limits.DIGITS else None
    if value is None or (value and abs(value.adjusted()) > limits.DIGITS):
        raise _Fault(_TOO_MANY_DIGITS)
    return value


_TOO_MANY_DIGITS = f"it holds a number of more than {limits.DIGITS} digits: write it as text, or mend it"


def _flat_enough(body: str, name: str) -> None:
    """Raise Refused for objects and lists nested past the limit; what stands between quotes does not count."""
    depth = 0
    for found in _NESTED.finditer(body):
        mark = found[0][0]
        if mark in "[{":
            depth += 1
            if depth > limits.NESTING:
                raise Refused(
                    f"{name} is nested too deeply to be a table (more than {limits.NESTING} deep): mend it",
                    code="too large",
                )
        elif mark != '"':
            depth -= 1


_NESTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.S)


def as_records(document: Any, name: str) -> tuple[list[str], list[Record]]:
    """A list of flat objects as a header (every key, in order of first use) and one record an object."""
    if not isinstance(document, list) or not all(isinstance(o, dict) for o in document):
        raise Refused(f"{name} must be a list of objects, one a record", code="not a table")
    names = list(dict.fromkeys(k for o in document for k in o))
    if len(names) > limits.COLUMNS:
        raise Refused(f"{name} has {len(names):,} keys; the limit is {limits.COLUMNS:,}", code="too large")
    records = []
    for i, item in enumerate(document):
        faults = {}
        cells = []
        for at, key in enumerate(names):
            value = item.get(key)
            if isinstance(value, (dict, list)):
                faults[at] = ("not a single value", "the value is a list or an object where one value is due")
                value = None
            cells.append(_cell(value))
        raw = json.dumps(item, ensure_ascii=False, default=str)
        records.append(Record(where=f"[{i}]", cells=cells, raw=raw, faults=faults))
    return names, records


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        # An exponent says that digits may be missing (1.2345678901234568E+18): an id must see it.
        return str(value) if "E" in str(value) and value.adjusted() >= 15 else format(value, "f")
    return str(value)
