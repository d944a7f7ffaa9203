"""Articles, group posts and messages against the emulated Zalo, through the product's own client and sender."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from broadcast_making import CHAIR, OWNER, add_residents, approved, look, move_on, reasons_of, user
from rig import HOUR_MS, Rig

import emulator
from bot import grants
from bot.broadcasts import acts
from bot.journal import doubt, outbox, sending
from bot.journal.access import TokenKeeper
from bot.journal.announcing import count_settled
from bot.journal.calls import is_repeatable, step_of
from bot.journal.doubt import Verdict
from bot.journal.sending import Sender
from bot.journal.states import OutboxState
from bot.services import Services
from bot.store.broadcasts import Progress
from emulator import Emulator


@dataclass
class Town:
    """An install beside an emulated Zalo, both on the rig's clock."""

    rig: Rig
    zalo: Emulator
    services: Services
    oa_id: str

    def pump(self, rounds: int = 30) -> None:
        """What the worker does, until a round brings nothing; the clock stands still."""
        keeper = TokenKeeper(self.rig.database, self.rig.vault, self.services.zalo, self.rig.clock, OWNER)
        sender = Sender(self.services.zalo, keeper, self.rig.vault, self.rig.clock)
        for _ in range(rounds):
            move_on(self.rig)
            sends = self.rig.claim_sends(OWNER)
            if not sends:
                return
            finished = [sender.send(send) for send in sends]
            progress = Progress()
            with self.rig.database.write() as connection:
                sending.record(connection, OWNER, finished, self.rig.clock.now_ms(), self.rig.vault, progress)
                progress.write(connection)

    def texts(self, user_id: str) -> list[str]:
        return [message.text for message in self.zalo.world.conversation(self.oa_id, user_id)]


@pytest.fixture
def town(sqlite_rig: Rig) -> Iterator[Town]:
    clock = sqlite_rig.clock
    configuration = emulator.EmulatorConfiguration(time_source=lambda: clock.now_ms() / 1000, calls_per_minute=100_000)
    with emulator.start(configuration) as running:
        services = sqlite_rig.services(
            HOIXA_ZALO_API_URL=running.url, HOIXA_ZALO_OAUTH_URL=running.url, HOIXA_QUIET_HOURS="off"
        )
        from rig import OUR_OA

        account = running.emulator.world.add_account("Xã thử", oa_id=OUR_OA)
        pair = running.emulator.issue_tokens(OUR_OA)
        grants.connect(
            sqlite_rig.database, sqlite_rig.vault, clock, oa_id=OUR_OA, commune_id="ha-dong",
            secret=account.secret_key, access_token=pair.access_token, refresh_token=pair.refresh_token,
        )  # fmt: skip
        yield Town(sqlite_rig, running.emulator, services, OUR_OA)


def _article(town: Town, **changes: object) -> int:
    return approved(town.rig, kind="article", title="Ngày không giấy tờ", text="Đoạn một.\n\nĐoạn <hai>.", **changes)


def test_an_article_is_made_verified_and_sent_in_one_call(town: Town) -> None:
    town.zalo.configuration.article_verify_polls = 2
    broadcast_id = _article(town)
    for _ in range(4):
        town.pump()
        town.rig.clock.pass_ms(6_000)  # Zalo's "still processing" is asked again after five seconds
    one = look(town.rig, broadcast_id)
    assert (one.state, one.total, one.sent, one.failed) == ("done", 1, 1, 0)
    assert one.article_id and one.zalo_msg_id
    keys = [row.key for row in town.rig.rows()]
    assert [step_of(key) for key in keys] == ["article_create", "article_verify", "article_broadcast"]
    # A follower reads it once Zalo's review is over.
    person = town.zalo.world.add_resident(town.oa_id, "Người dân thử")
    person.follower = True
    town.rig.clock.pass_ms(31 * 60_000)
    town.services.zalo.oa_profile("any call lets the emulated time be looked at")
    (message,) = town.zalo.world.conversation(town.oa_id, person.user_id)
    assert message.attachments[0]["payload"]["title"] == "Ngày không giấy tờ"  # type: ignore[index]


