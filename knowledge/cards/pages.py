"""Puts a commune's answers on paper. What a card says is what the assistant says on that day, with its source.

Zalo's links carry no text of their own (contract 5), so every QR code opens the same account and the card names the
short code to send.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from pathlib import Path
from string import Template

import segno

from knowledge.checklists import Checklist, ChecklistItem
from knowledge.communes import Commune
from knowledge.library import Library
from knowledge.rendering import vietnamese_date, whom_to_ask
from knowledge.short_codes import code_of, village_codes
from knowledge.words import word

LONG_TITLE = 22
"""Letters of a title beyond which it is set smaller."""
DENSITIES: tuple[tuple[int, str], ...] = ((560, " dense tiny"), (400, " dense"))
"""From how many letters a list is set smaller, every line counted as forty more for the space around it. A browser
that runs the page's few lines of script takes the largest size that fits instead."""
LINE_SPACE = 40
ELSEWHERE_OWNER = "ngoai-xa"
MOST_FACT = 130
"""Letters of a fee or a time every card shows; a browser shows more as far as the page has room, the rest is one scan
away."""
MOST_PLAIN_LINES = 8
STICKERS_ON_A_SHEET = 8
DIALOGUES: tuple[tuple[str, str], ...] = (
    ("@feedback", "card_feedback"),
    ("@idea", "card_idea"),
    ("@rating", "card_rating"),
    ("lich-tiep-cong-dan", "card_reception"),
)
"""What the stickers open, with the words on them."""
_SENTENCE_END = re.compile(r"(?<=[.;]) +")
_UNNEEDED = re.compile(word("card_unneeded_pattern"))
_FOLDER = Path(__file__).parent


class NoSuchCode(KeyError):
    """A topic that is not in the library, or has no short code."""


@dataclass(frozen=True, slots=True)
class _Fact:
    heading: str
    text: tuple[tuple[str, ...], tuple[str, ...]]


@cache
def _template(name: str) -> Template:
    return Template((_FOLDER / name).read_text("utf-8"))


@cache
def _css() -> str:
    return (_FOLDER / "card.css").read_text("utf-8")


def link(oa_id: str) -> str:
    """The address that opens the account in Zalo."""
    return f"https://zalo.me/{oa_id}"


@cache
def _qr(oa_id: str) -> str:
    made = segno.make(link(oa_id), error="m", micro=False)
    return str(made.svg_inline(omitsize=True, border=4, svgclass=None, lineclass=None))


def card(library: Library, commune: Commune, topic_id: str, oa_id: str, on: date) -> str:
    """Return one A5 page as HTML. Raises NoSuchCode for a topic that cannot be had by a code."""
    if topic_id not in library.topics:
        raise NoSuchCode(topic_id)
    topic = library.topic_for(topic_id, commune)
    try:
        code = code_of(topic_id, library.short_codes)
    except KeyError:
        raise NoSuchCode(topic_id) from None
    checklist = library.checklist(topic_id, commune, on)
    papers = library.answer(topic_id, "papers" if checklist else None, commune, on)
    if checklist:
        standing = topic.facets["papers"].text_on(on) or ""
        heading, body = word("card_papers"), _boxes(checklist) + _unneeded(commune.fill(standing))
        weight = _weight(checklist)
    else:
        lines = [commune.fill(line) for line in topic.facets["overview"].text_nearest(on).splitlines() if line.strip()]
        heading, body = word("card_overview"), "\n".join(_plain(line) for line in lines[:MOST_PLAIN_LINES])
        weight = sum(len(line) + LINE_SPACE for line in lines)
    return _template("card.html").substitute(
        css=_css(),
        commune=escape(commune.full_name),
        desk=escape("" if topic.owner_unit == ELSEWHERE_OWNER else whom_to_ask(topic, commune)),
        title=escape(topic.short),
        title_class=' class="long"' if len(topic.short) > LONG_TITLE else "",
        full_name="" if topic.name == topic.short else escape(topic.name),
        density=next((density for least, density in DENSITIES if weight > least), ""),
        heading=escape(heading),
        body=body,
        facts="".join(_fact(fact) for fact in _facts(library, commune, topic_id, on)),
        qr=_qr(oa_id),
        code=escape(code),
        foot=escape(
            word("card_foot", source=papers.source, as_of=vietnamese_date(papers.as_of), printed=vietnamese_date(on))
        ),
    )


def _weight(checklist: Checklist) -> int:
    return sum(len(item.label) + LINE_SPACE for item in checklist)


def _boxes(checklist: Checklist) -> str:
    return "<ul>\n" + "\n".join(_box(item) for item in checklist) + "\n</ul>"


def _box(item: ChecklistItem) -> str:
    label = escape(item.label.removesuffix(f" ({item.when})")) if item.when else escape(item.label)
    when = f' <span class="when">({escape(item.when)})</span>' if item.when else ""
    return f"<li>{label}{when}</li>"


