"""What the headings of a council's spend file mean, by their words and by what stands under them.

The Local Government Transparency Code asks for date, department, beneficiary, purpose and amount, and prescribes no
headings; each council's ledger gives its own. Words propose, content decides: a supplier's number is no payee, and an
amount is taken by itself only where one column can be it, or where one is net of VAT, which is what the Code asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from commissioning.evidence import days, units
from commissioning.evidence.header import FOREIGN
from commissioning.evidence.not_data import is_total_label
from commissioning.evidence.published._spend_cells import day_of, month_of, pence, shown, words_of

_NOT_NAMES = (
    r"\b(?:number|num|no|nos|id|ids|code|ref|reference|postcode|post code|address|vat|type|category|class|group|status|url|uri|"
    r"registered|registration|charity|company no|internal|site|sme|local|vcse|voluntary|key|count)\b"
)


def _patterns(*said: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, said))


# Looked for with `search`: what must be the whole heading stands between ^ and $, and two words that must both be there
# each have a look from its beginning, so that no heading takes longer than its length.
_PAYEES = _patterns(
    r"^(?:final |redacted |published |new )?(?:supplier|vendor|payee|beneficiary|creditor) ?(?:supplier |beneficiary |payee )*(?:trading )?names?(?: 2)?$",
    r"^(?:supplier|vendor|payee|beneficiary|creditor)s?(?: t| description| desc| beneficiary| payee| supplier)*$",
    r"^(?:name of|paid to|payment to) ?(?:the )?(?:supplier|vendor|payee|beneficiary|creditor|name)?$",
    r"\b(?:supplier|vendor|payee|beneficiary|creditor)s?\b",
    r"^(?:merchant|company|trading|recipient|contractor|business)(?: name)?$",
    r"^(?:name|account name)$|^recipient",
)
_RECIPIENTS = _patterns(
    r"^(?:grant )?(?:recipient|beneficiary|organisation|organization|group)s?(?: organisation)?(?: name| awarded| funded)?$",
    r"^(?:name of|awarded to|paid to|grant to) ?(?:the )?(?:vcse |voluntary |grant )?(?:(?:recipient|beneficiary|organisation|organization|group)?(?: .*)?)$",
    r"^name$|\b(?:recipient|beneficiary|organisation)\b",
)
_DAYS = _patterns(
    r"^(?:(?:invoice |supplier )?(?:payment|paid|pay|cheque|bacs|clearing|cleared) ?(?:run )?date|date (?:of )?(?:payment|paid|cleared)|paid on|date payment made)$",
    r"^(?:date|transaction date|trans date|tran date|posting date|posted (?:fiscal )?date|effective date|expenditure date|date of (?:transaction|expenditure)|"
    r"date incurred|gl date|ledger date|entry date|accounting date)$",
    r"^(?!.*(?:due|order|contract|update|publish|creat|extract|received|receipt|start|end)).*\bdated?\b",
    r"\bdate\b",
)
_MONTHS = re.compile(
    r"^(?:calendar |payment |paid |accounting |financial |fiscal |posting |ledger )?(?:period|month)(?: name| paid| of payment| period)?(?: t)?$"
)
_SPEAKS_OF_MONEY = re.compile(
    r"\b(?:amount|amt|net|nett|gross|value|total|spend|expenditure|payment|paid|cost|price|sum|gbp|pounds|awarded)\b|£|œ|^lc$"
)
_NO_MONEY = re.compile(
    r"\b(?:date|dated|number|num|no|code|ref|reference|id|type|category|description|desc|name|count|quantity|qty|period|month|year|"
    r"budget|order|contract|discount|label|uri|url|status|method|class|area|centre|center|ctr|element|run|doc|document|voucher|batch|terms|heading|analysis|purpose|rate|percent|%)\b"
)
_VAT = re.compile(r"\bvat\b|\btax\b|\birrecoverable\b|\bnon recoverable\b|\brecoverable\b")
_NET = re.compile(
    r"\bnett?\b|\b(?:exc|excl|ex|excluding|exclusive(?: of)?|less|without|before|minus)\b.{0,24}\bvat\b|\bvat (?:excluded|exclusive|exc|excl)\b|\bexvat\b"
)
_GROSS = re.compile(
    r"\bgross\b|\b(?:inc|incl|including|inclusive(?: of)?|plus|with)\b.{0,24}\bvat\b|\bvat (?:included|inclusive|inc|incl)\b"
)
_OF_SPEND = re.compile(
    r"\b(?:director(?:ate)?|department|service|cost cent(?:re|er)|expenditure|expense|expenses|purpose)\b"
)
# What else is kept, in order of preference; the first heading of a role has it, and later ones take what is left.
_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("charity_number", re.compile(r"\bcharity\b")),
    ("company_number", re.compile(r"\bcompany (?:registration |registered )?(?:(?:number|no|num)\b|reg)|registered company number|^registration number$")),
    ("payee_id", re.compile(r"^(?=.*\b(?:supplier|vendor|beneficiary|creditor|payee)\b).*\b(?:id|number|no|code|ref|reference)\b|^(?:supplier|vendor)$")),
    ("transaction", re.compile(r"^(?=.*\b(?:transaction|trans|transcation|document|doc|payment|voucher|internal)\b).*\b(?:number|no|num|ref|reference|id)\b|^(?:unique identifier|transno|reference|ref)$")),
    ("cost_centre", re.compile(r"^(?:cost (?:cent(?:re|er)|ctr)|profit cent(?:re|er)|cc)(?: code| number| no)?$")),
    ("unit", re.compile(r"\b(?:cost cent(?:re|er)|profit cent(?:re|er))\b|^(?:expense area|team|section|business unit|serv)(?: t| name| desc| description)?$|\bservice\b")),
    ("department", re.compile(r"\b(?:director(?:ate|otate)|dept|department|division|organisational unit|portfolio|local authority department)\b|^(?:directotate|dir)$|^org level")),
    ("purpose", re.compile(r"\b(?:purpose|narrative|description|desc|detail|details|expense|expenses|expenditure|subjective|nominal|spend|activity|account|summary|g l|text|merchant category)\b")),
    ("category", re.compile(r"\b(?:proclass|procurement|classification|category|sercop|bvacop|cipfa|merchant|type)\b")),
    ("service", re.compile(r"")),
)  # fmt: skip
NOT_OF_GRANTS = ("transaction", "payee_id", "cost_centre", "unit")
WORDS = ("unit", "department", "service", "purpose", "category")  # the columns by which spend is told apart


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a spend file holds what. `row` is the header's last row (index); columns are positions.

    `day` or `month` is -1 where there is none. `others` are the columns kept beside the three. `notes` say each choice.
    """

    row: int
    heads: tuple[str, ...]
    payee: int
    amount: int
    day: int = -1
    month: int = -1
    month_first: bool = False  # the days are written as in the USA, as every one of them shows
    said_month: str = ""  # of every payment, where no column tells it
    multiplier: int | Decimal | None = None
    others: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unsure:
    """Why a header cannot be read by itself: the columns are there, and which is meant is not for us to say."""

    says: str
    code: str
    column: str = ""


