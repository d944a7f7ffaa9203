"""From the address in a message to sealed bytes beside a case: fetched once, whatever dies in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attachment_samples as samples
import pytest
from rig import OUR_OA, RESIDENT, Rig
from sqlalchemy import func, select

from bot.casework import attachments as keeping
from bot.casework.attachments import LEASE_MS, MOST_THINGS, MOST_TRIES, AttachmentKeeper, keep, wait_ms
from bot.conversation.acts import AddToCase, SentThing
from bot.encryption import DecryptionError
from bot.journal.processing import FiledAct
from bot.journal.states import Voice
from bot.people import Person
from bot.replies import Reply
from bot.store import attachments, takeover_tables
from bot.store.attachments import PART_BYTES, PendingAttachment
from bot.zalo.downloads import Downloader

CODE = "PA-7K3M9X"
Answer = Callable[[BaseHTTPRequestHandler], None]


class FileHost:
    """Zalo's file host, as far as these tests go."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Answer] = {}
        self.asked: list[str] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(self.path)
                found = host.files.get(self.path)
                if callable(found):
                    found(self)
                    return
                self.send_response(404 if found is None else 200)
                self.send_header("Content-Length", str(len(found or b"")))
                self.end_headers()
                self.wfile.write(found or b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.name = f"127.0.0.1:{self.server.server_port}"

    def puts(self, path: str, content: bytes | Answer) -> str:
        self.files[path] = content
        return f"http://{self.name}{path}"


@pytest.fixture
def host() -> Iterator[FileHost]:
    found = FileHost()
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def _act(*things: SentThing, key: str = "in:1:0", user_id: str = RESIDENT) -> FiledAct:
    return FiledAct(key, Person(OUR_OA, user_id), "ha-dong", "trace", 1, AddToCase(CODE, "", things))


def _keep(rig: Rig, *urls: str, kind: str = "image", key: str = "in:1:0", user_id: str = RESIDENT) -> None:
    things = tuple(SentThing(kind, url) for url in urls)
    act = _act(*things, key=key, user_id=user_id)
    with rig.database.write() as connection:
        keep(connection, rig.vault, act, CODE, things)


def _keeper(rig: Rig, host: FileHost, **options: Any) -> AttachmentKeeper:
    downloader = Downloader(
        [host.name], **{"max_bytes": keeping.MOST_BYTES, "read_timeout": 30, "seconds": 60, **options}
    )
    return AttachmentKeeper(rig.services(), downloader)


def _round(rig: Rig, keeper: AttachmentKeeper) -> bool:
    """What the worker does with a chore."""
    with rig.database.write() as connection:
        work = keeper(connection)
    if work is None:
        return False
    work()
    return True


def _of_case(rig: Rig, code: str = CODE) -> list[attachments.Attachment]:
    with rig.database.read() as connection:
        return attachments.of_case(connection, code)


def _bytes_of(rig: Rig, number: int) -> bytes:
    with rig.database.read() as connection:
        found = attachments.open_attachment(connection, rig.vault, number)
    assert found is not None
    return found.content


def _told(rig: Rig) -> list[str]:
    return [Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text for row in rig.rows()]


def _parts(rig: Rig) -> int:
    with rig.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(takeover_tables.attachment_part)).scalar_one())


def test_a_photo_and_a_paper_are_kept_beside_the_case(rig: Rig, host: FileHost) -> None:
    _keep(rig, host.puts("/a", samples.photo_with_place()))
    _keep(rig, host.puts("/b", samples.PDF), kind="file", key="in:2:0")
    assert [one.state for one in _of_case(rig)] == ["pending", "pending"]
    assert _round(rig, _keeper(rig, host))
    photo, paper = _of_case(rig)
    assert (photo.state, photo.mime, photo.width, photo.height) == ("stored", "image/jpeg", 240, 320)
    assert (paper.state, paper.mime, paper.size) == ("stored", "application/pdf", len(samples.PDF))
    assert _bytes_of(rig, paper.id) == samples.PDF
    assert len(_bytes_of(rig, photo.id)) == photo.size
    assert _told(rig) == [], "nobody is told that all went well"
    assert not _round(rig, _keeper(rig, host)), "nothing is left to be fetched"


def test_nothing_that_is_kept_can_be_read_without_the_key(rig: Rig, host: FileHost) -> None:
    _keep(rig, host.puts("/secret-name.pdf", samples.PDF), kind="file")
    _round(rig, _keeper(rig, host))
    everything = repr(rig.everything())
    assert "%PDF" not in everything
    assert "secret-name" not in everything
    with rig.database.write() as connection:
        part = takeover_tables.attachment_part
        connection.execute(part.update().values(part=1))
    with pytest.raises(DecryptionError):
        _bytes_of(rig, 1)


def test_a_large_file_is_put_down_in_parts(rig: Rig, host: FileHost) -> None:
    film = samples.MP4 + bytes(2 * PART_BYTES)
    _keep(rig, host.puts("/film", film), kind="video")
    _round(rig, _keeper(rig, host))
    assert _parts(rig) == 3
    assert _bytes_of(rig, 1) == film


