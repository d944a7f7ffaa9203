"""Coming in: passwords, the second factor, sessions that cannot be fixed, kept or stolen, guessing that gets slow."""

from __future__ import annotations

import re

import pyotp
import pytest
from console_visitor import PASSWORD, OpenConsole, Visitor
from rig import HOUR_MS, Rig
from sqlalchemy import update

from bot import credentials
from bot.store import staff as accounts
from bot.store.staff_tables import staff as staff_table
from console import sessions, slowing
from console.sessions import COOKIE


def _cookie(visitor: Visitor) -> str | None:
    cookie = visitor.client.get_cookie(COOKIE, path="/console")
    return None if cookie is None else cookie.value


def _enrol(visitor: Visitor) -> tuple[str, list[str]]:
    secret, codes = credentials.new_totp_secret(), credentials.new_recovery_codes()
    vault = visitor.rig.vault
    with visitor.rig.database.write() as connection:
        digests = [credentials.recovery_digest(vault, code) for code in codes]
        accounts.set_second_factor(connection, visitor.staff.id, credentials.seal_totp(vault, secret), digests)
    return secret, codes


def _code(visitor: Visitor, secret: str) -> str:
    return pyotp.TOTP(secret).at(visitor.rig.clock.now_ms() // 1000)


def _give_code(visitor: Visitor, code: str, status: int) -> None:
    visitor.post("/console/second-factor", {"code": code}, on="/console/second-factor", status=status)


def test_a_good_password_leads_where_one_wanted_to_go(open_console: OpenConsole) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    assert visitor.get("/console/reports", 302).headers["Location"] == "/console/sign-in?next=/console/reports"
    answer = visitor.sign_in(next="/console/reports")
    assert answer.headers["Location"] == "/console/reports"
    assert visitor.staff.name in visitor.get("/console/").text


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD.upper()])
def test_a_wrong_password_and_an_unknown_account_read_the_same(open_console: OpenConsole, password: str) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    wrong = visitor.sign_in(password, status=401).text
    fields = {"email": "nobody@nowhere.example", "password": password}
    unknown = visitor.post("/console/sign-in", fields, on="/console/sign-in", status=401).text
    blank = re.compile(r'value="[^"]*"|nonce="[^"]*"')
    assert blank.sub("", wrong) == blank.sub("", unknown)
    assert _cookie(visitor) is None


