"""A number in a sentence is held by the data under it, never by the sentence; what people typed is checked as what is generated."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning import wording
from commissioning.errors import ReportFailed, UsageError
from commissioning.evidence import persons
from commissioning.evidence.intake import take_in
from commissioning.presentation import display, exporter, numbers, signoff, typed
from commissioning.presentation.display import KINDS, MIME, Context
from commissioning.presentation.finding import Finding
from commissioning.presentation.page import PageInfo
from commissioning.presentation.showable import PublicFigures
from commissioning.reports import review_scores
from commissioning.study.steps import refuse_typed

ROOT = Path(__file__).parents[2]
SOURCES = [*sorted((ROOT / "lib" / "commissioning").rglob("*.py")), *sorted((ROOT / "pilots").glob("*/*.py"))]
WORDS = ("sentence", "caption", "alt", "title", "subtitle", "text", "says", "wording", "why", "why_confidence")
READERS = {"split", "findall", "finditer", "search", "match", "fullmatch", "tokens"}


# --- no number is declared from the text that it is checked in


def told(call: ast.Call) -> list[ast.expr]:
    """What a call says: its arguments without the page, which comes first where a section is a function of one."""
    return call.args[1:] if call.args and ast.unparse(call.args[0]) == "page" else call.args


def declared_in(tree: ast.AST):
    """Each `declared=` of a call, with the function it stands in and the call's other arguments."""
    for function in [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]:
        for call in [one for one in ast.walk(function) if isinstance(one, ast.Call)]:
            for keyword in call.keywords:
                if keyword.arg == "declared":
                    said = told(call)[:1] if ast.unparse(call.func).rpartition(".")[2] in ("finding", "Finding") else []
                    others = [*said, *(one.value for one in call.keywords if one.arg in WORDS)]
                    yield function, keyword.value, others


def reads_text(
    value: ast.AST, function: ast.FunctionDef, module: ast.Module, others: list[ast.AST], depth: int = 0
) -> str:
    """How a declared value is taken out of a text; "" where it is not."""
    calls = [one for one in ast.walk(value) if isinstance(one, ast.Call)]
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in READERS:
            return f"{name}() reads a text"
        helper = next((one for one in ast.walk(module) if isinstance(one, ast.FunctionDef) and one.name == name), None)
        if helper is not None and depth < 3:
            for one in [node for node in ast.walk(helper) if isinstance(node, ast.Return) and node.value]:
                if found := reads_text(one.value, helper, module, [], depth + 1):
                    return f"{name}(): {found}"
    said = {
        ast.unparse(one) for other in others for one in ast.walk(other) if isinstance(one, ast.Name | ast.Attribute)
    }
    # The title of a measure is its definition: a number in it ("16 hours") is no figure.
    whole = {ast.unparse(one) for one in others if isinstance(one, ast.Name | ast.Attribute)}
    whole = {one for one in whole if not one.endswith(".title")}
    for one in ast.walk(value):
        if isinstance(one, ast.Name | ast.Attribute) and ast.unparse(one) in whole & said:
            return f"{ast.unparse(one)} is the text itself"
        if isinstance(one, ast.Name) and depth < 3:
            for made in [node for node in ast.walk(function) if isinstance(node, ast.Assign)]:
                named = {target.id for target in made.targets if isinstance(target, ast.Name)}
                if one.id in named and (found := reads_text(made.value, function, module, others, depth + 1)):
                    return f"{one.id}: {found}"
    return ""


def test_no_declared_number_is_taken_from_the_text_that_it_allows():
    found, seen = [], 0
    for path in SOURCES:
        module = ast.parse(path.read_text(encoding="utf-8"))
        for function, value, others in declared_in(module):
            seen += 1
            if how := reads_text(value, function, module, others):
                found.append(f"{path.name}:{value.lineno} {function.name}: {how}")
    assert seen > 50
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(self):\n    return self.finding(says, declared=tuple(says.split()))",
        "def f(self):\n    return Table(caption=self.words, declared=(self.words,))",
        "def f(self):\n    told = re.findall('x', caption)\n    return Table(caption=caption, declared=told)",
        "def n(text):\n    return tuple(re.findall('x', text))\ndef f(self):\n    return self.finding(says, declared=n(says))",
    ],
)
def test_the_scan_sees_each_way_of_taking_numbers_from_a_text(source):
    module = ast.parse(source)
    assert [
        how for function, value, others in declared_in(module) if (how := reads_text(value, function, module, others))
    ]


def test_no_finding_has_its_own_sentence_as_its_data():
    found = []
    for path in SOURCES:
        for call in [one for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, ast.Call)]:
            if ast.unparse(call.func).rpartition(".")[2] in ("finding", "Finding") and len(told(call)) > 2:
                data = {ast.unparse(one) for one in ast.walk(told(call)[2])}
                if isinstance(told(call)[0], ast.Name) and told(call)[0].id in data:
                    found.append(f"{path.name}:{call.lineno}")
    assert found == []


# --- a number altered afterwards is refused


