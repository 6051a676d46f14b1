"""What a reader sees before anything is scrolled: the answer, and beside it the first picture of the page.

The picture is moved, not copied: it keeps its number, its link and its table. On a wide screen the two stand side by side; on a phone
and on paper the picture follows the answer.
"""

from __future__ import annotations

import re
from typing import Any

_PICTURE = re.compile(r'(?s)\s*(?:<figure class="chart" id="[^"]+" data-kind="chart">|<div class="pair">).*<img ')
"""Charts of ours alone: they are drawn for a narrow column too, where a picture of a notebook's own would be too small to read."""
_NAMED = re.compile(r'<figure class="chart" id="([^"]+)".*?class="headline">([^:<]+):')
_PROSE = re.compile(r"(?s)\s*(?:<p>.*</p>\s*)?")


def arrange(built: list[dict[str, Any]]) -> bool:
    """Put the answer, and beside it the page's first open picture, at the head of their section; what the page is for stands under them.

    What is found under the answer stays under it. True where the first section holds an answer.
    """
    parts = built[1]["parts"] if len(built) > 1 else []
    at = next((place for place, part in enumerate(parts) if 'class="answer' in part), None)
    if at is None:
        return False
    first = parts.pop(at)
    under = [part for part in parts[at:] if not _PROSE.fullmatch(part) and not _PICTURE.match(part)]
    parts[:] = [part for part in parts if part not in under]
    first, beside = f'<div class="told">{first}{"".join(under)}</div>' if under else first, _beside(built)
    parts.insert(0, f'<div class="first-screen">{first}<div class="beside">{beside}</div></div>' if beside else first)
    return True


def _beside(built: list[dict[str, Any]]) -> str:
    """The first open picture, taken out of its section, which says where it is; "" where a page has none.

    The words of a section that holds nothing else go with the picture, and the section stays off paper.
    """
    for section in (one for one in built[1:] if not one.get("folded")):
        place = next((at for at, part in enumerate(section["parts"]) if _PICTURE.match(part)), None)
        if place is None:
            continue
        picture = str(section["parts"][place])
        said = [f'<a href="#{anchor}">{name}</a>' for anchor, name in _NAMED.findall(picture)]
        stands = "stands" if len(said) == 1 else "stand"
        section["parts"][place] = f'<p class="no-paper">{" and ".join(said)} {stands} at the head of this page.</p>'
        others = [part for at, part in enumerate(section["parts"]) if at != place]
        if not all(_PROSE.fullmatch(part) for part in others):
            return picture
        section["parts"], section["moved"] = [section["parts"][place]], True
        return picture + "".join(others)
    return ""
