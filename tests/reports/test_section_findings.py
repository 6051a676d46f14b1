"""The finding a section ends in: what it rests on is said, and a share that may be nearly anything leads no sentence."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning.sections import section_findings


@pytest.fixture()
def said(monkeypatch):
    monkeypatch.setattr(section_findings, "one_row", lambda page, rows, says, *more, **named: [says])


def test_a_share_whose_range_is_wider_than_half_leads_no_sentence(said):
    rows = pd.DataFrame(
        {
            "what": ["Day care", "Supported living", "Respite"],
            "how": "block",
            "value": [10.0, 60.0, 80.0],
            "lower": [0.0, 50.0, 70.0],
            "upper": [100.0, 70.0, 90.0],
        }
    )
    (told,) = section_findings.bought(None, rows, "what", "how")
    assert "Supported living" in told and "Respite" in told and "Day care" not in told
    assert section_findings.bought(None, rows.iloc[:2], "what", "how") == []


def test_the_largest_group_says_what_its_money_is_counted_of(said):
    rows = pd.DataFrame({"state": ["One", "Many"], "organisations": [30, 10], "pounds": [2_000.0, 9_000.0]})
    (told,) = section_findings.first_state(None, rows, "state", "x", basis="By the grants of all years known here")
    assert told.startswith(
        "By the grants of all years known here, the largest group is “One”: it holds 30 organisations"
    )


def test_a_table_without_ranges_has_no_finding(said):
    assert section_findings.bought(None, pd.DataFrame({"what": ["Day care"], "how": ["block"]}), "what", "how") == []
