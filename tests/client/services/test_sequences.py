"""Any sequence of an operator's actions, on a real journal: money stays whole, nothing is shown too early."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.journal import WITNESS_KEY
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import FileKeyStore
from pos_core.errors import TidemarkError
from pos_core.sale.balance import check_balance
from pos_core.sync.envelope import check_body
from tests.client.services.purse_shop import GIFT, PurseShop
from tests.client.services.random_operator import RULES, Operator
from tests.client.services.shop import COLA, MILK, Shop


@pytest.mark.parametrize("seed", range(4))
def test_whatever_an_operator_does_money_stays_whole(tmp_path: Path, seed: int) -> None:
    shop = PurseShop(tmp_path, purse_minor=5_000, rules=RULES)
    shop.ready()
    shop.grant(20_000)
    account_id = shop.card()
    operator = Operator(shop, random.Random(seed))
    for _ in range(180):
        shop.clock.pass_ms(operator.dice.randrange(20_000))
        operator.act()
    documents = shop.documents()
    assert [each["number"] for each in documents] == list(range(1, len(documents) + 1))
    sales = {each["number"]: each["body"] for each in documents if each["type"] == "sale"}
    assert {number: body["total_minor"] for number, body in sales.items()} == {
        number: total for number, (total, _) in operator.sold.items()
    }
    assert len(sales) > 3 and {"by_hand", "points", "give_back", "settle", "till"} <= operator.done.keys()
    for document in documents[1:]:
        check_body(document["type"], document["body"])
    for number, body in sales.items():
        check_balance(body)
        assert sum(tender["change_minor"] for tender in body["tenders"]) == operator.sold[number][1]
    returns = [each["body"] for each in documents if each["type"] == "return"]
    for body in returns:
        check_balance(body)
    assert_ledgers_are_their_movements(shop, [*sales.values()], returns, account_id)
    assert all(GIFT not in json.dumps(document) for document in documents)
    assert_returns_never_exceed_what_was_paid(sales, documents)
    assert_settlements_are_their_documents(documents, operator.z_numbers)
    shop.workstation.printing.check().result(10)
    settled = sum(each["type"] == "shift_settled" for each in documents)
    slips = sum(each["type"] in ("tender_movement", "no_sale") for each in documents)
    alone = sum(body.get("exchange_id") is None for body in returns)
    assert len(shop.paper.jobs) == len(sales) + alone + settled + slips
    shop.workstation.close()
    assert verified(tmp_path) == []


def assert_ledgers_are_their_movements(
    shop: PurseShop, sales: list[dict[str, Any]], returns: list[dict[str, Any]], account_id: str
) -> None:
    """P7, P8 and the same for purses: what the operator sees is the sum of the documents, recounted."""
    stock: dict[str, int] = {}
    moved, points = {"member:m1": 5_000, account_id: 0}, 120
    for sign, bodies in ((-1, sales), (1, returns)):
        for body in bodies:
            for line in body["lines"]:
                if line.get("kind") != "stored_value":
                    stock[line["sku"]] = stock.get(line["sku"], 0) + sign * line["quantity_milli"]
            for move in body.get("stored_value_movements", ()):
                moved[move["account_id"]] += move["amount_minor"]
            points += sum(move["points"] for move in body.get("points_movements", ()))
    shared = shop.workstation.shared
    assert {sku: shared.on_hand(sku).own_milli for sku in stock} == stock
    assert shared.stored_value_of("m1") == moved["member:m1"] >= 0
    card = shared.gift_card(account_id)
    assert card is not None and card.balance_minor == moved[account_id] >= 0
    assert shared.points_of("m1") == points


def assert_returns_never_exceed_what_was_paid(
    sales: dict[int, dict[str, Any]], documents: list[dict[str, Any]]
) -> None:
    """P5, of each line: no more units came back than went out, and no more money than those had cost."""
    units, nets, money = Counter[tuple[int, int]](), Counter[tuple[int, int]](), Counter[int]()
    for document in documents:
        body = document["body"]
        if document["type"] != "return" or body["origin"] is None:
            continue
        number = body["origin"]["number"]
        money[number] += body["total_minor"]
        for line in body["lines"]:
            units[number, line["origin_line_no"]] += line["quantity_milli"]
            nets[number, line["origin_line_no"]] += line["net_minor"]
    for (number, line_no), back in units.items():
        sold = next(line for line in sales[number]["lines"] if line["line_no"] == line_no)
        assert back <= sold["quantity_milli"]
        money_back = nets[number, line_no]
        assert (
            0 <= money_back * sold["quantity_milli"] <= sold["net_minor"] * back
        )  # the cheapest units first
        assert back < sold["quantity_milli"] or money_back == sold["net_minor"]
    assert all(back <= sales[number]["total_minor"] for number, back in money.items())


def assert_settlements_are_their_documents(documents: list[dict[str, Any]], z_numbers: list[int]) -> None:
    """P5, P6: the cash of each Z report is what moved since its shift began; grand totals never fall."""
    assert z_numbers == list(range(1, len(z_numbers) + 1))
    cash, grand = 0, (0, 0)
    for document in documents:
        kind, body = document["type"], document["body"]
        if kind == "shift_opened":
            cash = body["float_minor"]
        elif kind == "tender_movement":
            cash += body["amount_minor"] * (1 if body["kind"] in ("loan", "paid_in") else -1)
        elif kind in ("sale", "return"):
            moved = [
                each["amount_minor"] - each["change_minor"]
                for each in body["tenders"]
                if each["tender_code"] == "cash"
            ]
            cash += sum(moved) if kind == "sale" else -sum(moved)
        elif kind == "shift_settled":
            (expected,) = [
                each["expected_minor"] for each in body["tenders"] if each["tender_code"] == "cash"
            ]
            now = (body["grand_sales_minor"], body["grand_returns_minor"])
            assert expected == cash and now >= grand and now[1] >= grand[1]
            grand = now


def verified(folder: Path) -> list[str]:
    keys = FileKeyStore(folder / "keys")
    key = keys.get(JOURNAL_KEY)
    assert key is not None
    report = verify_journal(
        folder / "journal.db",
        key,
        witness_path=folder / "witness" / "w",
        witness_key=keys.get(WITNESS_KEY),
    )
    return [f"{each.code} {each.where}" for each in report.findings]


def test_the_drawer_and_the_paper_wait_for_the_disk(tmp_path: Path) -> None:
    """The write is held up by hand: until it is durable nothing has happened."""
    import threading

    shop = Shop(tmp_path).ready()
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", 500)
    held, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        held.set()
        go_on.wait(10)

    shop.journal.change(hold)
    assert held.wait(10)
    future = shop.workstation.payment.finish()
    shop.workstation.printing.check().result(10)
    assert not future.done()
    assert shop.paper.jobs == [] and shop.paper.drawer_openings == 0
    for call in (shop.workstation.payment.finish, lambda: shop.workstation.ring_up.enter(MILK)):
        with pytest.raises(TidemarkError) as caught:
            call()
        assert caught.value.code == "sale_being_written"
    go_on.set()
    assert future.result(10).change_minor == 150
    shop.workstation.printing.check().result(10)
    assert len(shop.paper.jobs) == 1 and shop.paper.drawer_openings == 1
    shop.workstation.close()
