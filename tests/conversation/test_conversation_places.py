"""Villages as people write them, against the profile's names."""

from __future__ import annotations

import pytest
from conversation_talk import WORDS, commune_of_villages

from bot.conversation.dialogues.places import find_villages, names_a_place
from bot.conversation.reading import read

COMMUNE = commune_of_villages(
    "Thôn Đoài",
    "Thôn Đoài Thượng",
    "Thôn Hà",
    "Thôn Hạ",
    "Tổ dân phố số 5",
    "Tổ dân phố số 12",
    "Khu dân cư Phượng Hoàng",
)


def found(text: str, *, asked: bool = False) -> list[str]:
    return [village.name for village in find_villages(COMMUNE, WORDS, read(text), asked=asked)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("đèn đường thôn Đoài hỏng", "Thôn Đoài"),
        ("den duong thon doai hong", "Thôn Đoài"),
        ("ở thôn Đoai, gần chợ", "Thôn Đoài"),
        ("xóm đoài ngập nước", "Thôn Đoài"),
        ("thôn Đoài Thượng mất điện", "Thôn Đoài Thượng"),
        ("thôn Hà có rác", "Thôn Hà"),
        ("thôn Hạ có rác", "Thôn Hạ"),
        ("rác ở tổ 5", "Tổ dân phố số 5"),
        ("TDP 12 mất nước", "Tổ dân phố số 12"),
        ("khu phượng hoàng ồn", "Khu dân cư Phượng Hoàng"),
        ("thon phuong hoag", "Khu dân cư Phượng Hoàng"),
    ],
)
def test_a_village_told_in_passing(text: str, name: str) -> None:
    assert found(text) == [name]


@pytest.mark.parametrize("text", ["rác ở đầu ngõ", "đoài", "nhà số 7", "hạ giá", "thôn Vạn Phúc", "tổ 9", "5 hôm nay"])
def test_no_village_is_made_up(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Đoài", ["Thôn Đoài"]),
        ("doai thuong", ["Thôn Đoài Thượng"]),
        ("12", ["Tổ dân phố số 12"]),
        ("ha", ["Thôn Hà", "Thôn Hạ"]),
    ],
)
def test_asked_for_the_bare_name_is_enough(text: str, names: list[str]) -> None:
    assert found(text, asked=True) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("đèn thôn Đoài tắt", True),
        ("ngõ 12 ngập", True),
        ("trong thôn nhiều rác", False),
        ("đường hỏng", False),
        ("", False),
    ],
)
def test_a_place_named_in_writing(text: str, names: bool) -> None:
    assert names_a_place(text, WORDS) is names
