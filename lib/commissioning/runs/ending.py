"""How a run ended: what its record says of the studies, where the record lies, and what staff are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from commissioning.runs import correcting, record
from commissioning.runs import places as where
from commissioning.runs.places import Places
from commissioning.runs.record import ReportRecord, RunRecord, StudyRecord
from commissioning.runs.soundness import rows_of
from commissioning.runs.studies import StudyCard
from commissioning.runs.task import REASONS

Cards = Mapping[tuple[str, str], StudyCard]


def studies(cards: Cards, prepared_now: set[tuple[str, str]], *, exact: bool) -> tuple[StudyRecord, ...]:
    """What the run read: exactly, for the staff, or as a page may show it."""
    return tuple(
        StudyRecord(
            pilot=card.pilot,
            area=card.area,
            fingerprint=card.fingerprint,
            illustrative=card.illustrative,
            prepared="now" if study in prepared_now else "kept",
            extracts=tuple({k: v for k, v in one.items() if k != "quarantine"} for one in card.extracts)
            if exact
            else card.shown,
            hashes=card.hashes if exact else card.shown_hashes,
            notes=card.notes if exact else card.shown_notes,
            rows={table: sum(files.values()) for table, files in sorted(rows_of(card.extracts).items())}
            if exact
            else {},
            corrections_due=correcting.recorded(card.states, corrected=False),
            corrected=correcting.recorded(card.states, corrected=True),
            forced=tuple(one["staff" if exact else "page"] for one in card.forced),
        )
        for study, card in sorted(cards.items())
    )


def write(places: Places, made: RunRecord, shown_studies: tuple[StudyRecord, ...]) -> None:
    """Write the record twice: exact, for the staff, below the restricted folder; and beside the site, as a page may show it."""
    shown = record.write(record.shown(made, shown_studies))
    folder = places.out / record.RUNS / made.run
    folder.mkdir(parents=True, exist_ok=True)
    where.write_whole(folder / record.RECORD, shown, mode=0o644)
    where.write_whole(places.out / record.RECORD, shown, mode=0o644)
    kept = record.exact_place(places.state, made.run)
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    where.write_whole(kept, record.write(made), mode=0o600)


def lines(
    executed: Path, cards: Cards, reports: Iterable[ReportRecord], altered: Iterable[str], made: Iterable[str]
) -> tuple[str, ...]:
    """What staff are told, a line each: reports that somebody had `altered`, what went on by force, figures, failures."""
    told = []
    for name in sorted(altered):
        now = "made again" if name in made else "left out of the site; run it again"
        told.append(f"report {name}: was altered after it was published, and is {now}")
    forced = {one["staff"] for card in cards.values() for one in card.forced}
    told += [f"published with --force although: {one}" for one in sorted(forced)]
    for (pilot, _), card in sorted(cards.items()):
        told += correcting.lines(pilot, card.states)
    return (*told, *(_failure(one, executed) for one in reports if one.outcome in ("failed", "stopped")))


def _failure(one: ReportRecord, executed: Path) -> str:
    at = f" at {one.cell}" if one.cell else ""
    error = f" [{one.error}]" if one.error else ""
    detail = f": {one.detail}" if one.detail else ""
    place = f"; partial notebook: {executed / one.partial_notebook}" if one.partial_notebook else ""
    return f"report {one.id}: {one.reason}{at}{error}, {REASONS.get(one.reason, '')}{detail}{place}"
