"""One thing a resident did and what is remembered of them → replies, a new memory, and what staff get.

The order matters and reads from top to bottom: a person who has the conversation, the welcome, the flood, danger,
taps and lists, a dialogue under way, and only then the meaning of the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.conversation import (
    addresses,
    answering,
    attachments,
    checklists,
    choosing,
    clarifying,
    contributions,
    emergencies,
    flood,
    greeting,
    groups,
    local_plans,
    long_tail,
    old_terms,
    own_commune,
    several,
    short_codes,
    staff,
    taught_answers,
)
from bot.conversation.desk import Desk, EmptyDesk
from bot.conversation.dialogues import DIALOGUES, OPENERS, engine, privacy, satisfaction, status
from bot.conversation.dialogues.keeping import fetched_later
from bot.conversation.dialogues.learning import forget_what_is_too_old
from bot.conversation.dialogues.reminding import remind
from bot.conversation.dialogues.steps import Heard
from bot.conversation.exchange import CAPTIONED_KINDS, TEXT_KINDS, WELCOME_KINDS, Decision, Incoming, Outcome
from bot.conversation.payloads import is_tap
from bot.conversation.reading import Reading, read
from bot.conversation.situation import Situation, Turn, UnderstandsText
from bot.conversation.speaking import lay_out
from bot.conversation.state import State
from bot.conversation.words import Words
from intents import Context, Understanding
from knowledge import Commune, Library
from knowledge.portal import ProcedureIndex

LEAST_POINTER_CONFIDENCE = 0.5
"""Below it a message thought out of scope is shown to staff instead of being declined."""
LONGEST_QUESTION_BETWEEN = 15
"""Words: somebody telling a report also says "không ai làm gì", but at length; a question in between is short."""
MOST_ALTERNATIVES = 2
PARTS_OF_SOMETHING = frozenset({"papers", "fee", "time", "place", "online", "form", "who", "late", "result"})
"""A question for one of these alone is about a procedure we were not told; "overview" alone is about anything."""
LEAST_ALTERNATIVE = 0.01
"""Score below which a runner-up is noise, not another meaning."""


class Conversation:
    """Holds what never changes: who understands, what can be said. Has no state of its own, so it may be shared."""

    def __init__(
        self,
        understander: UnderstandsText,
        library: Library,
        words: Words,
        procedures: Callable[[str], ProcedureIndex] | None = None,
        desk: Desk | None = None,
    ) -> None:
        """``procedures`` gives the official list of a commune by its id; without it only curated topics are known.

        ``desk`` looks up what residents sent in; without it nobody has sent in anything.
        """
        self._understander = understander
        self._library = library
        self._words = words
        self._procedures = procedures
        self._desk = desk or EmptyDesk()

    def respond(self, message: Incoming, state: State, commune: Commune, now: datetime) -> Outcome:
        """Answer one message. ``now`` is an aware moment. Never raises for anything a resident can send."""
        procedures = self._procedures(commune.id) if self._procedures is not None else None
        situation = Situation(
            self._library, self._words, commune, now, procedures, self._desk, message.person, DIALOGUES,
            self._understander,
        )  # fmt: skip
        if message.kind == groups.KIND:
            return _outcome(groups.respond(situation, state, message, self._understander), message)
        state = state.without_what_is_too_old(situation.now_ms)
        state, dropped = (state, "") if message.silent else forget_what_is_too_old(situation, state)
        turn = satisfaction.after_answer(situation, state, self._turn(situation, state, message))
        if dropped and turn.blocks:
            turn = replace(turn, blocks=(*turn.blocks, dropped))
        turn = _with_small_lines(situation, turn, message)
        if turn.buttons:
            turn = replace(turn, state=turn.state.with_menu(turn.buttons, situation.now_ms))
        return _outcome(turn, message)

    def _turn(self, situation: Situation, state: State, message: Incoming) -> Turn:
        if message.silent:
            return self._while_a_person_has_it(situation, state.after_a_person_spoke(), message)
        if message.kind in WELCOME_KINDS:
            return _with_what_is_open(situation, state, greeting.welcome(situation, state))
        text = message.text.strip() if message.kind in TEXT_KINDS | CAPTIONED_KINDS else ""
        heard = Heard(text, read(text), message)
        passage = flood.pass_through(state, situation.now_ms)
        if not passage.allowed:
            return self._flooded(situation, passage, heard.reading)
        turn = self._answer_text(situation, passage.state, heard) if text else _answer_thing(situation, passage, heard)
        return _with_what_is_open(situation, state, turn)

    def _while_a_person_has_it(self, situation: Situation, state: State, message: Incoming) -> Turn:
        """Keep silent; only the emergency numbers are said, since the official may not be looking just now."""
        text = message.text if message.kind in TEXT_KINDS and not is_tap(message.text) else ""
        if text and read(text).tells_danger(self._words) and emergencies.may_be_repeated(situation, state):
            return emergencies.numbers_only(situation, state)
        # A "no" to announcements holds whoever has the conversation; the official says the words.
        chosen = privacy.announcements(situation, state, Heard(text, read(text), message)) if text else None
        return replace(_silence(state, "a_person_has_it"), acts=chosen.acts if chosen else ())

    def _flooded(self, situation: Situation, passage: flood.Passage, reading: Reading) -> Turn:
        if reading.tells_danger(self._words) and emergencies.may_be_repeated(situation, passage.state):
            return emergencies.answer(situation, passage.state, None, 1.0)
        if passage.ask_to_wait:
            return Turn(passage.state, Decision("silent"), "asked_to_wait", (situation.say("please_wait"),))
        return _silence(passage.state, "flood")

    def _answer_text(self, situation: Situation, state: State, heard: Heard) -> Turn:
        text, reading = heard.text, heard.reading
        if is_tap(text):
            return choosing.tap(situation, state, text)
        coded = short_codes.opened(situation, state, text)
        if coded is not None:
            return coded
        if state.expecting == checklists.AWAITED:
            turn = checklists.typed(situation, state, text, reading)
            if turn is not None:
                return turn
            state = checklists.left_behind(state)
        if state.expecting == "rating":
            mark = reading.rating()
            if mark is not None:
                return choosing.rate(situation, state, mark)
            # Only the message right after the question can be the mark.
            state = state.awaiting_nothing()
        chosen = choosing.typed_choice(situation, state, text, reading, self._understander)
        if chosen is not None:
            return chosen
        turn = self._meant(situation, state, heard)
        if reading.tells_danger(self._words) and emergencies.should_come_first(turn):
            turn = emergencies.numbers_first(situation, turn)
            return turn if reading.asks(self._words) else contributions.offered_beside(situation, turn, text)
        return turn

    def _meant(self, situation: Situation, state: State, heard: Heard) -> Turn:
        """What opens or continues a dialogue by its own words, then what was awaited, then the meaning."""
        for opener in OPENERS:
            if state.dialogue is None or opener.within_dialogues:
                opened = opener.opens(situation, state, heard)
                if opened is not None:
                    return opened
        text, reading, is_first = heard.text, heard.reading, heard.message.is_first
        understood: list[Understanding] = []
        turn = engine.heard(situation, state, heard, lambda: self._beside(situation, state, heard, understood))
        if turn is not None:
            return replace(turn, trace=_traced(understood[0])) if understood else turn
        if state.last_topic is not None and reading.says_not_that(self._words):
            return clarifying.not_that(situation, state)
        if state.expecting == addresses.AWAITED:
            return self._while_an_address_is_awaited(situation, state, text, reading, is_first)
        earlier = state.things
        if heard.message.kind in CAPTIONED_KINDS and heard.message.things:
            # What the words stand under goes with them, but not with what is told after an answer.
            state = state.keeping(fetched_later(heard.message.things), situation.now_ms)
        turn = self._understand(situation, replace(state, pending_text=""), text, reading, is_first)
        answered = turn.decision.decision == "answer"
        return replace(turn, state=replace(turn.state, things=earlier)) if answered else turn

    def _beside(
        self, situation: Situation, state: State, heard: Heard, understood: list[Understanding]
    ) -> tuple[Turn | None, bool]:
        """Answer what is no part of the dialogue under way: a person asked for, a real question, mere thanks."""
        text, reading = heard.text, heard.reading
        # What is told in a dialogue is no follow-up of an earlier answer, so no context is given.
        understanding = self._understander.understand(text)
        understood.append(understanding)
        declared = situation.dialogues[state.dialogue.name] if state.dialogue else None
        step = declared.step(state.dialogue.asked) if declared and state.dialogue else None
        action = understanding.action if understanding.decision == "action" else None
        if action == "human":
            return staff.human(situation, state, text), False
        # Where only a choice is an answer, whatever the library knows is a question, however it is put.
        only_choices = step is not None and step.read is None
        asks = only_choices or (len(reading.words) <= LONGEST_QUESTION_BETWEEN and reading.asks(self._words))
        answered = asks and (understanding.decision == "answer" or action == "status")
        if step is None and asks and understanding.decision == "clarify":
            # All is told; a question now is a question, even one between several topics.
            answered = not any(candidate.id.startswith("@") for candidate in understanding.candidates[:1])
        if answered or greeting.is_mere_small_talk(understanding, reading, self._words):
            return self._act_on(situation, state, text, understanding, reading, is_first=False), False
        return None, declared is not None and action is not None and declared.action == action

    def _while_an_address_is_awaited(
        self, situation: Situation, state: State, text: str, reading: Reading, is_first: bool
    ) -> Turn:
        """Look the message up as an address; where it is none, answer what it asks, if it asks anything."""
        turn = addresses.awaited(situation, state, text, reading)
        if turn is not None:
            return turn
        understanding = self._understander.understand(text)
        if understanding.decision in ("answer", "action", "chitchat"):
            return self._act_on(situation, state.awaiting_nothing(), text, understanding, reading, is_first)
        return replace(addresses.unknown(situation, state), trace=_traced(understanding))

    def _understand(self, situation: Situation, state: State, text: str, reading: Reading, is_first: bool) -> Turn:
        told = addresses.asked(situation, state, text, reading)
        if told is not None:
            return told
        context = Context(state.last_topic, state.last_facet) if state.last_topic in self._library.topics else None
        understanding = answering.asked_by_name(situation, text, self._understander.understand(text, context))
        turn = local_plans.about(situation, state, reading, understanding)
        turn = turn or own_commune.about(situation, state, reading, understanding)
        if turn is None:
            turn = long_tail.first(situation, state, text, understanding, self._understander)
        if turn is not None:
            return replace(turn, trace=_traced(understanding))
        return self._act_on(situation, state, text, understanding, reading, is_first)

    def _act_on(
        self,
        situation: Situation,
        state: State,
        text: str,
        understanding: Understanding,
        reading: Reading,
        is_first: bool,
    ) -> Turn:
        if len(understanding.parts) > 1 and understanding.decision != "chitchat":
            turn = several.respond(situation, state, understanding, text)
        elif understanding.decision == "chitchat":
            mere = is_first or greeting.is_mere_small_talk(understanding, reading, self._words)
            told = None if mere else contributions.told(situation, state, text, understanding, reading)
            turn = told or greeting.small_talk(situation, state, understanding.chitchat, is_first)
        elif understanding.decision == "action":
            turn = _act(situation, state, text, understanding)
        elif understanding.decision != "answer" and (announced := contributions.announced(situation, reading)):
            turn = contributions.contribute(situation, state, announced, text)
        else:
            told = contributions.told(situation, state, text, understanding, reading)
            turn = told or _answer_or_ask(situation, state, text, understanding)
        decision = replace(turn.decision, parts=understanding.parts)
        return replace(turn, decision=decision, trace=_traced(understanding))


def _outcome(turn: Turn, message: Incoming) -> Outcome:
    return Outcome(
        replies=lay_out(turn.blocks, turn.buttons),
        state=turn.state,
        requests=turn.requests,
        decision=turn.decision,
        trace={"kind": message.kind, "route": turn.route, **turn.trace},
        rating=turn.rating,
        acts=turn.acts,
    )


def _with_what_is_open(situation: Situation, before: State, turn: Turn) -> Turn:
    """Under an answer the dialogue under way had no part in stands what that dialogue asks."""
    is_beside = before.dialogue is not None and turn.state.dialogue is before.dialogue
    return remind(situation, turn) if is_beside and turn.blocks and turn.state.expecting != "rating" else turn


def _answer_thing(situation: Situation, passage: flood.Passage, heard: Heard) -> Turn:
    """A photo, a place, a sticker… without words: for the dialogue under way, or for one still to be opened."""
    message, state = heard.message, passage.state
    turn = engine.thing(situation, state, message)
    if turn is None and state.dialogue is None:
        turn = contributions.thing_first(situation, state, message)
    return turn or attachments.respond(situation, state, _kind_of_thing(message.kind))


def _act(situation: Situation, state: State, text: str, understanding: Understanding) -> Turn:
    kind = contributions.CONTRIBUTIONS.get(understanding.action or "")
    about = status.about_own_case(situation, state, text) if kind is not None else None
    if about is not None:
        turn = about
    elif kind is not None:
        turn = contributions.contribute(situation, state, kind, text)
    elif understanding.action == "status":
        turn = status.respond(situation, state, text)
    else:
        turn = staff.human(situation, state, text)
    found = tuple((candidate.id, candidate.score) for candidate in understanding.candidates)
    decision = replace(turn.decision, topics=found or turn.decision.topics, facet=understanding.facet)
    return replace(turn, decision=decision)


def _answer_or_ask(situation: Situation, state: State, text: str, understanding: Understanding) -> Turn:
    """Answer, ask back, decline with a pointer, or admit that there is no answer."""
    known = tuple(candidate for candidate in understanding.candidates if candidate.id in situation.library.topics)
    no_topic = understanding.decision == "fallback" and not understanding.candidates and not understanding.pointer
    part_alone = no_topic and understanding.facet in PARTS_OF_SOMETHING
    about_the_card = long_tail.followed_up(situation, state, understanding) if part_alone else None
    if about_the_card is not None:
        return about_the_card
    taught = taught_answers.told(situation, state, text) if understanding.decision != "answer" else None
    if taught is not None:
        return taught
    if part_alone:
        return clarifying.ask_for_topic(situation, state, text, str(understanding.facet), understanding.confidence)
    if state.wanted_facet and understanding.facet in (None, "overview"):
        understanding = replace(understanding, facet=state.wanted_facet)
    if understanding.decision == "answer" and known and known[0].id == understanding.candidates[0].id:
        if known[0].id == emergencies.EMERGENCY_TOPIC:
            turn = emergencies.answer(situation, state, understanding.facet, known[0].score)
        else:
            route = "follow_up" if understanding.follow_up else "answer"
            turn = answering.answer(situation, state, known[0].id, understanding.facet, route)
        topics = tuple((candidate.id, candidate.score) for candidate in known)
        facet = understanding.facet or turn.decision.facet
        turn = old_terms.first(situation, addresses.first(situation, turn, text), text)
        alternatives = tuple(candidate.id for candidate in known[1:] if candidate.score >= LEAST_ALTERNATIVE)
        return replace(
            turn,
            state=replace(turn.state, alternatives=alternatives[:MOST_ALTERNATIVES], asked=text),
            decision=replace(turn.decision, topics=topics, facet=facet),
        )
    offered = clarifying.can_be_offered(situation, understanding.candidates)
    if understanding.decision in ("answer", "clarify") and offered:
        fitting = long_tail.beside_choices(situation, state, text, understanding, offered)
        if fitting is not None:
            return fitting
        question = understanding.question if len(offered) > 1 else None
        asked_back = clarifying.clarify(situation, state, text, offered, understanding.facet, question)
        return old_terms.first(situation, asked_back, text)
    if _pointer_is_sure(situation, understanding) and understanding.pointer is not None:
        return staff.point_elsewhere(situation, state, understanding.pointer)
    offered_procedures = long_tail.by_plain_words(situation, state, text, understanding)
    if offered_procedures is not None:
        return offered_procedures
    return staff.unanswered(situation, state, text, tuple(candidate.id for candidate in known))


def _pointer_is_sure(situation: Situation, understanding: Understanding) -> bool:
    """An unsure pointer sends people away with the wrong words, and nobody would ever see their question."""
    return understanding.pointer in situation.library.pointers and understanding.confidence >= LEAST_POINTER_CONFIDENCE


def _with_small_lines(situation: Situation, turn: Turn, message: Incoming) -> Turn:
    """Say who is speaking in the first reply, and ask not to send identity numbers where one was sent."""
    blocks = turn.blocks
    if not blocks:
        return turn
    if message.is_first and turn.route != "welcome" and not turn.state.welcomed_at:
        introduction = situation.say("first_time_line")
        # Whoever may be in danger reads the numbers first.
        in_danger = turn.route.startswith("emergency")
        blocks = (*blocks, introduction) if in_danger else (introduction, *blocks)
        turn = replace(turn, state=replace(turn.state, welcomed_at=situation.now_ms))
    if message.text and read(message.text).has_identity_number():
        blocks = (*blocks, situation.say("privacy_line"))
    if privacy.tells_identity_papers(situation, message):
        blocks = (*blocks, situation.say("privacy_photo_line"))
    return replace(turn, blocks=blocks)


def _kind_of_thing(kind: str) -> str:
    """An empty text, or one of pictures alone, is answered as a sticker."""
    return "sticker" if kind in TEXT_KINDS else kind


def _silence(state: State, route: str) -> Turn:
    return Turn(state, Decision("silent"), route)


def _traced(understanding: Understanding) -> Mapping[str, object]:
    return {
        "normalised": understanding.normalised,
        "confidence": understanding.confidence,
        "understanding": {
            "decision": understanding.decision,
            "follow_up": understanding.follow_up,
            "steps": dict(understanding.trace),
        },
    }
