"""An ordinary ipykernel with the run's guard on: `python -m commissioning.runs.kernel -f FILE`."""

from __future__ import annotations

import sys


def main() -> None:
    sys.path[:] = ["", *(one for one in sys.path if one != "")]
    from commissioning.runs.guard import guard

    guard()
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance()


if __name__ == "__main__":
    main()
