"""An initiative (sáng kiến): only the idea itself is needed; all the rest may be left out in one tap ("Gửi luôn")."""

from __future__ import annotations

from collections.abc import Callable

from bot.cases.initiative_fields import author_kinds, guess_field, initiative_fields, stages
from bot.cases.routing import village_id
from bot.conversation.acts import FileInitiative, SupportInitiative
from bot.conversation.dialogues.contacts import consent_given, contact_of, contact_steps, sender_line
from bot.conversation.dialogues.keeping import shown
from bot.conversation.dialogues.places import find_villages
from bot.conversation.dialogues.report import LONGEST_GIST, begin_with, status_button, things_line
from bot.conversation.dialogues.steps import Answer, Choice, Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.payloads import shortened

NAME = "idea"
LONGEST_TITLE = 90
LEAST_SIMILAR = 0.3
MOST_SIMILAR = 2
SHORTEST_WORDS = 3
_ANOTHER = "none"
_NO_CAMPAIGN = "no"


def _begin(inside: Inside, heard: Heard) -> Answer | None:
    return begin_with(inside, heard, "announces_idea", "proposal")


def _read_proposal(inside: Inside, heard: Heard) -> Answer | Refusal:
    if sum(len(word) > 1 and not word.isdigit() for word in heard.reading.words) < SHORTEST_WORDS:
        return Refusal(inside.situation.say("idea_unclear"))
    announced = inside.value("announced")
    return {"proposal": f"{announced}\n{heard.text}" if announced else heard.text, "announced": ""}


def _if_wanted(inside: Inside) -> Answer | None:
    """ "Gửi luôn" leaves the rest out; each part can still be corrected from the summary."""
    return {} if inside.value("more") == "yes" else None


def _words_for(name: str) -> Step:
    """An optional question answered in one's own words."""

    def read_words(inside: Inside, heard: Heard) -> Answer | Refusal:
        if not any(letter.isalnum() for letter in heard.text):
            return Refusal(inside.situation.say("answer_unclear"))
        return {name: heard.text}

    return Step(
        name, f"idea_{name}_ask", read=read_words, required=False, label=f"idea_{name}_label", free=True,
        may_leave_rest=True, prepare=_if_wanted,
    )  # fmt: skip


def _choice_of(name: str, choices: Callable[[Inside], tuple[Choice, ...]]) -> Step:
    """An optional question with a list to choose from."""
    return Step(
        name, f"idea_{name}_ask", choices=choices, required=False, label=f"idea_{name}_label", may_leave_rest=True,
        prepare=_if_wanted,
    )  # fmt: skip


def title_of(inside: Inside) -> str:
    """The title given, else the beginning of the idea."""
    given = inside.value("title")
    return given or shortened(inside.value("proposal").splitlines()[-1], LONGEST_TITLE)


def _find_similar(inside: Inside) -> Answer | None:
    situation = inside.situation
    found = situation.desk.similar_initiatives(situation.commune.id, inside.value("proposal"))
    codes = [one.code for one in found if one.score >= LEAST_SIMILAR and not one.is_own][:MOST_SIMILAR]
    return {"similar_codes": " ".join(codes)} if codes else None


def _similar(inside: Inside) -> tuple[Choice, ...]:
    codes = inside.value("similar_codes").split()
    support = inside.words("similar_support")
    same = tuple(Choice(support if len(codes) == 1 else f"{support}: {code}", code) for code in codes)
    return (*same, Choice(inside.words("similar_idea_another"), _ANOTHER))


def _tell_similar(inside: Inside) -> str:
    situation = inside.situation
    codes = inside.value("similar_codes").split()
    found = situation.desk.similar_initiatives(situation.commune.id, inside.value("proposal"))
    return "\n".join(
        situation.say("similar_idea_line", code=one.code, told=shown(one.gist, LONGEST_GIST), people=str(one.people))
        for one in found
        if one.code in codes
    )


def _ends(inside: Inside) -> Filing | None:
    code = inside.value("similar")
    if not code or code == _ANOTHER:
        return None
    said = inside.situation.say("idea_supported", code=code)
    return Filing(said, (SupportInitiative(code),), code, (status_button(inside, code),))


