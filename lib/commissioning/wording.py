"""Numbers, money and how many of a thing, as a person would write them; and words as they are compared."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

_NOTHING = frozenset(["NAType", "NaTType"])


def counted(number: int, one: str, many: str = "") -> str:
    """`1 row`, `1,204 rows`; `many` where the plural is not the word and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def nearest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint: the nearest known word; else `otherwise`, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else otherwise or f"there are {', '.join(known)}"


def written(value: Any, none: str = "nothing") -> str:
    """A value of a file of settings as people read it; what is not there is said."""
    if value is None:
        return none
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.10g}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each place where two sets of values differ: place, old, new; None where one has none."""
    return [(one, old.get(one), new.get(one)) for one in sorted({*old, *new}) if old.get(one) != new.get(one)]


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A sentence with the names of files replaced by those shown (file → name); the longest first, so that none hides in another."""
    for file in sorted((one for one, name in names.items() if one != name), key=len, reverse=True):
        name = names[file]
        inside = name[:1].lower() + name[1:]
        for own in {file, file.rpartition("/")[2]}:
            if len(own) > 3:
                text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", lambda _, to=inside: to, text)  # type: ignore[misc]
    return text


# What is said of checks and agreements, according to whether they were sealed before figures were seen. No other room
# words it: that something was set or agreed beforehand is a claim, and `seal` decides it.
Standing = Literal["sealed", "changed", "not sealed", "tried"]
NOT_SEALED = "The checks were not sealed before figures were seen."
OF_CHECKS = "Each check that an estimate had to pass, whether it did, and what was sealed beforehand."
CHANGED = "Changed after it was sealed:"
_CHECKED: dict[Standing, str] = {
    "sealed": "It passed checks set beforehand.",
    "changed": "It passed its checks, but what was agreed was changed after it was sealed.",
    "not sealed": f"It passed its checks. {NOT_SEALED}",
    "tried": "It passed its checks beside a smallest worthwhile change that is tried here, and that nobody agreed.",
}
_AGREED: dict[Standing, str] = {
    "sealed": "agreed beforehand",
    "changed": "agreed (changed after it was sealed)",
    "not sealed": "agreed (not sealed beforehand)",
    "tried": "tried here (nobody agreed it)",
}


def checked(standing: Standing) -> str:
    """The sentence that ends an attributable claim."""
    return _CHECKED[standing]


def agreed(what: str, standing: Standing) -> str:
    """`the floor agreed beforehand`; without a seal, `the floor agreed (not sealed beforehand)`."""
    return f"{what} {_AGREED[standing]}"


def folded(words: str) -> str:
    """Words as they are compared: without case, double spaces, and signs at their ends."""
    return " ".join(part for one in words.split() if (part := one.casefold().strip("\"'’‘“”.,;:!?()[]")))


def hashed(words: str) -> str:
    """SHA-256 of words as they are compared."""
    return hashlib.sha256(folded(words).encode("utf-8", "backslashreplace")).hexdigest()


def within(words: str, people: Iterable[str]) -> bool:
    """True where a text holds an id or a full name of one of these people (hashes, as `hashed` gives them)."""
    people = set(people)
    if not people:
        return False
    parts = [re.sub(r"['’]s$", "", folded(one)) for one in words.split()]
    spans = (" ".join(parts[at : at + size]) for at in range(len(parts)) for size in (1, 2, 3, 4))
    return any(hashed(one) in people for one in spans)


def money(pence: int) -> str:
    """Pence as pounds and pence: 123456 → "£1,234.56". Raises TypeError for anything but whole pence."""
    if isinstance(pence, bool) or int(pence) != pence:
        raise TypeError(f"money is whole pence, not {pence!r}")
    whole, part = divmod(abs(int(pence)), 100)
    return f"{'−' if pence < 0 else ''}£{whole:,}.{part:02d}"


def money_short(pence: int) -> str:
    """Pence in the shortest exact-enough words: £41.68m, £176.30k, £950."""
    size = Decimal(abs(int(pence))) / 100
    sign = "−" if pence < 0 else ""
    for floor, scale, letter in ((10**9, 10**9, "bn"), (10**6, 10**6, "m"), (10**4, 10**3, "k")):
        if size >= floor:
            return f"{sign}£{rounded(size / scale, 2):,}{letter}"
    return f"{sign}£{rounded(size, 0):,}"


def money_rounded(pence: int) -> str:
    """Pence that were rounded, in short words without figures that the rounding left out: £37m, £2.2m, £950."""
    short = money_short(pence)
    digits = short.rstrip("bnmk")
    if "." not in digits:
        return short
    return digits.rstrip("0").rstrip(".") + short[len(digits) :]


def rounded(value: Decimal | float | int, decimals: int) -> Decimal:
    """Half away from zero, as people round: 0.125 → 0.13 (2 decimals)."""
    step = Decimal(1).scaleb(-decimals)
    return Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)


def number(value: Decimal | float | int, decimals: int = 0) -> str:
    """A number with commas: 1015 → "1,015"; a hyphen for minus, so that spreadsheets read it."""
    text = f"{rounded(value, decimals):,}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def missing(cell: object) -> bool:
    """True for a cell that holds nothing: None, pandas' NA and NaT, or a number that is none (NaN)."""
    # pandas' own are known by name: a page is drawn from a finished notebook by a process that never loads pandas.
    return cell is None or type(cell).__name__ in _NOTHING or (isinstance(cell, float) and cell != cell)


def method_words(method: str) -> str:
    """A method as the field names it: its authors or its idea, and how its range is made."""
    named = {"callaway_santanna": "Callaway and Sant'Anna", "permutation": "range by reshuffling who started",
             "jackknife": "range by leaving out one place at a time"}  # fmt: skip
    return ", ".join(named.get(one, one.replace("_", " ")) for one in str(method).split(", "))
