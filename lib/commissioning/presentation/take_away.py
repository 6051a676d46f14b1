"""What a reader takes away of a page: a link to each figure, its drawing and its data, one workbook, and a question about it."""

from __future__ import annotations

import base64
import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from commissioning.presentation import columns
from commissioning.spreadsheet import inert

if TYPE_CHECKING:
    from commissioning.presentation.display import Context
    from commissioning.presentation.page import PageInfo

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NUMBERED = ("chart", "picture", "table")
DRAWN = ("chart", "picture")
ALWAYS = datetime(2000, 1, 1)  # of every workbook: the same report has the same bytes


def line(record: Mapping[str, Any], context: Context, what: str) -> str:
    """The line under a figure or table: a link to itself, its files, its CSV, and a question about it.

    A notebook has the CSV alone: the files are written beside a page.
    """
    esc, anchor = html.escape, record["id"]
    name = esc(what[:1].upper() + what[1:])
    found = [f"<strong>{name}</strong>"] if context.in_page else []
    if context.in_page:
        found.append(f'<a href="#{anchor}" aria-label="Link to {esc(what)}">Link</a>')
    if context.in_page and context.file and is_drawn(record):
        found += [
            f'<a download href="{context.file}.{anchor}.{kind.lower()}" aria-label="{name} as {kind}">{kind}</a>'
            for kind in ("SVG", "PNG")
        ]
    found.append(_csv(record["data"], anchor, name))
    if context.in_page and context.ask:
        subject = f"{what[:1].upper() + what[1:]} of {context.about}"
        found.append(
            f'<a href="{mail(context.ask, subject, f"About #{anchor}: ")}" aria-label="Ask about {esc(what)}">Ask</a>'
        )
    return f'<p class="take">{" ".join(found)}</p>'


def is_drawn(record: Mapping[str, Any]) -> bool:
    """True of a record with a drawing; a theory of change is words."""
    return record["kind"] in DRAWN and record.get("chart") != "theory"


def mail(address: str, subject: str, body: str) -> str:
    """A link that opens a letter to an address, ready to be written in."""
    return html.escape(f"mailto:{address}?subject={quote(subject)}&body={quote(body)}")


def address(contact: str) -> str:
    """The mail address in the words of whom to ask; "" where there is none."""
    found = ADDRESS.search(contact)
    return found[0] if found else ""


def _csv(data: Mapping[str, Any], anchor: str, name: str) -> str:
    # The mark at the front makes Excel read UTF-8, pound signs and names included.
    raw = ("\ufeff" + columns.to_csv(data)).encode("utf-8")
    return (
        f'<a class="download" download="{html.escape(anchor)}.csv" aria-label="Data of {name[:1].lower() + name[1:]} as CSV" '
        f'href="data:text/csv;charset=utf-8;base64,{base64.b64encode(raw).decode()}">CSV</a>'
    )


def files(records: Iterable[Mapping[str, Any]], labels: Mapping[str, str], page: PageInfo) -> dict[str, bytes]:
    """The files beside a page, by name: SVG and PNG of each figure, and the workbook. Nothing that the page does not show."""
    held = [one for one in records if one["kind"] in NUMBERED]
    found: dict[str, bytes] = {}
    for record in filter(is_drawn, held):
        svg, png = _drawings(record)
        found[f"{page.file}.{record['id']}.svg"] = svg
        found[f"{page.file}.{record['id']}.png"] = png
    if held:
        found[f"{page.file}.xlsx"] = workbook(held, labels, page)
    return found


def _drawings(record: Mapping[str, Any]) -> tuple[bytes, bytes]:
    if record["kind"] == "picture":
        return record["svg"].encode("utf-8"), base64.b64decode(record["png"])
    from commissioning import charts
    from commissioning.presentation import drawing

    return drawing.drawing(record, False).encode("utf-8"), charts.png_of(drawing.figure_of(record))


def workbook(records: list[Mapping[str, Any]], labels: Mapping[str, str], page: PageInfo) -> bytes:
    """Each table on a sheet, and a first sheet that says what they are. Numbers are numbers, in pounds; text is inert."""
    import openpyxl

    book = openpyxl.Workbook()
    first = book.active
    first.title = "About"
    about = [
        ("Report", page.title),
        ("Council", page.organisation),
        ("Period", page.period),
        ("Area", page.area),
        ("Data to", page.data_to),
        ("Run", page.run),
        ("Questions", page.contact),
        ("Status", "Illustrative: made-up data" if page.illustrative else "Released figures, as the page shows them"),
        ("Money", "Pounds. A word in place of a number says why there is none."),
    ]
    for row in about:
        first.append([inert(str(cell)) for cell in row])
    first.append([])
    first.append(["Sheet", "What it holds", "Source"])
    for record in records:
        sheet = book.create_sheet(labels[record["id"]])
        first.append([sheet.title, inert(record["title"]), inert(record.get("source", ""))])
        data = record["data"]
        sheet.append([inert(column["label"]) for column in data["columns"]])
        for row in data["rows"]:
            sheet.append([_cell(cell, column) for cell, column in zip(row, data["columns"], strict=True)])
        sheet.freeze_panes = "A2"
    for sheet in book.worksheets:
        for place in sheet.columns:
            longest = max(len(str(cell.value or "")) for cell in place)
            sheet.column_dimensions[place[0].column_letter].width = min(60, longest + 2)
    return _undated(book)


def _cell(cell: Any, column: Mapping[str, Any]) -> Any:
    if isinstance(cell, str) or column["kind"] == "text":
        return inert(str(cell))
    return cell / 100 if column["kind"] == "pence" else cell


def _undated(book: Any) -> bytes:
    """A workbook without the time at which it was written, which would make other bytes of the same report."""
    out, again = io.BytesIO(), io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as made, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            data = made.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb">\d{4}-\d\d-\d\dT[^<]*<", f">{ALWAYS:%Y-%m-%dT%H:%M:%SZ}<".encode(), data)
            kept.writestr(zipfile.ZipInfo(name, ALWAYS.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return again.getvalue()
