"""Nothing is kept because it was out before; people's own noise needs the council's own secret, and the sample's is no one else's."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from commissioning import disclosure
from commissioning.disclosure.keys import SAMPLE_SECRET, record_keys
from commissioning.errors import DataRefused
from commissioning.measures import calculate
from commissioning.measures.learning_disability import PAID_WORK
from commissioning.study.secret import keys_of_everybody, secret_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path))
    return tmp_path


def test_extracts_with_people_are_refused_where_the_council_has_no_secret(ledger):
    tables = {"people": pd.DataFrame({"person_id": ["A1", "A2"]})}
    with pytest.raises(DataRefused, match="commissioning setup"):
        keys_of_everybody(tables, {"one": PAID_WORK}, secret_of("E08000015"))
    assert keys_of_everybody({"grants": pd.DataFrame({"award": [1]})}, {"one": PAID_WORK}, b"").empty


@pytest.mark.parametrize(("held", "word"), [(None, "missing"), (b"another", "another")])
def test_a_secret_that_was_lost_or_changed_is_told(ledger, held, word):
    (ledger / "secret.sha256").write_text(hashlib.sha256(b"the one that was made").hexdigest())
    if held is not None:
        (ledger / "secret").write_bytes(held)
    with pytest.raises(DataRefused, match=word):
        secret_of("E08000015")
    (ledger / "secret").write_bytes(b"the one that was made")
    assert secret_of("E08000015") == b"the one that was made"


def people(number):
    return pd.DataFrame({
        "person_id": [f"P{one:04d}" for one in range(number)], "period": "2014-15 Q1", "age": 40, "ward": "a", "locality": "n",
        "provider": "p", "employment": ["paid under 16 hours" if one % 3 == 0 else "not in work" for one in range(number)],
        "support_reason": "learning disability",
    })  # fmt: skip


def counted(rows, secret=SAMPLE_SECRET):
    measure = type(PAID_WORK)(
        **{**{one: getattr(PAID_WORK, one) for one in PAID_WORK.__dataclass_fields__}, "population": (), "groups": ()}
    )
    keys = record_keys(rows["person_id"], secret)
    return calculate.results([measure], {"people": rows}, pilot="p", area="E08000015", keys=keys)


def test_october_s_figure_is_not_printed_in_march():
    october = disclosure.release(counted(people(300)))
    march = disclosure.release(counted(people(900)), october.history)
    whole = march.figures.set_index("period")["denominator"]
    assert abs(whole["2014-15"] - 900) <= 25
    assert (march.figures["denominator"].to_numpy() > october.figures["denominator"].to_numpy() + 400).all()
    pd.testing.assert_frame_equal(march.figures, disclosure.release(counted(people(900))).figures)


def test_another_secret_gives_other_figures_so_the_samples_protects_nobody_else():
    rows = people(900)
    keys = [record_keys(rows["person_id"], one) for one in (SAMPLE_SECRET, b"a council's own")]
    assert (keys[0] == keys[1]).mean() < 0.01
    source = (ROOT / "lib" / "commissioning" / "study" / "steps.py").read_text(encoding="utf-8")
    assert source.count("SAMPLE_SECRET if sample else") == 1


def test_no_word_of_a_freeze_is_left_on_pages_or_in_guides():
    texts = [
        *(ROOT / "lib").rglob("*.py"),
        *(ROOT / "pilots").glob("*/*.py"),
        *(ROOT / "docs" / "how-to").glob("*.md"),
        *(ROOT / "docs" / "explanation").glob("*.md"),
    ]
    for path in texts:
        text = path.read_text(encoding="utf-8")
        assert "once released, frozen" not in text and "kept as it was**" not in text and "NOTE_FROZEN" not in text, (
            path
        )
