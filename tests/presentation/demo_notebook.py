"""A realistic executed notebook, made by calling the display objects directly, and the page it stands on.

Longer than other files: it shows every kind of display once, in the order of a page.
"""

from __future__ import annotations

from typing import Any

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from commissioning.presentation.answer import Answer, Part, as_line
from commissioning.presentation.chart import Chart
from commissioning.presentation.definition import Definition
from commissioning.presentation.display import Display
from commissioning.presentation.finding import Finding
from commissioning.presentation.page import PageInfo, SourceFile
from commissioning.presentation.sections import Glossary, Log, Note, Parameters, Reconciliation, SignOff, Steps, Terms
from commissioning.presentation.showable import Computed, PublicFigures, Text
from commissioning.presentation.table import Table

PAID, SETTLED = "learning_disability_paid_work", "learning_disability_settled_home"
ASCOF, SPEND = "ascof/ascof_2014-15.csv", "spend/pss-ex1_2014-15.csv"


def code(shown: Display, source: str = "report.show()") -> Any:
    """A code cell that ran and displayed one object."""
    return new_code_cell(
        source=source,
        execution_count=1,
        outputs=[new_output("display_data", data=shown._repr_mimebundle_(), metadata={})],
    )


def trend() -> PublicFigures:
    """Paid work over four years, in Wirral and in similar councils."""
    rows = [
        ("2011-12", "Wirral", 20, 940, 2.1, 1.4, 3.3),
        ("2012-13", "Wirral", 25, 960, 2.6, 1.8, 3.8),
        ("2013-14", "Wirral", 28, 1000, 2.8, 1.9, 4.0),
        ("2014-15", "Wirral", 31, 1015, 3.1, 2.2, 4.3),
        ("2011-12", "Similar councils", 610, 9400, 6.5, 6.0, 7.0),
        ("2012-13", "Similar councils", 590, 9500, 6.2, 5.7, 6.7),
        ("2013-14", "Similar councils", 600, 9550, 6.3, 5.8, 6.8),
        ("2014-15", "Similar councils", 602, 9600, 6.3, 5.8, 6.8),
    ]
    names = ["period", "group", "numerator", "denominator", "value", "lower", "upper"]
    return PublicFigures(frame=pd.DataFrame(rows, columns=names), source="ASCOF, NHS Digital", extract=ASCOF)


def wards() -> PublicFigures:
    """Twenty-two wards against the limits of chance."""
    rows = []
    for i in range(22):
        size = 15 + 4 * i
        value = 62 + (i * 37 % 19) - 9 + (24 if i == 18 else 0) - (30 if i == 12 else 0)
        half95, half998 = 196 * (0.62 * 0.38 / size) ** 0.5, 309 * (0.62 * 0.38 / size) ** 0.5
        rows.append(
            (
                f"Ward {chr(65 + i)}",
                size,
                value,
                max(0, 62 - half95),
                min(100, 62 + half95),
                max(0, 62 - half998),
                min(100, 62 + half998),
                "yes" if i in (12, 18) else "no",
            )
        )
    names = ["group", "denominator", "value", "lower_95", "upper_95", "lower_998", "upper_998", "flag"]
    return PublicFigures(frame=pd.DataFrame(rows, columns=names), source="Council extract", extract=ASCOF)


def quarters() -> Computed:
    """A control chart's frame over twenty quarters."""
    values = [61, 63, 60, 62, 64, 61, 59, 63, 62, 61, 66, 68, 69, 67, 70, 71, 69, 72, 70, 73]
    rows = [
        (
            f"20{10 + i // 4}-{11 + i // 4} Q{i % 4 + 1}",
            value,
            61.6 if i < 10 else 69.5,
            55.1 if i < 10 else 63.0,
            68.1 if i < 10 else 76.0,
            "yes" if i in (11, 12) else "no",
            "yes" if i >= 10 else "no",
        )
        for i, value in enumerate(values)
    ]
    frame = pd.DataFrame(rows, columns=["period", "value", "centre", "lower", "upper", "outside", "shift"])
    return Computed(frame=frame, of=(trend(),), how="XmR limits from the released values")


