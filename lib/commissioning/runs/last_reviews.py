"""Reviews kept from run to run, so that a cycle begins where the last one ended (4.5).

What is kept is what was published: a stage record holds released figures and decisions only. Which of the kept
reviews is the last one before a report's own period, the report decides: its period may be "latest".
"""

from __future__ import annotations

import json
from pathlib import Path

from commissioning.runs.places import Places, write_whole
from commissioning.runs.plan import ReportPlan, slug

READERS = ("analyse", "review")


class LastReviews:
    """The reviews of one site. Those of the sample and those of a council's own extracts never meet."""

    def __init__(self, places: Places, kind: str) -> None:
        self.root = places.state / "reviews" / kind

    def _folder(self, plan: ReportPlan) -> Path:
        return self.root / "-".join(slug(one) for one in (plan.pilot, plan.area, plan.level or "whole area"))

    def remember(self, plan: ReportPlan, record: Path) -> None:
        """Keep the record of a review that is published. Asked again at each run, in case the run that published it died."""
        text = record.read_text(encoding="utf-8")
        folder = self._folder(plan)
        target = folder / f"{slug(json.loads(text)['period'])}.json"
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return
        for one in (self.root.parent, self.root, folder):  # mkdir(parents=True) would leave those above open to all
            one.mkdir(exist_ok=True, mode=0o700)
        write_whole(target, text, mode=0o600)

    def of(self, plan: ReportPlan) -> dict[str, str]:
        """For a report that reads them: file name in its folder of records → path of each kept review."""
        if plan.stage not in READERS:
            return {}
        kept = sorted(self._folder(plan).glob("*.json"))
        return {f"{plan.pilot}.review.{one.stem}.json": str(one) for one in kept}
