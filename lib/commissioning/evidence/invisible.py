"""Characters that show nothing, taken out of whatever is read: no page may be turned round by a cell."""

from __future__ import annotations

import re

# Characters that show nothing and can turn, hide or counterfeit what stands beside them: direction marks, zero widths,
# soft hyphens, fillers, variation selectors and tags (Unicode's Default_Ignorable_Code_Point, and the Cf that have no glyph).
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BREAKS = re.compile("[\u2028\u2029]")
CLEANED = "invisible characters (direction marks, zero widths) were taken out"


def visible(text: str) -> str:
    """The text without characters that show nothing; Unicode's own line breaks are spaces."""
    return text if text.isascii() else _BREAKS.sub(" ", INVISIBLE.sub("", text))
