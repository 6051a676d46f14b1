"""Pages of the documentation as data: their blocks, links and anchors."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from commissioning import pilot as pilots

ROOT = pilots.home()
DOCS = ROOT / "docs"
RUN = sorted([*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md")])
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob(".github/**/*.md")])
_FENCE = re.compile(r"^( *)```(.*?)\n(.*?)^\1```\s*$", re.M | re.S)


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block. `language` is its first word; `words` the others, such as `file=sources.toml` or `slow`."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    @property
    def file(self) -> str | None:
        """The file that the block is the text of."""
        return next((one.removeprefix("file=") for one in self.words if one.startswith("file=")), None)

    @property
    def where(self) -> str:
        return f"{name(self.page)}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command of a console block, and what it is said to print: each line stands somewhere in it, in order."""

    words: str
    printed: tuple[str, ...]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        info = match[2].split()
        indent = match[1]
        body = "".join(line.removeprefix(indent) for line in match[3].splitlines(keepends=True))
        line = text[: match.start()].count("\n") + 1
        found.append(Block(page=page, line=line, language=(info or [""])[0], words=tuple(info[1:]), text=body))
    return found


def commands(block: Block) -> list[Command]:
    """The commands of a console block: lines that begin with `$ `, each with the lines printed below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and line.strip():
            found[-1][1].append(line.strip())
        elif line.strip():
            raise ValueError(f"{block.where}: a console block begins with a command ($ …)")
    return [Command(words=words, printed=tuple(lines)) for words, lines in found]


def prose(page: Path) -> str:
    """The page without blocks and code between backticks."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", "", text)


def links(page: Path) -> list[str]:
    """Targets of links and pictures, those in reference pages too."""
    return [one.strip("<>") for one in re.findall(r"\]\(([^)\s]+)(?: \"[^\"]*\")?\)", prose(page))]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and most renderers make them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    found: dict[str, int] = {}
    made = set()
    for heading in re.findall(r"^#+ (.+?)\s*$", text, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        kept = (c for c in plain.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
        slug = "".join(kept).strip().replace(" ", "-")
        times = found.get(slug, 0)
        found[slug] = times + 1
        made.add(f"{slug}-{times}" if times else slug)
    return made
