"""A mapping proposes what it knows, marks what it doubts, and never holds a person's data."""

from __future__ import annotations

import csv
import random
from datetime import date

import openpyxl
import pytest

from commissioning import cli
from commissioning.errors import DataRefused
from commissioning.evidence.intake import take_in
from commissioning.evidence.mapping import codes, document, rows, values

HEAD = ("Person ID", "Client Name", "NHS Number", "DOB", "Postcode", "Gender", "Support Reason", "Service", "Start Date", "End Date",
        "Weekly Cost", "Notes", "Band Colour")  # fmt: skip


def services(path, *, head=HEAD, rows_=200, planted=()):
    """Services of invented people; `planted` are words put, one each, into the columns of categories."""
    r = random.Random(3)
    spare = list(planted)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Period", "", ""])
        writer.writerow(["From", "01/04/2023"])
        writer.writerow(["To", "31/03/2024"])
        writer.writerow(head)
        for n in range(rows_):
            gender = spare.pop() if spare else r.choice(["Female", "Male", "Fem ale"])
            service = spare.pop() if spare else r.choice(["Home Care", "Day Care", "Zorbing"])
            writer.writerow([
                f"10{n:04d}", f"Zebedee Quillfeather{n % 7}", f"943476{n:04d}", f"{n % 27 + 1:02d}/02/1970", f"QZ{n % 90 + 10} 4XY", gender,
                r.choice(["Learning Disability Support", "Mental Health"]), service, "03/05/2023", "", "£100.00",
                f"rang Zebedee Quillfeather{n % 7}", r.choice(["Red", "Blue"]),
            ])  # fmt: skip


PLANTED = ["Ada Lovelace", "943 476 5919", "QZ12 4XY", "01/02/1970", "ada@example.org", "White, Ada", "9434765919"]


@pytest.fixture
def mapped(tmp_path, capsys):
    services(tmp_path / "services.csv", planted=PLANTED)
    assert cli.main(["map", str(tmp_path / "services.csv")]) == 0
    return tmp_path, (tmp_path / document.NAME).read_text(encoding="utf-8"), capsys.readouterr().out


def test_no_name_number_postcode_or_birth_date_is_copied_or_printed(mapped):
    _, text, said = mapped
    for secret in (*PLANTED, "Quillfeather", "Zebedee", "943476", "QZ1", "1970", "100001"):
        assert secret not in text and secret not in said, secret
    assert "further words" in said and "count as unknown" in said


def test_a_persons_name_on_many_of_their_own_rows_is_not_copied(tmp_path):
    path = tmp_path / "services.csv"
    services(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    own = (
        lines[10]
        .replace(",Female,", ",Ada Lovelace,")
        .replace(",Male,", ",Ada Lovelace,")
        .replace(",Fem ale,", ",Ada Lovelace,")
    )
    path.write_text("\n".join([*lines, *[own] * 30]) + "\n", encoding="utf-8")
    assert cli.main(["map", str(path)]) == 0
    assert "Lovelace" not in (tmp_path / document.NAME).read_text(encoding="utf-8")


def test_a_word_of_many_people_that_no_list_knows_is_proposed_in_doubt(mapped):
    entry = document.read(mapped[0] / document.NAME)[0]
    assert entry.words["service"]["Zorbing"] == "?"
    assert entry.words["sex"]["Fem ale"].startswith("? ")
    assert entry.words["service"]["Home Care"] == "home support"


def test_columns_that_name_people_are_left_out(mapped):
    entry = document.read(mapped[0] / document.NAME)[0]
    out = {heading for heading, role in entry.columns.items() if role == codes.LEFT_OUT}
    assert {"Client Name", "NHS Number", "Postcode", "Notes", "Band Colour"} <= out


def test_a_word_in_doubt_counts_as_unknown_and_a_new_one_too(mapped):
    folder, _, _ = mapped
    people = take_in(folder, area="E08000015").raise_if_refused().tables["people"]
    assert set(people["sex"]) == {"female", "male", "unknown"}
    packages = take_in(folder, area="E08000015").tables["packages"]
    assert set(packages["setting"]) == {"home support", "day", "unknown"}


def test_a_file_without_a_row_of_headings_is_not_mapped(tmp_path, capsys):
    with (tmp_path / "plain.csv").open("w", encoding="utf-8") as file:
        file.writelines(f"Zebedee,Quillfeather{n},9434765919,01/02/1970,Female\n" for n in range(50))
    assert cli.main(["map", str(tmp_path / "plain.csv")]) == 65
    said = capsys.readouterr().err
    assert "none is near" in said and "Zebedee" not in said
    assert not (tmp_path / document.NAME).exists()


def test_a_file_of_other_columns_names_the_nearest_by_what_is_here_and_what_is_missing(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("Person ID,Gender,Ethnicity,Ward\n1,F,White,Elm\n", encoding="utf-8")
    assert cli.main(["map", str(tmp_path / "a.csv")]) == 65
    said = capsys.readouterr().err
    assert "Person ID, Gender, Ethnicity, Ward; missing: start, end" in said


def test_a_file_that_is_read_as_it_is_needs_no_mapping(tmp_path, capsys):
    from commissioning.evidence import templates

    templates.write(tmp_path, ["reviews"], "csv")
    assert cli.main(["map", str(tmp_path / "reviews.csv")]) == 0
    assert "needs no mapping" in capsys.readouterr().out and not (tmp_path / document.NAME).exists()


def test_a_file_that_does_not_say_what_it_covers_is_refused_until_a_person_says(tmp_path):
    services(tmp_path / "services.csv")
    path = tmp_path / "services.csv"
    lines = path.read_text(encoding="utf-8").splitlines()[3:]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert cli.main(["map", str(path)]) == 0
    found = take_in(tmp_path, area="E08000015")
    assert 'covers = "2022-04-01 to 2025-03-31"' in found.refusal()


def test_a_mapped_heading_that_is_gone_refuses_the_file_by_name(mapped):
    folder, _, _ = mapped
    path = folder / "services.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Weekly Cost", "Weekly Costings"), encoding="utf-8")
    assert "no heading “Weekly Cost”" in take_in(folder, area="E08000015").refusal()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('[[file]]\nfiles = ["a.csv"]\nshape = "service"', "did you mean services?"),
        ('[[file]]\nfiles = "a.csv"\nshape = "services"', "files must be a list"),
        ('[[file]]\nfiles = ["a.csv"]\nshape = "services"\n[file.columns]\nA = "wards"', "did you mean ward?"),
        ('[[file]]\nfiles = ["a.csv"]\nshape = "services"\n[file.words.sex]\nA = "woman"', "what sex may mean"),
        ("[[file]]\nfiles = [", "not valid TOML"),
        ('[files]\na = "b"', "[[file]] tables only"),
    ],
)
def test_a_mapping_that_is_wrong_says_where_and_what_is_right(tmp_path, line, says):
    (tmp_path / document.NAME).write_text(line, encoding="utf-8")
    with pytest.raises(DataRefused) as refused:
        take_in(tmp_path)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("met", "told"),
    [
        (["fully met", "fully met"], "fully met"),
        (["fully met", "not met"], "partly met"),
        (["partly met", "unknown"], "partly met"),
        (["fully met", "unknown"], "unknown"),
        (["not met", "unknown"], "unknown"),
        (["not met", "left out"], "not met"),
        (["left out"], "unknown"),
        (["fully met", "not met", "unknown"], "partly met"),
    ],
)
def test_several_outcomes_are_one_by_the_national_rule(met, told):
    assert rows.fold(met) == told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("£12,360 (tbc)", ("£12,360", "… (tbc)")),
        ("ended", ("", "ended")),
        ("21000", ("21000", "")),
        ("(1,200.50)", ("(1,200.50)", "")),
    ],
)
def test_an_amount_and_the_words_beside_it_are_told_apart(text, found):
    assert values.amount_and_word(text) == found


