"""An announcement for the village loudspeaker: numbers, dates, hours, units and abbreviations spelled out. Pure.

Whoever reads it aloud, a person or a machine, must not have to guess what "CCCD 8h30 25/12, 50.000đ" sounds like.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_TABLE = Path(__file__).with_name("loudspeaker.yaml")
LONGEST_NUMBER_DIGITS = 15
"""Longer runs of digits, and those that begin with 0, are read digit by digit."""


@cache
def _table() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_TABLE.read_text("utf-8"))
    return loaded


def _word(name: str) -> str:
    found = _table()[name]
    assert isinstance(found, str)
    return found


def spell_digits(digits: str) -> str:
    """One by one, as telephone and identity numbers are read; in groups of three for the ear."""
    names = [str(_table()["digits"][int(digit)]) for digit in digits]
    first = len(names) % 3 or 3
    groups = [names[:first], *(names[start : start + 3] for start in range(first, len(names), 3))]
    return ", ".join(" ".join(group) for group in groups if group)


def spell_number(number: int) -> str:
    """A whole number in words: 2105 "hai nghìn một trăm linh năm", 21 "hai mươi mốt", 15 "mười lăm"."""
    if number < 0:
        return f"{_word('minus')} {spell_number(-number)}"
    if number == 0:
        return str(_table()["digits"][0])
    if number >= 10**9:
        head, rest = divmod(number, 10**9)
        words = f"{spell_number(head)} {_table()['scales'][3]}"
        return words if not rest else f"{words} {_spell_below_billion(rest, full=True)}"
    return _spell_below_billion(number, full=False)


def _spell_below_billion(number: int, *, full: bool) -> str:
    groups = [(number // 10**6, 2), (number // 1000 % 1000, 1), (number % 1000, 0)]
    words: list[str] = []
    for group, scale in groups:
        if group:
            words.append(_three_digits(group, full=full or bool(words)))
            if scale:
                words.append(str(_table()["scales"][scale]))
    return " ".join(words)


def _three_digits(number: int, *, full: bool) -> str:
    digits = _table()["digits"]
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [f"{digits[hundreds]} {_word('hundred')}"] if hundreds or full else []
    if tens == 0:
        if ones:
            words += [_word("skipped_tens")] if words else []
            words.append(digits[ones])
        return " ".join(words)
    words.append(_word("ten") if tens == 1 else f"{digits[tens]} {_word('tens')}")
    if ones == 5:
        words.append(_word("five_after_ten"))
    elif ones == 1 and tens > 1:
        words.append(_word("one_after_tens"))
    elif ones == 4 and tens > 1:
        words.append(_word("four_after_tens"))
    elif ones:
        words.append(digits[ones])
    return " ".join(words)


def _spell_written(text: str) -> str:
    """A number as people write it: dots between thousands, a comma before decimals."""
    whole, _, part = text.partition(",")
    plain = whole.replace(".", "")
    if len(plain) > LONGEST_NUMBER_DIGITS or (len(plain) > 1 and plain.startswith("0")):
        spoken = spell_digits(plain)
    else:
        spoken = spell_number(int(plain))
    if not part:
        return spoken
    decimals = spell_digits(part) if part.startswith("0") or len(part) > 2 else spell_number(int(part))
    return f"{spoken} {_word('comma')} {decimals}"


def _day(day: int) -> str:
    return f"{_word('first_days')} {spell_number(day)}" if day <= 10 else spell_number(day)


def _date(found: re.Match[str]) -> str:
    day, month, year = int(found["day"]), int(found["month"] or found["month2"]), found["year"]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        slash = f" {_word('slash')} "
        return slash.join(_spell_written(part) for part in re.split(r"[/.-]", found["date"]))
    words = f"{_day(day)} {_word('month')} {_month(month)}"
    if year:
        words += f" {_word('year')} {spell_number(int(year))}"
    return words if found["said"] else f"{_word('day')} {words}"


def _month(month: int) -> str:
    return _word("four_after_tens") if month == 4 else spell_number(month)


def _month_and_year(found: re.Match[str]) -> str:
    month, year = int(found["month"]), int(found["year"])
    if not 1 <= month <= 12:
        return f"{spell_number(month)} {_word('slash')} {spell_number(year)}"
    said = "" if found["said"] else f"{_word('month')} "
    return f"{said}{_month(month)} {_word('year')} {spell_number(year)}"


def _clock(hour: str, minute: str | None) -> str:
    words = f"{spell_number(int(hour))} {_word('hour')}"
    if minute and int(minute) == 30:
        return f"{words} {_word('half_hour')}"
    return f"{words} {spell_number(int(minute))} {_word('minute')}" if minute and int(minute) else words


def _range_of_hours(found: re.Match[str]) -> str:
    return f"{_clock(found['h1'], found['m1'])} {_word('from_to')} {_clock(found['h2'], found['m2'])}"


def _hour(found: re.Match[str]) -> str:
    return _clock(found["h1"], found["m1"])


def _phone(found: re.Match[str]) -> str:
    return spell_digits(re.sub(r"\D", "", found[0]))


def _measure(found: re.Match[str]) -> str:
    return f"{_spell_written(found['number'])} {_table()['units'][found['unit']]}"


def _percent(found: re.Match[str]) -> str:
    return f"{_spell_written(found['number'])} {_word('percent')}"


def _range(found: re.Match[str]) -> str:
    return f"{_spell_written(found['low'])} {_word('from_to')} {_spell_written(found['high'])}"


def _fraction(found: re.Match[str]) -> str:
    return f"{_spell_written(found['low'])} {_word('slash')} {_spell_written(found['high'])}"


def _short_number(found: re.Match[str]) -> str:
    caller, number = found[0].rsplit(maxsplit=1)
    return f"{caller} {' '.join(_table()['digits'][int(digit)] for digit in number)}"


def _document(found: re.Match[str]) -> str:
    return f"{_spell_written(found['number'])} {_word('year')} {spell_number(int(found['year']))}"


def _plain(found: re.Match[str]) -> str:
    return _spell_written(found[0])


def _alternatives(names: Any) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@cache
def _rules() -> tuple[tuple[re.Pattern[str], Any], ...]:
    number = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
    hours, until = _alternatives(_table()["written_hours"]), _alternatives(_table()["written_until"])
    clock = rf"(?P<h{{n}}>[01]?\d|2[0-4])\s?(?:{hours})\s?(?P<m{{n}}>[0-5]\d)?"
    day_words, month_words = (_alternatives(_table()[f"said_before_{name}"]) for name in ("day", "month"))
    callers = _alternatives(_table()["before_short_numbers"])
    start, end = r"(?<![\w.,/])", r"(?![\w/])"
    units = _alternatives(_table()["units"])
    abbreviations = _alternatives(_table()["abbreviations"])
    return (
        (re.compile(r"https?://\S+|www\.\S+"), lambda _found: _word("link")),
        (re.compile(r"(?<![\w/])(?P<number>\d+)/(?P<year>\d{4})/[^\W\d]+(?:-[^\W\d]+)*"), _document),
        (re.compile(rf"(?<!\w)(?:{abbreviations})(?!\w)"), lambda found: _table()["abbreviations"][found[0]]),
        (
            re.compile(
                rf"{start}(?P<said>(?:{day_words})\s+)?"
                rf"(?P<date>(?P<day>\d{{1,2}})(?:[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}})|/(?P<month2>\d{{1,2}})))"
                rf"{end}(?!,\d|\.\d)",
                re.IGNORECASE,
            ),
            lambda found: f"{_word('day')} {_date(found)}" if found["said"] else _date(found),
        ),
        (
            re.compile(
                rf"{start}(?P<said>(?:{month_words})\s+)?(?P<month>\d{{1,2}})[/-](?P<year>\d{{4}}){end}", re.IGNORECASE
            ),
            lambda found: (found["said"] or "") + _month_and_year(found),
        ),
        (
            re.compile(rf"{start}{clock.format(n=1)}\s?(?:{until})\s?{clock.format(n=2)}{end}"),
            _range_of_hours,
        ),
        (re.compile(rf"{start}{clock.format(n=1)}{end}"), _hour),
        (re.compile(rf"(?<=\b)(?:{callers})\s+\d{{3,4}}{end}", re.IGNORECASE), _short_number),
        (re.compile(rf"{start}(?:\+84|0)\d(?:[ .]?\d){{7,9}}{end}"), _phone),
        (re.compile(rf"{start}(?P<number>{number})\s?%"), _percent),
        (re.compile(rf"{start}(?P<number>{number})\s?(?P<unit>{units})(?!\w)"), _measure),
        (re.compile(rf"{start}(?P<low>{number})\s?[-–]\s?(?P<high>{number}){end}"), _range),
        (re.compile(rf"{start}(?P<low>{number})/(?P<high>{number}){end}"), _fraction),
        (re.compile(rf"(?<!\w)(?:{number})(?!\w)"), _plain),
    )


def spell_out(text: str) -> str:
    """Words alone, to be read aloud. What is not understood stays as it was written."""
    spoken = unicodedata.normalize("NFC", text)
    for pattern, say in _rules():
        spoken = pattern.sub(say, spoken)
    return re.sub(r"[ \t]{2,}", " ", spoken).strip()


def loudspeaker_text(title: str, text: str, office: str) -> str:
    """The whole announcement to be read: who speaks, what about, the words, the matter once more."""
    spoken_title = spell_out(title).rstrip(".!")
    paragraphs = [spell_out(paragraph) for paragraph in text.split("\n") if paragraph.strip()]
    return "\n".join(
        [
            _word("opening").format(office=spell_out(office)),
            _word("title").format(title=spoken_title),
            *paragraphs,
            _word("closing").format(title=spoken_title),
            _word("thanks"),
        ]
    )
