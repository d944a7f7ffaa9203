"""A report (phản ánh, kiến nghị): what and where are enough; the rest is guessed, changeable, or left to the resident.

Told in one message that names a village, it needs one tap more: "Gửi đi".
"""

from __future__ import annotations

from bot.cases.categories import categories, guess_category, level_of
from bot.cases.routing import village_id, village_name
from bot.conversation.acts import FileReport, JoinReport, Place
from bot.conversation.dialogues.contacts import consent_given, contact_of, contact_steps, sender_line
from bot.conversation.dialogues.keeping import shown
from bot.conversation.dialogues.places import find_villages, is_only_the_name, names_a_place
from bot.conversation.dialogues.steps import Answer, Choice, Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.payloads import button
from bot.conversation.reading import read
from bot.replies import Button

NAME = "report"
URGENT = "urgent"
LEAST_SIMILAR = 0.3
MOST_SIMILAR = 3
LONGEST_GIST = 70
LONGEST_SHOWN = 600
"""Characters of the report shown back before it is filed; all of it is filed."""
_ANOTHER = "none"


def begin_with(inside: Inside, heard: Heard, cues: str, value: str) -> Answer | None:
    """What an opening message tells: all of it, or, where it only announces, the one word of its own, if any."""
    words = inside.situation.words
    if not heard.text.strip():
        return None
    if not heard.reading.only_announces(words, cues):
        return {value: heard.text}
    known = {word for cue in words.cues[cues] for word in cue.split()}
    says_something = any(word not in known for word in heard.reading.words)
    return {"announced": heard.text} if says_something else None


def _begin(inside: Inside, heard: Heard) -> Answer | None:
    return begin_with(inside, heard, "announces_feedback", "what")


def _read_what(inside: Inside, heard: Heard) -> Answer | Refusal:
    if not any(len(word) > 1 and not word.isdigit() for word in heard.reading.words):
        return Refusal(inside.situation.say("report_what_unclear"))
    announced = inside.value("announced")
    return {"what": f"{announced}\n{heard.text}" if announced else heard.text, "announced": ""}


def _villages(inside: Inside) -> tuple[Choice, ...]:
    return tuple(Choice(village.name, village_id(village.name)) for village in inside.situation.commune.villages)


def _read_where(inside: Inside, heard: Heard) -> Answer | Refusal:
    situation = inside.situation
    found = find_villages(situation.commune, situation.words, heard.reading, asked=True)
    if len(found) > 1:
        names = ", ".join(village.name for village in found)
        return Refusal(situation.say("where_several", names=shown(names)))
    if found:
        bare = is_only_the_name(found[0], situation.words, heard.reading)
        return {"village": village_id(found[0].name), "place_words": "" if bare else heard.text}
    if not any(letter.isalnum() for letter in heard.text):
        return Refusal(situation.say("where_unclear"))
    return {"place_words": heard.text}


def _spot_where(inside: Inside, heard: Heard) -> Answer | None:
    message, situation = heard.message, inside.situation
    if message.latitude is not None and message.longitude is not None:
        return {"latitude": f"{message.latitude:.6f}", "longitude": f"{message.longitude:.6f}"}
    found = find_villages(situation.commune, situation.words, heard.reading)
    if len(found) == 1:
        return {"village": village_id(found[0].name)}
    if not situation.commune.villages and names_a_place(heard.text, situation.words):
        return {"place_told": "yes"}
    return None


def _category(inside: Inside) -> str:
    chosen = inside.value("category")
    return chosen if chosen in categories() else guess_category(inside.value("what")).category


def _find_similar(inside: Inside) -> Answer | None:
    situation = inside.situation
    found = situation.desk.similar_reports(
        situation.commune.id, inside.value("what"), _category(inside), inside.value("village")
    )
    codes = [one.code for one in found if one.score >= LEAST_SIMILAR][:MOST_SIMILAR]
    return {"similar_codes": " ".join(codes)} if codes else None


def _similar(inside: Inside) -> tuple[Choice, ...]:
    codes = inside.value("similar_codes").split()
    this = inside.words("similar_this")
    same = tuple(Choice(this if len(codes) == 1 else f"{this}: {code}", code) for code in codes)
    return (*same, Choice(inside.words("similar_report_another"), _ANOTHER))


