"""An ordinary ipykernel with the run's guard on: `python -P -m commissioning.runs.kernel -f FILE`."""

from __future__ import annotations

import sys


def main() -> None:
    from commissioning.runs.guard import guard, no_network, on

    if not on():
        sys.path[:] = ["", *(one for one in sys.path if one != "")]  # as a notebook's folder is in JupyterLab
    guard(sys.argv[sys.argv.index("-f") + 1])
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize(sys.argv[1:])
    no_network()
    app.start()


if __name__ == "__main__":
    main()
