"""A figure as SVG: the same bytes for the same figure, no names that meet another figure's, words for those who do not see it."""

from __future__ import annotations

import hashlib
import html
import io
import re
from typing import Any

from commissioning.charts.house import look

FONT = "Arial,'Liberation Sans',Helvetica,'DejaVu Sans',sans-serif"
_UNDATED = {"Date": None, "Creator": None, "Format": None, "Type": None}
_TAG = re.compile(r"<[a-zA-Z][^>]*>")
_LONG = re.compile(r"(?<![\w#.-])-?\d+\.\d+(?:e-?\d+)?(?![\w])")
_ID = re.compile(r'(?<=\sid=")([^"]+)(?=")')


def svg_of(figure: Any, alt: str = "", title: str = "", id: str = "") -> str:
    """A matplotlib figure as SVG, to stand in a page or a file of its own.

    `alt` says what it shows to those who do not see it, `title` what it is. Names inside begin with `id`, else with the
    picture's own hash, so that two figures may stand in one page. Coordinates have two decimals. Text is text, in the
    page's font: it can be searched, copied and read aloud, and a leak in it would be found.
    """
    out = io.StringIO()
    with look():
        figure.savefig(out, format="svg", metadata=_UNDATED)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(
        r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", text, flags=re.DOTALL
    )  # it would style the whole page
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"font-family: [^;\"]*DejaVu Sans[^;\"]*(?:; )?", "", text)
    text = re.sub(r' transform="rotate\(-?0 [^)]*\)"', "", text)
    text = _TAG.sub(_rounded, text)
    text = re.sub(r"\s*\n\s*", "\n", text).replace("\n</text>", "</text>")
    start = id or "c" + hashlib.sha256((text + title + alt).encode()).hexdigest()[:10]
    text = _renamed(text, start)
    return _head(text, alt, title, start)


def png_of(figure: Any, dpi: int = 144) -> bytes:
    """A matplotlib figure as PNG, the same bytes for the same figure, in 64 colours: a quarter of its size, and no chart has more."""
    from PIL import Image

    drawn, out = io.BytesIO(), io.BytesIO()
    with look():
        figure.savefig(drawn, format="png", dpi=dpi, metadata={"Software": None})
    Image.open(drawn).convert("RGB").quantize(64).save(out, format="png", optimize=True)
    return out.getvalue()


def _rounded(tag: re.Match[str]) -> str:
    def short(number: re.Match[str]) -> str:
        found = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
        return "0" if found in ("-0", "") else found

    return _LONG.sub(short, re.sub(r"\s*\n\s*", " ", tag[0]))


def _renamed(text: str, start: str) -> str:
    """Clips, markers and hatches by their order in this picture."""
    names = {name: f"{start}-{place}" for place, name in enumerate(dict.fromkeys(_ID.findall(text)))}
    text = _ID.sub(lambda found: names[found[0]], text)
    return re.sub(r"(?<=#)[\w.-]+(?=[\")])", lambda found: names.get(found[0], found[0]), text)


def _head(text: str, alt: str, title: str, start: str) -> str:
    opening = text[: text.index(">") + 1]
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', opening)
    assert box is not None
    said = [(f"{start}-{kind}", kind, words) for kind, words in (("title", title), ("desc", alt)) if words]
    labelled = f' aria-labelledby="{" ".join(one for one, _, _ in said)}"' if said else ""
    inner = "".join(f'<{kind} id="{name}">{html.escape(words)}</{kind}>' for name, kind, words in said)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{box[1]}" height="{box[2]}" '
        f'viewBox="0 0 {box[1]} {box[2]}" role="img"{labelled} stroke-linejoin="round" stroke-linecap="butt" font-family="{FONT}">'
    )
    return head + inner + text[len(opening) :].strip()
