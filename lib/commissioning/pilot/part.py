"""The base of every part of a pilot file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of every part of a pilot file: frozen, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
