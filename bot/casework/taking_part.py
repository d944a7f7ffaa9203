"""Who takes part in an event of the commune: signed up and cancelled from the chat, seats never oversold."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.casework.refusals import CASE_WORDS
from bot.casework.volunteers_notices import tell
from bot.conversation.acts import CancelSignUp, SignUp
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.store import events


def sign_up(connection: Connection, vault: Vault, filed: FiledAct, act: SignUp) -> None:
    """Take a seat. Where the last one went, or the event is off, since the reply was made, say so."""
    found = events.get(connection, act.event_id)
    person = filed.person
    if found is None or found.commune_id != filed.commune_id:
        return
    outcome = events.sign_up(
        connection, vault, act.event_id, person.oa_id, person.user_id, act.name.strip(), filed.at_ms
    )
    if outcome in ("full", "gone"):
        text = CASE_WORDS.word(f"event_{outcome}", title=found.title)
        key = f"{filed.key}:{outcome}"
        tell(connection, vault, person, text, key=key, trace_id=filed.trace_id, now_ms=filed.at_ms)


def cancel_sign_up(connection: Connection, _vault: Vault, filed: FiledAct, act: CancelSignUp) -> None:
    """Give the seat back."""
    events.cancel_sign_up(connection, act.event_id, filed.person.oa_id, filed.person.user_id)
