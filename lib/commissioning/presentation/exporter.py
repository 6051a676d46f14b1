"""The exporter: an executed notebook in, one page out, or a refusal that names the cell.

It reads the records of display objects and nothing else from the outputs: no HTML is copied out of a
notebook, so nothing in the data can run, and nothing that skipped disclosure control can slip in. Each
record is checked again, drawn again, and must match what the notebook shows. Notebook metadata (parameters,
paths, tracebacks) never reach the page.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from commissioning.errors import ReportFailed
from commissioning.presentation import (
    behind,
    checks,
    display,
    first_screen,
    folding,
    page,
    prose,
    replies,
    signoff,
    take_away,
    typed,
    words,
)
from commissioning.presentation.display import KINDS, MIME, Context
from commissioning.presentation.page import PageInfo

# Imported for what they register: each kind of record must be known before a notebook is read.
from commissioning.presentation import answer, changes, chart, definition, finding, picture, sections, table  # noqa: F401  isort: skip

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN = (MIME, "text/html", "text/plain")
_LED_TO = ("chart", "picture", "table", "definition", "reconciliation")
_COUNTED = ("chart", "picture", "table", "finding", "definition")


class _Cell:
    """One cell as the page will hold it: its place, its label, and its pieces in order."""

    def __init__(self, place: int, source: str):
        self.label = typed.label(place, source)
        self.pieces: list[Any] = []


def render(notebook: Any, *, page: PageInfo) -> str:
    """The page of an executed notebook, as HTML text: see `made`."""
    return made(notebook, page=page)[0]


def made(notebook: Any, *, page: PageInfo) -> tuple[str, dict[str, bytes]]:
    """The page of an executed notebook, as HTML text, and the files to take away that stand beside it.

    `notebook` is an nbformat node (version 4) or the same as plain dictionaries. Raises ReportFailed, naming
    the cell and every reason, where the page would mislead, exclude or reveal: see the module `checks` and
    the `problems` of each kind of record.
    """
    problems: list[str] = []
    cells = [_read(place, cell, problems) for place, cell in enumerate(notebook["cells"], start=1)]
    # A broken record cannot be drawn, so the cells are judged before the page is.
    _raise(problems)
    _name_apart(cells)
    records = [(cell, piece) for cell in cells for piece in cell.pieces if isinstance(piece, Mapping)]
    context = _contexts(records, page, problems)
    built = _sections(cells, context, page, problems)
    problems += typed.number_problems(
        notebook, (page.title, page.pilot, page.stage, page.period, page.level, page.area)
    )
    _raise(problems)
    text = _fill(built, page, records, context)
    expected = Counter(record["kind"] for _, record in records if record["kind"] in _COUNTED)
    for _, record in records:
        expected["finding"] += len(record.get("findings", ()))
    _raise(checks.page_problems(text, dict(expected)))
    labels = {name: one.label for name, one in context.items()}
    return text, take_away.files([one for _, one in records], labels, page) if page.file else {}


def _name_apart(cells: list[_Cell]) -> None:
    """Notes and lists that nobody links to may say the same twice: the second gets an anchor of its own."""
    taken = {
        str(piece.get("id"))
        for cell in cells
        for piece in cell.pieces
        if isinstance(piece, Mapping) and piece["kind"] in _LED_TO
    }
    for cell in cells:
        for place, piece in enumerate(cell.pieces):
            if isinstance(piece, Mapping) and piece["kind"] not in _LED_TO:
                renamed = {**piece, "id": unique(str(piece["id"]), taken)}
                if "findings" in piece:
                    renamed["findings"] = [{**one, "id": unique(str(one["id"]), taken)} for one in piece["findings"]]
                cell.pieces[place] = renamed


def _raise(problems: list[str]) -> None:
    if problems:
        shown = list(dict.fromkeys(problems))
        raise ReportFailed("the page was refused: " + " | ".join(shown))


def _read(place: int, cell: Mapping[str, Any], problems: list[str]) -> _Cell:
    source = cell.get("source", "")
    source = "".join(source) if isinstance(source, list) else source
    found = _Cell(place, source)
    if cell["cell_type"] == "markdown":
        maths = "maths" in cell.get("metadata", {}).get("tags", ())
        problems += [f"{found.label}: its text {one.removeprefix('it ')}" for one in typed.markdown_problems(source)]
        found.pieces += prose.pieces(source, maths, found.label, problems)
    elif cell["cell_type"] == "code":
        if source.strip() and cell.get("execution_count") is None:
            problems.append(f"{found.label}: never ran")
        for output in cell.get("outputs", ()):
            _output(output, found, problems)
    return found


def _output(output: Mapping[str, Any], cell: _Cell, problems: list[str]) -> None:
    kind = output["output_type"]
    if kind == "error":
        problems.append(f"{cell.label}: stopped with {output.get('ename', 'an error')}")
        return
    if kind == "stream":
        text = "".join(output.get("text", ""))
        if output.get("name") == "stdout" and text.strip():
            problems.append(f"{cell.label}: printed plain text; write cm.show(…, title=…, alt=…) instead")
        elif "Traceback (most recent call last)" in text:
            problems.append(f"{cell.label}: wrote a traceback")
        return
    data = output.get("data", {})
    if MIME in data:
        record = data[MIME]
        problems += [f"{cell.label}: {one}" for one in _record_problems(record, data)]
        if more := sorted(set(data) - set(_SHOWN)):
            problems.append(
                f"{cell.label}: shows more than its record ({', '.join(more)}); show a display object alone"
            )
        if isinstance(record, Mapping) and record.get("kind") in KINDS:
            cell.pieces += sections.pieces(record)
    elif any(name.startswith("image/") for name in data):
        problems.append(
            f"{cell.label}: a picture without alternative text, caption, source or data table, which came through no "
            "disclosure control; write cm.show(figure, title=…, alt=…)"
        )
    elif "text/html" in data:
        text = "".join(data["text/html"])
        what = "a table without caption or scoped headers" if "<table" in text.lower() else "HTML"
        problems.append(f"{cell.label}: {what}, which came through no disclosure control; write cm.show(…)")
    elif data:
        problems.append(f"{cell.label}: a plain-text fallback ({', '.join(sorted(data))}); write cm.show(…)")


def _record_problems(record: Any, data: Mapping[str, Any]) -> list[str]:
    """What is wrong with one record; a record that cannot be read at all is one problem."""
    if not isinstance(record, Mapping) or record.get("kind") not in KINDS:
        return ["a display of an unknown kind: run the notebook again with this version"]
    if record.get("schema") != display.SCHEMA:
        return ["a display made by another version: run the notebook again"]
    kind = KINDS[record["kind"]]
    name = f"{record['kind']} {str(record.get('title', ''))[:60]!r}"
    try:
        if found := kind.problems(record):
            return [f"{name}: {one}" for one in found]
        drawn = display.in_notebook(kind.html(record, Context()))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return [f"{name}: its record is damaged ({type(error).__name__}); run the notebook again"]
    if "".join(data.get("text/html", "")) != drawn:
        return [f"{name}: what the notebook shows is not what its record draws; run the notebook again"]
    return []


def _contexts(
    records: list[tuple[_Cell, Mapping[str, Any]]], page: PageInfo, problems: list[str]
) -> dict[str, Context]:
    """The context of each record by id: its number, the definitions and hashes it leads to."""
    titles = {r["measure"]: r["title"] for _, r in records if r["kind"] == "definition"}
    defined = dict.fromkeys(titles, "")
    annex_of = {pilot: href for pilot, _, href in page.annexes}
    for card in behind.cards([record for _, record in records]):
        titles.setdefault(card["measure"], card["title"])
        if card["pilot"] in annex_of:
            defined.setdefault(card["measure"], annex_of[card["pilot"]])
    annexes = tuple((title, href) for _, title, href in page.annexes)
    hashes = {source.name: source.fingerprint for source in page.sources}
    labels: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cell, record in records:
        word = {"chart": "Figure", "picture": "Figure", "table": "Table"}.get(record["kind"])
        if word:
            counts[word] += 1
            labels[record["id"]] = f"{word} {counts[word]}"
        for measure in record.get("measures", ()):
            if measure not in titles:
                problems.append(
                    f"{cell.label}: leads to the measure {measure!r}, which has no definition card on the page, and no annex holds one"
                )
        for source in [*record.get("sources", ()), *record.get("extracts", ())]:
            if source not in hashes:
                problems.append(f"{cell.label}: leads to the extract {source!r}, which is not among the page's sources")
    ids = Counter(record["id"] for _, record in records)
    elsewhere: dict[str, str] = {}
    for cell, record in records:
        if ids[record["id"]] > 1:
            problems.append(f"{cell.label}: two displays have the id {record['id']!r}; give one of them another `id`")
        for one in record.get("findings", [record] if record["kind"] == "finding" else []):
            if {one["evidence"], *one.get("also", ())} & set(ids):
                continue
            if annexes:
                elsewhere[one["evidence"]] = behind.place((one["evidence"], *one.get("also", ())), annexes[0][1])
            else:
                problems.append(
                    f"{cell.label}: the finding {one['sentence'][:60]!r} leads to {one['evidence']!r}, which is not on the page"
                )
    unnumbered = {r["id"]: r["title"] for _, r in records if r.get("title")}  # led to by their titles
    return {
        r["id"]: Context(
            label=labels.get(r["id"], ""),
            labels=unnumbered | labels,
            titles=titles,
            hashes=hashes,
            in_page=True,
            defined=defined,
            annexes=annexes,
            elsewhere=elsewhere,
            file=page.file,
            ask=take_away.address(page.contact),
            about=f"{page.title}, {page.period}, run {page.run}",
        )
        for _, r in records
    }


def _sections(
    cells: list[_Cell], context: dict[str, Context], info: PageInfo, problems: list[str]
) -> list[dict[str, Any]]:
    """The page's sections: `{"title", "id", "parts"}`, the first without a title for what stands above."""
    built: list[dict[str, Any]] = [{"title": "", "id": "", "parts": []}]
    held: dict[str, list[Mapping[str, Any]]] = {"": []}
    taken = set(context) | {"main", "contents", "sign-off", "sources", "revisions", "correction-due"}
    tops, level = 0, 1
    lacking: dict[str, list[Mapping[str, Any]]] = {}
    for cell in cells:
        for piece in cell.pieces:
            if isinstance(piece, str):
                built[-1]["parts"].append(piece)
            elif isinstance(piece, Mapping) and _is_lacking(piece, built[-1], info):
                lacking.setdefault(built[-1]["title"], []).append(piece)
            elif isinstance(piece, Mapping):
                folding.add(built[-1]["parts"], piece, context[piece["id"]])
                held[built[-1]["title"]].append(piece)
                level = 3 if piece["kind"] == "definition" else level
            else:
                _, depth, text, *folded = piece
                if depth == 1:
                    tops += 1
                    if tops > 1:
                        problems.append(f"{cell.label}: a second heading of the first level; a page has one")
                    continue
                if depth > level + 1:
                    problems.append(f"{cell.label}: a heading jumps from level {level} to level {depth}")
                level = depth
                anchor = unique(words.slug(text), taken)
                if depth == 2:
                    built.append({"title": text, "id": anchor, "parts": [], "folded": folded == [True]})
                    held.setdefault(text, [])
                else:
                    built[-1]["parts"].append(f'<h{depth} id="{anchor}">{html.escape(text)}</h{depth}>')
    if not tops:
        problems.append("the notebook has no heading of the first level; begin its first cell with '# ' and a title")
    headings = [section["title"] for section in built[1:]]
    folding.not_here(built, held, lacking)
    problems += page.order_problems(headings, info.sections) + page.missing_parts(info.required, held)
    return built


