"""Pictures for Easy Read, drawn by the project: thick dark lines, one idea each, no colour needed."""

from __future__ import annotations

import html
from dataclasses import dataclass

_D = "#12436D"
_M = "#F4A63B"  # those that are more: lighter in grey print than the dark, and outlined
_L = f'fill="none" stroke="{_D}" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"'
_W = f'fill="#fff" stroke="{_D}" stroke-width="7" stroke-linejoin="round"'
_F = f'fill="{_D}"'


def _person(x: float, y: float, size: float = 1.0, filled: bool = False) -> str:
    style = f'fill="{_D if filled else "#fff"}" stroke="{_D}" stroke-width="{3.2 if size < 1 else 5}"'
    return (
        f'<g transform="translate({x:g} {y:g}) scale({size:g})"><circle cx="20" cy="14" r="12" {style}/>'
        f'<path d="M2 78V50a18 18 0 0 1 36 0v28z" {style}/></g>'
    )


def _head(x: float, y: float, colour: str) -> str:
    """Head and shoulders, for a hundred people in one picture."""
    style = f'fill="{colour}" stroke="{_D}" stroke-width="1.3"'
    return f'<path d="M{x + 2:g} {y + 14.6:g}c0-8 12.6-8 12.6 0z" {style}/><circle cx="{x + 8.3:g}" cy="{y + 4.4:g}" r="3.6" {style}/>'


def _paper(x: float, y: float, size: float, filled: bool) -> str:
    """A sheet, where what is counted is a meeting or an agreement and no person."""
    style = f'fill="{_D if filled else "#fff"}" stroke="{_D}" stroke-width="5"'
    lines = f'stroke="{"#fff" if filled else _D}" stroke-width="4"'
    return f'<g transform="translate({x:g} {y:g}) scale({size:g})"><path d="M2 4h36v72H2z" {style}/><path d="M10 22h20M10 38h20M10 54h12" {lines}/></g>'


def _sheet(x: float, y: float, colour: str) -> str:
    return f'<path d="M{x + 3:g} {y + 0.8:g}h10.6v13.8h-10.6z" fill="{colour}" stroke="{_D}" stroke-width="1.3"/>'


