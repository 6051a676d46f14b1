"""What a page leads to in its annex is there, or it leads to the annex itself."""

from commissioning.presentation import behind


def test_evidence_that_an_annex_holds_is_led_to_by_its_anchor_and_other_evidence_to_the_annex_itself():
    assert behind.place(("outcomes-by-year", "outcomes"), "a-annex.html") == "a-annex.html#outcomes"
    assert behind.place(("comparison-paid-work",), "a-annex.html") == "a-annex.html#comparison-paid-work"
    assert behind.place(("needs",), "a-annex.html") == "a-annex.html"
