"""Pages of the officials' desk in an old, full install: 20,000 cases and 200,000 messages beside a nearly empty one."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection, func, insert, select

from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import OA_ID, Install, fresh_folder
from bot.cases import codes
from bot.casework.taking_down import TakenDown, take_down
from bot.casework.twin_search import TwinSearch
from bot.store import staff as accounts
from bot.store.case_tables import case_event, case_file, case_person
from bot.store.staff import NewStaff, Staff
from bot.store.tables import inbox, outbox
from console.app import create_app

COMMUNE = "ha-dong"
PASSWORD = "bốn từ không liên quan"
REAL = 120
CASES, MESSAGES = 20_000, 200_000
DAY_MS = 86_400_000
SLICE = 2_000
SAYINGS = (
    "Mất nước từ sáng ở xóm {n}, cả ngõ không có nước nấu cơm",
    "Đèn đường trước nhà số {n} hỏng đã hai tuần, tối đi lại nguy hiểm",
    "Rác chất đống ở đầu ngõ {n}, mùi không chịu được",
    "Ổ gà to ở đường vào thôn {n}, xe máy ngã mấy lần rồi",
    "Quán hát loa to sau 22 giờ ở tổ {n}",
    "Lập nhóm Zalo thôn {n} để báo lịch tiêm, ai cũng biết",
)
STATES = ("received",) + ("assigned",) * 3 + ("waiting_resident",) + ("resolved",) * 70 + ("refused",) * 5
"""One in twenty is open: a thousand of twenty thousand, more than a commune's units can have in hand at once."""
IDEA_STATES = ("submitted", "assessing", "trial", "recognised", "declined")
PAGES: Mapping[str, str] = {
    "Việc của tôi": "/console/",
    "phản ánh: mới": "/console/reports",
    "phản ánh: quá hạn": "/console/reports?folder=overdue",
    "phản ánh: tất cả": "/console/reports?folder=all",
    "phản ánh: theo thôn": "/console/reports/villages",
    "một phản ánh": "/console/reports/{report}",
    "sáng kiến": "/console/initiatives",
    "một sáng kiến": "/console/initiatives/{initiative}",
    "trò chuyện": "/console/conversations",
    "chưa trả lời được": "/console/unanswered",
    "câu trả lời": "/console/knowledge",
    "nhật ký": "/console/audit",
}


def measure(rounds: int, say: Say, cases: int = CASES, messages: int = MESSAGES) -> list[Comparison]:
    """The 95th percentile of each page's server time, both installs in turn."""
    found = {
        name: Comparison(f"trang {name}: p95", "ms", f"{REAL} việc", Goal("at most", 100.0), of="ours")
        for name in PAGES
    }
    with _desk(cases, messages, say) as full, _desk(REAL, 0, say) as small:
        for name, address in PAGES.items():
            times: dict[int, list[float]] = {0: [], 1: []}
            for number in range(rounds):
                for which in (0, 1) if number % 2 else (1, 0):
                    desk = (full, small)[which]
                    begun = time.perf_counter()
                    answer = desk.client.get(address.format(**desk.codes))
                    spent = (time.perf_counter() - begun) * 1000
                    if answer.status_code != 200:
                        raise RuntimeError(f"{address}: {answer.status_code}")
                    if number:  # the first of each compiles the template
                        times[which].append(spent)
            ours, plain = (sorted(times[which])[int(0.95 * (len(times[which]) - 1) + 0.5)] for which in (0, 1))
            found[name].add(ours, plain)
            say(f"trang {name}: {ours:.0f} ms với {cases} việc, {plain:.0f} ms với {REAL} việc")
    return list(found.values())


class _Desk:
    def __init__(self, client: FlaskClient, shown: Mapping[str, str]) -> None:
        self.client = client
        self.codes = shown


@contextmanager
def _desk(cases: int, messages: int, say: Say) -> Iterator[_Desk]:
    with fresh_folder() as folder:
        install = Install(folder, "http://127.0.0.1:9")
        begun = time.monotonic()
        shown = _fill(install, cases, messages)
        say(f"bàn làm việc với {cases} việc, {messages} tin: đổ dữ liệu {time.monotonic() - begun:.0f} s")
        yield _Desk(_signed_in(install), shown)
        install.services.database.close()


def _official(connection: Connection, now_ms: int) -> Staff:
    from bot import credentials

    new = NewStaff(COMMUNE, "chu-tich@ha-dong.example", "Chủ tịch", "chu-tich", credentials.hash_password(PASSWORD))
    return accounts.add(connection, new, now_ms)