def all_charts() -> dict[str, Chart]:
    """One chart of each kind."""
    words: dict[str, Any] = {"source": "ASCOF, NHS Digital, 2014-15", "measures": (PAID,)}
    spend = pd.DataFrame(
        {
            "option": [
                "Keep the service as it is",
                "Job coaches in every locality",
                "Supported internships with the college",
            ],
            "spend_pence": [3_412_074_00, 4_168_000_00, 3_790_550_00],
            "spend_low_pence": [3_300_000_00, 3_900_000_00, 3_500_000_00],
            "spend_high_pence": [3_500_000_00, 4_400_000_00, 4_000_000_00],
            "value": [31, 52, 44],
            "lower": [24, 38, 29],
            "upper": [39, 66, 58],
        }
    )
    theory = pd.DataFrame(
        {
            "stage": [
                "What we put in",
                "What we put in",
                "What we do",
                "What we do",
                "What people get",
                "What changes for people",
            ],
            "says": [
                "Money from the council and the NHS",
                "Staff time",
                "Job coaches meet people where they live",
                "Employers are asked to offer trials",
                "Paid trials of 12 weeks",
                "People have paid work that they chose",
            ],
        }
    )
    places = pd.DataFrame(
        {
            "option": ["Paid work", "A home of one's own", "Advocacy", "Day support in ordinary places"],
            "rank": [1, 2, 3, 4],
            "best": [1, 1, 2, 3],
            "worst": [2, 3, 4, 4],
        }
    )
    latest = PublicFigures(
        frame=pd.DataFrame(
            {
                "group": ["Wirral", "Sefton", "St Helens", "North East Lincolnshire", "Redcar and Cleveland"],
                "numerator": [31, 40, 22, 35, pd.NA],
                "denominator": [1015, 900, 610, 480, pd.NA],
                "value": [3.1, 4.4, 3.6, 7.3, pd.NA],
                "lower": [2.2, 3.3, 2.4, 5.3, pd.NA],
                "upper": [4.3, 6.0, 5.4, 10.0, pd.NA],
                "status": ["known", "known", "known", "known", "suppressed"],
            }
        ),
        source="ASCOF",
        extract=ASCOF,
    )
    return {
        "line": Chart.line(
            trend(),
            series="group",
            lower="lower",
            upper="upper",
            mark="2013-14",
            mark_label="Pilot starts",
            title="Paid work in Wirral is lower than in similar councils",
            unit="% of people with a learning disability",
            alt="In Wirral 3.1% of people had paid work in 2014-15, against 6.3% in similar councils; both lines are nearly level.",
            caption="Share of adults with a learning disability in paid work. Lines up and down show the 95% interval.",
            declared=(95,),
            id="figure-line",
            **words,
        ),
        "bars": Chart.bars(
            latest,
            lower="lower",
            upper="upper",
            title="Paid work in similar councils",
            unit="% of people",
            alt="Wirral stands at 3.1% and North East Lincolnshire highest at 7.3%; one council's figure is suppressed.",
            caption="Each bar starts at zero.",
            id="figure-bars",
            **words,
        ),
        "dots": Chart.dots(
            trend(),
            x="period",
            series="group",
            lower="lower",
            upper="upper",
            title="Two councils' years compared",
            alt="In each year the point for Wirral lies well below the point for similar councils.",
            caption="Points with their intervals.",
            unit="% of people",
            id="figure-dots",
            **words,
        ),
        "control": Chart.control(
            quarters(),
            title="Goals met each quarter",
            unit="% of reviews",
            improvement="increase",
            alt="The share of goals met moved up from an average of 61.6% to an average of 69.5% in the third year.",
            caption="Two points lie outside the limits of usual variation.",
            id="figure-control",
            **words,
        ),
        "funnel": Chart.funnel(
            wards(),
            lower_95="lower_95",
            upper_95="upper_95",
            lower_998="lower_998",
            upper_998="upper_998",
            flag="flag",
            centre=62,
            x_label="People asked",
            title="Wards against chance",
            unit="% who chose their home",
            alt="Twenty of 22 wards lie within the limits; Ward M is below them and Ward S above.",
            declared=(20, 22),
            caption="Limits are those of chance alone.",
            id="figure-funnel",
            **words,
        ),
        "plane": Chart.plane(
            Computed(frame=spend, of=(trend(),), how="three options costed"),
            x="spend_pence",
            y="value",
            name="option",
            x_lower="spend_low_pence",
            x_upper="spend_high_pence",
            lower="lower",
            upper="upper",
            x_label="Spend in the year (£)",
            unit="People in paid work",
            title="What was achieved for the money",
            alt="Job coaches reach 52 people for £4.17m, the most people and the most money of three options.",
            caption="Lines show the range of each.",
            id="figure-plane",
            **words,
        ),
        "theory": Chart.theory(
            Text(frame=theory, source="pilot.toml"),
            title="How the pilot is meant to work",
            alt="Money and staff time pay for job coaches and trials, which lead people to paid work that they chose.",
            caption="The pilot's own theory of change.",
            source="pilot.toml",
            id="figure-theory",
        ),
        "stability": Chart.stability(
            Computed(frame=places, of=(trend(),), how="ranks under other weights"),
            title="How firm the priorities are",
            alt="Paid work is first or second under every set of weights; day support is third or fourth.",
            caption="Place 1 comes first.",
            unit="Place among four priorities",
            id="figure-stability",
            **words,
        ),
    }


