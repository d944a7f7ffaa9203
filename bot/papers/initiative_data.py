"""What papers about initiatives say of them: names in place of ids, days as papers write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.cases.initiative_fields import author_kinds, initiative_fields, stages
from bot.cases.lifecycle import lifecycle
from bot.cases.routing import village_name
from bot.casework import campaigns
from bot.casework.communes import commune_at
from bot.casework.exports import ExportTools
from bot.catalogue import Catalogue
from bot.clock import VIETNAM, from_ms
from bot.store import attachments, cases, initiative_work
from bot.store.case_records import Case
from knowledge import Commune

WORDS = Catalogue(Path(__file__).parent / "words.yaml")
word = WORDS.word


@dataclass(frozen=True, slots=True)
class PaperNames:
    """What all papers of one commune share."""

    commune: Commune
    campaigns: Mapping[str, str]
    now: datetime


def names_of(connection: Connection, tools: ExportTools, commune_id: str) -> PaperNames:
    """The commune's names as they are today. Raises KeyError for a commune this release does not know."""
    now = tools.clock.now()
    return PaperNames(commune_at(connection, commune_id, now), campaigns.titles(connection, commune_id), now)


def day_of(moment_ms: int | None) -> str:
    """ "22/11/2026"; "" for None."""
    return "" if moment_ms is None else from_ms(moment_ms).astimezone(VIETNAM).strftime("%d/%m/%Y")


def decimal(value: float, places: int = 1) -> str:
    """ "78,5" """
    return f"{value:.{places}f}".replace(".", ",")


def mark(value: float) -> str:
    """ "7,5", and "7" for a whole one."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def author_of(case: Case) -> str:
    """The author's name as given."""
    return case.contact.name if case.contact is not None and case.contact.name else word("unnamed")


def co_authors_of(case: Case, merged: Collection[Case]) -> str:
    """Co-authors as the author wrote them, and the authors of what was merged into it."""
    names = [case.words.co_authors, *(one.contact.name for one in merged if one.contact is not None)]
    return "; ".join(dict.fromkeys(name.strip() for name in names if name.strip()))


def read_with_merged(connection: Connection, tools: ExportTools, commune_id: str, code: str) -> tuple[Case, list[Case]]:
    """An initiative of this commune and those merged into it. Raises KeyError where there is none."""
    found = initiative_work.read_cases(connection, tools.vault, commune_id, [code])
    if code not in found or found[code].head.kind != "initiative":
        raise KeyError(code)
    merged = initiative_work.read_cases(connection, tools.vault, commune_id, cases.merged_codes(connection, code))
    return found[code], list(merged.values())


def places_of(case: Case, merged: Collection[Case], names: PaperNames, files: int) -> dict[str, Any]:
    """The places every paper about one initiative has (``placeholders.yaml``)."""
    head, said, commune, now = case.head, case.words, names.commune, names.now
    full_name = f"{commune.type} {commune.name}"
    field = initiative_fields().get(head.category)
    return {
        "co_quan": word("office", commune=full_name.upper()),
        "ten_xa": full_name,
        "dia_danh": commune.name,
        "ngay_lap": word("day_line", day=f"{now.day:02}", month=f"{now.month:02}", year=now.year),
        "nam": str(now.year),
        "ma_so": head.code,
        "ten_sang_kien": said.title or case.gist,
        "tac_gia": author_of(case),
        "dong_tac_gia": co_authors_of(case, merged),
        "loai_tac_gia": author_kinds().get(head.author_kind, head.author_kind),
        "dien_thoai": case.contact.phone if case.contact is not None else "",
        "thon": village_name(head.village, commune) if head.village else "",
        "linh_vuc": head.category if field is None else field.name,
        "van_de": said.problem,
        "giai_phap": said.proposal,
        "loi_ich": said.benefit,
        "muc_do": stages().get(head.stage, head.stage),
        "phong_trao": names.campaigns.get(head.campaign_id, ""),
        "ngay_gui": day_of(head.created_ms),
        "trang_thai": lifecycle("initiative").states[head.state].staff,
        "so_ung_ho": str(head.supporters),
        "so_tep": str(files) if files else word("no_files"),
    }


def count_files(connection: Connection, code: str) -> int:
    """How many attached things are kept."""
    return sum(one.state == attachments.STORED for one in attachments.of_case(connection, code))
