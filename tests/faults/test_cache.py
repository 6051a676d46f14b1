"""Faults of what is kept between runs (number 40): broken counts as missing, and is made again."""

from __future__ import annotations

import pandas as pd
import pytest

from commissioning.study import kept_cards

CARD = pd.DataFrame({"design": ["staggered", "staggered"], "coverage": [0.95, None], "chosen": [True, False]})


def test_40_a_calibration_card_cut_at_any_byte_is_drawn_again(tmp_path):
    path = tmp_path / "calibration" / "card.json"
    kept_cards.keep_card(path, CARD)
    assert kept_cards.read_card(path)["coverage"].tolist()[0] == 0.95
    assert [one.name for one in path.parent.iterdir()] == ["card.json"]
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert kept_cards.read_card(path) is None
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found = kept_cards.read_card(path)
        assert found is None or found["coverage"].tolist()[0] == 0.95


@pytest.mark.parametrize("text", ["null", "[]", "3", '{"card": 3, "sha256": "x"}', "\udc00"])
def test_40_a_card_that_is_something_else_is_drawn_again(tmp_path, text):
    path = tmp_path / "card.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert kept_cards.read_card(path) is None


def test_40_a_card_that_cannot_be_kept_stops_nothing(tmp_path):
    (tmp_path / "calibration").write_text("a file where the folder should be")
    kept_cards.keep_card(tmp_path / "calibration" / "card.json", CARD)
    assert kept_cards.read_card(tmp_path / "calibration" / "card.json") is None
