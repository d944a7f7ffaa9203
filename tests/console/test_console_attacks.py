"""Attacks on every page: forged forms, other communes' things, names that are code, paths that climb, lying files."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from console_reports_making import head, make_report
from console_visitor import OpenConsole, Visitor
from openpyxl import load_workbook
from rig import OUR_OA, RESIDENT, Rig
from sqlalchemy import insert

from bot.permissions import PERMISSIONS, ROLES
from bot.store.takeover_tables import attachment, attachment_part
from console.access import ACT, PUBLIC
from console.app import MAXIMUM_BYTES
from console.static_files import FOLDER

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
POST = "POST"


def _arguments(rule: Any, values: dict[str, Any]) -> dict[str, Any]:
    return {name: values.get(name, 1 if name.endswith("_id") or name == "number" else "x") for name in rule.arguments}


def _routes(visitor: Visitor, method: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    """(endpoint, path) of every route that takes this method."""
    found = []
    for rule in visitor.application.url_map.iter_rules():
        if method in (rule.methods or ()):
            built = rule.build(_arguments(rule, values))
            assert built is not None, rule.rule
            found.append((rule.endpoint, built[1]))
    return found


def test_a_form_without_its_token_changes_nothing_anywhere(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("quan-tri")
    code = make_report(visitor).code
    routes = _routes(visitor, POST, {"code": code})
    assert len(routes) > 10
    before = sqlite_rig.everything()
    for endpoint, path in routes:
        for fields in ({}, {"csrf": ""}, {"csrf": "0" * 32}):
            answer = visitor.client.post(path, data={**fields, "unit": "office", "words": "x", "act": "assign"})
            assert answer.status_code == 403, (endpoint, answer.status_code)
    assert sqlite_rig.everything() == before


def test_the_token_of_somebody_else_or_from_elsewhere_is_refused(open_console: OpenConsole) -> None:
    mine, theirs = open_console("quan-tri"), open_console("quan-tri")
    token = theirs.csrf("/console/profile")
    assert mine.client.post("/console/sign-out", data={"csrf": token}).status_code == 403
    own = mine.csrf("/console/profile")
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        answer = mine.client.post("/console/sign-out", data={"csrf": own}, headers={"Origin": origin})
        assert answer.status_code == 403, origin
    answer = mine.client.post("/console/sign-out", data={"csrf": own}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 302


def test_nobody_signs_somebody_else_in(open_console: OpenConsole) -> None:
    """Login CSRF: the door's form is tied to a cookie of its own."""
    visitor = open_console("quan-tri", signed_in=False)
    fields = {"email": visitor.staff.email, "password": "x"}
    assert visitor.client.post("/console/sign-in", data=fields).status_code == 403
    other = visitor.application.test_client()
    token = re.search(r'name="csrf" value="(\w+)"', other.get("/console/sign-in").text)
    assert token
    assert visitor.client.post("/console/sign-in", data={**fields, "csrf": token[1]}).status_code == 403


def _things_of(visitor: Visitor) -> dict[str, Any]:
    """A thing of each kind in the visitor's commune, by the names that routes give them."""
    return {"code": make_report(visitor).code, "act": "note", "staff_id": visitor.staff.id, "ending": "csv"}


