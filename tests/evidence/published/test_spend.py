"""PSS EX1 and ASC-FR as published, and the selections that never double a council's money."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_kit import lines, only, take

from commissioning.evidence import extract
from commissioning.evidence.loaded import Refused, Source
from commissioning.evidence.published import _reader, ascfr, pssex1, selections
from commissioning.evidence.published._stated import Stated

REGIONS = ",,,,,NW,NE"
LABELS = "Support type,Age category,Summary,Delivery mechanism,Accounting category,319 - Wirral,106 - Gateshead"
LD = "Long term,Age 18 to 64,Learning disability support"
SMALL = (
    f"{LD},Nursing,Gross current expenditure,100.25,1",
    f"{LD} ,Residential,Gross current expenditure,200.50,-2.5",
    f"{LD},Total,Gross current expenditure,300.75,-1.5",
    "Non Salt Totals,Age 18 to 64,Learning disability support ,Short and long term total,Gross current expenditure,300.75,-1.5",
    ",,,,,,",
    "Notes,,,,,,",
)
WIRRAL = {"area": "E08000015", "year": "2014-15"}

SAID = Stated(name="pss_2014-15.csv", source=Source())


def pss(tmp_path, *rows: str, labels: str = LABELS):
    text = lines(REGIONS, labels, *rows)
    intake = take(tmp_path, {"pss_2014-15.csv": text.encode("cp1252")})
    return intake, only(intake)


def test_each_cell_is_a_row_of_its_council(tmp_path):
    intake, file = pss(tmp_path, *SMALL)
    frame = intake.tables["area_spend"]
    assert (file.loaded.unit, file.loaded.rows_in, file.loaded.rows_accepted, file.loaded.rows_not_data) == (
        "cell",
        12,
        8,
        4,
    )
    row = frame.iloc[0]
    assert (row["area_code"], row["area"], row["support_reason"], row["amount_pence"]) == (
        "E08000015",
        "Wirral",
        "learning disability",
        10_025_000,
    )
    assert (row["source_row"], row["source_column"]) == ("3", "319 - Wirral")


def test_the_control_amount_is_every_cell_and_reconciles(tmp_path):
    _, file = pss(tmp_path, *SMALL)
    assert (
        file.loaded.pence_in
        == file.loaded.pence_accepted
        == (100_25 + 1_00 + 200_50 - 2_50 + 2 * (300_75 - 1_50)) * 1000
    )


def test_totals_are_never_added_to_their_details(tmp_path):
    intake, _ = pss(tmp_path, *SMALL)
    frame = intake.tables["area_spend"]
    assert frame.loc[frame["area"].eq("Wirral") & ~frame["is_total"], "amount_pence"].sum() == 30_075_000
    assert selections.gross_current(frame, **WIRRAL) == 30_075_000


def test_negative_spend_is_kept(tmp_path):
    intake, _ = pss(tmp_path, *SMALL)
    assert selections.gross_current(intake.tables["area_spend"], area="E08000037", year="2014-15") == -150_000


@pytest.mark.parametrize(("mark", "status"), [(":", "unknown"), ("", "unknown"), (".", "not applicable")])
def test_unavailable_and_undefined_are_not_zero(tmp_path, mark, status):
    intake, file = pss(tmp_path, f"{LD},Nursing,Gross current expenditure,{mark},1")
    row = intake.tables["area_spend"].iloc[0]
    assert row["status"] == status
    assert pd.isna(row["amount_pence"])
    assert file.loaded.rows_quarantined == 0


@pytest.mark.parametrize("bad", ["$0.00 ", "n/a", "1O0", "12.3.4", "1e99"])
def test_one_bad_cell_takes_no_other_council_with_it(tmp_path, bad):
    intake, file = pss(tmp_path, f"{LD},Nursing,Gross current expenditure,{bad},7")
    assert file.loaded.rows_quarantined == 1
    assert file.loaded.quarantine[["where", "column"]].to_numpy().tolist() == [["3", "319 - Wirral"]]
    assert intake.tables["area_spend"]["area"].tolist() == ["Gateshead"]


def test_a_row_with_a_lost_comma_is_quarantined_whole(tmp_path):
    _, file = pss(tmp_path, *SMALL[:1], f"{LD},Nursing,Gross current expenditure,5")
    assert file.loaded.rows_quarantined == 2
    assert file.loaded.quarantine["code"].tolist() == ["wrong number of fields"]


def test_a_column_of_no_known_council_is_named(tmp_path):
    labels = LABELS + ",999 - Atlantis"
    _, file = pss(tmp_path, f"{LD},Nursing,Gross current expenditure,1,2,3", labels=labels)
    assert any("Atlantis" in note for note in file.loaded.notes)


def test_unit_costs_sum_their_numerators_only(tmp_path):
    labels = (
        "Support type,Age category,Primary support reason,Service delivery mechanism,Unit cost category,"
        "Unit cost provision,319 - Wirral,England"
    )
    row = "Long term,Age 18 to 64,Learning disability support,Nursing"
    intake, file = pss(
        tmp_path,
        f"{row},Numerator,All,10,20",
        f"{row},Denominator,All,5,10",
        f"{row},Unit costs,All,2000,.",
        labels=labels,
    )
    frame = intake.tables["area_spend"].set_index(["category", "area"])
    assert file.loaded.pence_in == 3_000_000
    assert frame.loc[("unit cost: denominator", "Wirral"), "quantity"] == 5
    assert pd.isna(frame.loc[("unit cost: denominator", "Wirral"), "amount_pence"])
    assert frame.loc[("unit cost", "Wirral"), "amount_pence"] == 200_000
    assert frame.loc[("unit cost", "England"), "status"] == "not applicable"
    assert frame.loc[("unit cost: numerator", "England"), "area_code"] == "E92000001"


def test_activity_holds_weeks_and_no_money(tmp_path):
    labels = (
        "Support type,Age category,Primary support reason,Service delivery mechanism,Provision,319 - Wirral,North West"
    )
    row = "Long term,Age 18 to 64,Learning disability support,Nursing"
    intake, file = pss(
        tmp_path,
        f"{row},Total provision,52.14,100",
        ",Age 18 and over,,Capital charges,,Yes,",
        "Long term,Age 18 and over,,Internal home care provision,Hourly rate,15.20,16",
        labels=labels,
    )
    frame = intake.tables["area_spend"]
    assert file.loaded.pence_in is None
    assert frame.loc[0, "quantity"] == 52.14
    assert frame.loc[frame["unit"].eq("yes or no"), "quantity"].tolist()[0] == 1
    assert frame.loc[frame["unit"].eq("£ an hour"), "amount_pence"].tolist() == [1520, 1600]
    assert frame["area_kind"].unique().tolist() == ["council", "region"]


def test_a_half_written_file_is_refused(tmp_path):
    intake = take(tmp_path, {"pss_2014-15.csv": lines(REGIONS, LABELS, *SMALL).rstrip("\n")})
    assert only(intake).status == "refused"


def test_a_header_without_data_is_refused(tmp_path):
    assert pss(tmp_path)[1].status == "refused"


def test_other_rows_are_no_pss_ex1():
    with pytest.raises(ValueError, match="not a PSS EX1 file"):
        pssex1.parse([("1", ["a", "b"])], SAID)


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Learning disability support ", "learning disability"),
        ("Support with memory and cognition", "memory and cognition"),
        ("Social Support: Substance Misuse Support", "social support: substance misuse support"),
        ("Adult Social Care", "adult social care"),
    ],
)
def test_support_reasons_are_the_same_words_in_every_publication(label, reason):
    assert pssex1.support_reason(label) == reason


# -- bridge and grants --------------------------------------------------------------------------------------

BRIDGE = [
    ("gross total cost: total expenditure", 1000),
    ("income: joint arrangements", 0),
    ("income: income from nhs", 100),
    ("income: other income", 50),
    ("capital charges: own provision", 20),
    ("capital charges: provision by others", 10),
    ("gross current expenditure", 820),
    ("income: client contributions", 200),
    ("net current expenditure", 620),
]


def spend_frame(rows, **more) -> pd.DataFrame:
    base = {
        "publication": "pssex1", "area_code": "E08000015", "year": "2014-15", "age_band": "18 to 64", "term": "long term",
        "support_reason": "learning disability", "setting": "total", "is_total": True, "status": "known",
    }  # fmt: skip
    frame = pd.DataFrame([base | {"category": category, "amount_pence": pence} | more for category, pence in rows])
    return frame.astype({"amount_pence": "Int64"})


def test_the_bridge_names_each_step_and_adds_up():
    found = selections.bridge(spend_frame(BRIDGE), **WIRRAL)
    assert found["line"].tolist() == [
        "total expenditure", "joint arrangements", "income from the NHS", "other income", "capital charges",
        "gross current expenditure", "client contributions", "net current expenditure",
    ]  # fmt: skip
    assert found.loc[~found["is_sum"], "pence"].sum() == 620 - 1000


def test_the_publications_own_rounding_has_a_line_of_its_own():
    rows = [(name, pence + 1 if name == "net current expenditure" else pence) for name, pence in BRIDGE]
    found = selections.bridge(spend_frame(rows), **WIRRAL)
    assert found["line"].tolist()[-2:] == ["rounding in the publication", "net current expenditure"]
    assert found["pence"].tolist()[-2] == 1


def test_where_incomes_are_not_named_the_steps_between_the_sums_are_shown():
    rows = [
        ("gross total cost: total expenditure", 1000), ("gross total expenditure", 850),
        ("gross current expenditure", 820), ("net current expenditure", 620),
    ]  # fmt: skip
    found = selections.bridge(spend_frame(rows, publication="ascfr", setting="nursing", is_total=False), **WIRRAL)
    assert dict(zip(found["line"], found["pence"], strict=True)) == {
        "total expenditure": 1000, "income other than client contributions": -150, "capital charges": -30,
        "gross current expenditure": 820, "client contributions": -200, "net current expenditure": 620,
    }  # fmt: skip


def test_nothing_published_is_no_answer_and_never_zero():
    frame = spend_frame(BRIDGE)
    assert selections.gross_current(frame, area="E08000015", year="2099-00") is None
    assert selections.bridge(frame, area="E08000015", year="2099-00").empty
    assert selections.grants_to_voluntary(frame, **WIRRAL) is None
    unknown = spend_frame([("gross current expenditure", None)], status="unknown")
    assert selections.gross_current(unknown, **WIRRAL) is None


def test_a_voluntary_breakdown_alone_is_no_answer():
    only_parts = spend_frame([("gross current expenditure", 5)], setting="nursing", publication="ascfr")
    assert selections.gross_current(only_parts, **WIRRAL) is None


# -- ASC-FR ---------------------------------------------------------------------------------------------------

CODED = (
    "FY_Ending,CASSR_CODE,GEOGRAPHY_CODE,REGION_GO_CODE,CareType_KEY,AgeBand_KEY,PrimarySupportReason_KEY,"
    "SupportSetting_KEY,Purpose_KEY,CarerSupportType_KEY,DataType_KEY,TOTALEXPENDITURE,TOTALINCOME,"
    "NETTOTALEXPENDITURE,GROSSTOTALEXPENDITURE,NETCURRENTEXPENDITURE,GROSSCURRENTEXPENDITURE"
)


def coded(
    age: str = "1", kind: str = "1", setting: str = "7", gross: str = "10.00001", place: str = "319,E08000015,E12000002"
) -> str:
    return f"2017,{place},2,{age},4,{setting},,,{kind},{gross},1,9,{gross},9,{gross}"


def ascfr_file(tmp_path, *rows: str):
    intake = take(tmp_path, {"ascfr.csv": lines(CODED, *rows)})
    return intake.tables.get("area_spend"), only(intake)


def test_a_coded_row_becomes_six_labelled_rows(tmp_path):
    frame, file = ascfr_file(tmp_path, coded())
    assert (file.loaded.unit, file.loaded.rows_in, len(frame)) == ("row", 1, 6)
    assert set(frame["category"]) == set(ascfr.CATEGORIES.values())
    row = frame.iloc[0]
    assert (row["year"], row["age_band"], row["term"], row["support_reason"], row["setting"], row["area"]) == (
        "2016-17", "18 to 64", "long term", "learning disability", "residential", "Wirral",
    )  # fmt: skip


def test_a_key_without_a_label_keeps_its_code_in_words(tmp_path):
    frame, _ = ascfr_file(tmp_path, coded(setting="3"))
    assert frame.loc[0, "setting"] == "setting code 3 (not labelled)"


def test_dust_is_a_number_and_rounds_to_nothing(tmp_path):
    frame, file = ascfr_file(tmp_path, coded(gross="-2.20E-14"))
    assert file.loaded.rows_quarantined == 0
    assert file.loaded.pence_in == 0
    assert file.loaded.rounding_residue_pence != 0


def test_a_region_is_marked_and_never_a_council(tmp_path):
    frame, _ = ascfr_file(tmp_path, coded(), coded(place=",,E12000002"), coded(place=",,E92000001"))
    assert frame.drop_duplicates("source_row")["area_kind"].tolist() == ["council", "region", "england"]
    assert frame.drop_duplicates("source_row")["area_code"].tolist() == ["E08000015", "E12000002", "E92000001"]


def test_voluntary_age_bands_are_parts_of_65_and_over(tmp_path):
    frame, _ = ascfr_file(tmp_path, coded(age="2", gross="10"), coded(age="3", kind="2", gross="4"))
    assert selections.gross_current(frame, area="E08000015", year="2016-17") == 1_000_000


def test_the_same_keys_twice_are_quarantined(tmp_path):
    _, file = ascfr_file(tmp_path, coded(gross="10"), coded(gross="11"))
    assert file.loaded.rows_quarantined == 2
    assert file.loaded.pence_in == file.loaded.pence_quarantined == 2_100_000


def test_text_in_an_amount_is_quarantined(tmp_path):
    _, file = ascfr_file(tmp_path, coded(), coded(setting="6", gross="lots"))
    assert file.loaded.rows_quarantined == 1


def test_the_lookup_of_keys_is_a_small_table_of_its_own(tmp_path):
    intake = take(
        tmp_path, {"keys.csv": lines("field,key,label,n", "AgeBand_KEY,1,Age 18 to 64,25", "SupportSetting_KEY,,-,50")}
    )
    frame = intake.tables["ascfr_keys"]
    assert frame[["field", "label", "times_seen"]].iloc[0].tolist() == ["AgeBand_KEY", "Age 18 to 64", 25]
    assert len(frame) == 2


def test_the_grants_of_one_reason_are_the_sum_of_its_ages_and_terms():
    rows = [(selections.GRANTS, 5)]
    frame = pd.concat(
        [spend_frame(rows), spend_frame(rows, age_band="65 and over"), spend_frame(rows, term="short term"),
         spend_frame([(selections.GRANTS, 99)], support_reason="adult social care", term="non salt totals")]
    )  # fmt: skip
    assert selections.grants_to_voluntary(frame, **WIRRAL, support_reason="learning disability") == 15
    assert selections.grants_to_voluntary(frame, **WIRRAL) == 99
    assert selections.spend(frame, **WIRRAL, category=selections.GRANTS, age_band="65 and over", term="long term") == 5


def test_a_file_with_labels_and_no_councils_is_no_pss_ex1():
    header = LABELS.split(",")[:5] + ["Atlantis", "Lemuria"]
    assert pssex1.locate([("1", header)]) is None


def test_a_reader_refuses_rows_that_are_not_its_own(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text(lines("a,b", "1,2"))
    with pytest.raises(Refused, match="header row is not near the top"):
        pssex1.READERS[0].read(extract.open_extract(path), Source())


def test_a_file_far_too_large_for_its_kind_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(_reader, "IN_MEMORY_BYTES", 10)
    intake = take(tmp_path, {"pss_2014-15.csv": lines(REGIONS, LABELS, *SMALL)})
    assert "far larger" in only(intake).reason


def test_a_record_with_broken_quotes_is_quarantined_whole(tmp_path):
    _, file = pss(tmp_path, *SMALL[:1], '"Long" term,Age 18 to 64,X,Nursing,Gross current expenditure,1,2')
    assert file.loaded.rows_quarantined == 2


CELLS = st.one_of(
    st.decimals(min_value=-(10**6), max_value=10**6, places=3).map(str),
    st.sampled_from([":", ".", "", "$0.00", "x", "1E-9"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_whatever_the_cells_every_cell_and_penny_is_accounted_for(pairs):
    label = [*LD.split(","), "Nursing", "Gross current expenditure"]
    rows = [("2", LABELS.split(",")), *((str(at), [*label, *pair]) for at, pair in enumerate(pairs, 3))]
    parsed = pssex1.parse(rows, SAID)
    assert parsed.rows_in == 2 * len(pairs) == len(parsed.frame) + parsed.rows_quarantined + parsed.rows_not_data
    assert parsed.pence_in == parsed.frame["amount_pence"].sum()
    exact = sum(Decimal(cell) for pair in pairs for cell in pair if cell not in (":", ".", "", "$0.00", "x"))
    assert parsed.pence_in + parsed.rounding_residue_pence == exact * 100_000


@pytest.mark.parametrize("mark", ["\x00", "\x1f", "\ufffd", "Â£"])
def test_a_damaged_label_sets_the_whole_row_aside_and_a_damaged_figure_its_cell(tmp_path, mark):
    labelled = SMALL[0].replace("Nursing", f"Nur{mark}sing").encode()
    text = lines(REGIONS, LABELS).encode() + labelled + b"\n" + lines(*SMALL[1:]).encode()
    file = only(take(tmp_path, {"pss_2014-15.csv": text}))
    assert (file.loaded.rows_in, file.loaded.rows_quarantined, file.loaded.rows_accepted) == (12, 2, 6)
    assert file.loaded.quarantine["column"].tolist() == ["Delivery mechanism"]
    figure = SMALL[0].replace("100.25", f"100.25{mark}").encode()
    text = lines(REGIONS, LABELS).encode() + figure + b"\n" + lines(*SMALL[1:]).encode()
    file = only(take(tmp_path, {"pss_2014-15.csv": text}))
    assert (file.loaded.rows_quarantined, file.loaded.rows_accepted) == (1, 7)
    assert file.loaded.quarantine["code"].tolist() == ["not a number"]


def test_a_row_that_lost_its_figures_is_set_aside_and_a_note_of_one_cell_is_not(tmp_path):
    _, file = pss(tmp_path, *SMALL, f"{LD},Residential,Gross current expenditure", "Source: HSCIC")
    assert (file.loaded.rows_in, file.loaded.rows_quarantined, file.loaded.rows_not_data) == (16, 2, 6)
    assert file.loaded.quarantine["code"].tolist() == ["wrong number of fields"]


def test_a_heading_is_a_council_a_region_or_said_to_be_unknown():
    assert [pssex1._area(heading)[2] for heading in ("319 - Wirral", "England", "North West", "Atlantis")] == [
        "council", "england", "region", "unknown",
    ]  # fmt: skip
