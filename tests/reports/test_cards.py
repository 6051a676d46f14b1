"""A calibration card is drawn once for a shape and a code, and read ever after."""

from __future__ import annotations

from commissioning import reports
from commissioning.study import estimates


def test_a_card_is_drawn_once_and_read_the_next_time_with_the_same_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(estimates, "DRAWS", 5)
    report = reports.open("review", pilot="vcf_funding")
    first = estimates.estimate(report.study, report.pilot, cache=tmp_path)
    assert list(tmp_path.glob("*.json"))
    monkeypatch.setattr(estimates.calibration, "run", lambda *_, **__: 1 / 0)
    again = estimates.estimate(report.study, report.pilot, cache=tmp_path)
    assert again.card.equals(first.card) and len(first.card)
