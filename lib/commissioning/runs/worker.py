"""A worker process: takes tasks, one line of JSON each, and answers each with one line of JSON.

When its input ends, however the runner died, it ends its kernels and leaves.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from typing import Any

from commissioning.errors import WorkbenchError
from commissioning.runs import processes


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """Do one thing: `prepare` a study or run a `report`. Errors meant for people come back by class and line."""
    from commissioning.runs import execute, guard, task

    if "fork_server" in message:
        os.environ["COMMISSIONING_FORK_SERVER"] = message["fork_server"]
    if message["do"] == "prepare":
        try:
            function, given = task.load_function(message["function"]), message["arguments"]
            with guard.preparing(*_of_a_study(given)):
                return {"study": function(**given)}
        except WorkbenchError as error:
            return {"error": type(error).__name__, "message": str(error)}
        except Exception as error:  # a bug: named by class only, because its message may quote rows
            what = " ".join(("the study could not be prepared:", type(error).__name__, task.place_of(error)))
            return {"error": "ReportFailed", "message": what.rstrip()}
    result = execute.run_report(task.Task.model_validate(message["task"]))
    return {"result": result.model_dump(mode="json")}


def _of_a_study(given: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where the code that prepares a study may not write, and where within that it may."""
    from commissioning import pilot as pilots
    from commissioning.runs import keys

    root = pilots.home()
    closed = (given["data"], *(str(root / name) for name in ("pilots", "notebooks", "lib")), str(keys.PACKAGE))
    return closed, (given["folder"], str(root / "data" / "evidence"), str(root / "data" / "results"))


def main() -> None:
    processes.adopt_orphans()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)  # whatever a library prints is not an answer
    if os.environ.get("COMMISSIONING_DEBUG") != "1":
        os.dup2(null, 2)
    for one in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
        signal.signal(one, signal.SIG_IGN)  # the runner decides when to stop
    tasks: queue.Queue[dict[str, Any]] = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            tasks.put(json.loads(line))
        processes.kill_below(os.getpid(), seconds=2.0)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        message = tasks.get()
        answers.write(json.dumps(answer(message)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
