"""The outbox: who is told and who is not, what is tried again, and that nothing is told twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from pos_core.sync.folds.facts import Fact, ProfileEdited
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.campaigns.plan import Plan, as_text, is_held_out
from sync_server.services.notices import delivery
from sync_server.services.notices.adapters import Outcome
from sync_server.services.notices.kinds import EVENTS, Message
from sync_server.services.notices.outbox import Wanted, notice_id, queue
from sync_server.services.notices.rules import Rules, checked_rules, loud_from
from sync_server.services.notices.sendings import Letter, Question
from sync_server.services.notices.sweep import Sweep
from sync_server.services.notices.texts import BadText, checked_text, filled
from sync_server.store import campaign, coupon, notice, notice_setup
from sync_server.store.campaign import CampaignRow
from sync_server.store.coupon import CouponRow
from tests.server.support.notices import RULES, channel, deliver, member, outbox, policy, states, text
from tests.server.support.office import Chain
from tests.server.support.receiver import Receiver, receiving

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
EVENT = "coupon_birthday"


@pytest.fixture
def receiver(chain: Chain) -> Iterator[Receiver]:
    """SMS goes to a receiver on loopback, which the server's owner allows."""
    with receiving() as made:
        (chain.office.folder.root / "notices.json").write_text('{"networks": ["127.0.0.0/8"]}')
        policy(chain, "notices", RULES)
        channel(chain, "sms", "webhook", made.url)
        text(chain, EVENT, "sms", "{name}，{coupon} 送到，{until} 前有效")
        yield made


def coupons(chain: Chain, *members: str, state: str = "issued", days: int = 30) -> None:
    now = chain.clock.now_ms()
    rows = [
        CouponRow(f"c-{each}", "C1", each, "", state, now, now + days * DAY_MS, None, now) for each in members
    ]
    chain.office.store.write(lambda txn: coupon.put(txn, rows))


def tell(chain: Chain, *members: str) -> None:
    """A birthday coupon of each, in the outbox."""
    coupons(chain, *members)
    until = chain.clock.now_ms() + 30 * DAY_MS
    facts = {"coupon": {"zh": "满50减20", "en": "20 off 50"}, "until": until}
    wanted = [Wanted(EVENT, each, f"c-{each}", "", facts, until) for each in members]
    chain.office.store.write(lambda txn: queue(txn, wanted, chain.clock.now_ms()))


def facts_of(chain: Chain, *made: partial[Fact]) -> None:
    chain.office.store.write(
        lambda txn: chain.office.member_links._folding.take_hq(
            txn, [lambda stamp, one=one: one(stamp) for one in made], now_ms=chain.clock.now_ms()
        )
    )


def profile(member_id: str, **fields: object) -> partial[Fact]:
    def make(stamp: Stamp) -> Fact:
        consents = fields.pop("consents", {})
        return ProfileEdited(stamp, "S001", member_id, fields=fields, consents=consents)  # type: ignore[arg-type]

    return partial(make)


def test_a_notice_goes_out_once_with_number_and_name_that_no_row_keeps(
    chain: Chain, receiver: Receiver
) -> None:
    member(chain, 1)
    tell(chain, "m-1")
    tell(chain, "m-1")
    deliver(chain)
    deliver(chain)
    (body,) = receiver.bodies
    assert body["to"] == {"phone": "+8613912345001"} and body["template"] == "T1"
    assert body["body"].startswith("王小芳，满50减20 送到，2")
    assert body["id"] == notice_id(EVENT, "c-m-1", "m-1") and body["values"]["coupon"] == "满50减20"
    row = outbox(chain)["m-1"]
    assert (row.state, row.channel, row.attempts, row.template_version) == ("sent", "sms", 1, 1)
    kept = str(row) + str(chain.office.store.read(lambda txn: notice.attempts(txn, row.notice_id)))
    assert "139" not in kept.replace(str(row.created_at_ms), "") and "王" not in kept


def test_an_event_without_a_text_leaves_nothing(chain: Chain) -> None:
    member(chain, 1)
    text(chain, EVENT, "sms", "x", state="off")
    tell(chain, "m-1")
    assert outbox(chain) == {}


def test_who_may_not_be_told_is_not(chain: Chain, receiver: Receiver) -> None:
    for number in range(1, 8):
        member(chain, number, consents="" if number == 1 else "marketing")
    tell(chain, *(f"m-{number}" for number in range(1, 8)))
    facts_of(
        chain,
        profile("m-2", consents={"marketing": False}),
        profile("m-3", consents={"sms": False}),
        profile("m-4", status="frozen"),
    )
    chain.office.erasures.erase(Act("test"), "m-5")
    coupons(chain, "m-6", state="used")
    deliver(chain)
    assert [body["to"]["phone"] for body in receiver.bodies] == ["+8613912345007"]
    assert states(chain) == {
        "m-1": ("withheld", "no_consent"),
        "m-2": ("withheld", "no_consent"),
        "m-3": ("withheld", "no_consent"),
        "m-4": ("cancelled", "member_frozen"),
        "m-5": ("cancelled", "member_gone"),
        "m-6": ("cancelled", "coupon_over"),
        "m-7": ("sent", ""),
    }


