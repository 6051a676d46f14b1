"""The papermill engine `warm`: each notebook gets a fresh kernel, forked from a process with the imports done.

`papermill --engine warm in.ipynb out.ipynb` works on its own; `commissioning run` uses it by
default. papermill loads every engine plug-in when it is imported, so this file imports
nothing but the standard library: the work stands in `commissioning.runs.client`.
"""

from __future__ import annotations

import os
from typing import Any


class WarmEngine:
    """papermill's engine interface: `execute_notebook`, `nb_kernel_name`, `nb_language`."""

    warm = True

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, output_path: str | None = None, **options: Any) -> Any:
        """Execute a notebook node in a kernel of its own and return it.

        Falls back to an ordinary kernel where the system cannot fork (Windows).
        """
        from commissioning.runs import client

        warm = cls.warm and hasattr(os, "fork")
        return client.execute(nb, kernel_name, output_path=output_path, warm=warm, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        from papermill.utils import nb_language

        return nb_language(nb, language)


class PlainEngine(WarmEngine):
    """An ordinary kernel a notebook, with the same checks as the warm engine."""

    warm = False
