"""Two texts side by side with what both say marked."""

from __future__ import annotations

from bot.cases.wording import read_words
from console.shared_words import pieces


def test_pieces_are_the_text_again() -> None:
    text = "Mất nước  từ SÁNG nay,\nở xóm Đông!"
    cut = pieces(text, "xom dong mat nuoc sach tu sang")
    assert "".join(part for part, _ in cut) == text
    shared = {read_words(part).folded_line.strip() for part, is_shared in cut if is_shared}
    assert {"mat", "nuoc", "tu", "sang"} <= shared
    assert not any(is_shared for _, is_shared in pieces("abc def", "xyz"))
