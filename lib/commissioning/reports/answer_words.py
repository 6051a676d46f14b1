"""The words of an answer: its numbers, kept as the data hold them, and who in a council holds what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from commissioning.evidence import successions
from commissioning.measures import Measure
from commissioning.presentation import words
from commissioning.presentation.answer import Grade, Sign, as_line, count_words
from commissioning.presentation.finding import Finding
from commissioning.presentation.showable import Computed
from commissioning.sections import charting, saying
from commissioning.sections.page import Page

LEVELS = (("outcomes-by-year", "outcomes", "side-by-side"), ("spend-by-year", "spend", "spend-of-all"))
OUTCOMES, SPEND = LEVELS
EFFECTS = ("effects", *OUTCOMES)
CONFIDENCE = {"strong": "high", "moderate": "medium", "weak": "low", "": "medium"}
FILES = {
    "outcomes": ("{outcomes}", "the team that manages the service"),
    "spend": ("each person's support with its weekly cost", "social care finance"),
    "payments": ("payments, with what each was for", "the finance team"),
}
SMALL = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(kw_only=True)
class Numbers:
    """The numbers of a line, each kept as the data hold it: what a sentence says of them is checked against these."""

    held: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)

    def _keep(self, value: float, ending: str = "") -> None:
        self.held[f"number_{len(self.held) + 1}{ending}"] = value

    def percent(self, value: float) -> str:
        """A share: "63.7%"."""
        self._keep(float(value))
        return f"{words.number(value, 1)}%"

    def count(self, value: float) -> str:
        """A count, or points: "16", "17.5"."""
        self._keep(float(value))
        return words.number(abs(value), 0 if float(value).is_integer() else 1)

    def pounds(self, pence: float, *, rounded: bool = True) -> str:
        """An amount without its sign: "£36m", "£624,000"."""
        self._keep(round(abs(pence)), "_pence")
        size = round(abs(pence))
        if size < 10**8:
            return f"£{words.number(size / 100)}"
        return words.money_rounded(size) if rounded else words.money_short(size)

    def year(self, period: str) -> str:
        self.declared.append(period)
        return period

    def of_earlier_councils(self, area: str, years: list[str]) -> list[str]:
        """What is said beside published figures of these years of a council that followed others."""
        if found := successions.said(area, years):
            self.declared += [one.year for one in successions.every() if one.successor == area]
        return found

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame([self.held or {"lines": "1"}])


def line(
    page: Page,
    question: str,
    says: Iterable[str],
    sign: Sign,
    said: Numbers,
    evidence: tuple[str, ...],
    *,
    grade: Grade = "",
    because: str = "",
    more: Iterable[str] = (),
    measure: str = "",
    signed: bool = True,
    declared: tuple[Any, ...] = (),
    of: tuple[Any, ...] = (),
    checked: bool = False,
) -> Finding:
    """One line as a checked finding. `says`: whole sentences, the first of which stands; `fit` moves others below, the last first.

    `evidence`: the anchors that it may lead to, the best first; `of`: released things besides the page's own figures.
    """
    first, *others = [one for one in says if one]
    numbers = Computed(frame=said.frame(), of=(page.released, *of), how="the figures of the line")
    sentence, below = " ".join([first, *others]), [one for one in more if one]
    made = saying.finding(
        page, sentence, sign, numbers, evidence[0],
        measure=measure, confidence=CONFIDENCE[grade], declared=(*declared, *said.declared, page.period, *_names(page)), checked=checked,
    )  # fmt: skip
    as_line(made, question, grade=grade, because=because, more=below, also=evidence[1:], signed=signed)
    made.record["id"] = words.slug(f"answer {page.pilot.name} {question}")
    made.others = others  # type: ignore[attr-defined]
    return made


def _names(page: Page) -> tuple[str, ...]:
    """Names that any line may repeat, numbers in them and all: of the place, and of outcomes in plain words."""
    return (page.place, *page.pilot.easy_words.values())


def fit(lines: list[Finding], most: int) -> list[Finding]:
    """The lines within so many words: sentences that may stand below move there, first from the line that has most."""

    def long(one: Finding) -> int:
        return count_words(one.record["sentence"]) + count_words(one.record["because"])

    while sum(map(long, lines)) > most:
        movable = max(reversed(lines), key=lambda one: len(one.others))  # type: ignore[attr-defined]
        if not movable.others:  # type: ignore[attr-defined]
            break
        last = movable.others.pop()  # type: ignore[attr-defined]
        movable.record["sentence"] = movable.record["sentence"].removesuffix(last).rstrip()
        movable.record["more"].insert(0, last)
        movable.told = movable.told.model_copy(update={"sentence": movable.record["sentence"]})
    return lines


def not_known(what: str, why: str, file: str, page: Page) -> str:
    """ "What the pilot changed is not known, because …": with the file that would tell, and who in a council holds it."""
    if file == "spend" and (unsplit := successions.why_unknown(page.study.area)):
        why = f"{why}, and {unsplit}"
    names, who = FILES[file]
    wanted = names.format(outcomes=outcomes_wanted(page))
    return f"{what} is not known, because {why}: {who} holds {wanted}."


def outcomes_wanted(page: Page) -> str:
    """What the pilot's main outcome would be read from, in words."""
    tables = {
        "reviews": "people's reviews, with the goal each set",
        "supported": "organisations' returns of whom they helped",
    }
    first = next((one for one in page.outcome_measures.values() if one.primary), None)
    return tables.get(first.table if first else "", "the records of the people supported")


def plain_reason(text: str) -> str:
    """The first sentence of why an effect may not be told, without its statistics, as what follows a statement: "because …"."""
    first = re.split(r"(?<=\.)\s", re.sub(r"\s*\((?:p |regression)[^)]*\)", "", text).strip())[0].rstrip(".")
    first = first[:1].lower() + first[1:]
    return f"because, {first}" if first.startswith(("before", "had ")) else f"because {first}"


def small(number: int) -> str:
    """A number up to ten as a word."""
    return SMALL[number] if number < len(SMALL) else str(number)


def of_people(page: Page, measure: Measure) -> str:
    """What completes "… in every 100 people": the pilot's own plain words for an outcome; "" where there are none."""
    own = page.pilot.easy_words.get(measure.id, "")
    return own if measure.per == 100 and measure.unit.startswith("%") else ""


def year_before(year: str) -> str:
    first = int(year[:4]) - 1
    return f"{first:04d}-{(first + 1) % 100:02d}"


def compared_year(page: Page, period: str) -> str:
    """With what year a level or a sum of a period is set: the year before the start; where none had started, the year before."""
    begun = charting.start_of(page) if not page.group else ""
    if begun and begun[:7] <= period[:7]:
        return year_before(begun[:7])
    return year_before(period[:7]) + period[7:]


def listed(names: list[str]) -> str:
    """ "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
