"""Accounts, the OA, codes for teams, the log, the table of permissions, the first page and the digest."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from console_reports_making import make_report
from console_visitor import PASSWORD, OpenConsole, Visitor
from rig import OUR_OA, Rig

from bot.cases.enrolment_codes import ALPHABET
from bot.store import audit, volunteers
from bot.store import staff as accounts


def _fresh_password(page: str) -> str:
    found = re.search(r'class="secret">([a-z0-9]{4}(?:-[a-z0-9]{4}){3})<', page)
    assert found
    return found[1]


def test_an_account_is_made_changed_locked_and_reset(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    administrator = open_console("quan-tri")
    fields = {"email": "Moi@Ha-Dong.example", "name": "Cán bộ Mới", "role": "van-phong"}
    page = administrator.post("/console/accounts", fields, status=200).text
    password = _fresh_password(page)
    with sqlite_rig.database.read() as connection:
        made = accounts.find(connection, "moi@ha-dong.example")
    assert made is not None
    assert (made.commune_id, made.role, made.must_change_password) == ("ha-dong", "van-phong", True)
    newcomer = Visitor(sqlite_rig, administrator.application, made)
    newcomer.sign_in(password)
    assert newcomer.get("/console/reports", 302).headers["Location"] == "/console/profile"
    assert password not in administrator.get("/console/accounts").text
    assert "đã có tài khoản" in administrator.post("/console/accounts", fields, status=400).text
    for wrong in ({"email": "no-at"}, {"role": "thanh-pho"}, {"role": ""}, {"role": "thon", "email": "t@x.example"}):
        administrator.post("/console/accounts", {**fields, **wrong}, status=400)
    administrator.post(f"/console/accounts/{made.id}/post", {"role": "kinh-te", "name": "Tên khác"})
    newcomer.get("/console/", 302)
    administrator.post(f"/console/accounts/{made.id}/post", {"role": "thanh-pho"}, status=400)
    administrator.post(f"/console/accounts/{made.id}/lock", {"locked": "1"})
    newcomer.sign_in(password, status=401)
    administrator.post(f"/console/accounts/{made.id}/lock", {"locked": "0"})
    second = _fresh_password(administrator.post(f"/console/accounts/{made.id}/reset", {}, status=200).text)
    assert second != password
    sqlite_rig.clock.pass_ms(3_600_001)
    administrator.sign_in()
    newcomer.sign_in(password, status=401)
    newcomer.sign_in(second)
    with sqlite_rig.database.read() as connection:
        entries = audit.list_entries(connection, "ha-dong", subject=f"staff:{made.id}", act="staff.manage")
    assert [entry.actor for entry in entries] == [administrator.staff.email] * 5
    assert password not in repr(sqlite_rig.everything())


def test_nobody_locks_themselves_out_and_only_administrators_manage(open_console: OpenConsole) -> None:
    administrator, chief = open_console("quan-tri"), open_console("chu-tich")
    administrator.post(f"/console/accounts/{administrator.staff.id}/lock", {"locked": "1"}, status=404)
    administrator.post(f"/console/accounts/{administrator.staff.id}/post", {"role": "thon"}, status=404)
    page = chief.get("/console/accounts").text
    assert administrator.staff.email in page
    assert "Thêm tài khoản" not in page
    chief.post(f"/console/accounts/{administrator.staff.id}/lock", {"locked": "1"}, status=403)


def test_the_oa_tells_how_it_really_is(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    administrator = open_console("quan-tri", HOIXA_PUBLIC_URL="https://hoixa.example")
    page = administrator.get("/console/oa").text
    assert OUR_OA in page
    assert "chưa thấy tin nào" in page
    assert "89 ngày" in page or "90 ngày" in page
    sqlite_rig.receive(sqlite_rig.event())
    assert "vừa xong" in administrator.get("/console/oa").text
    assert "access-" not in page
    assert "chưa chạy" in page
    other = open_console("quan-tri", "dai-son")
    assert OUR_OA not in other.get("/console/oa").text


def test_connecting_shows_the_way_and_keeps_the_secret(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    administrator = open_console("quan-tri", HOIXA_PUBLIC_URL="https://hoixa.example")
    administrator.post("/console/oa", {"secret": ""}, status=400)
    page = administrator.post("/console/oa", {"secret": "the secret of the OA"}, status=200).text
    found = re.search(r'href="(http://127[^"]+)"', page)
    assert found
    query = parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)
    assert query["redirect_uri"] == ["https://hoixa.example/oauth/zalo/callback"]
    assert sqlite_rig.row("oauth_attempt").commune_id == "ha-dong"
    assert "the secret" not in page
    without = open_console("quan-tri")
    assert "HOIXA_PUBLIC_URL" in without.get("/console/oa").text
    assert "Lấy địa chỉ" not in open_console("van-phong").get("/console/oa").text


def test_a_code_for_a_team_is_shown_once(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    office = open_console("van-phong")
    office.post("/console/volunteers", {"village": ""}, status=400)
    page = office.post("/console/volunteers", {"village": "Thôn Đông", "days": "7"}, status=200).text
    found = re.search(r'class="secret">([^<]+)<', page)
    assert found
    with sqlite_rig.database.read() as connection:
        now = sqlite_rig.clock.now_ms()
        assert volunteers.village_of_code(connection, sqlite_rig.vault, "ha-dong", found[1], now) == "thôn đông"
    assert found[1] not in office.get("/console/volunteers").text
    assert set(found[1].replace("-", "")) <= set(ALPHABET) | set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    open_console("truyen-thong").get("/console/volunteers", 403)


def test_the_log_speaks_plainly_and_goes_on_page_by_page(open_console: OpenConsole) -> None:
    administrator = open_console("quan-tri")
    for number in range(60):
        make_report(administrator, f"Việc {number}")
    page = administrator.get("/console/audit").text
    assert "Ghi phản ánh thay người dân" in page
    assert "nguồn: đường dây nóng" in page
    assert "received" not in page
    following = re.search(r'href="(/console/audit\?before=\d+)" rel="next"', page)
    assert following
    rest = administrator.get(following[1]).text
    first_codes, other_codes = (set(re.findall(r"case:PA-\w{6}", text)) for text in (page, rest))
    assert first_codes
    assert other_codes
    assert not first_codes & other_codes
    one = sorted(first_codes)[0]
    assert set(re.findall(r"case:PA-\w{6}", administrator.get(f"/console/audit?subject={one}").text)) == {one}
    assert "Không có dòng nào" in administrator.get("/console/audit?to=2020-01-01").text
    file = administrator.get(f"/console/audit/export.csv?subject={one}").data.decode("utf-8-sig")
    assert one in file
    assert file.count("\r\n") == 2


def test_the_table_of_permissions_is_for_everybody(open_console: OpenConsole) -> None:
    page = open_console("thon", village="v").get("/console/permissions").text
    assert "Duyệt thông báo của người khác" in page
    assert 'class="mine">Thôn, tổ dân phố' in page


def test_nothing_to_do_is_said_kindly(open_console: OpenConsole) -> None:
    assert "Không có việc nào đang chờ" in open_console("kinh-te").get("/console/").text
    assert "Không có việc nào đang chờ" in open_console("thanh-pho").get("/console/").text


def test_a_faulty_page_says_so_without_details(open_console: OpenConsole) -> None:
    visitor = open_console("quan-tri")

    def fail() -> str:
        raise RuntimeError("words of a resident")

    visitor.application.view_functions["permission_table.page"] = fail
    vars(fail)["open_to_staff_because"] = "a test"
    page = visitor.get("/console/permissions", 500).text
    assert "Có lỗi ở phía hệ thống" in page
    assert "words of a resident" not in page
    assert PASSWORD not in page
