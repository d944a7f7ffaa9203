"""Old addresses: what was a ward of a district before 1/7/2025 is answered with today's unit, or asked about."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.reading import Reading, read
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import MOST_BUTTONS
from bot.conversation.state import Expecting, State
from bot.replies import Button
from knowledge.addresses import Finding, NewUnit, OldUnit, address_book, find_old_address
from knowledge.addresses.book import HOME_PROVINCE
from knowledge.addresses.finding import MOST_PLACES, finding_of

AWAITED: Expecting = "old_address"
ADDRESS_TOPIC = "xac-nhan-dia-gioi"
LONGEST_ADDRESS = 20
"""Words of a message that is an address and nothing else."""
LONGEST_SMALL_NAME = 2
"""Words of the name of a village or a street."""
ADDRESS_TOPICS = (ADDRESS_TOPIC, "giay-to-sau-sap-nhap")
"""Topics whose answers an old address in the message makes more exact."""


def asked(situation: Situation, state: State, text: str, reading: Reading) -> Turn | None:
    """Answer a message that asks for today's unit of an old address; None where it does not."""
    words = situation.words
    if reading.says_one_of(words, "asks_made_of"):
        return _made_of(situation, state, text)
    asks = reading.says_one_of(words, "asks_new_address")
    if not asks and not reading.says_one_of(words, "asks_new_unit"):
        if not _names_a_district(reading):
            return None
        finding = find_old_address(address_book(), text)
        return tell(situation, state, finding) if _is_all(situation, reading, finding) else None
    finding = find_old_address(address_book(), text)
    if finding.kind != "none":
        return tell(situation, state, finding)
    return ask(situation, state) if asks else None


@cache
def _district_ends() -> frozenset[str]:
    districts = {old.district for old in address_book().new_of}
    return frozenset(" ".join(read(district).words[-2:]) for district in districts)


def _names_a_district(reading: Reading) -> bool:
    """Whether a short message holds the end of a district's name: the whole search takes 20 ms and every message
    comes here."""
    words = reading.words
    if len(words) > LONGEST_ADDRESS:
        return False
    ends = _district_ends()
    return any(word in ends or " ".join(words[place : place + 2]) in ends for place, word in enumerate(words))


def _is_all(situation: Situation, reading: Reading, finding: Finding) -> bool:
    """Tell whether a message is an old address with its district and nothing else: only what became of it can be
    meant. Names of villages and streets ("thôn Đoài") belong to it."""
    if finding.kind not in ("one", "split") or len(reading.words) > LONGEST_ADDRESS:
        return False
    old, cues = finding.old[0], situation.words.cues
    district = read(old.district).words
    if not reading.holds(" ".join(district[-2:])):
        return False
    known = {*read(old.ward).words, *district, *read(old.province).words, *cues["address_words"]}
    left, skip = 0, 0
    for word in reading.words:
        if word in cues["address_small_places"]:
            skip = LONGEST_SMALL_NAME
        elif word in known or word.isdigit():
            skip = 0 if word in cues["address_words"] else skip
        elif skip:
            skip -= 1
        else:
            left += 1
    return left == 0


def ask(situation: Situation, state: State) -> Turn:
    """Ask for the old address; the next message is looked up."""
    return Turn(
        state=replace(state.awaiting(AWAITED, situation.now_ms), unanswered_in_a_row=0),
        decision=_decision("clarify"),
        route="address_asked",
        blocks=(situation.say("address_ask"),),
    )


def awaited(situation: Situation, state: State, text: str, reading: Reading) -> Turn | None:
    """Take the message as the address asked for; None where it holds none: then it means something else."""
    if reading.cancels(situation.words):
        return Turn(state.awaiting_nothing(), Decision("chitchat"), "address_left", (situation.say("address_left"),))
    finding = find_old_address(address_book(), text, expected=True)
    return None if finding.kind == "none" else tell(situation, state, finding)


def unknown(situation: Situation, state: State) -> Turn:
    """The words were meant as an address but stand in no table; still waiting."""
    return Turn(
        state=state.awaiting(AWAITED, situation.now_ms),
        decision=_decision("fallback"),
        route="address_unknown",
        blocks=(situation.say("address_unknown"),),
        buttons=_further(situation),
    )


