"""JSON, strictly: no doubled keys, no NaN, numbers kept as written."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from commissioning.evidence import text
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
    return _parsed(body, extract.name)


def _parsed(body: str, name: str, line: int = 0) -> Any:
    try:
        return json.loads(
            body, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=Decimal, parse_int=_whole
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
    if len(out) != len(pairs):
        names = [k for k, _ in pairs]
        twice = next(n for n in names if names.count(n) > 1)
        raise _Fault(f"an object has the key “{twice[:60]}” twice; keep one")
    return out


def _no_constant(word: str) -> Any:
    raise _Fault(f"it holds {word}, which is not a JSON number; write null or leave the key out")


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= 400 else Decimal(digits)


def as_records(document: Any, name: str) -> tuple[list[str], list[Record]]:
    """A list of flat objects as a header (every key, in order of first use) and one record an object."""
    if not isinstance(document, list) or not all(isinstance(o, dict) for o in document):
        raise Refused(f"{name} must be a list of objects, one a record", code="not a table")
    names = list(dict.fromkeys(k for o in document for k in o))
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