_DRAWN: dict[str, tuple[str, str]] = {
    "house": ("A house", f'<path d="M20 84 100 20l80 64v66H20z" {_W}/><path d="M82 150v-44h36v44" {_W}/>'),
    "coins": (
        "A pile of coins",
        "".join(f'<ellipse cx="100" cy="{142 - 22 * i}" rx="62" ry="20" {_W}/>' for i in range(5))
        + f'<path d="M112 44c-4-9-20-7-19 5l1 16h-8m0 0h28m-24-10h16" fill="none" stroke="{_D}" stroke-width="5"/>',
    ),
    "question": (
        "A question mark",
        f'<circle cx="100" cy="82" r="68" {_W}/><path d="M76 66c0-34 52-32 50 0-1 18-25 18-25 38" {_L}/><circle cx="101" cy="124" r="6" {_F}/>',
    ),
    "work": (
        "A bag for work",
        f'<rect x="25" y="58" width="150" height="92" rx="10" {_W}/><path d="M70 58V34h60v24M25 100h150" {_L}/>',
    ),
    "speech": (
        "Somebody speaking",
        f'<path d="M22 24h156v84H96l-34 36v-36H22z" {_W}/><path d="M48 52h104M48 78h70" {_L}/>',
    ),
    "phone": (
        "A telephone",
        f'<rect x="62" y="14" width="76" height="138" rx="12" {_W}/><path d="M76 38h48v76H76z" {_W}/><circle cx="100" cy="133" r="6" {_F}/>',
    ),
    "letter": (
        "A letter",
        f'<rect x="22" y="36" width="156" height="100" rx="4" {_W}/><path d="m26 42 74 56 74-56" {_L}/>',
    ),
    "calendar": (
        "A calendar",
        f'<rect x="28" y="32" width="144" height="116" rx="6" {_W}/><path d="M28 66h144M64 18v26m72-26v26" {_L}/>'
        + "".join(
            f'<rect x="{52 + 36 * (i % 3)}" y="{82 + 30 * (i // 3)}" width="16" height="16" {_F}/>' for i in range(6)
        ),
    ),
    "report": (
        "A paper with writing",
        f'<path d="M46 14h78l32 32v106H46z" {_W}/><path d="M70 66h62M70 92h62M70 118h40" {_L}/>',
    ),
    "look": ("A magnifying glass", f'<circle cx="86" cy="68" r="50" {_W}/><path d="m122 106 44 42" {_L}/>'),
    "person": ("A person", _person(62, 10, 1.85)),
    "together": ("Three people together", _person(12, 38, 1.35) + _person(132, 38, 1.35) + _person(68, 22, 1.6)),
    "talk": (
        "Two people talking",
        _person(16, 62, 1.15) + _person(138, 62, 1.15) + f'<path d="M62 14h76v40h-34l-12 14v-14H62z" {_W}/>',
    ),
    "goal": (
        "A flag at the top of a hill",
        f'<path d="M12 150 92 62l30 32 22-18 44 74z" {_W}/><path d="M92 62V12l44 15-44 15" {_W}/>',
    ),
    "more": (
        "An arrow that goes up",
        f'<path d="M22 148h34v-30h40V90h40V62h42" {_L}/><path d="m28 84 84-62m-36-2h38v36" {_L}/>',
    ),
    "fewer": (
        "An arrow that goes down",
        f'<path d="M22 62h42v28h40v28h40v30h34" {_L}/><path d="m88 22 84 62m-2-36v38h-38" {_L}/>',
    ),
    "same": (
        "Two bars of the same height",
        f'<path d="M36 44h44v104H36zM120 44h44v104h-44z" {_W}/><path d="M14 148h172" {_L}/><path d="M24 22h152" {_L} stroke-dasharray="2 16"/>',
    ),
    "support": (
        "One person helping another",
        _person(18, 22, 1.6) + _person(118, 22, 1.6) + f'<path d="M70 118c20 18 40 18 60 0" {_L}/>',
    ),
    "unsure": (
        "A person thinking",
        _person(14, 58, 1.35)
        + f'<path d="M98 70a30 30 0 0 1 8-58 34 34 0 0 1 58 4 26 26 0 0 1 4 54z" {_W}/><circle cx="84" cy="82" r="6" {_F}/><path d="M124 34c0-14 24-14 22 1-1 8-11 8-11 17" fill="none" stroke="{_D}" stroke-width="5"/><circle cx="135" cy="60" r="3.4" {_F}/>',
    ),
    "pound": (
        "A pound sign on a coin",
        f'<circle cx="100" cy="84" r="66" {_W}/><path d="M124 58c-8-22-44-16-40 12l4 44H74m0 0h54M72 86h38" {_L}/>',
    ),
    "hall": (
        "A town hall",
        f'<path d="M20 66 100 18l80 48z" {_W}/><path d="M26 148h148M44 74v66m37-66v66m38-66v66m37-66v66" {_L}/>',
    ),
    "vote": (
        "A hand putting up a vote",
        f'<path d="M28 78h144v72H28zM76 78V20h48v58" {_W}/><path d="M64 100h72m-46-54 8 10 14-22" {_L}/>',
    ),
    "map": (
        "A map with a flag",
        f'<path d="m18 50 54-20 56 20 54-20v100l-54 20-56-20-54 20z" {_W}/><path d="M72 30v100M128 50v100" {_L}/>',
    ),
    "sign": (
        "A sign that shows the way",
        f'<path d="M96 18v132M70 150h54" {_L}/><path d="M40 32h100l34 26-34 26H40z" {_W}/>',
    ),
    "email": (
        "An email",
        f'<rect x="26" y="22" width="148" height="98" rx="6" {_W}/><path d="M70 148h60m-30-28v28M58 48h84v46H58l0-46 42 28 42-28" {_L}/>',
    ),
    "friends": (
        "Two people with a ball",
        _person(22, 40, 1.4) + _person(122, 40, 1.4) + f'<circle cx="100" cy="126" r="18" {_W}/>',
    ),
    "choice": (
        "Two paths, to choose from",
        f'<path d="M100 152V96M100 96 44 34m56 62 56-62" {_L}/><path d="M30 52V18h36M170 52V18h-36" {_L}/>',
    ),
    "safe": (
        "A shield",
        f'<path d="M100 14c24 16 46 20 66 20 0 60-20 98-66 120-46-22-66-60-66-120 20 0 42-4 66-20z" {_W}/><path d="m70 84 22 24 40-46" {_L}/>',
    ),
    "lock": (
        "A lock, to keep things private",
        f'<path d="M64 74V50a36 36 0 0 1 72 0v24" {_L}/><rect x="42" y="74" width="116" height="76" rx="8" {_W}/><circle cx="100" cy="112" r="10" {_F}/>',
    ),
    "pen": (
        "A pen and paper",
        f'<path d="M30 22h110v126H30z" {_W}/><path d="M52 54h50M52 82h40" {_L}/><path d="m96 124 62-74 22 18-62 74-28 8z" {_W}/>',
    ),
    "group": ("A group that gives help", _person(76, 6, 1.1) + _person(20, 62, 1.1) + _person(132, 62, 1.1)),
}

