"""A draft over past baskets: right sums, nothing twice after a restart, a bad basket passed by."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from sync_server.console_wiring import make_replays
from sync_server.services.acts import Act
from sync_server.services.console import replay_ways
from sync_server.services.console import replays as module
from sync_server.services.console.roles import Role
from sync_server.store.replay import ReplayRow
from tests.server.console.test_promotions import FORM, begun
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.priced import priced_body, rule_set, sell
from tests.server.support.promotions import HALF, stocked
from tests.server.support.shop import sku

DAYS: dict[str, object] = {"day_from": "2026-01-01", "day_to": "2026-12-31"}


def sold(chain: Chain, *units: tuple[int, ...]) -> TestWorkstation:
    """Sales of goods A000001, A000002 … at 10.00, one for each tuple, in store S001."""
    till = chain.enrol()
    for each in units:
        sell(till.maker, renamed(priced_body(rule_set(HALF), *each)), 1)
    status, answer = till.push()
    assert status == 200, answer
    return till


def renamed(body: dict[str, Any]) -> dict[str, Any]:
    """The body with SKUs that the stock has."""
    text = json.dumps(body)
    for number in range(1, 6):
        text = text.replace(f'"SKU{number}"', f'"{sku(number)}"')
    return dict(json.loads(text))


def drafted(visitor: Visitor) -> str:
    """A draft that takes 10.00 off 30.00 of the basket, in days to come."""
    draft = begun(visitor)
    form = FORM | {"f_amount": "10", "f_min_amount": "30", "f_starts": "2099-01-01T00:00"}
    assert visitor.post(f"{draft}/rules", form, why="").status_code == 303
    return draft.rsplit("/", 1)[1]


def begin(visitor: Visitor, change_id: str, **changes: object) -> str:
    answer = visitor.post("/replays", {"change": change_id} | DAYS | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0].rsplit("/", 1)[1]


def finished(chain: Chain, replay_id: str) -> ReplayRow:
    replays = make_replays(chain.office)
    while replays.run_some(1):
        pass
    return replays.get(replay_id)


def test_a_draft_of_promotions_is_priced_over_past_sales(chain: Chain) -> None:
    stocked(chain, HALF)
    sold(chain, (1,), (4,), (2, 1), (6,))
    visitor = sign_in(chain, Role.MARKETER)
    replay_id = begin(visitor, drafted(visitor))
    row = finished(chain, replay_id)
    # 10 | 4 at half: 30 → 20 | 3 at half: 25 → 30 - 10 without the half price | 6 at half: 45 → 35
    assert (row.state, row.total, row.baskets, row.touched, row.failed) == ("done", 4, 4, 3, 0)
    assert (row.before_minor, row.after_minor) == (11_000, 8_500)
    assert row.cost_minor == 14 * 600 and row.costed_after_minor == 8_500
    page = visitor.get(f"/replays/{replay_id}").text
    for text in ("3 / 4", "25.00", "110.00", "85.00", "毛利", "可乐1", "人民路店"):
        assert text in page, text
    basket = page.split("/baskets/")[1].split('"')[0]
    odd = visitor.get(f"/replays/{replay_id}/baskets/{basket}").text
    assert "满100减10" in odd and "30.00" in odd and "20.00" in odd
    assert code_of(visitor.get(f"/replays/{replay_id}/baskets/x/1/9")) == "replay_no_such_basket"


def test_a_restart_goes_on_where_it_was_and_counts_nothing_twice(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BASKETS_AT_ONCE", 2)
    stocked(chain, HALF)
    sold(chain, (4,), (4,), (4,), (4,), (4,))
    visitor = sign_in(chain, Role.MARKETER)
    replay_id = begin(visitor, drafted(visitor))
    first = make_replays(chain.office)
    assert first.run_some(1)
    halfway = first.get(replay_id)
    assert (halfway.state, halfway.baskets) == ("running", 2)
    assert "2 / 5" in visitor.get(f"/replays/{replay_id}", htmx=True).text
    first._batch(halfway)
    first._batch(halfway)  # the same stretch by another process: the place has moved, nothing is added
    assert first.get(replay_id).baskets == 4
    done = finished(chain, replay_id)
    assert (done.baskets, done.touched, done.before_minor - done.after_minor) == (5, 5, 5_000)


def test_what_is_not_proven_is_counted_with_what_it_might_cost_less(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(chain, HALF)
    sold(chain, (1,), (4,), (6,))
    real, asked = replay_ways.price_figures, []

    def hard(question: Any, rules: Any, **more: Any) -> Any:
        asked.append(more["state_budget"])
        answer = real(question, rules, **more)
        return dataclasses.replace(answer, gap_minor=30 * len(asked))

    monkeypatch.setattr(replay_ways, "price_figures", hard)
    visitor = sign_in(chain, Role.MARKETER)
    row = finished(chain, begin(visitor, drafted(visitor)))
    assert asked == [replay_ways.STATES] * 4, "one more cannot reach the threshold; both sides as hard"
    assert (row.baskets, row.bound, row.gap_minor) == (3, 2, 60 + 120)
    assert "2 个购物篮的价格没有证明是最低的" in visitor.get(f"/replays/{row.replay_id}").text


def test_a_basket_that_cannot_be_priced_is_told_and_passed_by(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked(chain, HALF)
    sold(chain, (4,), (5,))
    real = module.past_basket

    def damaged(txn: Any, chain_: Any, sale: Any, prices: Any) -> Any:
        if sale.number == 1:
            raise KeyError("lines")
        return real(txn, chain_, sale, prices)

    monkeypatch.setattr(module, "past_basket", damaged)
    visitor = sign_in(chain, Role.MARKETER)
    replay_id = begin(visitor, drafted(visitor))
    row = finished(chain, replay_id)
    assert (row.state, row.baskets, row.failed) == ("done", 1, 1)
    assert "KeyError" in visitor.get(f"/replays/{replay_id}").text


def test_a_draft_of_prices_and_sales_without_a_pricing_record(chain: Chain) -> None:
    stocked(chain)
    till = chain.enrol()
    sell(till.maker, renamed(priced_body(rule_set(), 3)) | {"pricing": None}, 1)
    sell(till.maker, renamed(priced_body(rule_set(), 0 + 1, 2)), 1)
    assert till.push()[0] == 200
    merchandiser = sign_in(chain, Role.MERCHANDISER)
    begun_change = merchandiser.post("/price-changes", {"title": "涨价"}).headers["location"]
    change_id = begun_change.split("change=")[1].split("&")[0]
    cells = json.dumps([["PL1", sku(1), "11.00"]])
    assert merchandiser.post(f"/price-changes/{change_id}/cells", {"cells": cells}).status_code == 200
    assert "在过去的购物篮上试" in merchandiser.get(f"/price-changes/{change_id}").text
    row = finished(chain, begin(merchandiser, change_id))
    assert (row.baskets, row.touched, row.failed) == (2, 2, 0)
    assert row.after_minor - row.before_minor == 400


def test_stores_days_and_drafts_that_are_none(chain: Chain) -> None:
    stocked(chain)
    visitor = sign_in(chain, Role.MARKETER)
    change_id = drafted(visitor)
    empty = begun(visitor, "空").rsplit("/", 1)[1]
    for changes, code in (
        ({"stores": "S001 S999"}, "bad_replay"),
        ({"day_from": "2026-02-30"}, "bad_replay"),
        ({"day_from": "2027-01-01"}, "bad_replay"),
        ({"change": "nothing"}, "replay_nothing_drafted"),
        ({"change": empty}, "replay_nothing_drafted"),
    ):
        answer = visitor.post("/replays", {"change": change_id} | DAYS | changes)
        assert code_of(answer) == code, changes
    row = finished(chain, begin(visitor, change_id, stores="S002"))
    assert (row.state, row.total, json.loads(row.store_ids)) == ("done", 0, ["S002"])


def test_stopped_is_stopped(chain: Chain) -> None:
    stocked(chain, HALF)
    sold(chain, (4,))
    visitor = sign_in(chain, Role.MARKETER)
    replay_id = begin(visitor, drafted(visitor))
    assert visitor.post(f"/replays/{replay_id}/stop").status_code == 303
    assert finished(chain, replay_id).state == "stopped"
    assert code_of(sign_in(chain, Role.AUDITOR).post(f"/replays/{replay_id}/stop")) == "console_forbidden"
    replays = make_replays(chain.office)
    with pytest.raises(module.NoSuchReplay):
        replays.stop(Act("x", "y", "z"), "nothing")


def test_what_the_sale_records_is_not_worked_out_again_where_the_draft_cannot_act(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sums are those of pricing everything twice."""
    stocked(chain, HALF)
    sold(chain, (1,), (4,), (2, 1), (6,), (1, 1))
    visitor = sign_in(chain, Role.MARKETER)
    change = drafted(visitor)
    told = finished(chain, begin(visitor, change))
    asked: list[int] = []
    price = replay_ways.price_figures
    monkeypatch.setattr(
        replay_ways, "price_figures", lambda *args, **more: asked.append(1) or price(*args, **more)
    )
    row = finished(chain, begin(visitor, change))
    assert len(asked) == row.touched == 3, "10 and 20 of goods fall short of 30, before was recorded"
    monkeypatch.setattr(replay_ways.Reach, "could_act", lambda reach, question: True)
    monkeypatch.setattr(replay_ways, "_recorded", lambda *given: pytest.fail("not the same promotions"))
    monkeypatch.setattr(replay_ways.Ways, "of", classmethod(_under_another_hash(replay_ways.Ways.of)))
    asked.clear()
    slow = finished(chain, begin(visitor, change))
    assert len(asked) == 10
    for other in (told, slow):
        sums = (other.baskets, other.touched, other.before_minor, other.after_minor, other.cost_minor)
        assert sums == (row.baskets, row.touched, row.before_minor, row.after_minor, row.cost_minor)


def _under_another_hash(of: Any) -> Any:
    def made(_: object, before: Any, after: Any) -> replay_ways.Ways:
        ways: replay_ways.Ways = of(before, after)
        other = dataclasses.replace(ways.before, release_hash="0" * 64)
        return dataclasses.replace(ways, before=other)

    return made
