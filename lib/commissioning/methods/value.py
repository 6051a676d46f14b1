"""Value: what was achieved for the money, option by option, with what is not known carried all the way through.

Only outcomes that a claim calls attributable belong here; the caller answers for that. Costs and effects come as
*draws*: row i of both is one way the world may be, so effect and cost draws must come from the same resample of the
same places (as effects on the same clusters do), never from two independent guesses.

Sources: Drummond et al. (2015), Methods for the Economic Evaluation of Health Care Programmes, 4th edition; Fenwick,
Claxton and Sculpher (2001), Health Economics 10:779-787 (the acceptability frontier decides, not the curve); Claxton
(1999), Journal of Health Economics 18:341-364 (value of information). Known answers: BCEA and dampack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ON_FRONTIER, DOMINATED, EXTENDEDLY_DOMINATED = "on the frontier", "dominated", "extendedly dominated"
# Draws handled at a time: 10 options of 4,096 draws stay in a processor's own memory, which is what makes
# 100,000 draws x 200 thresholds take about a second.
BLOCK = 4096


def frontier(costs: Any, effects: Any) -> pd.DataFrame:
    """Which options are worth considering at any threshold, and what each further unit of effect costs.

    `costs`, `effects`: one number an option (Series or mapping with the options as labels, or lists), or frames of
    draws × option, of which the means are taken. Returns one row an option, labelled by it: `option`, `cost`,
    `effect`, `incremental_cost`, `incremental_effect`, `icer` (against the option before it on the frontier; missing
    for the first and for dominated ones), `status` (on the frontier, dominated, extendedly dominated), `dominated`,
    `extendedly_dominated`. Frontier first, by cost; then the rest, by cost.

    *Dominated* costs no less and does no more than another option; *extendedly dominated* lies above the line
    between two others. Raises ValueError for missing, infinite or textual numbers, labels that differ, or costs and
    effects swapped.
    """
    cost, effect = _means(costs, "costs"), _means(effects, "effects")
    _refuse_swapped(costs, effects)
    if isinstance(costs, (pd.Series, pd.DataFrame, Mapping)) and isinstance(
        effects, (pd.Series, pd.DataFrame, Mapping)
    ):
        effect = effect.reindex(_same_labels(cost.index, effect.index))
    elif len(cost) != len(effect):
        raise ValueError(f"costs are of {len(cost)} options and effects of {len(effect)}")
    else:
        labels = cost.index if isinstance(costs, (pd.Series, pd.DataFrame, Mapping)) else effect.index
        cost, effect = cost.set_axis(labels), effect.set_axis(labels)
    for name, column in (("costs", cost), ("effects", effect)):
        if not np.isfinite(column.to_numpy()).all():
            raise ValueError(f"{name}: an option has no number; leave it out, or find it")
    c, e = cost.to_numpy(), effect.to_numpy()
    # By cost; of equal cost the better first; of equal both the one given first.
    order = np.lexsort((np.arange(len(c)), -e, c))
    best = -np.inf
    kept: list[int] = []
    for i in order:
        if e[i] > best:
            kept.append(int(i))
            best = e[i]
    weak = set(range(len(c))) - set(kept)
    hull: list[int] = []
    for i in kept:
        # An ICER that falls from one step to the next means that the option between lies above the line.
        while len(hull) > 1 and _slope(c, e, hull[-2], hull[-1]) >= _slope(c, e, hull[-1], i):
            hull.pop()
        hull.append(i)
    rest = [int(i) for i in order if int(i) not in set(hull)]
    rows = []
    for at, i in enumerate(hull):
        more = (c[i] - c[hull[at - 1]], e[i] - e[hull[at - 1]]) if at else (np.nan, np.nan)
        rows.append((cost.index[i], c[i], e[i], *more, more[0] / more[1] if at else np.nan, ON_FRONTIER))
    rows += [
        (cost.index[i], c[i], e[i], np.nan, np.nan, np.nan, DOMINATED if i in weak else EXTENDEDLY_DOMINATED)
        for i in rest
    ]
    columns = ["option", "cost", "effect", "incremental_cost", "incremental_effect", "icer", "status"]
    table = pd.DataFrame(rows, columns=columns)
    table.index = pd.Index(table["option"].tolist())
    return table.assign(
        dominated=table["status"].eq(DOMINATED), extendedly_dominated=table["status"].eq(EXTENDEDLY_DOMINATED)
    )


def _slope(c: Floats, e: Floats, i: int, j: int) -> float:
    return float((c[j] - c[i]) / (e[j] - e[i]))


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Options compared over draws and thresholds. Thresholds are what one unit of effect is worth in money.

    `increments`: one row an option but the reference: `cost`, `cost_lower`, `cost_upper`, `effect`, `effect_lower`,
    `effect_upper` (means of the differences and 95% ranges of the draws).
    `icer`: mean difference in cost ÷ mean difference in effect of each option; missing where the effect is less than
    half its own spread away from zero, because such a ratio has not even a sign.
    `icer_withheld`: why the ratio of an option may not be shown (its effect's interval crosses zero), or missing.
    `incremental_benefit`: thresholds × options: mean of threshold × difference in effect − difference in cost.
    `ceac`: thresholds × options: share of draws in which each option is best. It never decides.
    `ceaf`: thresholds: `option` best on average (this decides), and its `probability` of being best.
    `evpi`: by threshold: the most that knowing everything could be worth, for each decision made.
    `plane`: for each option, share of draws in which it is more or less effective, and costs more or less.
    """

    reference: Any
    draws: int
    increments: pd.DataFrame
    icer: pd.Series
    icer_withheld: pd.Series
    incremental_benefit: pd.DataFrame
    ceac: pd.DataFrame
    ceaf: pd.DataFrame
    evpi: pd.Series
    plane: pd.DataFrame


