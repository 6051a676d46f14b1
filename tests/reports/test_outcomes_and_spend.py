"""The page of two sides says what is known, of whatever is here, and nothing later than the period asked for."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from commissioning import pilot as pilots
from commissioning.disclosure import policy
from commissioning.study import payments as payments_of_a_council
from commissioning.study.prepare import prepare
from commissioning.study.prepared import Prepared

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "pilots" / "learning_disability" / "outcomes_and_spend.ipynb"
AREA = "E08000015"


def kit() -> ModuleType:
    path = ROOT / "tests" / "promises" / "client_level_kit.py"
    spec = importlib.util.spec_from_file_location("client_level_kit", path)
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


PAYMENTS = (
    "EffectiveDate,OrganisationalUnit,BeneficiaryName,PaymentDate,TransactionNumber,Amount,Purpose,ProclassLabel\n"
    "30/06/2024,HIGHWAYS,Supplier A,30/06/2024,T1,1000.10,Roads,Roads\n"
    "31/07/2024,ADULTS LD,Supplier B,31/07/2024,T2,2000.20,Care,Care\n"
)


@pytest.fixture(
    scope="module", params=["Client Level Data alone", "payments alone", "half a year of Client Level Data"]
)
def studied(request, tmp_path_factory) -> tuple[str, Path]:
    """What is here, and its study."""
    data, made = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("study") / "study"
    if request.param == "payments alone":
        (data / "spend.csv").write_text(PAYMENTS)
    else:
        last = date(2024, 9, 30) if request.param.startswith("half") else date(2025, 3, 31)
        kit().World(people=250).submission(data / "cld.csv", date(2024, 4, 1), last)
    (data / "sources.toml").write_text(f'[[source]]\nfiles = "*.csv"\npublisher = "A council"\narea = "{AREA}"\n')
    prepare(pilots.load("learning_disability"), data, area=AREA, folder=made)
    return request.param, made


def test_every_cell_has_something_true_to_say_of_little(studied, shown_by, own_study):
    what, folder = studied
    own_study(folder)
    shown = shown_by(NOTEBOOK, pilot="learning_disability")
    assert all(shown.values())
    page = "\n".join(shown.values())
    if what == "payments alone":
        assert "No outcome is known" in page
    if what.startswith("half"):
        assert Prepared(folder).published("coverage")["months"].tolist() == [6]
        assert any("2024-25 (6 of 12 months)" in one for one in Prepared(folder).record["findings"])


def test_nothing_later_than_the_period_is_shown(shown_by):
    """On the sample: a year, and a quarter before its year has ended."""
    for period, last in (("2013-14", "2013-14"), ("2013-14 Q2", "2012-13")):
        shown = shown_by(NOTEBOOK, pilot="learning_disability", period=period)
        table = next(text for cell, text in shown.items() if "year_table" in cell)
        years = [line[:7] for line in table.splitlines() if line[:2] == "20"]
        assert years and max(years) == last


def test_the_whole_of_the_payments_is_all_of_them_with_those_that_name_their_agreement():
    payments = pd.DataFrame(
        {
            "year": ["2024-25", "2024-25", "2023-24"],
            "amount_pence": pd.array([100, 250, 30], dtype="Int64"),
            "paid_on": pd.to_datetime(["2024-05-01", "2024-06-01", "2024-03-01"]),
            "grant_id": [None, "G1", None],
            "payee": ["A", "B", "C"],
            "source_file": "spend.csv",
            "source_row": ["2", "3", "4"],
        }
    )
    assert payments_of_a_council.whole_by_year(payments, public=True, policy=policy()) == [
        {"year": "2023-24", "pence": 30, "rows": 1, "months": 1, "public": True},
        {"year": "2024-25", "pence": 350, "rows": 2, "months": 2, "public": True},
    ]
    assert payments_of_a_council.whole_by_year(payments, public=False, policy=policy()) == [], (
        "of three payees nothing is said"
    )
