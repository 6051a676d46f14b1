"""What disclosure control lets out: the only figures a report may show.

A `Released` is made by `release()`, or read back from the record it wrote; nothing else makes one. Its
frames are handed out as copies, so nobody can change a figure between release and report.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from commissioning import states
from commissioning.disclosure import revisions
from commissioning.errors import CannotWrite, DataRefused, NotReleased

KEYS = ("measure", "pilot", "area", "group_kind", "group", "period")
COUNTS = ("numerator", "denominator", "unknown", "not_applicable")
MONEY = ("spend_pence", "cost_each_pence")
NUMBERS = (*COUNTS, "value", "lower", "upper", "was", *MONEY, "noise")
WORDS = ("status", "kind", "why_hidden", "note", "adds_up", "gaps_add_up", "within", "state")
FLAGS = ("hidden", "denominator_hidden", "unknown_hidden", "not_applicable_hidden", "rounded", "public", "year_is_sum")
FIGURES = (*KEYS, *NUMBERS, *WORDS, *FLAGS)

_THE_DOOR = object()
_FORMAT = "commissioning released figures, 3"
_EARLIER = (
    "commissioning released figures, 2",
    "commissioning released figures, 1",
)  # one JSON document, sealed inside
_PARTS = ("figures", "history", "price", "refused")


class Released:
    """Released figures, one row a measure, group and period. Frozen.

    figures   frame of the columns in `FIGURES`. `numerator`, `denominator`, `unknown`, `not_applicable` as
              released (missing where hidden or not known); `value`, `lower`, `upper` shares computed from the
              released counts, or amount ÷ denominator; `hidden` (numerator and value) and `why_hidden`;
              `denominator_hidden`, `unknown_hidden`, `not_applicable_hidden` for those counts; `rounded`; `public`; `spend_pence`
              and `cost_each_pence` where spend was given; `note` where the figure was released in an earlier run;
              `state` (provisional, final, corrected) and `was`, the value (of a plain count: the count) that a corrected one replaced
    history   frame of the same columns: every figure ever released, this run's included; give it to the next run
    price     frame: what protection cost, one row a measure and kind of group
    refused   frame: tables that could not be shown at any coarseness, with the reason
    """

    __slots__ = ("_figures", "_history", "_names", "_price", "_refused")

    _figures: pd.DataFrame
    _history: pd.DataFrame
    _names: dict[tuple[str, str], str]  # (kind of group, group) → the name it is shown under
    _price: pd.DataFrame
    _refused: pd.DataFrame

    def __init__(
        self,
        *,
        figures: pd.DataFrame,
        history: pd.DataFrame,
        price: pd.DataFrame,
        refused: pd.DataFrame,
        door: object,
        names: dict[tuple[str, str], str] | None = None,
    ) -> None:
        if door is not _THE_DOOR:
            raise NotReleased(
                "released figures are made by disclosure.release(results, history), or read back with "
                "Released.read(path); they cannot be put together by hand"
            )
        for name, frame in (("figures", figures), ("history", history), ("price", price), ("refused", refused)):
            object.__setattr__(self, "_" + name, frame.reset_index(drop=True).copy())
        object.__setattr__(self, "_names", dict(names or {}))

    def __init_subclass__(cls) -> NoReturn:
        raise NotReleased("Released has no subclasses: they would be a way round disclosure control")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise NotReleased(f"released figures are frozen: {name!r} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise NotReleased(f"released figures are frozen: {name!r} cannot be removed")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise NotReleased("released figures travel as a record: use .write(path) and Released.read(path)")

    def __repr__(self) -> str:
        hidden = int(self._figures["hidden"].sum())
        return f"Released({len(self._figures)} figures, {hidden} hidden)"

    def __len__(self) -> int:
        return len(self._figures)

    @property
    def figures(self) -> pd.DataFrame:
        """A copy of the released figures."""
        out = self._figures.copy(deep=False)  # pandas copies on write: a reader's changes stay its own
        if self._names:
            pairs = zip(out["group_kind"], out["group"], strict=True)
            out["group"] = pd.Series([self._names.get(pair, pair[1]) for pair in pairs], index=out.index, dtype="str")
            out["within"] = out["within"].map(self._wider_name).astype("str")
        return out

    def _wider_name(self, within: str) -> str:
        kind, equals, group = within.partition("=")
        return f"{kind}{equals}{self._names.get((kind, group), group)}"

    def without_names_of_few(
        self,
        known: Mapping[str, Collection[str]] | None = None,
        few: Mapping[str, Collection[str]] | None = None,
    ) -> Released:
        """The same figures, where a group of which nothing can be shown loses its name: what every page is made from.

        A group's name is a word of the data: a mistyped ward, or a person's name in the column of providers, would
        stand on a page beside cells that are all hidden. So a name leaves only where some figure of the group is
        shown with people in it, where it is public, or where it is among `known` (kind of group → the names that
        tables without persons hold). Nor does a name leave that is among `few` (`names_of_few`) and not `known`: the noise
        can lift a count of one person over the threshold, and a name that only that person's row holds would leave with it.
        Others are numbered: "small ward 1, name not shown". The history and the record keep the names: they stay
        under `data/`.
        """
        named: set[tuple[str, str]] = set()
        for rows in (self._figures, self._history):
            plain_sum = rows["kind"].eq("amount") & rows["denominator"].isna() & rows["numerator"].notna()
            shown = rows["public"] | rows["denominator"].gt(0) | ~rows["hidden"] & plain_sum
            pairs = rows.loc[shown, ["group_kind", "group"]].drop_duplicates()
            named |= set(zip(pairs["group_kind"], pairs["group"], strict=True))
        named -= _pairs(few)
        named |= _pairs(known)
        names: dict[tuple[str, str], str] = {}
        numbers: Counter[str] = Counter()
        groups = self._figures[["group_kind", "group"]].drop_duplicates().itertuples(index=False)
        for kind, group in groups:
            if kind != "all" and (kind, group) not in named and not group.startswith("smaller "):
                numbers[kind] += 1
                names[kind, group] = f"small {kind} {numbers[kind]}, name not shown"
        return _let_out(
            figures=self._figures, history=self._history, price=self._price, refused=self._refused, names=names
        )

    @property
    def history(self) -> pd.DataFrame:
        """A copy of every figure ever released, for the next run."""
        return self._history.copy()

    @property
    def price(self) -> pd.DataFrame:
        """A copy of the price of protection: cells, hidden, rounded, merged, by measure and kind of group."""
        return self._price.copy()

    @property
    def refused(self) -> pd.DataFrame:
        """A copy of what was refused: measure, pilot, area, period, reason."""
        return self._refused.copy()

    def select(self, **keys: object) -> Released:
        """The figures whose columns equal what is given (or are among a list given), as a smaller Released.

        Columns are those of `figures`: `select(measure="…", group_kind=["all", "ward"])`. The history stays
        whole. Raises ValueError for a column that is not there. No match gives a Released without figures.
        """
        figures = self.figures
        keep = pd.Series(True, index=figures.index)
        for column, wanted in keys.items():
            if column not in figures.columns:
                raise ValueError(f"released figures have no column {column!r}; they have {', '.join(FIGURES)}")
            several = isinstance(wanted, (list, tuple, set, frozenset, pd.Series, pd.Index))
            keep &= figures[column].isin(list(wanted) if several else [wanted])  # type: ignore[call-overload]
        return _let_out(
            figures=self._figures[keep],
            history=self._history,
            price=self._price,
            refused=self._refused,
            names=self._names,
        )

    def with_states(self, kept: pd.DataFrame, *, correct: bool = False) -> tuple[Released, list[dict[str, Any]]]:
        """The same figures in their states, where `kept` are the final ones, and those that the data no longer support: see
        `revisions.applied`."""
        figures, told = revisions.applied(self._figures, kept, correct=correct)
        made = _let_out(
            figures=figures, history=self._history, price=self._price, refused=self._refused, names=self._names
        )
        return made, told

    def all_provisional(self) -> Released:
        """The same figures without their states, for a record that does not change when figures become final."""
        return _let_out(
            figures=self._figures.assign(state=states.PROVISIONAL, was=np.nan),
            history=self._history,
            price=self._price,
            refused=self._refused,
            names=self._names,
        )

    def write(self, path: str | Path) -> Path:
        """Write the record, whole or not at all: a line that seals the rest, and a line of JSON for each part.

        Raises CannotWrite.
        """
        path = Path(path)
        parts: dict[str, Any] = {name: _to_json(getattr(self, "_" + name)) for name in _PARTS}
        if parts["history"] == parts["figures"]:  # as after every first run
            parts["history"] = "figures"
        body = "\n".join(json.dumps(parts[name], ensure_ascii=False) for name in _PARTS)
        seal = hashlib.sha256(body.encode()).hexdigest()
        text = json.dumps({"format": _FORMAT, "sha256": seal}) + "\n" + body
        part = path.with_name(path.name + ".part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CannotWrite(f"{path}: the released figures cannot be written ({error.strerror})") from None
        return path

    @staticmethod
    def read(path: str | Path) -> Released:
        """Read a record that `write` made. Raises NotReleased where it was changed since, DataRefused otherwise."""
        path = Path(path)
        try:
            text = path.read_bytes()
        except OSError as error:
            raise DataRefused(f"{path}: the released figures cannot be read ({error.strerror})") from None
        parts = _parts(path, text)
        figures = _from_json(parts["figures"])
        history = figures if parts["history"] == "figures" else _from_json(parts["history"])
        return _let_out(
            figures=figures, history=history, price=_from_json(parts["price"]), refused=_from_json(parts["refused"])
        )


PRICE_COUNTS = (
    "cells",
    "public",
    "shown",
    "rounded",
    "hidden",
    "merged",
    "needing_no_protection",
    "needing_none_and_released",
)


def _pairs(groups: Mapping[str, Collection[str]] | None) -> set[tuple[str, str]]:
    return {(kind, group) for kind, names in (groups or {}).items() for group in names}


def _let_out(**frames: Any) -> Released:
    """Make a Released. Called by release() and by Released itself, and a test holds that nobody else does."""
    return Released(**frames, door=_THE_DOOR)


def _parts(path: Path, text: bytes) -> dict[str, Any]:
    """The parts of a record as JSON, after its seal was tried. Raises NotReleased and DataRefused."""
    first, _, body = text.partition(b"\n")
    try:
        head = json.loads(first)
        form, seal = (head.get(name) for name in ("format", "sha256")) if isinstance(head, dict) else (None, None)
        if form == _FORMAT:
            whole = hashlib.sha256(body).hexdigest()
            parts = dict(zip(_PARTS, map(json.loads, body.split(b"\n")), strict=True)) if whole == seal else {}
        elif form in _EARLIER:
            parts = {name: head.get(name) for name in _PARTS}
            whole = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        else:
            raise ValueError
    except ValueError:
        raise DataRefused(f"{path}: is not a record of released figures; run the release again") from None
    if whole != seal:
        raise NotReleased(f"{path}: was changed after its release; delete it and run the release again")
    return parts


def _to_json(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame column by column: each different value once, in plain JSON, and the rows' places among them, packed.

    Row by row the sample's record took 18 MB and most of a second to read in every report; so it takes a hundredth.
    """
    values = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype == "float64":  # as JSON gives them back, so that a record read and written again is the same
            written = pd.Series(json.loads(column.to_json(orient="values", double_precision=15)), dtype="float64")
            codes, bits = pd.factorize(written.to_numpy().view("int64"))
            different = [None if one != one else one for one in bits.view("float64").tolist()]
        else:
            codes, unique = pd.factorize(column)
            different = unique.tolist()
        packed = base64.b64encode(zlib.compress(codes.astype("<i4").tobytes(), 6)).decode("ascii")
        values[name] = {"different": different, "rows": packed}
    return {"columns": {name: str(frame[name].dtype) for name in frame.columns}, "values": values}


