"""A volunteer asks for a neighbour: the question, whether the neighbour agrees to be named, who, where, a phone.

A message of the neighbour forwarded in Zalo arrives as a plain text of the volunteer's (the contract marks nothing),
so it is the answer to the first question like any other text.
"""

from __future__ import annotations

import re

from bot.cases.routing import village_id, village_name
from bot.conversation import answering, emergencies
from bot.conversation.acts import Act, ForwardQuestion, GiveConsent
from bot.conversation.dialogues.keeping import shown
from bot.conversation.dialogues.places import find_villages
from bot.conversation.dialogues.steps import Answer, Choice, Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.reading import read
from bot.conversation.state import State

NAME = "forward"
CUES = "forward_opens"
SHORTEST_QUESTION = 3
"""Words; "giấy tờ" alone is for nobody to answer."""
LONGEST_SHOWN = 400
LONGEST_NAME = 80
_PHONE = re.compile(r"(?:\+?84|0)(?:[ .\-]?\d){9}")
_AFTER_OPENING = re.compile(r"^[\s:,.;\-–]+")


def without_opening(inside: Inside, text: str) -> str:
    """The text without "chuyển giúp" before it."""
    tokens = text.split()
    longest = max((cue.split() for cue in inside.situation.words.cues[CUES]), key=len)
    for size in range(len(longest), 0, -1):
        if " ".join(read(" ".join(tokens[:size])).words) in inside.situation.words.cues[CUES]:
            return _AFTER_OPENING.sub("", " ".join(tokens[size:]))
    return text


def _begin(inside: Inside, heard: Heard) -> Answer | None:
    question = without_opening(inside, heard.text)
    return {"question": question} if len(read(question).words) >= SHORTEST_QUESTION else None


def _read_question(inside: Inside, heard: Heard) -> Answer | Refusal:
    if len(heard.reading.words) < SHORTEST_QUESTION:
        return Refusal(inside.situation.say("forward_question_short"))
    return {"question": heard.text}


def _agreed(inside: Inside) -> bool:
    return inside.value("consent") == "yes"


def _yes_or_no(inside: Inside) -> tuple[Choice, ...]:
    situation = inside.situation
    return Choice(situation.say_of("button", "agrees"), "yes"), Choice(situation.say_of("button", "declines"), "no")


def _consent(_inside: Inside, value: str) -> Answer:
    return {"consent": value} if value == "yes" else {"consent": value, "for_whom": "", "phone": ""}


def _read_name(_inside: Inside, heard: Heard) -> Answer | Refusal:
    name = " ".join(_PHONE.sub(" ", heard.text).split())[:LONGEST_NAME].strip(" ,.;:-")
    phone = _PHONE.search(heard.text)
    return {"for_whom": name, "phone": _digits(phone.group())} if phone else {"for_whom": name}


def _read_village(inside: Inside, heard: Heard) -> Answer | Refusal:
    situation = inside.situation
    found = find_villages(situation.commune, situation.words, heard.reading, asked=True)
    return {"village": village_id(found[0].name) if len(found) == 1 else " ".join(heard.text.split())[:100]}


def _read_phone(inside: Inside, heard: Heard) -> Answer | Refusal:
    found = _PHONE.search(heard.text)
    return {"phone": _digits(found.group())} if found else Refusal(inside.situation.say("forward_phone_wrong"))


def _digits(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return "0" + digits.removeprefix("84") if digits.startswith("84") else digits


def village_shown(inside: Inside) -> str:
    """The village as the profile writes it."""
    village = inside.value("village")
    return shown(village_name(village, inside.situation.commune)) if village else ""


def _summary(inside: Inside) -> str:
    say = inside.situation.say
    return say(
        "forward_summary",
        question=shown(inside.value("question"), LONGEST_SHOWN),
        for_whom=shown(inside.value("for_whom")) or say("forward_nobody"),
        village=village_shown(inside) or say("forward_no_village"),
        phone=inside.value("phone") or say("forward_no_phone"),
    )


def _answer(inside: Inside) -> tuple[str, str]:
    """(topic, words) where the bot knows the answer, ("", "") otherwise."""
    situation = inside.situation
    if situation.understander is None:
        return "", ""
    understanding = situation.understander.understand(inside.value("question"))
    topic = understanding.candidates[0].id if understanding.candidates else ""
    if understanding.decision != "answer" or len(understanding.parts) > 1 or topic not in situation.library.topics:
        return topic if topic in situation.library.topics else "", ""
    if topic == emergencies.EMERGENCY_TOPIC:
        turn = emergencies.answer(situation, State(), None, 1.0)
    else:
        turn = answering.answer(situation, State(), topic, understanding.facet)
    return topic, "\n".join(turn.blocks)


def _file(inside: Inside) -> Filing:
    situation = inside.situation
    code = situation.desk.new_link_code()
    topic, answer = _answer(inside)
    act = ForwardQuestion(
        link_code=code,
        text=inside.value("question"),
        for_whom=inside.value("for_whom"),
        village=inside.value("village"),
        phone=inside.value("phone"),
        topic=topic,
        answered=bool(answer),
        answer=answer,
    )
    if answer:
        return Filing(situation.say("forward_filed_answered", answer=answer, code=code), (act,), code)
    return Filing(situation.say("forward_filed_staff", code=code), (act,), code)


def _given(inside: Inside, step: Step) -> tuple[Act, ...]:
    return (GiveConsent(NAME),) if step.name == "consent" and _agreed(inside) else ()


DIALOGUE = Dialogue(
    name=NAME,
    called="forward_called",
    steps=(
        Step(
            "question",
            "forward_question_ask",
            read=_read_question,
            label="forward_question_label",
            free=True,
            takes_questions=True,
        ),
        Step("consent", "forward_consent_ask", choices=_yes_or_no, chosen=_consent),
        Step(
            "for_whom",
            "forward_for_whom_ask",
            read=_read_name,
            required=False,
            applies=_agreed,
            label="forward_for_whom_label",
            free=True,
        ),
        Step(
            "phone", "forward_phone_ask", read=_read_phone, required=False, applies=_agreed, label="forward_phone_label"
        ),
        Step(
            "village",
            "forward_village_ask",
            read=_read_village,
            required=False,
            label="forward_village_label",
            free=True,
        ),
    ),
    summary=_summary,
    file=_file,
    begin=_begin,
    after=_given,
)  # fmt: skip
