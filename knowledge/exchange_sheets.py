"""The sheets of the workbook an official edits: which there are, their columns, widths, and where one is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from knowledge.communes import CONTACT_LABELS, UNIT_LABELS
from knowledge.library import Library
from knowledge.overlay import UNIT_PREFIX
from knowledge.profile_lists import LIST_KINDS, ListKind
from knowledge.schema import Confidence
from knowledge.words import word

FORMAT = 1
"""Grows when a sheet's columns change their meaning; a file of another format is refused."""
GUIDE_LINES = 10
CELL_OF_MARK, CELL_OF_COMMUNE, CELL_OF_FORMAT, CELL_OF_VERSION = "A1", "B2", "B3", "B4"
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names the column in code, `title` on paper; `width` in Excel's characters. `fixed`: only to look at."""

    key: str
    width: int
    kind: Literal["text", "day", "confidence"] = "text"
    fixed: bool = False

    @property
    def title(self) -> str:
        """The header's words."""
        return word(f"column_{self.key}")


ANSWER_COLUMNS = (
    Column("id", 24),
    Column("topic_name", 30, fixed=True),
    Column("facet", 20),
    Column("text", 70),
    Column("source", 36),
    Column("confidence", 12, "confidence"),
    Column("valid_from", 13, "day"),
    Column("valid_until", 13, "day"),
    Column("as_of", 13, "day"),
)
PROFILE_COLUMNS = (
    Column("field", 24),
    Column("field_name", 40, fixed=True),
    Column("value", 60),
    Column("source", 36),
    Column("valid_from", 13, "day"),
    Column("valid_until", 13, "day"),
    Column("as_of", 13, "day"),
)


def list_columns(kind: ListKind) -> tuple[Column, ...]:
    """Return the columns of the sheet of one list: one for each text of an item."""
    return tuple(Column(f"{kind.name}_{field}", 70 if field in kind.long_fields else 36) for field in kind.fields)


def guide_title() -> str:
    """Return the name of the sheet that explains the others."""
    return word("sheet_guide")


def answers_title() -> str:
    """Return the name of the sheet of answers."""
    return word("sheet_answers")


def profile_title() -> str:
    """Return the name of the sheet of the profile."""
    return word("sheet_profile")


def list_titles() -> dict[str, ListKind]:
    """Return the sheets of lists by their name."""
    return {word(f"sheet_{kind.name}"): kind for kind in LIST_KINDS.values()}


def facet_codes(library: Library) -> Mapping[str, str]:
    """Return what may stand in the column of parts: the name people know or the code, both to the code."""
    codes = {facet.casefold(): facet for facet in library.facet_names}
    return codes | {named.name.casefold(): facet for facet, named in library.facet_names.items()}


def confidence_codes() -> dict[str, Confidence]:
    """Return what may stand in the column of confidence: the words of the list or the code."""
    codes = {code.casefold(): code for code in CONFIDENCES}
    return codes | {word(f"confidence_{code}").casefold(): code for code in CONFIDENCES}


def field_labels() -> dict[str, str]:
    """Return the fields of the profile's sheet with their names."""
    return dict(CONTACT_LABELS) | {f"{UNIT_PREFIX}{role}": label for role, label in UNIT_LABELS.items()}
