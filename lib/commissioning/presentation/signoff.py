"""Sign-off: who answers for a report, bound to every byte of what they read.

A signature is kept in a file beside the report, `<report>.signoff.json`, and holds hashes of all the report's files, of its
pages without the blocks that show what sign-off alone changes: the signatures themselves, and which figures are provisional
(in the report's JSON too). The same file holds the hash of the JSON and of each page whole, as sign-off left them, and, where
the council has a secret (`commissioning setup`), a code over the whole file that nobody can make without that secret. When any
byte changes, the signature no longer counts, and the report is a draft again. Roles follow the AQuA Book (HM Treasury, 2015):
the assurer is not the analyst.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from commissioning import clock, names, states
from commissioning.errors import CannotWrite, UsageError
from commissioning.presentation import typed
from commissioning.wording import nearest

ROLES = ("analyst", "assurer", "approver", "easy_read_group")
REPORT_ROLES = ("analyst", "assurer", "approver")
ROLE_WORDS = {
    "analyst": "Analyst",
    "assurer": "Assurer",
    "approver": "Approver",
    "easy_read_group": "Easy Read group",
}
DRAFT = "Draft: not signed off"
SAME_PERSON = "The approver is the analyst: one person signed as both"
EASY_PROVISIONAL = "The numbers here may still change."
NOT_CHECKED = "Draft, not yet checked by people with a learning disability"
_STATES = re.compile(r"<!--status:states-->.*?<!--/status-->", re.DOTALL)
_BLOCK = re.compile(r"<!--status:(head|table|easy|link|states|published)-->.*?<!--/status-->", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One person's sign-off, and the account it was entered under. `valid` is False once any file of the report changed."""

    role: str
    name: str
    account: str
    when: str
    report_sha256: str
    page_sha256: str
    files_sha256: str  # of all files of the report, see `files_digest`
    valid: bool = True


def page_digest(page: str) -> str:
    """SHA-256 of a page's HTML without what its status blocks say (status, signatures and states).

    That a block stands in its place counts: one put in anywhere else is a change of the page.
    """
    return hashlib.sha256(_BLOCK.sub(r"<!--status:\1-->", page).encode("utf-8")).hexdigest()


def states_block(says: str) -> str:
    """The sentence of a page that holds provisional figures. It is a status block: sign-off takes it away."""
    inner = f'<p class="states"><strong>{html.escape(says)}</strong></p>' if says else ""
    return f"<!--status:states-->{inner}<!--/status-->"


NOT_PUBLISHED = "Working copy"


def published_block(when: str = "") -> str:
    """When a page was published, in a line that publishing alone fills."""
    return f"<!--status:published-->{html.escape(when) or NOT_PUBLISHED}<!--/status-->"


def make_final(report_json: Path, page: Path, when: date) -> list[dict[str, Any]]:
    """Once a report is signed off: its figures of closed years are final, in its JSON and on its pages. Returns their rows.

    Raises CannotWrite.
    """
    report, made = states.settled(json.loads(_text(report_json)), when)
    if made:
        _write(report_json, as_text(report))
        easy = _signed_page(page, "easy_read_group")
        says = report["states"]["says"]
        _write(page, _STATES.sub(lambda _: states_block(says), _text(page)))
        if easy != page:
            _write(easy, _STATES.sub(lambda _: states_block(EASY_PROVISIONAL if says else ""), _text(easy)))
    return made


def settle_illustrative(report_json: Path, page: Path, signatures: tuple[Signature, ...]) -> None:
    """Make the figures of illustrative data final once they are signed off: there is no ledger that says so."""
    if is_signed_off(signatures) and json.loads(_text(report_json)).get("illustrative"):
        make_final(report_json, page, clock.today())


def as_text(report: Mapping[str, Any]) -> str:
    """A report's JSON as it is written beside its page."""
    return json.dumps(report, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":")) + "\n"


def easy_read_name(report: str) -> str:
    """File name of the Easy Read page of a report: `<report>.easy-read.html`, beside its page."""
    return f"{report}.easy-read.html"


def _signed_page(page: Path, role: str) -> Path:
    """The page that a role reads: the Easy Read page for the Easy Read group, where there is one."""
    easy = page.with_name(easy_read_name(page.name.removesuffix(".html")))
    return easy if role == "easy_read_group" and easy.is_file() else page


def signoff_path(report_json: Path) -> Path:
    """Where the signatures of a report are kept: `<report>.signoff.json` beside it."""
    return report_json.with_name(report_json.name.removesuffix(".json") + ".signoff.json")


def files_of(report_json: Path) -> list[Path]:
    """Every file of a report that a signature is for: all beside it that bear its name, but the signatures themselves."""
    own = signoff_path(report_json).name
    name = report_json.name.removesuffix(".json")
    return [one for one in sorted(report_json.parent.glob(f"{name}.*")) if one.is_file() and one.name != own]