def _campaigns(inside: Inside) -> tuple[Choice, ...]:
    situation = inside.situation
    open_ones = situation.desk.campaigns(situation.commune.id, situation.today)
    return (
        *(Choice(campaign.title, campaign.id) for campaign in open_ones),
        Choice(inside.words("idea_campaign_none"), _NO_CAMPAIGN),
    )


def _any_campaign(inside: Inside) -> Answer | None:
    return {} if len(_campaigns(inside)) > 1 else None


def _choices(table: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, value) for value, name in table.items())


def _field(inside: Inside) -> str:
    chosen = inside.value("field")
    return chosen if chosen in initiative_fields() else guess_field(inside.value("proposal"))


def _author(inside: Inside) -> str:
    return inside.value("author") if inside.value("author") in author_kinds() else "resident"


def _stage(inside: Inside) -> str:
    return inside.value("stage") if inside.value("stage") in stages() else "idea"


def _summary(inside: Inside) -> str:
    situation, value = inside.situation, inside.value
    lines = [situation.say("idea_summary", title=shown(title_of(inside)), proposal=shown(value("proposal"), 500))]
    if value("problem"):
        lines.append(situation.say("idea_summary_problem", problem=shown(value("problem"), 200)))
    if value("benefit"):
        lines.append(situation.say("idea_summary_benefit", benefit=shown(value("benefit"), 200)))
    lines.append(
        situation.say(
            "idea_summary_kind",
            field=initiative_fields()[_field(inside)].name,
            author=author_kinds()[_author(inside)],
            stage=stages()[_stage(inside)],
        )
    )
    if value("co_authors"):
        lines.append(situation.say("idea_summary_co_authors", co_authors=shown(value("co_authors"))))
    lines.extend((things_line(inside), sender_line(inside, shown(value("name"))), situation.say("summary_send")))
    return "\n".join(line for line in lines if line)


def _file(inside: Inside) -> Filing:
    situation, value = inside.situation, inside.value
    code = situation.desk.new_code("initiative")
    campaign = value("campaign")
    initiative = FileInitiative(
        code=code,
        title=title_of(inside),
        problem=value("problem"),
        proposal=value("proposal"),
        benefit=value("benefit"),
        field_id=_field(inside),
        author_kind=_author(inside),
        stage=_stage(inside),
        contact=contact_of(inside),
        co_authors=value("co_authors"),
        campaign_id="" if campaign == _NO_CAMPAIGN else campaign,
        village=value("village"),
        things=inside.things,
    )
    return Filing(
        situation.say("idea_filed", code=code), (initiative,), code, (status_button(inside, code),), takes_more=True
    )


def _add(inside: Inside, heard: Heard) -> Answer | None:
    if not any(letter.isalnum() for letter in heard.text):
        return None
    return {"proposal": f"{inside.value('proposal')}\n{heard.text}", "title": title_of(inside)}


def _spot_village(inside: Inside, heard: Heard) -> Answer | None:
    found = find_villages(inside.situation.commune, inside.situation.words, heard.reading)
    return {"village": village_id(found[0].name)} if len(found) == 1 else None


DIALOGUE = Dialogue(
    name=NAME,
    called="idea_called",
    action="idea",
    takes_things=True,
    steps=(
        Step("proposal", "idea_proposal_ask", read=_read_proposal, label="idea_proposal_label", free=True),
        Step("similar", "similar_idea_ask", choices=_similar, prepare=_find_similar, before=_tell_similar,
             required=False),
        Step(
            "more",
            "idea_more_ask",
            choices=lambda inside: (
                Choice(inside.words("idea_more_no"), "no"),
                Choice(inside.words("idea_more_yes"), "yes"),
            ),
            required=False,
        ),
        _words_for("title"),
        _words_for("problem"),
        _words_for("benefit"),
        _choice_of("field", lambda _inside: tuple(Choice(each.name, id) for id, each in initiative_fields().items())),
        _choice_of("author", lambda _inside: _choices(dict(author_kinds()))),
        _choice_of("stage", lambda _inside: _choices(dict(stages()))),
        _words_for("co_authors"),
        Step("campaign", "idea_campaign_ask", required=False, choices=_campaigns, prepare=_any_campaign),
        Step("village", "idea_village_ask", required=False, prepare=lambda _inside: None, spot=_spot_village),
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
