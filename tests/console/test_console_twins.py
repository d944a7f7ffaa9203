"""Likely twins: found over some looks after a start, forgotten when one is closed."""

from __future__ import annotations

from console_reports_making import make_report, moving
from console_visitor import OpenConsole
from rig import Rig

from bot.cases.wording import read_words
from console import report_twins
from console.report_twins import Twins, pieces


def _codes(twins: Twins, rig: Rig) -> set[str]:
    rig.clock.pass_ms(report_twins.LOOK_AGAIN_MS)
    with rig.database.read() as connection:
        return set(twins.codes(connection, rig.vault, "ha-dong", rig.clock.now_ms()))


def test_pairs_come_and_go(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    twins = Twins()
    first = make_report(chief).code
    assert _codes(twins, sqlite_rig) == set()
    second = make_report(chief, "Xóm Đông mất nước sạch từ sáng nay, đề nghị xã kiểm tra").code
    assert _codes(twins, sqlite_rig) == {first, second}
    with sqlite_rig.database.write() as connection:
        now = sqlite_rig.clock.now_ms()
        moving.move(connection, sqlite_rig.vault, chief.staff, second, "resolved", "", "Xong.", now)
    assert _codes(twins, sqlite_rig) == set()
    assert _codes(Twins(), sqlite_rig) == set()


def test_no_look_compares_everything_at_once(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    for number in range(report_twins.PAIRED_AT_ONCE + 10):
        make_report(chief, f"Mất nước ở xóm Đông từ sáng nay, nhà số {number}")
    twins = Twins()
    _codes(twins, sqlite_rig)
    assert len(twins._communes["ha-dong"].unpaired) == 10
    assert len(_codes(twins, sqlite_rig)) == report_twins.PAIRED_AT_ONCE + 10
    assert twins._communes["ha-dong"].unpaired == {}


def test_pieces_are_the_text_again() -> None:
    text = "Mất nước  từ SÁNG nay,\nở xóm Đông!"
    cut = pieces(text, "xom dong mat nuoc sach tu sang")
    assert "".join(part for part, _ in cut) == text
    shared = {read_words(part).folded_line.strip() for part, is_shared in cut if is_shared}
    assert {"mat", "nuoc", "tu", "sang"} <= shared
    assert not any(is_shared for _, is_shared in pieces("abc def", "xyz"))
