"""Applies what messages did, in the transaction that stores their replies: one table from act to applier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.casework import filing, handover, privacy, ratings, taking_part, volunteers
from bot.conversation.acts import (
    AddToCase,
    CancelSignUp,
    ChooseAnnouncements,
    EnrolVolunteer,
    EraseMyData,
    FileInitiative,
    FileReport,
    FileTeamReport,
    ForwardQuestion,
    GiveConsent,
    JoinReport,
    LearningHint,
    LinkForward,
    MarkForwardAnswered,
    QueueForPerson,
    Rate,
    ReopenCase,
    SignUp,
    SupportInitiative,
)
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.store import cases

Applier = Callable[[Connection, Vault, FiledAct, Any], None]
"""Gets the act itself last, typed. Applying one key twice must change nothing the second time."""

APPLIERS: Mapping[type, Applier] = {
    FileReport: filing.file_report,
    FileInitiative: filing.file_initiative,
    JoinReport: filing.join_report,
    SupportInitiative: filing.support_initiative,
    AddToCase: filing.add_to_case,
    ReopenCase: filing.reopen_case,
    QueueForPerson: handover.queue_for_person,
    EnrolVolunteer: volunteers.enrol,
    ForwardQuestion: volunteers.forward_question,
    LinkForward: volunteers.link_forward,
    MarkForwardAnswered: volunteers.mark_answered,
    FileTeamReport: volunteers.file_report,
    Rate: ratings.rate,
    LearningHint: ratings.keep_hint,
    GiveConsent: privacy.give_consent,
    ChooseAnnouncements: privacy.choose_announcements,
    EraseMyData: privacy.erase,
    SignUp: taking_part.sign_up,
    CancelSignUp: taking_part.cancel_sign_up,
}


UPON_CASES = (JoinReport, SupportInitiative, AddToCase, ReopenCase)
"""Acts upon a case somebody else may be changing."""


def apply(connection: Connection, vault: Vault, acts: Sequence[FiledAct]) -> None:
    """Apply acts in their order. KeyError for an act nobody applies, so that none is lost in silence."""
    cases.lock(connection, [filed.act.code for filed in acts if isinstance(filed.act, UPON_CASES)])
    for filed in acts:
        APPLIERS[type(filed.act)](connection, vault, filed, filed.act)
