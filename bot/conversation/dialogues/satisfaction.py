"""Marks: asked after some answers, given at the desk by a code; why, by a tap or in words.

Buttons carry all they need (``#hoixa:rated:<channel>:<mark>:<topic>:<facet>``), so nothing waits for an answer and no
question after it is taken for one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast, get_args

from bot.conversation.acts import Channel, Rate
from bot.conversation.dialogues.engine import open_dialogue
from bot.conversation.dialogues.steps import Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.exchange import Decision
from bot.conversation.payloads import Tap, button
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import MOST_BUTTONS
from bot.conversation.state import MINUTE, State
from bot.replies import Button

RATED_VERB, REASON_VERB, WORDS_VERB = "rated", "rate_reason", "rate_words"
WORDS = "rating_words"
ASKED_EVERY = 5
"""Answered conversations, not answers: nobody is asked each time."""
ASK_AGAIN_AFTER = 7 * 24 * 60 * MINUTE
NEW_CONVERSATION_AFTER = 60 * MINUTE
GOOD, BAD = 5, 2
ASK_WHY_UP_TO = 3
"""Marks that are asked why."""
REASONS = ("slow", "unclear", "wrong", "manner")
ASKED_ROUTES = frozenset({"answer", "follow_up", "choice", "short_code", "portal_name", "portal_code"})
"""Ways to an answer after which a mark means the answer; not danger, not a list, not a checklist."""


def after_answer(situation: Situation, before: State, turn: Turn) -> Turn:
    """Count an answered conversation, and under every fifth ask for a mark; never twice within seven days, never while
    a dialogue or a question of ours is open."""
    if turn.decision.decision != "answer" or turn.route not in ASKED_ROUTES or not turn.blocks:
        return turn
    now = situation.now_ms
    is_new = now - before.answer_counted_at >= NEW_CONVERSATION_AFTER or before.answer_counted_at > now
    conversations = turn.state.answered_conversations + is_new
    state = replace(turn.state, answered_conversations=conversations, answer_counted_at=now)
    turn = replace(turn, state=state)
    if conversations < ASKED_EVERY or not _may_ask(state, now) or len(turn.decision.parts) > 1:
        return turn
    topic = turn.decision.topics[0][0] if turn.decision.topics else ""
    facet = turn.decision.facet or ""
    marks = (
        button(situation.say_of("button", "rating_good"), RATED_VERB, "chat", str(GOOD), topic, facet),
        button(situation.say_of("button", "rating_bad"), RATED_VERB, "chat", str(BAD), topic, facet),
    )
    return replace(
        turn,
        state=replace(state, answered_conversations=0, rating_asked_at=now),
        blocks=(*turn.blocks, situation.say("rating_after_answer")),
        buttons=(*turn.buttons[: MOST_BUTTONS - len(marks)], *marks),
    )


def _may_ask(state: State, now_ms: int) -> bool:
    quiet = state.dialogue is None and state.expecting == "none"
    return quiet and (not state.rating_asked_at or now_ms - state.rating_asked_at >= ASK_AGAIN_AFTER)


def rated(situation: Situation, state: State, mark: int, channel: Channel, topic: str = "", facet: str = "") -> Turn:
    """Take a mark; a low one is asked why."""
    act = Rate(mark, channel, topic=topic, facet=facet)
    if mark <= ASK_WHY_UP_TO:
        said, buttons = situation.say("rating_why"), _reasons(situation, mark, channel, topic, facet)
    else:
        said, buttons = situation.say("rating_thanks"), ()
    return Turn(
        state.awaiting_nothing(), Decision("chitchat"), "rating", (said,), buttons, rating=mark, acts=(act,)
    )  # fmt: skip


def tapped_mark(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """A mark under an answer."""
    found = _read(tap)
    return None if found is None else rated(situation, state, found.mark, found.channel, found.topic, found.facet)


def tapped_reason(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """Why a mark is low."""
    found, reason = _read(tap), tap.argument(4)
    if found is None or reason not in REASONS:
        return None
    said = situation.say("rating_reason_thanks")
    act = replace(found, reason=reason)
    return Turn(state, Decision("chitchat"), "rating_reason", (said,), acts=(act,))


def tapped_words(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """ "Nói thêm": the next message is kept with the mark."""
    found = _read(tap)
    if found is None:
        return None
    values = {"mark": str(found.mark), "channel": found.channel, "topic": found.topic, "facet": found.facet}
    return open_dialogue(situation, state, WORDS, None, values)


def _reasons(situation: Situation, mark: int, channel: Channel, topic: str, facet: str) -> tuple[Button, ...]:
    about = (channel, str(mark), topic, facet)
    titles = {
        "slow": situation.say_of("button", "rating_reason_slow"),
        "unclear": situation.say_of("button", "rating_reason_unclear"),
        "wrong": situation.say_of("button", "rating_reason_wrong"),
        "manner": situation.say_of("button", "rating_reason_manner"),
    }
    # A machine's answer has no manner; nobody waits for it either.
    fitting = ("unclear", "wrong") if channel == "chat" else ("slow", "unclear", "wrong", "manner")
    taps = tuple(button(titles[reason], REASON_VERB, *about, reason) for reason in fitting)
    return (*taps, button(situation.say_of("button", "rating_say_more"), WORDS_VERB, *about))


def _read(tap: Tap) -> Rate | None:
    channel, mark = tap.argument(0), tap.argument(1)
    if channel not in get_args(Channel) or mark not in ("1", "2", "3", "4", "5"):
        return None
    return Rate(
        int(mark), cast(Channel, channel), topic=tap.argument(2) or "", facet=tap.argument(3) or ""
    )  # fmt: skip


def _read_words(inside: Inside, heard: Heard) -> dict[str, str] | Refusal:
    if not any(letter.isalnum() for letter in heard.text):
        return Refusal(inside.words("rating_words_ask"))
    return {"words": heard.text}


def _file_words(inside: Inside) -> Filing:
    tap = Tap(RATED_VERB, tuple(inside.value(name) for name in ("channel", "mark", "topic", "facet")))
    found = _read(tap)
    said = inside.situation.say("rating_reason_thanks")
    return Filing(said, () if found is None else (replace(found, words=inside.value("words")),))


def _no_summary(_inside: Inside) -> str:
    return ""


RATING_WORDS = Dialogue(
    name=WORDS,
    called="rating_words_called",
    steps=(Step("words", "rating_words_ask", read=_read_words, free=True),),
    summary=_no_summary,
    file=_file_words,
    confirms=False,
)