def _fill(install: Install, cases: int, messages: int) -> dict[str, str]:
    services = install.services
    now = services.clock.now_ms()
    dice = random.Random(7)
    with services.database.write() as connection:
        staff = _official(connection, now)
        for number in range(REAL):
            kind = "initiative" if number % 6 == 5 else "report"
            text = SAYINGS[number % 6].format(n=number)
            taken = TakenDown(
                kind=kind, source="hotline", category="khac" if kind == "report" else "chuyen-doi-so", text=text,
                title=text if kind == "initiative" else "",
            )  # fmt: skip
            take_down(connection, services.vault, staff, COMMUNE, taken, now)
    with services.database.read() as connection:
        patterns = [dict(row) for row in connection.execute(select(case_file)).mappings()]
    for begin in range(REAL, cases, SLICE):
        with services.database.write() as connection:
            _copy(connection, patterns, range(begin, min(begin + SLICE, cases)), dice, now)
    for begin in range(0, messages // 2, SLICE):
        with services.database.write() as connection:
            _messages(connection, range(begin, min(begin + SLICE, messages // 2)), now)
    twins = TwinSearch(services)
    while twins.search():
        """The worker has long looked through them all."""
    with services.database.read() as connection:
        return {
            kind: connection.execute(
                select(func.min(case_file.c.code)).where(case_file.c.kind == kind, case_file.c.id <= REAL)
            ).scalar_one()
            for kind in ("report", "initiative")
        }


def _fresh_code(kind: str, drawn: set[str]) -> str:
    while (code := codes.new_code(kind, secrets.choice)) in drawn:
        pass
    drawn.add(code)
    return code


def _copy(
    connection: Connection, patterns: list[dict[str, Any]], numbers: range, dice: random.Random, now_ms: int
) -> None:
    rows = []
    drawn = set(connection.execute(select(case_file.c.code)).scalars())
    for number in numbers:
        row = {name: value for name, value in patterns[number % len(patterns)].items() if name != "id"}
        created = now_ms - dice.randrange(700) * DAY_MS
        state = dice.choice(STATES if row["kind"] == "report" else IDEA_STATES)
        is_open = state in ("received", "assigned")
        rows.append(
            row
            | {
                "key": f"bench:{number}",
                "code": _fresh_code(row["kind"], drawn),
                "state": state,
                "due_ms": created + 5 * DAY_MS if is_open and row["kind"] == "report" else None,
                "created_ms": created,
                "updated_ms": created,
                "assignee": "chu-tich@ha-dong.example" if number % 9 == 0 else "",
            }
        )
    ids = connection.execute(insert(case_file).returning(case_file.c.id), rows).scalars().all()
    connection.execute(
        insert(case_event),
        [
            {"key": f"bench:{id}:filed", "case_id": id, "commune_id": COMMUNE, "kind": "filed", "at_ms": now_ms}
            for id in ids
        ],
    )
    connection.execute(
        insert(case_person),
        [
            {
                "case_id": id, "commune_id": COMMUNE, "oa_id": OA_ID, "user_id": f"u{id}", "role": "filer",
                "known_code": "PA-000000",
                "joined_ms": now_ms,
            }
            for id in ids
        ],
    )  # fmt: skip


def _messages(connection: Connection, numbers: range, now_ms: int) -> None:
    connection.execute(
        insert(inbox),
        [
            {
                "oa_id": OA_ID, "event": "user_send_text", "msg_id": f"m{number}", "sender": f"u{number % 9000}",
                "user_id": f"u{number % 9000}", "trace_id": "t", "state": 2, "received_ms": now_ms - number,
            }
            for number in numbers
        ],
    )  # fmt: skip
    connection.execute(
        insert(outbox),
        [
            {
                "key": f"bench:{number}", "oa_id": OA_ID, "user_id": f"u{number % 9000}", "lane": 0, "trace_id": "t",
                "text_digest": "d", "plain_digest": "d", "state": 2, "due_ms": 0, "created_ms": now_ms - number,
            }
            for number in numbers
        ],
    )  # fmt: skip


def _signed_in(install: Install) -> FlaskClient:
    import re

    client = create_app(install.services).test_client()
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/console/sign-in").text)
    assert token is not None
    fields = {"csrf": token[1], "email": "chu-tich@ha-dong.example", "password": PASSWORD}
    answer = client.post("/console/sign-in", data=fields)
    assert answer.status_code == 302, answer.status_code
    return client
