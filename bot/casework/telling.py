"""Tells everyone concerned with a case: one message for each person and step, under a key that owes it once.

Whether Zalo's window still allows a message is seen where it is sent. Nothing written for staff alone comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.casework.communes import commune_at
from bot.casework.refusals import CASE_WORDS
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.journal import outbox
from bot.journal.outbox import NewSend
from bot.people import Person
from bot.replies import PAYLOAD_PREFIX, Button, Reply
from bot.store.case_records import CaseHead, CasePerson
from bot.zalo.messages import render_plain
from bot.zalo.splitting import split

MARKS = (5, 4, 3, 2, 1)
LONGEST_WORDS = 1_500
"""Characters of an official's words: with the sentence around them they stay one message."""

Buttons = Callable[[str], tuple[Button, ...]]
"""From the code a person knows the case by, to the buttons below."""


def subject(head: CaseHead, person: CasePerson) -> str:
    """ "Phản ánh PA-… của bác": the case as this person knows it, at the start of a sentence."""
    return CASE_WORDS.word(f"subject_{head.kind}_{person.role}", code=person.known_code)


def moment_in_words(moment_ms: int) -> str:
    """A stored moment as people say it: hour and day in Vietnam."""
    local: datetime = from_ms(moment_ms).astimezone(VIETNAM)
    return CASE_WORDS.word("moment", hour=local.strftime("%H:%M"), day=local.strftime("%d/%m/%Y"))


def below(frame: str, words: str) -> str:
    """What an official says, framed, on a line of its own below the sentence of the step."""
    return f"\n{CASE_WORDS.word(frame, words=words)}"


def status_button(code: str) -> tuple[Button, ...]:
    """Where it stands."""
    return (Button(CASE_WORDS.word("button_status"), f"{PAYLOAD_PREFIX}status:{code}"),)


def resolved_buttons(code: str) -> tuple[Button, ...]:
    """Not done yet: open it again."""
    reopen = Button(CASE_WORDS.word("button_reopen"), f"{PAYLOAD_PREFIX}reopen:{code}")
    return (reopen, *status_button(code))


def mark_buttons(code: str) -> tuple[Button, ...]:
    """Five marks, the best first."""
    return tuple(
        Button(CASE_WORDS.word(f"button_rate_{mark}"), f"{PAYLOAD_PREFIX}rate_case:{code}:{mark}") for mark in MARKS
    )


def tell(
    connection: Connection,
    vault: Vault,
    head: CaseHead,
    people: Sequence[CasePerson],
    word: str,
    *,
    key: str,
    at_ms: int,
    trace_id: str = "",
    buttons: Buttons | None = None,
    besides: Person | None = None,
    **fields: str,
) -> None:
    """Owe each of ``people`` the text ``word`` of the catalogue, all but ``besides``, who did it themselves.

    ``key`` names the step: the same step owes each person one message, however often it is told.
    """
    commune = commune_at(connection, head.commune_id, from_ms(at_ms).astimezone(VIETNAM))
    sends = []
    for person in people:
        if not person.user_id or (
            besides is not None and (person.oa_id, person.user_id) == (besides.oa_id, besides.user_id)
        ):
            continue
        named = subject(head, person)
        text = CASE_WORDS.word(
            word,
            subject=named,
            subject_lower=f"{named[0].lower()}{named[1:]}",
            code=person.known_code,
            commune_type=commune.type,
            **fields,
        )
        reply = Reply(text, () if buttons is None else buttons(person.known_code))
        sends += [
            NewSend(
                key=f"{key}:{person.id}:{number}",
                oa_id=person.oa_id,
                user_id=person.user_id,
                trace_id=trace_id,
                payload_sealed=vault.encrypt(piece.to_json(), "outbox.payload"),
                text_digest=vault.digest(piece.text),
                plain_digest=vault.digest(render_plain(piece)),
                not_before_ms=at_ms,
            )
            for number, piece in enumerate(split(reply))
        ]
    outbox.enqueue(connection, sends, at_ms)
