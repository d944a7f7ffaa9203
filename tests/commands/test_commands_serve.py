"""``hoixa serve`` as a whole: a signed message in, an answer out, a clean stop; and nothing private in the logs."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
from pathlib import Path

import psutil
import pytest
from chaos.ports import free_port
from hoixa_process import Served, hoixa
from rig import wait_until

import emulator
from emulator import residents

IDENTITY_NUMBER = "031195004321"
PHONE = "0912345678"
NAME = "Nguyễn Thị Hồng Nhung Thử"
SENTENCE = "con mèo vàng nhà bà Tám trèo lên cột điện kêu cả đêm"

pytestmark = pytest.mark.slow


def test_a_message_is_answered_nothing_private_is_logged_and_the_service_stops_clean(tmp_path: Path) -> None:
    port = free_port()
    configuration = emulator.EmulatorConfiguration(
        webhook_url=f"http://127.0.0.1:{port}/webhooks/zalo", redelivery_scale=0.01
    )
    with emulator.start(configuration) as running:
        zalo = running.emulator
        account = zalo.world.add_account("Xã Hà Đông")
        person = zalo.world.add_resident(account.oa_id, NAME)
        pair = zalo.issue_tokens(account.oa_id)
        settings = {
            "HOIXA_ZALO_APP_ID": configuration.app_id,
            "HOIXA_ZALO_APP_SECRET": configuration.app_secret,
            "HOIXA_ZALO_API_URL": running.url,
            "HOIXA_ZALO_OAUTH_URL": running.url,
        }
        added = hoixa(
            tmp_path, "oa", "add", "--commune", "ha-dong", "--oa-id", account.oa_id, "--oa-secret", account.secret_key,
            "--access-token", pair.access_token, "--refresh-token", pair.refresh_token, **settings,
        )  # fmt: skip
        assert added.returncode == 0, added.stderr

        def answers() -> list[str]:
            conversation = zalo.world.conversation(account.oa_id, person.user_id)
            return [message.text for message in conversation if message.direction == "out"]

        with Served(tmp_path, port, **settings) as served:
            served.wait_until_ready()
            children = psutil.Process(served.process.pid).children(recursive=True)
            assert {"web", "worker", "clock"} <= {child.cmdline()[-1] for child in children}

            residents.send_text(zalo, account.oa_id, person.user_id, "Làm giấy khai sinh cần giấy tờ gì?")
            first = wait_until(answers, "an answer at the emulated Zalo")
            assert any("khai sinh" in text.lower() for text in first)
            for number, text in enumerate(
                (
                    f"Tôi tên {NAME}, số căn cước {IDENTITY_NUMBER}, điện thoại {PHONE}, {SENTENCE}",
                    f"Gọi lại cho tôi số {PHONE} nhé, {SENTENCE}",
                ),
                1,
            ):
                before = len(answers())
                residents.send_text(zalo, account.oa_id, person.user_id, text)
                wait_until(lambda before=before: len(answers()) > before, f"answer {number} to private words")  # type: ignore[misc]
            residents.submit_info(zalo, account.oa_id, person.user_id, {"name": NAME, "phone": PHONE})
            counted = len(answers())
            residents.send_text(zalo, account.oa_id, person.user_id, "Lệ phí bao nhiêu?")
            wait_until(lambda: len(answers()) > counted, "an answer after the contact details")

            second = hoixa(tmp_path, "serve", HOIXA_BIND=f"127.0.0.1:{free_port()}", **settings)
            assert second.returncode == 1
            assert second.stderr.strip().count("\n") == 0
            assert "hoixa serve" in second.stderr

            assert served.stop() == 0
            said = served.said()
            assert "Đã dừng gọn." in said
        gone = psutil.wait_procs(children, timeout=60)[1]
        assert gone == [], "no child outlives the supervisor"
        for private in (IDENTITY_NUMBER, PHONE, NAME, SENTENCE, "mèo vàng", pair.access_token, account.secret_key):
            assert private not in said, f"{private!r} is in the logs"
            assert ascii(private)[1:-1] not in said
        assert "trace_id" in said, "the logs that were looked through are those of the processes"
        raw = b"".join(path.read_bytes() for path in (tmp_path / "var").glob("hoixa.sqlite3*"))
        for private in (IDENTITY_NUMBER, PHONE, NAME, SENTENCE, pair.access_token, account.secret_key):
            assert private.encode() not in raw, f"{private!r} lies open in the database"
        with sqlite3.connect(tmp_path / "var" / "hoixa.sqlite3") as database:
            open_rows = database.execute(
                "SELECT (SELECT count(*) FROM inbox WHERE state IN (0, 1))"
                " + (SELECT count(*) FROM outbox WHERE state = 1)"
            ).fetchone()[0]
        database.close()
        assert open_rows == 0, "a clean stop leaves nothing half done"


def test_a_busy_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        bind = f"127.0.0.1:{holder.getsockname()[1]}"
        for command in ("serve", "web"):
            done = hoixa(tmp_path, command, HOIXA_BIND=bind)
            assert done.returncode == 1
            last = done.stderr.strip().splitlines()[-1]
            assert bind in last
            assert "Traceback" not in done.stderr


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with Served(tmp_path, free_port()) as served:
        served.wait_until_ready()
        children = psutil.Process(served.process.pid).children(recursive=True)
        assert len(children) >= 3
        served.process.kill()
        served.process.wait()
        assert psutil.wait_procs(children, timeout=60)[1] == []


def test_a_wrong_key_is_told_in_one_line_and_nothing_is_started_over_and_over(tmp_path: Path) -> None:
    port = free_port()
    added = hoixa(
        tmp_path, "oa", "add", "--commune", "ha-dong", "--oa-id", "1", "--oa-secret", "s", "--access-token", "a",
        "--refresh-token", "r",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    done: subprocess.CompletedProcess[str] = hoixa(
        tmp_path, "serve", HOIXA_SECRET_KEY="another key of thirty-two letters", HOIXA_BIND=f"127.0.0.1:{port}"
    )
    assert done.returncode == 1
    assert "HOIXA_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
