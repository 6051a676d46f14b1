"""The joint attack: every figure that leaves a whole study, all at once, against one person's answer and against every hidden count."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import attackers as one_answer
import council_kit as council
import house_kit as kit
import joint_attackers as attackers
import joint_bounds as bounds
import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__).parent
PILOT = "learning_disability"


SAYS = council.policy_says()
CELL = attackers.CELL

ANSWERS = {
    ("people", "employment"): ("not in work", "paid 16 hours or more"),
    ("people", "personal_budget"): ("managed by the council", "direct payment"),
    ("reviews", "goal_met"): ("no", "yes"),
    ("reviews", "control"): ("no", "yes"),
    ("reviews", "home_chosen"): ("no", "yes"),
    ("reviews", "leisure_chosen"): ("no", "yes"),
    ("reviews", "goal_kept"): ("no", "yes"),
    ("reviews", "information_found"): ("no", "yes"),
    ("enquiries", "risk_result"): ("remained", "removed"),
    ("packages", "setting"): ("residential", "supported living"),
    ("packages", "provision"): ("open market", "direct"),
}
"""What one person may have answered, or be said to have: column of an extract → the two answers between which is guessed."""


# ---- small samples, and the same with one person added, removed or corrected


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    return kit.prepare(kit.write_extracts(folder / "data", 1), folder / "study", PILOT)


EVERY = ("people", "reviews", "packages")


@pytest.fixture(scope="module")
def small(house):
    """Three altered samples, of which the short form alters reviews alone: a third of the time."""
    return [altered(house, seed, ("reviews",)) for seed in range(3)]


def altered(house, seed, of=EVERY):
    """The sample with one person added (another's rows under a new name), removed, or with their answers corrected."""
    draws = np.random.default_rng(seed)
    person = draws.choice(sorted(set(house.tables["reviews"]["person_id"])))
    tables = dict(house.tables)
    what = ("added", "removed", "corrected")[seed % 3]
    new, keys = f"Q{seed}", house.keys
    for name in of:
        rows = tables[name]
        theirs = rows["person_id"].eq(person)
        if what == "added":
            tables[name] = pd.concat([rows, rows[theirs].assign(person_id=new)], ignore_index=True)
        elif what == "removed":
            tables[name] = rows[~theirs].reset_index(drop=True)
        elif name == "reviews":
            turned = rows["control"].map({"yes": "no", "no": "yes"}).fillna(rows["control"])
            tables[name] = rows.assign(control=rows["control"].mask(theirs, turned))
    if what == "added":
        keys = pd.concat([keys, pd.Series([int(draws.integers(2**32))], index=[new])])
    other = replace(house, keys=keys)
    return replace(other, tables=tables, results=kit.counted(other, tables))


def worlds(house, table, column, answers, draws):
    """Both worlds as counted, in which one row, drawn at random, says one thing or the other; everybody else's rows are known."""
    rows = house.tables[table]
    said = rows.index[rows[column].isin(answers)]
    if not len(said):
        return None
    at, made = draws.choice(said), []
    for answer in answers:
        changed = rows.copy()
        changed.loc[at, column] = answer
        made.append(kit.counted(house, {**house.tables, table: changed}, column=column))
    return made


def guesses(house, both, number, trials):
    """So many trials, half of each truth, each under a fresh secret: a frame of `right`, and `sure`, how sure they were (½ to 1).

    An attacker whose likelihoods are right is right as often as they are sure; the mean of `sure` has less chance in it.
    """
    cells = attackers.moved(*both)
    cells = cells[~cells["kind"].eq("published")]
    if cells.empty:  # a row that no figure speaks of
        return pd.DataFrame({"right": [0.5] * trials, "sure": 0.5, "figures": 0})
    made, truth = [], {}
    for one in range(trials):
        name = number * 1000 + one
        made.append(kit.under_a_fresh_secret(kit.around(both[one % 2], cells), name))
        truth[f"trial {name}"] = one % 2
    found = []
    for name, shown in kit.let_out(house, pd.concat(made, ignore_index=True)).groupby("pilot"):
        odds = attackers.evidence(shown, cells, SAYS)
        right = 0.5 if odds == 0 else float((odds > 0) == truth[name])
        found.append(
            {"right": right, "sure": 1 / (1 + np.exp(-abs(odds))), "figures": attackers.figures_moved(shown, cells)}
        )
    return pd.DataFrame(found)


def attacked(sample, seed, columns, trials):
    """Guesses at an answer of each column in one sample, with the column's name."""
    frames, draws = [], np.random.default_rng([7, seed])
    for at, column in enumerate(columns):
        both = worlds(sample, *column, ANSWERS[column], draws)
        if both is not None:
            made = guesses(sample, both, 100 * seed + at, trials)
            frames.append(made.assign(column=".".join(column), seed=seed))
    return pd.concat(frames, ignore_index=True)


# ---- the attackers, and what the trials are


def test_attackers_know_nothing_of_the_house():
    for path in sorted(HERE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names |= {f"{node.module}.{one.name}" for node in froms for one in node.names}
        knows = {one for one in names if "commissioning" in one or "_kit" in one}
        if path.stem.startswith(("attackers", "joint_")):
            assert not knows, path.name
        elif not path.stem.endswith("_kit"):
            assert not any("disclosure" in one for one in knows), path.name


def test_what_is_counted_and_let_out_here_is_what_the_whole_route_lets_out(house):
    """A trial releases the rows that an answer moves and no others; the figures are those of a report, to the last digit."""
    pd.testing.assert_frame_equal(_plain(kit.let_out(house, house.results, house.policy)), _plain(house.figures))
    again = kit.counted(house, {**house.tables, "reviews": house.tables["reviews"].copy()}, column="control")
    pd.testing.assert_frame_equal(_plain(again), _plain(house.results), check_dtype=False)
    whole = kit.let_out(house, house.results)
    both = worlds(house, "reviews", "control", ("no", "yes"), np.random.default_rng(0))
    part = kit.around(house.results, attackers.moved(*both))
    wanted = whole[whole["measure"].isin(part["measure"]) & whole["period"].isin(part["period"])]
    pd.testing.assert_frame_equal(_plain(kit.let_out(house, part)), _plain(wanted))


def _plain(frame):
    kept = frame.drop(columns=["note", "state", "was", "pilot", "on_no_page"], errors="ignore")
    return kept.sort_values(CELL, ignore_index=True).astype(dict.fromkeys(CELL, object))


# ---- (b) one person's answer


def test_all_figures_together_tell_one_answer_in_six_of_ten_guesses_at_most(small):
    columns = (("reviews", "goal_met"), ("people", "employment"), ("reviews", "home_chosen"))
    found = pd.concat([attacked(one, seed, [columns[seed]], 50) for seed, one in enumerate(small)])
    assert len(found) == 150
    assert found["right"].mean() <= SAYS["guess"] + 0.08  # twice their own uncertainty
    assert found["sure"].mean() <= SAYS["guess"]
    assert 0 < found["figures"].max() <= SAYS["cells"]


@pytest.mark.soak
def test_thirty_altered_samples_and_a_thousand_guesses(tmp_path):
    frames = []
    for sample in range(10):
        folder = tmp_path / str(sample)
        made = kit.prepare(kit.write_extracts(folder / "data", sample), folder / "study", PILOT)
        seeds = range(3 * sample, 3 * sample + 3)
        frames += [attacked(altered(made, seed), seed, list(ANSWERS), 4) for seed in seeds]
    found = pd.concat(frames, ignore_index=True)
    print(
        found.groupby("column")[["right", "sure", "figures"]].agg(
            {"right": ["size", "mean"], "sure": "mean", "figures": "max"}
        )
    )
    assert len(found) >= 1000
    assert found["right"].mean() <= SAYS["guess"]
    assert found.groupby("column")["sure"].mean().max() <= SAYS["guess"]


# ---- (a) hidden counts


def proven(house, versions, solved):
    """Hidden counts of so many versions with the least and greatest number that all figures together allow, and the truth of each."""
    figures = pd.concat([one.assign(version=at) for at, (one, _) in enumerate(versions)], ignore_index=True)
    truth = pd.concat([one.assign(version=at) for at, (_, one) in enumerate(versions)], ignore_index=True)
    people = truth.loc[truth["key_all"].notna() & ~truth["public"] & truth["kind"].eq("count"), ["version", *CELL]]
    figures = figures.merge(people, on=["version", *CELL]).reset_index(drop=True)
    truth = figures[["version", *CELL]].merge(truth, on=["version", *CELL], how="left")
    truth["complement"] = truth["denominator"] - truth["numerator"]
    reach = float(np.abs(attackers.draws(SAYS["noise"])).max())
    held = bounds.system(figures, kit.relations(house, figures), reach, SAYS["base"])
    least, most = bounds.passed_along(held)
    known = figures["status"].eq("known")
    # Of a measure of which nobody's answer is ever unknown that is its definition, and stands as 0: nothing of it is hidden.
    never = {one: figures[one].eq(0) & figures["denominator"].gt(0) for one in ("unknown", "not_applicable")}
    ever = {one: ~which.groupby(figures["measure"]).transform("any") for one, which in never.items()}
    hidden = {
        "numerator": figures["hidden"] & known, "complement": figures["hidden"] & known,
        "denominator": figures["denominator_hidden"], **{name: figures[f"{name}_hidden"] & which for name, which in ever.items()},
    }  # fmt: skip
    found = pd.concat([
        pd.DataFrame({"row": np.flatnonzero(which), "count": name}) for name, which in hidden.items()
    ], ignore_index=True)  # fmt: skip
    at = np.array(
        [bounds.place(row, name, len(figures)) for row, name in found[["row", "count"]].itertuples(index=False)]
    )
    found["least"], found["most"] = least[at], most[at]
    found["truth"] = [float(truth.at[row, name]) for row, name in found[["row", "count"]].itertuples(index=False)]
    narrow = (found["most"] - found["least"]).nsmallest(solved).index
    for one, (low, high) in zip(narrow, bounds.by_programme(held, at[narrow]).values(), strict=True):
        found.loc[one, "least"] = np.ceil(max(low - 1e-6, found.loc[one, "least"]))
        found.loc[one, "most"] = np.floor(min(high + 1e-6, found.loc[one, "most"]))
    return found


def assert_no_narrower_than_stated(found):
    stated = SAYS["small"] + np.abs(attackers.draws(SAYS["noise"])).max()
    assert len(found) > 500
    assert (found["least"] <= found["truth"] + 1e-6).all() and (found["truth"] <= found["most"] + 1e-6).all()
    assert (found["most"] - found["least"]).min() >= stated


def test_no_hidden_count_is_proven_narrower_than_the_policy_states_by_all_figures_of_two_versions(house, small):
    versions = [(kit.let_out(house, one.results), one.results) for one in (house, small[0])]
    assert_no_narrower_than_stated(proven(house, versions, solved=1))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(30))
def test_no_hidden_count_of_an_altered_sample_is_proven_narrower_than_the_policy_states(tmp_path, seed):
    made = kit.prepare(kit.write_extracts(tmp_path / "data", seed), tmp_path / "study", PILOT)
    after = altered(made, seed)
    order = (after, made) if seed % 3 == 1 else (made, after) if seed % 3 == 0 else (after,)
    versions = [(kit.let_out(one, one.results), one.results) for one in order]
    assert_no_narrower_than_stated(proven(made, versions, solved=3))


# ---- the same people in a twin pilot; none and all; presence


def test_a_twin_pilot_of_the_same_people_gives_nothing_to_compare(house):
    rows = kit.around(house.results, house.results[house.results["measure"].str.contains("goal")])
    twin = kit.let_out(house, rows.assign(pilot="twin"))
    pd.testing.assert_frame_equal(_plain(kit.let_out(house, rows)), _plain(twin))


def test_none_and_all_of_a_group_are_never_shown_as_such(house):
    """A zero, or a share of everybody, would say of each in the group what is true of all."""
    both = kit.let_out(house, house.results).merge(house.results, on=CELL, suffixes=("", "_true"))
    counts = both[both["kind"].eq("count") & both["key_all"].notna() & ~both["public"] & both["denominator_true"].gt(0)]
    part = (counts["denominator_true"] - counts["numerator_true"]).ne(0)
    part = part.groupby(counts["measure"]).transform("any")  # not "people supported", which counts everybody
    assert (counts["numerator_true"].eq(0) & part).sum() > 100 and (~counts["hidden"]).sum() > 100
    shown = counts[part & ~counts["hidden"]]
    assert shown["numerator"].gt(0).all() and (shown["numerator"] < shown["denominator"]).all()


@pytest.mark.parametrize("all_say", ["yes", "no"])
def test_the_one_who_would_make_it_all_or_none_is_guessed_no_better_than_anybody(all_say):
    rows = council.people(3)
    rows.loc[rows["ward"].eq("ward 00"), "goal_met"] = all_say
    person = rows[rows["ward"].eq("ward 00")].iloc[0]
    made = [rows.assign(goal_met=rows["goal_met"].mask(rows.index == person.name, one)) for one in ("no", "yes")]
    figures = council.publish_each([made[one % 2] for one in range(40)], [one.to_bytes(32, "big") for one in range(40)])
    others = one_answer.without(one_answer.tally(made[0]), made[0].loc[person.name])
    odds = np.array([one_answer.evidence(one_answer.cells_of(one), others, person, SAYS) for one in figures])
    assert ((odds > 0) == (np.arange(40) % 2 == 1)).mean() <= SAYS["guess"] + 0.16  # twice their own uncertainty
    assert (1 / (1 + np.exp(-np.abs(odds)))).mean() <= SAYS["guess"]


def without_person(house, person, periods=None):
    """Both worlds as counted: without this person's rows (of these periods, or of all), and with them."""
    tables = dict(house.tables)
    for name in ("people", "reviews", "packages", "enquiries"):
        gone = tables[name]["person_id"].eq(person)
        gone &= tables[name]["period"].isin(periods) if periods else True
        tables[name] = tables[name][~gone].reset_index(drop=True)
    return [kit.counted(house, tables), house.results]


@pytest.mark.soak
def test_presence_is_told_by_no_one_measure_and_is_told_by_all_together(tmp_path):
    """Whether somebody stands in the data at all moves hundreds of figures: no noise of people's size hides it from one who knows all
    others. The policy does not promise it, and docs/explanation/disclosure.md says so; what one measure of a year tells keeps to the rate."""
    house = kit.prepare(kit.write_extracts(tmp_path / "data", 1), tmp_path / "study", PILOT)
    people = sorted(set(house.tables["reviews"]["person_id"]))[:4]
    quarters = [f"2012-13 Q{one}" for one in (1, 2, 3, 4)]
    found = []
    for number, person in enumerate(people):
        both = without_person(house, person, quarters)
        alone = [one[one["measure"].eq("learning_disability_paid_work")] for one in both]
        for what, pair in (("all", both), ("one measure", alone)):
            found.append(guesses(house, pair, 5000 + number, 10).assign(what=what))
    rates = pd.concat(found).groupby("what")["sure"].mean()
    print(rates)
    assert rates["one measure"] <= SAYS["guess"] + 0.02 and rates["all"] > 0.8
