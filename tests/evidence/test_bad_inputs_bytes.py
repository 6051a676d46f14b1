"""Bad extracts: bytes and encoding."""

from __future__ import annotations

import json

import pytest
from evidence_kit import OWN, accepted, check, csv, pay, quarantined, refused

from commissioning.evidence.intake import take_in

BODY = csv(OWN, pay(5))


def test_01_a_byte_order_mark_is_not_part_of_the_first_header(tmp_path):
    accepted(check(tmp_path, b"\xef\xbb\xbf" + BODY.encode()), 5, says="byte order mark")
    assert list(take_in(tmp_path).tables["payments"].columns)[0] == "payee"


@pytest.mark.parametrize("marks", [2, 3])
def test_02_a_doubled_byte_order_mark_is_stripped_and_noted(tmp_path, marks):
    accepted(check(tmp_path, b"\xef\xbb\xbf" * marks + BODY.encode()), 5, says=f"{marks} byte order marks")


@pytest.mark.parametrize(("codec", "bom"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
def test_03_utf_16_with_a_mark_is_decoded_and_named(tmp_path, codec, bom):
    body = BODY.replace("Supplier 1", "Café £1")
    accepted(check(tmp_path, bom + body.encode(codec)), 5, says="UTF-16")


def test_03_utf_16_cut_in_the_middle_of_a_character_is_refused(tmp_path):
    refused(check(tmp_path, b"\xff\xfe" + BODY.encode("utf-16-le")[:-1]), "cannot be decoded")


def test_03_utf_16_without_a_mark_is_never_read_as_something_else(tmp_path):
    assert check(tmp_path, BODY.encode("utf-16-le"))["status"] != "accepted"


def test_03_utf_32_is_refused_by_name(tmp_path):
    refused(check(tmp_path, b"\xff\xfe\x00\x00" + BODY.encode("utf-32-le")), "UTF-32")


def test_05_cp1252_is_read_only_where_utf_8_fails_and_is_noted(tmp_path):
    body = BODY.replace("Supplier 1", "“Friends” – café").replace("10.00", "£10.00", 1)
    accepted(check(tmp_path, body.encode("cp1252")), 5, says="cp1252")
    assert take_in(tmp_path).tables["payments"]["payee"][1] == "“Friends” – café"


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_06_bytes_that_cp1252_does_not_define_are_refused_by_offset(tmp_path, byte):
    body = BODY.replace("Supplier 1", "Caf\xe9").encode("latin-1")
    cut = body.index(b"Caf") + 4
    refused(check(tmp_path, body[:cut] + bytes([byte]) + body[cut:]), f"0x{byte:02X} at offset {cut}")


@pytest.mark.parametrize("text", ["Â£5 shop", "Friendâ€™s", "CafÃ©", "Â£", "â‚¬5", "Ã‚Â£5"])
def test_07_text_decoded_twice_is_set_aside(tmp_path, text):
    body = csv(OWN, [*pay(199), f"{text},Adults,13/04/2024,10.00"])
    entry = check(tmp_path, body)
    accepted(entry, 199, 1)
    quarantined(entry, "201", "decoded twice", "payee")


def test_07_text_decoded_twice_in_over_one_row_in_a_hundred_refuses_the_file(tmp_path):
    refused(check(tmp_path, csv(OWN, pay(90) + ["CafÃ©,A,13/04/2024,1.00"] * 5)), "decoded twice")


@pytest.mark.parametrize("text", ["CAFÉ–BAR", "Beyoncé’s", "Señor £5", "Ångström", "Müller"])
def test_07_honest_accents_are_not_taken_for_text_decoded_twice(tmp_path, text):
    accepted(check(tmp_path, csv(OWN, [*pay(3), f"{text},Adults,13/04/2024,10.00"])), 4)


def test_07_a_lost_character_is_set_aside(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(3), "Caf\ufffd,Adults,13/04/2024,10.00"]))
    quarantined(entry, "5", "lost character", "payee")


def test_09_a_nul_byte_in_a_cell_is_set_aside(tmp_path):
    entry = check(tmp_path, csv(OWN, [*pay(3), "A\x00B,Adults,13/04/2024,10.00"]))
    accepted(entry, 3, 1)
    quarantined(entry, "5", "nul byte", "payee")


@pytest.mark.parametrize("junk", ["\u200b", "\u00a0", "\u00ad", "\ufeff", "\u2060", "\u200e"])
def test_10_hidden_characters_in_a_header_are_stripped_and_noted(tmp_path, junk):
    accepted(check(tmp_path, BODY.replace("payee", f"pay{junk}ee", 1)), 5, says="hidden characters")


def test_10_two_headers_that_collide_after_stripping_are_refused(tmp_path):
    body = csv(OWN + ",amount\u200b", [r + ",1.00" for r in pay(3)])
    refused(check(tmp_path, body), "two columns for amount")


def test_11_hidden_characters_in_an_id_are_removed_and_the_rest_matches(tmp_path):
    rows = ["A,Adults,13/04/2024,1.00,G\u200b01", "B,Adults,13/04/2024,1.00,G\u00a001", "C,Adults,13/04/2024,1.00,G01"]
    accepted(check(tmp_path, csv(OWN + ",grant_id", rows)), 3, says="inside ids were removed")
    assert set(take_in(tmp_path).tables["payments"]["grant_id"]) == {"G01"}


def test_13_full_width_digits_are_numbers_but_never_ids(tmp_path):
    rows = ["A,Adults,13/04/2024,１２.50,G01", "B,Adults,13/04/2024,1.00,Ｇ０１"]
    entry = check(tmp_path, csv(OWN + ",grant_id", rows))
    accepted(entry, 1, 1, says="full-width")
    assert entry["pence_accepted"] == 1250
    quarantined(entry, "3", "full-width digits", "grant_id")


def test_14_a_lone_surrogate_is_refused_in_utf_8_and_set_aside_in_json(tmp_path):
    body = BODY.encode().replace(b"Supplier 1", b"A\xed\xa0\x80B")
    refused(check(tmp_path, body), "surrogate")
    rows = [{"payee": f"S{i}", "department": "A", "paid_on": "13/04/2024", "amount": "1.00"} for i in range(3)]
    rows[1]["payee"] = "\ud83d"
    entry = check(tmp_path, json.dumps(rows), "more.json")
    accepted(entry, 2, 1)
    quarantined(entry, "[1]", "lone surrogate", "payee")


@pytest.mark.parametrize("char", ["\x01", "\x08", "\x0b", "\x1f", "\x7f", "\x85"])
def test_15_control_characters_are_set_aside(tmp_path, char):
    entry = check(tmp_path, csv(OWN, [*pay(3), f"A{char}B,Adults,13/04/2024,10.00"]))
    accepted(entry, 3, 1)
    quarantined(entry, "5", "control character", "payee")


def test_15_tabs_and_line_breaks_inside_a_quoted_cell_are_kept(tmp_path):
    accepted(check(tmp_path, csv(OWN, [*pay(2), '"A\tB\nC",Adults,13/04/2024,10.00'])), 3)
