"""Every route says who may see it; nothing is open by being forgotten."""

from __future__ import annotations

from console_visitor import OpenConsole
from rig import Rig

from bot.permissions import PERMISSIONS
from console.access import ACT, OPEN_TO_STAFF, PUBLIC
from console.app import PREFIX, create_app
from console.rooms import NAVIGATION

PUBLIC_ENDPOINTS = {
    "static_files.send",
    "sign_in.page",
    "sign_in.enter",
    "sign_in.second_factor",
    "sign_in.check_second_factor",
    "sign_in.sign_out",
    "calendar.feed",
}
"""Whoever adds a page that nobody must sign in for, says so here too."""


def test_every_route_declares_its_act_or_says_why_it_has_none(sqlite_rig: Rig) -> None:
    application = create_app(sqlite_rig.services())
    for rule in application.url_map.iter_rules():
        view = application.view_functions[rule.endpoint]
        declared = [name for name in (PUBLIC, OPEN_TO_STAFF, ACT) if getattr(view, name, "")]
        assert len(declared) == 1, f"{rule.endpoint}: declares {declared}"
        assert rule.rule.startswith(f"{PREFIX}/"), rule.rule
        if declared == [ACT]:
            assert getattr(view, ACT) in PERMISSIONS
        assert (rule.endpoint in PUBLIC_ENDPOINTS) == (declared == [PUBLIC]), rule.endpoint


def test_a_route_that_declares_nothing_is_refused(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    visitor = open_console("quan-tri")
    visitor.application.view_functions["home.mine"] = lambda: "secret"
    assert "secret" not in visitor.get("/console/", 403).text


def test_without_a_session_nothing_but_the_door(sqlite_rig: Rig) -> None:
    application = create_app(sqlite_rig.services())
    client = application.test_client()
    for rule in application.url_map.iter_rules():
        if rule.endpoint in PUBLIC_ENDPOINTS:
            continue
        values = {
            name: "1" if "int" in type(rule._converters[name]).__name__.lower() else "x" for name in rule.arguments
        }
        path = rule.build(values)[1]  # type: ignore[index]
        for method in rule.methods & {"GET", "POST"}:  # type: ignore[operator]
            answer = client.open(path, method=method)
            assert answer.status_code == 302, (method, path, answer.status_code)
            assert answer.headers["Location"].startswith("/console/sign-in"), path


def test_every_way_of_the_menu_has_its_words_and_a_known_act() -> None:
    from console.desk import word

    for way in NAVIGATION:
        assert word(way.words)
        assert not way.act or way.act in PERMISSIONS
