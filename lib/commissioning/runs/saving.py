"""What JupyterLab saves, and what git takes: no output of a notebook but the sample's (see `presentation.stored`).

    python -m commissioning.runs.saving install      what `make lab` does: JupyterLab's setting and git's hook
    python -m commissioning.runs.saving check        what git asks before a commit: the notebooks about to be committed
    python -m commissioning.runs.saving clear FILE   take every other output out of a notebook

JupyterLab started from this environment calls `before_save`; git calls `check`. A notebook below `data/results/`, which git never
tracks, is saved as it stands.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

from commissioning.presentation import stored

NAME = "commissioning.runs.saving"
NEVER_TRACKED = ("data", "results")
SETTING = Path("etc") / "jupyter" / "jupyter_server_config.d" / "commissioning.json"
MARK = "# Pilot Evaluation Workbench: no output but the sample's is committed"
ENDING = ".ipynb"


def before_save(model: dict[str, Any], path: str = "", contents_manager: Any = None, **_: Any) -> None:
    """Take out of a notebook what JupyterLab is about to save, all outputs but those stored; the open tab keeps showing them."""
    if (
        model.get("type") != "notebook"
        or not isinstance(model.get("content"), dict)
        or _untracked(path, contents_manager)
    ):
        return
    model["content"], _lost = stored.without_others(model["content"])


def _untracked(path: str, contents_manager: Any) -> bool:
    """Whether a notebook is saved below data/results of the checkout, from whichever folder JupyterLab was started."""
    from commissioning import pilot as pilots
    from commissioning.errors import UsageError

    try:
        root = pilots.home()
    except UsageError:
        return False
    at = Path(getattr(contents_manager, "root_dir", "") or ".", *PurePosixPath(path.strip("/")).parts).resolve()
    return at.is_relative_to(root.joinpath(*NEVER_TRACKED).resolve())


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": NAME}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Called by JupyterLab's server when it starts."""
    server.contents_manager.register_pre_save_hook(before_save)


# --- git


def faults(root: Path) -> list[str]:
    """What is wrong with the notebooks about to be committed, one line a file: outputs that are not the sample's."""
    names = _git(root, "diff", "--cached", "--name-only", "--diff-filter=ACMR", "-z").split("\0")
    found = []
    for name in sorted(one for one in names if one.endswith(ENDING)):
        try:
            _, lost = stored.without_others(json.loads(_git(root, "show", f":{name}")))
        except (ValueError, AttributeError, TypeError):
            found.append(f"{name} is not a notebook that can be read, so what it holds cannot be checked")
            continue
        if lost:
            cells = ", ".join(str(place + 1) for place in lost[:5]) + (" …" if len(lost) > 5 else "")
            found.append(f"{name}: what cells {cells} show is not the sample's, and may be rows of people")
    return found


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape")


def clear(path: Path) -> int:
    """Take all outputs but those stored out of a notebook file; how many cells lost theirs. Raises OSError and ValueError."""
    made, lost = stored.without_others(json.loads(path.read_text(encoding="utf-8")))
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(lost)


def install(root: Path, prefix: Path) -> list[str]:
    """Set JupyterLab of the environment `prefix` and git of the checkout `root` so; what could not be set, in words."""
    setting = prefix / SETTING
    setting.parent.mkdir(parents=True, exist_ok=True)
    setting.write_text(json.dumps({"ServerApp": {"jpserver_extensions": {NAME: True}}}) + "\n", encoding="utf-8")
    try:
        hook = root / _git(root, "rev-parse", "--git-path", "hooks/pre-commit").strip()
    except (OSError, subprocess.CalledProcessError):
        return []  # no checkout of git: nothing is committed from here
    python = shlex.quote(sys.executable)
    line = f"{python} -P -m {NAME} check || exit 1"
    if hook.exists() and MARK not in hook.read_text(encoding="utf-8", errors="replace"):
        return [f"{hook} is there already: add this line to it, so that no rows of people are committed: {line}"]
    hook.parent.mkdir(parents=True, exist_ok=True)
    missing = f'echo "{sys.executable} is not there, so notebooks cannot be checked: run make lab again" >&2; exit 1'
    hook.write_text(f"#!/bin/sh\n{MARK}\n[ -x {python} ] || {{ {missing}; }}\n{line}\n", encoding="utf-8")
    hook.chmod(0o755)
    return []


def main(words: list[str]) -> int:
    from commissioning import pilot as pilots

    what, names = (words or [""])[0], words[1:]
    if what == "install":
        said = install(pilots.home(), Path(sys.prefix))
    elif what == "check":
        said = faults(Path.cwd())
        if said:
            said.append(
                f"Nothing was committed. Take them out with `python -m {NAME} clear FILE`, then add the file again"
            )
    elif what == "clear" and names:
        for name in names:
            print(f"{name}: {clear(Path(name))} cells cleared")
        return 0
    else:
        print(f"usage: python -m {NAME} install | check | clear FILE …", file=sys.stderr)
        return 2
    print(*said, sep="\n", end="\n" if said else "", file=sys.stderr)
    return 1 if said and what == "check" else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
