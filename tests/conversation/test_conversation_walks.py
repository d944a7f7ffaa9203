"""Whatever a resident does, in any order: nothing raises, limits hold, and the memory survives the store."""

from __future__ import annotations

from datetime import timedelta

from conversation_talk import Talk, part, understood
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.speaking import LONGEST_MESSAGE, MOST_BUTTONS

KINDS = (
    "image", "gif", "link", "audio", "video", "sticker", "location", "file", "business_card", "follow", "chat_now",
    "anonymous_text", "anonymous_image", "hologram", "",
)  # fmt: skip
LINES = {
    "khai sinh": understood("answer", "khai-sinh", facet="papers"),
    "không rõ": understood("clarify", "khai-sinh", "@feedback", "@idea"),
    "nhiều": understood(
        "answer",
        "khai-sinh",
        parts=[
            part("a", "answer", "can-cuoc"),
            part("b {commune}", "clarify", "thuong-tru", "@idea"),
            part("c", "action", "@feedback", action="feedback"),
            part("d", "fallback"),
            part("e", "answer", "bao-su-co-khan-cap"),
            part("f", "answer", "chung-thuc-ban-sao"),
        ],
    ),
    "phản ánh": understood("action", "@feedback", action="feedback"),
    "sáng kiến của tôi là trồng cây": understood("action", "@idea", action="idea"),
    "đến đâu rồi": understood("action", "@status", action="status"),
    "gặp cán bộ": understood("action", "@human", action="human"),
    "chào": understood("chitchat", chitchat="greeting"),
    "ly hôn": understood("fallback", pointer="ly-hon-toa-an"),
    "cháy nhà": understood("answer", "bao-su-co-khan-cap"),
    "rỗng": understood("answer"),
    "sai lạc": understood("action", action="bay"),
}
TAPS = (
    "#hoixa:answer:khai-sinh:fee", "#hoixa:ask:ket-hon", "#hoixa:more:khai-sinh:fee", "#hoixa:more:phan-loai-rac",
    "#hoixa:human", "#hoixa:action:feedback", "#hoixa:action:idea", "#hoixa:action:status", "#hoixa:rate:3", "#hoixa:?",
)  # fmt: skip
texts = (
    st.sampled_from([*LINES, *TAPS, "1", "2", "5", "số 3", "77", "thôi", "điện giật", "{desk}", "031088001234"])
    | st.text()
)
steps = st.tuples(
    st.sampled_from(["text"] * 8 + list(KINDS)),
    texts,
    st.sampled_from([0, 1, 30, 1000, 4000, 100_000, -5]),
    st.booleans(),
    st.sampled_from([False] * 9 + [True]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=14), st.booleans())
def test_any_walk(walk: list[tuple[str, str, int, bool, bool]], rated: bool) -> None:
    talk = Talk(dict(LINES), {"thế còn lệ phí": "fee"})
    if rated:
        talk.state = talk.state.awaiting_rating(int(talk.now.timestamp() * 1000))
    for kind, text, seconds, first, silent in walk:
        outcome = talk.sends(kind, text, after=timedelta(seconds=seconds), first=first, silent=silent)
        for reply in outcome.replies:
            assert 0 < len(reply.text) <= LONGEST_MESSAGE
            assert len(reply.buttons) <= MOST_BUTTONS
            assert all(0 < len(button.title) <= 100 and len(button.payload) <= 1000 for button in reply.buttons)
            assert all(button.payload.startswith("#hoixa:") for button in reply.buttons)
        assert all(request.kind in ("unanswered", "human", "feedback", "idea") for request in outcome.requests)
        assert not (silent and outcome.requests)
        assert not silent or not outcome.replies or outcome.trace["route"] == "emergency"