def test_whom_a_campaign_holds_out_gets_no_message_either(chain: Chain, receiver: Receiver) -> None:
    now = chain.clock.now_ms()
    plan = Plan("券", "c", "P", now - 1, now + DAY_MS, holdout_ppm=500_000)
    row = CampaignRow("C1", "", "", "running", "", "", "[]", now, None, None, None, None, now, as_text(plan))
    chain.office.store.write(lambda txn: campaign.put(txn, row))
    ids = [member(chain, number) for number in range(1, 21)]
    asked = Question("sms", {"zh": Letter("", "来看看", "")}, campaign_id="C1")
    chain.office.sendings.ask(Act("m", "周年庆", "u1"), "周年庆", asked)
    while chain.office.sendings.run_some(1):
        pass
    deliver(chain)
    held = {each for each in ids if is_held_out("C1", each, 500_000)}
    assert 3 < len(held) < 17
    told = {member_id for member_id, (state, _) in states(chain).items() if state == "sent"}
    assert told == set(ids) - held and len(receiver.came) == len(told)
    assert {states(chain)[each] for each in held} == {("withheld", "held_out")}


def test_a_sending_with_a_share_of_its_own_notes_who_was_held_out(chain: Chain, receiver: Receiver) -> None:
    for number in range(1, 21):
        member(chain, number, tier="silver" if number > 15 else "gold")
    asked = Question("sms", {"zh": Letter("", "来看看", "")}, tiers=("gold",), holdout_ppm=400_000)
    row = chain.office.sendings.ask(Act("m", "周年庆", "u1"), "周年庆", asked)
    assert (row.rows, row.state) == (15, "approved")
    while chain.office.sendings.run_some(1):
        pass
    found = chain.office.store.read(lambda txn: notice_setup.sending(txn, row.sending_id))
    assert found is not None and found.queued + found.held_out == 15 and 0 < found.held_out < 15
    assert list(states(chain).values()).count(("withheld", "held_out")) == found.held_out
    deliver(chain)
    assert len(receiver.came) == found.queued


def test_what_failed_waits_longer_each_time_and_ends_as_a_dead_letter(
    chain: Chain, receiver: Receiver
) -> None:
    policy(chain, "notices", {**RULES, "attempts_max": 3})
    member(chain, 1)
    tell(chain, "m-1")
    receiver.answer = 500
    waits = []
    for _ in range(3):
        deliver(chain)
        row = outbox(chain)["m-1"]
        waits.append(row.next_at_ms - chain.clock.now_ms())
        chain.clock.advance(max(0, row.next_at_ms - chain.clock.now_ms()) + 1)
    assert 24_000 <= waits[0] <= 36_000 and 96_000 <= waits[1] <= 144_000
    assert states(chain)["m-1"] == ("dead", "http:500")
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == 1 and len(receiver.came) == 3
    deliver(chain)
    assert len(receiver.came) == 3, "a dead letter is left alone"


def test_a_receiver_that_asks_to_wait_is_given_the_time(chain: Chain, receiver: Receiver) -> None:
    member(chain, 1)
    tell(chain, "m-1")
    receiver.answer, receiver.headers = 503, {"Retry-After": "7200"}
    deliver(chain)
    assert outbox(chain)["m-1"].next_at_ms == chain.clock.now_ms() + 7200_000


def test_while_a_channel_is_away_the_others_wait_without_an_attempt(chain: Chain, receiver: Receiver) -> None:
    receiver.answer = 503
    ids = [member(chain, number) for number in range(1, 13)]
    tell(chain, *ids)
    deliver(chain)
    assert len(receiver.came) == delivery.AT_ONCE
    attempts = [row.attempts for row in outbox(chain).values()]
    assert sorted(attempts) == [0] * 4 + [1] * 8
    receiver.answer = 200
    chain.clock.advance(10 * 60_000)
    deliver(chain)
    assert {state for state, _ in states(chain).values()} == {"sent"}


