"""Reports for tests of the console, filed as the product files them."""

from __future__ import annotations

from typing import Any

from console_visitor import Visitor
from rig import OUR_OA, RESIDENT, Rig

from bot.casework import filing, merging, moving
from bot.casework.taking_down import TakenDown, take_down
from bot.conversation.acts import AddToCase, Contact, FileReport, Place
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.store import cases
from bot.store.case_records import CaseHead

__all__ = ["add_by_chat", "file_by_chat", "head", "make_report", "merging", "moving"]

WATER = "Mất nước từ sáng nay ở xóm Đông, cả ngõ không có nước nấu cơm"


def make_report(visitor: Visitor, text: str = WATER, *, category: str = "nuoc", **more: Any) -> CaseHead:
    """Taken down by the visitor, who must be allowed to."""
    rig = visitor.rig
    taken = TakenDown(kind="report", source=more.pop("source", "hotline"), category=category, text=text, **more)
    commune = visitor.staff.commune_id
    assert commune is not None
    with rig.database.write() as connection:
        return take_down(connection, rig.vault, visitor.staff, commune, taken, rig.clock.now_ms())


def file_by_chat(rig: Rig, code: str, text: str = WATER, *, user_id: str = RESIDENT, commune: str = "ha-dong") -> None:
    """Sent in by a resident."""
    report = FileReport(code, "nuoc", text, Place(), Contact("Bác Thử", "0912345678"))
    with rig.database.write() as connection:
        filing_act = FiledAct(
            key=f"act-{code}", person=Person(OUR_OA, user_id), commune_id=commune, act=report,
            at_ms=rig.clock.now_ms(), trace_id="trace",
        )  # fmt: skip
        filing.file_report(connection, rig.vault, filing_act, report)


def add_by_chat(rig: Rig, code: str, text: str, *, user_id: str = RESIDENT, commune: str = "ha-dong") -> None:
    """More of it, by who sent it in."""
    more = AddToCase(code, text, ())
    with rig.database.write() as connection:
        filed = FiledAct(
            key=f"more-{code}-{len(text)}", person=Person(OUR_OA, user_id), commune_id=commune, act=more,
            at_ms=rig.clock.now_ms(), trace_id="trace",
        )  # fmt: skip
        filing.add_to_case(connection, rig.vault, filed, more)


def head(rig: Rig, code: str) -> CaseHead:
    """As it stands now."""
    with rig.database.read() as connection:
        found = cases.find(connection, code)
    assert found is not None
    return found
