"""Old terms: whatever the answer to a message that names what is gone (household book, old card, district), and even
where we ask back what is meant, the new one is said first: it is true of the words, not of the topic.

Words and cues stand in the catalogue, ``say.old_*`` and ``cues.old_*``. Sources: Residence Law 68/2020 (article 38:
paper household books ended with 2022), Identification Law 26/2023 (article 46: people's identity cards ended with
2024), Law on the organisation of local government 72/2025 (no district level from 1/7/2025).
"""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.reading import read
from bot.conversation.situation import Situation, Turn


def first(situation: Situation, turn: Turn, text: str) -> Turn:
    """Put a sentence with the new term before an answer or a question back, for every old one the message names."""
    if turn.decision.decision not in ("answer", "clarify"):
        return turn
    reading, words = read(text), situation.words
    sentences = (
        situation.say("old_household_book") if reading.says_one_of(words, "old_household_book") else "",
        situation.say("old_identity_card") if reading.says_one_of(words, "old_identity_card") else "",
        situation.say("old_district") if reading.says_one_of(words, "old_district") else "",
    )
    said = "\n".join(sentence for sentence in sentences if sentence)
    return replace(turn, blocks=(said, *turn.blocks)) if said else turn
