"""A line is shown at list price at once; promotions follow, and the payment waits for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.pricing import pricing, promotion_pricer
from pos_core.pricing.engine import price_basket
from tests.client.services.shop import COLA, MILK, Shop
from tests.client.services.test_pricing import PromotionShop


@pytest.fixture
def promotions_shop(tmp_path: Path) -> Iterator[Shop]:
    shop = PromotionShop(tmp_path).ready()
    shop.workstation.ring_up.enter(MILK)
    shop.workstation.ring_up.basket()  # the rules are compiled from here on
    yield shop
    shop.workstation.close()


class SlowEngine:
    """Prices like the real one, but only when it is let go; always beside the main thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.threads: list[str] = []
        monkeypatch.setattr(promotion_pricer, "price_basket", self)
        monkeypatch.setattr(pricing, "QUICK_MS", -1.0)

    def __call__(self, *args: Any, **more: Any) -> Any:
        self.threads.append(threading.current_thread().name)
        self.begun.release()
        assert self.go_on.acquire(timeout=20)
        return price_basket(*args, **more)


def test_a_line_comes_at_list_price_and_its_discount_follows(promotions_shop: Shop) -> None:
    ring_up = promotions_shop.workstation.ring_up
    ring_up.enter("2*" + COLA)
    first = ring_up.basket_at_once()
    assert (first.final, first.lines[1].net_minor, first.discount_minor) == (False, 700, 0)
    assert ring_up.settle_price().result(0) is True
    then = ring_up.basket_at_once()
    assert (then.final, then.lines[1].net_minor, then.discount_minor) == (True, 525, 175)
    assert ring_up.basket() == then


def test_lines_that_did_not_change_keep_their_discounts_meanwhile(promotions_shop: Shop) -> None:
    ring_up = promotions_shop.workstation.ring_up
    ring_up.enter("2*" + COLA)
    ring_up.basket()
    ring_up.enter(MILK)
    meanwhile = ring_up.basket_at_once()
    assert not meanwhile.final
    assert [line.net_minor for line in meanwhile.lines] == [599, 525, 599]
    ring_up.set_quantity(2, 3000)
    ring_up.enter(MILK)
    assert ring_up.basket_at_once().lines[1].net_minor == 525 + 350  # three colas, priced by `set_quantity`
    assert ring_up.basket().discount_minor == 175


def test_without_promotions_the_first_answer_is_the_last(tmp_path: Path) -> None:
    shop = Shop(tmp_path).ready()
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.ring_up.basket()
    shop.workstation.ring_up.enter(MILK)
    assert shop.workstation.ring_up.basket_at_once().final
    shop.workstation.close()


def test_a_slow_answer_comes_from_another_thread_and_an_outdated_one_is_dropped(
    promotions_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_up = promotions_shop.workstation.ring_up
    engine = SlowEngine(monkeypatch)
    ring_up.enter(COLA)
    first = ring_up.settle_price()
    assert engine.begun.acquire(timeout=20)
    ring_up.enter(COLA)
    second = ring_up.settle_price()
    assert (first.done(), second.done(), ring_up.basket_at_once().final) == (False, False, False)
    engine.go_on.release(2)
    assert (first.result(20), second.result(20)) == (False, True)
    assert ring_up.basket_at_once().discount_minor == 175
    assert all(name.startswith("pricing") for name in engine.threads)


def test_a_question_that_was_overtaken_before_its_turn_is_never_asked(
    promotions_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_up = promotions_shop.workstation.ring_up
    engine = SlowEngine(monkeypatch)
    answers = []
    for _ in range(4):
        ring_up.enter(COLA)
        answers.append(ring_up.settle_price())
        if len(answers) == 1:
            assert engine.begun.acquire(timeout=20)
    engine.go_on.release(4)
    assert [each.result(20) for each in answers] == [False, False, False, True]
    assert len(engine.threads) == 2
    assert ring_up.basket_at_once().discount_minor == 2 * 175


def test_the_payment_waits_for_the_promotions(promotions_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    workstation = promotions_shop.workstation
    engine = SlowEngine(monkeypatch)
    workstation.ring_up.enter("2*" + COLA)
    workstation.ring_up.settle_price()
    assert engine.begun.acquire(timeout=20)
    letting_go = threading.Timer(0.05, engine.go_on.release)
    letting_go.start()
    assert workstation.payment.begin().total_minor == 1120  # 5.99 + 5.25, rounded down to 0.1
    letting_go.join()
    assert len(engine.threads) == 1


def test_a_sum_that_is_too_large_is_refused_at_once_and_the_basket_stays(promotions_shop: Shop) -> None:
    ring_up = promotions_shop.workstation.ring_up
    before = ring_up.basket()
    with pytest.raises(Exception, match=r".") as caught:
        ring_up.enter("999999999999*" + COLA)
    assert getattr(caught.value, "code", "") in {"bad_amount", "bad_quantity"}
    assert ring_up.basket() == before
