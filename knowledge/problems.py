"""A fault found in the knowledge files, worded for the officer who will mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`file` relative to the knowledge folder, `where` the key inside it ("facets.fee.text"), `message` Vietnamese."""

    file: str
    where: str
    message: str