def _is_lacking(record: Mapping[str, Any], section: Mapping[str, Any], info: PageInfo) -> bool:
    """True for a note of what is not here, which an open section of a report hands to the one line at its end."""
    return info.brief and record.get("lacks") is not None and not section.get("folded")


def unique(anchor: str, taken: set[str]) -> str:
    """An anchor that is not taken yet; it is taken afterwards."""
    found, times = anchor, 1
    while found in taken:
        times += 1
        found = f"{anchor}-{times}"
    taken.add(found)
    return found


def _own(built: list[dict[str, Any]], title: str, inner: str) -> None:
    """Put the exporter's own words at the end of a section, making the section in its place where it is missing."""
    if not inner:
        return
    for section in built:
        if section["title"].lower() == title.lower():
            section["parts"].append(inner)
            return
    order = [name.lower() for name in page.ORDER]
    mine = order.index(title.lower())
    place = len(built)
    for i, section in enumerate(built[1:], start=1):
        name = section["title"].lower()
        # Sections of the notebook's own stand with the evidence.
        theirs = order.index(name) if name in order else order.index(page.OUTCOMES.lower())
        if theirs > mine:
            place = i
            break
    built.insert(place, {"title": title, "id": words.slug(title), "parts": [inner]})


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> jinja2.Template:
    """A page template of the room, escaping everything it is given."""
    return _environment().get_template(name)


