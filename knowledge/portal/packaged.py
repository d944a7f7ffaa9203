"""The official list every install knows from the first day: the city's 321 procedures, with corrections laid over.

``procedures.tsv`` is kept as it was made; ``corrections.tsv`` says, cell by cell and with its source, what is known to
be otherwise, so that both can be checked against their origin.
"""

from __future__ import annotations

from functools import cache

from knowledge.portal.index import ProcedureIndex
from knowledge.portal.lists import corrected, listing_of, read_rows
from knowledge.portal.procedure import Listing, joined
from knowledge.portal.words import FOLDER


@cache
def packaged_listings() -> tuple[Listing, ...]:
    """The packaged list. Raises ListInvalid where the file is broken (a test holds it whole)."""
    rows = list(read_rows((FOLDER / "procedures.tsv").read_text("utf-8")))
    corrections = (FOLDER / "corrections.tsv").read_text("utf-8")
    return tuple(listing_of(row, number) for number, row in corrected(rows, corrections))


@cache
def sayings() -> tuple[tuple[str, str], ...]:
    """What residents say for procedures no curated topic covers: (code, words)."""
    lines = (FOLDER / "aliases.tsv").read_text("utf-8").splitlines()[1:]
    return tuple((code, words) for code, _, words in (line.partition("\t") for line in lines))


@cache
def packaged_index() -> ProcedureIndex:
    """The packaged list, ready to be searched."""
    return ProcedureIndex((joined(listing, None, {}) for listing in packaged_listings()), sayings())
