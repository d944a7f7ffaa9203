"""Consent, the choice about announcements, and forgetting a person: by their word in the chat, or by Zalo's event."""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from bot.conversation.acts import ChooseAnnouncements, EraseMyData, GiveConsent
from bot.encryption import Vault
from bot.journal import outbox
from bot.journal.processing import FiledAct
from bot.services import Services
from bot.store import attachments, consents, erasing, erasing_cases, handovers, residents

logger = logging.getLogger(__name__)

SLICE = 100


def give_consent(connection: Connection, _vault: Vault, filed: FiledAct, act: GiveConsent) -> None:
    """Keep that the person agreed."""
    consents.give(connection, filed.person, filed.commune_id, act.scope, filed.at_ms)


def choose_announcements(connection: Connection, _vault: Vault, filed: FiledAct, act: ChooseAnnouncements) -> None:
    """Keep whether announcements may go to the person."""
    consents.choose_announcements(connection, filed.person, act.wanted, filed.at_ms)


def erase(connection: Connection, vault: Vault, filed: FiledAct, act: EraseMyData) -> None:
    """Erase or make anonymous all of a person, in this transaction, and keep the receipt.

    Replies of the very message that asked for it still go: they hold the receipt and nothing else. Order matters
    nowhere: every step is idempotent and touches other tables.
    """
    person = filed.person
    outbox.cancel_for_resident(connection, person.oa_id, person.user_id, kept=_replies_of(filed.key))
    residents.erase(connection, person.oa_id, person.user_id)
    counts = {
        "conversations": handovers.erase(connection, person.oa_id, person.user_id),
        "attachments": attachments.erase(connection, person.oa_id, person.user_id),
        **erasing_cases.anonymise(connection, vault, person),
        **erasing.forget_voices(connection, vault, person),
        **erasing.forget_announcements(connection, person, filed.commune_id),
    }
    erasing.record_erasure(connection, person.oa_id, filed.commune_id, act.receipt, counts, filed.at_ms)
    logger.info("person forgotten", extra={"trace_id": filed.trace_id, "count": sum(counts.values())})


def forget_closed_cases(services: Services, _owner: str) -> None:
    """Blank cases closed since their sender was forgotten, in slices that leave the write lock free between them."""
    while True:
        with services.database.write() as connection:
            done = erasing_cases.forget_closed(connection, services.vault, SLICE)
        if done:
            logger.info("closed cases made anonymous", extra={"count": done})
        if done < SLICE:
            return


def _replies_of(key: str) -> str:
    """The keys of the replies to the message an act came with: ``in:<message>:``."""
    return key.rpartition(":")[0] + ":"
