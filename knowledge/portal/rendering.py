"""The card of a procedure as a resident reads it: name, code, whether it is in force, where, the link, the source."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from knowledge.communes import Commune
from knowledge.portal.cleaning import cut
from knowledge.portal.drafting import FACETS
from knowledge.portal.index import ProcedureIndex
from knowledge.portal.links import is_search, link_to
from knowledge.portal.procedure import CODE, Listing, Procedure
from knowledge.portal.words import word
from knowledge.schema import OFFERING_ORDER

LONGEST_NAME = 320
"""Characters of an official name on the card; a few run to 1,000."""
LONGEST_LEVEL = 120
FREE_ONLINE_SINCE = date(2026, 8, 8)
"""Nghị quyết 23/2026/NQ-HĐND of Hải Phòng."""


def card(procedure: Procedure, index: ProcedureIndex, commune: Commune, on: date) -> str:
    """Write the card on a calendar day in Vietnam; ``index`` names the replacement where one is recorded."""
    listing, status = procedure.listing, procedure.status_on(on)
    heading = (
        word("card_code", code=listing.code, field=listing.field)
        if listing.field
        else word("card_code_alone", code=listing.code)
    )
    top = [cut(listing.name, LONGEST_NAME), heading, *_status_lines(procedure, index, on)]
    rest: list[str] = []
    if status in ("current", "future"):
        rest.append(word("card_where", level=_sentence(_level(listing))))
        if listing.online_fee_free == "yes" and on >= FREE_ONLINE_SINCE:
            rest.append(word("card_free_online"))
        twin = _near_twin(listing)
        if twin:
            rest.append(word("card_check_code", code=twin))
        if not procedure.facets:
            rest.append(word("card_no_facets"))
    if status != "repealed":
        rest.append(link_line(listing, commune))
    paragraphs = ["\n".join(top), *(["\n".join(rest)] if rest else []), source_line(procedure)]
    return "\n\n".join(commune.fill(paragraph) for paragraph in paragraphs)


def facet_text(procedure: Procedure, facet: str, commune: Commune) -> str:
    """Write one approved part with its source. Raises KeyError where it is not approved."""
    approved = procedure.facets[facet]
    source = word("source_record", code=procedure.code)
    parts = [approved.text, link_line(procedure.listing, commune)]
    return "\n\n".join([*map(commune.fill, parts), word("source", source=source, day=_day(approved.as_of))])


def offered_facets(procedure: Procedure) -> tuple[str, ...]:
    """The approved parts, most asked first."""
    return tuple(facet for facet in OFFERING_ORDER if facet in procedure.facets and facet in FACETS)


def portal_line(listing: Listing, commune: Commune) -> str:
    """One line under a curated answer: the official name, the code and the link."""
    return word("portal_line", name=cut(listing.name, 160), code=listing.code, link=link_line(listing, commune))


def link_line(listing: Listing, commune: Commune) -> str:
    """The link with what it opens."""
    link = link_to(listing, commune)
    return word("card_search" if is_search(link) else "card_link", link=link)


def title(procedure: Procedure, on: date) -> str:
    """What stands on a button: the code first, for two may share a name, and whether it is repealed."""
    key = "choice_repealed" if procedure.status_on(on) == "repealed" else "choice"
    return word(key, code=procedure.code, name=procedure.listing.name)


def source_line(procedure: Procedure) -> str:
    """Where the listing comes from and when it was looked at."""
    listing = procedure.listing
    if procedure.record_only:
        return word("source", source=word("source_record", code=listing.code), day=_day(listing.as_of))
    source = word("source_decision", decision=cut(listing.decision, 80)) if listing.decision else word("source_list")
    host = urlsplit(listing.source_url).hostname or ""
    return word("source", source=f"{source} ({host})" if host.endswith(".gov.vn") else source, day=_day(listing.as_of))


def _status_lines(procedure: Procedure, index: ProcedureIndex, on: date) -> list[str]:
    listing, status = procedure.listing, procedure.status_on(on)
    if status == "current":
        if listing.active_date is not None:
            return [word("status_current_from", as_of=_day(listing.as_of), since=_day(listing.active_date))]
        return [word("status_current", as_of=_day(listing.as_of))]
    if status == "future":
        begin = listing.active_date
        return [word("status_future", day=_day(begin)) if begin else word("status_future_undated")]
    if procedure.record_only:
        return [word("status_record_only", as_of=_day(listing.as_of))]
    if status == "unlisted":
        return [word("status_unlisted", as_of=_day(listing.as_of))]
    end = listing.repeal_date
    gone = word("status_repealed_on", day=_day(end)) if end else word("status_repealed")
    if not listing.replaced_by:
        return [gone, word("status_not_replaced")]
    replacement = index.by_code(listing.replaced_by)
    if replacement is None:
        return [gone, word("status_replaced_unnamed", code=listing.replaced_by)]
    return [gone, word("status_replaced", code=listing.replaced_by, name=cut(replacement.listing.name, 160))]


def _level(listing: Listing) -> str:
    """The level that settles it. What follows the first semicolon are notes for officials, but one of them matters."""
    first, *notes = (part.strip() for part in listing.level_note.split(";"))
    if not _is_level(first):
        return ""
    told = [first, *(note for note in notes if _is_level(note))]
    return cut("; ".join(told), LONGEST_LEVEL)


def _is_level(note: str) -> bool:
    return any(note.startswith(word(key)) for key in ("level_commune", "level_city", "level_anywhere"))


def _near_twin(listing: Listing) -> str:
    """The code that a list marks as a near twin, which the desk must tell apart."""
    if word("level_twin") not in listing.level_note:
        return ""
    found = CODE.search(listing.level_note)
    return found.group() if found and found.group() != listing.code else ""


def _sentence(text: str) -> str:
    return re.sub(r"[.;\s]+$", "", text) + "." if text else ""


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