def chosen(situation: Situation, state: State, key: str | None) -> Turn:
    """A tap: one of several places of a name, or the wish to ask for another address."""
    old = address_book().by_key.get(key or "")
    return ask(situation, state) if old is None else tell(situation, state, finding_of(address_book(), old))


def tell(situation: Situation, state: State, finding: Finding) -> Turn:
    """Say what was found; several places of one name are asked about."""
    if finding.kind == "several":
        return _several(situation, state, finding)
    return Turn(
        state=replace(state.awaiting_nothing(), unanswered_in_a_row=0),
        decision=_decision("answer"),
        route=f"address_{finding.kind}",
        blocks=(f"{sentence(situation, finding)}\n{situation.say('address_source')}",),
        buttons=_further(situation),
    )


def first(situation: Situation, turn: Turn, text: str) -> Turn:
    """Put today's unit before an answer about addresses, where the message names an old one without doubt."""
    if not turn.decision.topics or turn.decision.topics[0][0] not in ADDRESS_TOPICS:
        return turn
    finding = find_old_address(address_book(), text)
    if finding.kind not in ("one", "split"):
        return turn
    return replace(turn, blocks=(sentence(situation, finding), *turn.blocks), route=f"address+{turn.route}")


def sentence(situation: Situation, finding: Finding) -> str:
    """Say in words what became of one old unit, or what a new one was made of."""
    new = ", ".join(_in_words(unit.name) for unit in finding.new)
    if finding.kind == "new":
        return situation.say("address_new", new=new[0].upper() + new[1:], parts=_parts(situation, finding.new[0].name))
    old = _old_in_words(finding.old[0])
    if finding.kind == "one":
        text = situation.say("address_one", old=old, new=f"{new}, {_in_words(finding.new[0].province)}")
    else:
        text = situation.say("address_split", old=old[0].upper() + old[1:], new=new)
    return f"{text}\n{situation.say('address_spelling', old=old)}" if finding.spelt_otherwise else text


def _several(situation: Situation, state: State, finding: Finding) -> Turn:
    state = replace(state.awaiting(AWAITED, situation.now_ms), unanswered_in_a_row=0)
    few = len(finding.old) <= min(MOST_BUTTONS, MOST_PLACES)
    choices = tuple(_choice(old) for old in finding.old) if few else ()
    text = situation.say("address_several") if few else situation.say("address_too_many")
    return Turn(state, _decision("clarify"), "address_several", (text,), choices)


def _choice(old: OldUnit) -> Button:
    words = _old_in_words(old)
    return button(words[0].upper() + words[1:], "address", old.key)


def _made_of(situation: Situation, state: State, text: str) -> Turn:
    """Say what a unit was made of: the one named in the message, else the resident's own commune."""
    named = find_old_address(address_book(), text)
    if named.kind != "new":
        commune = situation.commune
        name = f"{commune.type[0].upper()}{commune.type[1:]} {commune.name}"
        named = Finding("new", (), (NewUnit(name, HOME_PROVINCE),))
    if not address_book().made_of(named.new[0].name):
        return unknown(situation, state)
    return tell(situation, state, named)


def _parts(situation: Situation, name: str) -> str:
    lines = []
    for old, partly in sorted(address_book().made_of(name), key=lambda part: (part[1], part[0].key)):
        ward, district = _in_words(old.ward), _in_words(old.district)
        if partly:
            lines.append(situation.say("address_part", ward=ward, district=district))
        else:
            lines.append(situation.say("address_whole", ward=ward, district=district))
    return "\n".join(lines)


def _old_in_words(old: OldUnit) -> str:
    return ", ".join(_in_words(name) for name in (old.ward, old.district, old.province) if name)


def _in_words(name: str) -> str:
    """A unit's name inside a sentence: its kind without a capital."""
    return name[0].lower() + name[1:]


def _further(situation: Situation) -> tuple[Button, ...]:
    topics = tuple(topic for topic in ADDRESS_TOPICS if topic in situation.library.topics)
    return (
        *(button(situation.library.topics[topic].short, "answer", topic, "overview") for topic in topics),
        button(situation.say_of("button", "another_address"), "address"),
    )


def _decision(name: str) -> Decision:
    topics = ((ADDRESS_TOPIC, 1.0),)
    if name == "answer":
        return Decision("answer", topics, "overview")
    return Decision("clarify", topics) if name == "clarify" else Decision("fallback", topics)
