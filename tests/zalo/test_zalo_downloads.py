from __future__ import annotations

import socket
from typing import Any

import pytest
from fake_zalo import IMPATIENT, PATIENT, FakeZalo, respond

from bot.zalo.downloads import Download, Downloader, DownloadFailure
from bot.zalo.sniffing import IMAGE_TYPES, UNKNOWN_TYPE, content_type

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def host_of(zalo: FakeZalo) -> str:
    return zalo.url.removeprefix("http://")


def downloader(zalo: FakeZalo, **options: Any) -> Downloader:
    return Downloader([host_of(zalo)], **{"read_timeout": PATIENT, "max_bytes": 1000, **options})


def kind_of(found: Download | DownloadFailure) -> str:
    return found.kind if isinstance(found, DownloadFailure) else "fetched"


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str, asked: list[str] | None = None) -> None:
    def answer(host: str, port: int, **options: Any) -> list[Any]:
        if asked is not None:
            asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr("bot.zalo.downloads.socket.getaddrinfo", answer)


def test_a_file_of_an_allowed_host(zalo: FakeZalo) -> None:
    zalo.answers(PNG)
    found = downloader(zalo).fetch(f"{zalo.url}/a.jpg")
    assert found == Download(PNG, "image/png")
    assert zalo.last.headers["accept-encoding"] == "identity"
    assert "PNG" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.vn/a.png",
        "https://evilzdn.vn/a.png",
        "https://zdn.vn.evil.com/a.png",
        "https://f20.zdn.vn@evil.com/a.png",
        "https://evil.com\\@f20.zdn.vn/a.png",
        "https://evil.com#.zdn.vn/",
        "https://user:word@f20.zdn.vn/a.png",
        "https://f20.zdn.vn:8443/a.png",
        "http://127.0.0.1/a.png",
        "http://[::1]/a.png",
        "http://169.254.169.254/latest/meta-data",
        "ftp://f20.zdn.vn/a.png",
        "file:///etc/passwd",
        "//f20.zdn.vn/a.png",
        "https://f20.zdn.vn /a.png",
        "https://f20.zdn.vn/\r\nHost: evil",
        "https://ｚdn.vn/a.png",
        "",
        "a",
        "http://[",
    ],
)
def test_other_addresses_are_not_even_looked_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    resolves_to(monkeypatch, "127.0.0.1", asked=asked)
    found = Downloader().fetch(url)
    assert kind_of(found) == "forbidden"
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_zalo_name_that_leads_inside_is_refused(address: str, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "118.102.1.20", address)
    monkeypatch.setattr(
        "bot.zalo.downloads.socket.create_connection", lambda *given: pytest.fail("connected to an unchecked address")
    )
    assert kind_of(Downloader().fetch(f"{scheme}://f20-zpc.zdn.vn/a.png")) == "forbidden"


@pytest.mark.parametrize("host", ["f20-zpc.zdn.vn", "ZDN.vn", "a.b.zadn.vn", "f20.zdn.vn."])
def test_zalos_hosts_are_connected_at_the_address_that_was_checked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "118.102.1.20")
    tried: list[Any] = []

    def refuse(address: Any, timeout: float | None) -> socket.socket:
        tried.append((address, timeout))
        raise ConnectionRefusedError

    monkeypatch.setattr("bot.zalo.downloads.socket.create_connection", refuse)
    found = Downloader(connect_timeout=2).fetch(f"http://{host}/a.png")
    assert isinstance(found, DownloadFailure)
    assert (found.kind, found.retryable) == ("unreachable", True)
    assert tried == [(("118.102.1.20", 80), 2)]


def test_redirects_are_followed_on_the_list_only(zalo: FakeZalo) -> None:
    def act(handler: Any) -> None:
        if handler.path == "/a":
            respond(handler, b"", 302, Location="/b")
        elif handler.path == "/away":
            respond(handler, b"", 302, Location="http://127.0.0.1:1/x")
        elif handler.path == "/round":
            respond(handler, b"", 302, Location="/round")
        else:
            respond(handler, PNG)

    zalo.act = act
    fetch = downloader(zalo).fetch
    assert kind_of(fetch(f"{zalo.url}/a")) == "fetched"
    assert kind_of(fetch(f"{zalo.url}/away")) == "forbidden"
    zalo.seen.clear()
    assert kind_of(fetch(f"{zalo.url}/round")) == "forbidden"
    assert len(zalo.seen) == 4


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "gone"), (403, "gone"), (410, "gone"), (500, "unreachable"), (429, "unreachable")]
)
def test_statuses(zalo: FakeZalo, status: int, kind: str) -> None:
    zalo.answers(b"no", status)
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == kind


def test_size_is_capped_by_what_is_declared_and_by_what_comes(zalo: FakeZalo) -> None:
    zalo.answers(PNG + b"\x00" * 5000)
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == "too_large"

    def declared_only(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        zalo.released.wait(20)

    zalo.act = declared_only
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == "too_large"

    def undeclared(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(PNG + b"\x00" * 5000)
        handler.close_connection = True

    zalo.act = undeclared
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == "too_large"
    assert kind_of(downloader(zalo, max_bytes=10_000).fetch(f"{zalo.url}/a")) == "fetched"


def test_packed_answers_are_refused(zalo: FakeZalo) -> None:
    zalo.act = lambda handler: respond(handler, PNG, Content_Encoding="gzip")
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == "wrong_type"


def test_time_is_boxed(zalo: FakeZalo) -> None:
    zalo.stalls()
    found = downloader(zalo, read_timeout=IMPATIENT).fetch(f"{zalo.url}/a")
    assert isinstance(found, DownloadFailure)
    assert found.retryable

    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not zalo.released.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    zalo.act = drip
    found = downloader(zalo, seconds=0.2).fetch(f"{zalo.url}/a")
    assert found == DownloadFailure("unreachable", "took too long")


@pytest.mark.parametrize("trouble", ["resets", "breaks_off"])
def test_broken_answers_may_be_tried_again(zalo: FakeZalo, trouble: str) -> None:
    getattr(zalo, trouble)()
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == "unreachable"


@pytest.mark.parametrize("content", [b"<html><script>", b"<svg onload=x>", b"", b"MZ\x90"])
def test_what_the_bytes_say_counts(zalo: FakeZalo, content: bytes) -> None:
    zalo.act = lambda handler: respond(handler, content, Content_Type="image/png")
    assert downloader(zalo).fetch(f"{zalo.url}/a.png") == DownloadFailure("wrong_type", UNKNOWN_TYPE)


def test_only_the_types_asked_for(zalo: FakeZalo) -> None:
    zalo.answers(b"%PDF-1.7")
    assert kind_of(downloader(zalo).fetch(f"{zalo.url}/a")) == "fetched"
    assert downloader(zalo).fetch(f"{zalo.url}/a", IMAGE_TYPES) == DownloadFailure("wrong_type", "application/pdf")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xd8\xff\xe0\x00", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00ABCD", UNKNOWN_TYPE),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"#!AMR\n", "audio/amr"),
        (b"PK\x03\x04", "application/zip"),
        (b"plain", UNKNOWN_TYPE),
    ],
)
def test_sniffing(content: bytes, expected: str) -> None:
    assert content_type(content) == expected