def find(
    rows: Sequence[Sequence[str]], said: Mapping[str, str] | None = None, month: str = "", *, grants: bool = False
) -> Layout | Unsure | None:
    """The layout of the first row, or pair of rows, that heads a spend file; why it is unsure; None where none does.

    `said` gives headings that a person has chosen (payee, amount, date), `month` the month of a file that tells none.
    `grants`: the yearly list of grants instead, whose headings or title must speak of grants.
    """
    unsure: Unsure | None = None
    titled = next((at for at, row in enumerate(rows[:60]) if any(map(_is_title_of_grants, row))), 60)
    for at in range(min(len(rows), 60)):
        if sum(bool(c.strip()) for c in rows[at]) < 2:
            continue
        both = _joined(rows, at)
        ways = [(at, list(rows[at])), *([(at + 1, both)] if both else [])]
        if 2 * sum(bool(c.strip()) for c in rows[at]) >= len(both):
            ways.reverse()  # headings of their own, and more of them below: an amount may be gross, VAT and net there
        for row, heads in ways:
            if grants != _of_grants(heads, titled=titled < at):
                continue
            found = _layout(row, heads, rows[row + 1 :], said or {}, month, grants)
            if isinstance(found, Layout):
                return found
            unsure = unsure or found
    return unsure


