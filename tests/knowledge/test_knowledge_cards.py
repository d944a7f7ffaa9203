"""Cards and stickers: right papers, right code, a QR code that opens the account, nothing unescaped, no network."""

from __future__ import annotations

import re
from datetime import date

import pytest
import segno

import knowledge
from knowledge.cards import NoSuchCode, card, index_page, sticker_sheet
from knowledge.cards.pages import MOST_FACT, link, parted
from knowledge.profile_lists import Village

LIBRARY = knowledge.load()
COMMUNE = LIBRARY.communes["ha-bac"]
OA = "1234567890123456789"
AUTUMN = date(2026, 11, 22)


def dark_modules(svg: str) -> set[tuple[float, float]]:
    """Read the path of an inline SVG back into dark modules (x, y), in modules from the first one drawn."""
    path = re.search(r'<path[^>]*d="([^"]+)"', svg)
    assert path is not None
    dark: set[tuple[float, float]] = set()
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path.group(1)):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            dark |= {(x + step, y) for step in range(int(values[0]))}
            x += values[0]
    left, top = min(x for x, _ in dark), min(y for _, y in dark)
    return {(x - left, y - top) for x, y in dark}


def test_a_card_holds_the_papers_to_bring_with_a_box_each_the_fee_the_time_the_code_and_the_source() -> None:
    page = card(LIBRARY, COMMUNE, "khai-sinh", OA, AUTUMN)
    assert page.count("<li>") >= len(LIBRARY.checklists["khai-sinh"])
    for text in ("xã Hà Bắc", "Giấy chứng sinh", "Lệ phí", "Bao lâu có", "#KS", "Luật Hộ tịch 2014", "21/11/2026"):
        assert text in page
    assert "In ngày 22/11/2026" in page
    assert "A5 portrait" in page


def test_the_qr_code_is_the_accounts_link() -> None:
    made = segno.make(link(OA), error="m", micro=False)
    expected = {(float(x), float(y)) for y, row in enumerate(made.matrix) for x, module in enumerate(row) if module}
    assert dark_modules(card(LIBRARY, COMMUNE, "khai-sinh", OA, AUTUMN)) == expected
    assert link(OA) == f"https://zalo.me/{OA}"


@pytest.mark.parametrize("topic", sorted(LIBRARY.topics))
def test_every_topic_has_a_sound_card(topic: str) -> None:
    page = card(LIBRARY, COMMUNE, topic, OA, AUTUMN)
    assert "$" not in page.replace("$commune", "?"), "a place of the template was left"
    assert "{" not in re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="https?:', page), "a card on an office PC must not need the network"
    code = re.search(r'<div class="code">(#[A-Z]+)</div>', page)
    assert code is not None and LIBRARY.short_codes[code.group(1)[1:]] == topic


def test_what_the_police_decide_names_the_police() -> None:
    assert "Công an xã Hà Bắc" in card(LIBRARY, COMMUNE, "tam-tru", OA, AUTUMN)


def test_a_card_follows_the_rules_of_its_day_and_what_is_no_longer_sure_is_not_printed() -> None:
    assert "Sổ đỏ bản gốc" in card(LIBRARY, COMMUNE, "sang-ten-so-do", OA, AUTUMN)
    assert "Sổ đỏ bản gốc</li>" not in card(LIBRARY, COMMUNE, "sang-ten-so-do", OA, date(2027, 3, 2))


def test_names_are_escaped() -> None:
    commune = COMMUNE.model_copy(update={"name": "<b>Hà & Bắc"})
    page = card(LIBRARY, commune, "khai-sinh", OA, AUTUMN)
    assert "<b>Hà" not in page and "&lt;b&gt;Hà &amp; Bắc" in page


def test_unknown_topics_are_refused() -> None:
    with pytest.raises(NoSuchCode):
        card(LIBRARY, COMMUNE, "khong-co", OA, AUTUMN)


def test_the_sheet_has_every_dialogue_twice_and_every_village() -> None:
    page = sticker_sheet(LIBRARY, COMMUNE, OA)
    assert [page.count(f">{code}<") for code in ("#PA", "#SK", "#DG", "#TCD")] == [2, 2, 2, 2]
    assert page.count('class="sheet"') == 1
    villages = tuple(Village(name=f"Thôn {number}") for number in range(1, 10))
    more = sticker_sheet(LIBRARY, COMMUNE.model_copy(update={"villages": villages}), OA)
    assert more.count('class="sheet"') == 3
    assert "Thôn 9" in more and ">#T9<" in more


def test_the_index_leads_to_every_card() -> None:
    page = index_page(LIBRARY, COMMUNE, ["khai-sinh", "khai-tu"], "tem.html")
    assert re.findall(r'href="([^"]+)"', page) == ["tem.html", "khai-sinh.html", "khai-tu.html"]


def test_a_long_fee_is_parted_at_a_line_or_a_sentence() -> None:
    assert parted("Miễn phí.") == (("Miễn phí.",), ())
    whole = "• Nộp tại quầy: 8.000 đồng\n• Nộp qua mạng: 0 đồng"
    assert parted(whole) == (("Nộp tại quầy: 8.000 đồng", "Nộp qua mạng: 0 đồng"), ())
    kept, more = parted("Nộp qua mạng: 0 đồng. Nộp trực tiếp:\n• " + "rất dài " * 30)
    assert kept == ("Nộp qua mạng: 0 đồng.",)
    assert more[0].startswith("Nộp trực tiếp:\nrất dài")
    kept, _ = parted("một câu dài không có dấu chấm nào " * 9)
    assert len(kept[0]) <= MOST_FACT and kept[0].endswith("…")


def test_a_heading_never_stands_without_what_is_under_it() -> None:
    kept, more = parted("Nộp trực tuyến: 0 đồng\n" + "a" * 90 + "\nNộp trực tiếp:\n• Lệ phí: 35.000 đồng")
    assert more == ("Nộp trực tiếp:\nLệ phí: 35.000 đồng",)
    assert len(kept) == 2


def test_what_is_left_out_is_said_to_be() -> None:
    page = card(LIBRARY, COMMUNE, "tro-cap-xa-hoi", OA, AUTUMN)
    assert '<span class="more" hidden>' in page and '<span class="rest">Còn nữa' in page
    assert "Số tiền được nhận" in page


def test_what_nobody_asks_for_any_more_stands_under_the_papers() -> None:
    page = card(LIBRARY, COMMUNE, "khai-sinh", OA, AUTUMN)
    assert re.search(r'<p class="unneeded">Không cần nữa: giấy kết hôn của cha mẹ', page)
    assert 'unneeded">' not in card(LIBRARY, COMMUNE, "bao-hiem-y-te", OA, AUTUMN)
