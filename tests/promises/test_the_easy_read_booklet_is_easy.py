"""Kinds of fault that an Easy Read adviser found, looked for in the booklet of every pilot and where nothing is known.

Each is a refusal of the page itself or read from what it says, so that a pilot written tomorrow is held to it too.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from datetime import date
from functools import cache
from types import SimpleNamespace

import pytest

from commissioning import reports
from commissioning.pilot.agreed import Dates
from commissioning.presentation import pictures
from commissioning.presentation.easy_read import (
    NOT_YET,
    Change,
    EasyRead,
    Idea,
    Part,
    People,
    Reply,
    we_do_not_know_yet,
)
from commissioning.reports import answer, easy_read, easy_read_change, easy_read_words
from commissioning.sections import figures

OPENED = {
    "learning_disability": {"pilot": "learning_disability"},
    "vcf_funding": {"pilot": "vcf_funding"},
    "one locality": {"pilot": "learning_disability", "level": "locality=North"},
}


@cache
def opened(name):
    return reports.open(stage="pilot", **OPENED[name])


@pytest.fixture(scope="module", params=[*OPENED, "nothing known", "no start"])
def booklet(request):
    """The booklet of each pilot, of one part of an area, where no figure is known, and where no new way is known to have started."""
    report = opened(request.param if request.param in OPENED else "vcf_funding")
    with pytest.MonkeyPatch.context() as only_here:
        if request.param == "nothing known":
            only_here.setitem(report.__dict__, "period", "1999-00")
        if request.param == "no start":
            found = dataclasses.replace(figures.effects(report), started=())
            only_here.setitem(report.worked_out, figures.effects, found)
        return easy_read.make(report)


def ideas(page):
    return [idea for part in page.all_parts() for idea in part.ideas]


def said(page):
    return [one for idea in ideas(page) for one in idea.sentences]


def test_every_booklet_keeps_its_rules_and_has_at_most_twelve_sides(booklet):
    assert booklet.problems() == []
    assert booklet.pages() <= 12


def test_no_question_stands_after_its_answer(booklet):
    for idea in ideas(booklet):
        asked = [at for at, one in enumerate(idea.sentences) if one.endswith("?")]
        assert NOT_YET not in idea.sentences or idea.sentences.index(NOT_YET) > max(asked, default=-1), idea
    assert not any(one.startswith("We want to know how many") for one in said(booklet))


def test_no_sentence_is_said_more_than_twice(booklet):
    assert [one for one, often in Counter(said(booklet)).items() if often > 2] == []


def test_every_count_names_what_it_counts_and_its_picture_draws_that(booklet):
    for idea in ideas(booklet):
        for sentence in idea.sentences:
            for _, noun in re.findall(r"(?:out of|in each|of each) (\d+)(?: ([a-z]+))?", sentence):
                assert noun in ("people", "reviews", "agreements", "organisations", "enquiries"), sentence
            assert not re.search(r"\b(?:as few as|as many as) \d+\b(?! [a-z])|\d+ more\.", sentence), sentence
            if isinstance(idea.picture, (People, Change)) and re.search(r"\d+ out of \d+|in each 100", sentence):
                assert idea.picture.counted in sentence, sentence


def test_no_charge_is_announced_and_money_is_written_in_figures(booklet):
    text = " ".join(said(booklet))
    assert "may have to pay" not in text
    assert not re.search(r"\d (?:thousand|pounds)|million \d", text)
    assert all(re.fullmatch(r"£\d{1,3}(?:,\d{3})*", one) for one in re.findall(r"£[\d,]*\d", text))


def test_what_is_said_of_the_booklet_is_said_of_a_booklet_and_the_new_way_has_one_name(booklet):
    text = " ".join(said(booklet))
    assert "this page" not in text.lower() and "aloud" not in text
    assert "the new way of working" not in text
    assert (
        "the new way" not in text.lower()
        or "a new way of working started" in text
        or "We call this the new way." in text
    )


def test_people_are_told_until_when_how_and_who_may_help(booklet):
    reply = next(part for part in booklet.all_parts() if part.heading == "Tell us what you think")
    text = [one for idea in reply.ideas for one in idea.sentences]
    assert text[0] == "Please tell us within 28 days of getting this booklet."
    assert not any("28 days" in one for part in booklet.parts for idea in part.ideas for one in idea.sentences)
    assert "Your family, a supporter or an advocate can help you to reply." in text
    assert "advocate" in booklet.all_words()


def test_a_date_that_was_entered_is_printed_in_the_place_of_days(monkeypatch):
    report = opened("vcf_funding")
    monkeypatch.setattr(
        report, "pilot", report.pilot.model_copy(update={"dates": Dates(replies_until=date(2027, 3, 5))})
    )
    text = said(easy_read.make(report))
    assert "Please tell us by 5 March 2027." in text and not any("28 days" in one for one in text)


@pytest.mark.parametrize(
    ("reply", "lacks"),
    [
        (Reply(post="", phone=""), "an address, an email address or a phone number"),
        (Reply(post="Town Hall, Wallasey", phone="Ring us"), "a postcode, an email address or a phone number"),
        (Reply(post="Town Hall, CH44 8ED", phone="0151 496 0000"), "an email address"),
        (Reply(post="Town Hall, CH44 8ED", phone="0151 496 0000", email="us@council.example"), ""),
    ],
)
def test_each_way_of_replying_is_printed_or_said_not_to_be_there(reply, lacks):
    page = EasyRead(title="T", parts=(Part(heading="H", ideas=(we_do_not_know_yet(),)),), reply=reply)
    assert page.problems() == []
    lines = [line for idea in ideas(page) for line in idea.lines]
    assert all(one in lines for one in (reply.email, *filter(None, reply.post.split(", "))) if one)
    lacking = [one for one in said(page) if one.startswith("This booklet does not give")]
    assert lacking == ([f"This booklet does not give {lacks}."] if lacks else [])


BROKEN = {
    "the answer stands before": Idea(picture="question", sentences=(NOT_YET, "How many people have a job?")),
    "and not of what": Idea(picture=People(count=6, of=10), sentences=("In about 6 out of 10, people have a job.",)),
    "the words do not say so": Idea(picture=Change(without=50, with_it=63), sentences=("It helped people.",)),
}


@pytest.mark.parametrize("says", BROKEN)
def test_a_booklet_with_such_a_fault_is_not_made(says):
    page = EasyRead(title="T", parts=(Part(heading="H", ideas=(BROKEN[says],)),), reply=Reply(post="", phone=""))
    assert any(says in one for one in page.problems())


def test_a_refrain_is_refused():
    part = Part(heading="H", ideas=tuple(Idea(picture="look", sentences=("We looked.",)) for _ in range(3)))
    page = EasyRead(title="T", parts=(part,), reply=Reply(post="", phone=""))
    assert any("is said 3 times" in one for one in page.problems())


@pytest.mark.parametrize("verdict", sorted(easy_read._NEXT))
@pytest.mark.parametrize("gain", [True, False])
def test_each_verdict_has_words_of_its_own_that_are_true_and_frighten_nobody(verdict, gain, monkeypatch):
    none = () if gain else (("same", "The numbers do not show that the new way helps."),)
    monkeypatch.setattr(easy_read, "not_good", lambda page: none)
    monkeypatch.setattr(easy_read_change, "started", lambda page: True)
    found = SimpleNamespace(recommendation=SimpleNamespace(says=verdict, in_words=verdict))
    told = " ".join(sentence for _, sentence in easy_read._verdict(SimpleNamespace(), found))
    assert "some things need to change" not in told
    assert ("seems to help" in told) == (verdict == "adapt" and gain)
    assert ("can carry on" in told) == (verdict == "continue" and gain)
    assert ("stop paying" in told) == (verdict == "prepare to stop")
    for picture, _ in easy_read._verdict(SimpleNamespace(), found):
        assert picture in pictures.NAMES


def test_the_worth_and_the_cost_of_each_are_those_of_the_answer():
    report = opened("learning_disability")
    text = " ".join(said(easy_read.make(report)))
    told = " ".join(one.record["sentence"] for one in answer.five(report))
    each, worth = re.search(
        r"Each extra person .*? cost about (£[\d,]+)\. The council had said up to (£[\d,]+)", text
    ).groups()
    assert re.search(
        rf"Each more person cost about {each} \(£[\d,]+ to £[\d,]+\), against the worth of {worth} agreed beforehand, both in \d{{4}}-\d{{2}} prices",
        told,
    )


def test_each_hundred_of_a_change_shows_its_own_number_and_those_that_are_more_in_a_colour_of_their_own():
    for without, with_it in ((56, 67), (67, 56), (0, 100), (40, 40)):
        for counted in ("people", "reviews"):
            drawn = pictures.draw(Change(without=without, with_it=with_it, counted=counted))
            assert drawn.count(f'fill="{pictures._M}"') == abs(with_it - without) * (2 if counted == "people" else 1)
            assert f"the new way: {without}<" in drawn and f"the new way: {with_it}<" in drawn


def test_a_level_that_stops_at_nought_or_a_hundred_is_not_drawn_as_another_change(monkeypatch):
    one = SimpleNamespace(
        summary=SimpleNamespace(estimate=9.0), measure=SimpleNamespace(table="people", counted="people")
    )
    for found, drawn in (((0, 5, "2015-16"), False), ((20, 29, "2015-16"), True), (None, False)):
        monkeypatch.setattr(easy_read_change.changed, "of_a_hundred", lambda page, shown, found=found: found)
        assert (easy_read_change.hundred(SimpleNamespace(), one) is not None) == drawn


def test_every_picture_that_words_may_choose_is_there():
    assert {picture for _, picture in easy_read_words._PICTURES} <= set(pictures.NAMES)
    assert not {"scales"} & set(pictures.NAMES)


def test_a_booklet_that_would_be_too_long_says_less_and_is_made_all_the_same(monkeypatch):
    report = opened("learning_disability")
    long = easy_read.make(report).pages()
    monkeypatch.setattr(easy_read, "MOST_PAGES", long - 2)
    made = easy_read.make(report)
    assert made.pages() <= long - 2 and made.problems() == []
    assert "In about 6 out of 10 reviews, people met their main goal." in said(made), "the first outcome stays"
