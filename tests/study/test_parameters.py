"""Parameters are refused in words, before anything is opened."""

import pytest

from commissioning.errors import UsageError
from commissioning.study import parameters


def test_the_defaults_are_the_learning_disability_sample():
    found = parameters.check()
    assert (found.pilot, found.period, found.area, found.level) == ("learning_disability", "latest", "", "")


def test_a_misspelt_parameter_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match="no parameter is called 'pilto': did you mean pilot"):
        parameters.check(pilto="vcf_funding")


@pytest.mark.parametrize("given", [201011, True, 2014.5, None, ["2014-15"]])
def test_a_period_that_is_not_text_is_refused_and_never_guessed(given):
    with pytest.raises(UsageError, match="parameter period"):
        parameters.check(period=given)


def test_a_period_that_is_null_is_told_to_be_left_out_or_written_latest():
    with pytest.raises(UsageError, match="parameter period: it is empty .*leave it out, or write latest"):
        parameters.check(period=None)
    with pytest.raises(UsageError, match="parameter area: it is empty .*leave it out$"):
        parameters.check(area=None)


def test_what_papermill_injects_of_its_own_passes_and_other_names_do_not():
    cell = '# Parameters\nperiod = "2014-15"\nPAPERMILL_INPUT_PATH = "a.ipynb"\nPAPERMILL_OUTPUT_PATH = "b.ipynb"\n'
    parameters.refuse_unknown_injected([cell])
    with pytest.raises(UsageError, match="PAPERMILL_INPUT_PAHT"):
        parameters.refuse_unknown_injected([cell.replace("INPUT_PATH", "INPUT_PAHT")])


@pytest.mark.parametrize("given", ["2014-16", "2010-11-01", "2014", "14-15", "2014-15 Q5", "2014/15", "", "2010_11"])
def test_a_period_in_another_form_is_refused_and_shown_how_to_write_it(given):
    with pytest.raises(UsageError, match='"2014-15"'):
        parameters.check(period=given)


@pytest.mark.parametrize("given", ["latest", "2014-15", "1999-00", "2014-15 Q1"])
def test_a_year_a_quarter_or_latest_is_a_period(given):
    assert parameters.check(period=given).period == given


@pytest.mark.parametrize("given", ["Wirral", "E0800001", "E08000015; rm", "e08000015"])
def test_an_area_is_an_ons_code(given):
    with pytest.raises(UsageError, match="E08000015"):
        parameters.check(area=given)


@pytest.mark.parametrize("given", ["North", "locality=", "=North", "locality=North\nx", "../x=1"])
def test_a_level_names_its_kind_and_its_code(given):
    with pytest.raises(UsageError, match="KIND=CODE"):
        parameters.check(level=given)


def test_names_that_papermill_injected_are_read_and_not_run():
    parameters.refuse_unknown_injected(["x = 1", '# Parameters\npilot = "vcf_funding"\n'])
    with pytest.raises(UsageError, match="did you mean pilot"):
        parameters.refuse_unknown_injected(['# Parameters\npilto = "vcf_funding"\n'])


def test_an_analysts_own_variables_are_not_taken_for_parameters():
    parameters.refuse_unknown_injected(["pilto = 3", "# My notes\nwhatever = 1"])


def test_restricted_extracts_open_only_under_run_or_when_the_analyst_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("COMMISSIONING_STUDY", raising=False)
    monkeypatch.delenv("COMMISSIONING_RESTRICTED", raising=False)
    asked = parameters.check(data=str(tmp_path))
    with pytest.raises(UsageError, match="commissioning run --data"):
        parameters.place(asked)
    monkeypatch.setenv("COMMISSIONING_RESTRICTED", "1")
    assert parameters.place(asked).restricted
    monkeypatch.delenv("COMMISSIONING_RESTRICTED")
    assert not parameters.place(parameters.check()).restricted


def test_a_study_that_a_run_hands_over_is_restricted_whatever_else_is_set(monkeypatch, tmp_path):
    monkeypatch.delenv(parameters.RESTRICTED, raising=False)
    monkeypatch.setenv(parameters.STUDY, str(tmp_path))
    found = parameters.place(parameters.check())
    assert found.restricted and found.studies == (tmp_path,)
