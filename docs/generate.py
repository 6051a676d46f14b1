"""Write the reference pages that are made from the code: cli, tables, schemas, api.

    .venv/bin/python docs/generate.py

A test fails when a page no longer says what the code says. `docs/reference/measures.md` is made by
`python -m commissioning.measures.describe docs/reference/measures.md`.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from commissioning import cli, pilot
from commissioning.evidence import registry, tables
from commissioning.evidence.contracts import Column, Contract
from commissioning.evidence.mapping import codes
from commissioning.reports import stage_records
from commissioning.runs import record

FOLDER = Path(__file__).parent / "reference"
MADE = "This page is made from the code by `python docs/generate.py`. Do not edit it."

HOLDS = {
    "text": "text",
    "id": "an id, kept as text",
    "category": "one of its words",
    "yes/no": "yes or no",
    "int": "a whole number",
    "number": "a number",
    "money": "pounds",
    "date": "a date, day first",
    "year": "a financial year",
    "quarter": "a financial quarter",
    "month": "a month",
}

PUBLIC = (
    ("commissioning", ("open", "open_all", "show", "answer", "annex")),
    ("commissioning.study.opened", ("Study",)),
    ("commissioning.study.estimates_frames", ("Estimated",)),
    ("commissioning.study.frames", ("Frame", "Provenance")),
    ("commissioning.measures", ("Measure", "Rule", "Outcome", "Output", "Input", "Process", "Source", "catalogue")),
    ("commissioning.methods.intervals", ("proportion", "rate", "mean")),
    ("commissioning.methods.standardise", ("direct", "indirect")),
    ("commissioning.methods.inequality", ("slope_index", "SlopeIndex")),
    ("commissioning.methods.control_chart", ("xmr", "ControlChart")),
    ("commissioning.methods.funnel", ("proportion", "ratio", "Funnel")),
    ("commissioning.methods.effects", ("staggered", "interrupted", "before_after", "synthetic", "Effect")),
    ("commissioning.methods.claims", ("judge", "Gates", "Claim")),
    ("commissioning.methods.calibration", ("run",)),
    ("commissioning.methods.value", ("frontier", "compare", "Comparison")),
    ("commissioning.methods.money", ("real_terms", "present_value")),
    ("commissioning.methods.attainment", ("t_score",)),
    ("commissioning.methods.priorities", ("rank", "stability")),
    ("commissioning.disclosure", ("policy", "release", "attack", "Released")),
    ("commissioning.reports", ("open",)),
    ("commissioning.evidence.templates", ("write",)),
)
METHODS_IN_FULL = {"Study": "study", "Estimated": "study.effects()"}
"""Classes whose methods are shown with their whole docstring, and how an analyst comes to one."""


def cell(text: object) -> str:
    """Text that stands in one cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def rows(head: tuple[str, ...], body: list[tuple[object, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return [*lines, *(f"| {' | '.join(map(cell, one))} |" for one in body)]


# --- the command ------------------------------------------------------------------------------------------------


def usage(name: str, parser: argparse.ArgumentParser) -> str:
    """One line: the command with its options, as the reader would type them."""
    words = [f"commissioning {name}"]
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        shown = " ".join(filter(None, [next(iter(action.option_strings), ""), metavar(action)]))
        if not action.option_strings and action.nargs == "*":
            shown += " ..."
        needed = action.required and action.nargs != "*"
        words.append(shown if needed else f"[{shown}]")
    return " ".join(words)


def metavar(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return str(action.metavar or action.dest.upper())


def cli_page() -> str:
    top, commands = cli.build()
    helps = {one.dest: one.help or "" for one in top._subparsers._group_actions[0]._choices_actions}  # type: ignore[union-attr]
    lines = ["# The command `commissioning`", "", MADE, "", top.description or "", ""]
    lines += rows(("command", "what it does"), [(f"[`{n}`](#commissioning-{n})", helps[n]) for n in commands])
    for name, parser in commands.items():
        lines += [
            "",
            f"## commissioning {name}",
            "",
            f"{sentence(helps[name])}",
            "",
            "```text",
            usage(name, parser),
            "```",
        ]
        body = [
            (" ".join(filter(None, [f"`{', '.join(a.option_strings) or metavar(a)}`"])), a.help or sentence_of(a.dest))
            for a in parser._actions
            if not isinstance(a, argparse._HelpAction)
        ]
        lines += ["", *rows(("word", "meaning"), body)]
    lines += ["", "## Exit codes", ""]
    codes = re.findall(r"(\d+) ([^,]+)", cli.EXIT_CODES)
    lines += rows(("code", "meaning"), [(f"`{code}`", says.strip()) for code, says in codes])
    return "\n".join(lines) + "\n"


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def sentence_of(dest: str) -> str:
    return dest.replace("_", " ")


# --- tables -----------------------------------------------------------------------------------------------------


def contracts() -> Iterator[tuple[Contract, bool]]:
    """Every contract with whether it is a council's own extract; each once."""
    seen = set()
    for reader in registry.readers():
        named = vars(importlib.import_module(type(reader).__module__)).values()
        own = [reader.contract] if isinstance(getattr(reader, "contract", None), Contract) else []
        for one in [*own, *(found for found in named if isinstance(found, Contract))]:
            if id(one) not in seen:
                seen.add(id(one))
                yield one, one.own_extract


def words_of(column: Column) -> str:
    if column.holds == "category":
        return "one of: " + ", ".join(dict.fromkeys(column.categories.values()))
    if column.holds == "yes/no":
        return ", ".join(["yes", "no", *dict.fromkeys(column.categories.values())])
    if column.holds == "money" and column.multiplier != 1:
        return f"pounds, in units of £{column.multiplier:,}"
    return HOLDS[column.holds]


def missing_of(column: Column) -> str:
    said = [f"{'blank' if token == '' else f'`{token}`'} is {status}" for token, status in column.missing.items()]
    return "; ".join(said) or "may not be missing"


def why_needed(one: Contract, column: Column) -> str:
    """Whether a file is refused without this column, and why."""
    if not one.own_extract or column not in one.must:
        return "yes: the publication has it" if column in one.must else "no"
    if column.name == one.period_column:
        return "yes: it says when"
    if column.name in one.key:
        return "yes: it tells one record from another"
    if column.name == "lawfully_linked":
        return "yes: people are counted only where their records may lawfully be linked"
    if column.name == "person_id":
        return "yes: people are counted once by it, and protected by it"
    return "yes: without it a row says nothing"


def contract_lines(one: Contract) -> list[str]:
    facts = [f"Table `{one.table}`, contract version {one.version}."]
    facts.append(f"Counted in {one.unit}s.")
    if one.key:
        facts.append(f"A record is told by {', '.join(f'`{name}`' for name in one.key)}; copies are {one.duplicates}.")
    if one.control_amount:
        facts.append(f"Its money is summed in `{one.control_amount}`.")
    if one.persons:
        facts.append("Its rows are people: it can never be declared public.")
    if one.area_needed:
        facts.append("Spend whose area is unknown is left aside.")
    body = [
        (f"`{c.heading}`", f"`{c.name}`" if c.name != c.heading else "the same", c.says or "", words_of(c),
         missing_of(c), why_needed(one, c))
        for c in one.columns
    ]  # fmt: skip
    head = ("header", "column of the table", "what it holds", "values", "missing", "must be there")
    return ["", f"### {sentence(one.title).rstrip('.')}", "", " ".join(facts), "", *rows(head, body)]


def tables_page() -> str:
    every = list(contracts())
    lines = ["# Tables and their contracts", "", MADE, ""]
    lines += [
        "A file is recognised by its header, under any name and in any folder. Headers are compared without case, spaces or",
        "punctuation. A file that matches no contract is left aside and named with the nearest one; a file that matches a",
        "contract but breaks it is refused. What the tables hold after intake is in",
        "[architecture](../explanation/architecture.md#evidence-tables-after-intake).",
        "",
        "## A council's own extracts",
        "",
        "Templates: `commissioning.evidence.templates.write(folder, tables)`, or `commissioning new`.",
    ]
    for one, own in every:
        if own:
            lines += contract_lines(one)
    lines += ["", "## Published files", ""]
    lines += ["Read as their publishers issue them. A published file may hold further columns."]
    for one, own in every:
        if not own:
            lines += contract_lines(one)
    return "\n".join(lines) + "\n"


# --- schemas ----------------------------------------------------------------------------------------------------

SCHEMAS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The pilot file", "`pilots/<name>/pilot.toml`. A field that is not listed is refused.", pilot.Pilot),
    ("The record of a run", "`record.json` beside the site; explained in [records](records.md).", record.RunRecord),
    ("The record of a stage", "`<report>.stage.json`: what one stage hands to the next.", stage_records.StageRecord),
)


def kind_of(field: dict[str, Any]) -> str:
    """A JSON-schema type in words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "allOf" in field:
        return kind_of(field["allOf"][0])
    if "anyOf" in field:
        return " or ".join("nothing" if one.get("type") == "null" else kind_of(one) for one in field["anyOf"])
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{one}`" for one in field["enum"])
    if field.get("type") == "array":
        return f"list of {kind_of(field.get('items', {}))}"
    if field.get("type") == "object":
        inside = field.get("additionalProperties")
        return f"names with {kind_of(inside)}" if isinstance(inside, dict) else "names with values"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    kind = words.get(str(field.get("type")), "anything")
    kind = "date" if field.get("format") == "date" else kind
    return f"{kind} like `{field['pattern']}`" if "pattern" in field else kind


def schema_lines(title: str, schema: dict[str, Any], level: str) -> list[str]:
    needed = set(schema.get("required", ()))
    body = [
        (f"`{name}`", kind_of(field), "yes" if name in needed else default_of(field), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
        if name != "folder"
    ]
    said = cell(schema.get("description", ""))
    lines = ["", f"{level} {title}", ""]
    if said and not said.startswith("!!!"):
        lines += [said, ""]
    return [*lines, *rows(("field", "holds", "needed", "note"), body)]


def default_of(field: dict[str, Any]) -> str:
    default = field.get("default")
    return f"no: `{default}`" if default not in (None, "", [], {}) and not isinstance(default, dict) else "no"


def schemas_page() -> str:
    lines = ["# Schemas of files", "", MADE]
    defined: dict[str, dict[str, Any]] = {}
    for title, says, model in SCHEMAS:
        schema = model.model_json_schema()
        for name, part in schema.get("$defs", {}).items():
            if defined.setdefault(name, part) != part:
                raise ValueError(f"two schemas are called {name}")
        lines += ["", f"## {title}", "", says]
        lines += schema_lines(title, schema, "##")[2:]
    lines += ["", "## Parts"]
    for name in sorted(defined):
        lines += schema_lines(name, defined[name], "###")
    return "\n".join(lines) + "\n"


# --- the public interface ---------------------------------------------------------------------------------------


def api_page() -> str:
    lines = [
        "# The public interface",
        "",
        MADE,
        "",
        "What these names take and give is promised as [contributing](../../CONTRIBUTING.md#versions-and-what-is-promised)",
        "says. Names that are not here may change in any version.",
    ]
    for module, names in PUBLIC:
        lines += ["", f"## {module}"]
        loaded = importlib.import_module(module)
        for name in names:
            thing = getattr(loaded, name)
            lines += api_lines(f"{module.rpartition('.')[2]}.{name}", name, thing)
            if name in METHODS_IN_FULL:
                for key, value in vars(thing).items():
                    if inspect.isfunction(value) and not key.startswith("_"):
                        lines += api_lines(f"{METHODS_IN_FULL[name]}.{key}", key, value)
    return "\n".join(lines) + "\n"


def api_lines(title: str, name: str, thing: Any) -> list[str]:
    said = inspect.cleandoc(thing.__doc__ or "")
    if inspect.isclass(thing):
        fields = getattr(thing, "__dataclass_fields__", None)
        shape = f"{name}({', '.join(fields)})" if fields else name
        members = [
            (f"`{key}`", cell(inspect.cleandoc(value.__doc__ or "").split("\n\n")[0]))
            for key, value in vars(thing).items()
            if not key.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)) and value.__doc__
        ]
        extra = ["", *rows(("member", "what it gives"), members)] if members else []
    else:
        shape, extra = f"{name}{signature(thing)}", []
    return ["", f"### {title}", "", "```text", shape, "```", "", "```text", said, "```", *extra]


def signature(function: Any) -> str:
    """Names and defaults without annotations, which the docstring explains in words."""
    found = inspect.signature(function)
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()]
    return str(found.replace(parameters=plain, return_annotation=inspect.Signature.empty))


# --- the other names of columns, in a guide ---------------------------------------------------------------------


GUIDE = FOLDER.parent / "how-to" / "bring-my-extract.md"
NEEDED = ("<!-- needed, made by docs/generate.py -->", "<!-- end of needed -->")
BEGINS, ENDS = "<!-- names, made by docs/generate.py -->", "<!-- end of names -->"


def _with_needed(text: str) -> str:
    """The guide with the few columns without which a council's own extract is refused, and why."""
    above, below = text.split(NEEDED[0])[0], text.split(NEEDED[1])[1]
    needed = [
        (f"`{one.table}`", f"`{column.heading}`", why_needed(one, column).removeprefix("yes: "))
        for one in tables.CONTRACTS
        for column in one.must
    ]
    lines = [NEEDED[0], "", *rows(("table", "column", "why"), needed), "", NEEDED[1]]
    return above + "\n".join(lines) + below


def guide_page() -> str:
    """The guide with every other name of a column that is read, and every heading that `map` knows."""
    text = _with_needed(GUIDE.read_text(encoding="utf-8"))
    above, below = text.split(BEGINS)[0], text.split(ENDS)[1]
    other = [
        (f"`{table.table}`", f"`{one.heading}`", ", ".join(one.aliases))
        for table in tables.CONTRACTS
        for one in table.columns
        if one.aliases
    ]
    known = [(f"`{role}`", ", ".join(said)) for role, said in codes.CODES["headings"].items()]
    left = ", ".join(codes.CODES["left_out"]["headings"])
    lines = [
        BEGINS, "", "Of extracts that are read as they are:", "", *rows(("table", "column", "other names"), other), "",
        "Of files that `commissioning map` looks at (and these too):", "", *rows(("meaning", "headings"), known), "",
        f"Left out whenever `map` meets them: {left}.", "", ENDS,
    ]  # fmt: skip
    return above + "\n".join(lines) + below


PAGES = {"cli.md": cli_page, "tables.md": tables_page, "schemas.md": schemas_page, "api.md": api_page}


def main() -> None:
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
        print(f"docs/reference/{name}")
    GUIDE.write_text(guide_page(), encoding="utf-8")
    print("docs/how-to/bring-my-extract.md")


if __name__ == "__main__":
    main()
