"""Places as tiles of one size: each with its outcome, its range and what is spent; no tile stands for the size of a place."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from commissioning.charts import house, sheet, values
from commissioning.charts.house import INK, LINE, SOFT, Size
from commissioning.charts.sheet import Key

LOOKS = {"above": ("#d5e8f3", ""), "below": ("#fbe3d3", "//"), "about": ("white", "")}
"""Face and hatch of a tile whose range lies above, below or about the whole."""


@sheet.styled
def tiles(
    frame: Any, *, name: str = "group", y: str = "value", lower: str | None = None, upper: str | None = None, spend: str | None = None,
    side: str | None = None, spend_words: str = "a person", whole_words: str = "the whole", decimals: int = 0, unit: str = "",
    size: Size = "wide",
) -> Figure:  # fmt: skip
    """A tile for each place in the frame's order: name, outcome with its range, and spend; what is hidden says so.

    `side`: a column that says whether a place's whole range lies "above", "below" or "about" that of `whole_words`.
    """
    page = sheet.begin(frame, size)
    values.once(frame, name)
    names, value, said = values.texts(frame, name), values.numbers(frame, y), values.instead(frame, y)
    low, high, paid = (values.numbers(frame, one) for one in (lower, upper, spend))
    sides = values.texts(frame, side)
    words = {
        "above": f"Range above {whole_words}",
        "below": f"Range below {whole_words}",
        "about": f"Not told apart from {whole_words}",
    }
    held = [one for one in LOOKS if one in sides]
    sheet.keys(page, [Key(words[one], INK, fill=LOOKS[one][0], hatch=LOOKS[one][1]) for one in held])
    sheet.heading(page, unit)
    columns, gap = (2 if page.phone else 4), 10.0
    wide = (page.width - gap * (columns - 1) - 4) / columns
    for begins in range(0, len(names), columns):
        some = range(begins, min(begins + columns, len(names)))
        heads = {i: house.wrap(names[i], wide - 16, bold=True, most=3) for i in some}
        deep = max(len(one) for one in heads.values())
        tall = (deep + 2 + (1 if spend else 0)) * LINE + 22
        for i in some:
            left = 2 + (i - begins) * (wide + gap)
            face, hatch = LOOKS.get(sides[i], LOOKS["about"])
            page.figure.add_artist(Rectangle(
                (left, page.top), wide, tall, transform=page.points, facecolor=face, edgecolor=INK, linewidth=1.2
            ))  # fmt: skip
            if hatch:
                page.figure.add_artist(Rectangle(
                    (left, page.top + tall - 10), wide, 10, transform=page.points, facecolor="none", edgecolor=SOFT, hatch=hatch, linewidth=0
                ))  # fmt: skip
            down = sheet.say_lines(page, left + 8, page.top + 4, heads[i], bold=True)
            down = page.top + 4 + deep * LINE
            if value[i] is None:
                sheet.say_lines(page, left + 8, down, house.wrap(said[i], wide - 16, most=2), colour=SOFT)
            else:
                sheet.say_lines(
                    page,
                    left + 8,
                    down,
                    [values.value_words(float(value[i] or 0.0), decimals, values.is_money(y))],
                    bold=True,
                )
                if low[i] is not None and high[i] is not None:
                    ends = [
                        values.value_words(float(one or 0.0), decimals, values.is_money(y)) for one in (low[i], high[i])
                    ]
                    sheet.say_lines(page, left + 8, down + LINE, [f"{ends[0]} to {ends[1]}"])
            if spend:
                words_ = (
                    f"{values.value_words(float(paid[i] or 0.0), 0, values.is_money(spend))} {spend_words}"
                    if paid[i] is not None
                    else values.instead(frame, spend)[i]
                )
                sheet.say_lines(page, left + 8, down + 2 * LINE, house.wrap(words_, wide - 16, most=1))
        page.top += tall + gap
    return sheet.end(page)
