"""Reads official lists of procedures: tab-separated, UTF-8, a heading line (docs of the list's columns in README)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from knowledge.portal.cleaning import cleaned
from knowledge.portal.procedure import CODE, STATUSES, UUID, Listing
from knowledge.portal.words import word

NEEDED_COLUMNS = ("code", "name", "status", "as_of")
LONGEST_NAME = 2_000
_LONGEST_TEXT = 500
_LONGEST_URL = 600


class ListInvalid(ValueError):
    """A list that cannot be read; the message is Vietnamese and names the line."""


def read_rows(content: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Split a list into (line number, cells by column). Raises ListInvalid for missing columns and ragged lines.

    Plain splitting, no quoting: an official name holds quotation marks, and none of its cells a tab.
    """
    lines = content.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    heading = [name.strip() for name in lines[0].split("\t")]
    missing = [column for column in NEEDED_COLUMNS if column not in heading]
    if missing:
        raise ListInvalid(word("problem_columns", columns=", ".join(missing)))
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(heading):
            raise ListInvalid(word("problem_cells", line=number, found=len(cells), expected=len(heading)))
        yield number, dict(zip(heading, (cell.strip() for cell in cells), strict=True))


def listing_of(row: Mapping[str, str], number: int) -> Listing:
    """Check one line and make a listing of it. Raises ListInvalid naming the line."""
    code = row["code"]
    if not CODE.fullmatch(code):
        raise ListInvalid(word("problem_code", line=number, code=cleaned(code, 20)))
    name = cleaned(row["name"], LONGEST_NAME + 1)
    if not name or len(name) > LONGEST_NAME:
        raise ListInvalid(word("problem_name", line=number, longest=LONGEST_NAME))
    if row["status"] not in STATUSES:
        raise ListInvalid(word("problem_status", line=number, value=cleaned(row["status"], 20)))
    identifier = row.get("formality_id", "").lower()
    if identifier and not UUID.fullmatch(identifier):
        raise ListInvalid(word("problem_identifier", line=number))
    replaced_by = row.get("replaced_by", "")
    if replaced_by and not CODE.fullmatch(replaced_by):
        raise ListInvalid(word("problem_code", line=number, code=cleaned(replaced_by, 20)))
    as_of = _day(row, "as_of", number)
    if as_of is None:
        raise ListInvalid(word("problem_day", line=number, column="as_of", value=""))
    url = row.get("source_url", "")
    free = row.get("online_fee_free", "")
    everyday = row.get("everyday", "")
    return Listing(
        code=code,
        name=name,
        as_of=as_of,
        field=cleaned(row.get("field", ""), 120),
        status=row["status"],  # type: ignore[arg-type]  # checked above
        active_date=_day(row, "active_date", number),
        repeal_date=_day(row, "repeal_date", number),
        decision=cleaned(row.get("decision", ""), _LONGEST_TEXT),
        formality_id=identifier,
        level_note=cleaned(row.get("level_note", ""), _LONGEST_TEXT),
        online_fee_free=free if free in ("yes", "no") else "unknown",  # type: ignore[arg-type]
        everyday={"yes": True, "no": False}.get(everyday),
        topic=cleaned(row.get("topic", ""), 60),
        replaced_by=replaced_by,
        source_url=url[:_LONGEST_URL] if url.startswith(("https://", "http://")) and " " not in url else "",
    )


def read_list(content: str) -> list[Listing]:
    """Read a whole list. Raises ListInvalid for the first fault, a code that comes twice included."""
    listings: dict[str, Listing] = {}
    for number, row in read_rows(content):
        listing = listing_of(row, number)
        if listing.code in listings:
            raise ListInvalid(word("problem_twice", code=listing.code, other=f"{number}"))
        listings[listing.code] = listing
    return list(listings.values())


def corrected(rows: Sequence[tuple[int, dict[str, str]]], corrections: str) -> list[tuple[int, dict[str, str]]]:
    """Lay corrections (code, column, value, source) over rows; a column the list lacks is added."""
    by_code: dict[str, dict[str, str]] = {}
    for line in corrections.split("\n")[1:]:
        if line:
            code, column, value, _source = line.split("\t")
            by_code.setdefault(code, {})[column] = value
    return [(number, row | by_code.get(row["code"], {})) for number, row in rows]


def _day(row: Mapping[str, str], column: str, number: int) -> date | None:
    value = row.get(column, "")
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ListInvalid(word("problem_day", line=number, column=column, value=cleaned(value, 20))) from None
