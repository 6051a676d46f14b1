"""What every function answered that a test called, kept to be read: a figure or a word that changes shows as a change there.

The tests hold what must be true of an answer; `kept_answers.json` in their folder holds the whole of it, to six digits: each call
that a test makes of a public function of its room, with its result or the refusal it met (see `Kept` in `conftest.py`).
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

KEPT = "kept_answers.json"
ROOMS = {"methods": "commissioning.methods", "evidence": "commissioning.evidence"}  # of which folder's tests
ELSEWHERE = ("Intake", "Preview", "Extract")  # what is kept in another way, or holds a folder of this run
MOST = 30  # a test that calls more often than this holds a property, not a case
LONG = 24  # a longer column is kept as its length, mean, spread and ends
WIDE = 1_500  # a longer answer is kept as its beginning and a hash of the whole


def plain(value: Any) -> Any:
    """Any answer as plain JSON, numbers to six digits: what is kept must not turn on the last bits of a processor."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, pd.DataFrame):
        return {str(name): plain(value[name]) for name in value} | {"index": plain(value.index.to_series())}
    if isinstance(value, (pd.Series, pd.Index, np.ndarray)):
        return _column(np.asarray(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in (sorted(value, key=str) if isinstance(value, (set, frozenset)) else value)]
    if isinstance(value, (float, np.floating)):
        return _number(float(value))
    if isinstance(value, (bool, int, np.integer, np.bool_)) or value is None:
        return value if value is None else value.item() if isinstance(value, np.generic) else value
    return type(value).__name__ if type(value).__repr__ is object.__repr__ else str(value)


def _number(value: float) -> float | str:
    if not np.isfinite(value):
        return str(value)
    return 0.0 if abs(value) < 1e-9 else float(f"{value:.6g}")


def _column(values: np.ndarray) -> Any:
    if values.dtype.kind not in "fc" or values.size <= LONG:
        flat = values.ravel().tolist()
        kept = [plain(each) for each in (flat if len(flat) <= LONG else [*flat[:3], len(flat), *flat[-3:]])]
        return kept if values.ndim == 1 else {"shape": list(values.shape), "values": kept}
    real = values[np.isfinite(values)].real
    ends = [_number(float(each.real)) for each in (*values.ravel()[:2], *values.ravel()[-2:])]
    spread = [_number(float(each)) for each in (real.mean(), real.std())] if real.size else []
    return {"shape": list(values.shape), "finite": int(real.size), "mean and spread": spread, "ends": ends}


class Noted:
    """Every call that a test makes of a function of its room, with what came of it."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.calls: list[Any] = []
        self._folders = folders  # of this run, named alike on every machine
        self._depth = 0

    def of(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, noted when the test itself calls it and not when another function does."""

        @functools.wraps(function)
        def noting(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            try:
                found = function(*args, **kwargs)
            except Exception as fault:
                self._note(function.__name__, {type(fault).__name__: str(fault)})
                raise
            else:
                self._note(function.__name__, found)
                return found
            finally:
                self._depth -= 1

        return noting

    def _note(self, name: str, found: Any) -> None:
        if self._depth > 1 or len(self.calls) > MOST or type(found).__name__ in ELSEWHERE or inspect.isgenerator(found):
            return
        text = json.dumps(plain(found), ensure_ascii=False).encode("utf-8", "replace").decode()
        for folder in self._folders:
            text = text.replace(json.dumps(folder, ensure_ascii=False)[1:-1], "FOLDER")
        text = re.sub(r"\b[0-9a-f]{64}\b", "SHA-256", text)  # a workbook holds the time at which it was written
        short = f"{text[:200]} … {hashlib.sha256(text.encode()).hexdigest()[:12]}"
        self.calls.append({name: short if len(text) > WIDE else json.loads(text)})


def functions_in(module: ModuleType, house: str) -> Iterator[tuple[ModuleType, str, Callable[..., Any]]]:
    """Each public function of a room that a test module can call: by its own names, and by those of modules it holds."""
    held = [one for one in vars(module).values() if inspect.ismodule(one) and one.__name__.startswith(house)]
    for place in (module, *held):
        for name, one in list(vars(place).items()):
            if inspect.isfunction(one) and one.__module__.startswith(house) and not name.startswith("_"):
                yield place, name, one