def page_of(record: dict) -> dict:
    data = {
        MIME: record,
        "text/html": display.in_notebook(KINDS[record["kind"]].html(record, Context())),
        "text/plain": "x",
    }
    return {"output_type": "display_data", "data": data, "metadata": {}}


@pytest.fixture(scope="module")
def findings(displays_of):
    """Every finding that the reports of both pilots' samples say: the answer, and those of each section."""
    named = ("pilots/vcf_funding/funding", "pilots/learning_disability/implications", "notebooks/1_analyse", "notebooks/3_do", "notebooks/cabinet_summary")  # fmt: skip
    records = [one for name in named for one in displays_of(ROOT / f"{name}.ipynb", only=("saying.", "cm.answer"))]
    found = [
        one for record in records for one in record.get("findings", [record] if record["kind"] == "finding" else [])
    ]
    return {one["sentence"]: one for one in found}


def test_a_number_altered_after_a_finding_was_made_is_refused(findings):
    assert len(findings) > 20
    altered = 0
    for sentence, record in findings.items():
        assert KINDS["finding"].problems(record) == []
        for token in numbers.tokens(sentence):
            digits = re.search(r"\d[\d,]*", token.written)
            if not digits or sentence.count(token.written) != 1:
                continue
            wrong = token.written.replace(digits.group(), f"{int(digits.group().replace(',', '')) + 8_675_309}", 1)
            other = {**record, "sentence": sentence.replace(token.written, wrong)}
            assert any("is not in its data" in one for one in KINDS["finding"].problems(other)), other["sentence"]
            told: list[str] = []
            exporter._output(page_of(other), exporter._Cell(1, "cm.answer(study)"), told)
            assert told and "is not in its data" in told[0]
            altered += 1
    assert altered > 40


def test_a_finding_record_keeps_the_values_of_its_data_and_not_its_own_words():
    told = PublicFigures(frame=pd.DataFrame({"share": [61.2], "people": [1046.0]}), source="S")
    made = Finding("About 61% of 1,046 people.", "described", "high", told, "figure")
    assert made.known.behind(made.record["sentence"]) == [61.2, 1046.0]
    with pytest.raises(ValueError, match=r"63"):
        Finding("About 63% of 1,046 people.", "described", "high", told, "figure")


# --- typed text


def info() -> PageInfo:
    facts = {"title": "T", "pilot": "P", "stage": "Review", "period": "2014-15", "level": "Whole area", "area": "Here"}
    return SimpleNamespace(**facts)  # type: ignore[return-value]


def notebook(*texts: str, shown: dict | None = None) -> dict:
    cells: list[dict] = [{"cell_type": "markdown", "source": one, "metadata": {}} for one in texts]
    if shown is not None:
        cells.append(
            {"cell_type": "code", "source": "show()", "execution_count": 1, "metadata": {}, "outputs": [page_of(shown)]}
        )
    return {"cells": cells}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("## Part\n\nIn 2014-15 about 61% of people met their goal.", []),
        ("## Part\n\nAbout 72% of people met their goal.", ["72%"]),
        ("## Part\n\nAbout 61% did, three hundred and seven people.", ["three hundred and seven"]),
        ("## Part\n\nTwo thirds of them did.", ["Two thirds"]),
        ("## Part\n\nIn 2019-20 nothing was known.", ["2019-20"]),
        ("## Part (4.14b)\n\nParagraph 4.9 of the 2011 report; within 28 days; Appendix 2, paragraph 2.2b.", []),
        ("## Part\n\n1. First\n2. Second\n\nThe six criteria.", []),
        ("## Part (17.3)\n\nNothing.", ["17.3"]),
    ],
)
def test_a_number_in_a_notebooks_own_words_is_one_that_its_section_shows(text, wrong):
    told = PublicFigures(frame=pd.DataFrame({"share": [61.0]}), source="S")
    shown = Finding("About 61% did.", "described", "high", told, "figure").record
    problems = typed.number_problems(
        notebook("# Title", text, shown=shown), ("T", "P", "Review", "2014-15", "Whole area", "Here")
    )
    assert [one for number in wrong for one in problems if f"the number {number} in its text" in one] == problems
    assert len(problems) == len(wrong)


def test_a_number_that_another_section_shows_is_not_this_ones():
    told = PublicFigures(frame=pd.DataFrame({"share": [61.0]}), source="S")
    shown = Finding("About 61% did.", "described", "high", told, "figure").record
    problems = typed.number_problems(
        notebook("# T", "## One\n\nAbout 61% did.", "## Two\n\nWords.", shown=shown), ("T",)
    )
    assert len(problems) == 1 and "cell 2" in problems[0]


@pytest.mark.parametrize(
    "text", ["It has proved its worth.", "This saved money.", "The scheme failed.", "Jo, 943 476 5919."]
)
def test_typed_words_that_no_page_may_say_are_refused_by_place(text):
    with pytest.raises(ReportFailed, match="cell 2") as refused:
        exporter.render(notebook("# Title", text), page=info())
    assert "943" not in str(refused.value).partition("its text")[2]