def _tell_similar(inside: Inside) -> str:
    situation = inside.situation
    codes = inside.value("similar_codes").split()
    found = situation.desk.similar_reports(
        situation.commune.id, inside.value("what"), _category(inside), inside.value("village")
    )
    lines = []
    for one in found:
        if one.code in codes:
            gist = shown(one.gist, LONGEST_GIST)
            place = village_name(one.place, situation.commune) if one.place else ""
            told = f"{gist} ({shown(place)})" if place else gist
            if one.is_own:
                lines.append(situation.say("similar_own", code=one.code, told=told))
            else:
                lines.append(situation.say("similar_line", code=one.code, told=told, people=str(one.people)))
    return "\n".join(lines)


def _ends(inside: Inside) -> Filing | None:
    code = inside.value("similar")
    if not code or code == _ANOTHER:
        return None
    return Filing(
        inside.situation.say("report_joined", code=code),
        (JoinReport(code, inside.value("what"), inside.things),),
        code,
        (status_button(inside, code),),
        takes_more=True,
    )


def status_button(inside: Inside, code: str) -> Button:
    """A way to ask later how far a case is."""
    return button(inside.words("button_status"), "status", code)


def where_line(inside: Inside) -> str:
    """The place as told, for a summary."""
    situation = inside.situation
    parts = []
    if inside.value("village"):
        parts.append(shown(village_name(inside.value("village"), situation.commune)))
    if inside.value("place_words"):
        parts.append(shown(inside.value("place_words"), 150))
    if inside.value("latitude"):
        parts.append(inside.words("where_point"))
    if not parts:
        parts.append(inside.words("where_in_text"))
    return ", ".join(parts)


def things_line(inside: Inside) -> str:
    """How many photos and files go with it; "" without any."""
    return inside.situation.say("summary_things", count=str(len(inside.things))) if inside.things else ""


def _summary(inside: Inside) -> str:
    situation = inside.situation
    lines = (
        situation.say("report_summary", what=shown(inside.value("what"), LONGEST_SHOWN), where=where_line(inside)),
        situation.say("report_summary_category", category=categories()[_category(inside)].name),
        things_line(inside),
        sender_line(inside, shown(inside.value("name"))),
        situation.say("summary_send"),
    )
    return "\n".join(line for line in lines if line)


def _place(inside: Inside) -> Place:
    latitude, longitude = inside.value("latitude"), inside.value("longitude")
    return Place(
        inside.value("village"),
        inside.value("place_words"),
        float(latitude) if latitude else None,
        float(longitude) if longitude else None,
    )


def _file(inside: Inside) -> Filing:
    situation = inside.situation
    what, category = inside.value("what"), _category(inside)
    urgent = read(what).tells_danger(situation.words)
    code = situation.desk.new_code("report")
    report = FileReport(
        code=code,
        category=category,
        text=what,
        place=_place(inside),
        contact=contact_of(inside),
        level=URGENT if urgent else level_of(category, what),
        things=inside.things,
    )
    return Filing(
        situation.say("report_filed", code=code), (report,), code, (status_button(inside, code),), takes_more=True
    )


def _add(inside: Inside, heard: Heard) -> Answer | None:
    """More words under the summary belong to the report; a village alone mends the place."""
    situation = inside.situation
    if not any(letter.isalnum() for letter in heard.text):
        return None
    found = find_villages(situation.commune, situation.words, heard.reading)
    place: Answer = {"village": village_id(found[0].name)} if len(found) == 1 else {}
    if place and is_only_the_name(found[0], situation.words, heard.reading):
        return place
    return {**place, "what": f"{inside.value('what')}\n{heard.text}"}


DIALOGUE = Dialogue(
    name=NAME,
    called="report_called",
    action="feedback",
    takes_things=True,
    steps=(
        Step("what", "report_what_ask", read=_read_what, label="report_what_label", free=True),
        Step(
            "where",
            "report_where_ask",
            read=_read_where,
            fills=("village", "place_words", "latitude", "longitude", "place_told"),
            choices=_villages,
            chosen=lambda _inside, value: {"village": value},
            spot=_spot_where,
            label="report_where_label",
            free=True,
        ),
        Step("similar", "similar_report_ask", choices=_similar, prepare=_find_similar, before=_tell_similar,
             required=False),
        Step(
            "category",
            "report_category_ask",
            required=False,
            choices=lambda _inside: tuple(Choice(each.name, each.id) for each in categories().values()),
            prepare=lambda _inside: None,
            label="report_category_label",
        ),
        *contact_steps(),
    ),
    summary=_summary,
    file=_file,
    begin=_begin,
    add=_add,
    ends=_ends,
    after=lambda inside, step: consent_given(inside, step, NAME),
    offered={"contact": "button_contact"},
)  # fmt: skip