@pytest.mark.parametrize(("hours", "state"), [(9.99, "done"), (10, "running"), (17.99, "running"), (18, "done")])
def test_an_article_never_goes_at_night(town: Town, hours: float, state: str) -> None:
    """Noon and so many hours: 21:59, 22:00, 5:59, 6:00."""
    town.zalo.configuration.article_verify_polls = 0
    town.rig.clock.pass_ms(int(hours * HOUR_MS))
    town.rig.connect_oa  # noqa: B018 - the pair is young enough for all of these hours
    broadcast_id = _article(town)
    town.pump()
    assert look(town.rig, broadcast_id).state == state
    if state == "running":
        town.rig.clock.pass_ms(int((18 - hours) * HOUR_MS) + 1_000)
        town.pump()
        assert look(town.rig, broadcast_id).state == "done"
    assert look(town.rig, broadcast_id).sent == 1


def test_an_article_zalo_has_no_quota_for_fails_with_its_reason_and_answers_go_on(town: Town) -> None:
    town.zalo.world.account(town.oa_id).article_quota = 0
    broadcast_id = _article(town)
    town.pump()
    one = look(town.rig, broadcast_id)
    assert (one.state, one.sent, one.skipped) == ("done", 0, 1)
    assert reasons_of(town.rig, broadcast_id) == {"quota": 1}
    assert town.rig.row("oa").paused_until_ms == 0
    town.zalo.world.account(town.oa_id).article_quota = 1
    town.zalo.configuration.article_verify_polls = 0
    assert acts.retry(town.rig.database, CHAIR, broadcast_id, town.rig.clock.now_ms()) == 1
    town.pump()
    assert look(town.rig, broadcast_id).sent == 1


def test_a_post_reaches_each_group_once_and_a_switched_off_group_has_its_reason(town: Town) -> None:
    town.zalo.world.account(town.oa_id).groups |= {"nhom1": True, "nhom2": False}
    broadcast_id = approved(
        town.rig, kind="group", text="Mời [@all] họp tối nay.", segment={"groups": ["nhom1", "nhom2"]}
    )
    town.pump()
    one = look(town.rig, broadcast_id)
    assert (one.state, one.total, one.sent, one.skipped) == ("done", 2, 1, 1)
    assert reasons_of(town.rig, broadcast_id) == {"blocked": 1}
    assert town.texts("nhom1") == ["Lịch tiêm chủng\n\nMời  họp tối nay."]
    assert town.texts("nhom2") == []


def test_messages_arrive_with_words_and_way_out_and_nobody_pays_twice_for_nothing(town: Town) -> None:
    now = town.rig.clock.now_ms()
    account = town.zalo.world.account(town.oa_id)
    account.sub_quota_remain, account.has_money = 0, False
    add_residents(town.rig, 2)
    add_residents(town.rig, 40, first=10, hours_ago=100)
    for number in (0, 1, *range(10, 50)):
        person = town.zalo.world.add_resident(town.oa_id, "Người dân thử", user_id=user(number))
        person.follower = True
        person.last_interaction_ms = now - (1 if number < 2 else 100) * HOUR_MS
    town.zalo.world.resident(town.oa_id, user(1)).blocked.add("cs")
    broadcast_id = approved(town.rig)
    town.pump()
    one = look(town.rig, broadcast_id)
    assert (one.state, one.total, one.sent, one.skipped, one.failed) == ("done", 42, 1, 41, 0)
    assert reasons_of(town.rig, broadcast_id) == {"blocked": 1, "quota": 40}
    assert one.note == "quota"
    (text,) = town.texts(user(0))
    assert text.startswith("Lịch tiêm chủng\n\nSáng thứ Bảy") and "DỪNG" in text