def test_a_disabled_account_stays_out_and_is_put_out(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich")
    with sqlite_rig.database.write() as connection:
        accounts.disable(connection, visitor.staff.id, sqlite_rig.clock.now_ms())
    visitor.get("/console/", 302)
    visitor.sign_in(status=401)


def test_the_cookies_are_for_the_server_alone(open_console: OpenConsole) -> None:
    for public_url, is_secure in (("", False), ("https://hoixa.example", True)):
        visitor = open_console("chu-tich", signed_in=False, HOIXA_PUBLIC_URL=public_url)
        headers = {"base_url": "https://localhost"} if is_secure else {}
        token = re.search(r'name="csrf" value="(\w+)"', visitor.get("/console/sign-in", **headers).text)
        assert token
        answer = visitor.client.post(
            "/console/sign-in",
            data={"csrf": token[1], "email": visitor.staff.email, "password": PASSWORD},
            **headers,  # type: ignore[arg-type]
        )
        assert answer.status_code == 302
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert "Path=/console" in cookie
            assert ("Secure" in cookie) == is_secure
        if is_secure:
            assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_no_token_survives_a_sign_in(open_console: OpenConsole) -> None:
    """Session fixation: whatever the browser brought is worth nothing afterwards."""
    visitor = open_console("chu-tich", signed_in=False)
    visitor.client.set_cookie(COOKIE, "planted-by-a-stranger", path="/console")
    visitor.sign_in()
    first = _cookie(visitor)
    assert first not in (None, "planted-by-a-stranger")
    page = visitor.application.test_client()
    page.set_cookie(COOKIE, "planted-by-a-stranger", path="/console")
    assert page.get("/console/").status_code == 302
    visitor.post("/console/sign-in", {"email": visitor.staff.email, "password": PASSWORD})
    assert _cookie(visitor) != first
    page.set_cookie(COOKIE, str(first), path="/console")
    assert page.get("/console/").status_code == 302, "the session before is gone"


def test_the_store_keeps_no_token(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich")
    token = _cookie(visitor)
    assert token
    assert token not in repr(sqlite_rig.everything())


def test_a_session_ends_by_rest_and_by_age(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich")
    for _ in range(4):
        sqlite_rig.clock.pass_ms(sessions.IDLE_MS - 1)
        visitor.get("/console/")
    sqlite_rig.clock.pass_ms(sessions.IDLE_MS)
    visitor.get("/console/", 302)
    visitor.sign_in()
    for _ in range(sessions.LONGEST_MS // (sessions.IDLE_MS // 2) - 1):
        sqlite_rig.clock.pass_ms(sessions.IDLE_MS // 2)
        visitor.get("/console/")
    sqlite_rig.clock.pass_ms(sessions.IDLE_MS // 2)
    visitor.get("/console/", 302)


def test_a_page_that_looks_for_news_by_itself_keeps_no_session_alive(
    open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    visitor = open_console("chu-tich")
    for _ in range(3):
        sqlite_rig.clock.pass_ms(sessions.IDLE_MS // 3)
        visitor.get("/console/files/list", None, headers={"X-Hoixa-Poll": "1"})
    visitor.get("/console/", 302)


def test_the_token_is_exchanged_and_the_one_before_is_good_for_a_moment(
    open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    visitor = open_console("chu-tich")
    first = _cookie(visitor)
    sqlite_rig.clock.pass_ms(sessions.ROTATE_MS)
    visitor.get("/console/")
    second = _cookie(visitor)
    assert second != first
    late = visitor.application.test_client()
    late.set_cookie(COOKIE, str(first), path="/console")
    assert late.get("/console/").status_code == 200
    sqlite_rig.clock.pass_ms(sessions.GRACE_MS)
    assert late.get("/console/").status_code == 302
    visitor.get("/console/")


def test_signing_out_ends_the_session_for_good(open_console: OpenConsole) -> None:
    visitor = open_console("chu-tich")
    token = _cookie(visitor)
    visitor.post("/console/sign-out")
    assert _cookie(visitor) is None
    again = visitor.application.test_client()
    again.set_cookie(COOKIE, str(token), path="/console")
    assert again.get("/console/").status_code == 302


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/console/",
        "//evil.example/console/",
        "/\\evil.example",
        "\\\\evil.example",
        "/console//evil.example",
        "/consoleevil",
        "javascript:alert(1)",
        "/console/\r\nX-Evil: 1",
        "/console/../../evil",
        "console/",
        "http:/console/",
    ],
)
def test_no_address_leads_elsewhere_after_sign_in(open_console: OpenConsole, wanted: str) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    assert visitor.sign_in(next=wanted).headers["Location"] == "/console/"
    assert visitor.get("/console/sign-in", 302, query_string={"next": wanted}).headers["Location"] == "/console/"


def test_the_second_factor_is_asked_for_once_enrolled(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    secret, _codes = _enrol(visitor)
    assert visitor.sign_in().headers["Location"].startswith("/console/second-factor")
    assert visitor.get("/console/reports", 302).headers["Location"].startswith("/console/second-factor")
    _give_code(visitor, "000000", 401)
    before = _cookie(visitor)
    code = _code(visitor, secret)
    _give_code(visitor, code, 302)
    assert _cookie(visitor) != before, "half a session never becomes a whole one"
    visitor.get("/console/")
    visitor.post("/console/sign-out")
    visitor.sign_in()
    _give_code(visitor, code, 401)  # a code seen over somebody's shoulder
    sqlite_rig.clock.pass_ms(30_000)
    _give_code(visitor, _code(visitor, secret), 302)


def test_a_recovery_code_serves_once(open_console: OpenConsole) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    _secret, codes = _enrol(visitor)
    visitor.sign_in()
    _give_code(visitor, codes[3].upper().replace("-", " "), 302)
    visitor.get("/console/")
    visitor.post("/console/sign-out")
    visitor.sign_in()
    _give_code(visitor, codes[3], 401)
    _give_code(visitor, codes[4], 302)


def test_half_way_in_does_not_last(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    secret, _codes = _enrol(visitor)
    visitor.sign_in()
    sqlite_rig.clock.pass_ms(sessions.HALF_WAY_MS)
    assert visitor.get("/console/second-factor", 302).headers["Location"] == "/console/sign-in"
    assert _code(visitor, secret)


def _guess(visitor: Visitor, times: int, address: str) -> list[int]:
    token = visitor.csrf("/console/sign-in")
    return [
        visitor.client.post(
            "/console/sign-in",
            data={"csrf": token, "email": visitor.staff.email, "password": f"guess {number}"},
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for number in range(times)
    ]


def test_guessing_gets_slow_even_with_the_right_one_at_last(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    assert _guess(visitor, 6, "192.0.2.1") == [401, 401, 401, 401, 429, 429]
    fields = {"email": visitor.staff.email, "password": PASSWORD, "csrf": visitor.csrf("/console/sign-in")}
    guesser = {"REMOTE_ADDR": "192.0.2.1"}
    assert visitor.client.post("/console/sign-in", data=fields, environ_base=guesser).status_code == 429
    sqlite_rig.clock.pass_ms(2_001)
    assert visitor.client.post("/console/sign-in", data=fields, environ_base=guesser).status_code == 302


def test_a_stranger_shuts_nobody_out(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    owner = open_console("chu-tich")  # this browser was signed in before
    owner.post("/console/sign-out")
    stranger = open_console("chu-tich", signed_in=False)
    stranger.staff = owner.staff
    _guess(stranger, 30, "192.0.2.1")
    elsewhere = open_console("chu-tich", signed_in=False)
    elsewhere.staff = owner.staff
    token = elsewhere.csrf("/console/sign-in")
    fields = {"csrf": token, "email": owner.staff.email, "password": PASSWORD}
    other = {"REMOTE_ADDR": "198.51.100.9"}
    assert elsewhere.client.post("/console/sign-in", data=fields, environ_base=other).status_code == 302
    # The same office, one router for everybody: the owner's own device is not slowed by the stranger beside it.
    fields["csrf"] = owner.csrf("/console/sign-in")
    same = {"REMOTE_ADDR": "192.0.2.1"}
    assert owner.client.post("/console/sign-in", data=fields, environ_base=same).status_code == 302


def test_guessing_through_many_accounts_gets_slow_too(open_console: OpenConsole) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    token = visitor.csrf("/console/sign-in")
    answers = [
        visitor.client.post(
            "/console/sign-in", data={"csrf": token, "email": f"somebody-{number}@x.example", "password": "matkhau"}
        ).status_code
        for number in range(slowing.FREE_FOR_ADDRESS + 3)
    ]
    assert answers[: slowing.FREE_FOR_ADDRESS] == [401] * slowing.FREE_FOR_ADDRESS
    assert answers[-1] == 429


def test_guessing_the_second_factor_gets_slow(open_console: OpenConsole) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    secret, _codes = _enrol(visitor)
    visitor.sign_in()
    for status in (401, 401, 401, 401, 429):
        _give_code(visitor, "123456" if _code(visitor, secret) != "123456" else "654321", status)
    _give_code(visitor, _code(visitor, secret), 429)


def test_a_made_up_password_must_be_changed_first(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich", signed_in=False)
    with sqlite_rig.database.write() as connection:
        connection.execute(
            update(staff_table).where(staff_table.c.id == visitor.staff.id).values(must_change_password=True)
        )
    visitor.sign_in()
    assert visitor.get("/console/reports", 302).headers["Location"] == "/console/profile"
    fields = {"password": PASSWORD, "new_password": "một mật khẩu hoàn toàn khác"}
    visitor.post("/console/profile/password", {**fields, "repeated": "không giống"}, status=400)
    visitor.post("/console/profile/password", {**fields, "repeated": fields["new_password"]})
    visitor.get("/console/reports")


def test_a_new_password_puts_every_other_session_out(open_console: OpenConsole) -> None:
    here = open_console("chu-tich")
    there = Visitor(here.rig, here.application, here.staff)
    there.sign_in()
    fields = {"password": PASSWORD, "new_password": "bảy con vịt qua cầu", "repeated": "bảy con vịt qua cầu"}
    here.post("/console/profile/password", {**fields, "password": "wrong"}, status=400)
    here.post("/console/profile/password", {**fields, "new_password": "12345678", "repeated": "12345678"}, status=400)
    there.get("/console/")
    here.post("/console/profile/password", fields)
    there.get("/console/", 302)
    here.get("/console/")


def test_enrolling_shows_the_codes_once_and_asks_for_the_password(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("chu-tich")
    page = visitor.get("/console/profile/second-factor").text
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    offer = re.search(r'name="offer" value="([^"]+)"', page)
    assert secret
    assert offer
    assert "<svg" in page
    code = _code(visitor, secret[1].replace(" ", ""))
    where = "/console/profile/second-factor"
    visitor.post(where, {"offer": offer[1], "code": code, "password": "wrong"}, status=400)
    visitor.post(where, {"offer": "AAAA", "code": code, "password": PASSWORD}, status=400)
    done = visitor.post(where, {"offer": offer[1], "code": code, "password": PASSWORD}, status=200).text
    codes = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done)
    assert len(codes) == credentials.RECOVERY_CODES
    assert codes[0] not in visitor.get("/console/profile").text
    assert codes[0].replace("-", "") not in repr(sqlite_rig.everything())
    visitor.post("/console/profile/second-factor/off", {"off_password": "wrong"}, status=400)
    visitor.post("/console/profile/second-factor/off", {"off_password": PASSWORD})
    visitor.post("/console/sign-out")
    assert visitor.sign_in().headers["Location"] == "/console/"


def test_an_offer_of_one_account_enrols_no_other(open_console: OpenConsole) -> None:
    one, other = open_console("chu-tich"), open_console("van-phong")
    page = one.get("/console/profile/second-factor").text
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    offer = re.search(r'name="offer" value="([^"]+)"', page)
    assert secret
    assert offer
    fields = {"offer": offer[1], "code": _code(one, secret[1].replace(" ", "")), "password": PASSWORD}
    other.post("/console/profile/second-factor", fields, status=400)


def test_old_sessions_are_swept_at_sign_in(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    for _ in range(3):
        open_console("chu-tich")
    sqlite_rig.clock.pass_ms(24 * HOUR_MS)
    open_console("chu-tich")
    assert len(sqlite_rig.rows("staff_session")) == 1
