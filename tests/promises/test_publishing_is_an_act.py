"""Publishing is an act: a run fills a working site, and only what a named person approved reaches the one that others see.

Longer than other files: the act, its places and what is allowed in advance are tried on one site.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from commissioning import clock, ledger, names
from commissioning.cli import main
from commissioning.runs import permission, places, publication, publish, setting_up, signing

sys.path.insert(0, str(Path(__file__).parent))

from acts_kit import House, Quick, batch, importable_by_workers, notebook  # noqa: E402, F401

ROOT = Path(__file__).parents[2]
REPORT, OTHER = "alpha-own", "beta-analyse"
STAFF = "£13,803,909.13"
FIGURES = [
    {"measure": "m_work", "group": "all", "group_kind": "all", "period": "2014-15", "numerator": 45, "denominator": 60, "value": 75.0},
    {"measure": "m_work", "group": "North", "group_kind": "locality", "period": "2014-15", "numerator": 10, "denominator": 15},
    {"measure": "m_work", "group": "South", "group_kind": "locality", "period": "2014-15", "hidden": True},
]  # fmt: skip
FINDINGS = [
    {"measure": "m_work", "claim": "compared", "sentence": "Paid work rose from 40 to 45 in 2014-15."},
    {"measure": "m_home", "claim": "described", "sentence": "12 live at home."},
]
TABLE = '<table id="work"><caption>Work</caption><thead><tr><th scope="col">Group</th><th scope="col">2014-15</th></tr></thead></table>'


def page(body=TABLE, **_):
    return f"<html><head></head><body><h1>Own</h1>{body}<!--status:head--><!--/status--></body></html>"


class Pages(Quick):
    """Hands over reports with released figures, and with what is for staff beside them."""

    def __init__(self, *, body=TABLE, figures=FIGURES, findings=FINDINGS, failing=()):
        super().__init__()
        self.given = {"figures": figures, "findings": findings}
        self.body, self.failing = body, failing

    def send(self, name, message):
        if message["do"] == "report" and name in self.failing:
            self.sent.append(name)
            task = message["task"]
            self.answers.put(
                (name, {"result": {"id": task["id"], "key": task["key"], "ok": False, "reason": "RAISED"}})
            )
            return
        super().send(name, message)
        if message["do"] != "report":
            return
        answer = self.take(name)
        task = message["task"]
        staff = {
            "reconciliation": [{"file": "people.csv", "pence_in": STAFF}],
            "fingerprint": "f" * 64,
            "partitions_read": ["people"],
        }
        made = {
            "html": page(self.body),
            "json": json.dumps({**self.given, **staff, "period": "2014-15"}),
            "csv": "a,b\n1,2\n",
            "stage.json": json.dumps({"staff": STAFF}),
            "exact.staff.csv": STAFF,
            "changes.json": json.dumps({"printed": {}}),
        }
        for kind, text in made.items():
            (Path(task["done"]) / f"{task['id']}.{kind}").write_text(text)
        answer["result"]["files"] = {
            f"{task['id']}.{kind}": hashlib.sha256(text.encode()).hexdigest() for kind, text in made.items()
        }
        answer["result"]["summary"] = {"illustrative": True, "counts": STAFF, "title": "Own"}
        self.answers.put((name, answer))


@pytest.fixture
def house(tmp_path, monkeypatch):
    made = House(tmp_path / "house")
    made.write("1_analyse", notebook("pass", stage="analyse"))
    made.write("own", notebook("pass"), pilot="alpha")
    monkeypatch.chdir(made.root)
    return made


def run(house, **given):
    """A run as the command does it: the batch, then what was allowed in advance. Returns what it said."""
    force = given.pop("force", False)
    with (house.data / "people.csv").open("a") as more:
        more.write(f"{os.urandom(4).hex()},yes\n")
    outcome = batch(house, pool=Pages(**given), index=publish.INDEX, force=force)
    found = places.locate(house.root, house.data, house.out)
    made = {one.id: one.outcome for one in outcome.record.reports}
    return permission.after_run(found, made, forced=force, altered=outcome.altered)


@pytest.fixture
def site(house):
    assert run(house) == []
    return house


def approve(*words):
    return main(["publish", "--by", "Ann Lee", "--yes", *words])


def others(house):
    """Everything that others can open."""
    folder = house.root / "published"
    held = {one.relative_to(folder).as_posix(): one for one in sorted(folder.rglob("*")) if one.is_file()}
    found = {name: one.read_bytes() for name, one in held.items() if one.suffix != ".zip"}
    for name in held.keys() - found.keys():
        with zipfile.ZipFile(held[name]) as made:
            found |= {f"{name}/{part}": made.read(part) for part in made.namelist()}
    return found


def shown(house):
    """The files of the served version of the published site."""
    folder = house.root / "published"
    version = publish.current_version(folder)
    return {one.name: one.read_text() for one in (folder / "versions" / str(version)).iterdir() if one.is_file()}


# --- the act --------------------------------------------------------------------------------------------------


def test_a_run_publishes_nothing_and_a_named_person_does(site, capsys):
    assert not (site.root / "published").exists()
    assert approve() == 0
    told = capsys.readouterr().out
    assert f"{REPORT}: new" in told and "published by Ann Lee: 3 reports" in told
    assert {f"{REPORT}.html", f"{OTHER}.html", f"{REPORT}.csv"} <= set(shown(site))
    assert shown(site)[f"{REPORT}.html"] == page()


def test_what_is_for_staff_never_reaches_the_published_site(site):
    signing.sign(places.locate(site.root, site.data, site.out), REPORT, "analyst", "Ann")
    assert approve() == 0
    names_ = {one.rpartition("/")[2] for one in others(site)}
    assert not [
        one
        for one in names_
        if one.endswith((".stage.json", ".signoff.json", ".changes.json", ".staff.csv")) or one == "record.json"
    ]
    everything = b"\n".join(others(site).values()).decode()
    for secret in (
        STAFF,
        "pence_in",
        "f" * 64,
        "people.csv",
        "partitions",
        names.account(),
        "evidence alpha",
        "tables.json",
    ):
        assert secret not in everything, secret
    held = json.loads(shown(site)["manifest.json"])["reports"]
    assert {tuple(one["depends"]) for one in held} == {()}
    assert json.loads(shown(site)[f"{REPORT}.json"])["figures"] == FIGURES
    zipped = {one.rpartition("/")[2] for one in others(site) if f"/zip/{REPORT}.zip/" in one}
    assert {f"{REPORT}.html", f"{REPORT}.csv"} <= zipped


def test_the_check_shows_tables_smallest_numbers_and_what_changed_before_anything_is_copied(site, capsys):
    assert approve("--show") == 0
    told = capsys.readouterr().out
    assert (
        "smallest numbers shown: 10 (numerator of m_work, North, 2014-15); 15" in told and "1 figure is hidden" in told
    )
    assert "not published before" in told and not (site.root / "published").exists()
    approve()
    capsys.readouterr()
    more = [{**FIGURES[0], "numerator": 50}, *FIGURES[1:]]
    run(
        site,
        figures=more,
        body=TABLE + TABLE.replace('id="work"', 'id="ages"'),
        findings=[{**FINDINGS[0], "claim": "attributable"}, FINDINGS[1]],
    )
    assert approve("--show") == 0
    told = capsys.readouterr().out
    assert f"{REPORT}: changed" in told and "new: table ages: Group, #" in told
    assert "claim that is new: m_work: attributable" in told and "claim no longer made: m_work: compared" in told
    assert "45 → 50" in told


def test_a_later_run_changes_nothing_that_others_see_until_somebody_publishes(site):
    approve()
    before = others(site)
    run(site, body="<p>45 of 60 became 50</p>")
    assert others(site) == before
    approve(REPORT)
    assert "became 50" in shown(site)[f"{REPORT}.html"] and "became 50" not in shown(site)[f"{OTHER}.html"]
    approve()
    assert "became 50" in shown(site)[f"{OTHER}.html"]
    versions = list((site.root / "published" / "versions").iterdir())
    assert len(versions) == 3, "earlier publications stay as they were"


def test_a_report_that_did_not_change_is_not_published_again(site, capsys):
    approve()
    before = others(site)
    capsys.readouterr()
    assert approve() == 0
    assert "nothing is new: 3 as published" in capsys.readouterr().out and others(site) == before


def test_who_approved_what_under_which_account_is_written_down(site):
    approve("--to", str(site.root / "web"))
    found = places.locate(site.root, site.data, site.out)
    file = publication.kept(found, site.root / "web") / publication.APPROVALS
    said = [json.loads(line) for line in file.read_text().splitlines()]
    assert {one["report"] for one in said} == {REPORT, OTHER, "alpha-analyse"}
    assert {(one["by"], one["account"]) for one in said} == {("Ann Lee", names.account())}
    assert file.stat().st_mode & 0o077 == 0


def test_of_a_councils_own_data_the_ledger_says_who_published_and_without_it_nothing_is(house, tmp_path, monkeypatch):
    monkeypatch.setenv("COMMISSIONING_LEDGER", str(tmp_path / "ledger"))
    (house.data / "held.json").write_text('{"illustrative": false}')
    run(house)
    (tmp_path / "ledger").write_text("a file where the folder should be")
    assert approve() == 73 and not (house.root / "published" / "index.html").exists()
    (tmp_path / "ledger").unlink()
    assert approve() == 0
    entries = ledger.read(tmp_path / "ledger").entries
    assert {(one.kind, one.says["by"]) for one in entries} == {("published", "Ann Lee")} and len(entries) == 3


def test_where_the_last_publication_is_not_kept_the_check_says_so(site, capsys):
    import shutil

    approve()
    found = places.locate(site.root, site.data, site.out)
    shutil.rmtree(publication.kept(found, site.root / "published"))
    run(site, body="<p>anew</p>")
    capsys.readouterr()
    approve("--show")
    told = capsys.readouterr().out
    assert "what was published last is not kept here" in told and "not published before" not in told


def test_a_report_with_figures_for_staff_alone_is_never_published(site, capsys):
    run(site, body=f'<meta name="{publication.STAFF_ONLY}">{TABLE}')
    assert approve(REPORT) == 2 and "for staff alone" in capsys.readouterr().err
    assert approve() == 0 and not (site.root / "published" / "index.html").exists()


def test_an_altered_report_is_not_published(site, capsys):
    found = places.locate(site.root, site.data, site.out)
    file = found.versions / str(publish.current_version(site.out)) / f"{REPORT}.html"
    file.chmod(0o644)
    file.write_text(page("<p>forged</p>"))
    assert approve(REPORT) == 2 and "was altered" in capsys.readouterr().err
    assert approve() == 0 and f"{REPORT}.html" not in shown(site)


def test_a_page_that_leads_to_one_that_is_not_published_is_named(site, capsys):
    run(site, body=f'<a href="{OTHER}.html#x">other</a>')
    assert approve("--show", REPORT) == 0
    assert f"{REPORT} leads to {OTHER}.html, which is not published" in capsys.readouterr().out
    assert approve("--show") == 0 and "which is not published" not in capsys.readouterr().out


# --- places ---------------------------------------------------------------------------------------------------


def test_the_two_sites_are_never_one(site, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("somebody's own")
    for to in ("reports", "reports/inside", ".", "data/published", str(tmp_path / "mine")):
        assert approve("--to", to) == 73, to
    assert (tmp_path / "mine" / "index.html").read_text() == "somebody's own"
    other = House(tmp_path / "other")
    other.write("own", notebook("pass"), pilot="alpha")
    batch(other, pool=Pages(), index=publish.INDEX)
    assert approve("--to", str(other.out)) == 73 and "working site" in capsys.readouterr().err


def test_a_run_or_a_signature_into_the_published_site_is_refused(site, monkeypatch, capsys):
    approve()
    before = others(site)
    assert main(["sign-off", REPORT, "--role", "analyst", "--name", "Ann", "--out", "published"]) == 73
    monkeypatch.chdir(ROOT)
    assert main(["run", "--out", str(site.root / "published")]) == 73
    assert "is the site that others see" in capsys.readouterr().err and others(site) == before


@pytest.mark.parametrize("place", range(1, 12, 2))
def test_a_disk_that_fills_in_mid_publish_leaves_what_others_see_whole(site, monkeypatch, place):
    approve()
    before = shown(site), (site.root / "published" / "index.html").read_bytes()
    run(site, body="<p>anew</p>")
    calls = iter(range(1, 1000))
    for name in ("_place", "write_synced"):
        real = getattr(publish, name)

        def full(*given, real=real, **more):
            if next(calls) >= place:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(*given, **more)

        monkeypatch.setattr(publish, name, full)
    assert approve() == 73
    assert (shown(site), (site.root / "published" / "index.html").read_bytes()) == before
    monkeypatch.undo()
    monkeypatch.chdir(site.root)
    assert approve() == 0 and "anew" in shown(site)[f"{REPORT}.html"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--allow", REPORT], "go together"),
        (["--until", "2099-01-01"], "go together"),
        (["--allow", REPORT, "--until", "2020-01-01"], "has passed"),
        (["--allow", REPORT, "--until", "2199-01-01"], "a year is the most"),
        (["--allow", REPORT, "--until", "soon"], "write a day"),
        (["--allow", "alpha-ovn", "--until", "TODAY"], f"did you mean {REPORT}"),
        ([OTHER, "--allow", REPORT, "--until", "TODAY"], "not both"),
        (["no-such"], "no report of the working site"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_line(site, capsys, words, says):
    assert approve(*(clock.today().isoformat() if one == "TODAY" else one for one in words)) == 2
    assert says in capsys.readouterr().err and not (site.root / "published").exists()


def test_nobody_publishes_without_a_name(site, capsys):
    assert main(["publish"]) == 2 and "--by" in capsys.readouterr().err
    assert main(["publish", "--by", " . "]) == 2
    assert not (site.root / "published").exists()


@pytest.mark.parametrize("words", [[], [REPORT], ["--allow", REPORT, "--until", "TODAY"]])
def test_without_a_terminal_nothing_is_published_or_allowed_unless_yes_is_said(site, capsys, monkeypatch, words):
    """A line of cron with a name alone would be a permission without a last day."""
    monkeypatch.setattr(setting_up, "terminal", lambda: None)
    words = [clock.today().isoformat() if one == "TODAY" else one for one in words]
    assert main(["publish", "--by", "Ann Lee", *words]) == 2
    told = capsys.readouterr().err
    assert "--yes" in told and "--allow" in told and not (site.root / "published").exists()
    assert run(site) == [] and not (site.root / "published").exists(), "nothing was allowed either"
    assert main(["publish", "--by", "Ann Lee", *words, "--show"]) == 0 and not (site.root / "published").exists()
    assert main(["publish", "--by", "Ann Lee", "--yes"]) == 0 and shown(site)


@pytest.mark.parametrize(("answer", "code"), [("n", 2), ("", 2), ("perhaps", 2), ("y", 0), (" Yes ", 0)])
def test_at_a_terminal_only_yes_publishes(site, capsys, monkeypatch, answer, code):
    asked = []
    monkeypatch.setattr(setting_up, "terminal", lambda: lambda words: asked.append(words) or answer)
    assert main(["publish", "--by", "Ann Lee"]) == code
    assert len(asked) == 1 and "as Ann Lee?" in asked[0]
    assert (site.root / "published").exists() == (code == 0)


# --- in advance -----------------------------------------------------------------------------------------------


@pytest.fixture
def permitted(site):
    approve()
    assert approve("--allow", REPORT, "--until", (clock.today() + timedelta(days=30)).isoformat()) == 0
    return site


def moved(number):
    """The same report with other numbers: what a week brings."""
    return {
        "figures": [{**FIGURES[0], "numerator": number, "period": "2015-16"}, *FIGURES[1:]],
        "findings": [{**FINDINGS[0], "sentence": f"Paid work rose from 40 to {number} in 2015-16."}, FINDINGS[1]],
        "body": TABLE.replace("2014-15", "2015-16") + f"<p>{number}</p>",
    }


def test_a_run_publishes_by_itself_what_was_allowed_and_only_that(permitted):
    for number in (50, 55):
        (told,) = run(permitted, **moved(number))
        assert told.startswith(f"published {REPORT} in ") and "as Ann Lee allowed" in told
        assert f"<p>{number}</p>" in shown(permitted)[f"{REPORT}.html"]
        assert f"<p>{number}</p>" not in shown(permitted)[f"{OTHER}.html"], "nobody allowed that one"
    found = places.locate(permitted.root, permitted.data, permitted.out)
    file = publication.kept(found, permitted.root / "published") / publication.APPROVALS
    last = json.loads(file.read_text().splitlines()[-1])
    assert last["by"] == "Ann Lee" and last["under"].startswith("allowed on")


def altered(body):
    return {"body": body}


LAPSES = {
    "a new table": altered(TABLE + TABLE.replace('"work"', '"ages"')),
    "a new column": altered(TABLE.replace("Group</th>", 'Group</th><th scope="col">Ethnicity</th>')),
    "a new picture": altered(TABLE + '<figure id="map"></figure>'),
    "a new breakdown": {"figures": [*FIGURES, {**FIGURES[1], "group_kind": "ethnicity", "group": "white"}]},
    "a stronger claim": {"findings": [{**FINDINGS[0], "claim": "attributable"}, FINDINGS[1]]},
    "a weaker claim": {"findings": [FINDINGS[0], {**FINDINGS[1], "claim": "recorded"}]},
    "a claim withdrawn": {"findings": FINDINGS[:1]},
    "a claim turned round": {"findings": [{**FINDINGS[0], "sentence": "Paid work fell from 45 to 40 in 2014-15."}, FINDINGS[1]]},
    "a correction": {"figures": [{**FIGURES[0], "state": "corrected", "was": 40}, *FIGURES[1:]]},
    "--force": {"force": True, "body": TABLE + "<p>x</p>"},
    "a report that failed": {"failing": (REPORT,)},
}  # fmt: skip


@pytest.mark.parametrize("why", LAPSES)
def test_what_was_allowed_lapses_for_good_where_it_is_no_longer_what_was_allowed(permitted, why):
    before = others(permitted)
    (told,) = run(permitted, **LAPSES[why])
    assert "no longer published by itself" in told
    words = {"--force": "--force", "a correction": "a correction", "a report that failed": "a failed check"}
    kind = words.get(why) or ("a changed claim" if "claim" in why else "a new table")
    assert kind in told
    assert others(permitted) == before
    assert run(permitted, **moved(50)) == [] and others(permitted) == before, "until somebody looks and allows anew"
    approve("--allow", REPORT, "--until", clock.today().isoformat())
    assert run(permitted, **moved(55))[0].startswith("published")


def test_what_was_allowed_ends_with_its_last_day(permitted, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=30))
    assert run(permitted, **moved(50))[0].startswith("published"), "the last day counts"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
    before = others(permitted)
    (told,) = run(permitted, **moved(55))
    assert "its last day was" in told and others(permitted) == before


def test_a_run_that_is_refused_or_an_altered_report_takes_the_permission_back(permitted):
    found = places.locate(permitted.root, permitted.data, permitted.out)
    assert "failed check" in permission.lapse(found, [REPORT, OTHER], "a failed check: the run was refused")[0]
    assert permission.allowed(found)[REPORT]["lapsed"]
    approve("--allow", REPORT, "--until", clock.today().isoformat())
    file = found.versions / str(publish.current_version(permitted.out)) / f"{REPORT}.html"
    file.chmod(0o644)
    file.write_text("forged")
    (told,) = run(permitted, **moved(50))
    assert "altered" in told


@pytest.mark.parametrize(
    "text", ["", "[]", '{"alpha-own": 3}', '{"alpha-own": {}}', '{"alpha-own": {"until": "x", "to": "y"}}']
)
def test_a_broken_list_of_permissions_allows_nothing_and_stops_no_run(permitted, text):
    found = places.locate(permitted.root, permitted.data, permitted.out)
    (found.state / permission.ALLOWED).write_text(text)
    before = others(permitted)
    run(permitted, **moved(50))
    assert others(permitted) == before


@pytest.mark.parametrize("signed", [False, True])
def test_an_easy_read_page_is_published_once_people_with_a_learning_disability_signed_it(tmp_path, signed):
    from types import SimpleNamespace

    from commissioning.presentation import signoff
    from commissioning.runs import publication

    group = signoff.Signature(
        role="easy_read_group", name="Speak Up Group", account="a (1)", when="2026-01-01", valid=True, report_sha256="a", page_sha256="b",
        files_sha256="c",
    )  # fmt: skip
    link = '<!--status:link--><p><a class="easy-read" href="own.easy-read.html">Easy Read</a></p><!--/status-->'
    (tmp_path / "own.html").write_text(f"<p>Own</p>{link}")
    (tmp_path / "own.easy-read.html").write_text(signoff.easy_read_block((group,) if signed else ()))
    entry = SimpleNamespace(id="own", files={"own.html": "", "own.easy-read.html": "", "own.json": ""})
    assert ("own.easy-read.html" in publication._public_names(entry, tmp_path)) == signed
    page = publication._public(tmp_path / "own.html", "own").decode()
    assert ("own.easy-read.html" in page) == signed and ("not published until" in page) != signed
    # The link is no part of what was signed: the report's own signatures hold either way.
    assert signoff.page_digest(page) == signoff.page_digest((tmp_path / "own.html").read_text())
