"""Every dialogue gone through while the worker is killed at every step: it goes on, and is filed exactly once."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping

import pytest

from bot.casework import volunteers
from bot.store import events
from emulator import residents
from emulator.world import Message

from .kills import SETTLE_SECONDS
from .product import START_SECONDS, Product
from .waiting import wait_until

CODE = re.compile(r"\bPA-[2-9A-Z]{6}\b")
TOLD = (
    "cột điện nghiêng trước nhà văn hóa, sắp đổ",
    "chó thả rông cắn học sinh đi học về",
    "quán hát karaoke mở loa ầm ĩ tới nửa đêm",
    "ống nước sạch vỡ, cả xóm mất nước",
)
PHOTO = "photo"
DAY_MS = 86_400_000
LAST = "gửi đi"
LONGEST_LIFE_SECONDS = 0.3
"""The worker is killed at a random moment of so many seconds after a step was sent: before, while and after it is
handled and answered."""


class Teller:
    """One resident in one dialogue; each step waits for the answer to the one before, as people do."""

    def __init__(self, product: Product, oa_id: str, *steps: str) -> None:
        self._zalo = product.emulator.emulator
        self.oa_id = oa_id
        self.user_id = self._zalo.world.add_resident(oa_id, "Người dân thử").user_id
        self.steps = steps
        self.sent: list[Message] = []

    def send_next(self) -> None:
        step = self.steps[len(self.sent)]
        if step == PHOTO:
            details: Mapping[str, object] = {}
            message = residents.send_attachment(self._zalo, self.oa_id, self.user_id, "image", details)
        else:
            message = residents.send_text(self._zalo, self.oa_id, self.user_id, step)
        self.sent.append(message)

    def answers(self) -> list[str]:
        talk = self._zalo.world.conversation(self.oa_id, self.user_id)
        return [message.text for message in talk if message.direction == "out"]


def _tell_while_killing(product: Product, oa_id: str, tellers: list[Teller], dice: random.Random) -> None:
    """Everybody sends a step, the worker is killed at a random moment and starts again, until all steps are told."""
    (worker,) = product.workers
    for number in range(1, max(len(teller.steps) for teller in tellers) + 1):
        telling = [teller for teller in tellers if len(teller.steps) >= number]
        for teller in telling:
            teller.send_next()
        threading.Event().wait(dice.uniform(0.0, LONGEST_LIFE_SECONDS))  # the random moment itself
        worker.kill()
        wait_until(lambda: worker.said("worker ready"), "the worker serves again", START_SECONDS)
        wait_until(
            lambda number=number, telling=telling: all(len(one.answers()) >= number for one in telling),  # type: ignore[misc]
            f"step {number} answered",
            SETTLE_SECONDS,
        )
        wait_until(lambda: product.open_rows([oa_id]) == 0, "nothing open in the journal", SETTLE_SECONDS)


@pytest.mark.slow
def test_a_report_told_while_the_worker_is_killed_at_each_step_is_filed_once(product: Product, oa_id: str) -> None:
    product.restart_workers({"HOIXA_ZALO_CDN_HOSTS": "127.0.0.1"})
    dice = random.Random(20261122)
    tellers = [Teller(product, oa_id, "#PA", told, "cổng chợ Cầu, nhà số 7", PHOTO, LAST) for told in TOLD]
    _tell_while_killing(product, oa_id, tellers, dice)

    filed = product.rows(f"SELECT code, count(*) FROM case_file WHERE oa_id = '{oa_id}' GROUP BY code")
    assert len(filed) == len(tellers)
    photos = product.rows(f"SELECT case_code, count(*) FROM attachment WHERE oa_id = '{oa_id}' GROUP BY case_code")
    assert photos == dict.fromkeys(filed, 1)
    told_codes = set()
    for teller in tellers:
        answers = teller.answers()
        assert len(answers) == len(teller.steps), answers
        found = CODE.search(answers[-1])
        assert found is not None, answers[-1]
        told_codes.add(found.group())
    assert told_codes == set(filed)


@pytest.mark.slow
def test_every_other_dialogue_is_gone_through_once_while_the_worker_is_killed(product: Product, oa_id: str) -> None:
    services = product.services
    now = services.clock.now_ms()
    with services.database.write() as connection:
        codes = [
            volunteers.issue_code(connection, services.vault, None, "ha-dong", "Thôn Đoài", now, 14) for _ in range(2)
        ]
        events.add(
            connection, now, commune_id="ha-dong", kind="class", title="Lớp dùng VNeID", place="Nhà văn hóa",
            starts_ms=now + DAY_MS, seats=5, audience="", author="x@ha-dong.vn",
        )  # fmt: skip
    idea = Teller(product, oa_id, "#SK", "nên lắp vòi rửa tay bằng tre ở sân đình cho các cháu", "gửi luôn", LAST)
    forward = Teller(
        product, oa_id, codes[0], "chuyển giúp", "chợ phiên họp những ngày nào", "có", "bà Năm", "0912345678", LAST
    )
    report = Teller(product, oa_id, codes[1], "báo cáo tổ", "2", "15", "bà con hay quên mật khẩu", LAST)
    mark = Teller(product, oa_id, "#DG", "2", "nói thêm", "chờ lâu quá")
    sign_up = Teller(product, oa_id, "bao giờ có lớp", "đăng ký", "Bà Năm đầu ngõ")
    forgotten = Teller(product, oa_id, "xóa dữ liệu", "có, xóa hết")
    tellers = [idea, forward, report, mark, sign_up, forgotten]
    _tell_while_killing(product, oa_id, tellers, random.Random(20261123))

    told = {teller.steps[0]: teller.answers() for teller in tellers}
    for teller in tellers:
        assert len(teller.answers()) >= len(teller.steps), teller.answers()
    counted = {
        table: product.rows(f"SELECT '{table}', count(*) FROM {table} WHERE oa_id = '{oa_id}'")[table]
        for table in ("case_file", "forward", "team_report", "rating", "event_sign_up", "erasure")
    }
    assert counted == dict.fromkeys(counted, 1), told
