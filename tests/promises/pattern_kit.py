"""Every pattern of the library that meets what somebody brings, and a search for texts over which one takes too long."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from pathlib import Path
from re import _parser as grammar  # type: ignore[attr-defined]

import commissioning

LIBRARY = Path(commissioning.__file__).parent
MEETS_FILES = (
    "evidence",
    "spreadsheet",
    "wording",
    "toml",
    "council",
    "pilot",
    "ledger",
    "seal",
    "presentation.typed",
    "reports.started",
)
LENGTHS = (16, 24, 100, 400, 1600, 3200)
QUADRATIC = re.compile(r"[ ]*y$")


def _of_a_quadratic_one() -> float:
    """Processor time (s) of a pattern that is known to be quadratic, over the longest of these, on this machine."""
    times = []
    for _ in range(5):
        begun = time.process_time()
        QUADRATIC.search(" " * LENGTHS[-1])
        times.append(time.process_time() - begun)
    return min(times)


BUDGET = (
    _of_a_quadratic_one() / 3
)  # a linear pattern needs a hundredth of the time, so no clock of one machine is written here


def meets_files(module: str) -> bool:
    return any(module == f"commissioning.{one}" or module.startswith(f"commissioning.{one}.") for one in MEETS_FILES)


def held(value: object, depth: int = 0) -> list[re.Pattern]:
    if isinstance(value, re.Pattern):
        return [value]
    if depth < 4 and isinstance(value, (list, tuple, set, frozenset)):
        return [one for item in value for one in held(item, depth + 1)]
    if depth < 4 and isinstance(value, dict):
        return held(list(value.values()), depth + 1)
    return []


def how_called() -> dict[str, set[str]]:
    """Name of a pattern → the methods that some module calls on it."""
    found: dict[str, set[str]] = {}
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                found.setdefault(node.func.value.id, set()).add(node.func.attr)
    return found


def way(method: str) -> str:
    return method if method in ("match", "fullmatch") else "search"


def patterns() -> dict[str, tuple[re.Pattern, set[str]]]:
    """Every pattern that meets what somebody brings: those that a module keeps, and those written where they are used."""
    called, found = how_called(), {}
    for one in pkgutil.walk_packages(commissioning.__path__, "commissioning."):
        if not meets_files(one.name) or one.name.endswith("__main__"):
            continue
        module = importlib.import_module(one.name)
        for name, value in vars(module).items():
            for place, pattern in enumerate(held(value) if not name.startswith("__") else []):
                ways = {
                    way(m)
                    for m in called.get(name, ())
                    if m in ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
                }
                found[f"{one.name}.{name}[{place}]"] = pattern, ways or {"search", "fullmatch"}
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and getattr(node.func.value, "id", "") == "re"
            ):
                continue
            if node.func.attr not in ("compile", "escape") and node.args and isinstance(node.args[0], ast.Constant):
                found[f"{one.name}:{node.lineno}"] = re.compile(node.args[0].value, re.I), {way(node.func.attr)}
    return found


def pieces(tree: object) -> tuple[list[str], list[str]]:
    """The characters and the words that a pattern is made of."""
    characters: list[str] = []
    words: list[str] = []
    stands_for = {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a"}
    word = ""
    for code, value in tree:  # type: ignore[attr-defined]
        name = str(code)
        word = word + chr(value) if name == "LITERAL" else ""
        inner: list[object] = []
        if name in ("LITERAL", "NOT_LITERAL"):
            characters.append(chr(value))
        elif name == "IN":
            for kind, one in value:
                at = {"LITERAL": lambda x: chr(x), "RANGE": lambda x: chr(x[0])}.get(str(kind))
                characters.append(at(one) if at else stands_for.get(str(one), "!"))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            inner = [value[2]]
        elif name == "SUBPATTERN":
            inner = [value[3]]
        elif name == "BRANCH":
            inner = list(value[1])
        elif name in ("ASSERT", "ASSERT_NOT"):
            inner = [value[1]]
        elif name == "ATOMIC_GROUP":
            inner = [value]
        if len(word) > 2:
            words.append(word)
        for one in inner:
            more, longer = pieces(one)
            characters += more
            words += longer
    return list(dict.fromkeys(characters)), [
        w for w in dict.fromkeys(words) if not any(o != w and o.startswith(w) for o in words)
    ]


def too_slow(pattern: re.Pattern, ways: set[str]) -> tuple[str, int, str] | None:
    """The way, length and beginning of a text over which a pattern takes more than its time, of growing length."""
    characters, words = pieces(
        grammar.parse(pattern.pattern, pattern.flags & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0))
    )
    base = list(dict.fromkeys([*characters[:6], " ", "a", "1"]))
    units = [*base, *(a + b for a in base[:3] for b in base[:3] if a != b), *(f"{one} " for one in words[:2])]
    for begins in ("", "a1", *words[:1]):
        for unit in units:
            for name in ways:
                for length in LENGTHS:
                    text = begins + (unit * length)[:length] + "\x01"
                    if (
                        spent(
                            getattr(pattern, name),
                            text.encode("latin-1", "ignore") if isinstance(pattern.pattern, bytes) else text,
                        )
                        > BUDGET
                    ):
                        return name, length, text[:20]
    return None


def spent(call: object, text: object) -> float:
    """The least processor time of three goes; the first that is quick, or far too slow, is enough."""
    least = 1.0
    for _ in range(3):
        begun = time.process_time()
        call(text)  # type: ignore[operator]
        least = min(least, time.process_time() - begun)
        if least < BUDGET or least > 20 * BUDGET:
            break
    return least
