"""What a commune's own profile adds to an answer: its contact data, help points, volunteers, groups, yearly days."""

from __future__ import annotations

from knowledge.communes import CONTACT_LABELS, Commune
from knowledge.profile_lists import LIST_KINDS
from knowledge.schema import LocalFacts
from knowledge.words import word

MOST_ITEMS = 7
"""As many lines as an old reader takes in on a phone; more are named by their number."""
MAXIMUM_LIST_LENGTH = 500
"""Code points of one list inside an answer, so that answer, list and source fit one message."""


def own_lines(commune: Commune, local: LocalFacts) -> list[str]:
    """Return one line for each thing the commune has published that belongs to this topic; empty where nothing."""
    lines = commune.told(local.fields)
    for name in local.lists:
        lines.extend(_list_lines(commune, name))
    return lines


def _list_lines(commune: Commune, name: str) -> list[str]:
    kind = LIST_KINDS[name]
    described = [f"{kind.label}: {kind.described(item)}" for item in commune.items(name)]
    shown: list[str] = []
    for line in described[:MOST_ITEMS]:
        if sum(map(len, shown)) + len(line) > MAXIMUM_LIST_LENGTH:
            break
        shown.append(line)
    left_out = len(described) - len(shown)
    return [*shown, commune.fill(word("list_more", count=left_out, list=kind.label))] if left_out else shown


def missing_sentence(commune: Commune, local: LocalFacts) -> str | None:
    """Say what the commune has not told yet and whom to ask; None where all is told or the text says so itself."""
    if not local.tell_missing:
        return None
    empty = [CONTACT_LABELS[field] for field in local.fields if not getattr(commune.contact, field)]
    empty.extend(LIST_KINDS[name].label for name in local.lists if not commune.items(name))
    if not empty:
        return None
    named = ", ".join(label[0].lower() + label[1:] for label in empty)
    return commune.fill(word("told_missing", fields=named))
