"""What teams, events, personal data and marks bring to the registry of dialogues."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.conversation.dialogues import events, forwarding, privacy, satisfaction, volunteers
from bot.conversation.dialogues.steps import Dialogue, Heard
from bot.conversation.payloads import Tap
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State

Opens = Callable[[Situation, State, Heard], Turn | None]

DIALOGUES: tuple[Dialogue, ...] = (
    forwarding.DIALOGUE,
    volunteers.TEAM_REPORT,
    privacy.ERASE_DATA,
    satisfaction.RATING_WORDS,
    events.DIALOGUE,
)

ALWAYS: tuple[Opens, ...] = (volunteers.coded, privacy.announcements)
"""Asked about also while a dialogue is under way: a code is a code, and a "no" to announcements must work."""

OPENS: tuple[Opens, ...] = (volunteers.asked, privacy.asked, events.asked)

TAPS: Mapping[str, Callable[[Situation, State, Tap], Turn | None]] = {
    volunteers.ANSWERED_VERB: volunteers.tapped_answered,
    satisfaction.RATED_VERB: satisfaction.tapped_mark,
    satisfaction.REASON_VERB: satisfaction.tapped_reason,
    satisfaction.WORDS_VERB: satisfaction.tapped_words,
    **events.TAPS,
}
