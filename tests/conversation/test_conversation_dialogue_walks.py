"""Whatever is typed, tapped or sent inside any dialogue: nothing raises, nothing is filed twice, it can be left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from conversation_talk import (
    BAC_TU,
    NOON,
    WORDS,
    DeskByHeart,
    Talk,
    commune_of_villages,
    library,
    photo,
    text_of,
    understood,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Outcome
from bot.conversation.acts import FileInitiative, FileReport, ForwardQuestion, JoinReport, SupportInitiative
from bot.conversation.desk import CampaignView, CaseView, EventView, SimilarCase, VolunteerView
from bot.conversation.dialogues import DIALOGUES
from bot.conversation.dialogues.showing import choices_shown, run_of
from bot.conversation.flood import unhurried
from bot.conversation.situation import Situation
from bot.conversation.speaking import LONGEST_MESSAGE, MOST_BUTTONS
from bot.conversation.state import State
from bot.people import Person

MOST_BYTES = 8_192
LINES = {
    "tôi muốn phản ánh": understood("action", "@feedback", action="feedback"),
    "đèn đường thôn Đoài tắt": understood("action", "@feedback", action="feedback"),
    "cháy nhà ở xóm 2": understood("action", "@feedback", action="feedback"),
    "nên trồng cây ở sân nhà văn hóa": understood("action", "@idea", action="idea"),
    "đến đâu rồi": understood("action", "@status", action="status"),
    "gặp cán bộ": understood("action", "@human", action="human"),
    "lệ phí kết hôn bao nhiêu?": understood("answer", "ket-hon", facet="fee"),
    "cảm ơn": understood("chitchat", chitchat="thanks"),
}
COMMANDS = (
    "thôi", "quay lại", "làm lại", "bỏ qua", "gửi luôn", "gửi đi", "sửa", "có", "không", "tiếp tục", "đồng ý", "xong",
)  # fmt: skip
OPENINGS = (*(f"#hoixa:open:{name}" for name in DIALOGUES), "chuyển giúp", "báo cáo tổ", "#hoixa:event_sign_up:7")
FILED_CODE = "PA-23456E"
texts = (
    st.sampled_from([*LINES, *COMMANDS, *OPENINGS, "Thôn Đoài", "0912345678", "Nguyễn Văn An", FILED_CODE, "của tôi"])
    | st.sampled_from([str(number) for number in range(1, 20)])
    | st.sampled_from(["#PA", "#hoixa:dialogue:report:1:confirm", f"#hoixa:add:{FILED_CODE}", "031088001234", "3 lớp"])
    | st.text(max_size=300)
    | st.sampled_from(["đường hỏng " * 150, "\U0001f600" * 900, '"' * 1_900])
)
things = st.sampled_from(["image", "location", "sticker", "submit_info", "file", "follow"])
onward = st.integers(0, 30).map(lambda place: ("onward", str(place)))
moves = st.one_of(
    onward,
    onward,
    onward,
    onward,
    texts.map(lambda text: ("text", text)),
    st.integers(0, 4).map(lambda place: ("tap", str(place))),
    st.integers(0, 40).map(lambda place: ("old tap", str(place))),
    things.map(lambda kind: (kind, "")),
)
pauses = st.sampled_from([1, 5, *[20] * 8, 40 * 60, 3 * 3600, 25 * 3600])


def full_desk() -> DeskByHeart:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return DeskByHeart(
        own={BAC_TU: [CaseView(FILED_CODE, "report", "waiting_resident", "đèn tắt", at, awaits_rating=True)]},
        similar=[SimilarCase("PA-34567A", "đèn tắt", "thôn đoài", 2, at, 0.9)],
        similar_ideas=[SimilarCase("SK-34567A", "trồng cây", "", 2, at, 0.9)],
        open_campaigns=[CampaignView("thi", "Hội thi sáng kiến")],
        member=VolunteerView("thôn đoài", at),
        coming=[EventView(7, "Lớp số thôn Đoài", "nhà văn hóa", datetime(2030, 1, 1, tzinfo=UTC))],
    )


def new_talk(desk: DeskByHeart | None = None) -> Talk:
    return Talk(dict(LINES), commune=commune_of_villages("Thôn Đoài", "Thôn Hạ"), desk=desk or full_desk())


def filed_by(outcome: Outcome) -> Iterator[str]:
    for act in outcome.acts:
        if isinstance(act, FileReport | FileInitiative | JoinReport | SupportInitiative):
            yield act.code
        elif isinstance(act, ForwardQuestion):
            yield act.link_code


def check(outcome: Outcome) -> None:
    for reply in outcome.replies:
        assert 0 < len(reply.text) <= LONGEST_MESSAGE
        assert len(reply.buttons) <= MOST_BUTTONS
        assert all(0 < len(button.title) <= 100 and len(button.payload) <= 1000 for button in reply.buttons)
    assert len(outcome.state.to_json().encode()) < MOST_BYTES


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(moves, pauses), min_size=6, max_size=24))
def test_any_walk_through_any_dialogue(walk: list[tuple[tuple[str, str], int]]) -> None:
    talk = new_talk()
    seen: list[str] = []
    for (kind, what), seconds in walk:
        before = talk.state
        if kind == "onward":
            kind, what = "text", next_step_of(talk, int(what))
        elif kind in ("tap", "old tap"):
            if not seen:
                continue
            last = seen[-5:] if kind == "tap" else seen
            kind, what = "text", last[int(what) % len(last)]
        outcome = talk.sends(
            kind,
            what,
            after=timedelta(seconds=seconds),
            things=[photo(str(len(seen)))] if kind in ("image", "file") else (),
            point=(20.9, 106.5) if kind == "location" else None,
            name="Trần Thị Bình" if kind == "submit_info" else "",
            phone="84912345678" if kind == "submit_info" else "",
        )
        check(outcome)
        seen.extend(button.payload for reply in outcome.replies for button in reply.buttons)
        filed = list(filed_by(outcome))
        assert len(filed) <= 1
        if filed:
            # One run, one filing: the run is over, and known by its code.
            assert before.dialogue is not None
            assert outcome.state.dialogue is None
            assert outcome.state.filed[0][0] == before.dialogue.id
            assert before.dialogue.id not in dict(before.filed)
        can_be_left(talk)
    can_be_finished_once(talk, seen)


def can_be_finished_once(talk: Talk, seen: list[str]) -> None:
    """Whatever was done before, going on leads to an end; then no button shown on the way files anything again."""
    if talk.state.dialogue is None:
        talk.state = unhurried(talk.state)
        talk.says(OPENINGS[len(seen) % len(OPENINGS)])
    for _ in range(40):
        if talk.state.dialogue is None:
            break
        talk.state = unhurried(talk.state)
        outcome = talk.says(next_step_of(talk, 1))
        check(outcome)
        seen.extend(button.payload for reply in outcome.replies for button in reply.buttons)
    assert talk.state.dialogue is None
    for payload in dict.fromkeys(seen):
        if ":dialogue:" in payload:
            talk.state = unhurried(talk.state)
            again = talk.says(payload)
            assert not list(filed_by(again))
            assert talk.state.dialogue is None


def next_step_of(talk: Talk, number: int) -> str:
    """What somebody does who means to finish: one of the choices shown, an answer, or a dialogue opened."""
    if talk.state.dialogue is None:
        return OPENINGS[number % len(OPENINGS)]
    choices = shown_choices(talk)
    # Mostly the first: "send", "yes".
    return choices[number % len(choices) if number % 3 == 0 else 0] if choices else words_for(talk)


def can_be_left(talk: Talk) -> None:
    if talk.state.dialogue is not None:
        kept, then = talk.state, talk.now
        talk.state = unhurried(talk.state)
        left = talk.says("thôi", after=timedelta(seconds=1))
        assert talk.state.dialogue is None
        assert not list(filed_by(left))
        talk.state, talk.now = kept, then


def opened(talk: Talk, name: str) -> Outcome:
    """Open a dialogue as its own buttons do."""
    own_buttons = {
        "add": f"#hoixa:add:{FILED_CODE}",
        "reopen": f"#hoixa:reopen:{FILED_CODE}",
        "rating_words": "#hoixa:rate_words:chat:2:ket-hon:fee",
        "forward": "chuyển giúp",
        "team_report": "báo cáo tổ",
        "sign_up": "#hoixa:event_sign_up:7",
    }
    return talk.says(own_buttons.get(name, f"#hoixa:open:{name}"))


def without_codes(text: object) -> str:
    """Codes are drawn anew by every talk."""
    return re.sub(r"\b[A-Z]{2}-[0-9A-Z]{6}\b", "<code>", str(text))


def acts_of(outcome: Outcome) -> str:
    return without_codes([(type(act).__name__, asdict(act)) for act in outcome.acts])


def words_for(talk: Talk) -> str:
    """Something that answers the step asked now, where it shows no choices."""
    assert talk.state.dialogue is not None
    step = DIALOGUES[talk.state.dialogue.name].step(talk.state.dialogue.asked)
    if step is not None and step.numeric:
        return "3"
    return "0912345678" if step is not None and "phone" in step.name else "đèn hỏng ở đầu làng tối lắm"


def shown_choices(talk: Talk) -> tuple[str, ...]:
    situation = Situation(library(), WORDS, talk.commune, talk.now, None, talk.desk, BAC_TU, DIALOGUES)
    run = run_of(situation, talk.state)
    return () if run is None else tuple(button.payload for button in choices_shown(run))


@pytest.mark.parametrize("name", DIALOGUES)
@settings(max_examples=12, deadline=None)
@given(numbers=st.lists(st.integers(0, 30), min_size=24, max_size=24))
def test_numbers_do_what_taps_do_in_every_dialogue(name: str, numbers: list[int]) -> None:
    tapping, typing = new_talk(), new_talk()
    if name == "reopen":
        for talk in (tapping, typing):
            talk.desk.own[BAC_TU] = [CaseView(FILED_CODE, "report", "resolved", "đèn tắt", NOON)]  # type: ignore[attr-defined]
    opened(tapping, name), opened(typing, name)
    for number in numbers:
        if typing.state.dialogue is None:
            break
        typing.state, tapping.state = unhurried(typing.state), unhurried(tapping.state)
        choices = shown_choices(typing)
        if choices:
            chosen = number % len(choices)
            typed, tapped = typing.says(str(chosen + 1)), tapping.says(choices[chosen])
        else:
            words = words_for(typing)
            typed, tapped = typing.says(words), tapping.says(words)
        check(typed)
        assert without_codes(text_of(typed)) == without_codes(text_of(tapped))
        assert acts_of(typed) == acts_of(tapped)
        assert without_codes(typing.state.to_json()) == without_codes(tapping.state.to_json())


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_shortest_way_by_numbers_files_each_dialogue(name: str) -> None:
    talk = new_talk(DeskByHeart(own=full_desk().own, member=full_desk().member, coming=full_desk().coming))
    if name == "reopen":
        talk.desk.own[BAC_TU] = [CaseView(FILED_CODE, "report", "resolved", "đèn tắt", NOON)]  # type: ignore[attr-defined]
    opened(talk, name)
    assert talk.state.dialogue is not None
    acts: tuple[object, ...] = ()
    for _ in range(20):
        if talk.state.dialogue is None:
            break
        acts += talk.says("1" if shown_choices(talk) else words_for(talk)).acts
    assert talk.state.dialogue is None
    assert acts


def test_a_stranger_sees_nothing_of_a_state_of_his_own() -> None:
    talk = new_talk()
    talk.person = Person("oa-1", "somebody else")
    talk.state = State()
    assert FILED_CODE not in text_of(talk.says("của tôi"))
