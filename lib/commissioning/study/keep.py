"""What a prepared study keeps, and where: restricted rows and results, released figures, what pages read, its record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from commissioning import seal
from commissioning.disclosure import costs, names_of_few
from commissioning.disclosure.cost import printable
from commissioning.evidence import shown, store
from commissioning.evidence.intake import Intake
from commissioning.evidence.shown import Shown
from commissioning.measures import breakdowns, breakdowns_of_agreements, same_purpose
from commissioning.presentation import typed
from commissioning.study import figure_states, open_tables, protection, then
from commissioning.study.fingerprint import of_study, sample_digest
from commissioning.study.group_names import hierarchy_of, known_names, levels_of, periods_of
from commissioning.study.open_tables import NOT_TIED, OTHERS
from commissioning.study.pilot_measures import primary_of
from commissioning.study.prepared import ACCOUNT, LEFT_OUT, RECORD, RECORD_KEYS, SEALED
from commissioning.study.steps import Apart, Counted, LetOut, TakenIn
from commissioning.study.told_apart import by_funder


def keep(folder: Path, taken: TakenIn, apart: Apart, counted: Counted, out: LetOut) -> None:
    """Write a study to `folder`, readable by its owner alone."""
    store.private_folder(folder)
    _write(folder / typed.PEOPLE, sorted(taken.people))
    (folder / "tables").mkdir(exist_ok=True, mode=0o700)
    for name, frame in apart.held.items():
        frame.to_parquet(folder / "tables" / f"{name}.parquet", index=False)
    counted.results.to_parquet(folder / "results.parquet", index=False)
    counted.by_group.to_parquet(folder / "breakdowns.parquet", index=False)
    counted.keys.rename("key").to_frame().to_parquet(folder / RECORD_KEYS)
    out.released.all_provisional().write(folder / "released.json")
    figure_states.write(folder, out.states)
    _write(folder / SEALED, _sealed(taken, counted.results), indent=1, sort_keys=True, ensure_ascii=False)
    _write(folder / LEFT_OUT, counted.clauses, ensure_ascii=False)
    exact = account(taken.intake, apart.not_used)
    told_of = _told_of(taken, exact)
    open_tables.write_published(folder, apart.held, counted.public, told_of.names)
    _write(folder / ACCOUNT, exact | {"names": told_of.names}, indent=1, sort_keys=True, default=str)
    _write(folder / RECORD, record(taken, apart, counted, out, exact, told_of), indent=1, sort_keys=True, default=str)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _write(path: Path, what: Any, **layout: Any) -> None:
    path.write_text(json.dumps(what, **layout), encoding="utf-8")


def account(intake: Intake, not_used: Mapping[str, str]) -> dict[str, Any]:
    """Each file taken in with its rows, pence and hash, for the staff alone. `not_used`: why no figure rests on it, by file."""
    return {
        "files": [
            {**one.as_json(), **one.account(), "counted": one.counted, "not_used": not_used.get(one.file, "")}
            for one in intake.files
        ],
        "hashes": {one.file: one.sha256 for one in intake.files},
        "notes": list(intake.notes),
        "findings": [one.says for one in intake.findings],
    }


def _told_of(taken: TakenIn, exact: Mapping[str, Any]) -> Shown:
    """What pages may say of the exact account."""
    intake = taken.intake
    noted = {one.file: one.loaded.notes for one in intake.files if one.status == "accepted" and one.loaded}
    return shown.account(exact["files"], exact["hashes"], findings=intake.findings, notes=noted, secret=taken.secret)


def _sealed(taken: TakenIn, results: pd.DataFrame) -> dict[str, Any]:
    """What is sealed, and in the council's ledger that outcomes of these periods are read from here on."""
    primary = primary_of(taken.measures)
    if taken.intake.illustrative:
        return seal.of_sample(taken.agreed, taken.area, taken.data, sample_digest(taken.intake), primary)
    outcomes = [key for key, one in taken.measures.items() if one.is_outcome]
    periods = results.loc[results["measure"].isin(outcomes), "period"]
    return seal.reading(taken.agreed, taken.area, sorted(set(periods.dropna().astype(str))), primary=primary)


def record(
    taken: TakenIn, apart: Apart, counted: Counted, out: LetOut, exact: Mapping[str, Any], told_of: Shown
) -> dict[str, Any]:
    """What a study says of itself, as JSON: nothing in it tells of a person. `exact`: the account of files as it is."""
    pilot, results, told, paid = taken.pilot, counted.results, apart.told, apart.told.payments
    public = {name: name in counted.public for name in ("payments", "grants")}
    names = _known(apart, counted)
    few = names_of_few(pd.concat([results, counted.by_group], ignore_index=True), policy=out.policy)
    to_show = out.released.without_names_of_few(names, few)
    unit = pilot.design.unit if pilot.design is not None else ""
    places = apart.placed.says(unit, _shown_of(unit, names, to_show.figures)) if unit else []
    fingerprint = of_study(pilot, taken.area, exact["files"], exact["hashes"])
    return {
        "pilot": pilot.name,
        "area": taken.area,
        "illustrative": taken.made_up,
        "sample": taken.sample,
        "voice": taken.voice.model_dump(mode="json"),
        "fingerprint": shown.fingerprint(fingerprint, taken.secret or taken.area.encode()),
        "files": told_of.files,
        "hashes": told_of.hashes,
        "publishers": {told_of.names[one.file]: one.source.publisher for one in taken.intake.of("accepted")},
        "tables": sorted(apart.held),
        "public_tables": counted.public,
        "departments_recorded": "grants" in apart.held and same_purpose.departments_recorded(apart.held["grants"]),
        "linked_to_agreements": breakdowns_of_agreements.linked(apart.held.get("payments", pd.DataFrame())),
        "lies_in": [[*kinds, of] for kinds, of in (hierarchy_of(apart.tables) or {}).items()],
        "measures": sorted(counted.usable),
        "levels": levels_of(results, to_show),
        "periods": periods_of(results, apart.held),
        "measures_without_extract": counted.without,
        "known_names": names,
        "names_of_few": few,
        "payments": None if paid is None else paid.counts(public=public["payments"], policy=out.policy),
        "places": apart.placed.as_record(),
        "grants_elsewhere": by_funder(told.elsewhere, public=public["grants"], policy=out.policy),
        "packages_not_tied_because": apart.not_tied,
        then.COUNTS: told.by_year,
        then.SERIES: then.series(results),
        "payments_whole": told.whole,
        "findings": [*told_of.findings, *(told_of.words(one) for one in (*told.findings, *places))],
        "notes": told_of.notes,
        "states": out.for_run,
        "of_people": out.of_people,
        "published_before": {} if taken.made_up else protection.published_before(taken.area, out.of_people),
        "policy": out.policy.as_json(),
        "open_from": out.open_from,
        "cost_of_protection": printable(costs(out.everything, out.released)),
    }


def _known(apart: Apart, counted: Counted) -> dict[str, list[str]]:
    """Names of groups that tell of nobody, by kind."""
    tables = {name: frame for name, frame in apart.held.items() if name not in (OTHERS, NOT_TIED)}
    kinds = set(counted.results["group_kind"]) | {kind for one in counted.table_of.values() for kind in one.typed}
    names = known_names(tables, kinds - {"all"})
    return names | breakdowns.known_groups(counted.table_of.values(), counted.by_group, names)


def _shown_of(unit: str, names: Mapping[str, list[str]], figures: pd.DataFrame) -> set[str]:
    """The places that a page may name."""
    return {*names.get(unit, []), *figures.loc[figures["group_kind"] == unit, "group"].astype(str)}
