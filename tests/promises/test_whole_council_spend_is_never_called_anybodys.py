"""A council's payments are of the whole council: a pilot's are those that a rule, a ledger, an agreement or a register says are."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from commissioning import pilot as pilots
from commissioning.presentation import words
from commissioning.reports import easy_read, stages
from commissioning.sections import figures, findings
from commissioning.sections.page import Page
from commissioning.study import payments, spend_lines
from commissioning.study.parameters import Parameters
from commissioning.study.prepare import prepare

DATA = Path(__file__).parents[2].parent / "shared" / "data"
NEWCASTLE, TRAFFORD = "E08000021", "E08000009"
GRANTS = (
    "Identifier,Title,Description,Currency,Amount Awarded,Award Date,Recipient Org:Identifier,Recipient Org:Name,"
    "Funding Org:Identifier,Funding Org:Name"
)


def ledger(*lines: tuple[str, str, str, str]) -> str:
    """A council's own payments: cost centre, payee, day, pounds."""
    rows = [f"{unit},{payee},Adults,{day},{pounds},not said" for unit, payee, day, pounds in lines]
    return "\n".join(["unit,payee,department,paid_on,amount,purpose", *rows]) + "\n"


WHOLE = ledger(
    ("LD Day Services", "Acorn Homes", "03/08/2022", "1000.00"),
    ("LD Supported Living", "Birch Trust", "19/08/2022", "250.50"),
    ("Learning Disab. Residential", "Acorn Homes", "25/08/2022", "4000.00"),
    ("Highways", "Birch Trust", "25/08/2022", "40000000.00"),
    ("LDN Office Rent", "Estates", "26/08/2022", "9.00"),
)


def page(folder: Path, files: dict[str, str], pilot: str, area: str = NEWCASTLE, more: str = "") -> Page:
    data = folder / "data"
    data.mkdir()
    for name, text in files.items():
        (data / name).write_text(text, encoding="utf-8")
    source = f'[[source]]\nfiles = "*"\npublisher = "Example Council"\narea = "{area}"\npublic = true\n{more}'
    (data / "sources.toml").write_text(source, encoding="utf-8")
    known = pilots.load(pilot)
    made = prepare(known, data, area=area, folder=folder / "study")
    return stages.page_of("pilot", Parameters(pilot=pilot, area=area), known, made)


def easy(report: Page) -> str:
    made = easy_read.make(report)
    return " ".join(one for part in made.all_parts() for idea in part.ideas for one in idea.sentences)


def said(report: Page) -> str:
    return str(report.spend_table().record)


def test_without_a_rule_no_total_is_given_and_the_page_says_that_it_cannot_tell(tmp_path):
    report = page(tmp_path, {"spend.csv": WHOLE}, "learning_disability")
    assert figures.spend(report).frame.empty and findings.headline_spend(report) == []
    assert "5 payments are of the whole council" in said(report) and "cannot be told" in said(report)
    assert "3 of them, in 3 cost centres, look as if they were" in said(report)
    assert "million" not in easy(report) and "40,00" not in said(report) and "5,250" not in said(report)


def test_the_prefix_of_one_councils_ledger_is_not_applied_to_anothers(tmp_path):
    text = ledger(("LEARN DIS 18-64 LT", "Acorn Homes", "03/08/2022", "1000.00"))
    assert figures.spend(page(tmp_path, {"spend.csv": text}, "learning_disability")).frame.empty


@pytest.mark.parametrize(
    ("rule", "pounds"),
    [
        ('["LD ", "Learning Disab"]', "5250.50"),
        ('["*Day Services"]', "1000.00"),
        ('["Nobody"]', None),
    ],
)
def test_a_line_of_sources_toml_says_which_cost_centres_are_the_pilots(tmp_path, rule, pounds):
    more = f"cost_centres = {{ learning_disability = {rule} }}\n"
    report = page(tmp_path, {"spend.csv": WHOLE}, "learning_disability", more=more)
    sums = [Decimal(int(pence)) / 100 for pence in figures.spend(report).frame["pence"]]
    assert sums == ([Decimal(pounds)] if pounds else [])


def test_the_months_that_are_covered_are_said_in_the_line_the_finding_and_the_note(tmp_path):
    more = 'cost_centres = { learning_disability = ["LD "] }\n'
    report = page(tmp_path, {"spend.csv": WHOLE}, "learning_disability", more=more)
    assert figures.spend(report).frame["basis"].tolist() == ["paid, net of credit notes, August 2022 alone"]
    (headline,) = findings.headline_spend(report)
    assert "August 2022 alone" in headline.record["sentence"]
    assert any("Payments of 2022-23 are of August 2022 alone" in note for note in figures.spend(report).notes)


def test_a_councils_month_of_payments_is_no_spend_on_voluntary_groups(tmp_path):
    report = page(tmp_path, {"spend.csv": WHOLE}, "vcf_funding")
    assert figures.spend(report).frame.empty and findings.headline_spend(report) == []
    assert "5 payments are of the whole council" in said(report)
    assert "million" not in easy(report) and "was spent" not in easy(report).replace("much money was spent", "")


