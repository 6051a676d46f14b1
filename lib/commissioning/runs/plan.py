"""What a run will do: pilots × areas × periods × levels × stages, decided and checked before anything starts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from commissioning.errors import UsageError
from commissioning.runs import notebooks as registry_of
from commissioning.runs import review
from commissioning.runs.notebooks import ACROSS_PILOTS, ANNEX, SHARED_STAGES, Notebook

LATEST = "latest"
AREA = re.compile(r"^[A-Z][0-9]{8}$")
LEVEL = re.compile(r"^[a-z_]{1,40}=[^=\x00-\x1f\ud800-\udfff]{1,80}$")  # no bytes that are no UTF-8: names are hashed
PERIOD = re.compile(r"^([0-9]{4})-([0-9]{2})( Q[1-4])?$")  # \d would take the digits of every script


@dataclass(frozen=True, kw_only=True)
class ReportPlan:
    """One report: which notebook, told what, under which name."""

    id: str
    notebook: Path
    sha256: str
    title: str
    pilot: str  # empty for a notebook across pilots
    stage: str
    period: str
    area: str
    level: str
    parameters: dict[str, Any]
    studies: tuple[tuple[str, str], ...]  # (pilot, area) of each study that it reads
    after: tuple[str, ...]  # ids of reports whose stage records it reads
    reviewed: bool = True  # False: its notebook is not as it was reviewed (illustrative data only)
    own: str = ""  # id of the pilot's own report, which has the Easy Read page; empty where none is planned
    annexes: tuple[tuple[str, str], ...] = ()  # (pilot, id) of each annex that it leads to

    @property
    def outputs(self) -> tuple[str, ...]:
        """Files that are published for it."""
        return (f"{self.id}.html", f"{self.id}.json")


def slug(text: str) -> str:
    """A file-name-safe word for any text; texts that would collide get a short hash of their own.

    >>> slug("2014-15 Q2")
    '2014-15-q2-cb73'
    """
    safe = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]
    if safe == text.lower() and safe == text:
        return safe
    return f"{safe or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:4]}"


def check_period(text: str) -> str:
    """A financial year, a quarter of one, or `latest`. Raises UsageError."""
    match = PERIOD.fullmatch(text)
    if text != LATEST and not (match and (int(match[1]) + 1) % 100 == int(match[2])):
        raise UsageError(
            f'--period {text!r}: write a financial year such as "2014-15", a quarter such as "2014-15 Q2", or latest'
        )
    return text


def check_area(text: str) -> str:
    """An ONS code. Raises UsageError."""
    if not AREA.fullmatch(text):
        raise UsageError(f"--area {text!r}: write an ONS code of one letter and eight digits, such as E08000015")
    return text


def check_level(text: str) -> str:
    """KIND=CODE. Raises UsageError."""
    if not LEVEL.fullmatch(text):
        raise UsageError(f"--level {text!r}: write KIND=CODE, such as locality=North")
    return text


def report_id(name: str, pilot: str, *, period: str, area: str, level: str) -> str:
    """A report's name, `[a-z0-9_-]` only: pilot, notebook, and what differs from the pilot's own defaults."""
    parts = [pilot, re.sub(r"^\d+_", "", name)] if pilot else [name]
    if period != LATEST:
        parts.append(re.sub(r"[^a-z0-9]+", "-", period.lower()))  # checked above: "2014-15 q2" cannot collide
    if area:
        parts.append(area.lower())
    if level:
        kind, _, code = level.partition("=")
        parts += [kind, slug(code)]
    identity = "-".join(parts)
    if not registry_of.SAFE.fullmatch(identity):
        raise UsageError(f"report name {identity!r} is not safe as a file name")
    return identity


def plan(
    root: Path,
    pilots: dict[str, Any],
    *,
    asked: tuple[str, ...] = (),
    periods: tuple[str, ...] = (LATEST,),
    areas: tuple[str, ...] = ("",),
    levels: tuple[str, ...] = ("",),
    extra: dict[str, Any] | None = None,
    stages: tuple[str, ...] = (),
    illustrative: bool = False,
) -> list[ReportPlan]:
    """Every report of a run, in the order of the cycle.

    `pilots` maps every pilot's name to its `Pilot`; `asked` are those to run (none: all).
    Notebooks across pilots run where every pilot was asked for. `extra` are further
    parameters, each of which at least one notebook must know. A notebook that was not reviewed
    is planned on `illustrative` data only. Raises UsageError.
    """
    chosen = tuple(dict.fromkeys(asked)) or tuple(pilots)
    all_notebooks = registry_of.registry(root, tuple(pilots), illustrative=illustrative)
    if not illustrative:
        review.refuse_unreviewed(root, tuple(pilots))
    extra = extra or {}
    for name, value in extra.items():
        if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
            raise UsageError(f"parameter {name} is {value!r}, which is no UTF-8: write it in UTF-8")
        if not any(name in one.parameters for one in all_notebooks):
            registry_of.validate(all_notebooks[0], {name: extra[name]})
    reports: list[ReportPlan] = []
    for period in periods:
        check_period(period)
        for area in areas:
            if area:
                check_area(area)
            for level in levels:
                if level:
                    check_level(level)
                    _known_kind(level, [pilots[one] for one in chosen])
                reports += _cycles(all_notebooks, pilots, chosen, period, area, level, extra)
    if stages:
        reports = [one for one in reports if one.stage in stages]
    planned = {one.id for one in reports}
    reports = [
        replace(
            one,
            after=tuple(up for up in one.after if up in planned),
            own=one.own if one.own in planned else "",
            annexes=tuple(pair for pair in one.annexes if pair[1] in planned and one.stage != ANNEX),
        )
        for one in reports
    ]
    ids = [one.id for one in reports]
    if len(set(ids)) != len(ids):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        raise UsageError(f"two reports would have the same name: {', '.join(twice[:3])}")
    return reports


LABELS = {
    "analyse": "Analyse", "plan": "Plan", "do": "Do", "review": "Review", "cabinet_summary": "Cabinet summary",
    "service_reviews": "Service reviews", "annex": "Annex",
}  # fmt: skip
OWN = "What good did it do?"


def beside(plan: ReportPlan, plans: list[ReportPlan], also: set[str] = frozenset()) -> list[dict[str, str]]:  # type: ignore[assignment]
    """The reports that belong with one, each a `label` and an `href` ("" of itself): those of its pilot and across pilots, of
    the same period, area and level. `also`: ids of reports that this run does not make and that stand on the site."""
    same = [
        one
        for one in plans
        if (one.period, one.level) == (plan.period, plan.level)
        and (one.area == plan.area or not one.pilot or not plan.pilot)
        and (one.pilot in ("", plan.pilot) or (not plan.pilot and one.own == one.id))
    ]
    found = [{"label": _label(one, plan), "href": "" if one.id == plan.id else f"{one.id}.html"} for one in same]
    here = {one.stage for one in same}
    found += [
        {"label": LABELS[stage], "href": f"{stage}.html"}
        for stage in ACROSS_PILOTS
        if stage in also and stage not in here and plan.period == LATEST and not plan.level
    ]
    return found if len(found) > 1 else []


def _label(one: ReportPlan, beside: ReportPlan) -> str:
    if one.stage in LABELS:
        return LABELS[one.stage]
    if one.own == one.id:
        return OWN if beside.pilot else one.title
    return re.sub(r"^\d+_", "", one.notebook.stem).replace("_", " ").capitalize()


def _known_kind(level: str, pilots: list[Any]) -> None:
    kind = level.partition("=")[0]
    for one in pilots:
        known = tuple(getattr(one, "levels", ()))
        if known and kind not in known:
            raise UsageError(f"--level {level!r}: pilot {one.name} has no level {kind!r}; it has {', '.join(known)}")


def _cycles(
    found: list[Notebook],
    pilots: dict[str, Any],
    chosen: tuple[str, ...],
    period: str,
    area: str,
    level: str,
    extra: dict[str, Any],
) -> list[ReportPlan]:
    reports: list[ReportPlan] = []
    for pilot in chosen:
        its_area = area or pilots[pilot].area
        named_area = "" if its_area == pilots[pilot].area else its_area
        names = {
            one.name: report_id(one.name, pilot, period=period, area=named_area, level=level)
            for one in found
            if one.stage not in ACROSS_PILOTS and one.pilot in ("", pilot)
        }
        own = next((names[one.name] for one in found if one.pilot == pilot), "")
        annex = tuple((pilot, names[one.name]) for one in found if one.stage == ANNEX)
        earlier: list[str] = []
        for one in found:
            if one.stage in ACROSS_PILOTS or one.pilot not in ("", pilot):
                continue
            given = {"pilot": pilot, "period": period, "area": its_area, "level": level, **extra}
            reports.append(
                _report(
                    names[one.name],
                    one,
                    given,
                    title=pilots[pilot].title,
                    studies=((pilot, its_area),),
                    after=tuple(earlier),
                    own=own,
                    annexes=annex,
                )
            )
            if one.stage in SHARED_STAGES:
                earlier.append(names[one.name])
    if set(chosen) != set(pilots) or level:
        return reports
    first = next(iter(pilots.values()), None)
    annexes = tuple(one for each in reports for one in each.annexes if one[1] == each.id)
    stage_reports = tuple(one.id for one in reports if one.stage in SHARED_STAGES)
    for one in found:
        if one.stage in ACROSS_PILOTS:
            named_area = "" if not area or (first is not None and area == first.area) else area
            identity = report_id(one.name, "", period=period, area=named_area, level="")
            given = {"period": period, "area": area, "level": "", **extra}
            title = one.name.replace("_", " ").capitalize()
            studies = tuple((pilot, area or pilots[pilot].area) for pilot in chosen)
            reports.append(
                _report(identity, one, given, title=title, studies=studies, after=stage_reports, annexes=annexes)
            )
    return reports


def _report(identity: str, one: Notebook, given: dict[str, Any], **more: Any) -> ReportPlan:
    return ReportPlan(
        id=identity,
        notebook=one.path,
        sha256=one.sha256,
        pilot=given.get("pilot", ""),
        stage=one.stage,
        period=given["period"],
        area=given["area"],
        level=given["level"],
        parameters=_parameters(one, given),
        reviewed=one.reviewed,
        **more,
    )


def _parameters(notebook: Notebook, given: dict[str, Any]) -> dict[str, Any]:
    """What a notebook is told: the parameters it knows; a choice it cannot honour is refused, never dropped."""
    defaults = {"period": LATEST, "level": ""}
    for name, default in defaults.items():
        if given.get(name, default) != default and name not in notebook.parameters:
            raise UsageError(f"notebook {notebook.name} has no parameter {name!r}, so --{name} cannot be honoured")
    known = {name: value for name, value in given.items() if name in notebook.parameters}
    return registry_of.validate(notebook, known)