def test_a_package_that_refuses_buttons_gets_plain_text(town: Town) -> None:
    town.zalo.world.account(town.oa_id).tier = "plain_text_only"
    add_residents(town.rig, 3)
    for number in range(3):
        person = town.zalo.world.add_resident(town.oa_id, "Người dân thử", user_id=user(number))
        person.last_interaction_ms = town.rig.clock.now_ms()
    broadcast_id = approved(town.rig, topic="khai-sinh")
    town.pump()
    assert look(town.rig, broadcast_id).sent == 3
    assert all("1. Hỏi thêm việc này" in town.texts(user(number))[0] for number in range(3))


def test_a_test_message_goes_to_one_person_and_counts_for_nothing(town: Town) -> None:
    add_residents(town.rig, 2)
    for number in range(2):
        person = town.zalo.world.add_resident(town.oa_id, "Người dân thử", user_id=user(number))
        person.last_interaction_ms = town.rig.clock.now_ms()
    from broadcast_making import AUTHOR, submitted

    broadcast_id = submitted(town.rig)
    now = town.rig.clock.now_ms()
    with town.rig.database.write() as connection:
        acts.test_send(connection, town.rig.vault, AUTHOR, broadcast_id, user(1), now)
        with pytest.raises(acts.ActError, match="chưa nhắn"):
            acts.test_send(connection, town.rig.vault, AUTHOR, broadcast_id, user(9), now)
    town.pump()
    assert (len(town.texts(user(0))), len(town.texts(user(1)))) == (0, 1)
    one = look(town.rig, broadcast_id)
    assert (one.state, one.sent) == ("submitted", 0)


def test_a_call_in_doubt_is_made_again_only_where_nobody_gets_anything_by_it(town: Town) -> None:
    town.zalo.configuration.article_verify_polls = 0
    broadcast_id = _article(town)
    move_on(town.rig)
    for step, repeatable in (("article_create", True), ("article_verify", True), ("article_broadcast", False)):
        (send,) = town.rig.claim_sends(OWNER)
        assert step_of(send.key) == step
        now = town.rig.clock.now_ms()
        progress = Progress()
        with town.rig.database.write() as connection:
            result = sending.Finished(send, outbox.SendResult(send.id, OutboxState.IN_DOUBT, due_ms=now, error="x"))
            sending.record(connection, OWNER, [result], now, town.rig.vault, progress)
            progress.write(connection)
        assert look(town.rig, broadcast_id).in_doubt == 1
        with town.rig.database.write() as connection:
            (one,) = doubt.claim(connection, now, 10)
            assert is_repeatable(one.key) is repeatable
            state = doubt.apply(connection, Verdict(one, clear=is_repeatable(one.key)), now)
            count_settled(progress, one.broadcast_id, state)
            progress.write(connection)
        if repeatable:
            assert look(town.rig, broadcast_id).in_doubt == 0
            keeper = TokenKeeper(town.rig.database, town.rig.vault, town.services.zalo, town.rig.clock, OWNER)
            (again,) = town.rig.claim_sends(OWNER)
            finished = Sender(town.services.zalo, keeper, town.rig.vault, town.rig.clock).send(again)
            with town.rig.database.write() as connection:
                sending.record(connection, OWNER, [finished], now, town.rig.vault, progress)
                progress.write(connection)
    town.rig.clock.pass_ms(doubt.GIVE_UP_MS + 60_000)
    now = town.rig.clock.now_ms()
    with town.rig.database.write() as connection:
        (one,) = doubt.claim(connection, now, 10)
        assert doubt.apply(connection, Verdict(one, clear=False), now) is OutboxState.UNKNOWN
    town.pump()
    final = look(town.rig, broadcast_id)
    assert (final.state, final.sent, final.in_doubt) == ("done", 0, 1)
    assert reasons_of(town.rig, broadcast_id) == {"in_doubt": 1}
