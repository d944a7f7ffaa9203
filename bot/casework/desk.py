"""What the conversation may look up, from the store: read when needed, on indexes, and nobody's but the asker's."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from bot.cases import codes
from bot.cases.lifecycle import RESOLVED
from bot.cases.routing import unit_name, village_name
from bot.casework import campaigns
from bot.casework.communes import commune_at
from bot.casework.twins import Twins
from bot.casework.voices_desk import VoicesDesk
from bot.clock import Clock, from_ms
from bot.conversation.desk import CampaignView, CaseKind, CaseView, EventView, SimilarCase
from bot.conversation.taught import TaughtIndex
from bot.encryption import Vault
from bot.journal.taught_in_force import TaughtInForce
from bot.people import Person
from bot.store import case_lists, cases, events
from bot.store.case_lists import CaseFilter, OwnCase
from bot.store.database import Database

LAST_CASES = 5
MOST_EVENTS = 10


class StoreDesk(VoicesDesk):
    """See :class:`bot.conversation.desk.Desk`. One for each worker: it keeps the open cases it searches."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        super().__init__(database, vault, clock)
        self._twins = Twins(database, vault)
        self._taught = TaughtInForce(database, vault)

    def new_code(self, kind: CaseKind) -> str:
        """A fresh code nobody has."""
        while True:
            code = codes.new_code(kind, secrets.choice)
            with self._database.read() as connection:
                if cases.find(connection, code) is None:
                    return code

    def similar_reports(self, commune_id: str, text: str, category: str, village: str) -> Sequence[SimilarCase]:
        """Open reports that may tell of the same thing, likest first, five at most."""
        return self._similar(commune_id, "report", text, category, village)

    def similar_initiatives(self, commune_id: str, text: str) -> Sequence[SimilarCase]:
        """Initiatives like this one that nobody declined, likest first, five at most."""
        return self._similar(commune_id, "initiative", text, "", "")

    def _similar(self, commune_id: str, kind: str, text: str, category: str, village: str) -> list[SimilarCase]:
        now = self._clock.now()
        found = self._twins.search(
            commune_id, kind, text, category=category, village=village, now_ms=self._clock.now_ms()
        )
        if not found:
            return []
        wanted = CaseFilter(codes=tuple(match.code for match in found))
        with self._database.read() as connection:
            commune = commune_at(connection, commune_id, now)
            lines = {line.head.code: line for line in case_lists.list_cases(connection, self._vault, wanted)}
        return [
            SimilarCase(
                match.code,
                lines[match.code].gist,
                village_name(lines[match.code].head.village, commune),
                lines[match.code].head.people,
                from_ms(lines[match.code].head.created_ms),
                match.score,
            )
            for match in found
            if match.code in lines
        ]

    def case(self, person: Person, code: str) -> CaseView | None:
        """A case the person filed, joined or supported; None for any other, and for a code nobody has."""
        with self._database.read() as connection:
            own = case_lists.case_of_person(connection, self._vault, person, code)
            if own is None:
                return None
            commune = commune_at(connection, own.line.head.commune_id, self._clock.now())
            said = cases.last_public_words(connection, self._vault, own.line.head.id)
        # Under the code they asked by: theirs before a merge, or that of the case it went into.
        return _view(own, code, unit_name(own.line.head.unit, commune), said)

    def cases_of(self, person: Person) -> Sequence[CaseView]:
        """The person's last five cases, newest first."""
        with self._database.read() as connection:
            found = case_lists.cases_of_person(connection, self._vault, person, LAST_CASES)
            if not found:
                return []
            commune = commune_at(connection, found[0].line.head.commune_id, self._clock.now())
            said = {
                own.line.head.id: cases.last_public_words(connection, self._vault, own.line.head.id) for own in found
            }
        return [
            _view(own, own.known_code, unit_name(own.line.head.unit, commune), said[own.line.head.id]) for own in found
        ]

    def campaigns(self, commune_id: str, today: date) -> Sequence[CampaignView]:
        """Campaigns open today, the soonest to end first."""
        with self._database.read() as connection:
            found = campaigns.open_today(connection, commune_id, today)
        return [CampaignView(str(one.id), one.title, one.ends) for one in found]

    def taught(self, commune_id: str) -> TaughtIndex:
        """What officials of the commune taught."""
        return self._taught.index(commune_id)

    def events(self, commune_id: str, person: Person, now: datetime) -> Sequence[EventView]:
        """Events still to come, soonest first, ten at most."""
        with self._database.read() as connection:
            found = events.list_events(connection, commune_id, int(now.timestamp() * 1000), limit=MOST_EVENTS)
            mine = events.signed_up(connection, person.oa_id, person.user_id, [one.id for one in found])
        return [
            EventView(
                one.id, one.title, one.place, from_ms(one.starts_ms), one.audience, one.seats_left, one.id in mine
            )
            for one in found
        ]


def _view(own: OwnCase, code: str, unit: str, said: str) -> CaseView:
    head = own.line.head
    return CaseView(
        code=code,
        kind="initiative" if head.kind == "initiative" else "report",
        state=head.state,
        gist=own.line.gist,
        filed=from_ms(head.created_ms),
        due=None if head.due_ms is None else from_ms(head.due_ms),
        unit=unit,
        answer=said,
        awaits_rating=head.state == RESOLVED and own.mark is None and own.role != "supporter",
    )
