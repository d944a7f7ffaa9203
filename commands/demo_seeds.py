"""What the demo's communes begin with: accounts, villages, cases in many states, teams and what they ask.

Everything goes through the appliers and moves an install uses, at moments of the last weeks. The words live in
``demo_data/cases.yaml`` and are marked as made up; they reach the demo's own data folder and nothing else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot import credentials, permissions
from bot.cases import codes
from bot.casework import acts, lateness, moving
from bot.conversation.acts import (
    Act,
    Contact,
    FileInitiative,
    FileReport,
    FileTeamReport,
    ForwardQuestion,
    JoinReport,
    Place,
    Rate,
    SupportInitiative,
)
from bot.journal import outbox
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.services import Services
from bot.store import knowledge_edits, staff, volunteers
from bot.store.knowledge_edits import NewEdit
from bot.store.staff import NewStaff, Staff
from knowledge.overlay import PROFILE, Overlay
from knowledge.profile_lists import item_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from knowledge import Library

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DATA = Path(__file__).parent / "demo_data" / "cases.yaml"
SHOWN_COMMUNE = "ha-dong"
"""The commune that has an account for each post; the others have their chairman's."""
CHAIR = "chu-tich"
EMAIL_HOST = "demo.hoixa.example"


@dataclass(frozen=True, slots=True)
class Account:
    """An account the demo prints. ``commune_id`` None: the city's."""

    commune_id: str | None
    role: str
    email: str
    password: str


