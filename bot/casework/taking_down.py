"""A case an official takes down for somebody: from the hotline, the desk, a social network. Same queue, same steps."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot import permissions
from bot.cases import codes
from bot.cases.categories import categories, level_of, levels
from bot.cases.initiative_fields import author_kinds, initiative_fields, stages
from bot.cases.lifecycle import lifecycle
from bot.casework.communes import commune_at
from bot.casework.filing import contact_of, file_case, gist_of
from bot.casework.refusals import CaseRefused
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.masking import masked
from bot.people import NOBODY
from bot.store import audit, cases
from bot.store.case_records import CaseHead, CasePlace, CaseWords
from bot.store.cases import NewCase
from bot.store.staff import Staff
from knowledge.profile_lists import item_key

SOURCES = ("hotline", "desk", "social", "team")


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What the official heard. ``category`` is an id, a field's for an initiative; ``level`` "" lets the words say."""

    kind: str
    source: str
    category: str
    text: str = field(repr=False)
    village: str = ""
    place: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    anonymous: bool = False
    level: str = ""
    title: str = field(default="", repr=False)
    problem: str = field(default="", repr=False)
    benefit: str = field(default="", repr=False)
    author_kind: str = "resident"
    stage: str = "idea"
    campaign_id: str = ""


def take_down(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    commune_id: str,
    taken: TakenDown,
    at_ms: int,
    form_key: str = "",
) -> CaseHead:
    """File it. ``form_key`` names the form it was typed into: sent twice, it is filed once.

    Raises ``NotAllowed`` and :class:`CaseRefused`. Nobody is told: there is no chat to tell them in.
    """
    village = item_key(taken.village)
    permissions.require(staff, "case.file", commune_id, village=village)
    _check(connection, commune_id, taken, village, at_ms)
    key = f"form:{staff.id}:{form_key or secrets.token_hex(8)}"
    code = codes.new_code(taken.kind, secrets.choice)
    while cases.find(connection, code) is not None:
        code = codes.new_code(taken.kind, secrets.choice)
    is_report = taken.kind == "report"
    text = masked(taken.text)
    new = NewCase(
        key=key,
        code=code,
        kind=taken.kind,
        commune_id=commune_id,
        person=NOBODY,
        state=lifecycle(taken.kind).first,
        category=taken.category,
        level=(taken.level or level_of(taken.category, taken.text)) if is_report else "",
        village=village,
        source=taken.source,
        author_kind="" if is_report else taken.author_kind,
        stage="" if is_report else taken.stage,
        campaign_id=taken.campaign_id,
        at_ms=at_ms,
        gist=gist_of(taken.title or taken.text),
        words=CaseWords(text=text)
        if is_report
        else CaseWords(
            title=masked(taken.title), problem=masked(taken.problem), proposal=text, benefit=masked(taken.benefit)
        ),
        place=CasePlace(masked(taken.place)) if taken.place else None,
        contact=None if taken.anonymous else contact_of(taken.name, taken.phone),
        anonymous=taken.anonymous,
    )
    head = file_case(connection, vault, new, by=staff.email)
    if head is None:
        known = cases.find_by_key(connection, key)
        assert known is not None, "the key is taken, so somebody has it"
        return known
    audit.record(
        connection,
        staff,
        "case.file",
        commune_id,
        f"case:{code}",
        None,
        {"kind": taken.kind, "source": taken.source},
        at_ms,
    )
    return head


def _check(connection: Connection, commune_id: str, taken: TakenDown, village: str, at_ms: int) -> None:
    if not taken.text.strip():
        raise CaseRefused("text_missing")
    if taken.source not in SOURCES:
        raise CaseRefused("unknown_source", source=taken.source)
    known = categories() if taken.kind == "report" else initiative_fields()
    if taken.category not in known:
        raise CaseRefused("unknown_category", category=taken.category)
    if taken.level and taken.level not in levels():
        raise CaseRefused("unknown_level", level=taken.level)
    if taken.author_kind not in author_kinds() or taken.stage not in stages():
        raise CaseRefused("unknown_category", category=f"{taken.author_kind} {taken.stage}")
    commune = commune_at(connection, commune_id, from_ms(at_ms).astimezone(VIETNAM))
    if village and village not in {item_key(one.name) for one in commune.villages}:
        raise CaseRefused("unknown_village", village=taken.village)