def card(measure: str, title: str) -> dict[str, Any]:
    """A measure's card, as `commissioning measures ID --json` gives it."""
    return {
        "id": measure,
        "title": title,
        "kind": "outcome",
        "level": "individual",
        "domain": "economic",
        "numerator": "paid, for any hours",
        "denominator": "aged 18 to 64, supported mainly for a learning disability",
        "population": ["aged 18 to 64 at year end", "supported mainly for a learning disability"],
        "unit": "% of people",
        "why": "People ask for paid work.",
        "answers": ["4.14b"],
        "source": {"title": "ASCOF handbook", "reference": "1E", "read_on": "2026-11-21"},
    }


def cells(charts: tuple[str, ...] = ("line", "bars", "plane", "control")) -> list[Any]:
    """The cells of a whole report."""
    drawn = all_charts()
    source = trend()
    left_out = Text(
        frame=pd.DataFrame({"why": ["under 18 or over 64", "other reason for support"], "rows": ["45", "120"]}),
        source="intake",
    )
    said = (
        Finding("31 of 1,015 people had paid work in 2014-15.", "described", "high", source, "figure-line"),
        Finding(
            "Paid work is lower in Wirral, at 3.1%, than the 6.3% of similar councils.",
            "compared",
            "medium",
            source,
            "figure-line",
            why_confidence="One council's figure is suppressed.",
        ),
        Finding("What people think of their work is not yet known.", "described", "low", source, "table-years"),
    )
    findings = Answer(
        [Part(lines=tuple(as_line(one, f"Question {n}").record for n, one in zip("abc", said, strict=True)))]
    )
    middle = [code(drawn[name]) for name in charts]
    return [
        new_markdown_cell("# Review\n\nThis report looks at **paid work** and what was spent on it."),
        new_code_cell("period = '2014-15'", execution_count=1),
        new_markdown_cell("## The answer"),
        code(findings),
        new_markdown_cell("## Outcomes beside spend\n\nOutcomes and spend stand side by side."),
        *middle,
        code(
            Table(
                source,
                title="Paid work by year",
                caption="People in paid work, and out of how many.",
                source="ASCOF, NHS Digital",
                measures=(PAID, SETTLED),
                keys=2,
                id="table-years",
            )
        ),
        new_markdown_cell("## Data quality"),
        code(
            Reconciliation(
                [
                    {
                        "file": ASCOF,
                        "table": "indicators",
                        "unit": "cell",
                        "rows": 1200,
                        "used": "nearly all",
                    },
                    {
                        "file": SPEND,
                        "table": "area_spend",
                        "unit": "cell",
                        "rows": 300,
                        "used": "nearly all",
                        "money": "spend: pounds a year",
                        "pounds": 1200000,
                    },
                ]
            )
        ),
        new_markdown_cell("## What this cannot tell you"),
        code(
            Note(
                "It does not say why people have or do not have paid work.",
                title="No cause can be named",
                weight="important",
            )
        ),
        new_markdown_cell("## Methods\n\n### How figures were reached"),
        code(
            Steps(
                ["Extracts were checked.", "Counts were released.", "Shares were worked out from released counts."],
                title="Steps",
            )
        ),
        code(Terms({"Coverage": "not needed: no effect is claimed"}, title="Calibration card")),
        code(
            Log(
                [
                    {
                        "assumption": "Employment is recorded alike in every council",
                        "rating": "amber",
                        "owner": "Performance team",
                    }
                ],
                title="Assumptions log",
            )
        ),
        code(Note("Decisions: none is recorded yet.")),
        new_markdown_cell("## Quality assurance and sign-off"),
        code(SignOff()),
        code(
            Log([{"check": "Counts agree with the published table", "result": "agrees"}], title="Quality assurance log")
        ),
        new_markdown_cell("## Definitions"),
        code(Definition(card(PAID, "Adults in paid work"), extracts=(ASCOF,), left_out=left_out)),
        code(Definition(card(SETTLED, "Adults in a settled home"), extracts=(ASCOF, SPEND))),
        new_markdown_cell("## Glossary"),
        code(
            Glossary(
                {"Outcome": "What changes for people.", "Interval": "The range that the true figure probably lies in."}
            )
        ),
        new_markdown_cell("## About this report"),
        code(Parameters({"period": "2014-15", "area": None})),
    ]


