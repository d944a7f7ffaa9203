"""What ``hoixa doctor`` says of a commune's answers: empty fields, conflicts with the release, drafts, old reviews."""

from __future__ import annotations

from collections.abc import Iterator

from bot.services import Services
from bot.store import knowledge_edits
from commands.knowledge_room import read_overlay
from knowledge import Commune, Library

MOST_NAMED = 5


def knowledge_findings(
    services: Services, library: Library, commune: Commune
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield (key of the catalogue, its fields) for each thing a person of the commune should look at."""
    today = services.clock.now().date()
    with services.database.read() as connection:
        overlay = read_overlay(connection, library, commune)
        drafts = len(knowledge_edits.list_edits(connection, commune.id, state=knowledge_edits.DRAFT))
    name: dict[str, object] = {"commune": commune.full_name, "slug": commune.id}
    profile = overlay.commune_on(today)
    missing = [*profile.missing(), *profile.missing_lists()]
    if missing:
        yield "doctor_commune_gaps", {**name, "fields": ", ".join(label for _field, label in missing)}
    conflicts = len(overlay.conflicts(today))
    if conflicts:
        yield "doctor_conflicts", {**name, "count": conflicts}
    if drafts:
        yield "doctor_drafts", {**name, "count": drafts}
    overdue = overlay.overdue(today)
    if overdue:
        since = min(day for _topic, day in overdue)
        topics = ", ".join(topic for topic, _day in overdue[:MOST_NAMED])
        more = ", …" if len(overdue) > MOST_NAMED else ""
        yield "doctor_overdue", {**name, "count": len(overdue), "since": f"{since:%d/%m/%Y}", "topics": topics + more}
