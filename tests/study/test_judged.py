"""What a verdict is told of a change: nothing that the data, or the range that is printed, does not bear."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from commissioning.disclosure.estimates import ReleasedEstimate
from commissioning.methods.effects import Effect
from commissioning.study import judged

PERCENT = SimpleNamespace(per=100)
POINTS = st.floats(-20, 20)


def effect(lower: float, upper: float) -> Effect:
    return Effect(
        estimand="a change", estimate=(lower + upper) / 200, lower=lower / 100, upper=upper / 100, method="made", draws=None,
        diagnostics={}, smallest_p_possible=0.0,
    )  # fmt: skip


@given(a=POINTS, b=POINTS, c=POINTS, d=POINTS, worthwhile=st.floats(1, 8))
def test_a_change_is_surely_too_small_or_surely_above_none_only_where_both_ranges_say_so(a, b, c, d, worthwhile):
    (low, high), (printed_low, printed_high) = sorted((a, b)), sorted((c, d))
    printed = ReleasedEstimate(
        estimate=(printed_low + printed_high) / 2, lower=printed_low, upper=printed_high, step=0.5
    )
    sides = judged._sides(effect(low, high), PERCENT, worthwhile, printed)
    assert sides is not None
    if sides[2] < worthwhile:
        assert high < worthwhile + 1e-9
        assert printed_high < worthwhile
    if sides[1] > 0:
        assert low > -1e-9
        assert printed_low > 0


def test_a_range_printed_up_to_7_is_not_called_smaller_than_5():
    printed = ReleasedEstimate(estimate=-0.5, lower=-5.0, upper=7.0, step=0.5)
    assert judged._sides(effect(-5.4, 4.4), PERCENT, 5.0, printed)[2] > 5.0


def test_without_limits_a_verdict_is_told_nothing():
    none = ReleasedEstimate(estimate=1.0, lower=None, upper=None, step=0.5)
    assert judged._sides(effect(-1, 3), PERCENT, 4.0, none) is None
