"""Line 6 of the pages' brief: no word of the program, no count above its whole, no refrain, and whole sentences of readable length.

The annex may hold the methods' own words; every other page of the sample is read as its reader meets it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import words_kit  # noqa: E402


def pages(site) -> list:
    return [one for one in site.pages if one.parent == site.version and not one.stem.endswith("-annex")]


def test_every_page_of_the_sample_keeps_to_words_a_reader_knows(site):
    assert len(pages(site)) > 10
    found = {one.name: words_kit.faults(one.read_text(encoding="utf-8")) for one in pages(site)}
    assert not any(found.values()), "\n".join(f"{name}: {says}" for name, all_ in found.items() for says in all_)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<p>It stands in pilot.toml today.</p>", "a word of the program, pilot.toml"),
        ("<table><tr><td>amount_awarded</td></tr></table>", "a word of the program, amount_awarded"),
        ("<p>The file needs `grants` to be held.</p>", "a word of the program, `"),
        ("<p>No extract here holds it.</p>", "a word of the program, extract"),
        ("<p>The effect is withheld.</p>", "a word of the program, withheld"),
        ("<p>Every gate has passed.</p>", "a word of the program, gate"),
        ("<p>None is recorded ([[replies]]).</p>", "a word of the program, [[replies]]"),
        ("<p>Made by commissioning.simulate.</p>", "a word of the program, commissioning.simulate"),
        ("<details><summary>How</summary><p>A jackknife gives the range.</p></details>", "a word of the program, jackknife"),
        ("<p>It was met by 290 of 225 people.</p>", "more than there are, 290 of 225"),
        ("<table><tr><td>1,200 of 1,100</td></tr></table>", "more than there are, 1,200 of 1,100"),
        ("<p>Reviews at which people had met it, 2015-16: 1,055 of 1,655.</p>", "a label and a figure"),
        ("<p>Outcomes by group.</p>", "no verb: "),
        ("<p>" + "It is so that this goes on and on " * 4 + "and is long.</p>", "35 words: "),
        ("<p>This does not tell you why it is.</p>" * 3, "said 3 times: "),
    ],
)  # fmt: skip
def test_what_is_not_a_readers_word_is_found(body, says):
    found = words_kit.faults(f"<html><head><title>x</title></head><body><main>{body}</main></body></html>")
    assert any(says in one if says != "35 words: " else "words: " in one for one in found), found


@pytest.mark.parametrize(
    "body",
    [
        "<p>In all, 1,055 of 1,655 reviews met the goal.</p>",
        "<p>It cost £3 of 2015-16 money, and was paid in 2 of 2 years.</p>",
        "<h2>Outcomes beside spend</h2><p>Outcomes beside spend</p>",  # a label ends without a stop
        "<table><caption>What changed, 2015-16.</caption><tr><td>Wards, by need.</td></tr></table>",
        "<p>It says why it is so.</p>" * 2,
        "<style>.a_b{color:red}</style><p>People chose it.</p>",
        "<p><strong>For:</strong> councillors and providers. Members decide.</p>",
        "<p>Write to commissioning@wirral.example if it is wrong.</p>",
    ],
)
def test_what_a_reader_knows_is_left_alone(body):
    assert words_kit.faults(f"<html><body><main>{body}</main></body></html>") == []
