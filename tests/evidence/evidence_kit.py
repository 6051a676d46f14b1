"""Small files made on the spot, and what intake says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from commissioning.evidence.intake import take_in

TRAFFORD = "EffectiveDate,OrganisationalUnit,BeneficiaryName,PaymentDate,TransactionNumber,Amount,Purpose,ProclassLabel"
OWN = "payee,department,paid_on,amount"
PACKAGES = (
    "package_id,person_id,period,provider,ward,locality,funder,setting,provision,needs_band,"
    "weeks,weekly_cost,weekly_client,weekly_nhs"
)
SESSIONS = "period,provider,ward,place,sessions"


def pay(n: int = 5, amount: str = "10.00", date: str = "13/04/2024") -> list[str]:
    """n plain rows of the council's own payments format."""
    return [f"Supplier {i},Adults,{date},{amount}" for i in range(n)]


def package(i: int = 1, **cells: str) -> str:
    """A plain row of packages, with some cells set."""
    row = {
        "package_id": f"K{i:05d}",
        "person_id": f"P{i:05d}",
        "period": "2014-15 Q1",
        "provider": "A",
        "ward": "W",
        "locality": "N",
        "funder": "council",
        "setting": "day",
        "provision": "direct",
        "needs_band": "low",
        "weeks": "13",
        "weekly_cost": "100.00",
        "weekly_client": "0",
        "weekly_nhs": "0",
    }
    row.update(cells)
    return ",".join(row.values())


def csv(header: str, rows: list[str], end: str = "\n") -> str:
    return end.join([header, *rows]) + end


def check(folder: Path, content: str | bytes, name: str = "extract.csv") -> dict[str, Any]:
    """Write one file and take its folder in: that file's entry in `check --json`."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    entry = next(f for f in take_in(folder).as_json()["files"] if f["file"] == name)
    if entry["rows_in"] is not None:
        assert entry["rows_in"] == entry["rows_accepted"] + entry["rows_quarantined"] + entry["rows_not_data"]
        if entry["pence_in"] is not None:
            assert entry["pence_in"] == entry["pence_accepted"] + entry["pence_quarantined"] + entry["pence_not_data"]
    return entry


def accepted(entry: dict[str, Any], rows: int, quarantined: int = 0, not_data: int = 0, says: str = "") -> None:
    assert entry["status"] == "accepted", entry
    got = (entry["rows_accepted"], entry["rows_quarantined"], entry["rows_not_data"])
    assert got == (rows, quarantined, not_data), entry
    assert says in entry["reason"], entry["reason"]


def refused(entry: dict[str, Any], says: str) -> None:
    assert entry["status"] == "refused", entry
    assert says in entry["reason"], entry["reason"]


def quarantined(entry: dict[str, Any], where: str, code: str, column: str | None = None) -> None:
    assert entry["status"] == ("accepted" if entry["rows_accepted"] else "nothing accepted"), entry
    items = [q for q in entry["quarantine"] if q["where"] == where and q["code"] == code]
    assert items, entry
    assert column is None or items[0]["column"] == column, items
    assert items[0]["reason"]
