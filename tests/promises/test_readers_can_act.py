"""Readers can act: what they take away is what the page shows, what they ask names the figure, what they reply is printed."""

from __future__ import annotations

import io
import re
import sys
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "presentation"))

import demo_notebook as demo  # noqa: E402

from commissioning import pilot as pilots  # noqa: E402
from commissioning import toml  # noqa: E402
from commissioning.errors import DataRefused, UsageError  # noqa: E402
from commissioning.pilot.agreed import Dates  # noqa: E402
from commissioning.presentation import checks, exporter, provider, replies  # noqa: E402
from commissioning.runs import replying  # noqa: E402

REPORT = "learning_disability-review"


@pytest.fixture(scope="module")
def made():
    page = demo.page_info(file=REPORT, contact="Evaluation team, ask@example.gov.uk", run="0123456789ab")
    text, files = exporter.made(demo.notebook(*demo.cells(tuple(demo.all_charts()))), page=page)
    return page, text, files


def test_each_figure_has_a_link_to_itself_its_drawing_and_a_question_that_names_it_and_the_run(made):
    _, text, files = made
    figures = re.findall(r'<figure class="chart" id="([^"]+)".*?</figure>', text, re.DOTALL)
    assert len(figures) == 8
    for box, anchor in zip(re.findall(r'<figure class="chart".*?</figure>', text, re.DOTALL), figures, strict=True):
        assert f'href="#{anchor}"' in box and "text/csv" in box
        if "theory" not in box:
            assert f'href="{REPORT}.{anchor}.svg"' in box and f'href="{REPORT}.{anchor}.png"' in box
            assert files[f"{REPORT}.{anchor}.svg"].startswith(b"<svg")
            assert files[f"{REPORT}.{anchor}.png"].startswith(b"\x89PNG")
        asked = unquote(re.search(r'href="(mailto:[^"]+)"', box)[1])
        assert asked.startswith("mailto:ask@example.gov.uk") and "Figure " in asked and "run 0123456789ab" in asked


def test_every_file_that_a_page_offers_is_made_beside_it_and_bears_the_reports_name(made):
    _, text, files = made
    offered = set(re.findall(r'<a download href="([^":]+)"', text))
    assert offered == set(files) | {f"zip/{REPORT}.zip"} and all(one.startswith(f"{REPORT}.") for one in files)


def test_the_workbook_says_what_it_is_and_holds_each_table_as_the_page_shows_it(made):
    page, text, files = made
    book = openpyxl.load_workbook(io.BytesIO(files[f"{REPORT}.xlsx"]))
    about = [[cell.value for cell in row] for row in book["About"].iter_rows()]
    assert about[0][:2] == ["Report", page.title] and page.run in str(about)
    shown = len(re.findall(r'data-kind="(?:chart|picture|table)"', text))
    assert len(book.sheetnames) == shown + 1
    cells = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
    ]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_the_same_page_gives_the_same_bytes_to_take_away(made):
    page, text, files = made
    again = exporter.made(demo.notebook(*demo.cells(tuple(demo.all_charts()))), page=page)
    assert again == (text, files)


def filled(page, *, said="The day centre closed.", who="A provider", may="yes"):
    lines = replies.form(page).splitlines()
    for number, answer in (("1.", said), ("3.", who), ("4.", may)):
        place = next(i for i, line in enumerate(lines) if line.startswith(number))
        lines.insert(place + 1, answer)
    return "\n".join(lines)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "notebooks").mkdir()
    folder = tmp_path / "pilots" / "learning_disability"
    folder.mkdir(parents=True)
    (folder / "pilot.toml").write_text('name = "learning_disability"\n', encoding="utf-8")
    return tmp_path


def kept(root):
    path = pilots.agreed_for("learning_disability", root, sample=False)
    return toml.loads(path.read_text(encoding="utf-8"))["replies"] if path.is_file() else []


