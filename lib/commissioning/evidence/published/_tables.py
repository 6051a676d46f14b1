"""The published tables as intake knows them: their columns, their keys, and whose spend they are."""

from __future__ import annotations

from commissioning.evidence.contracts import Column, Contract, Holds, Unit


def _column(name: str, holds: Holds, says: str) -> Column:
    return Column(name=name, holds=holds, says=says)


def indicators(title: str, version: str) -> Contract:
    """One row an area, year, measure and breakdown; the same key in two files is the same figure."""
    return Contract(
        table="indicators",
        title=title,
        version=version,
        columns=(
            _column("area_code", "text", "ONS code; missing for council types"),
            _column("area", "text", "the area's name in that year"),
            _column("cassr_code", "text", "the publication's own code"),
            _column("year", "year", "financial year"),
            _column("code", "text", "the measure: 1E, 1G, …"),
            _column("disaggregation", "text", "total, female, 18-64, …"),
            _column("published_code", "text", "the measure and breakdown as published: 1EF"),
            _column("numerator", "number", "people counted"),
            _column("denominator", "number", "people it is out of"),
            _column("value", "number", "as published"),
        ),
        key=("cassr_code", "area", "year", "published_code", "code"),
    )


def area_spend(title: str, version: str, *, unit: Unit = "row", money: bool = True) -> Contract:
    """One figure of a publication on councils' adult social care."""
    return Contract(
        table="area_spend",
        title=title,
        version=version,
        columns=(
            _column("publication", "text", "pssex1, unit costs, activity or ascfr"),
            _column("area_code", "text", "ONS code"),
            _column("year", "year", "financial year"),
            _column("age_band", "text", "18 to 64, 65 and over, …"),
            _column("term", "text", "long term, short term, …"),
            _column("support_reason", "text", "learning disability, …"),
            _column("setting", "text", "where or how support is given"),
            _column("category", "text", "gross current expenditure, …"),
            _column("provision", "text", "who provides"),
            _column("amount_pence", "money", "pence"),
            _column("quantity", "number", "weeks, clients"),
        ),
        unit=unit,
        control_amount="amount_pence" if money else None,
        key=(
            "publication", "area_code", "year", "age_band", "term", "support_reason", "setting", "category", "provision",
        ),
    )  # fmt: skip


def ascfr_keys(title: str, version: str) -> Contract:
    """Labels of the coded keys."""
    return Contract(
        table="ascfr_keys",
        title=title,
        version=version,
        columns=(
            _column("field", "text", "the coded column"),
            _column("key", "text", "the code"),
            _column("label", "text", "what it means"),
        ),
        key=("field", "key"),
    )


def deprivation(title: str, version: str) -> Contract:
    """Scores of the Index of Multiple Deprivation by council."""
    return Contract(
        table="deprivation",
        title=title,
        version=version,
        columns=(
            _column("area_code", "text", "ONS code"),
            _column("year", "text", "of the index"),
            _column("domain", "text", "all, income, …"),
            _column("score", "number", "the average score"),
        ),
        key=("area_code", "year", "domain"),
    )
