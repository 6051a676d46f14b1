"""What is called attributable of councils whose truth is known: the table of docs/reference, and any part of it.

python -m tests.effects.table                               every scenario, 200 seeds, on two cores
python -m tests.effects.table --seeds 60 kinder_staff trend_0.8
python -m tests.effects.table --kind bias --keep found.jsonl
PYTHONPATH=/another/checkout/lib python -m tests.effects.table    the same scenarios, judged by another checkout's library
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two processes on two cores, each with one thread of linear algebra
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from . import trial
from .scenarios import SCENARIOS, Scenario
from .trial import Found, tried

FIRST_SEED = 1_000
MOST = {"none": 0.06, "bias": 0.1}
"""The largest share of pilots of a kind that may be called attributable."""
LEAST = {"gain_8_by_person": 0.6, "gain_8_control": 0.6}
"""The smallest share that must be."""
AT_ONCE = 10  # seeds of a scenario that one process takes at a time


def run(scenario: Scenario, seeds: Iterable[int], cards: Path) -> list[Found]:
    return [tried(scenario, seed, cards) for seed in seeds]


def looked_at(seeds: Iterable[int], cards: Path, name: str = "no_effect_control") -> list[list[Found]]:
    """Each pilot's eight quarterly looks."""
    return [trial.looks(SCENARIOS[name], seed, cards) for seed in seeds]


def _looked_at(seeds: Sequence[int], cards: str) -> list[list[Found]]:
    return looked_at(seeds, Path(cards))


def _run(name: str, seeds: Sequence[int], cards: str) -> list[Found]:
    return run(SCENARIOS[name], seeds, Path(cards))


def each(names: Sequence[str], seeds: Sequence[int], *, workers: int = 2) -> Iterator[tuple[str, list[Found]]]:
    """Each scenario's trials in turn, by two processes; the same seeds give the same trials in any number of processes."""
    with tempfile.TemporaryDirectory() as cards, ProcessPoolExecutor(workers) as pool:
        parts = [seeds[at : at + AT_ONCE] for at in range(0, len(seeds), AT_ONCE)]
        asked = {name: [pool.submit(_run, name, part, cards) for part in parts] for name in names}
        for name, made in asked.items():
            yield name, [one for part in made for one in part.result()]


def run_all(names: Sequence[str], seeds: Sequence[int], *, workers: int = 2) -> dict[str, list[Found]]:
    return dict(each(names, seeds, workers=workers))


def look_all(seeds: Sequence[int], *, workers: int = 2) -> list[list[Found]]:
    """The eight looks at each of these pilots, none of which does anything."""
    with tempfile.TemporaryDirectory() as cards, ProcessPoolExecutor(workers) as pool:
        parts = [pool.submit(_looked_at, seeds[at : at + AT_ONCE], cards) for at in range(0, len(seeds), AT_ONCE)]
        return [one for part in parts for one in part.result()]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
    """Shares are from 0 to 1; None where there is nothing to take a share of."""

    scenario: str
    seeds: int
    attributable: float
    shown: int
    coverage: float | None
    coverage_of_all: float | None
    truth: float
    estimate: float
    overstates: float | None
    goes_on: float
    stops: float
    withheld_by: tuple[tuple[str, float], ...]
    others: float  # share of pilots in which an outcome that nothing happened to was called attributable

    @classmethod
    def of(cls, found: Sequence[Found]) -> Row:
        shown = [one.held for one in found if one.held is not None]
        limits = [
            one.lower <= one.truth <= one.upper for one in found if one.lower is not None and one.upper is not None
        ]
        claimed = [
            one.estimate / one.truth for one in found if one.attributable and one.truth and one.estimate is not None
        ]
        why = Counter(name for one in found for name in one.failed)
        return cls(
            scenario=found[0].scenario, seeds=len(found), attributable=_share([one.attributable for one in found]) or 0.0,
            shown=len(shown), coverage=_share(shown), coverage_of_all=_share(limits),
            truth=float(np.mean([one.truth for one in found])),
            estimate=float(np.median([one.estimate for one in found if one.estimate is not None] or [np.nan])),
            overstates=float(np.mean(claimed)) if claimed else None,
            goes_on=_share([one.verdict == "continue" for one in found]) or 0.0,
            stops=_share([one.again == "prepare to stop" for one in found]) or 0.0,
            others=_share([bool(one.others) for one in found]) or 0.0,
            withheld_by=tuple((name, many / len(found)) for name, many in why.most_common(4)),
        )  # fmt: skip


