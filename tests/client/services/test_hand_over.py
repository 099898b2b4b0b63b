"""The till goes from one operator to the next within a shift: counted, one transaction, nobody to himself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.refusals.staff import ReasonRequired, WrongPin
from pos_client.services.refusals.till import BasketOpen, CountStale, NotCounted, OwnHandOver
from pos_client.services.till.settlement import CountEntry
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, PIN, Shop

FLOAT = 20_000


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path).ready(FLOAT)
    yield made
    made.workstation.close()


def count(shop: Shop, amount_minor: int = FLOAT) -> None:
    counts = {"cash": CountEntry({}, amount_minor)}
    shop.workstation.settlement.declare(counts, purpose="hand_over").result(10)


def test_the_next_operator_has_the_till_and_the_shift_goes_on(shop: Shop) -> None:
    shift = shop.workstation.shift.current
    count(shop)
    taken_over = shop.workstation.hand_over.hand_over("2001", PIN).result(10)
    assert taken_over.operator_id == "e2" == shop.workstation.session.operator.operator_id  # type: ignore[union-attr]
    assert shop.workstation.shift.current == shift
    last = shop.documents()[-3:]
    assert [each["type"] for each in last] == ["till_handed_over", "signed_off", "signed_on"]
    assert [each["operator_id"] for each in last] == ["e1", "e1", "e2"]
    body = last[0]["body"]
    check_body("till_handed_over", body)
    assert (body["to_operator_id"], body["tenders"][0]["expected_minor"]) == ("e2", FLOAT)
    shop.restart()
    assert shop.workstation.shift.current == shift


def test_over_or_short_at_a_hand_over_needs_a_reason(shop: Shop) -> None:
    count(shop, FLOAT - 100)
    with pytest.raises(ReasonRequired):
        shop.workstation.hand_over.hand_over("2001", PIN).result(10)
    assert shop.documents("till_handed_over") == [] and shop.workstation.session.operator.operator_id == "e1"  # type: ignore[union-attr]
    shop.workstation.hand_over.hand_over("2001", PIN, "unknown").result(10)
    assert shop.documents("till_handed_over")[0]["body"]["reason_code"] == "unknown"


def test_what_stops_a_hand_over_changes_nothing(shop: Shop) -> None:
    hand_over = shop.workstation.hand_over.hand_over
    with pytest.raises(NotCounted):
        hand_over("2001", PIN).result(10)
    count(shop)
    with pytest.raises(WrongPin):
        hand_over("2001", "000000").result(10)
    with pytest.raises(OwnHandOver):
        hand_over("1001", PIN).result(10)
    shop.workstation.till.move("pickup", 100, "存").result(10)
    with pytest.raises(CountStale):
        hand_over("2001", PIN).result(10)
    shop.workstation.ring_up.enter(COLA)
    with pytest.raises(BasketOpen):
        hand_over("2001", PIN)
    assert shop.documents("till_handed_over") == [] and shop.documents("signed_off") == []


def test_a_hand_over_s_count_settles_no_shift(shop: Shop) -> None:
    count(shop)
    with pytest.raises(NotCounted):
        shop.workstation.settlement.settle().result(10)