FIELDS = {
    "lessons": '[[lessons]]\nlesson = "{0}"\nlearnt_from = "a"\napplies_to = "b"\n',
    "replies": '[[replies]]\non = 2026-01-01\nwho = "A carer"\nsaid = "{0}"\n',
    "engagement": '[[engagement]]\non = 2026-01-01\nwho = "{0}"\nsaid = "x"\nchanged = "y"\n',
    "balance": '[[balance]]\nsays = "{0}"\nby = "c"\non = 2026-01-01\n',
    "decision": '[decision]\nalternative = "{0}"\n',
    "floors": '[[floors]]\nmeasure = "m"\nfloor = 1.0\nworthwhile_change = 1.0\nagreed_on = 2026-01-01\nagreed_with = "{0}"\n',
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    ("text", "says"),
    [("It was proved.", "'proved'"), ("It saved money", "'saved'"), ("This failed", "'failed'"),
     ("Ask zebedee QUILLFEATHER.", "names somebody"), ("See P-00417 again", "gives their id"), ("943 476 5919", "NHS number")],
)  # fmt: skip
def test_a_pilot_file_that_says_so_is_refused_by_field_and_the_words_are_not_repeated(field, text, says):
    people = {wording.hashed("Zebedee Quillfeather"), wording.hashed("p-00417")}
    pilot = pilots.load("vcf_funding", sample=False)
    import tomllib

    fields = {**pilot.model_dump(exclude={"folder"}), **tomllib.loads(FIELDS[field].format(text))}
    told = pilots.Pilot(**fields, folder=pilot.folder)
    with pytest.raises(UsageError) as refused:
        refuse_typed(told, people)
    said = str(refused.value)
    assert said.startswith(f"pilots/vcf_funding, {field}") and says in said
    assert "uillfeather" not in said.casefold() and "00417" not in said and "943" not in said


def test_the_projects_own_files_and_notebooks_say_nothing_of_the_kind():
    for name in pilots.names():
        refuse_typed(pilots.load(name), set())
    for path in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("pilots/*/*.ipynb")]:
        cells = json.loads(path.read_text(encoding="utf-8"))
        assert [fault for where, text in typed.of_notebook(cells) for fault in typed.markdown_problems(text)] == []


def test_who_signs_and_who_scores_are_read_too(tmp_path):
    (tmp_path / "r.json").write_text("{}")
    (tmp_path / "r.html").write_text("x")
    with pytest.raises(UsageError, match="--name uses the word 'proved'"):
        signoff.sign(tmp_path / "r.json", tmp_path / "r.html", "analyst", "It is proved", "2026-01-01")
    (tmp_path / "service_reviews.toml").write_text(
        '[[scores]]\nservice = "S"\ncriterion = "a"\nscore = 1\nscored_by = "Head"\nevidence = "It saved money"\n',
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=r"service_reviews\.toml, scores 1, evidence uses the word 'saved'"):
        review_scores.read(tmp_path / "service_reviews.toml")


# --- who is in the extracts


HEAD = "person_id,period,age_band,sex,ethnicity,support_reason,ward,locality"


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("Full name", "Zebedee Quillfeather", "Zebedee Quillfeather"),
        ("Forename,Surname", "Zebedee,Quillfeather", "zebedee quillfeather"),
        ("Surname;First Name", "Quillfeather;Zebedee", "Zebedee Quillfeather's"),
        ("carerName", "Ann-Marie O'Neill", "Ann-Marie O’Neill".replace("’", "'")),
    ],
)
def test_names_are_read_from_columns_that_are_headed_as_names(tmp_path, header, row, name):
    delimiter = ";" if ";" in header else ","
    (tmp_path / "people.csv").write_text(f"person_id{delimiter}{header}\nP1{delimiter}{row}\n", encoding="utf-8")
    people = {wording.hashed(one) for one in persons._names(tmp_path / "people.csv") if " " in wording.folded(one)}
    assert wording.within(f"We thank {name}, who told us.", people)
    assert not wording.within("We thank Zebedee for the feather.", people)


@pytest.mark.parametrize("header", ["Ward name", "Organisation name", "Provider", "File name", "Team name"])
def test_names_of_things_are_no_names_of_people(tmp_path, header):
    (tmp_path / "people.csv").write_text(f"person_id,{header}\nP1,New Brighton\n", encoding="utf-8")
    assert not list(persons._names(tmp_path / "people.csv"))


def test_the_ids_of_a_councils_extracts_are_known_and_years_and_counts_are_not(tmp_path):
    data = tmp_path / "own"
    data.mkdir()
    lines = (
        (ROOT / "data" / "sample" / "learning_disability" / "people.csv").read_text(encoding="utf-8").splitlines()[:40]
    )
    (data / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (data / "sources.toml").write_text('[[source]]\nfiles = "*"\narea = "E06009901"\n', encoding="utf-8")
    people = persons.known(take_in(data))
    an_id = lines[1].split(",")[lines[0].split(",").index("person_id")]
    assert len(people) > 20
    assert wording.within(f"as {an_id} said", people) and not wording.within("In 2014 all 1046 of 300000", people)