_GRANT = re.compile(r"\bgrants?\b|\bawards?\b|\bawarded\b")
_TITLE_OF_GRANTS = re.compile(r"^(?=.*\bgrants?\b).*\b(?:vol\w*|vcse?|vcs|awarded|communit\w*|organisations)\b")
_SUPPLIER = re.compile(r"\b(?:supplier|vendor|creditor)\b")
_OF_A_RECIPIENT = re.compile(r"\b(?:recipient|charity|registration)\b")


def _is_title_of_grants(cell: str) -> bool:
    return bool(_TITLE_OF_GRANTS.search(words_of(cell)))


def _of_grants(heads: Sequence[str], *, titled: bool) -> bool:
    """Whether a header heads a list of grants: two headings, or the title above, speak of them, and no supplier is named."""
    words = [words_of(h) for h in heads]
    if any(_SUPPLIER.search(one) for one in words):
        return False
    spoken = sum(bool(_GRANT.search(one)) for one in words)
    return titled or spoken >= 2 or (spoken == 1 and any(_OF_A_RECIPIENT.search(one) for one in words))


def _joined(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """Rows `at` and the next as one header, the upper carried to the right where the lower has words; [] where the lower is data."""
    if at + 1 >= len(rows):
        return []
    below = list(rows[at + 1])
    if any(pence(cell) is not None or day_of(cell) is not None for cell in rows[at]):
        return []
    if any(any(c.isdigit() for c in cell) for cell in below) or not any(c.strip() for c in below):
        return []
    width = max(len(rows[at]), len(below))
    upper, lower = ([*part, *[""] * (width - len(part))] for part in (list(rows[at]), below))
    heads, carried = [], ""
    for top, low in zip(upper, lower, strict=True):
        carried = top.strip() or (carried if low.strip() else "")
        heads.append(f"{carried} {low.strip()}".strip())
    return heads


def _layout(
    row: int, heads: list[str], below: Sequence[Sequence[str]], said: Mapping[str, str], month: str, grants: bool
) -> Layout | Unsure | None:
    words = [words_of(h) for h in heads]
    payees = _payees(words, (*_RECIPIENTS, *_PAYEES[:4]) if grants else _PAYEES)
    if (not payees and "payee" not in said) or any("org:" in one.casefold() for one in heads):
        return None
    below = [r for r in below if list(r) != heads and not _is_total(r)]  # nor the header said again
    columns = [[r[at].strip() if at < len(r) else "" for r in below] for at in range(len(heads))]
    payees = [at for at in payees if _share(columns[at], _is_words) >= 0.5]
    money = [
        at for at, one in enumerate(words) if _may_be_money(heads[at], one) and _share(columns[at], _is_money) >= 0.9
    ]
    if "payee" in said or "amount" in said or "date" in said:
        chosen = {key: _named(heads, value) for key, value in said.items()}
        if lost := next((key for key, at in chosen.items() if at is None), ""):
            return Unsure(
                says=f"sources.toml says {lost} = “{said[lost]}”, and no column is called so",
                code="missing column",
                column=said[lost],
            )
        payees = [at for at in [chosen.get("payee")] if at is not None] or payees
        money = [at for at in [chosen.get("amount")] if at is not None] or money
    if not payees or not money:
        return None
    amount = (money[0], ", as sources.toml says") if "amount" in said else _amount(heads, words, columns, money)
    if isinstance(amount, Unsure):
        return amount
    payee = payees[0]
    notes = [f"“{shown(heads[payee])}” was read as the payee"]
    notes.append(f"“{shown(heads[amount[0]])}” was read as the amount{amount[1]}")
    day, months, month_first = _when(
        heads, words, columns, {payee, amount[0]}, _named(heads, said["date"]) if "date" in said else None
    )
    by_year = grants and any(map(_years, columns))
    if day < 0 and months < 0 and not month and not by_year:
        return Unsure(
            says="no column holds a day or a month of payment: if the file is of one month, write that month as "
            '`month = "2024-05"` in its [[source]]; if a column holds it under another heading, write '
            '`columns = { date = "its heading" }`',
            code="no date",
        )
    when = heads[day] if day >= 0 else heads[months] if months >= 0 else ""
    notes.append(
        f"“{shown(when)}” was read as the {'day' if day >= 0 else 'month'} of payment"
        if when
        else "the year of each is told, and no day"
        if by_year
        else f"sources.toml says that every payment is of {month}"
    )
    if month_first:
        notes.append(
            f"the days under “{shown(when)}” are written month first, as every one of them allows and some show: read so"
        )
    taken = {payee, amount[0], day, months}
    others = _others(words, columns, taken)
    if grants:
        free = [at for at, cells in enumerate(columns) if _years(cells) and at not in (*taken, *others.values())]
        others = {name: at for name, at in others.items() if name not in NOT_OF_GRANTS}
        if free:
            others["year"] = free[0]
    kept = [f"“{shown(heads[at])}” as {name.replace('_', ' ')}" for name, at in others.items()]
    notes += [f"kept beside them: {', '.join(kept)}"] if kept else []
    return Layout(
        row=row, heads=tuple(heads), payee=payee, amount=amount[0], day=day, month=months, month_first=month_first,
        multiplier=units.read(heads[amount[0]]).multiplier, others=others, notes=tuple(notes),
        said_month="" if when else month,
    )  # fmt: skip


def _named(heads: Sequence[str], wanted: str) -> int | None:
    return next((at for at, one in enumerate(heads) if words_of(one) == words_of(wanted)), None)


def _payees(words: Sequence[str], patterns: Sequence[re.Pattern[str]]) -> list[int]:
    """Columns that may name the payee, the likeliest first."""
    found = []
    for at, one in enumerate(words):
        rank = next((rank for rank, pattern in enumerate(patterns) if one and pattern.search(one)), None)
        if rank is not None and patterns[rank] in _PAYEES[4:] and not any(_OF_SPEND.search(other) for other in words):
            continue  # a name, a day and a sum may be of anything
        if (
            rank is not None
            and not re.search(_NOT_NAMES, one)
            and not re.search(r"\b(?:date|amount|spend|total|net|gross)\b", one)
        ):
            first = one.startswith(("final ", "redacted ", "published "))
            found.append((rank, not first, at))
    return [at for _, _, at in sorted(found)]


def _may_be_money(heading: str, words: str) -> bool:
    if not words or (_VAT.search(words) and not (_NET.search(words) or _GROSS.search(words))):
        return False
    bare = _NET.sub(" ", _GROSS.sub(" ", words))
    if re.search(r"\b(?:amount|amt)\b", bare):  # the amount of a document or a voucher is one all the same
        bare = re.sub(r"\b(?:doc|document|voucher|batch|run|line)\b", " ", bare)
    return bool(_SPEAKS_OF_MONEY.search(words)) and (
        not _NO_MONEY.search(bare) or words.startswith(("amount in", "sum of"))
    )


def _amount(
    heads: Sequence[str], words: Sequence[str], columns: Sequence[Sequence[str]], money: list[int]
) -> tuple[int, str] | Unsure:
    """The one column of amounts and what is said of the choice; Unsure where two may be meant."""
    if foreign := next((heads[at] for at in money if FOREIGN.search(heads[at])), ""):
        return Unsure(
            says=f"“{shown(foreign)}” speaks of another currency: the workbench counts pounds; export the amounts in pounds",
            code="not pounds",
            column=shown(foreign),
        )
    by_words = [at for at in money if re.search(r"\b(?:amount|amt|nett?|gross|value|total)\b|£", words[at])]
    if (
        by_words and len(money) > 1
    ):  # beside a column called an amount, whole numbers under "cost" or "payment" are codes
        money = [at for at in money if at in by_words or any("." in c for c in columns[at])]
    unnamed = [
        at for at, one in enumerate(words)
        if not one and _share(columns[at], _is_money) >= 0.9 and _share(columns[at], lambda c: "." in c) >= 0.3
        and [pence(c) for c in columns[at]] != [pence(c) for c in columns[money[0]]]
    ]  # fmt: skip
    if unnamed:
        return Unsure(
            says=f"beside “{shown(heads[money[0]])}” a column without a heading holds amounts too: give it a heading, or write "
            f'`columns = {{ amount = "{shown(heads[money[0]])}" }}` in its [[source]] of sources.toml where that is what was paid',
            code="which amount",
            column=shown(heads[money[0]]),
        )
    if len(money) == 1:
        said = " (with VAT, as its heading says)" if _GROSS.search(words[money[0]]) else ""
        return money[0], said
    same = {tuple(pence(c) for c in columns[at]) for at in money}
    if len(same) == 1:
        return money[
            0
        ], f"; {', '.join(f'“{shown(heads[at])}”' for at in money[1:])} says the same in every row looked at"
    net = [at for at in money if _NET.search(words[at])]
    rest = [at for at in money if at not in net and not _GROSS.search(words[at])]
    if len(net) == 1 and not rest:
        others = ", ".join(f"“{shown(heads[at])}”" for at in money if at != net[0])
        return net[0], f", net of VAT as the Transparency Code asks, and not {others}"
    names = ", ".join(f"“{shown(heads[at])}”" for at in money)
    likely = net or [at for at in money if "line" in words[at].split()] or money
    return Unsure(
        says=f"{len(money)} columns hold amounts that differ ({names}), and which of them was paid cannot be told: write, for one of them, "
        f'`columns = {{ amount = "{shown(heads[likely[0]])}" }}` in its [[source]] of sources.toml',
        code="which amount",
        column=shown(heads[money[0]]),
    )


def _when(
    heads: Sequence[str], words: Sequence[str], columns: Sequence[Sequence[str]], taken: set[int], said: int | None
) -> tuple[int, int, bool]:
    """The columns of the day and of the month (-1: none), and whether the days are month first."""
    ranked = []
    for at, one in enumerate(words):
        rank = next((rank for rank, pattern in enumerate(_DAYS) if one and pattern.search(one)), None)
        if at not in taken and (rank is not None or at == said):
            ranked.append((-1 if at == said else rank or 0, at))
    for _, at in sorted(ranked):
        first = _month_first(columns[at])
        if _share(columns[at], partial(_is_day, first)) >= 0.9:
            return at, -1, first
    likely = [at for _, at in sorted(ranked)] + [at for at, one in enumerate(words) if _MONTHS.search(one)]
    for at in likely:
        if at not in taken and _share(columns[at], lambda c: month_of(c) is not None) >= 0.9:
            return -1, at, False
    return -1, -1, False


def _is_day(month_first: bool, text: str) -> bool:
    return day_of(text, month_first) is not None


def _month_first(cells: Sequence[str]) -> bool:
    """True where every day can be month first and some can be nothing else."""
    found = [re.match(r"(\d{1,2})/(\d{1,2})/\d{2,4}\b", c.strip()) for c in cells if c.strip()]
    pairs = [(int(one[1]), int(one[2])) for one in found if one]
    return bool(pairs) and all(first <= 12 for first, _ in pairs) and any(second > 12 for _, second in pairs)


def _others(words: Sequence[str], columns: Sequence[Sequence[str]], taken: set[int]) -> dict[str, int]:
    """Role → column, each once: what tells spend apart and what names the payee by number."""
    free = [at for at, one in enumerate(words) if one and at not in taken and not re.search(r"\bdate\b", one)]
    out: dict[str, int] = {}
    for name, pattern in _ROLES:
        fits = [at for at in free if at not in out.values() and pattern.search(words[at])]
        if name in WORDS:
            fits = [at for at in fits if _share(columns[at], _is_words) >= 0.5]
        if name == "service":  # what is left over: a column of words with more than one of them
            fits = [at for at in fits if len({c for c in columns[at] if c}) > 1]
        if fits:
            out[name] = fits[0]
    return out


def _is_total(cells: Sequence[str]) -> bool:
    return any("otal" in c.casefold() and len(c) <= 80 and is_total_label(c.strip()) for c in cells)


def _share(cells: Sequence[str], holds: Callable[[str], bool]) -> float:
    filled = [c for c in cells if c]
    return sum(map(holds, filled)) / len(filled) if filled else 0.0


def _years(cells: Sequence[str]) -> bool:
    return _share(cells, lambda c: days.financial_year(c) is not None) >= 0.9


def _is_words(cell: str) -> bool:
    letters = sum(c.isalpha() for c in cell)
    return letters >= 2 and letters > sum(c.isdigit() for c in cell)


def _is_money(cell: str) -> bool:
    return pence(cell) is not None