class Seeds:
    """Sows one fresh install. ``oa_ids`` are the OAs by commune, ``own`` the emulated residents who have some of the
    cases, so that "của tôi" shows them."""

    def __init__(self, services: Services, library: Library, oa_ids: Mapping[str, str], own: Mapping[str, str]) -> None:
        self._services = services
        self._library = library
        self._oa_ids = oa_ids
        self._own = own
        self._now = services.clock.now_ms()
        self._numbers = iter(range(1, 1_000_000))
        self._people: set[Person] = set()

    @cached_property
    def data(self) -> dict[str, Any]:
        """The words, as read."""
        document: dict[str, Any] = yaml.safe_load(DATA.read_text("utf-8"))
        return document

    def sow(self) -> list[Account]:
        """Everything; a second time changes nothing. Returns the accounts with their passwords."""
        with self._services.database.write() as connection:
            if staff.list_staff(connection, None, everybody=True):
                return []
            accounts = list(self._accounts(connection))
            self._villages(connection)
            for row in self.data["reports"]:
                self._report(connection, row)
            for row in self.data["initiatives"]:
                self._initiative(connection, row)
            self._teams(connection)
        lateness.escalate_overdue(self._services, "demo")
        with self._services.database.write() as connection:
            # What these people were told would now be sent to nobody, or tell the page's residents of old times.
            for person in sorted(self._people):
                outbox.cancel_for_resident(connection, person.oa_id, person.user_id)
        return accounts

    def _accounts(self, connection: Connection) -> Iterator[Account]:
        posts: list[tuple[str | None, str]] = [(SHOWN_COMMUNE, role) for role in permissions.ROLES[:-1]]
        posts += [(slug, CHAIR) for slug in self._oa_ids if slug != SHOWN_COMMUNE]
        posts.append((None, permissions.CITY_ROLE))
        for slug, role in posts:
            password = credentials.new_password()
            email = f"{role}@{slug}.{EMAIL_HOST}" if slug else f"{role}@{EMAIL_HOST}"
            village = item_key(self.data["villages"][slug][0]) if slug and role == permissions.VILLAGE_ROLE else ""
            name = self.data["official"].format(role=permissions.role_name(role))
            hashed = credentials.hash_password(password)
            staff.add(connection, NewStaff(slug, email, name, role, hashed, village=village), self._now)
            yield Account(slug, role, email, password)

    def _villages(self, connection: Connection) -> None:
        """The villages of the cases become the profile's, as a commune's own edits would."""
        today = self._services.clock.now().date()
        for slug, names in self.data["villages"].items():
            overlay = Overlay(self._library, self._library.communes[slug])
            for name in names:
                field = f"villages.{item_key(name)}"
                edit = NewEdit(
                    PROFILE, field, json.dumps({"name": name}, ensure_ascii=False), "low", self.data["source"], today,
                    None, None, overlay.base_digest(PROFILE, field),
                )  # fmt: skip
                number, _ = knowledge_edits.add_draft(connection, slug, edit, f"a@{EMAIL_HOST}", self._now)
                knowledge_edits.move(connection, slug, number, knowledge_edits.APPROVED, f"b@{EMAIL_HOST}", self._now)

    def _person(self, row: Mapping[str, Any]) -> Person:
        slug = row["commune"]
        return Person(self._oa_ids[slug], self._own[slug]) if row.get("own") else self._somebody(slug)

    def _somebody(self, slug: str) -> Person:
        return Person(self._oa_ids[slug], f"mau-{next(self._numbers)}")

    def _contact(self, row: Mapping[str, Any]) -> Contact:
        if row["days"] % 4 == 3:
            return Contact(anonymous=True)
        return Contact(self.data["sender"].format(number=next(self._numbers)))

    def _village(self, row: Mapping[str, Any]) -> str:
        return item_key(self.data["villages"][row["commune"]][row["village"]])

    def _began(self, row: Mapping[str, Any]) -> int:
        return self._now - int(row["days"]) * DAY_MS - 2 * HOUR_MS

    def _do(self, connection: Connection, slug: str, person: Person, at_ms: int, act: Act) -> None:
        self._people.add(person)
        key = f"demo:{next(self._numbers)}"
        acts.apply(connection, self._services.vault, [FiledAct(key, person, slug, "demo", at_ms, act)])

    def _report(self, connection: Connection, row: Mapping[str, Any]) -> None:
        slug, person, began = row["commune"], self._person(row), self._began(row)
        code = codes.new_code("report", secrets.choice)
        place = Place(self._village(row), row["place"])
        report = FileReport(code, row["category"], row["text"], place, self._contact(row), row.get("level", ""))
        self._do(connection, slug, person, began, report)
        for number in range(row.get("joined", 0)):
            at_ms = min(began + (number + 1) * HOUR_MS, self._now)
            self._do(connection, slug, self._somebody(slug), at_ms, JoinReport(code))
        ended = self._steps(connection, row, code, began)
        if "mark" in row:
            at_ms = min(ended + HOUR_MS, self._now)
            self._do(connection, slug, person, at_ms, Rate(row["mark"], "case", case_code=code))

    def _initiative(self, connection: Connection, row: Mapping[str, Any]) -> None:
        slug, began = row["commune"], self._began(row)
        code = codes.new_code("initiative", secrets.choice)
        idea = FileInitiative(
            code, row["title"], row["problem"], row["proposal"], row["benefit"], row["field"], row["author"],
            row["stage"], Contact(self.data["sender"].format(number=next(self._numbers))), village=self._village(row),
        )  # fmt: skip
        self._do(connection, slug, self._person(row), began, idea)
        for number in range(row.get("supporters", 0)):
            at_ms = min(began + (number + 1) * HOUR_MS, self._now)
            self._do(connection, slug, self._somebody(slug), at_ms, SupportInitiative(code))
        self._steps(connection, row, code, began)

    def _steps(self, connection: Connection, row: Mapping[str, Any], code: str, began: int) -> int:
        """Make the steps whose moment has come. Returns when the last one was."""
        at_ms = began
        for step in row.get("steps", ()):
            at_ms = began + int(step["after"] * HOUR_MS)
            if at_ms > self._now:
                return began
            moving.move(
                connection, self._services.vault, self._chair(connection, row["commune"]), code, step["to"],
                step.get("reason", ""), step.get("words", ""), at_ms,
            )  # fmt: skip
        return at_ms

    def _chair(self, connection: Connection, slug: str) -> Staff:
        found = staff.find(connection, f"{CHAIR}@{slug}.{EMAIL_HOST}")
        assert found is not None
        return found

    def _teams(self, connection: Connection) -> None:
        members: dict[tuple[str, str], Person] = {}
        for row in [*self.data["forwards"], *self.data["team_reports"]]:
            slug, village = row["commune"], self._village(row)
            if (slug, village) not in members:
                members[slug, village] = self._somebody(slug)
                joined = self._now - 40 * DAY_MS
                volunteers.enrol(connection, members[slug, village], slug, village, joined)
            act: Act
            if "text" in row:
                code = codes.new_link_code(secrets.choice)
                act = ForwardQuestion(
                    code, row["text"], row["for_whom"], village, answered=bool(row.get("answered", False))
                )
            else:
                act = FileTeamReport(row["classes"], row["people"], row["difficulties"])
            self._do(connection, slug, members[slug, village], self._began(row), act)