def compare(*, costs: Any, effects: Any, thresholds: Any, reference: Any) -> Comparison:
    """Compare options with a reference, over every draw and every threshold.

    `costs`, `effects`: frames of draws × option with the same labels (columns in any order, rows of the same
    draws); `thresholds`: k values of one unit of effect, in the unit of the costs; `reference`: the option the
    others are set against. 10 options x 100,000 draws x 200 thresholds take about a second and little memory.

    Raises ValueError where the labels differ, costs and effects are swapped, a draw is missing, the reference is
    no option, or a threshold is negative.
    """
    _refuse_swapped(costs, effects)
    for name, frame in (("costs", costs), ("effects", effects)):
        if not isinstance(frame, pd.DataFrame):
            raise ValueError(f"{name}: a frame of draws × option is needed, not {type(frame).__name__}")
    options = _same_labels(costs.columns, effects.columns)
    if not costs.index.equals(effects.index):
        raise ValueError("costs and effects are not of the same draws: their rows are labelled differently")
    if reference not in options.tolist():
        raise ValueError(f"reference {reference!r} is none of the options {list(options)}")
    c = np.ascontiguousarray(_numbers(costs[options], "costs").T)
    e = np.ascontiguousarray(_numbers(effects[options], "effects").T)
    for name, array in (("costs", c), ("effects", e)):
        if array.size == 0 or not np.isfinite(array).all():
            raise ValueError(f"{name}: every option needs a number in every draw, and at least one draw")
    try:
        k = np.atleast_1d(np.asarray(thresholds, dtype=float))
    except (TypeError, ValueError) as fault:
        raise ValueError("thresholds: give one or more amounts of zero or more") from fault
    if k.ndim != 1 or len(k) == 0 or not np.isfinite(k).all() or (k < 0).any():
        raise ValueError("thresholds: give one or more amounts of zero or more")
    at = int(options.get_indexer([reference])[0])
    others = [i for i in range(len(options)) if i != at]
    labels = options[others]
    increments, plane = _increments(c, e, at, others, labels)
    icer, withheld = _ratios(increments, (e[others] - e[at]).std(axis=1))
    mean_benefit = k[:, None] * e.mean(axis=1) - c.mean(axis=1)
    wins, expected_best = _best_by_draw(c, e, k)
    index = pd.Index(k, name="threshold")
    ceac = pd.DataFrame(wins / c.shape[1], index=index, columns=options)
    chosen = mean_benefit.argmax(axis=1)
    ceaf = pd.DataFrame(
        {"option": options[chosen], "probability": ceac.to_numpy()[np.arange(len(k)), chosen]}, index=index
    )
    # Never below zero but for rounding: the best of each draw is at least the best on average.
    evpi = np.maximum(expected_best - mean_benefit.max(axis=1), 0.0)
    return Comparison(
        reference=reference,
        draws=c.shape[1],
        increments=increments,
        icer=icer,
        icer_withheld=withheld,
        incremental_benefit=pd.DataFrame(mean_benefit[:, others] - mean_benefit[:, [at]], index=index, columns=labels),
        ceac=ceac,
        ceaf=ceaf,
        evpi=pd.Series(evpi, index=index, name="evpi"),
        plane=plane,
    )


def _increments(
    c: Floats, e: Floats, at: int, others: list[int], labels: pd.Index
) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns: dict[str, Any] = {}
    differences = {"cost": c[others] - c[at], "effect": e[others] - e[at]}
    for name, by in differences.items():
        lower, upper = np.quantile(by, [0.025, 0.975], axis=1)
        columns |= {name: by.mean(axis=1), f"{name}_lower": lower, f"{name}_upper": upper}
    more, dearer = differences["effect"] > 0, differences["cost"] > 0
    quadrants = {
        "does more, costs more": (more & dearer).mean(axis=1),
        "does more, costs no more": (more & ~dearer).mean(axis=1),
        "does no more, costs no more": (~more & ~dearer).mean(axis=1),
        "does no more, costs more": (~more & dearer).mean(axis=1),
    }
    return pd.DataFrame(columns, index=labels), pd.DataFrame(quadrants, index=labels)


