"""In a group of the OA: answers only who calls it, only what everybody may read, and remembers nothing of it.

Called by Zalo's mention mark (``[@<oa id>]``, contract 3.6) or by a command at the beginning ("/hoi", "#hoi"). No case,
no list, no name and no button: whatever is somebody's own is asked in the chat with the OA.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from bot.conversation import answering, emergencies, flood
from bot.conversation.exchange import Decision, Incoming
from bot.conversation.reading import read
from bot.conversation.situation import Situation, Turn, UnderstandsText
from bot.conversation.state import State

KIND = "group_text"
MOST_PARTS = 2
"""Questions of one message that are answered; a group does not want more at once."""
_MENTION = re.compile(r"\[@([^\[\]\s]{1,60})\]")


def question_for_us(text: str, oa_id: str, calls: tuple[str, ...]) -> str | None:
    """The question in a group's message, without marks; None where it is not for the OA. Empty: only called.

    ``calls`` are the commands, in small letters; the longest that fits is taken off.
    """
    mentioned = bool(oa_id) and oa_id in _MENTION.findall(text)
    plain = " ".join(_MENTION.sub(" ", text).split())
    small = unicodedata.normalize("NFC", plain).lower()
    fitting = [call for call in calls if small == call or small.startswith((f"{call} ", f"{call}:", f"{call},"))]
    if fitting:
        plain = plain[len(max(fitting, key=len)) :]
    return plain.strip(" ,.:;-") if mentioned or fitting else None


def respond(situation: Situation, state: State, message: Incoming, understander: UnderstandsText) -> Turn:
    """Answer a group's message. Of the state only the sender's flood bucket changes."""
    question = question_for_us(message.text, situation.person.oa_id, situation.words.cues["group_call"])
    if question is None:
        return Turn(state, Decision("silent"), "group_not_for_us")
    passage = flood.pass_through(state, situation.now_ms)
    kept = replace(
        state, bucket=passage.state.bucket, bucket_at=passage.state.bucket_at, told_to_wait=passage.state.told_to_wait
    )
    if not passage.allowed:
        return Turn(kept, Decision("silent"), "flood")
    turn = _answer(situation, question, understander)
    blocks = turn.blocks
    if read(question).has_identity_number():
        blocks = (*blocks, situation.say("group_privacy_line"))
    return replace(turn, state=kept, blocks=blocks, buttons=())


def _answer(situation: Situation, question: str, understander: UnderstandsText) -> Turn:
    nobody = State()
    if not question:
        return Turn(nobody, Decision("chitchat"), "group_called", (situation.say("group_called"),))
    reading = read(question)
    if reading.tells_danger(situation.words):
        return emergencies.numbers_only(situation, nobody)
    understanding = understander.understand(question)
    answered: list[Turn] = []
    for part in understanding.parts[:MOST_PARTS]:
        topic = part.candidates[0].id if part.candidates else None
        if part.decision == "answer" and topic in situation.library.topics and topic is not None:
            answered.append(answering.answer(situation, nobody, topic, part.facet, "group"))
    if not answered and understanding.decision == "answer" and understanding.candidates:
        topic = understanding.candidates[0].id
        if topic in situation.library.topics:
            answered.append(answering.answer(situation, nobody, topic, understanding.facet, "group"))
    if answered:
        blocks = tuple(block for turn in answered for block in turn.blocks)
        return replace(answered[0], blocks=(*blocks, situation.say("group_more_in_private")))
    if understanding.decision == "chitchat":
        return Turn(nobody, Decision("chitchat"), "group_called", (situation.say("group_called"),))
    decision = Decision("action" if understanding.decision == "action" else "fallback", action=understanding.action)
    return Turn(nobody, decision, "group_private", (situation.say("group_private"),))
