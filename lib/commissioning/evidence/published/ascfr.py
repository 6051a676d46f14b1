"""ASC-FR 2016-17: gross, net and income in £000 under coded keys, and the small file of labels.

Source: NHS Digital, *Adult Social Care Activity and Finance Report, England, 2016-17*,
finance data. Quirks: ten aggregate areas (nine regions and England) have blank council codes,
so a naive sum is three times too large; negatives are real; dust such as -2.20E-14 is a number
by contract. Age bands 65 to 74, 75 to 84, and 85 and over are voluntary details of 65 and over.

The labels of the keys were derived by comparing sibling files; support settings 1 to 5 and 9,
and some reasons and care types, have no label and keep their code in words.
"""

from __future__ import annotations

import pandas as pd

from commissioning.evidence.published import _tables
from commissioning.evidence.published._areas import CODES_WITHOUT_COUNCIL, COUNCILS
from commissioning.evidence.published._reader import Reshaped
from commissioning.evidence.published._stated import Stated
from commissioning.wording import counted

# The same words as PSS EX1 2014-15, so that one selection serves both publications.
CATEGORIES = {
    "TOTALEXPENDITURE": "gross total cost: total expenditure",
    "TOTALINCOME": "income: total",
    "NETTOTALEXPENDITURE": "net total expenditure",
    "GROSSTOTALEXPENDITURE": "gross total expenditure",
    "NETCURRENTEXPENDITURE": "net current expenditure",
    "GROSSCURRENTEXPENDITURE": "gross current expenditure",
}
TERMS = {"2": "long term", "4": "short term"}
AGES = {"1": "18 to 64", "2": "65 and over", "3": "65 to 74", "4": "75 to 84", "5": "85 and over"}
REASONS = {
    "4": "learning disability", "5": "mental health", "6": "physical", "7": "sensory", "13": "memory and cognition",
}  # fmt: skip
SETTINGS = {"6": "nursing", "7": "residential"}
PURPOSES = {"2": "to maximise independence"}
_CODED = ("term", "age_band", "support_reason", "setting", "purpose", "carer", "data_type")
DATA_TYPES = {"1": "mandatory", "2": "voluntary"}


def _pence(header: str) -> str:
    return f"{header.lower()}_pence"


CONTRACT = _tables.contract("ascfr")
KEYS_CONTRACT = _tables.contract("ascfr_keys")


def _labels(codes: pd.Series, labels: dict[str, str], what: str, blank: str) -> pd.Series:
    known = {c: labels.get(c, f"{what} code {c} (not labelled)") for c in codes.dropna().unique()}
    return codes.map(known).astype(object).where(codes.notna(), blank)


_KNOWN = {
    "CareType_KEY": TERMS,
    "AgeBand_KEY": AGES,
    "PrimarySupportReason_KEY": REASONS,
    "SupportSetting_KEY": SETTINGS,
    "Purpose_KEY": PURPOSES,
    "DataType_KEY": DATA_TYPES,
}


def other_meanings(keys: pd.DataFrame) -> list[str]:
    """Codes to which a file of labels (field, key, label) gives another meaning than the one known here, in words; empty where none."""
    found = []
    for field, key, label in zip(keys["field"], keys["key"], keys["label"], strict=True):
        known = _KNOWN.get(str(field), {}).get(str(key))
        words = " ".join(str(label).split()).casefold()
        if known and not all(word in words for word in known.removeprefix("to ").split()):
            found.append(f"{field} {key} is “{label}”, not {known}")
    return found


def reshape(frame: pd.DataFrame, said: Stated) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Checked rows → `area_spend`: six rows (one a category) for each row of the file.

    Columns as for PSS EX1, with `data_type` mandatory or voluntary. `is_total` marks the
    voluntary age bands, whose money stands in "65 and over" already.
    """
    coded = ["cassr_code", "area_code", *_CODED]
    frame = frame.assign(**{name: frame[name].astype(object).where(frame[name].ne("not applicable")) for name in coded})
    council = frame["area_code"].notna()
    ends = frame["year_ends"].astype(int)
    regions = {code: found[0] for code, found in CODES_WITHOUT_COUNCIL.items()}
    kinds = {code: found[1] for code, found in CODES_WITHOUT_COUNCIL.items()}
    names = {code: found[1] for code, found in COUNCILS.items()}
    setting = _labels(frame["setting"], SETTINGS, "setting", "not split")
    purpose = _labels(frame["purpose"], PURPOSES, "purpose", "")
    reason = _labels(frame["support_reason"], REASONS, "reason", "all reasons")
    carer = _labels(frame["carer"], {}, ", carer support", "")
    base = pd.DataFrame(
        {
            "publication": "ascfr",
            "area_code": frame["area_code"].astype(object).where(council, frame["region_code"]),
            "area": frame["cassr_code"].astype(object).map(names).where(council, frame["region_code"].map(regions)),
            "area_kind": frame["region_code"].map(kinds).where(~council, "council"),
            "year": pd.Series([f"{end - 1}-{end % 100:02d}" for end in ends], index=frame.index, dtype=object),
            "age_band": _labels(frame["age_band"], AGES, "age band", "all ages"),
            "term": _labels(frame["term"], TERMS, "care type", "all terms"),
            "support_reason": reason + carer,
            "setting": purpose.where(purpose.ne(""), setting),
            "provision": "all",
            "unit": "£000",
            "data_type": _labels(frame["data_type"], DATA_TYPES, "data type", "not said"),
            "source_row": frame["source_row"],
        }
    )
    base["is_total"] = base["data_type"].eq("voluntary")
    parts = [
        base.assign(
            category=category,
            source_column=header,
            amount_pence=frame[_pence(header)].astype("Int64"),
            status=frame[f"{_pence(header)}_status"],
            quantity=pd.array([pd.NA] * len(base), dtype="Float64"),
        )
        for header, category in CATEGORIES.items()
    ]
    aggregate = int((~council).sum())
    notes = (f"{counted(aggregate, 'row')} of regions or of England: never summed with councils",) if aggregate else ()
    return pd.concat(parts, ignore_index=True), notes


READERS = (
    Reshaped(rows=CONTRACT, contract=_tables.made("area_spend", CONTRACT), reshape=reshape),
    Reshaped(
        rows=KEYS_CONTRACT,
        contract=_tables.made("ascfr_keys", KEYS_CONTRACT),
        reshape=lambda frame, said: (frame, ()),
    ),
)
