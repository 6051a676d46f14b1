"""Which ledger a working site belongs to: a site is made with one council's ledger and secret, and with no other.

The site keeps a keyed fingerprint of both (`MARK`): who reads it learns nothing of either. A run into a site, and a sign-off or
publication from it, is refused where they are others now: figures under another secret come out otherwise, and with another
ledger what was final would change.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection
from pathlib import Path

from commissioning import ledger
from commissioning.errors import DataRefused
from commissioning.seal.ledgers import folder_of, memory_of

MARK = "ledger.json"  # in the site
SECRET = "secret"  # in the ledger


def refuse_another(site: Path, areas: Collection[str], root: Path) -> None:
    """Raise DataRefused where the ledger or the secret of an area is not the one that `site` was made with."""
    made = _made_with(site)
    for area in sorted(areas):
        folder = folder_of(area, root)
        if lost := ledger.forgotten(folder, memory_of(root)):
            raise DataRefused(
                f"{lost}, so what was final or sealed there would be forgotten: bring {folder} back from its copy. Only where it "
                "is lost for good, begin it anew with `commissioning seal`, and make a new site with --out"
            )
        before = made.get(area)
        if before is None:
            continue
        now = fingerprint(area, root)
        if not before["secret"]:  # a site that was made before there was a secret
            now = fingerprint(area, root, keyed=False)
        for what in ("secret", "ledger"):
            if before[what] and before[what] != now[what]:
                gone = "is gone" if not now[what] else "is another"
                raise DataRefused(
                    f"the council's {what} {gone} than the one with which the site {site} was made: figures that were released "
                    f"or final would change. Looked for in {folder}. To move house, copy the whole folder of the old ledger "
                    '(ledger.jsonl, secret, secret.sha256) there, or name the folder in which it lies (ledger = "…" in '
                    "council.toml, or COMMISSIONING_LEDGER); for a new beginning, name a new folder with --out"
                )


def mark(site: Path, areas: Collection[str], root: Path) -> str | None:
    """What `MARK` must hold in a site made with the ledgers of these areas now; None where it holds that already."""
    made = _made_with(site)
    now = {**made, **{area: fingerprint(area, root) for area in sorted(areas)}}
    now = {area: found for area, found in now.items() if any(found.values())}
    return None if now == made else json.dumps(now, indent=1, sort_keys=True) + "\n"


def fingerprint(area: str, root: Path, *, keyed: bool = True) -> dict[str, str]:
    """`ledger` and `secret`, each a keyed hash, or "" where there is none. Where the ledger lies is not in it."""
    folder = folder_of(area, root)
    key = kept(folder / SECRET) if keyed else b""
    first = next(iter(ledger.read(folder).entries), None)
    return {
        "ledger": _keyed(key, f"ledger {first.hash}") if first else "",
        "secret": _keyed(key, "secret") if key else "",
    }


def kept(path: Path) -> bytes:
    """What a file of the council's secret holds; nothing where there is none. Raises DataRefused where it cannot be read."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise DataRefused(
            f"the council's secret {path} cannot be read ({why}): run under the account that set it up"
        ) from None


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, f"commissioning site {text}".encode(), hashlib.sha256).hexdigest()[:32]


def _made_with(site: Path) -> dict[str, dict[str, str]]:
    """Raises DataRefused where the mark cannot be read: it is never taken for a site without one."""
    path = site / MARK
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(area): {what: str(one[what]) for what in ("ledger", "secret")} for area, one in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise DataRefused(
            f"{path} says with which ledger the site was made and cannot be read: bring it back, or name a new folder with --out"
        ) from None
