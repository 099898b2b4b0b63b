"""Where promotions meet: found by kinds of goods, the same as from item to item."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos_core.pricing.codec import decode
from pos_core.pricing.index import SelectionIndex
from pos_core.pricing.rule import Promotion
from pos_core.sync.reference import KINDS
from sync_server.console_wiring import make_desk
from sync_server.services.acts import Act
from sync_server.services.console.goods_kinds import EXAMPLES, GoodsKinds
from sync_server.services.console.promotion_overlaps import Reach, reach_of
from sync_server.store import catalog, feed
from sync_server.store.engine import Txn
from tests.server.support.office import Chain
from tests.server.support.promotions import HALF, prepare
from tests.server.support.shop import item_row, sku

NOW = 1_000
PARENTS = {"D1": None, "D11": "D1", "D2": None}
CLAUSES: dict[str, dict[str, Any]] = {
    "everything": {},
    "named": {"any_of": [{"skus": [sku(1), sku(8), sku(40), "NONE"]}]},
    "parent": {"any_of": [{"departments": ["D1"]}]},
    "brand": {"any_of": [{"brands": ["B0"]}]},
    "tags": {"any_of": [{"tags": ["fresh"]}, {"skus": [sku(2)]}]},
    "both": {"any_of": [{"brands": ["B1"], "departments": ["D2"]}]},
    "named of a brand": {"any_of": [{"skus": [sku(n) for n in range(1, 20)], "brands": ["B1"]}]},
    "but some": {"exclude": [{"skus": [sku(n) for n in range(10)]}, {"brands": ["B2"], "tags": ["fresh"]}]},
    "nothing": {"any_of": [{"brands": ["none"]}]},
}
RULES = [decode(Promotion, HALF | {"id": name, "select": select}) for name, select in CLAUSES.items()]


def items(count: int) -> list[list[Any]]:
    """Of three brands or none, three departments or none, some with tags."""
    at = {name: place for place, name in enumerate(KINDS["item"].column_names)}
    rows = [item_row(number) for number in range(1, count + 1)]
    for number, row in enumerate(rows, start=1):
        row[at["brand"]] = ["B0", "B1", "B2", ""][number % 4]
        row[at["department_code"]] = ["D1", "D11", "D2"][number % 3]
        row[at["tags"]] = [json.dumps(["fresh", "x"]), "[]"][number % 5 > 0]
    return rows


def put(chain: Chain, count: int) -> None:
    def write(txn: Txn) -> None:
        feed.put_rows(txn, "department", "chain", [[code, up, code, code] for code, up in PARENTS.items()])
        feed.put_rows(txn, "item", "chain", items(count))

    chain.office.store.write(write)


def from_item_to_item(one: Promotion, other: Promotion, count: int) -> list[str]:
    """Names of all items that both mean."""
    index = SelectionIndex()
    wanted = {index.add(one.select), index.add(other.select)}
    found = []
    for row in items(count):
        item = dict(zip(KINDS["item"].column_names, row, strict=True))
        code = item["department_code"]
        path = ("D1", "D11") if code == "D11" else (code,)
        if wanted <= index.fitting(item["sku"], item["brand"], path, tuple(json.loads(item["tags"]))):
            found.append(item["name"])
    return found


@pytest.mark.parametrize("drafted", RULES, ids=list(CLAUSES))
def test_kinds_of_goods_meet_as_their_items_do(chain: Chain, drafted: Promotion) -> None:
    put(chain, 60)

    def read(txn: Txn) -> Reach:
        return reach_of([drafted], RULES, GoodsKinds(txn, PARENTS), NOW)

    found = chain.office.store.read(read)
    assert found.items == {drafted.id: len(from_item_to_item(drafted, drafted, 60))}
    wanted = {o.id: from_item_to_item(drafted, o, 60) for o in RULES if o is not drafted}
    assert {each.other_id: (each.items, each.examples) for each in found.overlaps} == {
        name: (len(names), tuple(names[:EXAMPLES])) for name, names in wanted.items() if names
    }


@pytest.mark.parametrize("name", ["named", "everything"])
def test_ten_times_the_catalogue_is_no_more_to_look_at(
    chain: Chain, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0
    look_up = SelectionIndex.look_up

    def counted(index: SelectionIndex, *item: Any) -> Any:
        nonlocal looked
        looked += 1
        return look_up(index, *item)

    monkeypatch.setattr(SelectionIndex, "look_up", counted)
    desk = make_desk(chain.office, tls=False).promotion_changes
    prepare(chain, HALF | {"id": "runs", "select": CLAUSES["named"]})
    act = Act("somebody", "test", "user-1")
    change = desk.begin(act, "双十一")
    desk.put_rule(act, change, HALF | {"id": "TEN", "select": CLAUSES[name]})

    def looks(count: int) -> int:
        nonlocal looked
        put(chain, count)
        looked = 0
        assert desk.reach_of_draft(change).items["TEN"] == (3 if name == "named" else count)
        return looked

    few = looks(120)
    assert few < 100 and looks(1200) == few


def test_a_draft_that_names_its_goods_counts_no_kinds(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    put(chain, 60)
    monkeypatch.setattr(catalog, "kinds", lambda _txn: pytest.fail("the whole catalogue was read"))
    named = RULES[1]

    def read(txn: Txn) -> Reach:
        return reach_of([named], RULES, GoodsKinds(txn, PARENTS), NOW)

    assert chain.office.store.read(read).items == {"named": 3}
