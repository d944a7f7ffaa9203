"""Printable cards: an A5 page per topic with its papers and a QR code, A4 sheets of stickers, an index. Pure."""

from knowledge.cards.pages import NoSuchCode, card, index_page, sticker_sheet

__all__ = ["NoSuchCode", "card", "index_page", "sticker_sheet"]
