"""Who acts: the name of a person who signs, seals, publishes or corrects, as it is kept and compared.

A name stands on pages for years and two people check each other by it, so two names that look alike must not pass for two
people, nor one for somebody else. Letters of one script alone are taken (as UTS 39 of Unicode calls it, "single script");
one that could be read as Latin letters throughout, such as a Cyrillic "Сас", is refused too.
"""

from __future__ import annotations

import os
import unicodedata

from commissioning.errors import UsageError

LONGEST = 120
# Scripts that are written together. Unicode names a letter by its script first: "LATIN SMALL LETTER A".
TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}, {"CJK", "HANGUL"}, {"CJK", "BOPOMOFO"})
# Letters of other scripts that are drawn as Latin ones, small and capital alike (after Unicode's confusables.txt).
LOOKS = str.maketrans(
    "авекмнорстухіјѕһԁԛԝёїўґзьԍ" + "αβεζηικμνορτυχγϲϳ" + "օսհոցյզԁա",
    "abekmhopctyxijshdqweiyr3bg" + "abezhikmvoptuxycj" + "ouhngjqdw",
)
ALIKE = str.maketrans("01iıł|", "olllll")  # within Latin: O and 0, and the upright strokes


def written(text: str) -> str:
    """A name as it is kept: one form of each letter, single spaces, no sign that is not seen."""
    seen = (one if unicodedata.category(one) not in ("Cc", "Cf") else " " * one.isspace() for one in text)
    return " ".join(unicodedata.normalize("NFKC", "".join(seen)).split())


def compared(name: str) -> str:
    """What makes two spellings one name: "A. Smith" and "a smith" are one person, and so is whoever looks like them."""
    looks = "".join(one for one in written(name).casefold() if one.isalnum()).translate(LOOKS)
    return looks.translate(ALIKE)


def fault(name: str) -> str:
    """Why the letters of a name cannot be relied on, in words; "" where they can."""
    scripts = set()
    for one in name:
        kind = unicodedata.category(one)
        if kind in ("Co", "Cn", "Cs") or (kind[0] == "S" and not one.isascii()):
            return "holds a sign that is no part of a name"
        if kind[0] == "L" and kind != "Lm":
            script = unicodedata.name(one, "").split(" ")[0]
            if script == "LATIN" and not _of_names(one):
                return "holds a letter that only looks like one of the Latin alphabet"
            scripts.add(script)
    if len(scripts) > 1 and not any(scripts <= one for one in TOGETHER):
        words = " and ".join(sorted(one.title() for one in scripts))
        return f"mixes letters of more than one script ({words}), so it could pass for another name"
    if scripts & {"CYRILLIC", "GREEK", "ARMENIAN"} and compared(name).isascii():
        return f"is written in {next(iter(scripts)).title()} letters that all look like Latin ones: write it in Latin letters"
    if scripts & {"CHEROKEE", "LISU", "COPTIC", "DESERET", "TIFINAGH", "RUNIC", "OLD", "GOTHIC", "WARANG"}:
        return "is written in letters that look like Latin ones: write it in Latin letters"
    return ""


def _of_names(letter: str) -> bool:
    """Latin letters that people's names are written with, and none of phonetic or medieval writing."""
    place = ord(letter)
    return (
        (place <= 0x24F and unicodedata.category(letter) != "Lo")
        or 0x1E00 <= place <= 0x1EFF
        or place in (0xAA, 0xBA, 0x259)
    )


def person(option: str, text: str) -> str:
    """The name that was given with `option` (`--by`), as it is kept.

    Raises UsageError where it is empty, too long, or of letters that could pass for another's name. What was written is not
    repeated: it may be anybody's.
    """
    name = written(text)
    if not any(one.isalpha() for one in name):
        raise UsageError(f"{option}: write the name of the person who does this")
    if len(name) > LONGEST:
        raise UsageError(f"{option}: write it in up to {LONGEST} letters; it has {len(name)}")
    if why := fault(name):
        raise UsageError(f"{option}: the name {why}")
    return name


def account() -> str:
    """The account that this process runs under, as the system knows it and not as a variable says: `name (uid)`."""
    try:
        import pwd

        number = os.getuid()
    except ImportError:  # pragma: no cover - Windows
        import getpass

        return getpass.getuser()
    try:
        return f"{pwd.getpwuid(number).pw_name} ({number})"
    except KeyError:  # a container that has no entry for it
        return f"({number})"
