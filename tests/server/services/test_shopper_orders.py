"""Members are told when what they wait for is ready, whatever comes first, and once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sync_server.services.notices.sweep import Sweep
from sync_server.store import shopper_order
from tests.server.console.test_channels import put
from tests.server.console.test_sales import gather
from tests.server.support.notices import RULES, channel, deliver, member, outbox, policy, states, text
from tests.server.support.office import Chain
from tests.server.support.receiver import Receiver, receiving
from tests.server.support.shop import sku, stock

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HELD: dict[str, Any] = {"reservation_id": "R1", "at_store_id": "S002", "for_store_id": "S001"}
SENT: dict[str, Any] = {"transfer_id": "T1", "from_store_id": "S002", "to_store_id": "S001"}
LINES: list[dict[str, Any]] = [{"line_no": 1, "sku": sku(1), "quantity_milli": 1000}]


@pytest.fixture
def receiver(chain: Chain) -> Iterator[Receiver]:
    """SMS goes to a receiver on loopback, which the server's owner allows."""
    with receiving() as made:
        (chain.office.folder.root / "notices.json").write_text('{"networks": ["127.0.0.0/8"]}')
        policy(chain, "notices", RULES)
        channel(chain, "sms", "webhook", made.url)
        yield made


@pytest.mark.parametrize("first", ["the wish", "the answer"])
def test_a_member_is_told_once_when_what_he_waits_for_is_ready(
    chain: Chain, receiver: Receiver, first: str
) -> None:
    stock(chain)
    member(chain, 1, consents="")
    text(chain, "order_ready", "sms", "{name}，{goods} 在 {place} 备好，{until} 前取，单号 {order}")
    until_ms = chain.clock.now_ms() + DAY_MS
    wish = {**HELD, "until_ms": until_ms, "lines": LINES, "till": "e", "kind": "reservation_made"}
    answer = {**HELD, "step": "kept", "till": "w", "kind": "reservation_reported", "store": "S002"}
    for said in (wish, answer) if first == "the wish" else (answer, wish):
        assert receiver.bodies == []
        put(chain, 1, member="m-1" if said is wish else None, **said)
        gather(chain)
        deliver(chain)
    (body,) = receiver.bodies
    until = datetime.fromtimestamp(until_ms / 1000, ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M")
    assert body["body"] == f"王小芳，可乐1 在 解放路店 备好，{until} 前取，单号 R1"
    put(chain, 2, **{**answer, "note": "again"})
    gather(chain)
    deliver(chain)
    assert len(receiver.bodies) == 1


def test_goods_sent_for_a_member_are_told_of_when_they_come_in_and_not_once_they_are_over(
    chain: Chain, receiver: Receiver
) -> None:
    stock(chain)
    for number in (1, 2, 3):
        member(chain, number)
    text(chain, "order_ready", "sms", "{goods} {place}")
    put(chain, 1, kind="transfer_requested", member="m-1", **{**SENT, "lines": LINES})
    put(chain, 2, kind="transfer_received", **{**SENT, "lines": [{**LINES[0], "quantity_milli": 0}]})
    gather(chain)
    assert outbox(chain) == {}, "nothing came"
    put(chain, 3, kind="transfer_received", **{**SENT, "lines": LINES})
    gather(chain)
    deliver(chain)
    assert [body["body"] for body in receiver.bodies] == ["可乐1 人民路店"]
    until_ms = chain.clock.now_ms() + HOUR_MS
    for number, name in ((2, "R2"), (3, "R3")):
        held = {**HELD, "reservation_id": name, "lines": LINES, "until_ms": until_ms}
        put(chain, 3 * number, kind="reservation_made", member=f"m-{number}", **held)
        put(chain, 3 * number + 1, kind="reservation_reported", step="kept", **held)
        if name == "R2":
            put(chain, 3 * number + 2, kind="reservation_reported", step="picked_up", **held)
        else:
            chain.clock.advance(HOUR_MS)
        gather(chain)
        deliver(chain)
    assert states(chain)["m-2"] == ("cancelled", "order_over")
    assert states(chain)["m-3"] == ("cancelled", "too_late")
    assert len(receiver.bodies) == 1
    Sweep(chain.office.store, chain.clock).forget()
    assert chain.office.store.read(lambda txn: shopper_order.get(txn, "transfer:T1")) is not None
    chain.clock.advance(91 * DAY_MS)
    Sweep(chain.office.store, chain.clock).forget()
    assert chain.office.store.read(lambda txn: shopper_order.get(txn, "transfer:T1")) is None


def test_what_was_sent_for_a_member_lies_there_for_the_hours_of_the_policy_and_until_he_bought_it(
    chain: Chain, receiver: Receiver
) -> None:
    stock(chain)
    policy(chain, "stock", {"reserve_hours": 48})
    text(chain, "order_ready", "sms", "{goods} {until}")
    came_ms = chain.clock.now_ms()
    for number in range(1, 6):
        member(chain, number)
        sent = {**SENT, "transfer_id": f"T{number}", "lines": LINES}
        wish = {"kind": "transfer_requested", "member": f"m-{number}", "till": f"w{number}", **sent}
        came = {"kind": "transfer_received", "till": f"r{number}", **sent}
        for said in (came, wish) if number == 1 else (wish, came):
            put(chain, 1, **said)
    put(chain, 1, {"sku": sku(1)}, till="s", member="m-2")
    put(chain, 2, {"sku": sku(2)}, till="s", member="m-3")
    put(chain, 3, {"sku": sku(1)}, till="s", member="m-4", store="S002")
    chain.clock.advance(HOUR_MS)
    gather(chain)
    deliver(chain)
    until = datetime.fromtimestamp((came_ms + 2 * DAY_MS) / 1000, ZoneInfo("Asia/Shanghai"))
    assert [body["body"] for body in receiver.bodies] == [f"可乐1 {until:%Y-%m-%d %H:%M}"] * 4
    assert states(chain)["m-2"] == ("cancelled", "order_over"), "he has it"
    late = {**SENT, "transfer_id": "T9", "lines": LINES}
    put(chain, 2, kind="transfer_requested", till="w1", member="m-1", **late)
    put(chain, 2, kind="transfer_received", till="r1", **late)
    chain.clock.advance(2 * DAY_MS)
    gather(chain)
    deliver(chain)
    assert states(chain)["m-1"] == ("cancelled", "too_late"), "the store was away for long"