def _share(of: Sequence[bool]) -> float | None:
    return sum(of) / len(of) if of else None


HEADER = (
    "Kind", "What is true", "Seeds", "Attributable", "Shown limits hold the truth", "All limits hold it", "Truth", "Median estimate",
    "Claims overstate", "Continue", "Stop at a second review", "Withheld by",
    "Another outcome claimed",
)  # fmt: skip


HEAD = (f"| {' | '.join(HEADER)} |", f"|{'---|' * len(HEADER)}")


def line(name: str, trials: Sequence[Found]) -> str:
    """A scenario's line; the share called attributable is bold where it is over its limit, or under it."""
    row, scenario = Row.of(trials), SCENARIOS[name]
    over = row.attributable > MOST.get(scenario.kind, 1) or row.attributable < LEAST.get(name, 0)
    share = f"{row.attributable:.0%}"
    cells = (
        scenario.kind, f"{scenario.says} (`{name}`)", f"{row.seeds}", f"**{share}**" if over else share,
        f"{_percent(row.coverage)} of {row.shown}", _percent(row.coverage_of_all), f"{row.truth:.1f}", f"{row.estimate:.1f}",
        "–" if row.overstates is None else f"×{row.overstates:.2f}", f"{row.goes_on:.0%}", f"{row.stops:.0%}",
        ", ".join(f"{one} {often:.0%}" for one, often in row.withheld_by),
        f"{row.others:.0%}" if scenario.questions > 1 else "–",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def markdown(found: dict[str, list[Found]]) -> str:
    """The table, a line a scenario."""
    return "\n".join([*HEAD, *(line(name, trials) for name, trials in found.items())])


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def main(words: Sequence[str]) -> int:
    ask = argparse.ArgumentParser(
        prog="python -m tests.effects.table", description="Trials of claims on councils whose truth is known."
    )
    ask.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="all where none is named")
    ask.add_argument("--seeds", type=int, default=200)
    ask.add_argument("--first", type=int, default=FIRST_SEED, help="the first seed")
    ask.add_argument(
        "--kind", choices=sorted({one.kind for one in SCENARIOS.values()}), help="only scenarios of this kind"
    )
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--looks", action="store_true", help="instead: eight quarterly looks at pilots without an effect")
    ask.add_argument("--keep", type=Path, help="a file for every trial, a line of JSON each")
    given = ask.parse_args(words)
    if strange := [one for one in given.scenarios if one not in SCENARIOS]:
        ask.error(f"no scenario is called {strange[0]!r}; they are {', '.join(SCENARIOS)}")
    names = given.scenarios or [one.name for one in SCENARIOS.values() if given.kind in (None, one.kind)]
    began = time.monotonic()
    if given.looks:
        looks = look_all(range(given.first, given.first + given.seeds), workers=given.workers)
        ever = [any(one.attributable for one in pilot) for pilot in looks]
        last = [pilot[-1].attributable for pilot in looks]
        print(
            f"{len(ever)} pilots without an effect: {_percent(_share(last))} claim one at the last look, {_percent(_share(ever))} at any of eight"
        )
        return 0
    print(*HEAD, sep="\n", flush=True)
    trials = 0
    for name, found in each(names, range(given.first, given.first + given.seeds), workers=given.workers):
        trials += len(found)
        print(line(name, found), flush=True)
        if given.keep:
            with given.keep.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(dataclasses.asdict(one)) + "\n" for one in found)
    print(f"\n{trials:,} trials in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
