"""Reads one record of the national portal: ``{"code": "OK", "data": {…}}``, and takes from it what can be trusted.

Only the fields named here are read; everything is cleaned and bounded first. What a record cannot tell (validity,
forms, place, real processing time of its methods) is not read at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from knowledge.portal.cleaning import cleaned, folded, without_bullet
from knowledge.portal.drafting import Fee, Paper, Papers, drafts
from knowledge.portal.lists import LONGEST_NAME
from knowledge.portal.procedure import CODE, UUID, Record
from knowledge.portal.words import cues, word

LONGEST_PAPER = 300
LONGEST_SHORT_TEXT = 200
MOST_ITEMS = 200
"""Items of any list looked at; no real record comes near."""
_VIETNAM = timedelta(hours=7)


class RecordInvalid(ValueError):
    """A file that is no record of the portal; the message is Vietnamese."""


def read_record(content: str) -> Record:
    """Read one record. Raises RecordInvalid; an odd field inside a sound record is left out, never guessed."""
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise RecordInvalid(word("problem_json", line=error.lineno)) from None
    except RecursionError:
        raise RecordInvalid(word("problem_json", line=1)) from None
    data = document.get("data") if isinstance(document, Mapping) else None
    if not isinstance(data, Mapping) or document.get("code") != "OK" or not data.get("id"):
        raise RecordInvalid(word("problem_no_record"))
    code = cleaned(data.get("code"), 40)
    if not CODE.fullmatch(code):
        raise RecordInvalid(word("problem_record_code", code=cleaned(code, 20)))
    name = official_name(data.get("name"))
    if not name or len(name) > LONGEST_NAME:
        raise RecordInvalid(word("problem_record_name", longest=LONGEST_NAME))
    identifier = cleaned(data.get("id"), 60).lower()
    days = _working_days(data)
    fees = tuple(dict.fromkeys(_fees(data)))
    return Record(
        code=code,
        name=name,
        field=next(_names(data, "categoriesDetails"), ""),
        formality_id=identifier if UUID.fullmatch(identifier) else "",
        updated=_day_of(data.get("updatedAt")),
        facets=drafts(
            papers=_papers(data),
            fees=fees,
            working_days=days,
            methods=frozenset(method for method, _ in _methods(data)),
            settlers=(*_names(data, "unitGroupsExecuting"), *_names(data, "departmentsExecuting")),
            subjects=tuple(_names(data, "subjectTypesDetails")),
            results=tuple(_names(data, "resultsDetails")),
        ),
        fees=tuple(dict.fromkeys(fee.amount for fee in fees)),
        working_days=days,
        legal_basis=tuple(
            dict.fromkeys(filter(None, (cleaned(each.get("code"), 80) for each in _each(data, "legalBasisesDetails"))))
        ),
    )


def official_name(value: object) -> str:
    """Mend what records do to names: a closing full stop, double spaces, capitals throughout."""
    name = cleaned(value, LONGEST_NAME + 1).rstrip(" .")
    return name.capitalize() if name.isupper() else name


def _each(data: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    found = data.get(key)
    for each in found[:MOST_ITEMS] if isinstance(found, list) else ():
        if isinstance(each, Mapping):
            yield each


def _names(data: Mapping[str, object], key: str) -> Iterator[str]:
    names = (cleaned(each.get("name"), LONGEST_SHORT_TEXT).rstrip(" .") for each in _each(data, key))
    yield from dict.fromkeys(filter(None, names))


def _says(text: str, name_of_cues: str) -> bool:
    padded = f" {folded(text)} "
    return any(f" {cue} " in padded for cue in cues(name_of_cues))


def _begins(text: str, name_of_cues: str) -> bool:
    begin = folded(text) + " "
    return any(begin.startswith(f"{cue} ") for cue in cues(name_of_cues))


def _papers(data: Mapping[str, object]) -> Papers:
    """Sort the components; a note, a heading or an unnumbered line is never listed as a paper."""
    hand_in: list[Paper] = []
    show: list[Paper] = []
    conditional: list[Paper] = []
    for group in _each(data, "executionCases"):
        heading = cleaned(group.get("name"), LONGEST_SHORT_TEXT)
        if _says(heading, "papers_to_show"):
            target = show
        elif not heading or _says(heading, "papers_to_hand_in"):
            target = hand_in
        else:
            continue  # notes, and headings nobody knows
        for component in _each(group, "profileComponents"):
            paper = _paper(component)
            if paper is not None:
                (conditional if _begins(paper.name, "conditional") else target).append(paper)
    return Papers(tuple(dict.fromkeys(hand_in)), tuple(dict.fromkeys(show)), tuple(dict.fromkeys(conditional)))


def _paper(component: Mapping[str, object]) -> Paper | None:
    name = without_bullet(cleaned(component.get("name"), LONGEST_PAPER)).rstrip(" .")
    originals, copies = _count(component.get("originalQty")), _count(component.get("copyQty"))
    if not name or name.endswith(":") or originals + copies == 0:
        return None
    return Paper(name, originals, copies)


def _methods(data: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for method in _each(data, "executionMethods"):
        if not _says(cleaned(method.get("description"), 2_000), "abroad"):
            yield cleaned(method.get("submissionMethod"), 40), method


def _fees(data: Mapping[str, object]) -> Iterator[Fee]:
    """Amounts in đồng. ``SERVICE_FEE`` 0 means "not stated here", never free of charge."""
    for _method, details in _methods(data):
        for fee in _each(details, "fees"):
            amount = _count(fee.get("value"))
            currency = folded(cleaned(fee.get("currencyName"), 40))
            if fee.get("type") == "FEE" and amount > 0 and currency in cues("currency"):
                yield Fee(
                    amount, cleaned(fee.get("description"), 60), cleaned(details.get("description"), LONGEST_PAPER)
                )


def _working_days(data: Mapping[str, object]) -> int | None:
    """The days all cases agree on; where they differ a person must look."""
    stated: set[tuple[int, str]] = set()
    for case in _each(data, "cases"):
        span = case.get("processingDay")
        if isinstance(span, Mapping):
            stated.add((_count(span.get("qty")), cleaned(span.get("type"), 40)))
    if len(stated) != 1:
        return None
    days, kind = stated.pop()
    return days if kind == "WORKING_DAY" and days > 0 else None


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        return 0
    return int(value)


def _day_of(value: object) -> date:
    """The calendar day in Vietnam of a moment in milliseconds. Raises RecordInvalid where there is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 4_102_444_800_000:
        return (datetime.fromtimestamp(value / 1000, UTC) + _VIETNAM).date()
    raise RecordInvalid(word("problem_no_record"))