def _ratios(increments: pd.DataFrame, spread: Floats) -> tuple[pd.Series, pd.Series]:
    effect = increments["effect"].to_numpy()
    has_sign = np.abs(effect) > spread / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(has_sign, increments["cost"].to_numpy() / effect, np.nan)
    crosses = (increments["effect_lower"] <= 0) & (increments["effect_upper"] >= 0)
    why = "the interval of the effect crosses zero: see the plane and the net benefit instead"
    withheld = pd.Series([why if c else None for c in crosses], index=increments.index, dtype=object)
    return pd.Series(ratio, index=increments.index, name="icer"), withheld


def _best_by_draw(c: Floats, e: Floats, k: Floats) -> tuple[Floats, Floats]:
    """How often each option is best (thresholds × options; ties go to the first), and the mean of the best."""
    options, draws = c.shape
    wins, total = np.zeros((len(k), options)), np.zeros(len(k))
    for start in range(0, draws, BLOCK):
        cost, effect = c[:, start : start + BLOCK].copy(), e[:, start : start + BLOCK].copy()
        benefit = np.empty_like(cost)
        for t, threshold in enumerate(k):
            np.multiply(effect, threshold, out=benefit)
            benefit -= cost
            best = np.maximum.reduce(benefit, axis=0)
            total[t] += best.sum()
            is_best = benefit == best
            won = np.count_nonzero(is_best, axis=1)
            if won.sum() != best.size:  # ties: the first option has it
                won = np.bincount(is_best.argmax(axis=0), minlength=options)
            wins[t] += won
    return wins, total / draws


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A frame as floats, missing as NaN; ValueError where it holds text."""
    try:
        return np.asarray(frame.astype(float).to_numpy(dtype=float), dtype=np.float64)
    except (TypeError, ValueError):
        pass
    try:
        return np.asarray(frame.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise ValueError(f"{name}: numbers are needed, not text") from fault


def _means(given: Any, name: str) -> pd.Series:
    needed = f"{name}: one number an option, or a frame of draws × option, is needed"
    if isinstance(given, pd.DataFrame):
        column = pd.Series(_numbers(given, name).mean(axis=0) if len(given) else np.nan, index=given.columns)
    elif isinstance(given, pd.Series):
        column = pd.Series(_numbers(given.to_frame(), name)[:, 0], index=given.index)
    elif isinstance(given, Mapping):
        column = pd.Series(_numbers(pd.DataFrame({name: list(given.values())}), name)[:, 0], index=list(given))
    elif isinstance(given, (Sequence, np.ndarray, pd.api.extensions.ExtensionArray)) and not isinstance(given, str):
        if np.ndim(given) != 1:
            raise ValueError(needed)
        column = pd.Series(_numbers(pd.DataFrame({name: list(given)}), name)[:, 0])
    else:
        raise ValueError(needed)
    if column.index.has_duplicates:
        raise ValueError(f"{name}: an option is named twice")
    if len(column) == 0:
        raise ValueError(f"{name}: there is no option")
    return column


def _same_labels(costs: pd.Index, effects: pd.Index) -> pd.Index:
    for name, labels in (("costs", costs), ("effects", effects)):
        if labels.has_duplicates:
            raise ValueError(f"{name}: an option is named twice")
    if set(costs) != set(effects):
        one, other = [x for x in costs if x not in set(effects)], [x for x in effects if x not in set(costs)]
        raise ValueError(f"costs and effects name different options: {one} only in costs, {other} only in effects")
    return costs


_COST_WORDS = ("cost", "pound", "pence", "£", "spend", "price", "gbp")
_EFFECT_WORDS = ("effect", "outcome", "benefit", "qaly", "utility", "gain")


def _names(given: Any) -> list[str]:
    """What a frame or Series calls itself, and its labels: where a swap shows."""
    if isinstance(given, pd.DataFrame):
        own = [given.columns.name, given.attrs.get("name"), *given.columns]
    elif isinstance(given, pd.Series):
        own = [given.name, *given.index]
    elif isinstance(given, Mapping):
        own = list(given)
    else:
        own = []
    return [str(n).lower() for n in own if n is not None]


def _says(names: list[str], words: tuple[str, ...], letter: str) -> bool:
    starts = bool(names) and all(n.startswith((f"{letter}_", f"{letter}.")) for n in names)
    return starts or any(any(w in n for w in words) for n in names)


def _refuse_swapped(costs: Any, effects: Any) -> None:
    # Options may hold any word ("low cost", "benefit checks"); only what the two do not share can tell.
    of_costs, of_effects = _names(costs), _names(effects)
    c = [name for name in of_costs if name not in of_effects]
    e = [name for name in of_effects if name not in of_costs]
    costs_say_effect = _says(c, _EFFECT_WORDS, "e") and not _says(c, _COST_WORDS, "c")
    effects_say_cost = _says(e, _COST_WORDS, "c") and not _says(e, _EFFECT_WORDS, "e")
    if costs_say_effect or effects_say_cost:
        raise ValueError(
            f"costs and effects look swapped: costs are named {c[:3]}, effects {e[:3]}; pass costs=… and effects=… "
            "the right way round"
        )
