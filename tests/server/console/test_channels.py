"""By channel and across, members month by month, prices that differ, lots astray."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections import defaultdict
from html import unescape

import pytest

from sync_server.console.pages import channels
from sync_server.services.console import member_figures
from sync_server.services.console.roles import Role
from sync_server.services.sales_sums import SalesSums
from sync_server.store import channel_sums, document, member_months
from sync_server.store.engine import Txn
from sync_server.store.schema.tables import series
from tests.server.console.test_campaigns import enter
from tests.server.console.test_sales import gather
from tests.server.support.console import Visitor, code_of, sign_in, unopened
from tests.server.support.office import Chain
from tests.server.support.shop import sku, stock

DAY = "2026-05-29"


def put(
    chain: Chain,
    number: int,
    *lines: dict[str, object],
    till: str = "t1",
    store: str = "S001",
    day: str = DAY,
    kind: str = "sale",
    channel: str = "pos",
    member: str | None = None,
    **body: object,
) -> None:
    """A document with its body and rows, as `push` would leave it."""
    key = (till, 1, number)
    said = [
        {
            "line_no": no,
            "sku": sku(1),
            "quantity_milli": 1000,
            "unit_price_minor": 1000,
            "net_minor": 1000,
            **line,
        }
        for no, line in enumerate(lines, 1)
    ]
    net = sum(int(str(line["net_minor"])) for line in said)
    data = json.dumps({"body": {"channel": channel, "member_id": member, "lines": said, **body}}).encode()
    rows: dict[str, list[tuple[object, ...]]] = {}
    if kind in ("sale", "return"):
        rows["transaction_total"] = [
            (*key, store, day, kind, None, "CNY", member, len(said), net, 0, 0, net, 0)
        ]
        rows["line"] = [
            (*key, line["line_no"], store, day, kind, line["sku"], None, "x", "D1", line["quantity_milli"],
             line["unit_price_minor"], line["net_minor"], 0, line["net_minor"], "T13", 0, 0, "scan", None)
            for line in said
        ]  # fmt: skip
    head = (*key, store, kind, chain.clock.now_ms(), day, None, None, None, f"h{number}", data, 1)

    def write(txn: Txn) -> None:
        document.insert(txn, [head], rows)
        txn.insert_many(series, [(till, 1, store, "", number, "", 0, 0)], on_conflict="replace")

    chain.office.store.write(write)


def table(visitor: Visitor, path: str) -> list[dict[str, str]]:
    text = visitor.get(path).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stock(chain)
    return chain


def test_what_a_member_does_in_another_channel_than_his_own_is_told_apart(shop: Chain) -> None:
    earned, spent = [{"points": 10, "reason": "earned"}], [{"points": -4, "reason": "spent"}]
    coupon = [{"amount_minor": 300}]
    put(shop, 1, {}, member="m-1", points_movements=earned)
    put(shop, 2, {"net_minor": 700}, member="m-1", channel="web", points_movements=spent, coupon_uses=coupon)
    put(shop, 3, {"net_minor": 500}, channel="web")
    gather(shop)
    put(shop, 4, {"net_minor": 700}, kind="return", member="m-1", channel="web", coupon_uses=coupon)
    put(shop, 1, {}, member="m-2", channel="web", till="w", store="S002")
    gather(shop)
    gather(shop)
    marketer = sign_in(shop, Role.MARKETER)
    told = {(r["members_home_channel"], r["channel"]): r for r in table(marketer, "/channels/export")}
    assert told["pos", "web"]["net_minor"] == "0" and told["pos", "web"]["points_spent"] == "4"
    assert (told["pos", "web"]["coupons"], told["pos", "web"]["returns"]) == ("0", "1")
    assert (told["pos", "pos"]["net_minor"], told["pos", "pos"]["points_earned"]) == ("1000", "10")
    assert told["", "web"]["net_minor"] == "1500" and told["web", "web"]["net_minor"] == "1000"
    sets = shop.office.store.read(channel_sums.sets)
    assert sorted(sets) == [('["pos", "web"]', 1), ('["web"]', 1)]
    page = marketer.get("/channels").text
    assert "门店 + 网店" in page and "25.00" in page


def test_a_channels_figures_open_down_to_documents_each_to_his_region(shop: Chain) -> None:
    put(shop, 1, {"net_minor": 4100}, till="e", channel="web")
    put(shop, 2, {"net_minor": 4300}, till="e")
    put(shop, 1, {"net_minor": 8700}, till="w", store="S002", channel="web")
    gather(shop)
    east = sign_in(shop, Role.REGIONAL_MANAGER, region="east")
    page = east.get("/channels").text
    assert "41.00" in page and "87.00" not in page and "128.00" not in page and "S002" not in page
    behind = east.get(f"/sales/documents?store=S001&day={DAY}&channel=web").text
    assert "/e/1/1" in behind and "/e/1/2" not in behind
    assert "/w/1/1" not in east.get(f"/sales/documents?store=S002&day={DAY}&channel=web").text
    assert "8700" not in json.dumps(table(east, "/channels/export"))
    assert code_of(east.get("/sales/documents?store=S001&day=never")) == "bad_period"
    assert code_of(east.get("/member-figures")) == "console_forbidden"


def test_months_of_members_are_as_a_plain_recount_has_them_in_any_order(
    shop: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync_server.services import sales_sums

    monkeypatch.setattr(sales_sums, "DOCUMENTS_AT_ONCE", 5)
    lot = random.Random(11)
    months = [f"2026-{month:02d}" for month in range(1, 7)]
    bought: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    numbers: dict[str, int] = defaultdict(int)
    for _ in range(90):
        till, member, month = lot.choice("ab"), f"m-{lot.randrange(12)}", lot.choice(months)
        numbers[till] += 1
        put(shop, numbers[till], {}, till=till, member=member, day=f"{month}-{lot.randrange(1, 29):02d}")
        bought[member][month] += 1
        if lot.random() < 0.2:
            gather(shop)
    gather(shop)
    rows = {
        row["month"]: row
        for row in shop.office.store.read(lambda t: member_months.months(t, "2026-01", "2026-06"))
    }
    for place, month in enumerate(months):
        active = {name for name, of in bought.items() if of.get(month)}
        window = months[max(0, place - 2) : place + 1]
        row = rows[month]
        assert row["active"] == len(active)
        assert row["sales"] == sum(of.get(month, 0) for of in bought.values())
        assert row["again"] == sum(1 for of in bought.values() if of.get(month, 0) > 1)
        assert row["fresh"] == sum(1 for of in bought.values() if min(k for k in of if of[k]) == month)
        assert row["recent"] == sum(1 for of in bought.values() if any(of.get(each) for each in window))
        before = {name for name, of in bought.items() if place and of.get(months[place - 1])}
        assert row["kept"] == len(active & before)


def test_tiers_move_by_import_and_by_document(shop: Chain) -> None:
    enter(shop, "m-1", "13912345001", "silver", "S001", "", "")
    enter(shop, "m-1", "13912345001", "gold", "S001", "", "")
    put(shop, 1, kind="member_joined", member="m-2", tier="silver")
    put(shop, 2, kind="member_edited", member="m-2")
    put(shop, 3, kind="member_edited", member="m-2", tier="gold")
    gather(shop)
    now = "2026-05"
    rows = shop.office.store.read(lambda txn: member_months.moves(txn, "2026-01", "2026-12"))
    assert [(r["month"], r["from_tier"], r["to_tier"], r["members"]) for r in rows] == [
        (now, "", "silver", 2),
        (now, "silver", "gold", 2),
    ]
    assert shop.office.store.read(member_months.tiers) == {"gold": 2}
    page = sign_in(shop, Role.MARKETER).get("/member-figures").text
    assert "等级变动" in page and "gold" in page
    moves_open_to_who_moved_and_why(shop, page)


def moves_open_to_who_moved_and_why(shop: Chain, page: str) -> None:
    found = [unescape(each) for each in re.findall(r'href="/console(/member-figures/moves[^"]+)"', page)]
    joined, moved = (next(each for each in found if f"from={had}&" in each) for had in ("", "silver"))
    marketer, auditor = sign_in(shop, Role.MARKETER), sign_in(shop, Role.AUDITOR)
    text = marketer.get(moved).text
    assert text.count("/console/documents/t1/1/3") == 1 and "/console/documents/t1/1/2" not in text
    assert "总部导入的等级" in text and text.count("<tr><td>") == 2
    shown = re.sub(r'(href|value)="[^"]*"', "", text)
    assert "m-1" not in shown and "m-2" not in shown and "/console/members/" not in text
    assert "/console/members/m-1" in auditor.get(moved).text
    text = marketer.get(joined).text
    assert text.count("<tr><td>") == 2 and "/console/documents/t1/1/1" in text
    assert "其中 1 人" in text, "who came with an import is counted and not listed"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(member_figures, "MOVES_SHOWN", 1)
        patch.setattr(channels, "MOVES_SHOWN", 1)
        path, rows = moved, []
        while path:
            text = marketer.get(path).text
            rows += re.findall(r"<tr><td><code>([^<]+)", text)
            following = re.search(r'href="/console([^"]+after=[^"]+)"', text)
            path = unescape(following[1]) if following else ""
        assert len(rows) == 2
    assert "<tr><td>" not in marketer.get("/member-figures/moves?after=x&at=y").text


def test_prices_of_a_day_that_differ_between_channels_are_listed_with_their_sales(shop: Chain) -> None:
    put(shop, 1, {"unit_price_minor": 1000}, till="a")
    gather(shop)
    put(shop, 1, {"unit_price_minor": 800}, till="b", channel="web")
    put(shop, 2, {"unit_price_minor": 900}, till="b", channel="web")
    put(shop, 3, {"unit_price_minor": 500, "kind": "deposit"}, till="b", channel="web")
    put(shop, 4, {"unit_price_minor": 500, "sku": sku(2)}, till="b", channel="web")
    put(shop, 1, {"unit_price_minor": 700}, till="w", store="S002", channel="app")
    gather(shop)
    (row,) = table(sign_in(shop, Role.AUDITOR), "/price-gaps/export")
    assert (row["sku"], row["region"], row["gap_ppm"]) == (sku(1), "east", "250000")
    assert (row["low_channel"], row["low_minor"], row["low_document"]) == ("web", "800", "b/1/1")
    assert (row["high_channel"], row["high_minor"], row["high_document"]) == ("pos", "1000", "a/1/1")
    assert "/console/documents/b/1/1" in sign_in(shop, Role.AUDITOR).get("/price-gaps").text
    west = sign_in(shop, Role.REGIONAL_MANAGER, login="west", region="west")
    assert table(west, "/price-gaps/export") == []
    a_gap_opens_to_what_was_in_force(shop, west)
    put(shop, 2, {"unit_price_minor": 800}, till="a")
    gather(shop)
    assert table(sign_in(shop, Role.AUDITOR), "/price-gaps/export") == []


def a_gap_opens_to_what_was_in_force(shop: Chain, west: Visitor) -> None:
    auditor = sign_in(shop, Role.AUDITOR)
    listed = auditor.get("/price-gaps").text
    assert unopened(listed) == []
    (link,) = {unescape(each) for each in re.findall(r'href="/console(/price-gaps/one[^"]+)"', listed)}
    page = auditor.get(link).text
    assert unopened(page) == []
    for key in ("a/1/1", "b/1/1", "b/1/2"):
        assert f"/console/documents/{key}" in page, key
    assert "/console/documents/b/1/3" not in page and "/console/documents/w/1/1" not in page
    assert page.count("/console/releases/1") >= 3 and "PL1" in page and "PL2" not in page
    (sales,) = {
        unescape(e) for e in re.findall(r'href="/console(/sales/documents[^"]+channel=web[^"]*)"', page)
    }
    behind = auditor.get(sales).text
    assert "/b/1/1" in behind and "/b/1/2" in behind and "/b/1/4" not in behind and "/a/1/1" not in behind
    assert "/console/documents/" not in west.get(link).text
    assert auditor.get("/price-gaps/one?day=x&region=y&sku=z").status_code == 200


@pytest.mark.parametrize("first", ["receipt", "sale"])
def test_goods_sold_where_their_lot_was_never_shipped_are_listed_with_evidence(
    shop: Chain, first: str
) -> None:
    def receive() -> None:
        put(shop, 1, {"lot": "L7", "quantity_milli": 24000}, till="e", kind="goods_received")

    def sell() -> None:
        put(shop, 1, {"lot": "L7", "net_minor": 1900}, till="w", store="S002")
        put(shop, 2, {"lot": "L8"}, {}, till="w", store="S002")
        put(shop, 1, {"lot": "L7"}, till="e2")

    for each in (receive, sell) if first == "receipt" else (sell, receive):
        each()
        gather(shop)
    auditor = sign_in(shop, Role.AUDITOR)
    (row,) = table(auditor, "/lots-astray/export")
    assert (row["lot"], row["region"], row["sale"], row["net_minor"]) == ("L7", "west", "w/1/1", "1900")
    assert (row["shipped_to"], row["goods_receipts"]) == ("east", "e/1/1")
    assert "/console/documents/e/1/1" in auditor.get("/lots-astray").text
    west = sign_in(shop, Role.REGIONAL_MANAGER, login="west", region="west")
    page = west.get("/lots-astray").text
    assert "/w/1/1" in page and "/e/1/1" not in page and "S001" not in page and "其他区域的门店" in page
    assert table(sign_in(shop, Role.REGIONAL_MANAGER, region="east"), "/lots-astray/export") == []
    put(shop, 3, {"lot": "L7"}, till="w", store="S002", kind="goods_received")
    gather(shop)
    assert table(auditor, "/lots-astray/export") == []


def test_formula_cells_of_names_leave_as_text(shop: Chain) -> None:
    put(shop, 1, {"lot": "=1+1"}, till="e", kind="goods_received")
    put(shop, 1, {"lot": "=1+1"}, till="w", store="S002")
    gather(shop)
    (row,) = table(sign_in(shop, Role.AUDITOR), "/lots-astray/export")
    assert row["lot"] == "'=1+1"


def test_a_body_of_a_shape_that_nobody_knows_counts_by_its_rows(shop: Chain) -> None:
    put(shop, 1, {}, channel=["odd"])  # type: ignore[arg-type]
    SalesSums(shop.office.store, shop.clock).gather(5)
    (row,) = table(sign_in(shop, Role.AUDITOR), "/channels/export")
    assert (row["channel"], row["net_minor"]) == ("pos", "1000")