def test_a_reply_comes_back_as_a_file_or_a_letter_and_is_kept_once(made, root, tmp_path):
    text = filled(made[0])
    form = tmp_path / "reply.txt"
    form.write_text(text, encoding="utf-8")
    letter = EmailMessage()
    letter["Subject"] = "Reply"
    letter.set_content(filled(made[0], said='It is "right".', who="A carer"))
    (tmp_path / "reply.eml").write_bytes(bytes(letter))
    replying.import_files([form, tmp_path / "reply.eml", form], root)
    assert [(one["who"], one["said"], one["answered"]) for one in kept(root)] == [
        ("A provider", "The day centre closed.", ""),
        ("A carer", 'It is "right".', ""),
    ]


def test_words_that_may_not_be_printed_are_not(made, root, tmp_path):
    form = tmp_path / "reply.txt"
    form.write_text(filled(made[0], may="no"), encoding="utf-8")
    replying.import_files([form], root)
    assert [one["said"] for one in kept(root)] == [replying.NOT_PRINTED]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace(f"Report: {REPORT}", "Report: another-review"), "no pilot here"),
        (lambda text: text.replace("Run:", "Ran:"), "no line"),
        (lambda text: text.replace("A provider\n", "\n"), "does not say who"),
        (lambda text: text.replace("\nyes", "\nperhaps"), "yes or no"),
        (lambda text: text.replace("The day centre", "485 777 3456 at the day centre"), "NHS number"),
    ],
)
def test_a_reply_that_cannot_be_used_is_refused_with_its_file_and_nothing_is_written(
    made, root, tmp_path, change, says
):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(filled(made[0]), encoding="utf-8")
    bad.write_text(change(filled(made[0])), encoding="utf-8")
    with pytest.raises(DataRefused, match=says) as refused:
        replying.import_files([good, bad], root)
    assert str(refused.value).startswith("bad.txt") and "485" not in str(refused.value) and not kept(root)


def test_a_form_that_is_not_there_is_a_mistake_of_use(root, tmp_path):
    with pytest.raises(UsageError):
        replying.import_files([tmp_path / "gone.txt"], root)


def test_the_dates_that_a_council_entered_stand_in_order_and_must_make_sense():
    dates = Dates(call_in_until="2027-04-01", replies_until="2027-02-01")
    assert dates.in_words == [
        ("Replies are open until", "1 February 2027"),
        ("It may be called in until", "1 April 2027"),
    ]
    with pytest.raises(ValueError, match="replies_until is before replies_from"):
        Dates(replies_from="2027-02-02", replies_until="2027-02-01")


def figure(group, value, *, kind="provider", hidden=False, period="2014-15"):
    return {"measure": "m_work", "group_kind": kind, "group": group, "period": period, "value": value, "lower": value - 5,
            "upper": value + 5, "denominator": 80, "hidden": hidden}  # fmt: skip


def test_each_provider_gets_a_page_with_its_own_figures_and_nobody_elses():
    report = {
        "period": "2014-15",
        "definitions": {"m_work": {"title": "People in paid work", "unit": "% of people"}},
        "figures": [
            figure("all", 40.25, kind="all"),
            figure("Goodstep", 61.5),
            figure("Goodstep", 55.5, period="2013-14"),
            figure("Riverbank", 33.75),
            figure("Fairoak", 77.25, hidden=True),
            figure("smaller providers together", 22.5),
        ],
    }
    made = provider.pages(report, demo.page_info(file=REPORT, period="2014-15"))
    assert [name for _, name in made] == ["Goodstep", "Riverbank"]
    page = made[f"{REPORT}.provider-goodstep.html", "Goodstep"].decode()
    assert all(number in page for number in ("61.5", "55.5", "40.2")) and f'href="{REPORT}.html"' in page
    assert not any(other in page for other in ("Riverbank", "33.8", "Fairoak", "77.2", "22.5", "together"))
    assert checks.page_problems(page, {}) == []
