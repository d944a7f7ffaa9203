"""Faults of wording: length, lists, braces, Unicode form, old-style tone marks, markdown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from knowledge.communes import PLACEHOLDERS, placeholders_in
from knowledge.problems import Problem

MAXIMUM_TEXT = 600
"""Code points of one wording before the source line: what an old reader takes in on a phone."""
MAXIMUM_LIST_LINES = 7

_OLD_TONE = re.compile(r"\w*(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])\b", re.IGNORECASE)
"""Tone mark on the second vowel of an open syllable: hoà, khoẻ, thuỷ. "quý" keeps it there, as "qu" is one sound."""
_OWN_SOURCE_LINE = re.compile(r"^\s*(nguồn:|cập nhật \d)", re.IGNORECASE | re.MULTILINE)
_MARKDOWN = re.compile(r"\*\*|__|^#+ |^[-*] |`", re.MULTILINE)
_BRACE_LEFT_OVER = re.compile(r"[{}]")
_KNOWN_PLACEHOLDER = re.compile(r"\{\w+\}")

SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-ZÀ-ỸĐ{\"“])")
RULE_WORDS = re.compile(
    r"\b(?:phải|bắt buộc|không được|được miễn|miễn|không cần|không mất tiền|không thu|tối đa|tối thiểu|ít nhất|"
    r"nhiều nhất|không quá|quá hạn|thời hạn|hạn chót|trong ngày|trước ngày|kể từ|cấm|phạt|hiệu lực|hết hạn|"
    r"thay thế|không còn)\b",
    re.IGNORECASE,
)
"""Words by which a sentence lays down what one must, may or need not do, by when, or at what cost."""


def faults_of_answer(text: str) -> Iterator[str]:
    """Name what is wrong with a text residents read, one Vietnamese sentence a fault."""
    if not text:
        yield "chữ để trống"
    if len(text) > MAXIMUM_TEXT:
        yield f"dài {len(text)} ký tự, tối đa {MAXIMUM_TEXT}"
    list_lines = sum(line.startswith("• ") for line in text.splitlines())
    if list_lines > MAXIMUM_LIST_LINES:
        yield f"danh sách có {list_lines} dòng, tối đa {MAXIMUM_LIST_LINES}"
    for name in sorted(placeholders_in(text) - PLACEHOLDERS):
        yield f"chỗ trống lạ: {{{name}}}"
    if _BRACE_LEFT_OVER.search(_KNOWN_PLACEHOLDER.sub("", text)):
        yield "có dấu ngoặc nhọn không thuộc chỗ trống nào"
    if _OWN_SOURCE_LINE.search(text):
        yield "tự ghi dòng nguồn hoặc ngày cập nhật: chương trình đã thêm"
    if _MARKDOWN.search(text):
        yield "có ký hiệu định dạng (như **, __, #), Zalo không hiển thị được"


def faults_of_spelling(line: str) -> Iterator[str]:
    """Name what is wrong with the letters of any line of a knowledge file."""
    if not unicodedata.is_normalized("NFC", line):
        yield "chữ không ở dạng Unicode NFC"
    for match in _OLD_TONE.finditer(line):
        yield f"dấu thanh kiểu cũ: “{match.group()}” (viết như hòa, thủy)"


def check_files(folder: Path) -> Iterator[Problem]:
    """Read every file below the folder as text and report faults of spelling with their line."""
    for path in sorted([*folder.rglob("*.yaml"), folder / "topics.tsv"]):
        file = path.relative_to(folder).as_posix()
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            yield Problem(file, "", "không phải UTF-8")
            continue
        for number, line in enumerate(content.splitlines(), start=1):
            for message in faults_of_spelling(line):
                yield Problem(file, f"dòng {number}", message)
