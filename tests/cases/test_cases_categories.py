"""What a report is about, guessed from its words; fields of initiatives; the unit that gets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import knowledge
from bot.cases.categories import OTHER, categories, guess_category, level_of, levels
from bot.cases.initiative_fields import author_kinds, guess_field, initiative_fields, stages
from bot.cases.routing import unit_for, unit_name, village_id, village_name
from intents.syllables import fold
from knowledge.communes import UNIT_LABELS

LINES = [
    json.loads(line)
    for line in Path(__file__).with_name("similar_pairs.jsonl").read_text(encoding="utf-8").splitlines()
]
TELLINGS = [(line[part], line["category"]) for line in LINES for part in ("text", "query") if part in line]
# Never looked at while the cues were written down.
UNSEEN = [
    ("nhà tôi mất điện từ lúc 7 giờ tối", "dien"),
    ("Vòi nước nhà tôi không chảy", "nuoc"),
    ("đường vào xóm nhiều ổ gà quá", "duong_sa"),
    ("hàng xóm đốt rác khói bay sang", "rac_moi_truong"),
    ("Có trộm vào nhà lấy xe đạp", "an_ninh"),
    ("nhà kia đang xây dựng trái phép", "xay_dung_dat_dai"),
    ("karaoke ầm ĩ cả đêm", "tieng_on"),
    ("chó nhà hàng xóm thả rông cắn gà", "cho_tha_rong"),
    ("cô giáo thu tiền học thêm", "giao_duc"),
    ("cán bộ tiếp dân thái độ không tốt", "thai_do_phuc_vu"),
    ("hồ sơ của tôi quá hẹn chưa trả", "dich_vu_cong"),
    ("có người giả danh công an gọi điện lừa tiền", "lua_dao"),
]


@pytest.mark.parametrize(("spoken", "floor"), [(str, 0.95), (fold, 0.92)], ids=["with marks", "without marks"])
def test_the_category_is_found(spoken: type, floor: float) -> None:
    right = sum(guess_category(spoken(text)).category == category for text, category in TELLINGS)
    offered = sum(
        category in (guess.category, *guess.others)
        for text, category in TELLINGS
        for guess in (guess_category(spoken(text)),)
    )
    assert right / len(TELLINGS) >= floor
    assert offered == len(TELLINGS)


@pytest.mark.parametrize(("text", "category"), UNSEEN)
def test_plain_tellings_are_understood_with_and_without_marks(text: str, category: str) -> None:
    assert guess_category(text).category == category
    assert guess_category(fold(text)).category == category


def test_nothing_known_is_anything_else() -> None:
    for text in ("", "chào", "12345", "?!"):
        assert (guess_category(text).category, guess_category(text).sure) == (OTHER, 0.0)


def test_marks_tell_words_apart() -> None:
    assert guess_category("xin cho tôi hỏi việc này").category == OTHER  # cho is no dog
    assert guess_category("đám cháy lớn").level == "urgent"
    assert guess_category("cháu tôi chạy ra đường").level == "normal"


def test_danger_is_urgent_whatever_it_is_about() -> None:
    assert guess_category("dây điện đứt rơi xuống đường").level == "urgent"
    assert level_of("rac_moi_truong", "bãi rác đang cháy") == "urgent"
    assert level_of("rac_moi_truong", "rác chưa thu gom") == "normal"
    assert level_of("xay_dung_dat_dai", "lấn đất") == "complex"


def test_levels_and_units_are_known_ones() -> None:
    assert list(levels()) == ["urgent", "normal", "complex"]
    assert list(categories())[-1] == OTHER
    for category in categories().values():
        assert category.level in levels()
        assert category.unit in UNIT_LABELS
        assert category.cues or category.id == OTHER
        assert len(category.name) <= 40
    assert list(initiative_fields())[-1] == "khac"
    assert {field.unit for field in initiative_fields().values()} <= set(UNIT_LABELS)
    assert {"resident", "official", "school", "cooperative", "business", "village", "front"} == set(author_kinds())
    assert list(stages()) == ["idea", "trial", "in_use"]


def test_fields_are_guessed() -> None:
    assert guess_field("Dán mã QR ở bộ phận một cửa để bà con xem thủ tục, hồ sơ") == "cai-cach-hanh-chinh"
    assert guess_field("phan loai rac tai nguon va u phan huu co") == "moi-truong"
    assert guess_field("một ý hay") == "khac"


@pytest.mark.parametrize("commune", knowledge.load().communes.values(), ids=lambda commune: commune.id)
def test_every_case_has_a_unit_of_its_commune(commune: knowledge.Commune) -> None:
    present = {unit.role for unit in commune.units}
    for category in (*categories(), "gone since"):
        role = unit_for("report", category, commune)
        assert role in present
        assert unit_name(role, commune)
    assert all(unit_for("initiative", field, commune) in present for field in initiative_fields())
    assert unit_for("report", "dien", commune.model_copy(update={"units": ()})) == ""
    assert unit_name("nowhere", commune) == ""


def test_villages_are_named_as_the_profile_writes_them() -> None:
    commune = knowledge.load().communes["ha-dong"].with_items("villages", [{"name": "Thôn  Đông"}])
    assert village_id(" thôn ĐÔNG ") == "thôn đông"
    assert village_name("thôn đông", commune) == "Thôn  Đông"
    assert village_name("thôn đoài", commune) == "thôn đoài"
