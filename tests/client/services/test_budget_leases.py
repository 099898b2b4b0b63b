"""A promotion with a budget gives here what this workstation holds of it, and the sale takes it along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.devices.terminal_simulator import SimulatedTerminal
from pos_client.journal.allowance_book import ANSWERED
from pos_client.services.refusals.payment import PriceChanged
from pos_client.storage.errors import DiskFull
from pos_core.sync.allowance import AllowanceRefused, Grant
from pos_core.sync.budget_leases import POLICY, USES_POLICY
from tests.client.services.deals import discount, two_for_less
from tests.client.services.shop import COLA, Shop
from tests.client.services.test_pricing import PromotionShop
from tests.client.services.test_returns import returned, sell
from tests.client.services.test_training import begin as begin_training
from tests.client.services.test_training import end as end_training

HOUR_MS = 3_600_000


class BudgetShop(PromotionShop):
    """Two for one yuan less; the chain gives 100.00 in all, and hands it out."""

    promotions: Any = two_for_less(budget_minor=10_000)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = BudgetShop(tmp_path).ready()
    made.policy(POLICY, {"TWO": 10_000})
    made.replica.put_setting(ANSWERED, "e1")
    yield made
    made.workstation.close()


def book(shop: Shop) -> Any:
    return shop.workstation.ring_up._counter.allowance_book


def allowance_id(shop: Shop) -> str:
    return f"budget/promotion:TWO/{book(shop).series}"


def grant(shop: Shop, amount: int, renewal: int = 1) -> None:
    series = book(shop).series
    given = Grant(allowance_id(shop), "budget", series, amount, renewal, 72 * HOUR_MS, "e1")
    book(shop).accept([given], epoch="e1", asked=book(shop).now())


def test_a_till_gives_what_it_holds_and_no_more(shop: Shop) -> None:
    assert discount(shop, f"2*{COLA}") == 0, "nothing is held yet"
    grant(shop, 250)
    assert discount(shop, f"8*{COLA}") == 200, "two deals of four"
    sell(shop, f"2*{COLA}")
    body = shop.documents("sale")[-1]["body"]
    assert body["budget_uses"] == [
        {"budget": "promotion:TWO", "amount_minor": 100, "allowance_id": allowance_id(shop)}
    ]
    assert body["pricing"]["input"]["usage"][0]["left_minor"] == 250
    assert book(shop).left(allowance_id(shop)) == 150
    assert discount(shop, f"8*{COLA}") == 100
    grant(shop, 400, renewal=2)
    assert discount(shop, f"8*{COLA}") == 300


def test_a_return_frees_the_budget_at_head_office_alone(shop: Shop) -> None:
    grant(shop, 100)
    origin = sell(shop, f"2*{COLA}")
    returned(shop, origin, {1: 2000})
    assert discount(shop, f"2*{COLA}") == 0, "what is handed out again is head office's to say"


def test_a_clock_in_doubt_ends_it_at_once(shop: Shop) -> None:
    grant(shop, 1000)
    assert discount(shop, f"2*{COLA}") == 100
    shop.clock.pass_ms(73 * HOUR_MS)
    assert discount(shop, f"2*{COLA}") == 0


def test_a_part_that_is_gone_when_the_sale_is_written_refuses_it_and_the_next_try_costs_more(
    shop: Shop,
) -> None:
    grant(shop, 100)
    ring_up = shop.workstation.ring_up
    ring_up.enter(f"2*{COLA}")
    assert ring_up.basket().discount_minor == 100
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    book(shop).give_back({allowance_id(shop)})
    with pytest.raises(AllowanceRefused):
        shop.workstation.payment.finish().result(10)
    assert shop.documents("sale") == []
    assert ring_up.basket().discount_minor == 0
    with pytest.raises(PriceChanged) as refused:
        shop.workstation.payment.finish()
    assert refused.value.facts == {"total_minor": 700, "before_minor": 600}
    assert shop.workstation.payment.view() is None and ring_up.basket().line_count == 1
    assert shop.workstation.payment.begin().total_minor == 700
    shop.workstation.payment.add("cash", None)
    shop.workstation.payment.finish().result(10)
    assert "budget_uses" not in shop.documents("sale")[-1]["body"]


def test_a_charged_card_counts_for_the_new_payment(tmp_path: Path) -> None:
    shop = BudgetShop(tmp_path, terminal=SimulatedTerminal()).ready()
    shop.policy(POLICY, {"TWO": 10_000})
    grant(shop, 100)
    payment, terminal = shop.workstation.payment, shop.workstation.terminal
    shop.workstation.ring_up.enter(f"2*{COLA}")
    payment.begin()
    terminal.take(terminal.charge("card", None).result(10))
    book(shop).give_back({allowance_id(shop)})
    with pytest.raises(AllowanceRefused):
        payment.finish().result(10)
    with pytest.raises(PriceChanged):
        payment.finish()
    assert [each.amount_minor for each in payment.begin().tenders] == [600]
    payment.add("cash", None)
    payment.finish().result(10)
    tenders = shop.documents("sale")[-1]["body"]["tenders"]
    assert [(each["tender_code"], each["amount_minor"]) for each in tenders] == [("card", 600), ("cash", 100)]
    shop.workstation.close()


def test_a_write_that_fails_for_another_reason_costs_the_same_at_the_next_try(shop: Shop) -> None:
    grant(shop, 100)
    counter = shop.workstation.ring_up._counter
    shop.workstation.ring_up.enter(f"2*{COLA}")
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    before = counter.priced()

    def full(*_: Any) -> None:
        raise DiskFull("full")

    counter.with_sale.append(full)
    with pytest.raises(DiskFull):
        shop.workstation.payment.finish().result(10)
    counter.with_sale.remove(full)
    assert counter.priced() is before
    assert shop.workstation.payment.finish().result(10).total_minor == 600


def test_what_the_chain_does_not_hand_out_is_counted_here_as_before(shop: Shop) -> None:
    shop.policy("allowances", {"budget_ppm": 0})
    assert discount(shop, f"2*{COLA}") == 100
    sell(shop, f"2*{COLA}")
    assert "budget_uses" not in shop.documents("sale")[-1]["body"]


def test_a_server_that_never_spoke_of_allowances_leaves_budgets_to_each_till(shop: Shop) -> None:
    shop.replica.write(lambda c: c.execute("DELETE FROM replica_setting WHERE name = ?", (ANSWERED,)))
    assert discount(shop, f"2*{COLA}") == 100
    sell(shop, f"2*{COLA}")
    assert "budget_uses" not in shop.documents("sale")[-1]["body"]
    series = book(shop).series
    points = Grant(f"points/{series}/*", "points", series, 10, 1, HOUR_MS, "e1")
    book(shop).accept([points], epoch="e1", asked=book(shop).now())
    assert discount(shop, f"2*{COLA}") == 0, "a grant of any kind shows that it does now"


def test_in_training_budgets_count_as_before(shop: Shop) -> None:
    trained = begin_training(shop)
    trained.ring_up.enter(f"2*{COLA}")
    assert trained.ring_up.basket().discount_minor == 100
    trained.payment.begin()
    trained.payment.add("cash", None)
    trained.payment.finish().result(10)
    end_training(shop, trained)


def test_pricing_looks_at_the_slices_once_and_at_the_chains_choices_when_they_change(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant(shop, 1000)
    assert discount(shop, f"2*{COLA}") == 100
    seen: list[str] = []

    def watch(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def counted(*args: Any) -> Any:
            seen.append(name)
            return real(*args)

        monkeypatch.setattr(owner, name, counted)

    watch(type(book(shop)), "slices")
    watch(type(shop.replica), "policy")
    budgets = shop.workstation.ring_up._counter.budgets
    rules = shop.workstation.ring_up._counter.rule_sets.of(1)
    assert rules is not None
    assert budgets.left(rules) == {"TWO": 1000} and seen == ["slices"]
    shop.policy(POLICY, {})
    assert budgets.left(rules) == {}


class UsesShop(PromotionShop):
    """Two for one yuan less, fifty times over the chain."""

    promotions: Any = two_for_less(in_all=50)


def test_uses_over_the_chain_are_given_as_far_as_they_are_held(tmp_path: Path) -> None:
    shop = UsesShop(tmp_path).ready()
    assert discount(shop, f"2*{COLA}") == 100, "not handed out yet: its own count alone"
    shop.policy(USES_POLICY, {"TWO": 50})
    shop.replica.put_setting(ANSWERED, "e1")
    assert discount(shop, f"2*{COLA}") == 0, "nothing is held yet"
    series = book(shop).series
    held = f"budget/uses:TWO/{series}"
    given = Grant(held, "budget", series, 3, 1, 72 * HOUR_MS, "e1")
    book(shop).accept([given], epoch="e1", asked=book(shop).now())
    assert discount(shop, f"8*{COLA}") == 300, "three deals of four"
    sell(shop, f"4*{COLA}")
    body = shop.documents("sale")[-1]["body"]
    assert body["budget_uses"] == [{"budget": "uses:TWO", "amount_minor": 2, "allowance_id": held}]
    assert body["pricing"]["input"]["usage"][0]["in_all"] == 47
    assert book(shop).left(held) == 1 and discount(shop, f"8*{COLA}") == 100
    shop.clock.pass_ms(73 * HOUR_MS)
    assert discount(shop, f"2*{COLA}") == 0, "its term is in doubt"
    shop.workstation.close()
