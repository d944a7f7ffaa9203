"""Writers of the Word papers about one initiative. Their one parameter is ``code``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.casework.council_sheet import Sheet, percent_of, read_criteria, result_of
from bot.casework.exports import DOCX, ExportFile, ExportRefused, ExportTools
from bot.papers.filling import TemplateBroken, fill
from bot.papers.initiative_data import (
    count_files,
    day_of,
    decimal,
    mark,
    names_of,
    places_of,
    read_with_merged,
    word,
)
from bot.permissions import role_name
from bot.store import council
from bot.store.case_records import Case
from bot.store.council import Round, Vote
from bot.store.export_jobs import ClaimedJob

RECOGNISED = frozenset({"recognised", "scaled"})


def write_form(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """Phiếu sáng kiến."""
    with tools.database.read() as connection:
        case, places = _places(connection, tools, job)
    return _filled("phieu-sang-kien", places, tools, case)


def write_decision(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """Quyết định công nhận: of an initiative that is recognised, and of no other."""
    return _recognition("quyet-dinh-cong-nhan", tools, job)


def write_certificate(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """Giấy công nhận."""
    return _recognition("giay-cong-nhan", tools, job)


def _recognition(template: str, tools: ExportTools, job: ClaimedJob) -> ExportFile:
    with tools.database.read() as connection:
        case, places = _places(connection, tools, job)
        if case.head.state not in RECOGNISED:
            raise ExportRefused("not_recognised")
        closed = _last_closed(connection, tools, case)
    places["ngay_cham_xong"] = "" if closed is None else day_of(closed.closed_ms)
    places["ket_qua"] = "" if closed is None else decimal(closed.result_percent or 0.0)
    return _filled(template, places, tools, case)


def write_minutes(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """Biên bản họp hội đồng, of the last round that was closed. An open one has no minutes: its marks are nobody's."""
    with tools.database.read() as connection:
        case, places = _places(connection, tools, job)
        closed = _last_closed(connection, tools, case)
        if closed is None:
            raise ExportRefused("council_not_closed")
        places |= _council_places(connection, tools, closed)
    return _filled("bien-ban-hoi-dong", places, tools, case)


def _places(connection: Connection, tools: ExportTools, job: ClaimedJob) -> tuple[Case, dict[str, Any]]:
    code = str(job.parameters["code"])
    try:
        case, merged = read_with_merged(connection, tools, job.commune_id, code)
    except KeyError:
        raise ExportRefused("unknown_code") from None
    names = names_of(connection, tools, job.commune_id)
    return case, places_of(case, merged, names, count_files(connection, code))


def _last_closed(connection: Connection, tools: ExportTools, case: Case) -> Round | None:
    rounds = council.rounds_of(connection, tools.vault, case.head.commune_id, case.head.code)
    return next((one for one in rounds if one.state == council.CLOSED), None)


def _council_places(connection: Connection, tools: ExportTools, closed: Round) -> dict[str, Any]:
    row = council.sheet(connection, closed.commune_id, closed.sheet_id)
    assert row is not None, "a round keeps its sheet"
    sheet = Sheet(row.name, row.scale, row.pass_percent, read_criteria(row.criteria), row.id)
    members = council.members(connection, [closed.id]).get(closed.id, ())
    votes: Sequence[Vote] = council.all_votes(connection, tools.vault, [closed.id]).get(closed.id, ())
    result = result_of(sheet, [vote.marks for vote in votes])
    assert result is not None, "a round without votes is never closed"
    given: Mapping[int, Vote] = {vote.staff_id: vote for vote in votes}
    return {
        "ten_phieu_cham": sheet.name,
        "thang_diem": str(sheet.scale),
        "lan_cham": str(closed.number),
        "ngay_cham_xong": day_of(closed.closed_ms),
        "so_thanh_vien": str(len(members)),
        "so_phieu": str(result.votes),
        "thanh_vien": [
            {
                "ten": one.name,
                "chuc_danh": role_name(one.role),
                "da_cham": word("voted" if one.staff_id in given else "not_voted"),
                "diem": decimal(percent_of(sheet, given[one.staff_id].marks)) if one.staff_id in given else "",
            }
            for one in members
        ],
        "tieu_chi": [
            {
                "ten": one.criterion.name,
                "trong_so": str(one.criterion.weight),
                "trung_binh": mark(round(one.mean, 2)),
                "thap_nhat": mark(one.lowest),
                "cao_nhat": mark(one.highest),
            }
            for one in result.criteria
        ],
        "y_kien": [
            {"ten": one.name, "loi": given[one.staff_id].remark}
            for one in members
            if one.staff_id in given and given[one.staff_id].remark
        ],
        "ket_qua": decimal(result.percent),
        "ket_qua_diem": mark(round(result.on_scale, 2)),
        "muc_dat": str(sheet.pass_percent),
        "ket_luan": word("passed" if result.passed else "not_passed"),
    }


def _filled(template: str, places: Mapping[str, Any], tools: ExportTools, case: Case) -> ExportFile:
    try:
        content = fill(template, places, tools.data_dir)
    except TemplateBroken:
        raise ExportRefused("template_broken") from None
    return ExportFile(f"{template}-{case.head.code}.docx", DOCX, content)