NAMES = tuple(_DRAWN)
"""The pictures that stand ready; people pictograms are made by `People`."""


@dataclass(frozen=True, kw_only=True)
class People:
    """`count` of them filled in out of `of` (10 or 100); `counted` says what they are, where they are not people."""

    count: int
    of: int
    counted: str = "people"

    def __post_init__(self) -> None:
        if self.of not in (10, 100):
            raise ValueError(f"a picture of people shows 10 or 100 of them, not {self.of}")
        if not 0 <= self.count <= self.of:
            raise ValueError(f"{self.count} out of {self.of} people cannot be drawn")

    @property
    def words(self) -> str:
        """ "3 out of 100 people": the words that go with the picture."""
        return f"{self.count} out of {self.of} {self.counted}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A hundred without the new way beside a hundred with it; those that are more, or fewer, in a colour of their own."""

    without: int
    with_it: int
    counted: str = "people"

    def __post_init__(self) -> None:
        if not (0 <= self.without <= 100 and 0 <= self.with_it <= 100):
            raise ValueError(f"{self.without} and {self.with_it} of a hundred cannot be drawn")

    @property
    def words(self) -> str:
        """What the two pictures show, for those who do not see them."""
        return (
            f"Without the new way, {self.without} out of 100 {self.counted}. "
            f"With the new way, {self.with_it} out of 100 {self.counted}."
        )


def draw(picture: str | People | Change) -> str:
    """A picture as inline SVG with its words for those who do not see it. Raises ValueError for an unknown name."""
    box = "0 0 200 168"
    if isinstance(picture, Change):
        label, inner, box = picture.words, _change(picture), "0 0 400 222"
    elif isinstance(picture, People):
        once = picture.counted == "people"
        if picture.of == 10:
            of_ten = _person if once else _paper
            inner = "".join(of_ten(8 + (i % 5) * 38, 6 + (i // 5) * 78, 0.72, i < picture.count) for i in range(10))
        else:
            inner = _hundred(picture.counted, {_D: range(picture.count)})
        label = f"{picture.words} are filled in"
    elif picture in _DRAWN:
        label, inner = _DRAWN[picture]
    else:
        raise ValueError(f"there is no picture called {picture!r}; there are {', '.join(NAMES)}")
    return f'<svg viewBox="{box}" role="img" aria-label="{html.escape(label)}">{inner}</svg>'


def _hundred(counted: str, filled: dict[str, range]) -> str:
    """A hundred in rows of ten, each in the colour whose range holds it."""
    one = _head if counted == "people" else _sheet
    colours = [next((colour for colour, held in filled.items() if i in held), "#fff") for i in range(100)]
    return "".join(one(4 + (i % 10) * 19.4, 1 + (i // 10) * 16.7, colour) for i, colour in enumerate(colours))


def _change(picture: Change) -> str:
    same = min(picture.without, picture.with_it)
    found = []
    for at, (says, count) in enumerate((("Without", picture.without), ("With", picture.with_it))):
        grid = _hundred(picture.counted, {_D: range(same), _M: range(same, count)})
        found.append(
            f'<g transform="translate({at * 204} 0)"><text x="4" y="19" font-size="22" font-weight="700">{says}</text>'
            f'<text x="4" y="42" font-size="22">the new way: {count}</text><g transform="translate(0 52)">{grid}</g></g>'
        )
    return "".join(found)
