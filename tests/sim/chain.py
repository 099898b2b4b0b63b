"""The chain that every run starts from, made once: goods, people, members, a coupon for all, promotions."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.keys.key_store import FileKeyStore
from pos_client.sync.enrolment import enrol
from pos_core.catalog.gtin import with_check_digit
from pos_core.customer import member_code
from pos_core.customer.coupon_code import SignedCoupon, coupon_statement, qr_text
from sync_server.bootstrap import make_server
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services import personal_data
from sync_server.services.acts import at_command_line
from sync_server.services.coupons import Campaign
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.store import feed, workstation
from sync_server.store.engine import Txn
from tests.fakes.point_rules import EARN, redeem
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import START_MS

PIN = "246810"
YEAR_MS = 366 * 86_400_000
COUPON_KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
OPERATORS = {"S001": "1001", "S002": "2001"}
MANAGERS = {"S001": "1009", "S002": "2009"}
ITEMS = 12
STORES = (("S001", "east"), ("S002", "west"))
MEMBERS = ("M1", "M2", "M3", "M4")
PHONES = {member: f"1200000000{n}" for n, member in enumerate(MEMBERS, 1)}
NEWCOMERS = tuple(f"1390000000{n}" for n in range(4))
"""Numbers that people give when they join at a till; two tills may be given the same one."""
WORKSTATIONS = (("t1", "S001"), ("t2", "S001"), ("t3", "S002"))
FLOOR = (*WORKSTATIONS, ("t4", "S001"))
"""With three workstations in the first store, which hear each other."""
DATABASE = "database"
"""File beside the machines that names head office's database, where it is not in head office's folder."""
CAMPAIGN, COUPON_VALUE_MINOR = "C1", 300
LOCAL, LEASED = "C2", 3
"""A campaign of coupons that are leased to one workstation of the first store each, and how many."""
LEASES = "leases.json"
"""File beside the machines where they hear each other: coupons that are leased to one workstation each."""


def sku(number: int) -> str:
    return f"A{number}"


def gtin(number: int) -> str:
    """What a scanner reads."""
    return with_check_digit(f"69000000{number:04d}")


def price(number: int) -> int:
    """Of item `number` in the first release."""
    return 100 + 37 * number


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """PINs here guard nobody's money."""
    with patch.object(personal_data, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        yield


def build(folder: Path, *, floor: bool = False) -> None:
    """Founds the chain in `folder/office` and enrols the workstations in `folder/t1` …, all closed again."""
    clock = HandClock()
    office = found_office(folder / "office", clock)
    if office.database_url is not None:
        (folder / DATABASE).write_text(office.database_url)
    try:
        with cheap_hashes():
            _import_all(office, folder, clock)
        office.store.write(lambda txn: _coupons(txn, clock))
        office.publisher.publish(note="first", actor="sim")
        with serving(make_server(office, tls=False, jobs=False)) as url:
            for name, store_id in FLOOR if floor else WORKSTATIONS:
                code = office.enrolment.new_code(store_id, minutes=10, ca_fingerprint=None).code
                keys = FileKeyStore(folder / name / "keys")
                enrol(url, code, name=name, keys=keys, folder=folder / name, app_version="0.1.0")
                os.makedirs(folder / name / "elsewhere", exist_ok=True)
        if floor:
            (folder / LEASES).write_text(json.dumps(_lease(office, clock)))
    finally:
        office.close()


def _lease(office: HeadOffice, clock: HandClock) -> list[dict[str, str]]:
    """Coupons of the second campaign, each to one workstation of the first store."""
    act, now_ms, ends_ms = at_command_line(), clock.now_ms(), clock.now_ms() + YEAR_MS
    campaign = Campaign(LOCAL, "本店券", "Local", "P-LOCAL", "leased", 1, None, None, now_ms, ends_ms)
    office.coupons.put_campaign(act, campaign)
    store_id = STORES[0][0]
    stores = office.store.read(workstation.stores_by_id)
    holders = sorted(each for each, store in stores.items() if store == store_id)
    found = []
    for number, issued in enumerate(office.coupons.issue_codes(act, LOCAL, [None] * LEASED)):
        holder = holders[number % len(holders)]
        (lease,) = office.coupon_leases.give(act, store_id, [issued.text], days=365, workstation_id=holder)
        allowance = f"coupon/{lease.coupon_id}/{lease.holder}"
        found.append({"code": issued.text, "coupon_id": lease.coupon_id, "allowance_id": allowance})
    return found


def coupon_code(number: int) -> str:
    """Single-use coupon `number` as the QR on a shopper's screen."""
    coupon = SignedCoupon(f"q{number}", CAMPAIGN, START_MS - 1, START_MS + YEAR_MS, "")
    return qr_text(coupon, "k1", COUPON_KEY.sign(coupon_statement(coupon, "k1")))


def app_code(member_id: str) -> str:
    """What the member's app shows."""
    until_ms = START_MS + YEAR_MS
    statement = member_code.app_code_statement(member_id, until_ms, "k1")
    return member_code.app_code_text(member_id, until_ms, "k1", COUPON_KEY.sign(statement))


def _coupons(txn: Txn, clock: HandClock) -> None:
    campaign = [CAMPAIGN, "新人券", "Welcome", "P-COUPON", "anywhere", 1, None, None,
                clock.now_ms() - 1, clock.now_ms() + YEAR_MS, "{}"]  # fmt: skip
    public = base64.b64encode(COUPON_KEY.public_key().public_bytes_raw()).decode()
    feed.put_rows(txn, "coupon_campaign", "chain", [campaign])
    feed.put_rows(txn, "coupon_key", "chain", [["k1", public, "active"]])


def _import_all(office: HeadOffice, folder: Path, clock: HandClock) -> None:
    target = ImportTarget(office.store, office.keys, clock.now_ms())
    for kind, text in _files():
        path = folder / (f"{kind}.json" if text.startswith("{") else f"{kind}.csv")
        path.write_text(text, encoding="utf-8")
        report = import_file(target, kind, path, ImportOptions(all_or_nothing=True, actor="sim"))
        assert report.rejected == 0, (kind, report.problems)


def _files() -> Iterator[tuple[str, str]]:
    """Kind of import → the file."""
    numbers = range(1, ITEMS + 1)
    yield "policies", json.dumps(POLICIES)
    yield "tax-classes", "tax_class_code,name,rate\nV13,增值税,13%\n"
    yield "departments", "department_code,parent_code,name,name_en\nD1,,食品,Food\n"
    head = "sku,name,department_code,tax_class_code,unit"
    yield "items", _csv(head, (f"{sku(n)},商品{n},D1,V13,件" for n in numbers))
    yield "gtins", _csv("gtin,sku", (f"{gtin(n)},{sku(n)}" for n in numbers))
    yield "price-lists", "price_list_id,name\nPL1,标准\n"
    head = "store_id,name,region,price_list,time_zone"
    yield "stores", _csv(head, (f"{s},{s}店,{region},PL1,Asia/Shanghai" for s, region in STORES))
    head = "price_list_id,sku,price,effective_from"
    yield "prices", _csv(head, (f"PL1,{sku(n)},{price(n) / 100:.2f},2026-05-01" for n in numbers))
    head = "tender_code,kind,name,name_en,opens_drawer,gives_change,position"
    yield "tender-types", _csv(head, ("cash,cash,现金,Cash,1,1,1", "card,card,银行卡,Card,0,0,2"))
    yield "employees", _csv("number,name,role,pin,stores", _people())
    head = "member_id,phone,display_name,tier,home_store_id,points"
    yield "members", _csv(head, (f"{m},{PHONES[m]},会员{m},gold,S001,1000" for m in MEMBERS))
    yield "promotions", json.dumps({"promotions": PROMOTIONS})


def _people() -> Iterator[str]:
    for role, numbers in (("supervisor", OPERATORS), ("manager", MANAGERS)):
        for store, number in numbers.items():
            yield f"{number},{role}{number},{role},{PIN},{store}"


def _csv(head: str, rows: Iterable[str]) -> str:
    return "\n".join((head, *rows)) + "\n"


POLICIES = {
    "time_zone": "Asia/Shanghai",
    "member_scope": "chain",
    "member_tiers": [{"code": "gold", "name": "金卡", "name_en": "Gold"}],
    "cash_rounding": {"to": "0.1", "mode": "down"},
    "allowances": {"points": {"gold": 300}, "stored_value_minor": 0, "term_hours": 72},
}
PROMOTIONS: list[dict[str, Any]] = [
    {
        "id": "HALF",
        "name": "第二件半价",
        "phase": "item",
        "select": {"any_of": [{"skus": [sku(1), sku(2)]}]},
        "benefit": {"kind": "nth_percent", "units": 2, "discounted": 1, "rate_ppm": 500_000},
        "stack": "cheapest_for_customer",
    },
    {
        "id": "P-COUPON",
        "name": "满10减3",
        "phase": "coupon",
        "coupon": {"campaign": CAMPAIGN},
        "conditions": [{"min_amount_minor": 500}],
        "benefit": {"kind": "basket_amount", "amount_minor": COUPON_VALUE_MINOR},
        "stack": "coupons_on_top",
    },
    {
        "id": "P-LOCAL",
        "name": "本店减2",
        "phase": "coupon",
        "coupon": {"campaign": LOCAL},
        "conditions": [{"min_amount_minor": 300}],
        "benefit": {"kind": "basket_amount", "amount_minor": 200},
        "stack": "coupons_on_top",
    },
    EARN,
    redeem(100),
]
