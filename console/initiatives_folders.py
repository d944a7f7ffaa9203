"""Folders and filters of initiatives: each narrows one list, and all of it is in the address, so a link is a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.cases.initiative_fields import author_kinds, initiative_fields
from bot.cases.lifecycle import lifecycle
from bot.casework.council import SCORED_STATES
from bot.clock import VIETNAM
from bot.encryption import Vault
from bot.permissions import COUNCIL_ROLES, Scope, scope_of
from bot.store.case_lists import CaseFilter, Order, count_by_state, count_cases, list_cases
from bot.store.case_records import CaseLine
from bot.store.staff import Staff
from intents.syllables import fold

KIND = "initiative"
TABLE = lifecycle(KIND)
OPEN = TABLE.open_states
PAGE = 50
SEARCHED = 1_000
"""Texts are sealed, so a search opens the newest of the folder and compares; more would be slow."""
FILTERS = ("state", "field", "author", "village", "unit", "assignee", "campaign", "from", "to", "q")


@dataclass(frozen=True, slots=True)
class Folder:
    """A narrowing by state, by whose it is ("-" nobody's, "me"), or by a list of codes the page looks up."""

    key: str
    states: tuple[str, ...] = ()
    assignee: str = ""
    by_codes: bool = False
    order: Order = "newest"
    tone: str = ""


FOLDERS: Mapping[str, Folder] = {
    folder.key: folder
    for folder in (
        Folder("new", ("submitted",), order="oldest", tone="warning"),
        Folder("unassigned", OPEN, assignee="-", order="oldest"),
        Folder("score", SCORED_STATES, by_codes=True, tone="bad"),
        Folder("mine", OPEN, assignee="me", order="due"),
        Folder("assessing", ("assessing",), order="due"),
        Folder("trial", ("trial",), order="changed"),
        Folder("recognised", ("recognised",), order="changed"),
        Folder("scaled", ("scaled",), order="changed"),
        Folder("declined", ("declined",), order="changed"),
        Folder("twins", OPEN, by_codes=True, tone="warning"),
        Folder("all"),
    )
}
FIRST_FOLDER = "new"


def visible(staff: Staff) -> CaseFilter | None:
    """All initiatives this official may see; None where there are none for them at all."""
    scope = scope_of(staff, "initiative.read")
    if scope is None or staff.commune_id is None:
        return None
    whole = CaseFilter(kind=KIND, commune_id=staff.commune_id)
    if scope is Scope.VILLAGE:
        return replace(whole, village=staff.village) if staff.village else None
    return whole


def folders_of(staff: Staff) -> list[Folder]:
    """The folders that mean something to this official."""
    left_out = set() if staff.role in COUNCIL_ROLES else {"score", "mine", "twins", "unassigned"}
    return [folder for folder in FOLDERS.values() if folder.key not in left_out]


def narrowed(all_: CaseFilter, folder: Folder, staff: Staff, codes: Mapping[str, Sequence[str]]) -> CaseFilter:
    """The filter of a folder. ``codes`` holds the codes of folders that are lists of codes."""
    assignee = staff.email if folder.assignee == "me" else folder.assignee
    wanted = replace(all_, states=folder.states, assignee=assignee)
    return replace(wanted, codes=tuple(codes[folder.key])) if folder.by_codes else wanted


def counts(connection: Any, all_: CaseFilter, staff: Staff, codes: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """How many are in each folder: one look by state, and one for each folder that is more than states."""
    by_state = count_by_state(connection, all_)
    found: dict[str, int] = {}
    for folder in folders_of(staff):
        if folder.by_codes and not codes[folder.key]:
            found[folder.key] = 0
        elif folder.key == "twins" and not (all_.village or all_.units):
            found[folder.key] = len(codes[folder.key])  # open ones of the whole commune, as the store gave them
        elif folder.assignee == "-":
            # The few that somebody has are counted, by their own index, instead of the many that nobody has.
            given = count_cases(connection, replace(all_, states=folder.states, assignee="*"))
            found[folder.key] = sum(by_state.get(state, 0) for state in folder.states) - given
        elif folder.by_codes or folder.assignee:
            found[folder.key] = count_cases(connection, narrowed(all_, folder, staff, codes))
        else:
            states = folder.states or tuple(by_state)
            found[folder.key] = sum(by_state.get(state, 0) for state in states)
    return found


def _midnight(text: str) -> int | None:
    """Of a day written 2026-11-22, in Vietnam, ms; None where it is no day."""
    try:
        return int(datetime.fromisoformat(text[:10]).replace(tzinfo=VIETNAM).timestamp() * 1000)
    except ValueError:
        return None


def with_filters(wanted: CaseFilter, given: Mapping[str, str]) -> CaseFilter:
    """Narrow further by what the address asks for; what makes no sense narrows nothing, and nothing is ever widened."""
    changes: dict[str, Any] = {}
    if (field := given.get("field", "")) in initiative_fields():
        changes["category"] = field
    if (author := given.get("author", "")) in author_kinds():
        changes["author_kind"] = author
    for name in ("village", "unit", "assignee"):
        if (value := given.get(name, "")[:200]) and not getattr(wanted, name):
            changes[name] = value
    if campaign := given.get("campaign", "")[:60]:
        changes["campaign_id"] = campaign
    if (state := given.get("state", "")) in TABLE.states and (not wanted.states or state in wanted.states):
        changes["states"] = (state,)
    if (begins := _midnight(given.get("from", ""))) is not None:
        changes["created_from_ms"] = begins
    if (ends := _midnight(given.get("to", ""))) is not None:
        changes["created_until_ms"] = ends + int(timedelta(days=1).total_seconds() * 1000)
    return replace(wanted, **changes)


def page_of(
    connection: Any, vault: Vault, wanted: CaseFilter, order: Order, searched: str, offset: int
) -> tuple[list[CaseLine], bool]:
    """One page of a folder, and whether there is more after it."""
    if wanted.codes is not None and not wanted.codes:
        return [], False
    if not searched:
        lines = list_cases(connection, vault, wanted, order=order, limit=PAGE + 1, offset=offset)
        return lines[:PAGE], len(lines) > PAGE
    found = found_by(connection, vault, wanted, order, searched)
    return found[offset : offset + PAGE], len(found) > offset + PAGE


def found_by(connection: Any, vault: Vault, wanted: CaseFilter, order: Order, searched: str) -> list[CaseLine]:
    """Those whose line of words, or code, has every word searched for, marks or no marks, among the first of a list."""
    asked = fold(searched.lower()).split()
    return [
        line
        for line in list_cases(connection, vault, wanted, order=order, limit=SEARCHED)
        if _has(f"{line.head.code} {line.gist}", asked)
    ]


def _has(text: str, asked: Sequence[str]) -> bool:
    """Whether every word asked for stands in the text, alone or within a word."""
    folded = fold(text.lower())
    return all(word in folded for word in asked)