def notebook(*made: Any) -> nbformat.NotebookNode:
    """An executed notebook of the cells given, else the whole demonstration."""
    found = new_notebook(cells=list(made) or cells())
    found.metadata["papermill"] = {
        "parameters": {"secret_token": "hunter2"},
        "input_path": "/home/somebody/secret.ipynb",
    }
    return found


def page_info(**changes: Any) -> PageInfo:
    """The page around the demonstration."""
    return PageInfo(
        **{
            "title": "Learning disability: review",
            "pilot": "Learning disability",
            "stage": "Review",
            "period": "2014-15",
            "level": "Whole council",
            "area": "Wirral (E08000015)",
            "run": "Run 7",
            "illustrative": True,
            "organisation": "Example Council",
            "contact": "evaluation@council.example",
            "code_version": "0.1.0",
            "data_fingerprint": "ab12" * 16,
            "easy_read_href": "easy-read.html",
            "site_href": "../index.html",
            "sources": (
                SourceFile(name=ASCOF, fingerprint="0f" * 32, holds="indicators"),
                SourceFile(name=SPEND, fingerprint="1e" * 32),
            ),
            "parameters": {"period": "2014-15", "level": None},
        }
        | changes
    )


def small_page(**changes: Any) -> PageInfo:
    """The page around a notebook of a few cells, of which nothing is asked that a whole report must hold."""
    return page_info(required=(), **changes)


def easy_read() -> Any:
    """The Easy Read page of the demonstration."""
    from commissioning.presentation.easy_read import EasyRead, Idea, Part, Reply, people, we_do_not_know_yet

    one = PublicFigures(frame=trend().frame.iloc[[3]], source="ASCOF")
    home = PublicFigures(frame=pd.DataFrame({"numerator": [781], "denominator": [1015]}), source="ASCOF")
    found = (
        Idea(picture=people(one), sentences=("3 out of 100 people have a paid job.",)),
        Idea(picture=people(home), sentences=("8 out of 10 people have a **settled home**.",)),
        Idea(picture="fewer", sentences=("Fewer people have jobs here than in places like ours.",), claim="compared"),
        we_do_not_know_yet("We do not know why."),
    )
    return EasyRead(
        title="How is our help going?",
        parts=(Part(heading="What we found", ideas=found),),
        reply=Reply(post="Freepost Example Council", phone="01632 960 001", by="3 March"),
        words={"settled home": "a home you can stay in."},
    )
