"""What is kept of a person: shown, erased after one question, and announcements stopped or taken up again."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.acts import ChooseAnnouncements, EraseMyData
from bot.conversation.dialogues.engine import open_dialogue
from bot.conversation.dialogues.steps import Choice, Dialogue, Filing, Heard, Inside, Step
from bot.conversation.exchange import Decision, Incoming
from bot.conversation.reading import read
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import LONGEST_MESSAGE
from bot.conversation.state import State

ERASE = "erase"
MOST_MESSAGES = 10
"""Of "dữ liệu của tôi"; who has more is shown the rest at the desk."""
PICTURE_KINDS = frozenset({"image", "file", "anonymous_image", "anonymous_file"})


def asked(situation: Situation, state: State, heard: Heard) -> Turn | None:
    """ "Dữ liệu của tôi", "xóa dữ liệu"."""
    said = " ".join(heard.reading.words)
    if said in situation.words.cues["my_data"]:
        return my_data(situation, state)
    if said in situation.words.cues["erase_data"]:
        return open_dialogue(situation, state, ERASE)
    return None


def announcements(situation: Situation, state: State, heard: Heard) -> Turn | None:
    """ "Dừng" with its marks, "dung tin", "nhận tin". A bare "dung" is "đúng" or "dùng" to most, and stops nothing."""
    cues = situation.words.cues
    said, typed = " ".join(heard.reading.words), heard.text.strip(" .,!").casefold()
    decision = Decision("chitchat")
    if said in cues["announcements_stop"] or typed in cues["announcements_stop_typed"]:
        if state.dialogue is not None and said not in cues["announcements_stop"]:
            # A lone "dừng" in the middle of a form leaves the form.
            left = replace(state.awaiting_nothing(), dialogue=None, menu=())
            return Turn(left, decision, "announcements_hint", (situation.say("announcements_hint"),))
        return Turn(
            state, decision, "announcements_off", (situation.say("announcements_off"),),
            acts=(ChooseAnnouncements(False),),
        )  # fmt: skip
    if said in cues["announcements_start"] or typed in cues["announcements_start_typed"]:
        return Turn(
            state, decision, "announcements_on", (situation.say("announcements_on"),),
            acts=(ChooseAnnouncements(True),),
        )  # fmt: skip
    return None


def my_data(situation: Situation, state: State) -> Turn:
    """Everything kept, in as many messages as it needs, up to ten."""
    paragraphs = tuple(situation.desk.data_of(situation.person))
    decision = Decision("chitchat")
    if not paragraphs:
        return Turn(state, decision, "my_data", (situation.say("my_data_none"),))
    shown: list[str] = []
    room = MOST_MESSAGES * LONGEST_MESSAGE * 3 // 4
    for paragraph in paragraphs:
        room -= len(paragraph)
        if room < 0:
            break
        shown.append(paragraph)
    left = len(paragraphs) - len(shown)
    cut = (situation.say("my_data_cut", count=str(left)),) if left else ()
    return Turn(state, decision, "my_data", (situation.say("my_data_intro"), *shown, *cut))


def tells_identity_papers(situation: Situation, message: Incoming) -> bool:
    """Whether a photo is said to be one of somebody's identity card, in its caption or by the words sent alone."""
    if not message.text:
        return False
    reading = read(message.text)
    if message.kind in PICTURE_KINDS:
        return reading.says_one_of(situation.words, "identity_photo")
    return reading.says_one_of(situation.words, "identity_photo_told") and not reading.asks(situation.words)


def _erase(inside: Inside) -> Filing:
    situation = inside.situation
    if inside.value("sure") != "yes":
        return Filing(situation.say("erase_left"))
    receipt = situation.desk.new_receipt()
    return Filing(situation.say("erase_done", receipt=receipt), (EraseMyData(receipt),))


def _sure(inside: Inside) -> tuple[Choice, ...]:
    situation = inside.situation
    return (
        Choice(situation.say_of("button", "erase_yes"), "yes"),
        Choice(situation.say_of("button", "erase_no"), "no"),
    )


def _unused_summary(_inside: Inside) -> str:
    return ""


ERASE_DATA = Dialogue(
    name=ERASE,
    called="erase_called",
    steps=(Step("sure", "erase_ask", choices=_sure),),
    summary=_unused_summary,
    file=_erase,
    confirms=False,
)
