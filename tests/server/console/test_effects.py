"""What campaigns brought: returns come off however late the sale is, each person sees his stores."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from sqlalchemy import update

from sync_server.services.console.roles import Role
from sync_server.store import campaign_sums
from sync_server.store.schema.tables import document
from tests.server.console.test_campaigns import COUPON, join, running
from tests.server.console.test_exception_counts import chart
from tests.server.console.test_sales import DAY, gather, put
from tests.server.support.console import Visitor, code_of, sign_in, unopened
from tests.server.support.office import Chain
from tests.server.support.promotions import stocked
from tests.server.support.shop import sku


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stocked(chain, COUPON)
    join(chain, "gold,S001,,", "gold,S002,,")
    running(chain)
    return chain


def told(visitor: Visitor) -> dict[str, str]:
    text = visitor.get("/effects/export").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    return row


def fact(page: str, name: str) -> str:
    """The figure under a name on a page."""
    found = re.search(rf"<dt>{name}</dt><dd[^>]*>(.*?)</dd>", page)
    assert found is not None, name
    return re.sub("<[^>]+>", "", found[1])


def bring_back(
    chain: Chain, number: int, of: tuple[str, int], *lines: object, till: str, coupon: int = 0
) -> None:
    """A return of goods of a sale."""
    put(chain, number, *lines, till=till, kind="return", member="m-1", coupon=coupon)  # type: ignore[arg-type]
    body = {"body": {"origin": {"workstation_id": of[0], "incarnation": 1, "number": of[1]}}}
    change = update(document).where(document.c.workstation_id == till, document.c.number == number)
    chain.office.store.write(lambda txn: txn.execute(change.values(data=json.dumps(body).encode())) and None)


def test_a_campaign_is_what_its_baskets_brought(shop: Chain) -> None:
    put(shop, 1, (sku(1), 3000, 9000, 7000), (sku(9), 1000, 500, 500), member="m-1", coupon=2000)
    put(shop, 2, (sku(1), 1000, 3000, 3000), member="m-2")
    put(shop, 1, (sku(1), 2000, 6000, 4000), member="m-1", till="w", store="S002", coupon=2000)
    gather(shop)
    row = told(sign_in(shop, Role.MARKETER))
    assert (row["uses"], row["redeemers"], row["baskets"]) == ("2", "1", "2")
    assert (row["given_minor"], row["net_minor"], row["costed_net_minor"]) == ("4000", "11500", "11000")
    assert (row["cost_minor"], row["margin_minor"], row["roi_at_most_ppm"]) == ("3000", "8000", "2000000")


@pytest.mark.parametrize("first", ["sale", "return"])
def test_what_comes_back_is_taken_off_in_whatever_order_it_is_heard(shop: Chain, first: str) -> None:
    def sale() -> None:
        put(shop, 1, (sku(1), 3000, 9000, 7000), member="m-1", till="a", coupon=2000)

    def back() -> None:
        bring_back(shop, 1, ("a", 1), (sku(1), 3000, 9000, 7000), till="z", coupon=2000)

    for each in (sale, back) if first == "sale" else (back, sale):
        each()
        gather(shop)
    row = told(sign_in(shop, Role.MARKETER))
    assert (row["uses"], row["redeemers"], row["given_minor"]) == ("0", "0", "0")
    assert (row["net_minor"], row["costed_net_minor"], row["cost_minor"]) == ("0", "0", "0")
    assert row["baskets"] == "1"
    page = sign_in(shop, Role.MARKETER).get("/campaigns/C-NEW").text
    assert fact(page, "核销次数") == "0" and fact(page, "已让利").endswith("0.00"), "neither counts it twice"
    days = shop.office.store.read(lambda txn: campaign_sums.days(txn, "C-NEW"))
    assert [(each["business_day"], each["net_minor"]) for each in days] == [(DAY, 0)]


def test_a_part_that_comes_back_leaves_the_coupon_used(shop: Chain) -> None:
    put(shop, 1, (sku(1), 3000, 9000, 7000), member="m-1", till="a", coupon=2000)
    bring_back(shop, 2, ("a", 1), (sku(1), 1000, 3000, 2334), till="a")
    gather(shop)
    row = told(sign_in(shop, Role.MARKETER))
    assert (row["uses"], row["given_minor"], row["net_minor"], row["cost_minor"]) == (
        "1",
        "2000",
        "4666",
        "1200",
    )


def test_a_return_of_a_sale_without_coupon_changes_nothing(shop: Chain) -> None:
    put(shop, 1, (sku(1), 3000, 9000, 9000), till="a")
    bring_back(shop, 2, ("a", 1), (sku(1), 3000, 9000, 9000), till="a")
    gather(shop)
    assert told(sign_in(shop, Role.MARKETER))["net_minor"] == "0"


def test_a_regional_manager_reads_what_his_stores_took(shop: Chain) -> None:
    put(shop, 1, (sku(1), 3000, 9000, 7000), member="m-1", coupon=2000)
    put(shop, 1, (sku(1), 2000, 6000, 4000), member="m-2", till="w", store="S002", coupon=2000)
    gather(shop)
    east = sign_in(shop, Role.REGIONAL_MANAGER, region="east")
    row = told(east)
    assert (row["uses"], row["net_minor"], row["redeemers"], row["issued"]) == ("1", "7000", "", "")
    page = east.get("/effects").text
    assert unopened(page) == [] == unopened(sign_in(shop, Role.MARKETER).get("/effects").text)
    bars = chart(page)["series"]
    opened = {link for one in bars for link in one["links"]}  # type: ignore[attr-defined]
    assert opened and all(east.get(link.removeprefix("/console")).status_code == 200 for link in opened)
    assert "70.00" in page and "110.00" not in page
    behind = east.get("/campaigns/C-NEW/baskets").text
    assert "/t1/1/1" in behind and "/w/1/1" not in behind
    assert "/w/1/1" not in east.get("/campaigns/C-NEW/baskets?store=S002").text
    assert "/w/1/1" in sign_in(shop, Role.MARKETER).get(f"/campaigns/C-NEW/baskets?store=S002&day={DAY}").text
    assert code_of(east.get("/campaigns/C-NEW/effect")) == "console_forbidden"
    assert code_of(east.get("/campaigns/C-NEW/baskets?day=x")) == "bad_period"


def test_without_a_known_cost_there_is_no_margin_and_it_says_so(shop: Chain) -> None:
    put(shop, 1, (sku(9), 1000, 7000, 5000), member="m-1", coupon=2000)
    gather(shop)
    marketer = sign_in(shop, Role.MARKETER)
    assert (told(marketer)["margin_minor"], told(marketer)["roi_at_most_ppm"]) == ("", "")
    assert "成本都未知" in marketer.get("/campaigns/C-NEW/effect").text
    assert marketer.get("/effects/export?form=xlsx").content[:2] == b"PK"