def _from_json(part: Any) -> pd.DataFrame:
    if "rows" in part:  # a record of format 1, row by row: an earlier year's history stays readable
        frame = pd.DataFrame(part["rows"], columns=list(part["columns"]), dtype=object)
        return frame.astype(dict(part["columns"]))
    return pd.DataFrame({name: _column(part["values"][name], kind) for name, kind in part["columns"].items()})


def _column(held: dict[str, Any], kind: str) -> pd.Series:
    rows = np.frombuffer(zlib.decompress(base64.b64decode(held["rows"])), dtype="<i4").astype("int64")
    if kind in ("bool", "int64", "float64"):  # nothing missing: a missing float is a value of its own
        return pd.Series(np.array(held["different"], dtype=kind)[rows])
    return pd.Series(pd.array([*held["different"], None], dtype=kind).take(rows))  # -1 is the last: missing


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Released figures with one type a column, whatever the file they came from did to them."""
    kinds = (
        dict.fromkeys(KEYS, "str")
        | dict.fromkeys(NUMBERS, "float64")
        | dict.fromkeys(MONEY, "Int64")
        | dict.fromkeys(WORDS, "str")
        | dict.fromkeys(FLAGS, "bool")
    )
    frame = frame.reindex(columns=list(FIGURES))
    columns = {name: frame[name] for name in FIGURES}
    for name, filler in (
        dict.fromkeys(WORDS, "") | {"state": states.PROVISIONAL} | dict.fromkeys(FLAGS, False)
    ).items():
        if columns[name].dtype != kinds[name] or columns[name].hasnans:
            columns[name] = columns[name].astype(object).where(columns[name].notna(), filler)
    for name in FLAGS:
        if columns[name].dtype != "bool":
            columns[name] = columns[name].map(_is_true)
    return pd.DataFrame({
        name: column if column.dtype == kinds[name] else column.astype(kinds[name]) for name, column in columns.items()
    })  # fmt: skip


def _is_true(cell: object) -> bool:
    return cell.strip().lower() in ("true", "1") if isinstance(cell, str) else bool(cell)
