"""What an announcement may be, told while it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts import reasons
from bot.broadcasts.segments import Segment
from bot.broadcasts.spec import Details, Spec, SpecError, read_spec, reply_of
from bot.broadcasts.views import words_of
from bot.zalo.errors import all_rules
from bot.zalo.messages import SAFE_TEXT_LIMIT, render_plain, utf16_units

NOON_MS = 1_795_323_600_000
SPEC: dict[str, object] = {"title": "Tiêm chủng", "text": "Sáng thứ Bảy.", "kind": "message", "segment": {"all": True}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "tiêu đề"),
        ({"text": "x" * 2_000}, "1900"),
        ({"title": "x" * 151}, "150"),
        ({"kind": "sms"}, "message, article hoặc group"),
        ({"segment": {}}, "người nhận"),
        ({"segment": {"all": True, "villages": ["Thôn 1"]}}, "tất cả"),
        ({"segment": {"roles": ["king"]}}, "king"),
        ({"segment": {"seen_within_days": 0}}, "số ngày"),
        ({"send_at": "2026-12-01T08:00:00"}, "múi giờ"),
        ({"send_at": "2020-12-01T08:00:00+07:00"}, "đã qua"),
        ({"kind": "group"}, "mã nhóm"),
        ({"kind": "article", "segment": {"villages": ["Thôn 1"]}}, "Bài viết"),
        ({"kind": "article", "description": "x" * 301}, "300"),
        ({"wish": 1}, "wish"),
    ],
)
def test_what_zalo_would_refuse_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        read_spec({**SPEC, **changes}, NOON_MS)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(SpecError) as refused:
        read_spec({"title": 5, "text": "", "kind": "x", "segment": 3, "late": "never", "free_only": 1}, NOON_MS)
    assert len(refused.value.problems) >= 6


@pytest.mark.parametrize("document", [None, [], "x", 5, {"segment": {"villages": [1]}}, {"target": {"age": 1}}])
def test_no_document_breaks_it(document: object) -> None:
    with pytest.raises(SpecError):
        read_spec(document, NOON_MS)


def test_a_spec_is_read_whole() -> None:
    spec = read_spec(
        {
            **SPEC, "title": "  Hai \n dòng ", "segment": {"village": "Thôn Một", "tags": ["a", "a"]},
            "send_at": "2026-12-01T08:00:00+07:00", "topic": "khai-sinh", "free_only": True,
        },
        NOON_MS,
    )  # fmt: skip
    assert spec.title == "Hai dòng"
    assert spec.segment.tags == ("a",) and len(spec.segment.villages) == 1
    assert spec.send_at_ms == 1_796_086_800_000
    assert Segment.from_json(spec.segment.to_json()) == spec.segment
    assert Details.from_json(spec.details.to_json()) == spec.details


@given(st.text(max_size=2_100), st.text(max_size=160), st.booleans())
def test_what_is_accepted_fits_one_message_of_zalo(text: str, title: str, topic: bool) -> None:
    document = {**SPEC, "title": title, "text": text, **({"topic": "khai-sinh"} if topic else {})}
    try:
        spec = read_spec(document, NOON_MS)
    except SpecError:
        return
    assert isinstance(spec, Spec)
    assert 0 < utf16_units(render_plain(reply_of(spec.title, spec.text, spec.details))) <= SAFE_TEXT_LIMIT


def test_every_reason_has_words_and_every_code_of_a_person_a_reason() -> None:
    for slug in (*reasons.SLUGS, reasons.ZALO_ERROR):
        assert words_of(slug)
    for (surface, code), rule in all_rules().items():
        if surface == "oa" and rule.action == "stop_user":
            assert reasons.slug_of(reasons.stored(code)) in reasons.SKIPS, rule.name
    assert reasons.slug_of("unreachable") == reasons.slug_of(None) == reasons.ZALO_ERROR
