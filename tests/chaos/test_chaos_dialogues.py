"""A report told step by step while the worker is killed at every step: it goes on, and is filed exactly once."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping

import pytest

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
LAST = "gửi đi"
LONGEST_LIFE_SECONDS = 0.3
"""The worker is killed at a random moment of so many seconds after a step was sent: before, while and after it is
handled and answered."""


class Teller:
    """One resident who tells a report; each step waits for the answer to the one before, as people do."""

    def __init__(self, product: Product, oa_id: str, told: str) -> None:
        self._zalo = product.emulator.emulator
        self.oa_id = oa_id
        self.user_id = self._zalo.world.add_resident(oa_id, "Người dân thử").user_id
        self.steps = ("#PA", told, "cổng chợ Cầu, nhà số 7", PHOTO, LAST)
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


@pytest.mark.slow
def test_a_report_told_while_the_worker_is_killed_at_each_step_is_filed_once(product: Product, oa_id: str) -> None:
    product.restart_workers({"HOIXA_ZALO_CDN_HOSTS": "127.0.0.1"})
    dice = random.Random(20261122)
    tellers = [Teller(product, oa_id, told) for told in TOLD]
    (worker,) = product.workers
    for number in range(1, len(tellers[0].steps) + 1):
        for teller in tellers:
            teller.send_next()
        threading.Event().wait(dice.uniform(0.0, LONGEST_LIFE_SECONDS))  # the random moment itself
        worker.kill()
        wait_until(lambda: worker.said("worker ready"), "the worker serves again", START_SECONDS)
        wait_until(
            lambda number=number: all(len(teller.answers()) >= number for teller in tellers),  # type: ignore[misc]
            f"step {number} answered",
            SETTLE_SECONDS,
        )
        wait_until(lambda: product.open_rows([oa_id]) == 0, "nothing open in the journal", SETTLE_SECONDS)

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
