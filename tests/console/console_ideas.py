"""Initiatives for tests of the pages: filed as the chat files them, and looked for by the worker's search."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from rig import OUR_OA, Rig

from bot.cases import codes
from bot.casework import acts
from bot.casework.exports import ExportRunner
from bot.casework.twin_search import TwinSearch
from bot.conversation.acts import Contact, FileInitiative, SupportInitiative
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.store import cases
from bot.store.case_records import CaseHead

PUMP = "Bơm nước ruộng hẹn giờ bằng điện thoại"


def file_idea(rig: Rig, title: str = PUMP, *, user: str = "5001", commune: str = "ha-dong", **changes: Any) -> str:
    """An initiative sent in the chat; its code."""
    code = codes.new_code("initiative", secrets.choice)
    values: dict[str, Any] = {
        "title": title,
        "problem": "Nhà nông phải ra đồng lúc nửa đêm để bật máy bơm",
        "proposal": "Gắn bộ hẹn giờ vào máy bơm, bật tắt bằng điện thoại",
        "benefit": "Đỡ công, đỡ tiền điện",
        "field_id": "nong-nghiep",
        "author_kind": "resident",
        "stage": "idea",
        "contact": Contact("Bác Một", "0912345678"),
    }
    apply(rig, Person(OUR_OA, user), FileInitiative(code=code, **{**values, **changes}), commune)
    return code


def apply(rig: Rig, person: Person, act: Any, commune: str = "ha-dong") -> None:
    """One act of a message."""
    with rig.database.write() as connection:
        key = f"in:{next(rig.numbers)}:0"
        acts.apply(connection, rig.vault, [FiledAct(key, person, commune, "trace", rig.clock.now_ms(), act)])


def support(rig: Rig, code: str, user: str) -> None:
    """Somebody else likes it."""
    apply(rig, Person(OUR_OA, user), SupportInitiative(code))


def head_of(rig: Rig, code: str) -> CaseHead:
    """The case as it stands."""
    with rig.database.read() as connection:
        found = cases.find(connection, code)
    assert found is not None
    return found


def search_twins(rig: Rig) -> None:
    """What the worker does now and then."""
    TwinSearch(rig.services()).search()


def make_files(rig: Rig) -> None:
    """What the worker does with files asked for, until none waits."""
    import knowledge

    runner = ExportRunner(rig.services(), knowledge.load())
    while True:
        with rig.database.write() as connection:
            work = runner(connection)
        if work is None:
            return
        work()


def told(rig: Rig, user: str = "5001") -> Sequence[str]:
    """What this resident is owed, oldest first."""
    import json

    return [
        json.loads(rig.vault.decrypt(row.payload_sealed, "outbox.payload"))["text"]
        for row in rig.rows("outbox")
        if row.user_id == user
    ]
