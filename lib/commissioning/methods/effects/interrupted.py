"""One series that a pilot interrupts: did its level change when the pilot started?"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from commissioning.wording import counted

from ..inputs import check_confidence, plain
from . import autocorrelated
from .before_after import is_after
from .effect import Effect
from .inference import DRAWS, seed_of, t_p_value, t_quantile
from .panel import DID_NOT_VARY, is_flat, outcome_numbers, require_columns

FAMILIES = ("gaussian", "poisson", "quasipoisson")
EXACTLY = "The series lies exactly on the model's line: is it an estimate or a plan, not a count?"
SHORT = 12  # points below which ordinary least squares with t is used (Turner et al. 2021)


def interrupted(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    start: Any,
    exposure: str | None = None,
    family: str = "gaussian",
    harmonics: int = 0,
    season: int | None = None,
    slope: bool = False,
    control: str | None = None,
    confidence: float = 0.95,
) -> Effect:
    """The change of level from `start` on, over a steady trend (segmented regression).

    `series`: one row a period. gaussian: the effect is a difference in the outcome's units, with
    ordinary least squares and t below 12 points, and above that a mixture over autocorrelation
    (see `autocorrelated`), which covered .93–.97 at 12, 24 and 48 points and autocorrelation 0–.6
    where least squares covered .70–.95. poisson: the effect is a rate ratio with plain Poisson
    limits, as published studies print them; where counts vary more than Poisson allows,
    `diagnostics["limits_too_narrow"]` says so and a claim is refused. quasipoisson: the same
    ratio with limits widened for that, and Student's t. `exposure` is an offset (people at risk).
    `harmonics` pairs of sine and cosine per `season` periods (default 12, or 4 for quarters).
    `slope` also lets the trend change; the effect is then the mean change over the periods after.
    `control` is a column that the pilot cannot move; it takes the place of the trend.

    Method: Lopez Bernal, Cummins & Gasparrini (2017, IJE 46:348). Raises ValueError where a
    period has two rows, a side of the start is empty, or there are too few points for the model; for counts,
    where none was counted before the start or from it on, because a ratio then has no limits.
    """
    check_confidence(confidence)
    if family not in FAMILIES:
        raise ValueError(f"family={family!r}: write one of {', '.join(FAMILIES)}")
    if not isinstance(harmonics, (int, float, np.number)) or not harmonics >= 0 or harmonics % 1 != 0:
        raise ValueError(f"harmonics={harmonics!r}: a whole number, 0 or more")
    if season is not None and (not isinstance(season, (int, float, np.number)) or not 2 <= season < np.inf):
        raise ValueError(f"season={season!r}: the number of periods in a cycle, 2 or more")
    require_columns(series, outcome=outcome, time=time, exposure=exposure, control=control)
    if exposure is not None and family == "gaussian":
        raise ValueError("exposure is for counts: write family='poisson', or divide the outcome by it first")
    values = outcome_numbers(series, outcome)
    keep = np.isfinite(values) & series[time].notna().to_numpy()
    for argument, name in (("exposure", exposure), ("control", control)):
        if name is not None:
            keep &= np.isfinite(outcome_numbers(series, name, argument))
    frame = series.loc[keep].assign(_y=values[keep]).sort_values(time, kind="stable")
    if frame[time].duplicated().any():
        raise ValueError(
            f"time={time!r}: period {plain(frame[time][frame[time].duplicated()].iloc[0])} has two rows or more"
        )
    after = is_after(frame[time], time, start)
    n_before, n_after = int((~after).sum()), int(after.sum())
    if not n_before or not n_after:
        raise ValueError(
            f"start={plain(start)}: {n_before} periods before it and {n_after} after; both sides are needed"
        )
    clock = position(frame[time])
    y = frame["_y"].to_numpy(dtype=float)
    if family == "gaussian" and is_flat(y):  # counts all alike still vary as counts do: their limits say by how much
        raise ValueError(DID_NOT_VARY)
    # A control series takes the place of the trend: it carries what was happening anyway.
    columns = [np.ones(len(y)), after.astype(float)] + ([] if control else [clock - clock.mean()])
    contrast = [0.0, 1.0] + ([] if control else [0.0])
    if slope:
        since = np.where(after, clock - clock[after][0], 0.0)
        columns.append(since)
        contrast.append(float(since[after].mean()))
    cycle = season or season_of(frame[time])
    for k in range(1, int(harmonics) + 1):
        columns += [np.sin(2 * np.pi * k * clock / cycle), np.cos(2 * np.pi * k * clock / cycle)]
        contrast += [0.0, 0.0]
    if control is not None:
        extra = frame[control].to_numpy(dtype=float)
        columns.append((extra - extra.mean()) / (extra.std() or 1.0))
        contrast.append(0.0)
    design, direction = np.column_stack(columns), np.array(contrast)
    if len(y) - design.shape[1] < 2:
        raise ValueError(f"{len(y)} points for {design.shape[1]} terms: at least {design.shape[1] + 2} are needed")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError("the model's terms cannot be told apart in these periods: fewer harmonics, or more periods")
    common: dict[str, Any] = {
        "design": "interrupted",
        "single_series": True,
        "n_units": 1,
        "n_treated": 1,
        "clusters": 1,
        "n_periods": len(y),
        "n_periods_before": n_before,
        "n_periods_after": n_after,
        "completeness": float(keep.mean()),
    }
    words = (
        f"Change in the level of {outcome} from {start} on, {'given the control series' if control else 'over a steady trend'}"
        + (" and the season" if harmonics else "")
    )
    if family == "gaussian":
        return _gaussian(y, design, direction, words, common, confidence)
    offset = np.zeros(len(y)) if exposure is None else frame[exposure].to_numpy(dtype=float)
    if exposure is not None and (offset <= 0).any():
        raise ValueError(
            f"exposure={exposure!r}: none in {counted(int((offset <= 0).sum()), 'period')}; leave them out"
        )
    log_offset = offset if exposure is None else np.log(offset)
    for side, here in (("before", ~after), ("from", after)):
        if not (y[here] > 0).any() and not (y < 0).any():
            raise ValueError(
                f"outcome={outcome!r}: nothing was counted {side} {plain(start)}: a ratio has no limits there"
            )
    return _counts(y, design, direction, log_offset, words, common, family, confidence)


def position(times: pd.Series) -> np.ndarray:
    """(T,) where each period stands: numbers as they are, dates in mean spacings, texts in order."""
    if pd.api.types.is_numeric_dtype(times):
        return times.to_numpy(dtype=float)
    if pd.api.types.is_datetime64_any_dtype(times):
        days = (times - times.iloc[0]).dt.total_seconds().to_numpy() / 86_400
        gap = float(np.median(np.diff(days))) if len(days) > 1 else 1.0
        return np.asarray(np.round(days / gap, 6))
    return np.arange(len(times), dtype=float)


def season_of(times: pd.Series) -> int:
    """Periods in a year: 4 for quarters, 52 for weeks, 12 otherwise."""
    if pd.api.types.is_datetime64_any_dtype(times) and len(times) > 1:
        gap = float(np.median(np.diff(times.to_numpy()).astype("timedelta64[D]").astype(float)))
        return 4 if gap > 60 else 52 if gap < 15 else 12
    return 4 if times.astype(str).str.contains("Q").all() else 12


def _gaussian(
    y: np.ndarray, design: np.ndarray, contrast: np.ndarray, words: str, common: dict[str, Any], confidence: float
) -> Effect:
    short = len(y) < SHORT
    scale = float(np.abs(y).max()) or 1.0
    beta = np.linalg.lstsq(design, y / scale, rcond=None)[0]
    if autocorrelated.lies_on_model(y[None] / scale, design)[0]:
        return _exact(float(contrast @ beta), scale, words, common, confidence, short)
    fitted = (autocorrelated.ordinary if short else autocorrelated.fit)(y[None] / scale, design, contrast)
    tail = (1 - confidence) / 2
    estimate = float(fitted.estimate[0]) * scale
    lower, upper = (float(fitted.quantile(p)[0]) * scale for p in (tail, 1 - tail))
    below = float(fitted.below(np.zeros(1))[0])
    rng = np.random.default_rng(
        seed_of("interrupted", np.round(fitted.centre / np.abs(fitted.centre).max(), 6).tolist())
    )
    which = rng.choice(len(fitted.grid), DRAWS, p=fitted.weight[0])
    draws = scale * (fitted.centre[0, which] + fitted.spread[0, which] * rng.standard_t(fitted.df, DRAWS))
    how = "ordinary least squares with t" if short else "averaged over autocorrelation by restricted likelihood"
    return Effect(
        estimand=words,
        estimate=estimate,
        lower=min(lower, estimate),
        upper=max(upper, estimate),
        method=f"interrupted time series: {how}",
        draws=draws,
        diagnostics={
            **common,
            "method_id": "least squares" if short else "autocorrelated",
            "p_value": 2 * min(below, 1 - below),
            "standard_error": float(draws.std()),
            "autocorrelation": float(fitted.autocorrelation[0]),
            "warnings": (),
        },
        smallest_p_possible=0.0,
        confidence=confidence,
    )


def _exact(step: float, scale: float, words: str, common: dict[str, Any], confidence: float, short: bool) -> Effect:
    """A series without any scatter about the model: its limits are the estimate, and rounding is no effect."""
    estimate = 0.0 if abs(step) < 1e-9 else step * scale
    return Effect(
        estimand=words,
        estimate=estimate,
        lower=estimate,
        upper=estimate,
        method="interrupted time series: ordinary least squares with t",
        draws=np.full(DRAWS, estimate),
        diagnostics={
            **common,
            "method_id": "least squares" if short else "autocorrelated",
            "p_value": 0.0 if estimate else 1.0,
            "standard_error": 0.0,
            "autocorrelation": 0.0,
            "warnings": (EXACTLY,),
        },
        smallest_p_possible=0.0,
        confidence=confidence,
    )


def _counts(
    y: np.ndarray,
    design: np.ndarray,
    contrast: np.ndarray,
    log_offset: np.ndarray,
    words: str,
    common: dict[str, Any],
    family: str,
    confidence: float,
) -> Effect:
    if (y < 0).any() or not np.allclose(y, np.round(y)):
        raise ValueError(
            "a Poisson family needs counts: whole numbers, 0 or more, with `exposure` for the people at risk"
        )
    from scipy.special import chdtri
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a perfect fit is no fault, and no limits are taken from one without them
        fit = GLM(y, design, family=Poisson(), offset=log_offset).fit(tol=1e-12, maxiter=200)
    df = len(y) - design.shape[1]
    effect = float(contrast @ fit.params)
    plain = math.sqrt(max(float(contrast @ fit.cov_params() @ contrast), 0.0))
    if not math.isfinite(plain) or plain > 20:
        raise ValueError("outcome: too little was counted in some part of the series for its terms to be told apart")
    dispersion = float(fit.pearson_chi2 / df)
    residual = np.asarray(fit.resid_pearson)
    exact = np.abs(y - np.asarray(fit.fittedvalues)).max() <= 1e-6 * y.max()  # the fit stops at about this digit
    resemblance = 0.0 if exact else float(residual[1:] @ residual[:-1] / (residual @ residual))
    dispersion = 0.0 if exact else dispersion
    widened = family == "quasipoisson"
    error = plain * math.sqrt(max(dispersion, 1.0)) if widened else plain
    z = t_quantile(0.5 + confidence / 2, df if widened else 1e9)
    rng = np.random.default_rng(seed_of("counts", y.tolist()))
    noise = rng.standard_t(df, DRAWS) if widened else rng.standard_normal(DRAWS)
    wide = t_quantile(0.5 + confidence / 2, df) * plain * math.sqrt(max(dispersion, 1.0))
    said = [EXACTLY] if exact else []
    too_narrow = None
    if not widened and dispersion > chdtri(df, 0.05) / df:  # more spread than chance gives in one series of twenty
        too_narrow = (
            f"Counts vary {dispersion:.1f} times as much as a plain Poisson allows, so its limits are too narrow: "
            f"{math.exp(effect - wide):.3f} to {math.exp(effect + wide):.3f} when this is allowed for."
        )
        said.append(too_narrow)
    if resemblance > 2 / math.sqrt(len(y)):
        said.append(f"Neighbouring periods resemble each other (autocorrelation {resemblance:.2f}) beyond the model.")
    return Effect(
        estimand=words.replace("Change in the level", "Ratio of the level") + ": 1 is no change",
        estimate=math.exp(effect),
        lower=math.exp(effect - z * error),
        upper=math.exp(effect + z * error),
        method="interrupted time series: "
        + ("quasi-Poisson with t" if widened else "Poisson")
        + " regression"
        + (", offset by exposure" if log_offset.any() else ""),
        draws=np.exp(effect + error * noise),
        diagnostics={
            **common,
            "method_id": family,
            "p_value": t_p_value(effect / error, df if widened else 1e9),
            "standard_error": error,
            "dispersion": dispersion,
            "limits_allowing_for_dispersion": (math.exp(effect - wide), math.exp(effect + wide)),
            "limits_too_narrow": too_narrow,
            "autocorrelation": resemblance,
            "coefficients": np.asarray(fit.params).tolist(),
            "warnings": tuple(said),
        },
        smallest_p_possible=0.0,
        scale="ratio",
        confidence=confidence,
    )