def test_one_notice_that_is_refused_does_not_stop_the_rest(chain: Chain, receiver: Receiver) -> None:
    class Picky:
        def send(self, message: Message) -> Outcome:
            bad = message.to["phone"].endswith("1")
            return Outcome("refused", "http:400") if bad else Outcome("sent")

        def close(self) -> None: ...

    ids = [member(chain, number) for number in range(1, 10)]
    tell(chain, *ids)
    made = delivery.Delivery(
        chain.office.store, chain.office.keys, chain.clock, make=lambda row, settings: Picky()
    )
    made.run_some()
    assert states(chain)["m-1"] == ("dead", "http:400")
    assert list(states(chain).values()).count(("sent", "")) == 8


def test_a_process_that_ends_after_the_answer_sends_the_same_id_again(
    chain: Chain, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(chain, 1)
    tell(chain, "m-1")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivery.Delivery, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            chain.office.notice_delivery.run_some()
    assert states(chain)["m-1"] == ("waiting", "")
    deliver(chain)
    first, second = (headers["webhook-id"] for _, headers, _ in receiver.came)
    assert first == second and states(chain)["m-1"] == ("sent", "")


def test_one_that_is_cancelled_while_it_goes_out_stays_cancelled(chain: Chain, receiver: Receiver) -> None:
    member(chain, 1)
    tell(chain, "m-1")

    class Meanwhile:
        def send(self, message: Message) -> Outcome:
            chain.office.store.write(
                lambda txn: notice.cancel_waiting(txn, "c-m-1", chain.clock.now_ms(), "by_hand")
            )
            return self.outcome

        outcome = Outcome("retry", "http:500")

        def close(self) -> None: ...

    made = delivery.Delivery(
        chain.office.store, chain.office.keys, chain.clock, make=lambda row, settings: Meanwhile()
    )
    made.run_some()
    assert states(chain)["m-1"] == ("cancelled", "by_hand"), "it stays cancelled when it did not go out"


def test_quiet_hours_and_enough_for_a_day(chain: Chain, receiver: Receiver) -> None:
    zone_hour = datetime.fromtimestamp(chain.clock.now_ms() / 1000 + 8 * 3600, UTC).hour
    policy(chain, "notices", {**RULES, "quiet_from": zone_hour, "quiet_to": (zone_hour + 2) % 24})
    member(chain, 1)
    tell(chain, "m-1")
    deliver(chain)
    assert receiver.came == [] and states(chain)["m-1"] == ("waiting", "quiet_hours")
    row = outbox(chain)["m-1"]
    assert 0 < row.next_at_ms - chain.clock.now_ms() <= 2 * HOUR_MS
    chain.clock.advance(2 * HOUR_MS)
    policy(chain, "notices", {**RULES, "per_member_per_day": 1})
    until = chain.clock.now_ms() + DAY_MS * 9
    more = [
        Wanted(EVENT, "m-1", f"c-more-{each}", "", {"coupon": "x", "until": until}, until) for each in "ab"
    ]
    now = chain.clock.now_ms()
    chain.office.store.write(
        lambda txn: coupon.put(
            txn,
            [CouponRow(w.reference, "C1", "m-1", "", "issued", now, until, None, now) for w in more],
        )
    )
    chain.office.store.write(lambda txn: queue(txn, more, now))
    deliver(chain)
    assert len(receiver.came) == 1, "three were due in one batch, one a day"
    for _ in range(12):
        chain.clock.advance(6 * HOUR_MS + 1)
        deliver(chain)
    assert len(receiver.came) == 3


@pytest.mark.parametrize(
    "quiet_from,quiet_to,hour,loud",
    [
        (21, 9, 22, 9),
        (21, 9, 3, 9),
        (21, 9, 9, None),
        (21, 9, 20, None),
        (1, 5, 3, 5),
        (1, 5, 5, None),
        (8, 8, 8, None),
    ],
)
def test_when_it_is_loud_again(quiet_from: int, quiet_to: int, hour: int, loud: int | None) -> None:
    from zoneinfo import ZoneInfo

    now = datetime(2026, 5, 29, hour, 30, tzinfo=UTC)
    found = loud_from(
        Rules(quiet_from=quiet_from, quiet_to=quiet_to), int(now.timestamp() * 1000), ZoneInfo("UTC")
    )
    assert (found is None) == (loud is None)
    if found is not None:
        then = datetime.fromtimestamp(found / 1000, UTC)
        assert (then.hour, then.minute) == (loud, 0) and now < then


def test_the_next_channel_takes_whom_the_first_cannot_reach(chain: Chain, receiver: Receiver) -> None:
    policy(chain, "notices", {**RULES, "order": ["email", "sms"], "region_languages": {"west": "en"}})
    channel(chain, "email", "file")
    text(chain, EVENT, "email", "Dear {name}: {coupon}", "en", subject="{coupon}")
    text(chain, EVENT, "email", "{name}：{coupon}", "zh", subject="{coupon}")
    member(chain, 1)
    member(chain, 2, email="wang@example.com")
    member(chain, 3, email="li@example.com", home_store_id="S002")
    tell(chain, "m-1", "m-2", "m-3")
    deliver(chain)
    assert [body["to"] for body in receiver.bodies] == [{"phone": "+8613912345001"}]
    folder = chain.office.folder.root / "notices-out" / "email"
    said = {
        json.loads(path.read_text())["to"]["email"]: json.loads(path.read_text()) for path in folder.iterdir()
    }
    assert said["wang@example.com"]["body"] == "王小芳：满50减20"
    assert said["li@example.com"]["subject"] == "20 off 50" and said["li@example.com"]["language"] == "en"
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    chain.office.erasures.erase(Act("test"), "m-2")
    sweep = Sweep(chain.office.store, chain.clock)
    chain.clock.wall_ms = int(datetime.now(UTC).timestamp() * 1000)
    assert sweep.clear_files(chain.office.notice_delivery.settings()) == 1
    assert {json.loads(path.read_text())["to"]["email"] for path in folder.iterdir()} == {"li@example.com"}
    chain.clock.advance(8 * DAY_MS)
    assert sweep.clear_files(chain.office.notice_delivery.settings()) == 1 and list(folder.iterdir()) == []


def test_an_import_without_the_column_keeps_the_mail_address(chain: Chain) -> None:
    member(chain, 1, email="wang@example.com")
    member(chain, 1, tier="silver")
    from sync_server.services.notices.recipients import recipients

    found = chain.office.store.read(lambda txn: recipients(txn, chain.office.keys, ["m-1"]))["m-1"]
    assert found.address("email") == {"email": "wang@example.com"}


def test_a_coupons_end_is_told_once(chain: Chain, receiver: Receiver) -> None:
    policy(chain, "notices", {**RULES, "coupon_ending_days": 3, "keep_days": 1})
    text(chain, "coupon_ending", "sms", "{coupon} {until} 到期")
    member(chain, 1)
    member(chain, 2)
    coupons(chain, "m-1", days=2)
    coupons(chain, "m-2", days=9)
    sweep = Sweep(chain.office.store, chain.clock)
    for _ in range(4):
        sweep.coupons_ending()
        deliver(chain)
        sweep.forget()
        chain.clock.advance(DAY_MS // 2 - 1)
    assert [body["event"] for body in receiver.bodies] == ["coupon_ending"]


def test_settled_notices_are_forgotten_and_waiting_ones_stay(chain: Chain, receiver: Receiver) -> None:
    policy(chain, "notices", {**RULES, "keep_days": 10})
    member(chain, 1)
    member(chain, 2)
    tell(chain, "m-1")
    deliver(chain)
    receiver.answer = 500
    tell(chain, "m-2")
    deliver(chain)
    chain.clock.advance(11 * DAY_MS)
    assert Sweep(chain.office.store, chain.clock).forget() == 1
    assert set(outbox(chain)) == {"m-2"}


def test_a_private_address_that_nobody_allowed_makes_no_request(chain: Chain, receiver: Receiver) -> None:
    (chain.office.folder.root / "notices.json").unlink()
    member(chain, 1)
    tell(chain, "m-1")
    deliver(chain)
    assert receiver.came == [] and states(chain)["m-1"] == ("waiting", "address_not_allowed")


@pytest.mark.parametrize(
    "value",
    [
        [], {"quiet": 1}, {"quiet_from": 24}, {"attempts_max": 0}, {"order": ["fax"]},
        {"order": ["sms", "sms"]}, {"order": "sms"}, {"order": [["sms"]]}, {"language": "fr"},
        {"language": []},
        {"region_languages": {"a": []}},
        {"keep_days": True}, {"per_member_per_day": "2"},
    ],
)  # fmt: skip
def test_wrong_rules_are_refused(value: object) -> None:
    from pos_core.errors import InvalidInput

    with pytest.raises(InvalidInput):
        checked_rules(value)


@pytest.mark.parametrize(
    "subject,body,field",
    [("", "", "body"), ("", "{phone}", "body"), ("", "{coupon", "body"), ("", "a } b", "body"),
     ("", "x" * 501, "body"), ("a\nb", "x", "subject"), ("{x}", "x", "subject")],
)  # fmt: skip
def test_texts_that_cannot_be_filled_in_are_refused(subject: str, body: str, field: str) -> None:
    with pytest.raises(BadText) as caught:
        checked_text(EVENTS[EVENT], "sms", subject=subject, body=body, code="")
    assert caught.value.facts["field"] == field


def test_a_value_is_never_a_placeholder_again() -> None:
    assert filled("{name} {coupon}", {"name": "{coupon}", "coupon": "x"}) == "{coupon} x"
