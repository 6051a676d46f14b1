"""How one outcome stands: its change beside the one agreed as worth having, and its level beside its floor. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from commissioning.wording import Standing as Agreed

RUNGS = ("recorded", "described", "compared", "attributable")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one outcome stands: its change, and its level beside the floor agreed. In the measure's own units.

    `change` is the change put down to the pilot *for the better* (a fall, where fewer is better), with its limits; None
    where none may be shown. `before_…` is the level of the year before the first start.
    """

    measure: str
    title: str
    lower: float | None
    upper: float | None
    floor: float | None  # None where none was agreed: then its change is looked at for harm alone
    worthwhile_change: float
    change: float | None = None
    change_lower: float | None = None
    change_upper: float | None = None
    rung: str = "described"
    before_lower: float | None = None
    before_upper: float | None = None
    before_year: str = ""
    out_of_line: tuple[str, ...] = ()  # groups and providers outside their limits
    agreed: Agreed = "not sealed"  # whether the floor was sealed before figures were seen
    fewer_is_better: bool = False  # then the floor is the most there may be

    @property
    def met(self) -> bool:
        """The whole range stands on the floor or on its better side."""
        return self._on_better_side(self.lower, self.upper)

    @property
    def met_before(self) -> bool:
        """The floor was met already before the start: then meeting it says nothing of the pilot."""
        return self._on_better_side(self.before_lower, self.before_upper)

    def _on_better_side(self, lower: float | None, upper: float | None) -> bool:
        if lower is None or upper is None or self.floor is None:
            return False
        return upper <= self.floor if self.fewer_is_better else lower >= self.floor

    @property
    def missed(self) -> bool:
        """The whole range stands on the worse side of the floor."""
        if self.lower is None or self.upper is None or self.floor is None:
            return False
        return self.lower > self.floor if self.fewer_is_better else self.upper < self.floor

    @property
    def stands(self) -> str:
        """How it stands beside its floor, in words for a table."""
        side = "above" if self.fewer_is_better else "below"
        if self.lower is None:
            return "not known"
        return "floor met" if self.met else f"{side} the floor" if self.missed else f"range reaches {side} the floor"

    @property
    def estimated(self) -> bool:
        """A change may be shown, and is compared with something."""
        known = None not in (self.change, self.change_lower, self.change_upper)
        return known and RUNGS.index(self.rung) >= RUNGS.index("compared")

    @property
    def harmed(self) -> bool:
        """People are worse off beyond doubt: the whole range of the change lies below zero."""
        return self.estimated and self.change_upper < 0  # type: ignore[operator]

    @property
    def harmed_badly(self) -> bool:
        """The whole range lies beyond the worthwhile change on the wrong side."""
        return self.harmed and self.change_upper <= -abs(self.worthwhile_change)  # type: ignore[operator]

    @property
    def too_little(self) -> bool:
        """The change is surely smaller than the one agreed as worth having."""
        return self.estimated and self.change_upper < self.worthwhile_change  # type: ignore[operator]

    @property
    def worthwhile(self) -> bool:
        """Put down to the pilot, surely above zero, and at least the change agreed as worth having."""
        return self.rung == "attributable" and self._is_worth_having

    @property
    def worthwhile_but_for_the_cause(self) -> bool:
        """As large, and not put down to the pilot."""
        return self.rung != "attributable" and self._is_worth_having

    @property
    def _is_worth_having(self) -> bool:
        return self.estimated and self.change_lower > 0 and self.change >= self.worthwhile_change  # type: ignore[operator]

    @property
    def changed(self) -> str:
        """What changed, in words for a reason."""
        if not self.estimated:
            return "what the pilot changed is not known"
        if self.harmed_badly:
            return "it is worse than it would have been, by more than the change agreed as worth having"
        if self.harmed:
            return "it is worse than it would have been"
        if self.too_little:
            return "the change is smaller than the one agreed as worth having"
        if self.worthwhile:
            return "the change is at least the one agreed as worth having, and may be put down to the pilot"
        if self.worthwhile_but_for_the_cause:
            return "there is a change worth having, and it may have other reasons than the pilot"
        return "the change may be worth having or not: its range holds both"
