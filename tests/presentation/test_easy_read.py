"""Easy Read: a page that breaks a rule is not made."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.errors import NotReleased, ReportFailed
from commissioning.presentation import pictures, signoff
from commissioning.presentation.easy_read import EasyRead, Idea, Part, People, Reply, people, we_do_not_know_yet
from commissioning.presentation.showable import PublicFigures

REPLY = Reply(post="Freepost Example Council", phone="01632 960 001")


def share(numerator, denominator, **more):
    frame = pd.DataFrame({"numerator": [numerator], "denominator": [denominator], **{k: [v] for k, v in more.items()}})
    return PublicFigures(frame=frame, source="S")


def page(*ideas, **more):
    return EasyRead(title="How is it going?", parts=(Part(heading="What we found", ideas=ideas),), reply=REPLY, **more)


def test_the_demonstration_page_keeps_every_rule(demo):
    assert demo.easy_read().problems() == []


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("We looked at the help that people get from all the groups in all the places here.", "words; 15 is the most"),
        ("3% of people have a job.", "percentage"),
        ("3 per cent of people have a job.", "percentage"),
        ("People get 2.5 hours.", "decimal"),
        ("People get help; some like it.", "hard to read"),
        ("People (some) get help.", "hard to read"),
        ("The DASS pays for this.", "capitals"),
        ("We pay, they help, you choose.", "more than one idea"),
        ("This is help. It is good.", "two sentences"),
        ("People get help", "full stop"),
        ("More people have jobs.", "no claim"),
        ("Jobs got better.", "no claim"),
        ("This happened because of the new help.", "no claim"),
        ("We commissioned a good outcome.", "hard word 'outcome'"),
        ("The neighbourhoods are good.", "hard word 'neighbourhoods'"),
        ("We don't know.", "shortened"),
        ("The new help proved good.", "proved"),
        ("8 out of 10 people have a home.", "without the picture"),
    ],
)
def test_a_sentence_that_breaks_a_rule_stops_the_page(sentence, says):
    broken = page(Idea(picture="house", sentences=(sentence,)))
    with pytest.raises(ReportFailed, match=re.escape(says)):
        broken.render(organisation="Example Council")


def test_more_and_fewer_are_said_where_the_claim_allows():
    idea = Idea(picture="fewer", sentences=("Fewer people have jobs here.",))
    assert page(idea).problems()
    assert page(replace(idea, claim="described")).problems()
    assert page(replace(idea, claim="compared")).problems() == []


def test_every_idea_has_a_picture_that_exists():
    for missing in ("", "dragon"):
        with pytest.raises(ReportFailed):
            page(Idea(picture=missing, sentences=("We help.",))).render(organisation="X")


def test_the_words_and_the_picture_of_people_say_the_same():
    assert page(Idea(picture=People(count=8, of=10), sentences=("8 out of 10 people have a home.",))).problems() == []
    assert page(Idea(picture=People(count=7, of=10), sentences=("8 out of 10 people have a home.",))).problems()
    assert page(Idea(picture=People(count=8, of=10), sentences=("Most people have a home.",))).problems()


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [(31, 1015, "3 out of 100 people"), (781, 1015, "8 out of 10 people"), (15, 100, "2 out of 10 people"),
     (14, 100, "14 out of 100 people"), (86, 100, "86 out of 100 people"), (85, 100, "9 out of 10 people"), (0, 50, "0 out of 100 people")],
)  # fmt: skip
def test_a_pictogram_matches_its_released_figure(numerator, denominator, words):
    assert people(share(numerator, denominator)).words == words


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_pictogram_is_never_further_from_its_share_than_half_a_person(numerator, denominator):
    if numerator > denominator:
        numerator, denominator = denominator, numerator
    made = people(share(numerator, denominator))
    assert abs(made.count / made.of - numerator / denominator) <= 0.5 / made.of + 1e-9
    assert pictures.draw(made).count("<circle") == made.of


def test_a_hidden_figure_has_no_pictogram():
    for hidden in (share(3, 100, hidden=True), share(pd.NA, 100)):
        with pytest.raises(ValueError, match="do not know yet"):
            people(hidden)
    with pytest.raises(NotReleased):
        people(pd.DataFrame({"numerator": [1], "denominator": [2]}))


def test_the_page_says_how_to_reply_what_happens_and_who_has_checked_it(demo):
    made = demo.easy_read().render(organisation="Example Council")
    for words in (
        "You can write or draw on paper.",
        "You can phone us or talk to us.",
        "What happens to my support?",
        "Some people pay towards",
    ):
        assert words in made
    assert signoff.NOT_CHECKED in made
    one = signoff.Signature(
        role="easy_read_group",
        name="Speak Up Group",
        account="a (1)",
        when="2026-11-21",
        report_sha256="a",
        page_sha256="b",
        files_sha256="c",
    )
    checked = signoff.with_status(made, (one,))
    assert signoff.NOT_CHECKED not in checked and "Checked by Speak Up Group" in checked
    assert signoff.page_digest(checked) == signoff.page_digest(made)


def test_it_says_honestly_that_we_do_not_know_yet():
    assert "We do not know yet." in page(we_do_not_know_yet()).render(organisation="X")


def test_more_than_twelve_pages_of_a4_are_refused():
    many = tuple(Idea(picture="house", sentences=(f"This is house {i}.",)) for i in range(120))
    with pytest.raises(ReportFailed, match="12 is the most"):
        page(*many).render(organisation="X")


def test_every_picture_has_words_for_those_who_do_not_see_it():
    for name in pictures.NAMES:
        assert re.search(r'role="img" aria-label="\w[^"]{3,}"', pictures.draw(name))
