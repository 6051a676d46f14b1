"""What was made up for the sample, or was agreed for another area, is never said beside a council's own extracts."""

from __future__ import annotations

import shutil

import pytest

from commissioning import council as councils
from commissioning import pilot as pilots
from commissioning.errors import UsageError
from commissioning.pilot.agreed import Decision
from commissioning.pilot.schema import AGREED, ELSEWHERE, LISTS

NAMES = ("learning_disability", "vcf_funding")
OWN_AREA, OTHER = "E08000015", "E08000009"


def agreed(pilot):
    """What of a pilot was agreed or answered by one council."""
    registers = {name: getattr(pilot, name) for name in (*LISTS, *AGREED) if name != "assumptions"}
    return {name: found for name, found in registers.items() if found}


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A checkout with the pilots and the sample's words, in which a council may write its own."""
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(pilots.home() / "pilots", tmp_path / "pilots")
    for name in NAMES:
        beside = tmp_path / "data" / "sample" / name
        beside.mkdir(parents=True)
        shutil.copy(pilots.home() / "data" / "sample" / name / pilots.AGREED_FILE, beside)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_keeps_everything_that_was_made_up_for_it(name):
    pilot = pilots.load(name)
    voice = councils.voice(pilot, area=pilot.area, sample=True, council=councils.load())
    assert voice.own and pilot.as_said_by(voice) == pilot
    assert {"floors", "priorities", "weights", "decisions_log"} <= set(agreed(pilot))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_sample_is_agreed_where_a_council_has_written_nothing(name):
    own = pilots.load(name, sample=False)
    assert not agreed(own)
    assert own.decision == Decision() and not own.organisation and not own.area
    assert own.design == pilots.load(name).design, "the design is the pilot's, whoever runs it"


def test_what_a_council_agreed_for_itself_stands_beside_its_own_extracts(house):
    (house / "pilots" / "learning_disability" / pilots.AGREED_FILE).write_text(
        '[gates]\nunits = 12\n\n[[floors]]\nmeasure = "learning_disability_control"\nfloor = 61.0\nworthwhile_change = 3.0\n'
        'agreed_on = 2026-04-01\nagreed_with = "The partnership board"\n',
        encoding="utf-8",
    )
    own = pilots.load("learning_disability", sample=False)
    assert [one.floor for one in own.floors] == [61.0] and own.gates.units == 12
    assert own.gates.periods_before == 8, "what it does not say, the pilot file says"
    assert [one.floor for one in pilots.load("learning_disability").floors] == [50.0, 55.0, 50.0]


def test_a_field_of_agreed_toml_that_is_misspelt_is_named_with_its_file(house):
    (house / "pilots" / "vcf_funding" / pilots.AGREED_FILE).write_text('organisaton = "A council"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="pilots/vcf_funding/agreed.toml, organisaton is not a field here"):
        pilots.load("vcf_funding", sample=False)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sample", [True, False])
def test_nothing_agreed_for_one_area_is_said_of_another(name, sample):
    pilot = pilots.load(name)
    voice = councils.voice(pilot, area=OTHER, sample=sample, council=councils.load())
    other = pilots.load(name, sample=sample).as_said_by(voice)
    assert not voice.own and not agreed(other) and not other.assumptions
    assert not other.decision.planned_spend and not other.decision.harm_flags
    assert {other.decision.statutory_duty, other.decision.alternative, other.decision.market_impact} == {ELSEWHERE}
    assert other.organisation == f"Trafford ({OTHER})" and other.contact == councils.NOT_GIVEN
    assert not other.reply_by_post and not other.reply_by_phone
    assert other.measures == pilot.measures
