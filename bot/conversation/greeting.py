"""Welcome, thanks and the like: short, and always with a way on."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.reading import Reading
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import MINUTE, State
from bot.conversation.words import Words
from bot.replies import Button
from intents import Understanding

SMALL_TALK = frozenset({"greeting", "thanks", "goodbye", "praise", "who", "insult"})
SHORTEST_ANSWER_LIKE_TALK = 5
"""Words: from here on, what sounds like small talk is what somebody tells."""
WELCOME_AGAIN_AFTER = 10 * MINUTE
"""Following and tapping "chat now" are two events of one moment: they get one welcome."""


def welcome(situation: Situation, state: State) -> Turn:
    """Say what this is, that it is a machine, how to reach a person, what not to send; three questions to tap."""
    decision = Decision("chitchat")
    if situation.now_ms - state.welcomed_at < WELCOME_AGAIN_AFTER:
        return Turn(state, Decision("silent"), "welcomed_already")
    state = replace(state, welcomed_at=situation.now_ms)
    return Turn(state, decision, "welcome", (situation.say("welcome"),), examples(situation))


def small_talk(situation: Situation, state: State, kind: str | None, is_first: bool) -> Turn:
    """Answer small talk in a line. A first greeting gets the whole welcome."""
    if kind == "greeting" and is_first:
        return welcome(situation, state)
    known = kind if kind and situation.words.has("chitchat", kind) else "other"
    shown = examples(situation) if known in ("greeting", "who") else ()
    return Turn(state, Decision("chitchat"), f"chitchat_{known}", (situation.say_of("chitchat", known),), shown)


def examples(situation: Situation) -> tuple[Button, ...]:
    """The sample questions whose topics the library has, as buttons."""
    return tuple(
        button(situation.commune.fill(example.title), "answer", example.topic, example.facet)
        for example in situation.words.examples
        if example.topic in situation.library.topics
    )


def is_mere_small_talk(understanding: Understanding, reading: Reading, words: Words) -> bool:
    """Short thanks or greetings are no answer in a dialogue, nor is a lone "vâng"; a longer message is kept even where
    it sounds like an insult, and so are a few words of no known kind ("nắng quá")."""
    if understanding.decision != "chitchat" or len(reading.words) >= SHORTEST_ANSWER_LIKE_TALK:
        return False
    if understanding.chitchat in SMALL_TALK:
        return True
    said = " ".join(reading.words)
    return any(said in words.cues[cue] for cue in ("dialogue_yes", "dialogue_no", "dialogue_go_on"))
