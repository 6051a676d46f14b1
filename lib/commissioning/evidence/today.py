"""Which day it is: nothing that an extract says may lie after it. Tests and reruns fix it; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

_FIXED: ContextVar[date | None] = ContextVar("today", default=None)


def today() -> date:
    """The day in London, or the day that `fixed` says."""
    return _FIXED.get() or datetime.now(ZoneInfo("Europe/London")).date()


@contextmanager
def fixed(day: date | None) -> Iterator[None]:
    """Within it `today()` is `day`; None changes nothing."""
    token = _FIXED.set(day or _FIXED.get())
    try:
        yield
    finally:
        _FIXED.reset(token)
