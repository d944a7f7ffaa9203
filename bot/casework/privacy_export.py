"""All that is kept of a person, as paragraphs they can read: what "dữ liệu của tôi" answers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from bot.casework.volunteers_notices import VOICES
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.people import Person
from bot.store import consents, forwards, personal_data, ratings, volunteers

MOST_FORWARDS = 50
word = VOICES.word


def paragraphs(connection: Connection, vault: Vault, person: Person) -> list[str]:
    """Everything of theirs, oldest kinds first; empty where nothing is kept."""
    return [
        *_conversation(connection, vault, person),
        *_cases(connection, vault, person),
        *_team(connection, vault, person),
        *_wishes(connection, vault, person),
    ]


def _conversation(connection: Connection, vault: Vault, person: Person) -> Iterator[str]:
    seen = personal_data.seen(connection, person)
    if seen is not None:
        yield word("data_resident", first=_day(seen.first_ms), last=_day(seen.last_ms))
    for at_ms, text in personal_data.requests(connection, vault, person):
        yield word("data_request", day=_day(at_ms), text=text)
    for at_ms, text in personal_data.conversation_lines(connection, vault, person):
        yield word("data_handover", day=_day(at_ms), text=text)


def _cases(connection: Connection, vault: Vault, person: Person) -> Iterator[str]:
    for case in personal_data.cases(connection, vault, person):
        if case.own:
            kind = word(f"kind_{case.kind}")
            yield word("data_case", kind=kind, code=case.code, day=_day(case.at_ms), text=case.words)
            if case.place:
                yield word("data_case_place", place=case.place)
            if case.contact:
                yield word("data_case_contact", contact=case.contact)
        else:
            yield word("data_case_joined", code=case.code, day=_day(case.at_ms), words=case.words).strip()
    files = personal_data.files_kept(connection, person)
    if files:
        yield word("data_files", count=files)


def _team(connection: Connection, vault: Vault, person: Person) -> Iterator[str]:
    member = volunteers.member(connection, person)
    if member is not None:
        yield word("data_volunteer", village=village_name(member.village), day=_day(member.enrolled_ms))
    for one in reversed(forwards.forwards_of(connection, vault, person, MOST_FORWARDS)):
        named = word("for_whom", name=one.for_whom) if one.for_whom else ""
        yield word("data_forward", for_whom=named, day=_day(one.asked_ms), code=one.link_code, question=one.text)
        if one.phone:
            yield word("data_forward_phone", phone=one.phone)
        if one.answer:
            yield word("data_forward_answer", answer=one.answer)
    for one in forwards.asked_for(connection, vault, person):
        yield word("data_neighbour", code=one.link_code, question=one.text)
    for report in volunteers.reports(connection, vault, person=person):
        yield word(
            "data_report",
            day=_day(report.filed_ms),
            classes=report.classes,
            people=report.people_helped,
            difficulties=report.difficulties,
        )


def _wishes(connection: Connection, vault: Vault, person: Person) -> Iterator[str]:
    for mark in ratings.of_person(connection, vault, person):
        yield word("data_rating", mark=mark.mark, day=_day(mark.rated_ms), words=mark.words).strip()
    for scope, at_ms in consents.given(connection, person).items():
        known = VOICES.texts.get(f"scope_{scope}", scope)
        yield word("data_consent", scope=known, day=_day(at_ms))
    for title, name in personal_data.sign_ups(connection, vault, person):
        yield word("data_sign_up", title=title, name=name).strip()
    if not consents.wants_announcements(connection, person):
        yield word("data_announcements_off")


def village_name(key: str) -> str:
    """A village's key as people write it, each word with a capital; the profile's own spelling is not at hand."""
    return key.title() if key else word("no_village")


def _day(at_ms: int) -> str:
    return f"{from_ms(at_ms).astimezone(VIETNAM):%d/%m/%Y}"