def test_no_other_commune_is_told_of_or_changed(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    """IDOR: every route of this room that takes an id, as the most powerful post of another commune."""
    ours, theirs = open_console("quan-tri"), open_console("quan-tri", "dai-son")
    values = _things_of(theirs)
    acts = ("assign", "sort", "answer", "ask", "resolve", "refuse", "reopen", "note", "merge", "split")
    token = ours.csrf("/console/profile")
    before = sqlite_rig.everything()
    for path in (f"/console/reports/{values['code']}", f"/console/reports/{values['code']}/attachments/1"):
        ours.get(path, 404)
    fields = {"csrf": token, "unit": "office", "words": "x", "reason": "refused:other", "into": values["code"]}
    for act in acts:
        answer = ours.client.post(f"/console/reports/{values['code']}/{act}", data=fields)
        assert answer.status_code == 404, act
    for act in ("post", "lock", "reset"):
        path = f"/console/accounts/{values['staff_id']}/{act}"
        assert ours.client.post(path, data={**fields, "role": "thon"}).status_code == 404, act
    bulk = ours.client.post("/console/reports/bulk", data={**fields, "chosen": values["code"], "act": "assign"})
    assert bulk.status_code == 404
    assert sqlite_rig.everything() == before
    for page in ("/console/reports?folder=all", "/console/audit", "/console/accounts", "/console/"):
        text = ours.get(page).text
        assert values["code"] not in text
        assert theirs.staff.email not in text


def test_no_report_of_theirs_is_merged_into_ours(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    ours, theirs = open_console("quan-tri"), open_console("quan-tri", "dai-son")
    mine, other = make_report(ours).code, make_report(theirs).code
    ours.post(f"/console/reports/{mine}/merge", {"into": other, "version": "1"}, status=403)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_keeps_to_the_table_of_permissions(open_console: OpenConsole, role: str) -> None:
    """Every GET route of the application against bot.permissions, for each post."""
    visitor = open_console(role)
    for rule in visitor.application.url_map.iter_rules():
        view = visitor.application.view_functions[rule.endpoint]
        if "GET" not in (rule.methods or ()) or hasattr(view, PUBLIC):
            continue
        act = getattr(view, ACT, None)
        built = rule.build(_arguments(rule, {}))
        assert built is not None
        status = visitor.get(built[1], None).status_code
        if act is not None and role not in PERMISSIONS[act]:
            assert status == 403, (rule.endpoint, role, status)
        else:
            assert status in (200, 302, 400, 404), (rule.endpoint, role, status)


def test_a_unit_sees_its_own_and_what_nobody_has(open_console: OpenConsole) -> None:
    chief, economy, police = open_console("chu-tich"), open_console("kinh-te"), open_console("cong-an")
    code = make_report(chief, category="nuoc").code  # goes to the economy unit
    economy.get(f"/console/reports/{code}")
    police.get(f"/console/reports/{code}", 404)
    assert code not in police.get("/console/reports?folder=all").text
    assert code not in police.get("/console/reports/export.csv?folder=all").text
    police.post(f"/console/reports/{code}/note", {"words": "x"}, status=404)


def test_a_village_sees_itself_alone(open_console: OpenConsole) -> None:
    chief = open_console("chu-tich")
    code = make_report(chief).code
    for village in ("", "thôn đông"):
        visitor = open_console("thon", village=village)
        visitor.get(f"/console/reports/{code}", 404)
        for query in ("", "?folder=all", "?folder=all&village="):
            assert code not in visitor.get(f"/console/reports{query}").text


def test_the_city_reads_no_message(open_console: OpenConsole) -> None:
    code = make_report(open_console("chu-tich")).code
    city = open_console("thanh-pho")
    for path in ("/console/reports", f"/console/reports/{code}", "/console/audit", "/console/accounts", "/console/oa"):
        city.get(path, 403)
    assert code not in city.get("/console/").text


class Markup(HTMLParser):
    """Tags and attributes of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.tags.append((tag, dict(attrs)))


def _is_clean(text: str) -> None:
    for tag, attributes in Markup(text).tags:
        assert tag != "img" or attributes.get("src") != "x"
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert "style" not in attributes, tag
        if tag == "script":
            assert attributes.get("src", "").startswith("/console/static/")  # type: ignore[union-attr]
            assert attributes.get("nonce")
        for name in ("href", "src", "action"):
            assert not (attributes.get(name) or "").lower().startswith(("javascript:", "data:", "//"))
    assert "49" not in re.findall(r"\{\{|49(?=</script>)", text)


def test_what_people_write_is_never_markup(open_console: OpenConsole) -> None:
    visitor = open_console("quan-tri", name=SCRIPT)
    first = make_report(visitor, SCRIPT, place=SCRIPT, name=SCRIPT, phone="0912345678").code
    make_report(visitor, SCRIPT + " nữa")
    visitor.post(f"/console/reports/{first}/note", {"words": SCRIPT})
    visitor.post(
        f"/console/reports/{first}/answer", {"words": SCRIPT, "version": str(head(visitor.rig, first).version)}
    )
    visitor.post("/console/accounts", {"email": "x@x.example", "name": SCRIPT, "role": "van-phong"}, status=200)
    for path in (
        "/console/",
        "/console/reports",
        "/console/reports?q=" + "%3Cscript%3E",
        f"/console/reports/{first}",
        "/console/accounts",
        "/console/audit",
        "/console/profile",
    ):
        _is_clean(visitor.get(path).text)
    assert "&lt;script&gt;alert(1)" in visitor.get(f"/console/reports/{first}").text
    wrong = visitor.post(f"/console/reports/{first}/merge", {"into": SCRIPT, "version": "3"}, status=400)
    _is_clean(wrong.text)


def test_the_address_is_never_markup(open_console: OpenConsole) -> None:
    visitor = open_console("quan-tri")
    for path in (
        "/console/reports?category=%22%3E%3Cscript%3E&from=%3Cscript%3E&unit=%22onload=",
        "/console/%3Cscript%3E",
    ):
        _is_clean(visitor.get(path, None).text)
    out = open_console("quan-tri", signed_in=False)
    _is_clean(out.get("/console/sign-in?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text)


def test_every_answer_carries_the_headers(open_console: OpenConsole) -> None:
    visitor = open_console("quan-tri")
    nonces = set()
    for path in ("/console/", "/console/nowhere", "/console/static/console.css", "/console/sign-in", "/console/oa"):
        answer = visitor.get(path, None)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        nonces.add(re.findall(r"'nonce-([^']+)'", policy)[0])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        if "static" not in path:
            assert answer.headers["Cache-Control"] == "no-store"
    assert len(nonces) == 5, "a nonce serves one answer"


@pytest.mark.parametrize(
    "name",
    ["../app.py", "..%2fapp.py", "%2e%2e/words.yaml", "vendor/../../words.yaml", "/etc/passwd", "console.css%00.py",
     "vendor", "vendor/README.md"],
)  # fmt: skip
def test_no_path_climbs_out_of_the_static_files(open_console: OpenConsole, name: str) -> None:
    visitor = open_console("quan-tri", signed_in=False)
    answer = visitor.get(f"/console/static/{name}", None)
    assert answer.status_code in (302, 308, 404)
    assert "way_home" not in answer.text
    assert (FOLDER / "console.css").exists()


def _attach(rig: Rig, code: str, mime: str, content: bytes, commune: str = "ha-dong") -> int:
    with rig.database.write() as connection:
        row = connection.execute(
            insert(attachment)
            .values(
                key=f"act:{code}:{mime}", act_key="act", oa_id=OUR_OA, commune_id=commune, user_id=RESIDENT,
                case_code=code, kind="image", state="stored", reason="", mime=mime, size=len(content), width=1,
                height=1, due_ms=0, created_ms=0,
            )
            .returning(attachment.c.id)
        ).scalar_one()  # fmt: skip
        sealed = rig.vault.encrypt_bytes(content, f"attachment_part.content:{row}:0")
        connection.execute(
            insert(attachment_part).values(attachment_id=row, part=0, content_sealed=sealed, oa_id=OUR_OA)
        )
    return int(row)


def test_what_was_attached_is_shown_only_as_a_picture_of_ours(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor, other = open_console("chu-tich"), open_console("cong-an")
    code, another = make_report(visitor).code, make_report(visitor, "Đèn đường hỏng", category="dien").code
    picture, page = (
        _attach(sqlite_rig, code, "image/jpeg", b"\xff\xd8"),
        _attach(sqlite_rig, code, "text/html", b"<script>"),
    )
    shown = visitor.get(f"/console/reports/{code}/attachments/{picture}")
    assert (shown.mimetype, shown.data) == ("image/jpeg", b"\xff\xd8")
    saved = visitor.get(f"/console/reports/{code}/attachments/{page}")
    assert saved.mimetype == "application/octet-stream"
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{code}-{page}.bin"'
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    visitor.get(f"/console/reports/{another}/attachments/{picture}", 404)
    other.get(f"/console/reports/{code}/attachments/{picture}", 404)
    visitor.get(f"/console/reports/{code}/attachments/999", 404)


FORMULAS = ['=HYPERLINK("http://evil.example","bấm")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "  =1+1", "＝1+1"]


def test_files_for_excel_hold_no_formula(open_console: OpenConsole) -> None:
    visitor = open_console("chu-tich")
    for formula in FORMULAS:
        make_report(visitor, formula + " mất nước")
    raw = visitor.get("/console/reports/export.csv?folder=all").data
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel reads Vietnamese letters by the mark"
    cells = [cell for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"))) for cell in row]
    assert len(cells) > 100
    assert [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))] == []
    answer = visitor.get("/console/reports/export.xlsx?folder=all")
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    assert sheet.max_row == 1 + len(FORMULAS)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}, (
        "f would be a formula"
    )
    visitor.get("/console/reports/export.exe", 404)
    visitor.get("/console/audit/export.xlsx", 403 if "audit.read" not in PERMISSIONS else 200)


def test_files_somebody_asked_for_are_theirs_alone(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    from bot.casework import exports

    mine, colleague = open_console("chu-tich"), open_console("chu-tich")
    make_report(mine)
    with sqlite_rig.database.write() as connection:
        job = exports.request(connection, sqlite_rig.vault, mine.staff, "case-list", {}, sqlite_rig.clock.now_ms())
    mine.get(f"/console/files/{job}", 404)  # not made yet
    colleague.get(f"/console/files/{job}", 404)
    assert "Danh sách phản ánh" in mine.get("/console/files").text
    assert "Danh sách phản ánh" not in colleague.get("/console/files").text


def test_a_body_without_end_is_refused(open_console: OpenConsole) -> None:
    visitor = open_console("quan-tri")
    token = visitor.csrf("/console/profile")
    huge = f"csrf={token}&text={'x' * MAXIMUM_BYTES}".encode()
    form = "application/x-www-form-urlencoded"
    assert visitor.client.post("/console/reports/new", data=huge, content_type=form).status_code == 413
    many = {"csrf": token, **{f"field-{number}": "x" for number in range(1_200)}}
    answer = visitor.client.post("/console/reports/new", data=many, content_type="multipart/form-data")
    assert answer.status_code == 413