def test_every_word_shipped_means_something_that_its_column_takes():
    for role, said in codes.CODES["words"].items():
        shape = next(one for one in (codes.SERVICES, "reviews") if codes.meanings(one, role))
        for mean in said:
            assert mean.replace("_", " ") in codes.meanings(shape, role), (role, mean)


def test_no_word_or_heading_shipped_means_two_things():
    for role, said in codes.CODES["words"].items():
        every = [codes.key(one) for words in said.values() for one in words]
        assert len(set(every)) == len(every), role
    for shape in codes.shapes():
        every = [one for headings in codes.roles(shape).values() for one in headings]
        twice = {one for one in every if every.count(one) > 1}
        assert not twice, (shape, twice)


def test_a_recognised_extract_whose_words_are_not_its_contracts_is_mapped_and_read(tmp_path, capsys):
    from commissioning.evidence import templates

    templates.write(tmp_path, ["people"], "csv")
    path = tmp_path / "people.csv"
    head, row = path.read_text(encoding="utf-8-sig").splitlines()[:2]
    cells = row.split(",")
    at = head.split(",").index("ethnicity")
    lines = [head]
    for n in range(12):
        cells[head.split(",").index("person_id")] = f"P{n:05d}"
        cells[at] = "White - Irish" if n < 6 else "Martian"
        lines.append(",".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert take_in(tmp_path).files[0].status == "nothing accepted"
    assert cli.main(["map", str(path)]) == 0
    assert '"Martian" = "?"' in capsys.readouterr().out
    people = take_in(tmp_path).raise_if_refused().tables["people"]
    assert people["ethnicity"].value_counts().to_dict() == {"white": 6, "unknown": 6}


def test_a_workbook_with_real_dates_numbers_and_what_it_covers_above_its_headings_is_mapped_and_read(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Period from", date(2023, 4, 1)])
    sheet.append(["Date to", "31/03/2024"])
    sheet.append(["Mosaic ID", "DOB", "Client Group", "Element", "Start", "End", "Weekly Cost"])
    for n in range(30):
        service = "Homecare" if n % 2 else "Respite"
        sheet.append([1000 + n, date(1980, 1, 1), "LD", service, date(2023, 5, 3), date(2023, 8, 1), 123.4])
    book.save(tmp_path / "mosaic.xlsx")
    assert cli.main(["map", str(tmp_path / "mosaic.xlsx")]) == 0
    found = take_in(tmp_path).raise_if_refused()
    packages = found.tables["packages"]
    assert len(found.tables["people"]) == len(packages) == 15 * 2
    assert set(found.tables["people"]["age"]) == {43} and set(packages["weekly_cost_pence"]) == {12_340}
    assert any("15 services of short term support: left out" in one.reason for one in found.files)
