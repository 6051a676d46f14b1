"""The same page through nbconvert's own interface, for those who reach for it.

It stands apart from `exporter`, because importing nbconvert takes most of a second and a run does not need it.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter

from commissioning.presentation import exporter


class ReportExporter(Exporter):
    """An nbconvert exporter; `resources["page"]` holds the PageInfo. Raises ReportFailed as `exporter.render` does."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """(page, resources) of an executed notebook."""
        info = (resources or {}).get("page")
        if info is None:
            raise ValueError('ReportExporter: give the PageInfo as resources={"page": PageInfo(...)}')
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        return exporter.render(nb, page=info), resources