def files_digest(report_json: Path) -> str:
    """SHA-256 over the names and hashes of all files of a report; of pages and of its JSON without what sign-off changes."""

    def of(file: Path) -> str:
        if file.suffix == ".html":
            return page_digest(_text(file))
        return report_digest(file) if file.name == report_json.name else _hash(file)

    held = {one.name: of(one) for one in files_of(report_json)}
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def read(report_json: Path, page: Path, *, key: bytes | None = None, as_shown: bool = True) -> tuple[Signature, ...]:
    """The signatures of a report, each with `valid` worked out from the files as they are now.

    `key`: the council's, where it has one; then a file without its code does not count. `as_shown=False` leaves out whether
    the pages show these very signatures: for a report that was made anew, before `show`.
    """
    kept = signoff_path(report_json)
    if not kept.exists():
        return ()
    try:
        held = json.loads(kept.read_text(encoding="utf-8"))
        report, files = report_digest(report_json), files_digest(report_json)
        sound = (key is None or genuine(held, key)) and (not as_shown or held["shown"] == _shown(report_json))
        return tuple(
            Signature(
                **{field: str(item[field]) for field in _FIELDS},
                valid=sound
                and item["report_sha256"] == report
                and item["files_sha256"] == files
                and item["page_sha256"] == page_digest(_text(_signed_page(page, item["role"]))),
            )
            for item in held["signatures"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{kept.name}: is not a sign-off file; move it away and sign again") from error


_FIELDS = ("role", "name", "account", "when", "report_sha256", "page_sha256", "files_sha256")


def _shown(report_json: Path) -> dict[str, str]:
    """SHA-256 of each page and of the JSON whole, as readers get them: of these a signature leaves something out."""
    mine = [one for one in files_of(report_json) if one.suffix == ".html" or one.name == report_json.name]
    return {one.name: _hash(one) for one in mine}


def code_of(held: Mapping[str, Any], key: bytes) -> str:
    """The code over a sign-off file that only whoever holds the key can make."""
    text = json.dumps({name: value for name, value in held.items() if name != "code"}, sort_keys=True)
    return hmac.new(key, b"sign-off\0" + text.encode(), hashlib.sha256).hexdigest()


def genuine(held: Mapping[str, Any], key: bytes) -> bool:
    """True where a sign-off file carries the code that this key gives it."""
    return hmac.compare_digest(str(held.get("code", "")).encode(), code_of(held, key).encode())


def sign(
    report_json: Path, page: Path, role: str, name: str, when: date | str, *, key: bytes | None = None
) -> Signature:
    """Sign a report as it stands, and show the signature on its page.

    Raises UsageError for an unknown role, a name that is empty or could pass for another's, a missing report, or an assurer
    who is the analyst; CannotWrite where the sign-off file cannot be written.
    """
    name = names.person("--name", name)
    if role not in ROLES:
        hint = nearest(role.strip().lower().replace(" ", "_"), ROLES, f"write one of {', '.join(ROLES)}")
        raise UsageError(f"--role {role!r}: {hint}")
    if found := typed.faults("--name", name):
        raise UsageError(found[0])
    if not report_json.is_file() or not page.is_file():
        missing = report_json if not report_json.is_file() else page
        raise UsageError(f"{missing.name}: there is no such report; run it first")
    day = when if isinstance(when, str) else when.isoformat()
    standing = [one for one in read(report_json, page, key=key) if one.valid and one.role != role]
    pair = {"analyst": "assurer", "assurer": "analyst"}.get(role)
    if any(one.role == pair and names.compared(one.name) == names.compared(name) for one in standing):
        raise UsageError(f"--name {name!r} has signed as {pair}: the assurer is not the analyst")
    new = Signature(
        role=role,
        name=name,
        account=names.account(),
        when=day,
        report_sha256=report_digest(report_json),
        page_sha256=page_digest(_text(_signed_page(page, role))),
        files_sha256=files_digest(report_json),
    )
    everyone = sorted([*standing, new], key=lambda one: ROLES.index(one.role))
    if is_signed_off(tuple(everyone)):
        make_final(report_json, page, clock.today())
    show(page, tuple(everyone))
    _keep(report_json, everyone, key)
    return new


def _keep(report_json: Path, everyone: Sequence[Signature], key: bytes | None) -> None:
    """Write the signatures, the hashes of the files as they now show them, and, with a key, the code over both."""
    listed = [{name: value for name, value in asdict(one).items() if name != "valid"} for one in everyone]
    held: dict[str, Any] = {"signatures": listed, "shown": _shown(report_json)}
    if key is not None:
        held["code"] = code_of(held, key)
    _write(signoff_path(report_json), json.dumps(held, indent=2, ensure_ascii=False) + "\n")


def show(page: Path, signatures: tuple[Signature, ...]) -> None:
    """Bring the status of a page, and of its Easy Read page where there is one, up to date."""
    for one in dict.fromkeys((page, _signed_page(page, "easy_read_group"))):
        _write(one, with_status(_text(one), signatures))


def status(signatures: tuple[Signature, ...]) -> str:
    """The status of a report in words: a draft until analyst, assurer and approver have all signed it."""
    held = {one.role: one for one in signatures if one.valid}
    if all(role in held for role in REPORT_ROLES):
        return f"Signed off by {held['approver'].name} on {held['approver'].when}"
    signed = [ROLE_WORDS[role].lower() for role in REPORT_ROLES if role in held]
    if signed:
        return f"{DRAFT} (signed so far by the {' and the '.join(signed)})"
    if any(not one.valid for one in signatures):
        return f"{DRAFT} (it has changed since it was signed)"
    return DRAFT


def unsigned(signatures: tuple[Signature, ...]) -> list[str]:
    """The roles that have not signed the report as it stands, in the order in which they sign."""
    held = {one.role for one in signatures if one.valid}
    return [ROLE_WORDS[role].lower() for role in REPORT_ROLES if role not in held]


def is_signed_off(signatures: tuple[Signature, ...]) -> bool:
    """True where analyst, assurer and approver have signed the report as it stands."""
    return not status(signatures).startswith(DRAFT)


def status_block(signatures: tuple[Signature, ...]) -> str:
    """The status line of a page, with the banner that paper carries while the page is a draft."""
    words = html.escape(status(signatures))
    banner = "" if is_signed_off(signatures) else '<p class="print-banner" aria-hidden="true">Draft: not signed off</p>'
    mark = "signed" if is_signed_off(signatures) else "draft"
    return f'<!--status:head--><p class="status {mark}"><strong>Status:</strong> {words}</p>{banner}<!--/status-->'


def signoff_block(signatures: tuple[Signature, ...]) -> str:
    """The table of who signed, when, and for what."""
    held = {one.role: one for one in signatures}
    rows = []
    for role in ROLES:
        one = held.get(role)
        if one is None:
            who, day, what = "Not yet", "", ""
        else:
            who, day = html.escape(one.name), html.escape(one.when)
            state = "This version" if one.valid else "An earlier version: it has changed since"
            what = f"{state}. Report {one.report_sha256[:12]}, page {one.page_sha256[:12]}"
            also = held.get("analyst")
            if role == "approver" and also is not None and names.compared(also.name) == names.compared(one.name):
                what += f". <strong>{SAME_PERSON}</strong>"
        rows.append(f'<tr><th scope="row">{ROLE_WORDS[role]}</th><td>{who}</td><td>{day}</td><td>{what}</td></tr>')
    return (
        '<!--status:table--><div class="scroll" role="region" aria-labelledby="sign-off-caption" tabindex="0">'
        '<table id="sign-off"><caption id="sign-off-caption">Sign-off: who signed, when, and for what</caption>'
        '<thead><tr><th scope="col">Role</th><th scope="col">Name</th><th scope="col">Date</th>'
        f'<th scope="col">Signed for</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div><!--/status-->'
    )


def easy_read_block(signatures: tuple[Signature, ...]) -> str:
    """The line of an Easy Read page that says whether people with learning disabilities have checked it."""
    held = [one for one in signatures if one.role == "easy_read_group" and one.valid]
    words = f"Checked by {held[0].name} on {held[0].when}" if held else NOT_CHECKED
    return f'<!--status:easy--><p class="status"><strong>{html.escape(words)}.</strong></p><!--/status-->'


def with_status(page: str, signatures: tuple[Signature, ...]) -> str:
    """A page with its status blocks brought up to date; nothing else changes."""
    fresh = {"head": status_block, "table": signoff_block, "easy": easy_read_block}
    return _BLOCK.sub(lambda found: fresh[found[1]](signatures) if found[1] in fresh else found[0], page)


def report_digest(path: Path) -> str:
    """SHA-256 of a report's JSON without what sign-off alone changes: `states.without_states`."""
    body = path.read_bytes()
    try:
        report = json.loads(body)
    except ValueError:
        report = None
    if isinstance(report, dict) and "states" in report:
        body = as_text(states.without_states(report)).encode()
    return hashlib.sha256(body).hexdigest()


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _write(path: Path, text: str) -> None:
    """Write whole or not at all: readers never meet half a file."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(text.encode("utf-8"))
        part.replace(path)
    except OSError as error:
        raise CannotWrite(f"{path.name}: cannot be written ({error.strerror})") from error
