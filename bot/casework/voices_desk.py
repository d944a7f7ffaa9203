"""What the conversation may look up of teams, consents and a person's own data: a part of the store's desk."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from bot.cases import codes
from bot.casework import privacy_export
from bot.clock import Clock, from_ms
from bot.conversation.desk import ForwardView, VolunteerView
from bot.encryption import Vault
from bot.people import Person
from bot.store import consents, forwards, volunteers
from bot.store.database import Database


class VoicesDesk:
    """Reads of one moment, each in a short transaction of its own."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def new_link_code(self) -> str:
        """See :class:`bot.conversation.desk.Desk`."""
        return codes.new_link_code(secrets.choice)

    def new_receipt(self) -> str:
        """See :class:`bot.conversation.desk.Desk`."""
        return codes.new_receipt(secrets.choice)

    def volunteer(self, person: Person) -> VolunteerView | None:
        """The person's enrolment in a village's team."""
        with self._database.read() as connection:
            member = volunteers.member(connection, person)
        return None if member is None else VolunteerView(member.village, from_ms(member.enrolled_ms))

    def enrolment_village(self, commune_id: str, code: str) -> str | None:
        """The village an unused one-time code enrols for; None for a wrong, used or expired one."""
        with self._database.read() as connection:
            now_ms = self._clock.now_ms()
            return volunteers.village_of_code(connection, self._vault, commune_id, code, now_ms)

    def forwards_of(self, person: Person) -> Sequence[ForwardView]:
        """A volunteer's last ten forwarded questions, newest first."""
        with self._database.read() as connection:
            found = forwards.forwards_of(connection, self._vault, person)
        return [
            ForwardView(one.link_code, one.text, one.for_whom, from_ms(one.asked_ms), one.answered_ms is not None)
            for one in found
        ]

    def forward_exists(self, commune_id: str, link_code: str) -> bool:
        """Whether a link code is somebody's in this commune."""
        with self._database.read() as connection:
            return forwards.find_forward(connection, self._vault, commune_id, link_code) is not None

    def has_consented(self, person: Person) -> bool:
        """Whether the person agreed to our keeping personal data."""
        with self._database.read() as connection:
            return bool(consents.given(connection, person))

    def data_of(self, person: Person) -> Sequence[str]:
        """All we keep about a person, as readable paragraphs."""
        with self._database.read() as connection:
            return privacy_export.paragraphs(connection, self._vault, person)