def test_payments_to_organisations_that_hold_grants_are_named_for_what_is_known_and_are_no_finding(tmp_path):
    register = f"{GRANTS}\n360G-e-1,Choir,Singing,GBP,500,2021-05-04,GB-CHC-1146058,The Birch Trust,GB-LAE-NET,Example Council\n"
    report = page(tmp_path, {"spend.csv": WHOLE, "register.csv": register}, "vcf_funding")
    line = figures.spend(report).frame[figures.spend(report).frame["table"] == "payments"].iloc[0]
    assert line["what"].endswith("what they were for is not known") and line["scope"] == spend_lines.APART
    assert (
        int(line["pence"]) == 4_000_025_050
    )  # Highways and supported living, paid to an organisation of the register's name
    assert all("40" not in one.record["sentence"] for one in findings.headline_spend(report))
    assert "40 million" not in easy(report)


def test_a_rule_written_for_another_councils_pilot_is_not_used(tmp_path):
    known = pilots.load("learning_disability").model_copy(update={"payment_units": ("LD ",)})
    (tmp_path / "spend.csv").write_text(WHOLE, encoding="utf-8")
    for area, rows in ((known.area, 2), (NEWCASTLE, 0)):
        source = f'[[source]]\nfiles = "*"\npublisher = "P"\narea = "{area}"\npublic = true\n'
        (tmp_path / "sources.toml").write_text(source, encoding="utf-8")
        made = prepare(known, tmp_path, area=area, folder=tmp_path / area)
        assert made.record["payments"]["rows"] == rows


@pytest.mark.parametrize(
    ("months", "says"),
    [
        (("2024-04",), "April 2024 alone"),
        (("2024-04", "2024-06"), "2 months from April 2024 to June 2024"),
        (tuple(f"2024-{month:02d}" for month in range(1, 13)), ""),
        ((), ""),
    ],
)
def test_months_are_said_where_a_year_is_not_whole(months, says):
    assert payments.words_for_months(months) == says


@pytest.fixture(scope="module")
def newcastle(tmp_path_factory):
    path = DATA / "payments" / "spend_newcastle_2017-2022_ld_monthly_by_cost_centre_AGGREGATED.csv"
    if not path.is_file():
        pytest.skip("the real public data are not here")
    return path


def test_newcastles_cost_centres_are_told_by_a_rule_and_not_without_one(newcastle, tmp_path):
    text = newcastle.read_text(encoding="utf-8-sig")
    (tmp_path / "without").mkdir()
    without = page(tmp_path / "without", {"spend.csv": text}, "learning_disability")
    assert figures.spend(without).frame.empty and without.study.record["payments"]["alike_rows"] > 100
    (tmp_path / "with").mkdir()
    more = 'cost_centres = { learning_disability = ["*"] }\n'
    ruled = page(tmp_path / "with", {"spend.csv": text}, "learning_disability", more=more)
    with newcastle.open(encoding="utf-8-sig") as lines:  # a second route: the cells, added up
        whole = sum(Decimal(row["net_total"]) for row in csv.DictReader(lines))
    assert Decimal(int(figures.spend(ruled).frame["pence"].sum())) / 100 == whole


def test_traffords_own_ledger_says_what_its_cost_centres_are_for_and_its_payees_make_no_finding(tmp_path):
    names = ("spend_trafford_2024-25_payments_to_360g_grant_recipients.csv", "360g_trafford_council_vcs_grants.csv")
    paths = [DATA / "payments" / names[0], DATA / "grants" / names[1]]
    if not all(path.is_file() for path in paths):
        pytest.skip("the real public data are not here")
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in paths}
    report = page(tmp_path, files, "vcf_funding", area=TRAFFORD)
    lines = figures.spend(report).frame
    paid = lines[lines["table"] == "payments"]
    assert set(paid["scope"]) == {spend_lines.APART} and paid["pence"].sum() > 100_000_000
    (headline,) = findings.headline_spend(report)
    assert headline.record["sentence"].startswith("Amount awarded")
    assert not any(words.money_short(int(pence)) in headline.record["sentence"] for pence in paid["pence"])
    assert "million" not in easy(report)


def test_a_rule_for_cost_centres_that_fits_nothing_is_said_as_what_it_is(tmp_path):
    rule = 'cost_centres = { learning_disability = ["LD "] }\n'
    without = WHOLE.replace("unit,payee", "team,payee")
    other = WHOLE.replace("LD ", "Learning ")
    found = page(tmp_path, {"without.csv": without, "other.csv": other}, "learning_disability", more=rule)
    why = {one["file"]: one["not_used"] for one in found.study.files}
    assert "no column of cost centres" in why["without.csv"] and "begins as cost_centres" in why["other.csv"]
    assert not any("nothing says which" in one for one in why.values())


def test_rows_that_name_no_cost_centre_are_told_apart_by_none(tmp_path):
    rule = 'cost_centres = { learning_disability = ["LD "] }\n'
    found = page(
        tmp_path, {"a.csv": WHOLE + ",Cedar Care,Adults,25/08/2022,77.00,not said\n"}, "learning_disability", more=rule
    )
    counts = found.study.record["payments"]
    assert (counts["rows"], counts["pence"], counts["left_out_rows"], counts["untold_rows"]) == (2, 125_050, 3, 1)