def _redirect(target: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def _endless(handler: BaseHTTPRequestHandler) -> None:
    """Thirty million bytes, and not a word of how many."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    try:
        handler.wfile.write(samples.MP4)
        for _ in range(30):
            handler.wfile.write(bytes(1_000_000))
    except OSError:
        pass  # the other side has heard enough


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (samples.bomb, "too_many_pixels"),
        (lambda: samples.SVG, "wrong_type"),
        (samples.gif_with_script, "mixed"),
        (samples.pdf_with_page, "mixed"),
        (lambda: samples.photo()[:2000], "broken"),
        (lambda: _endless, "too_large"),
        (lambda: _redirect("http://127.0.0.2/a.jpg"), "forbidden"),
        (lambda: _redirect("http://169.254.169.254/latest/meta-data"), "forbidden"),
        (lambda: _redirect("file:///etc/passwd"), "forbidden"),
        (lambda: _redirect("https://example.vn/a.jpg"), "forbidden"),
    ],
)
def test_what_means_harm_is_refused_with_one_word(
    content: Callable[[], bytes | Answer], reason: str, sqlite_rig: Rig, host: FileHost
) -> None:
    _keep(sqlite_rig, host.puts("/a", content()))
    _round(sqlite_rig, _keeper(sqlite_rig, host))
    (one,) = _of_case(sqlite_rig)
    assert (one.state, one.reason) == ("refused", reason)
    assert keeping.reason_for_staff(one.reason)
    (told,) = _told(sqlite_rig)
    assert CODE in told
    assert keeping.WORDS.word(f"keep_{reason}") in told
    assert _parts(sqlite_rig) == 0


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/a.jpg",
        "http://10.0.0.8/a.jpg",
        "http://[::1]/a.jpg",
        "http://169.254.169.254/",
        "https://example.vn/a.jpg",
        "https://zdn.vn.example.vn/a.jpg",
        "",
    ],
)
def test_only_zalos_file_hosts_are_asked(url: str, sqlite_rig: Rig, host: FileHost) -> None:
    _keep(sqlite_rig, url)
    _round(sqlite_rig, _keeper(sqlite_rig, host))
    (one,) = _of_case(sqlite_rig)
    assert (one.state, one.reason) == ("refused", "forbidden")
    assert host.asked == []


def test_the_sender_hears_once_about_all_things_of_a_message(rig: Rig, host: FileHost) -> None:
    good = host.puts("/good", samples.photo())
    bad = [host.puts("/svg", samples.SVG), host.puts("/html", samples.HTML), host.puts("/bomb", samples.bomb())]
    _keep(rig, good, *bad)
    keeper = _keeper(rig, host)
    while _round(rig, keeper):
        pass
    (told,) = _told(rig)
    assert "3 ảnh" in told
    assert told.count(keeping.WORDS.word("keep_wrong_type")) == 1
    assert [one.state for one in _of_case(rig)] == ["stored", "refused", "refused", "refused"]
    assert {row.voice for row in rig.rows()} == {Voice.NOTICE}


def test_an_album_is_cut_short(rig: Rig, host: FileHost) -> None:
    _keep(rig, *[host.puts(f"/{number}", samples.photo()) for number in range(MOST_THINGS + 2)])
    keeper = _keeper(rig, host)
    while _round(rig, keeper):
        pass
    states = [(one.state, one.reason) for one in _of_case(rig)]
    assert states == [("stored", "")] * MOST_THINGS + [("refused", "too_many")] * 2
    assert len(_told(rig)) == 1


def test_what_has_nothing_to_be_fetched_is_no_attachment(sqlite_rig: Rig) -> None:
    _keep(sqlite_rig, "http://127.0.0.1/sticker", kind="sticker")
    _keep(sqlite_rig, "", kind="location", key="in:2:0")
    assert _of_case(sqlite_rig) == []


def test_applying_an_act_twice_fetches_once(rig: Rig, host: FileHost) -> None:
    url = host.puts("/a", samples.photo())
    _keep(rig, url)
    _keep(rig, url)
    keeper = _keeper(rig, host)
    while _round(rig, keeper):
        pass
    _keep(rig, url)
    assert not _round(rig, keeper)
    assert (host.asked, len(_of_case(rig))) == (["/a"], 1)


def test_what_cannot_be_reached_is_tried_again_and_given_up_in_the_end(rig: Rig, host: FileHost) -> None:
    _keep(rig, host.puts("/a", lambda handler: handler.send_error(503)))
    keeper = _keeper(rig, host)
    for tries in range(1, MOST_TRIES):
        assert _round(rig, keeper)
        assert not _round(rig, keeper), "it waits"
        rig.clock.pass_ms(wait_ms(tries))
    assert _told(rig) == []
    assert _round(rig, keeper)
    (one,) = _of_case(rig)
    assert (one.state, one.reason, len(host.asked)) == ("refused", "unreachable", MOST_TRIES)
    assert len(_told(rig)) == 1


def test_what_a_dead_worker_held_is_fetched_by_the_next(rig: Rig, host: FileHost) -> None:
    """Killed after the first part was written: the lease ends, the next worker writes all of it."""
    film = samples.MP4 + bytes(2 * PART_BYTES)
    _keep(rig, host.puts("/film", film), kind="video")
    with rig.database.write() as connection:
        (held,) = attachments.claim(connection, rig.vault, "dead", rig.clock.now_ms(), LEASE_MS, 4)
        assert attachments.put_part(connection, rig.vault, held, "dead", 0, film[:PART_BYTES])
    keeper = _keeper(rig, host)
    assert not _round(rig, keeper), "it is held"
    rig.clock.pass_ms(LEASE_MS)
    assert _round(rig, keeper)
    assert _bytes_of(rig, 1) == film
    with rig.database.write() as connection:
        assert not attachments.put_part(connection, rig.vault, held, "dead", 1, b"late")
        assert not attachments.refuse(connection, held, "dead", "broken")
    assert _bytes_of(rig, 1) == film


def test_a_file_that_kills_whoever_reads_it_is_left_alone_in_the_end(sqlite_rig: Rig, host: FileHost) -> None:
    rig = sqlite_rig
    _keep(rig, host.puts("/a", samples.photo()))
    for _ in range(MOST_TRIES):
        with rig.database.write() as connection:
            assert attachments.claim(connection, rig.vault, "dead", rig.clock.now_ms(), LEASE_MS, 4)
        rig.clock.pass_ms(LEASE_MS)
    _round(rig, _keeper(rig, host))
    (one,) = _of_case(rig)
    assert (one.state, one.reason, host.asked) == ("refused", "broken", [])


def test_two_workers_share_the_work(rig: Rig, host: FileHost) -> None:
    _keep(rig, *[host.puts(f"/{number}", samples.photo("PNG", 40, 30)) for number in range(MOST_THINGS - 1)])
    _keep(rig, host.puts("/svg", samples.SVG), key="in:2:0")
    keepers = [_keeper(rig, host) for _ in range(2)]

    def work(keeper: AttachmentKeeper) -> None:
        while _round(rig, keeper):
            pass

    threads = [threading.Thread(target=work, args=(keeper,)) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(host.asked) == sorted({*(f"/{number}" for number in range(MOST_THINGS - 1)), "/svg"})
    assert [one.state for one in _of_case(rig)].count("stored") == MOST_THINGS - 1
    assert len(_told(rig)) == 1


def test_few_fetches_are_under_way_at_once(sqlite_rig: Rig, host: FileHost) -> None:
    rig = sqlite_rig
    for number in range(20):
        _keep(rig, host.puts(f"/{number}", samples.photo("PNG", 40, 30)), key=f"in:{number}:0")
    keeper = _keeper(rig, host)
    begun = []
    for _ in range(5):
        with rig.database.write() as connection:
            begun.append(keeper(connection))
    works = [work for work in begun if work is not None]
    assert len(works) == keeping.AT_ONCE
    works[0]()
    with rig.database.write() as connection:
        assert keeper(connection) is not None


def test_a_failure_of_the_database_stops_neither_the_rest_nor_the_worker(
    sqlite_rig: Rig, host: FileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = sqlite_rig
    _keep(rig, host.puts("/a", samples.photo()))
    _keep(rig, host.puts("/b", samples.photo()), key="in:2:0")
    keeper = _keeper(rig, host)
    store = keeper._store

    def fail_once(one: PendingAttachment, kept: Any) -> None:
        monkeypatch.setattr(keeper, "_store", store)
        raise OSError

    monkeypatch.setattr(keeper, "_store", fail_once)
    assert _round(rig, keeper)
    assert [one.state for one in _of_case(rig)] == ["pending", "stored"]
    rig.clock.pass_ms(LEASE_MS)
    assert _round(rig, keeper)
    assert [one.state for one in _of_case(rig)] == ["stored", "stored"]


def test_forgetting_a_person_forgets_what_they_attached(rig: Rig, host: FileHost) -> None:
    _keep(rig, host.puts("/a", samples.photo()), host.puts("/b", samples.photo()))
    _keep(rig, host.puts("/c", samples.photo()), key="in:2:0", user_id="another")
    keeper = _keeper(rig, host)
    with rig.database.write() as connection:
        held = attachments.claim(connection, rig.vault, "slow", rig.clock.now_ms(), LEASE_MS, 1)[0]
    _round(rig, keeper)
    with rig.database.write() as connection:
        assert attachments.erase(connection, OUR_OA, RESIDENT) == 2
        assert not attachments.put_part(connection, rig.vault, held, "slow", 0, b"late")
    assert [row.user_id for row in rig.rows("attachment")] == ["another"]
    assert _parts(rig) == 1


def test_things_go_with_a_merged_case(sqlite_rig: Rig) -> None:
    _keep(sqlite_rig, "http://127.0.0.1/a")
    with sqlite_rig.database.write() as connection:
        attachments.move(connection, CODE, "PA-222222")
        assert attachments.backlog(connection) == (1, 1)
    assert len(_of_case(sqlite_rig, "PA-222222")) == 1
