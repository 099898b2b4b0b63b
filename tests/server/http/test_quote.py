"""POST /v1/quote over real loopback HTTP: the bytes of the core, for workstations and for channel keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.engine import price_basket
from pos_core.pricing.explain import price_explained
from pos_core.pricing.load import load_basket
from sync_server.services.channel_keys import HEADER_CHANNEL_KEY
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.store import fold_state
from tests.core.pricing.goldens import OWN, PRICED
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.priced import MINUS_THREE, SECOND_HALF, basket, publish, rule_set
from tests.server.support.series import START_MS


def body(the_basket: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"basket": the_basket, **more}).encode()


def ask(till: TestWorkstation, the_basket: dict[str, Any], **more: Any) -> bytes:
    """A signed quote; the raw bytes of the answer."""
    sent = body(the_basket, **more)
    headers = {**till.headers("POST", "/v1/quote", sent), "Accept-Encoding": "identity"}
    answer = till.http.post("/v1/quote", content=sent, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.content


def ask_by_key(chain: Chain, key: str, sent: bytes) -> httpx.Response:
    return chain.http.post("/v1/quote", content=sent, headers={HEADER_CHANNEL_KEY: key})


def test_a_workstation_gets_the_bytes_that_it_would_compute(chain: Chain) -> None:
    publish(chain.office, SECOND_HALF, MINUS_THREE)
    till = chain.enrol()
    rules = rule_set(SECOND_HALF, MINUS_THREE)
    for units in ((1,), (2, 1), (3, 3, 3)):
        question = load_basket(basket(*units))
        assert ask(till, basket(*units)) == encode_bytes(price_basket(question, rules))
    explained = price_explained(load_basket(basket(3)), rules)
    assert ask(till, basket(3), explain=True) == encode_bytes(explained)


def test_the_goldens_are_quoted_as_the_core_prices_them(chain: Chain) -> None:
    till = chain.enrol()
    for case in (PRICED | OWN).values():
        version = publish(chain.office, *case["promotions"])
        wanted = encode_bytes(price_basket(load_basket(case["basket"]), rule_set(*case["promotions"])))
        assert ask(till, case["basket"], release=version) == wanted, case["id"]


def test_the_release_in_force_is_the_newest_that_has_taken_effect(chain: Chain) -> None:
    till = chain.enrol()
    status, error = till.call("POST", "/v1/quote", body(basket(2)))
    assert (status, error["code"]) == (404, "unknown_release")
    one = publish(chain.office, MINUS_THREE)
    two = publish(chain.office, SECOND_HALF, effective_from_ms=START_MS + 1000)

    def payable(**more: Any) -> int:
        instant = more.pop("instant_ms", START_MS)
        return int(json.loads(ask(till, basket(2, instant_ms=instant), **more))["payable_minor"])

    assert (payable(), payable(instant_ms=START_MS + 1000)) == (1700, 1500)
    assert (payable(release=two), payable(instant_ms=START_MS + 1000, release=one)) == (1500, 1700)


def test_a_channel_key_asks_for_its_channel_and_nothing_else(chain: Chain) -> None:
    publish(chain.office, SECOND_HALF)
    made = chain.office.channel_keys.make("web", "shop")
    answer = ask_by_key(chain, made.key, body(basket(2, channel="web")))
    wanted = price_basket(load_basket(basket(2, channel="web")), rule_set(SECOND_HALF))
    assert (answer.status_code, answer.content) == (200, encode_bytes(wanted))
    other = ask_by_key(chain, made.key, body(basket(2)))
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    assert chain.http.get("/v1/feed", headers={HEADER_CHANNEL_KEY: made.key}).status_code == 401
    for wrong in ("", "tck_", made.key[:-1], made.key_hash):
        refused = ask_by_key(chain, wrong, body(basket(2, channel="web")))
        assert (refused.status_code, refused.json()["code"]) == (401, "bad_channel_key")
    assert chain.office.channel_keys.revoke(made.key_hash[:7]) == 0
    assert chain.office.channel_keys.revoke(made.key_hash[:16]) == 1
    assert ask_by_key(chain, made.key, body(basket(2, channel="web"))).status_code == 401
    assert chain.http.post("/v1/quote", content=body(basket(2))).json()["code"] == "signature_missing"


@pytest.mark.parametrize(
    "sent, status, code, path",
    [
        (b"{", 400, "malformed_request", None),
        (b"[]", 400, "malformed_request", None),
        (b'{"basket":{},"x":1}', 400, "malformed_request", None),
        (body(basket(1), release=0), 400, "malformed_request", None),
        (body(basket(1), release=True), 400, "malformed_request", None),
        (body(basket(1), explain=1), 400, "malformed_request", None),
        (body(basket(1), release=99), 404, "unknown_release", None),
        (body({**basket(1), "lines": [{}]}), 422, "bad_basket", "/lines/0/line_id"),
        (body(basket(*[1] * 1001)), 422, "bad_basket", "/lines"),
        (body({**basket(1), "shipping_minor": 2**60}), 422, "bad_basket", "/shipping_minor"),
    ],
)
def test_what_cannot_be_quoted_is_named(
    chain: Chain, sent: bytes, status: int, code: str, path: str | None
) -> None:
    publish(chain.office, SECOND_HALF)
    found, error = chain.enrol().call("POST", "/v1/quote", sent)
    assert (found, error["code"], error["facts"].get("path")) == (status, code, path)


def test_a_member_who_is_only_named_is_described_by_head_office(chain: Chain, tmp_path: Path) -> None:
    till = chain.enrol()
    third = {**MINUS_THREE, "scope": {"member": {"nth_orders": [2], "birthday": "day", "tiers": ["gold"]}}}
    lapsed = {
        **MINUS_THREE, "id": "COME-BACK", "phase": "coupon", "stack": "coupons_on_top", "conditions": [],
        "coupon": {"campaign": "BACK"}, "scope": {"member": {"segments": ["lapsed"]}},
    }  # fmt: skip
    publish(chain.office, third, lapsed)
    local = datetime.fromtimestamp(START_MS / 1000, UTC) + timedelta(minutes=basket(1)["utc_offset_minutes"])
    file = tmp_path / "members.csv"
    file.write_text(
        "member_id,phone,name,tier,home_store_id,points_balance,birthday\n"
        f"M7,13800138000,王小明,gold,S001,40,1990-{local.month:02d}-{local.day:02d}\n"
    )
    target = ImportTarget(chain.office.store, chain.office.keys, chain.clock.now_ms())
    assert import_file(target, "members", file, ImportOptions()).imported
    assert json.loads(ask(till, basket(2), member_id="M7"))["payable_minor"] == 2000
    chain.office.store.write(
        lambda txn: fold_state.put(txn, {("orders", "M7"): {"orders": 1, "marks": {"1:ws": [3, 0]}}})
    )
    told = {
        "tier": "gold",
        "orders_before": 1,
        "birthday_month": local.month,
        "birthday_day": local.day,
        "points_balance": 40,
    }
    named = ask(till, basket(2), member_id="M7")
    assert json.loads(named)["payable_minor"] == 1700
    assert named == ask(till, {**basket(2), "member": told})
    held = {**basket(2), "coupons": [{"coupon_id": "1", "campaign": "BACK"}]}
    assert json.loads(ask(till, held, member_id="M7"))["payable_minor"] == 1700
    said = ask(till, held, member_id="M7", segments=["lapsed", "asleep"])
    assert json.loads(said)["payable_minor"] == 1400
    assert said == ask(till, {**held, "member": {**told, "segments": ["asleep", "lapsed"]}})
    for wrong, path in (
        ({"member_id": "nobody"}, "/member_id"),
        ({"member_id": "M7", "member": True}, "/member"),
    ):
        asked = {**basket(2), "member": told} if wrong.pop("member", False) else basket(2)
        status, error = till.call("POST", "/v1/quote", body(asked, **wrong))
        assert (status, error["code"], error["facts"]["path"]) == (422, "bad_basket", path)
    for fields in ({"member_id": 7}, {"segments": ["a"]}, {"member_id": "M7", "segments": ["a", "a"]}):
        status, error = till.call("POST", "/v1/quote", body(basket(2), **fields))
        assert (status, error["code"]) == (400, "malformed_request")


def test_an_amount_that_is_no_integer_is_named_by_its_place(chain: Chain) -> None:
    till = chain.enrol()
    asked = basket(2)
    asked["lines"][0]["list_price_minor"] = 10.5
    status, error = till.call("POST", "/v1/quote", body(asked))
    assert (status, error["code"]) == (422, "bad_basket")
    assert error["facts"]["path"] == "/lines/0/list_price_minor"