def _plain(line: str) -> str:
    return f'<p class="plain">{escape(line)}</p>'


def _facts(library: Library, commune: Commune, topic_id: str, on: date) -> Iterable[_Fact]:
    """The fee and the time, as far as they fit; what the topic does not tell for the day is left out."""
    topic = library.topic_for(topic_id, commune)
    for facet in ("fee", "time"):
        part = topic.facets.get(facet)
        text = part.text_on(on) if part is not None else None
        if text is not None:
            yield _Fact(library.part_name(topic_id, facet), parted(commune.fill(text)))


def parted(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part a text into what every card has room for, up to MOST_FACT letters, and what a roomy one shows besides.

    Pieces are whole lines, or whole sentences where the first line alone is too long; a heading ("Nộp trực tiếp:")
    is one piece with the line under it, for alone it would say nothing.
    """
    pieces = _pieces(text)
    if len(pieces[0]) > MOST_FACT:
        pieces = [*_sentences(pieces[0]), *pieces[1:]]
    kept = 1
    while kept < len(pieces) and sum(map(len, pieces[: kept + 1])) <= MOST_FACT:
        kept += 1
    return tuple(pieces[:kept]), tuple(pieces[kept:])


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for line in (line.removeprefix("• ").strip() for line in text.splitlines()):
        if line and pieces and pieces[-1].endswith(":"):
            pieces[-1] += f"\n{line}"
        elif line:
            pieces.append(line)
    return pieces


def _sentences(line: str) -> list[str]:
    """A line as whole sentences of at most MOST_FACT letters each; one that is longer is cut after a word."""
    sentences = [
        sentence if sentence.endswith((".", ":")) else f"{sentence}."
        for sentence in _SENTENCE_END.split(line.removesuffix("."))
    ]
    first = sentences[0]
    if len(first) > MOST_FACT:
        sentences[0] = first[: first[:MOST_FACT].rfind(" ")] + "…"
    return sentences


def _fact(fact: _Fact) -> str:
    kept, more = fact.text
    lines = "".join(_line(piece) for piece in kept)
    if more:
        lines += "".join(_line(piece, ' class="more" hidden') for piece in more)
        lines += _line(word("card_more"), ' class="rest"')
    return f'<div class="fact"><b>{escape(fact.heading)}</b>{lines}</div>'


def _line(piece: str, marks: str = "") -> str:
    return f"<span{marks}>{'<br>'.join(escape(line) for line in piece.splitlines())}</span>"


def _unneeded(papers: str) -> str:
    """What people bring although nobody asks for it any more, as the papers part words it; empty where it is silent."""
    lines = (line.removeprefix("• ").strip() for line in papers.splitlines())
    found = next((line for line in lines if _UNNEEDED.match(line) and not line.endswith(":")), "")
    if not found:
        return ""
    first, _, rest = found.partition(" ")
    return f'<p class="unneeded">{escape(f"{first.capitalize()} {rest}")}</p>'


def sticker_sheet(library: Library, commune: Commune, oa_id: str) -> str:
    """Return A4 pages of stickers: each dialogue twice, then one for every village of the profile."""
    wanted = [(commune.fill(word(words)), code_of(meaning, library.short_codes)) for meaning, words in DIALOGUES]
    stickers = [_sticker(commune, oa_id, what, code) for what, code in wanted for _ in range(2)]
    stickers.extend(_sticker(commune, oa_id, village.name, code) for code, village in village_codes(commune))
    sheets = (stickers[start : start + STICKERS_ON_A_SHEET] for start in range(0, len(stickers), STICKERS_ON_A_SHEET))
    return _template("stickers.html").substitute(
        css=_css(),
        commune=escape(commune.full_name),
        sheets="\n".join(f'<section class="sheet">{"".join(sheet)}</section>' for sheet in sheets),
    )


def _sticker(commune: Commune, oa_id: str, what: str, code: str) -> str:
    return _template("sticker.html").substitute(
        qr=_qr(oa_id), commune=escape(commune.full_name), what=escape(what), code=escape(code)
    )


def index_page(library: Library, commune: Commune, topics: Sequence[str], sheet_file: str) -> str:
    """Return the page that lists the cards; ``<topic>.html`` and ``sheet_file`` must lie beside it."""
    links = [f'<li><a href="{escape(sheet_file)}">{escape(word("card_sheet"))}</a></li>']
    links.extend(
        f"<li><code>{escape(code_of(topic, library.short_codes))}</code>"
        f'<a href="{escape(topic)}.html">{escape(library.topics[topic].name)}</a></li>'
        for topic in topics
    )
    return _template("index.html").substitute(css=_css(), commune=escape(commune.full_name), links="\n".join(links))
