"""No sliding second holds more than the limit allows, whoever asks for slots and from wherever."""

from __future__ import annotations

import random
import threading

import pytest
from rig import OTHER_OA, OUR_OA, Rig

from bot.journal import outbox, rate
from bot.journal.rate import APP_SCOPE, RateLimiter, oa_scope

SECOND_US = 1_000_000


class SetTime:
    """Real time as the test says, in microseconds."""

    def __init__(self) -> None:
        self.us = 1_795_324_800_000_000

    def __call__(self) -> int:
        return self.us


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SetTime:
    moment = SetTime()
    monkeypatch.setattr(rate, "now_us", moment)
    return moment


def _slots(rig: Rig, limiter: RateLimiter, oa_id: str, wanted: int) -> list[int]:
    with rig.database.write() as connection:
        plan = limiter.begin(connection)
        slots = plan.slots(oa_id, wanted)
        plan.spend(oa_id, slots)
        plan.finish()
    return slots


def _most_in_a_second(moments: list[int]) -> int:
    ordered = sorted(moments)
    most, first = 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= SECOND_US:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("limit", [1, 5, 20, 60])
def test_two_workers_over_one_database_keep_the_limit_and_use_it(limit: int, rig: Rig, now: SetTime) -> None:
    """Five seconds of two greedy workers that look at irregular moments, each through a limiter of its own."""
    workers = [(RateLimiter(limit, 10_000), dice) for dice in (random.Random(1), random.Random(2))]
    begin, moments = now.us, []
    while now.us < begin + 5 * SECOND_US:
        limiter, dice = workers[(now.us // 1000) % 2]
        moments += _slots(rig, limiter, OUR_OA, dice.randint(1, 30))
        now.us += dice.randint(1, 40_000)
    assert _most_in_a_second(moments) <= limit
    late = [moment + random.Random(moment).randint(0, 30_000) for moment in moments]
    assert _most_in_a_second(late) <= limit + max(1, 0.05 * limit)
    assert len(moments) >= 0.93 * 5 * limit, "a limit that is not used keeps people waiting"


def test_the_budget_of_the_app_is_shared_by_its_oas(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(20, 30)
    moments: dict[str, list[int]] = {OUR_OA: [], OTHER_OA: []}
    begin = now.us
    while now.us < begin + 3 * SECOND_US:
        for oa_id in moments:
            moments[oa_id] += _slots(rig, limiter, oa_id, 1)
        now.us += 20_000
    assert _most_in_a_second([*moments[OUR_OA], *moments[OTHER_OA]]) <= 30
    assert all(_most_in_a_second(one) <= 20 for one in moments.values())
    assert min(len(one) for one in moments.values()) >= 3 * 12, "neither OA starves"
    assert sum(map(len, moments.values())) >= 0.93 * 90


def _announced(rig: Rig, limiter: RateLimiter, oa_id: str, wanted: int, answers: int) -> tuple[list[int], list[int]]:
    """A claim while an announcement runs: slots of answers, and of the announcement."""
    with rig.database.write() as connection:
        plan = limiter.begin(connection)
        answered = plan.slots(oa_id, answers, at_once=True)
        plan.spend(oa_id, answered)
        announced = plan.announcement_slots(oa_id, wanted)
        plan.spend_announcements(oa_id, announced)
        plan.finish()
    return answered, announced


@pytest.mark.parametrize("limit", [5, 20, 250])
@pytest.mark.parametrize("asking", [0.1, 1.0])
def test_answers_that_leave_at_once_keep_the_limit(limit: int, asking: float, rig: Rig, now: SetTime) -> None:
    dice = random.Random(limit + asking)
    limiter = RateLimiter(limit, limit * 3)
    begin, moments = now.us, []
    while now.us < begin + 3 * SECOND_US:
        answers = dice.randint(1, 3) if dice.random() < asking else 0
        answered, announced = _announced(rig, limiter, OUR_OA, 40, answers)
        moments += [*answered, *announced]
        now.us += dice.randint(1_000, 30_000)
    assert len(moments) > 3 * limit * 0.7, "an announcement has four fifths, or nearly"
    assert _most_in_a_second(moments) <= limit + max(1, 0.05 * limit)


def test_an_answer_waits_for_none_of_an_announcements_slots(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(20, 60)
    for _ in range(40):
        now.us += 30_000
        _announced(rig, limiter, OUR_OA, 40, 0)
    for _ in range(5):
        answered, _more = _announced(rig, limiter, OUR_OA, 40, 1)
        assert answered == [now.us]
        now.us += 300_000
    answered, _more = _announced(rig, limiter, OUR_OA, 40, 2)
    assert answered[0] == now.us < answered[1]


def test_too_fast_holds_for_answers_beside_an_announcement_too(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(20, 60)
    for scope in (oa_scope(OUR_OA), APP_SCOPE):
        with rig.database.write() as connection:
            limiter.push_back(connection, scope, now.us + SECOND_US)
        now.us += SECOND_US - 90_000
        answered, announced = _announced(rig, limiter, OUR_OA, 40, 1)
        assert announced == [] and all(slot >= now.us + 90_000 for slot in answered)
        now.us += 2 * SECOND_US


def test_slots_not_spent_are_there_for_the_next(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(100, 10_000)
    with rig.database.write() as connection:
        plan = limiter.begin(connection)
        first = plan.slots(OUR_OA, 5)
        plan.spend(OUR_OA, first[:2])
        plan.finish()
    assert len(first) == 5
    assert _slots(rig, limiter, OUR_OA, 1) == [first[2]]


def test_nothing_is_written_where_nothing_is_spent(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(20, 60)
    _slots(rig, limiter, OUR_OA, 1)
    before = rig.rows("rate_limit")
    _slots(rig, limiter, OUR_OA, 0)
    assert rig.rows("rate_limit") == before


def test_too_fast_says_zalo_and_the_scope_waits(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(20, 60)
    until = now.us + SECOND_US
    with rig.database.write() as connection:
        limiter.push_back(connection, oa_scope(OUR_OA), until)
    assert _slots(rig, limiter, OUR_OA, 5) == []
    assert _slots(rig, limiter, OTHER_OA, 1) == [now.us]
    with rig.database.write() as connection:
        limiter.push_back(connection, oa_scope(OUR_OA), until - 500_000)
    now.us = until - rate.HORIZON_US - 1
    assert _slots(rig, limiter, OUR_OA, 5) == []
    now.us += 1
    assert _slots(rig, limiter, OUR_OA, 5)[0] == until
    with rig.database.write() as connection:
        limiter.push_back(connection, APP_SCOPE, now.us + SECOND_US)
    assert _slots(rig, limiter, OTHER_OA, 5) == []


def test_calls_that_are_no_sends_take_slots_of_the_app(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(20, 10)
    limiter.wait_for_app_slot(rig.database)
    stop = threading.Event()
    stop.set()
    for _ in range(3):
        limiter.wait_for_app_slot(rig.database, stop)
    interval = limiter.app_interval_us
    (row,) = rig.rows("rate_limit")
    assert row.scope == APP_SCOPE
    assert row.next_us - now.us == pytest.approx(4 * interval, abs=4)


def test_a_clock_set_back_does_not_silence_the_office(rig: Rig, now: SetTime) -> None:
    """A PC that woke up in next year, sent, and was then set right by its network must go on sending."""
    limiter = RateLimiter(20, 60)
    _slots(rig, limiter, OUR_OA, 1)
    now.us -= 3_600 * SECOND_US
    slots = _slots(rig, limiter, OUR_OA, 5)
    assert slots
    assert slots[0] == now.us
    assert _most_in_a_second(slots) <= 20


def test_a_slow_limit_is_no_clock_set_back(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(0.01, 60)
    assert len(_slots(rig, limiter, OUR_OA, 1)) == 1
    now.us += 90 * SECOND_US
    assert _slots(rig, limiter, OUR_OA, 1) == []
    now.us += 12 * SECOND_US
    assert len(_slots(rig, limiter, OUR_OA, 1)) == 1


def test_an_oa_at_its_limit_leaves_the_others_theirs(rig: Rig, now: SetTime) -> None:
    limiter = RateLimiter(1, 10_000)
    for oa_id in (OUR_OA, OTHER_OA):
        rig.connect_oa(oa_id)
        rig.owe(*(rig.new_send(oa_id=oa_id, user_id=f"resident {number}") for number in range(5)))
    with rig.database.write() as connection:
        claim = outbox.claim(connection, limiter, "0000000a", rig.clock.now_ms(), 64)
    assert sorted(send.oa_id for send in claim.sends) == sorted([OUR_OA, OTHER_OA])
    assert claim.rate_held


@pytest.mark.parametrize("rig", ["postgres"], indirect=True)
def test_pushing_back_beside_a_claim_is_no_deadlock(rig: Rig) -> None:
    """One worker writes Zalo's "too fast" for an OA and then claims, while another claims for the same OA."""
    limiter = RateLimiter(10_000, 10_000)
    rig.connect_oa()
    databases = [rig.another_database() for _ in range(4)]
    troubles: list[BaseException] = []
    barrier = threading.Barrier(4)

    def work(number: int) -> None:
        try:
            for _ in range(60):
                barrier.wait(30)
                with databases[number].write() as connection:
                    if number % 2:
                        limiter.push_back(connection, oa_scope(OUR_OA), 1)
                    plan = limiter.begin(connection)
                    plan.spend(OUR_OA, plan.slots(OUR_OA, 1))
                    plan.finish()
        except BaseException as error:
            troubles.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    assert troubles == []
