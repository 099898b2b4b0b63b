"""Past sales are read as the questions that they were, in order, each once."""

from __future__ import annotations

import json
from functools import partial
from itertools import product
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidBasket
from pos_core.pricing.rule import PromotionSet
from pos_core.pricing.sale_record import sale_record
from pos_core.sync.document import document_bytes
from sync_server.services.console.past_baskets import past_basket
from sync_server.services.importing.context import ChainView
from sync_server.store import replay
from sync_server.store.engine import Txn
from sync_server.store.replay import BasketRow, PastSale
from tests.core.pricing.campaign import campaign
from tests.core.pricing.strategies import questions
from tests.server.support.office import Chain
from tests.server.support.priced import priced_body, rule_set

CHAIN = ChainView("CNY", {}, set(), {"S001": {"price_list_id": "PL1"}}, {}, {})
NO_TXN = cast(Txn, None)


def past(record: dict[str, Any]) -> PastSale:
    body = {"lines": [{"anything": [1, {"else": None}]}], "pricing": record, "member_id": None}
    return PastSale("S001", "2026-01-01", "W", 1, 1, json.dumps({"body": body, "v": 1}).encode())


@campaign(60)
@given(questions(units=6, rules=4))
def test_a_record_is_read_as_the_question_and_answer_that_were_kept(
    asked: tuple[PricingInput, PromotionSet],
) -> None:
    question, release = asked
    rules = compile_rules(release)
    answer = price_basket(question, rules)
    found = past_basket(NO_TXN, CHAIN, past(sale_record(question, answer, rules)), {})
    assert found.before == question and found.after is found.before
    assert encode(found.before) == encode(question), "types and defaults too"
    recorded = found.recorded
    assert recorded is not None
    assert {line.line_id: line.net_minor for line in recorded.lines} == {
        line.line_id: line.net_minor for line in answer.lines
    }
    for name in ("release_hash", "proof", "gap_minor", "goods_net_minor", "payable_minor"):
        assert getattr(recorded, name) == getattr(answer, name), name


def test_a_damaged_record_is_refused() -> None:
    record = priced_body(rule_set(), 1, 2)["pricing"]

    def damaged(path: str, value: object) -> PastSale:
        text = json.loads(json.dumps(record))
        *way, last = path.split("/")
        at = text
        for name in way:
            at = at[int(name) if name.isdigit() else name]
        at[last] = value
        return past(text)

    for path, value in (
        ("input/lines/0/list_price_minor", "10"),
        ("input/lines/1/sku", None),
        ("input/lines", {}),
        ("result/lines/0/net_minor", 1.5),
        ("result/goods_net_minor", None),
        ("input/redeem", [7]),
    ):
        with pytest.raises((msgspec.DecodeError, TypeError)):
            past_basket(NO_TXN, CHAIN, damaged(path, value), {})
    with pytest.raises(InvalidBasket):
        past_basket(NO_TXN, CHAIN, damaged("input/lines/1/line_id", "1"), {})


def test_sales_are_turned_over_in_order_and_each_comes_once(chain: Chain) -> None:
    """Two tills, three days, pages of every size: by day, then by till, then by number."""
    tills = [chain.enrol(), chain.enrol()]
    body = priced_body(rule_set(), 1)
    for day in (1, 2, 1, 3, 2, 2, 1):
        for till in tills:
            header = till.maker.header("sale", business_day=f"2026-01-0{day}")
            till.maker.append(document_bytes(header, body))
    for till in tills:
        assert till.push()[0] == 200

    def page(txn: Txn, **asked: Any) -> list[PastSale]:
        return replay.sales(txn, "S001", **asked)

    def turned(days: tuple[str, str], limit: int) -> list[PastSale]:
        found: list[PastSale] = []
        after: list[Any] = []
        while more := chain.office.store.read(partial(page, days=days, after=after, limit=limit)):
            assert len(more) <= limit
            found += more
            after = list(more[-1].place())
        return found

    everything = turned(("2026-01-01", "2026-12-31"), 100)
    assert len(everything) == 14
    assert [sale.place() for sale in everything] == sorted(sale.place() for sale in everything)
    assert [sale.business_day[-1] for sale in everything] == list("11111122222233")
    assert all(json.loads(sale.data)["number"] == sale.number for sale in everything)
    for limit in range(1, 8):
        assert turned(("2026-01-01", "2026-12-31"), limit) == everything
    assert turned(("2026-01-02", "2026-01-02"), 4) == everything[6:12]
    assert turned(("2026-02-01", "2026-02-02"), 4) == []


def test_the_oddest_stay_however_they_come(chain: Chain) -> None:
    """In stretches of any size, forwards and back: the same ten, and the first faults."""
    rows = [
        BasketRow(f"W{n % 3}", 1, n, "S001", "2026-01-01", 100, 90, -1 if n % 7 == 0 else n * 37 % 11, "")
        for n in range(60)
    ]
    odd = sorted((r for r in rows if r.oddness >= 0), key=BasketRow.place)[:10]
    wrong = sorted((r for r in rows if r.oddness < 0), key=BasketRow.place)[:3]
    for number, (size, order) in enumerate(product((1, 7, 60), (1, -1))):
        replay_id = f"replay {number}"
        for start in range(0, 60, size):
            some = rows[::order][start : start + size]
            chain.office.store.write(
                partial(replay.keep_baskets, replay_id=replay_id, rows=some, kept=10, faults=3)
            )
        assert chain.office.store.read(partial(replay.baskets, replay_id=replay_id)) == [*odd, *wrong]
