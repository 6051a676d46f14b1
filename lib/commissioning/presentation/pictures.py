"""Pictures for Easy Read, drawn by the project: thick dark lines, one idea each, no colour needed."""

from __future__ import annotations

import html
from dataclasses import dataclass

_D = "#12436D"
_L = f'fill="none" stroke="{_D}" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"'
_W = f'fill="#fff" stroke="{_D}" stroke-width="7" stroke-linejoin="round"'
_F = f'fill="{_D}"'


def _person(x: float, y: float, size: float = 1.0, filled: bool = False) -> str:
    style = f'fill="{_D if filled else "#fff"}" stroke="{_D}" stroke-width="{3.2 if size < 1 else 5}"'
    return (
        f'<g transform="translate({x:g} {y:g}) scale({size:g})"><circle cx="20" cy="14" r="12" {style}/>'
        f'<path d="M2 78V50a18 18 0 0 1 36 0v28z" {style}/></g>'
    )


def _head(x: float, y: float, filled: bool) -> str:
    """Head and shoulders, for a hundred people in one picture."""
    style = f'fill="{_D if filled else "#fff"}" stroke="{_D}" stroke-width="1.3"'
    return f'<path d="M{x + 2:g} {y + 14.6:g}c0-8 12.6-8 12.6 0z" {style}/><circle cx="{x + 8.3:g}" cy="{y + 4.4:g}" r="3.6" {style}/>'


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
    "scales": (
        "Scales, to compare two things",
        f'<path d="M100 20v122M62 148h76M30 42h140" {_L}/><path d="M6 92h50L30 42zM144 92h50l-24-50z" {_W}/>',
    ),
    "support": (
        "Two hands holding",
        f'<path d="M24 96c30-18 44-8 60 6h32c16-14 30-24 60-6-26 34-46 50-76 50S50 130 24 96z" {_W}/><circle cx="100" cy="52" r="32" {_W}/>',
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
    """`count` people filled in out of `of` (10 or 100); `counted` says what they stand for, where it is not people."""

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


def draw(picture: str | People) -> str:
    """A picture as inline SVG with its words for those who do not see it. Raises ValueError for an unknown name."""
    if isinstance(picture, People):
        if picture.of == 10:
            inner = "".join(_person(8 + (i % 5) * 38, 6 + (i // 5) * 78, 0.72, i < picture.count) for i in range(10))
        else:
            inner = "".join(_head(4 + (i % 10) * 19.4, 1 + (i // 10) * 16.7, i < picture.count) for i in range(100))
        label = f"{picture.words} are filled in"
    elif picture in _DRAWN:
        label, inner = _DRAWN[picture]
    else:
        raise ValueError(f"there is no picture called {picture!r}; there are {', '.join(NAMES)}")
    return f'<svg viewBox="0 0 200 168" role="img" aria-label="{html.escape(label)}">{inner}</svg>'