@lru_cache(maxsize=8)
def style(*names: str) -> tuple[str, str]:
    """Style sheets joined, and the hash by which the page's policy lets exactly that style in."""
    css = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    return css, digest


def _fill(
    built: list[dict[str, Any]],
    info: PageInfo,
    records: list[tuple[_Cell, Mapping[str, Any]]],
    context: dict[str, Context],
) -> str:
    if info.changes is not None:
        _own(built, page.WHAT_CHANGED, info.changes.html)
    elif not any(record["kind"] == "changes" for _, record in records):
        _own(built, page.WHAT_CHANGED, "<p>This page was made without a version before it to compare with.</p>")
    _own(built, page.SIGN_OFF, signoff.signoff_block(info.signoffs))
    told = not any(record["kind"] == "parameters" for _, record in records)
    _own(
        built,
        page.ABOUT,
        template("about.html.j2").render(page=info, slug=words.slug, file_words=words.file_words, told=told),
    )
    _own(built, page.TAKE_AWAY, replies.block(info))
    if info.brief and any(section["title"] == page.BEHIND for section in built):
        _own(built, page.BEHIND, folding.hidden_figures([record for _, record in records]))
    above_follows = first_screen.arrange(built)
    css, digest = style("page.css", "components.css")
    for section in built:
        section["html"] = Markup("".join(section["parts"]))
        section["off_paper"] = info.brief and (
            section["title"] == page.TAKE_AWAY or section.get("moved") or folding.is_closed(section)
        )
        section["folded"] = section.get("folded", False) or (info.brief and section["title"] in page.FOLDED)
    return template("report.html.j2").render(
        page=info,
        sections=built[1:],
        above=built[0]["html"],
        above_follows=above_follows,
        answered=0 if 'class="answer' in built[0]["html"] else 1,
        published=Markup(signoff.published_block()),
        popovers=Markup("".join(behind.popovers([record for _, record in records], context))),
        status=Markup(signoff.status_block(info.signoffs) + signoff.states_block(info.states.get("says", ""))),
        css=Markup(css),
        digest=digest,
    )
