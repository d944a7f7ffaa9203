"""What is decided before the model."""

from __future__ import annotations

import pytest

from intents import normalize, rules


@pytest.mark.parametrize(
    "text",
    ["cháy nhà rồi cứu với", "đang cháy nhà hàng xóm gọi số mấy", "có trẻ đuối nước ở ao gọi ai",
     "bố tôi ngất xỉu gọi cấp cứu số nào",
     "NHA HANG XOM BOC LUA ROI GOI AI", "có người bị điện giật", "cần xe cấp cứu gấp"],
)  # fmt: skip
def test_danger_now(text: str) -> None:
    assert rules.emergency(normalize(text)) is not None


@pytest.mark.parametrize(
    "text",
    ["nhà cháy hết tuần trước, xin hỗ trợ ở đâu", "bố tôi chết đuối, khai tử cần giấy gì", "chạy xe ở đâu",
     "họng nước chữa cháy hỏng từ lâu",
     "xe đang chạy thì hỏng", "mẹ tôi mất do đột quỵ, mai táng phí bao nhiêu", "nên lắp bình chữa cháy ở chợ",
      "đăng ký xe"],
)  # fmt: skip
def test_no_danger_now(text: str) -> None:
    assert rules.emergency(normalize(text)) is None


@pytest.mark.parametrize("text", ["PA-7K2M3X", "pa7k2m3x tới đâu", "mã SK 4F8TQ9 xong chưa"])
def test_own_case_codes(text: str) -> None:
    assert rules.case_code(normalize(text))


@pytest.mark.parametrize("text", ["khai sinh", "pa", "sk", "phản ánh 123", "sáng kiến năm 2025"])
def test_no_case_code(text: str) -> None:
    assert not rules.case_code(normalize(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Xin chào", "greeting"),
        ("cam on nhieu nhe", "thanks"),
        ("tạm biệt", "goodbye"),
        ("bạn là ai ạ", "who"),
        ("ok", "other"),
    ],
)
def test_short_chitchat(text: str, kind: str) -> None:
    assert rules.exact_chitchat(normalize(text)) == kind


def test_question_is_no_chitchat() -> None:
    assert rules.exact_chitchat(normalize("chào bạn cho hỏi khai sinh")) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [("", "empty"), ("???", "empty"), ("😀😀", "emoji"), ("你好吗", "foreign_script"), ("привет как дела",
     "foreign_script"), ("99", "digits"),
     ("ơ ơ ơ ơ ơ ơ ơ ơ ơ", "repetition"), ("qwertyuiopasdfg zxcvbnm", "gibberish")],
)  # fmt: skip
def test_no_message(text: str, rule: str) -> None:
    hit = rules.no_message(text, normalize(text))
    assert hit is not None and hit.rule == rule


@pytest.mark.parametrize("text", ["khai sinh", "ocop", "vneid", "114", "hồ sơ 0912345678"])
def test_messages_are_left_to_the_model(text: str) -> None:
    assert rules.no_message(text, normalize(text)) is None


def test_insults() -> None:
    assert rules.insult(normalize("đồ mất dạy"))
    assert rules.insult(normalize("do mat day"))
    assert not rules.insult(normalize("đăng ký ngủ lại qua đêm"))
