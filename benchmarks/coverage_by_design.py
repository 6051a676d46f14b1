"""Coverage of every method and design at 12, 24 and 48 periods, with 1, 3 and 10 treated units of 20.

    python benchmarks/coverage_by_design.py [draws]        1,000 draws: minutes, nearly all of them synthetic control

Each shape is simulated under no effect and under one of half a standard deviation, with half the variance between
units and autocorrelation .4. Prints a Markdown table, for docs/reference/quality.md.
"""

from __future__ import annotations

import sys
import time

from commissioning.methods.calibration import Shape, run

UNITS = 20
PERIODS = (12, 24, 48)
TREATED = (1, 3, 10)
HEAD = ("periods", "treated", "design", "method", "coverage", "type I", "power", "smallest p", "verdict", "chosen")


def shape(periods: int, treated: int) -> Shape:
    """Twenty units of one row a period; the first `treated` start half way."""
    return Shape(
        units=UNITS,
        clusters=UNITS,
        periods=periods,
        first_treated=(periods // 2,) * treated + (periods,) * (UNITS - treated),
        rows_per_cell=(1.0,) * UNITS,
        icc=0.5,
        autocorrelation=0.4,
        minimum_worthwhile_effect=0.5,
    )


def main(draws: int) -> None:
    """Print a row for each shape, design and method, as soon as its shape is done."""
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|", flush=True)
    began = time.process_time()
    for periods in PERIODS:
        for treated in TREATED:
            for row in run(shape(periods, treated), draws).itertuples():
                cells = (
                    periods, treated, row.design, row.method, f"{row.coverage:.3f}", f"{row.type_1_error:.3f}",
                    f"{row.power:.2f}", f"{row.smallest_p_possible:.3f}", row.verdict, "yes" if row.chosen else "",
                )  # fmt: skip
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    print(f"\n{draws:,} draws, {time.process_time() - began:.0f} s of processor")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
