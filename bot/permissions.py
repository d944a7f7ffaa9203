"""Who may do what: one table of acts and posts. The console shows it; commands and rooms ask it before they act.

The posts and their remits are those of the architecture's role table. A unit's people work on their own unit's things
and on what nobody has been given yet; a village sees its own village; the city sees figures and never a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bot.catalogue import Catalogue

if TYPE_CHECKING:
    from bot.store.staff import Staff

WORDS = Catalogue(Path(__file__).parent / "permissions.yaml")


class Scope(StrEnum):
    """How far an act reaches. ``UNIT``: the own unit's, and what no unit has."""

    COMMUNE = "commune"
    UNIT = "unit"
    VILLAGE = "village"
    EVERYWHERE = "everywhere"


UNIT_OF_ROLE: Mapping[str, str] = {
    "van-phong": "office",
    "van-hoa-xa-hoi": "culture_unit",
    "hanh-chinh-cong": "desk",
    "kinh-te": "economy_unit",
    "cong-an": "police",
    "truyen-thong": "public_service",
}
"""The unit (``knowledge.communes.UnitRole``) a post belongs to where its account names no other."""

ROLES = (
    "quan-tri",
    "chu-tich",
    "van-phong",
    "van-hoa-xa-hoi",
    "hanh-chinh-cong",
    "kinh-te",
    "cong-an",
    "truyen-thong",
    "thon",
    "thanh-pho",
)
CITY_ROLE, VILLAGE_ROLE = "thanh-pho", "thon"
COUNCIL_ROLES = ROLES[:7]
"""Posts that may be named to a council."""

_COMMUNE, _UNIT, _VILLAGE, _EVERYWHERE = Scope.COMMUNE, Scope.UNIT, Scope.VILLAGE, Scope.EVERYWHERE
_HEADS = {"quan-tri": _COMMUNE, "chu-tich": _COMMUNE}
_DISPATCH = {**_HEADS, "van-phong": _COMMUNE}
"""The office hands out what comes in, so it sees all of it."""
_UNITS = {"van-hoa-xa-hoi": _UNIT, "hanh-chinh-cong": _UNIT, "kinh-te": _UNIT, "cong-an": _UNIT}
_CASEWORK = {**_DISPATCH, **_UNITS}
_IDEAS = {**_DISPATCH, "van-hoa-xa-hoi": _COMMUNE, "hanh-chinh-cong": _UNIT, "kinh-te": _UNIT, "cong-an": _UNIT}
"""The culture and society unit leads the innovation plan: every initiative of the commune is its business."""
_OFFICIALS = dict.fromkeys(COUNCIL_ROLES, _COMMUNE)
_ANNOUNCERS = {**_DISPATCH, "van-hoa-xa-hoi": _COMMUNE, "truyen-thong": _COMMUNE}

PERMISSIONS: Mapping[str, Mapping[str, Scope]] = {
    "case.read": {**_CASEWORK, "thon": _VILLAGE},
    "case.file": {**_OFFICIALS, "thon": _VILLAGE},
    "case.assign": _CASEWORK,
    "case.move": _CASEWORK,
    "case.merge": _CASEWORK,
    "case.note": {**_CASEWORK, "thon": _VILLAGE},
    "case.export": _CASEWORK,
    "initiative.read": {**_OFFICIALS, "truyen-thong": _COMMUNE, "thon": _VILLAGE},
    "initiative.move": _IDEAS,
    "initiative.decide": {**_HEADS, "van-hoa-xa-hoi": _COMMUNE},
    "initiative.merge": _IDEAS,
    "initiative.note": _OFFICIALS,
    "initiative.score": _OFFICIALS,
    "initiative.council": {**_DISPATCH, "van-hoa-xa-hoi": _COMMUNE},
    "initiative.export": {**_OFFICIALS, "truyen-thong": _COMMUNE},
    "conversation.read": _CASEWORK,
    "conversation.take": _CASEWORK,
    "question.read": _CASEWORK,
    "question.answer": _CASEWORK,
    "knowledge.read": {**_OFFICIALS, "truyen-thong": _COMMUNE, "thon": _COMMUNE},
    "knowledge.draft": {**_DISPATCH, **_UNITS},
    "knowledge.approve": _HEADS,
    "broadcast.read": {**_OFFICIALS, "truyen-thong": _COMMUNE, "thon": _COMMUNE},
    "broadcast.write": _ANNOUNCERS,
    "broadcast.approve": _DISPATCH,
    "broadcast.control": _ANNOUNCERS,
    "event.manage": {**_OFFICIALS, "truyen-thong": _COMMUNE},
    "volunteer.read": {**_OFFICIALS, "thon": _VILLAGE},
    "volunteer.manage": {**_DISPATCH, "van-hoa-xa-hoi": _COMMUNE, "hanh-chinh-cong": _COMMUNE},
    "staff.read": _HEADS,
    "staff.manage": {"quan-tri": _COMMUNE},
    "oa.read": _DISPATCH,
    "oa.manage": {"quan-tri": _COMMUNE},
    "audit.read": _HEADS,
    "figures.read": {**_OFFICIALS, "truyen-thong": _COMMUNE, "thon": _VILLAGE, "thanh-pho": _EVERYWHERE},
    "figures.write": {**_DISPATCH, "van-hoa-xa-hoi": _COMMUNE},
}
"""Act → post → how far. A post that is not named may not."""


class NotAllowed(Exception):
    """``str(error)`` is one sentence of plain Vietnamese."""

    def __init__(self, text: str, act: str) -> None:
        super().__init__(text)
        self.act = act


def role_name(role: str) -> str:
    """A post as people call it."""
    return WORDS.word(f"role_{role}")


def act_name(act: str) -> str:
    """An act in words."""
    return WORDS.word(f"act_{act}")


def unit_of(staff: Staff) -> str:
    """The unit an account works for: its own, else that of its post; "" where there is none."""
    return staff.unit or UNIT_OF_ROLE.get(staff.role, "")


def scope_of(staff: Staff, act: str) -> Scope | None:
    """How far ``act`` reaches for this account, for lists to be narrowed by; None: not at all.

    Raises KeyError for an act the table does not have.
    """
    return None if staff.disabled else PERMISSIONS[act].get(staff.role)


def may(staff: Staff, act: str, commune_id: str, *, village: str = "", unit: str = "") -> bool:
    """Whether this account may do ``act`` to a thing of this commune, village and unit ("" where it has none)."""
    scope = scope_of(staff, act)
    if scope is None:
        return False
    if scope is Scope.EVERYWHERE:
        return True
    if staff.commune_id is None or staff.commune_id != commune_id:
        return False
    if scope is Scope.UNIT:
        return not unit or unit == unit_of(staff)
    if scope is Scope.VILLAGE:
        return bool(village) and village == staff.village
    return True


def require(staff: Staff, act: str, commune_id: str, *, village: str = "", unit: str = "") -> None:
    """Raise :class:`NotAllowed` unless :func:`may`."""
    if may(staff, act, commune_id, village=village, unit=unit):
        return
    if staff.disabled:
        raise NotAllowed(WORDS.word("not_allowed_disabled"), act)
    key = "not_allowed" if scope_of(staff, act) is None else "not_allowed_elsewhere"
    raise NotAllowed(WORDS.word(key, role=role_name(staff.role), act=act_name(act)), act)
