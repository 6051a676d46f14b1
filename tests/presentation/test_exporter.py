"""The exporter refuses what would mislead, exclude or reveal, and names the cell.

Longer than other files: each refusal is tried on the same notebook, with one thing wrong.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import re

import nbformat
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from commissioning.errors import ReportFailed
from commissioning.presentation import changes, checks, display, folding
from commissioning.presentation.exporter import render
from commissioning.presentation.sections import Note
from commissioning.presentation.showable import Text
from commissioning.presentation.table import Table


@pytest.fixture()
def nb(demo):
    return demo.notebook()


def bundles(notebook, kind):
    """The output bundles of one kind in a notebook, with their cells."""
    return [
        (cell, output["data"])
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.get("data", {}).get(display.MIME, {}).get("kind") == kind
    ]


def redraw(data):
    """Make the HTML of a sabotaged record agree with it, so that only the sabotage can be caught."""
    record = data[display.MIME]
    data["text/html"] = display.in_notebook(display.KINDS[record["kind"]].html(record, display.Context()))


def test_the_demonstration_makes_a_page_with_every_figure_and_finding(demo, nb):
    page = render(nb, page=demo.page_info())
    assert page.count("<figure") == 4
    assert page.count('data-kind="finding"') == 3
    assert page.count('data-kind="definition"') == 2


def test_the_same_notebook_gives_the_same_bytes(demo, nb):
    assert render(nb, page=demo.page_info()) == render(demo.notebook(), page=demo.page_info())


@pytest.mark.parametrize(
    ("kind", "field", "value", "says"),
    [
        ("chart", "alt", "", "no alternative text"),
        ("chart", "alt", "Chart of paid work over the years in councils", "filler"),
        ("chart", "alt", "figure-1.png shows the paid work of people", "file name"),
        ("chart", "alt", "Paid work in Wirral is lower than in similar councils", "repeats the title"),
        ("chart", "alt", "No description has been provided for this image", "filler"),
        ("chart", "caption", " ", "no caption"),
        ("chart", "source", "", "no source"),
        ("chart", "data", None, "no data table"),
        ("chart", "through", "", "disclosure"),
        ("chart", "through", "by hand", "disclosure"),
        ("chart", "measures", [], "leads to no definition"),
        ("chart", "measures", ["learning_disability_unheard_of"], "no definition card"),
        ("chart", "alt", "In Wirral 9.9% of people had paid work in 2014-15.", "9.9"),
        ("chart", "caption", "It fell by 47 people in all.", "47"),
        ("chart", "caption", "Figures are for 2009-10.", "2009-10"),
        ("chart", "title", "Paid work rose by 47 people", "the number 47 in its title"),
        ("chart", "subtitle", "It doubled", "the number doubled in its subtitle"),
        ("table", "title", "Paid work of 47 people", "the number 47 in its title"),
        ("table", "caption", "", "no caption"),
        ("table", "through", "frame", "disclosure"),
        ("table", "sources", ["never/arrived.csv"], "not among the page's sources"),
        ("definition", "card", {"id": "a_b", "title": "A"}, "no numerator"),
    ],
)
def test_a_sabotaged_record_is_refused_and_the_cell_is_named(demo, nb, kind, field, value, says):
    cell, data = bundles(nb, kind)[0]
    data[display.MIME][field] = value
    if kind == "chart" and field == "measures" and not value:
        data[display.MIME]["sources"] = []
    with contextlib.suppress(KeyError, TypeError, AttributeError):
        redraw(data)
    with pytest.raises(ReportFailed, match=re.escape(says)) as refused:
        render(nb, page=demo.page_info())
    assert re.search(rf"cell {nb.cells.index(cell) + 1} ", str(refused.value))


def test_a_number_in_a_finding_that_is_not_in_its_data_is_refused(demo, nb):
    _, data = bundles(nb, "answer")[0]
    first = data[display.MIME]["findings"][0]
    first["sentence"] = first["sentence"].replace("31 of", "32 of")
    redraw(data)
    with pytest.raises(ReportFailed, match="32"):
        render(nb, page=demo.page_info())


@pytest.mark.parametrize(("change", "says"), [(0, "no line"), (6, "at most 5")])
def test_an_answer_without_a_line_or_of_more_than_five_is_refused(demo, nb, change, says):
    _, data = bundles(nb, "answer")[0]
    kept = data[display.MIME]["findings"]
    data[display.MIME]["findings"] = (kept * 2)[:change]
    redraw(data)
    with pytest.raises(ReportFailed, match=says):
        render(nb, page=demo.page_info())


def test_html_changed_after_the_cell_ran_is_refused(demo, nb):
    _, data = bundles(nb, "chart")[0]
    data["text/html"] = data["text/html"].replace("<figcaption>", "<div>").replace("</figcaption>", "</div>")
    with pytest.raises(ReportFailed, match="not what its record draws"):
        render(nb, page=demo.page_info())


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (
            new_output("error", ename="ZeroDivisionError", evalue="secret row 17", traceback=["secret row 17"]),
            "ZeroDivisionError",
        ),
        (new_output("stream", name="stdout", text="person_id 00123"), "plain text"),
        (new_output("stream", name="stderr", text="Traceback (most recent call last):\n secret row"), "traceback"),
        (
            new_output("execute_result", data={"text/plain": "   a  b\n0  1  2"}, execution_count=1),
            "plain-text fallback",
        ),
        (new_output("display_data", data={"image/png": "AAAA", "text/plain": "<Figure>"}), "without alternative text"),
        (new_output("display_data", data={"image/svg+xml": "<svg/>", "text/plain": "x"}), "without alternative text"),
        (new_output("display_data", data={"text/html": "<table><tr><td>1</td></tr></table>"}), "table without caption"),
        (new_output("display_data", data={"text/html": "<script>alert(1)</script>"}), "HTML"),
        (new_output("display_data", data={"text/markdown": "**x**"}), "plain-text fallback"),
        (new_output("display_data", data={"application/javascript": "alert(1)"}), "plain-text fallback"),
        (new_output("display_data", data={display.MIME: {"kind": "spell"}}), "unknown kind"),
        (new_output("display_data", data={display.MIME: "nothing"}), "unknown kind"),
    ],
)
def test_an_output_that_is_no_display_object_is_refused(demo, output, says):
    cell = new_code_cell(source="show_it()", execution_count=3, outputs=[output])
    with pytest.raises(ReportFailed, match=says) as refused:
        render(demo.notebook(new_markdown_cell("# T"), cell), page=demo.small_page())
    assert "cell 2 ('show_it()')" in str(refused.value)
    assert "secret" not in str(refused.value), "a refusal never repeats what the output held"


@pytest.mark.parametrize(
    ("markdown", "says"),
    [
        (["# One", "# Two"], "second heading of the first level"),
        (["# One\n\n## Methods\n\n#### Deep"], "jumps from level 2 to level 4"),
        (["# One\n\n### Deep"], "jumps from level 1 to level 3"),
        (["# One\n\n![](chart.png)"], "picture in Markdown"),
        (["# One\n\n|a|b|\n|-|-|\n|1|2|"], "table without caption"),
        (["# One\n\n## Methods\n\n## The answer"], "out of order"),
        (["# One\n\n## Data quality\n\n## Some more evidence"], "stands too late"),
    ],
)
def test_markdown_that_breaks_the_page_is_refused(demo, markdown, says):
    with pytest.raises(ReportFailed, match=says):
        render(demo.notebook(*(new_markdown_cell(one) for one in markdown)), page=demo.small_page())


def test_sections_of_ones_own_stand_with_the_evidence(demo):
    cells = [new_markdown_cell("# T\n\n## Needs and resources\n\nText.\n\n## Data quality\n\nText.")]
    assert "Needs and resources" in render(demo.notebook(*cells), page=demo.small_page())


def test_a_declared_list_of_sections_is_held(demo):
    cells = [new_markdown_cell("# T\n\n## First\n\nText.\n\n## Third\n\nText.")]
    assert render(demo.notebook(*cells), page=demo.small_page(sections=("First", "Second", "Third")))
    with pytest.raises(ReportFailed, match="not in the declared list"):
        render(demo.notebook(*cells), page=demo.small_page(sections=("First", "Second")))


def test_a_cell_that_never_ran_is_refused(demo):
    with pytest.raises(ReportFailed, match="never ran"):
        render(demo.notebook(new_code_cell("x = 1")), page=demo.small_page())


def test_a_finding_that_leads_nowhere_is_refused(demo, nb):
    charts = [cell for cell, data in bundles(nb, "chart") if data[display.MIME]["id"] == "figure-line"]
    nb.cells.remove(charts[0])
    with pytest.raises(ReportFailed, match="'figure-line', which is not on the page"):
        render(nb, page=demo.page_info())


def test_two_figures_with_one_id_are_refused(demo, nb):
    first, second = (data for _, data in bundles(nb, "chart")[:2])
    second[display.MIME]["id"] = first[display.MIME]["id"]
    redraw(second)
    with pytest.raises(ReportFailed, match="two displays have the id"):
        render(nb, page=demo.page_info())


def test_findings_that_begin_alike_have_anchors_of_their_own(demo, nb):
    _, data = bundles(nb, "answer")[0]
    kept = data[display.MIME]["findings"]
    for one in kept:
        one["id"] = kept[0]["id"]
    redraw(data)
    page = render(nb, page=demo.page_info())
    assert page.count('data-kind="finding"') == 3


def test_fewer_figures_in_the_page_than_in_the_notebook_are_noticed(demo, nb):
    page = render(nb, page=demo.page_info())
    lost = re.sub(r'<figure class="chart".*?</figure>', "", page, count=1, flags=re.DOTALL)
    assert any("4 of kind chart" in one for one in checks.page_problems(lost, {"chart": 4}))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('alt="', 'alt="" data-was="', "no alternative text"),
        ("<caption", "<p", "no caption"),
        ('scope="col"', "", "without a scope"),
        ("<h2", "<h1", "first level"),
        ("</main>", "<script>1</script></main>", "script"),
        ("</main>", '<img src="https://x.example/a.png" alt="a b c"></main>', "outside the page"),
        ("</main>", '<p id="main">x</p></main>', "stands 2 times"),
        ("</main>", '<a href="#nowhere">x</a></main>', "not on the page"),
    ],
)
def test_the_finished_page_is_read_again(demo, nb, old, new, says):
    page = render(nb, page=demo.page_info()).replace(old, new)
    assert any(says in one for one in checks.page_problems(page, {}))


def test_notebook_metadata_never_reaches_the_page(demo, nb):
    page = render(nb, page=demo.page_info())
    assert "hunter2" not in page and "/home/somebody" not in page and "papermill" not in page


def test_raw_html_and_formulas_in_markdown_are_text(demo):
    cell = new_markdown_cell("# T\n\n<img src=x onerror=alert(x)> costs $a and $b [go](javascript:alert(x))")
    page = render(demo.notebook(cell), page=demo.small_page())
    assert "&lt;img src=x onerror=alert(x)&gt; costs $a and $b" in page
    assert 'href="javascript' not in page


def test_declared_formulas_are_marked(demo):
    cell = new_markdown_cell("# T\n\nA share is $100a/b$.", metadata={"tags": ["maths"]})
    assert '<code class="maths">100a/b</code>' in render(demo.notebook(cell), page=demo.small_page())


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b>',
    "<!--/status-->",
    "{{ 7*7 }}",
    "$x$ **b**",
    "&lt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_untrusted_text_is_shown_as_text_everywhere(demo, text):
    frame = pd.DataFrame({"what": [text], "why": [text]})
    cells = [
        new_markdown_cell("# T"),
        demo.code(Table(Text(frame=frame, source="x"), title=f"T {text}", caption=f"C {text}", source=text)),
        demo.code(Note(text, title=text)),
    ]
    page = render(demo.notebook(*cells), page=demo.small_page(title=text, period=text, area=text, contact=text))
    assert (
        "<script" not in page
        and "<img src=x" not in page
        and "49" not in re.sub(r"[\w+/]{40,}|sha256-\S+", "", page.split("</style>")[1])
    )
    assert page.count("<!--/status-->") == 5


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=10))
def test_no_text_in_a_table_can_add_an_element_to_the_page(demo, text):
    def tags(cell):
        frame = pd.DataFrame({"what": ["a"], "why": [cell]})
        shown = demo.code(Table(Text(frame=frame, source="x"), title="T", caption="Words.", source="pilot.toml"))
        page = render(demo.notebook(new_markdown_cell("# T"), shown), page=demo.small_page())
        return re.findall(r"<[a-z][a-z0-9]*", page)

    assert tags(text) == tags("plain")


def test_the_policy_lets_in_the_pages_own_style_and_nothing_else(demo, nb):
    import base64

    page = render(nb, page=demo.page_info())
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'") and f"'sha256-{digest}'" in policy and "unsafe" not in policy
    assert " style=" not in page.split("</style>")[1]


def test_every_figure_leads_to_a_definition_that_leads_to_an_extract_and_its_hash(demo, nb):
    page = render(nb, page=demo.page_info())
    for figure in re.findall(r"<figure.*?</figure>", page, re.DOTALL):
        anchor = re.search(r'href="#(definition-[^"]+)"', figure)[1]
        card = re.search(rf'<article class="definition" id="{anchor}".*?</article>', page, re.DOTALL)[0]
        assert "Numerator" in card and "Denominator" in card and "0f" * 32 in card
        source = re.search(r'href="#(source-[^"]+)"', card)[1]
        assert f'<li id="{source}">' in page


def test_the_page_says_what_changed_and_where_it_stands(demo, nb):
    older = {"figures": [{"measure": "m", "group": "all", "group_kind": "all", "period": "2014-15", "value": 3.0}]}
    newer = {"figures": [{"measure": "m", "group": "all", "group_kind": "all", "period": "2014-15", "value": 4.0}]}
    page = render(nb, page=demo.page_info(changes=changes.compare(older, newer)))
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    assert (
        titles.index("The answer")
        < titles.index("What changed since the last version")
        < titles.index("Outcomes beside spend")
    )
    assert "One number is different" in page


def test_a_page_with_four_charts_is_under_500_kilobytes(demo, nb):
    assert len(render(nb, page=demo.page_info()).encode()) < 500_000


def test_the_nbconvert_exporter_gives_the_same_page(demo, nb):
    from commissioning.presentation.nbconvert_exporter import ReportExporter

    page, _ = ReportExporter().from_notebook_node(nb, {"page": demo.page_info()})
    assert page == render(nb, page=demo.page_info())


def test_a_notebook_read_back_from_disk_gives_the_same_page(demo, nb):
    again = nbformat.reads(nbformat.writes(nb), as_version=4)
    assert render(again, page=demo.page_info()) == render(nb, page=demo.page_info())


def test_rendering_does_not_change_the_notebook(demo, nb):
    before = copy.deepcopy(nb)
    render(nb, page=demo.page_info())
    assert nb == before


NEEDED = {
    "## The answer": "answer",
    "answer": "answer",
    "## Data quality": "reconciliation",
    "reconciliation": "reconciliation",
    "## What this cannot tell you": "list of what it cannot tell",
    "No cause can be named": "list of what it cannot tell",
    "## Methods": "assumptions log",
    "Assumptions log": "assumptions log",
    "Decisions: none is recorded yet.": "decisions log",
    "## Quality assurance and sign-off": "quality log",
    "Quality assurance log": "quality log",
    "## Definitions": "definition",
    "## Glossary": "glossary",
    "glossary": "glossary",
    "## About this report": "list of parameters",
    "parameters": "list of parameters",
    "# Review": "heading of the first level",
}


def names_of(cell):
    """What a cell of the demonstration is known by: its heading, or the kind, title and words of what it shows."""
    records = [output["data"][display.MIME] for output in cell.get("outputs", ())]
    said = [str(one) for record in records for one in (record["kind"], record["title"], *record.get("lines", ()))]
    return [*said, *cell.source.splitlines()[:1]]


@pytest.mark.parametrize("name", NEEDED)
def test_a_notebook_without_the_cell_that_holds_a_required_part_is_refused_by_name(demo, nb, name):
    cells = [one for one in nb.cells if name in names_of(one)]
    assert len(cells) == 1
    nb.cells.remove(cells[0])
    with pytest.raises(ReportFailed, match=NEEDED[name]):
        render(nb, page=demo.page_info())


def test_a_notebook_without_any_definition_is_refused(demo, nb):
    nb.cells = [one for one in nb.cells if "definition" not in names_of(one)]
    with pytest.raises(ReportFailed, match="the page has no definition of what is counted"):
        render(nb, page=demo.page_info())


def test_no_cell_can_go_without_a_refusal_but_those_that_no_report_must_hold(demo):
    spared = []
    for place, cell in enumerate(demo.notebook().cells):
        left = demo.notebook()
        del left.cells[place]
        with contextlib.suppress(ReportFailed):
            render(left, page=demo.page_info())
            spared.append(names_of(cell)[0])
    kinds = {"chart", "steps", "terms", "signoff"}
    assert set(spared) <= kinds | {"period = '2014-15'", "## Outcomes beside spend"}


@pytest.mark.parametrize(
    "other",
    ["application/vnd.commissioning.sentinel+json", "application/vnd.commissioning.x", "text/markdown", "image/png"],
)
def test_nothing_is_passed_over_beside_a_record_or_a_picture(demo, nb, other):
    _, data = bundles(nb, "chart")[0]
    held = {} if other.endswith("+json") else "A"
    data[other] = held
    with pytest.raises(ReportFailed, match="more than its record"):
        render(nb, page=demo.page_info())
    alone = new_code_cell(
        "x", execution_count=1, outputs=[new_output("display_data", data={other: held, "image/png": "A"})]
    )
    with pytest.raises(ReportFailed, match="without alternative text"):
        render(demo.notebook(new_markdown_cell("# T"), alone), page=demo.small_page())


@pytest.mark.parametrize(
    ("markdown", "says"),
    [
        ("# T\n\n##", "a heading without words"),
        ("# T\n\n## ![x](a.png)", "a heading without words"),
        ("# T\n\n## Paid work ![x](a.png)", "picture in Markdown"),
        ("# ", "a heading without words"),
        ("Words alone.", "no heading of the first level"),
        ("## T", "no heading of the first level"),
        ("# T\n\n[the extract](../data/people.csv)", "a link to '../data/people.csv'"),
        ("# T\n\n[x](sub/page.html)", "a link to 'sub/page.html'"),
        ("# T\n\n[x](people.csv)", "a link to 'people.csv'"),
        ("# T\n\n[x](http://example.org)", "a link to 'http://example.org'"),
        ("# T\n\n[x](//example.org/a.html)", "a link to '//example.org/a.html'"),
        ("# T\n\n[x](mailto:a@example.org)", "a link to 'mailto:a@example.org'"),
        ("# T\n\n[x]()", "a link to ''"),
        ("# T\n\n[x](#nowhere)", "#nowhere, which is not on the page"),
    ],
)
def test_headings_have_words_and_links_lead_somewhere_for_readers(demo, markdown, says):
    with pytest.raises(ReportFailed, match=re.escape(says)):
        render(demo.notebook(new_markdown_cell(markdown)), page=demo.small_page())


@pytest.mark.parametrize("href", ["#main", "index.html", "vcf_funding-do.html#spend", "https://www.gov.uk/a?b=c"])
def test_a_link_to_the_page_the_site_or_the_web_is_kept(demo, href):
    page = render(demo.notebook(new_markdown_cell(f"# T\n\n[words]({href})")), page=demo.small_page())
    assert f'<a href="{href}">words</a>' in page


@pytest.mark.parametrize(
    ("hrefs", "leads_to"),
    [
        ({"easy_read_href": "a.html", "pilot_easy_read_href": "b.html"}, "a.html"),
        ({"easy_read_href": None, "pilot_easy_read_href": "b.html"}, "b.html"),
        ({"easy_read_href": None, "site_href": "index.html"}, "index.html"),
    ],
)
def test_a_page_leads_to_its_own_easy_read_else_its_pilots_else_the_list_of_all(demo, hrefs, leads_to):
    page = render(demo.notebook(new_markdown_cell("# T")), page=demo.small_page(**hrefs))
    assert re.findall(r'class="easy-read" href="([^"]+)"', page) == [leads_to]


@pytest.mark.parametrize("says", ["Decisions so far: nothing is recorded.", "No decision on reviews is written yet."])
def test_a_note_that_nothing_is_recorded_stands_in_the_place_of_a_log(demo, nb, says):
    place = next(i for i, one in enumerate(nb.cells) if "Decisions: none is recorded yet." in names_of(one))
    nb.cells[place] = demo.code(Note(says))
    assert render(nb, page=demo.page_info())
    nb.cells[place] = demo.code(Note("Figures are rounded, and no decision rests on one alone."))
    with pytest.raises(ReportFailed, match="decisions log"):
        render(nb, page=demo.page_info())


def test_a_finding_leads_to_a_log_by_its_title(demo):
    from commissioning.presentation import exporter
    from commissioning.presentation.sections import Log

    log = Log([{"a": "one"}], title="What was decided", columns={"a": "What"}, id="decided").record
    problems: list[str] = []
    context = exporter._contexts([(None, log)], demo.page_info(), problems)["decided"]
    assert problems == [] and context.labels["decided"] == "What was decided" and context.label == ""


def test_nothing_stands_between_the_title_and_the_answer_but_whose_page_it_is_and_its_state(demo, nb):
    page = render(nb, page=demo.page_info())
    between = page[page.index("</h1>") : page.index('<div class="answers')]
    between = re.sub(
        r'(?s)<ul class="byline">.*?</ul>|<!--status:.*?<!--/status-->|<h2 id="the-answer">The answer</h2>', "", between
    )
    assert re.sub(r"<[^>]+>", "", between).strip() == ""
    under = page[page.index('<div class="answers') : page.index('<h2 id="what-changed')]
    assert "This report looks at" in under, "what the page is for stands under its answer"


@pytest.mark.parametrize(("cells", "says"), [
    (["known", 4, None], ""),
    (["known", "hidden", "hidden: too few people to show"], "2 figures say “hidden”"),
    (["hidden", 4, "hidden"], "one figure says “hidden”"),  # a reason in words is no figure
])  # fmt: skip
def test_a_page_says_once_how_many_figures_are_hidden(cells, says):
    columns = [{"kind": "text"}, {"kind": "number"}, {"kind": "pence"}]
    found = folding.hidden_figures([{"data": {"columns": columns, "rows": [cells]}}, {"kind": "note"}])
    assert (says in found and "nobody can be recognised" in found) if says else found == ""
