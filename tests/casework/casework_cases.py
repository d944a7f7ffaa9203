"""Cases for tests: acts of residents as the worker files them, officials, and what people were told."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from rig import OUR_OA, Rig

from bot.casework import acts
from bot.conversation.acts import Act, Contact, FileInitiative, FileReport, Place
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.replies import Reply
from bot.store import case_lists, cases
from bot.store import staff as accounts
from bot.store.case_records import Case, CaseEvent, CaseHead, CasePerson
from bot.store.staff import NewStaff, Staff

COMMUNE = "ha-dong"
REPORT_CODE, SECOND_CODE, THIRD_CODE = "PA-222222", "PA-33333D", "PA-44444R"
IDEA_CODE, SECOND_IDEA_CODE = "SK-222222", "SK-33333D"
_forms = count(1)


def someone(number: int) -> Person:
    """A resident of our OA."""
    return Person(OUR_OA, f"resident-{number}")


def report(code: str = REPORT_CODE, text: str = "Mất nước từ sáng ở thôn Đông", **changes: Any) -> FileReport:
    """A report as the dialogue confirms it."""
    values: dict[str, Any] = {
        "code": code,
        "category": "nuoc",
        "text": text,
        "place": Place("thôn đông", "cạnh đình"),
        "contact": Contact("Bà Tư", "0912345678"),
        **changes,
    }
    return FileReport(**values)


def initiative(code: str = IDEA_CODE, **changes: Any) -> FileInitiative:
    """An initiative as the dialogue confirms it."""
    values: dict[str, Any] = {
        "code": code,
        "title": "Dán mã QR thủ tục ở nhà văn hóa",
        "problem": "Bà con không biết giấy tờ gì",
        "proposal": "Mỗi thôn dán một bảng mã QR",
        "benefit": "Đỡ đi lại",
        "field_id": "cai-cach-hanh-chinh",
        "author_kind": "resident",
        "stage": "idea",
        "contact": Contact("Ông Ba", "0912345679"),
        **changes,
    }
    return FileInitiative(**values)


@dataclass
class Desk:
    """One commune's cases over a rig."""

    rig: Rig

    @property
    def vault(self) -> Vault:
        return self.rig.vault

    def official(self, role: str = "van-phong", email: str = "", **changes: Any) -> Staff:
        """An account of this role, made anew."""
        new = NewStaff(
            commune_id=changes.pop("commune_id", COMMUNE),
            email=email or f"{role}-{next(_forms)}@example.vn",
            name=role,
            role=role,
            password_hash="not one",
            **changes,
        )
        with self.rig.database.write() as connection:
            return accounts.add(connection, new, self.rig.clock.now_ms())

    def act(self, act: Act, who: Person, key: str = "", times: int = 1, commune: str = COMMUNE) -> None:
        """Apply an act as the worker does, under one key however often."""
        filed = FiledAct(key or f"in:{next(_forms)}:0", who, commune, "trace", self.rig.clock.now_ms(), act)
        for _ in range(times):
            with self.rig.database.write() as connection:
                acts.apply(connection, self.vault, [filed])

    def do(self, step: Any, *arguments: Any, **named: Any) -> Any:
        """Call a step of an official in a transaction of its own."""
        with self.rig.database.write() as connection:
            return step(connection, self.vault, *arguments, self.rig.clock.now_ms(), **named)

    def head(self, code: str) -> CaseHead:
        with self.rig.database.read() as connection:
            found = cases.find(connection, code)
        assert found is not None
        return found

    def case(self, code: str) -> Case:
        with self.rig.database.read() as connection:
            found = cases.read(connection, self.vault, code)
        assert found is not None
        return found

    def people(self, code: str) -> list[CasePerson]:
        with self.rig.database.read() as connection:
            return cases.people(connection, self.vault, self.head(code).id)

    def timeline(self, code: str) -> list[CaseEvent]:
        with self.rig.database.read() as connection:
            return cases.timeline(connection, self.vault, self.head(code).id)

    def own(self, who: Person, code: str) -> Any:
        with self.rig.database.read() as connection:
            return case_lists.case_of_person(connection, self.vault, who, code)

    def told(self, who: Person | None = None) -> list[Reply]:
        """Everything owed to a person, or to everybody, in order."""
        return [
            Reply.from_json(self.vault.decrypt(row.payload_sealed, "outbox.payload"))
            for row in self.rig.rows("outbox")
            if who is None or row.user_id == who.user_id
        ]
