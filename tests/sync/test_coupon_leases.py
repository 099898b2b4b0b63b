"""Typed codes leased to a store: from head office through real workstations with no network, and back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.draft import Draft
from pos_client.keys.key_store import get_or_make
from pos_client.services.accounts.coupons import Coupons
from pos_client.services.refusals.accounts import CouponNotHere, CouponUsed, UnknownCoupon
from pos_core.sale.claims import CouponClaim
from pos_core.sync.allowance import AllowanceRefused
from pos_core.sync.folds.coupon_use import live_uses
from sync_server.jobs.coupons import CouponJobs
from sync_server.services.acts import at_command_line
from sync_server.services.coupon_leases import BadLease, CouponLeases, CouponOut
from sync_server.services.coupons import Campaign, Issued, NoSuchCoupon
from sync_server.store import audit, coupon, fold_state
from tests.fakes.facts import sale
from tests.server.support.series import START_MS
from tests.sync.world import Till, World

ACT = at_command_line()
DAY_MS = 24 * 3_600_000
LOCAL = Campaign("LOCAL", "本店", "Local", "P1", "leased", 1, None, None, START_MS, START_MS + 60 * DAY_MS)


@pytest.fixture
def leases(world: World) -> CouponLeases:
    world.office.coupons.put_campaign(ACT, LOCAL)
    return world.office.coupon_leases


def _codes(world: World, count: int = 1, campaign: str = "LOCAL") -> list[Issued]:
    return world.office.coupons.issue_codes(ACT, campaign, [None] * count)


def _book(till: Till) -> AllowanceBook:
    return AllowanceBook(till.journal, till.clock)


def _present(till: Till, typed: str) -> CouponClaim:
    """What F8 makes of a typed code, by the till's own service on its own files."""
    counter = SimpleNamespace(
        replica=till.replica,
        allowance_book=_book(till),
        time=SimpleNamespace(instant_ms=till.clock.now_ms),
        basket=SimpleNamespace(member_id=None),
        is_offline=lambda: True,
    )
    service = Coupons(
        cast("Any", counter),
        cast("Any", None),
        index_key=lambda: get_or_make(till.keys, "blind_index_key"),
        authorising=cast("Any", SimpleNamespace(let=lambda wanted: None)),  # head office is away
    )
    return service._claim(typed)


def _redeem(till: Till, claim: CouponClaim) -> None:
    """A sale with its charge, in one transaction."""
    use = {
        "campaign_id": claim.campaign_id,
        "coupon_code": claim.coupon_id,
        "member_id": None,
        "amount_minor": 500,
        "authority": "allowance",
        "allowance_id": claim.allowance_id,
    }
    body = sale(coupons=(use,))
    book = _book(till)
    till.journal.record([Draft("sale", body, "2026-11-22")], also=lambda c: book.charge(c, body)).result()


def _uses(world: World, coupon_id: str) -> list[str]:
    def read(txn: Any) -> list[str]:
        keys = [
            ("coupon_use", key) for key in fold_state.keys_like(txn, "coupon_use", "") if coupon_id in key
        ]
        return [store for state in fold_state.get(txn, keys).values() for _, store, _ in live_uses(state)]

    return world.office.store.read(read)


def test_a_leased_code_is_taken_offline_by_its_holder_and_by_nobody_else(
    world: World, leases: CouponLeases
) -> None:
    first, beside, other = world.till(), world.till("t2"), world.till("t3", store_id="S002")
    issued, spare = _codes(world, 2)
    holder = first.identity.workstation_id
    with pytest.raises(BadLease):  # two workstations: which?
        leases.give(ACT, "S001", [issued.text], days=14)
    leases.give(ACT, "S001", [issued.text], days=14, workstation_id=holder)
    assert [each.state for each in leases.listing("S001")] == ["waiting"]
    for till in (first, beside, other):
        till.client.exchange()
    assert [each.state for each in leases.listing()] == ["held"]
    with pytest.raises(UnknownCoupon):
        _present(other, issued.text)
    with pytest.raises(UnknownCoupon):
        _present(first, spare.text)
    with pytest.raises(CouponNotHere):
        _present(beside, issued.text)
    claim = _present(first, issued.text)
    _redeem(first, claim)  # nothing was asked of head office since the exchange
    with pytest.raises(CouponUsed):
        _present(first, issued.text)
    with pytest.raises(AllowanceRefused):
        _redeem(first, claim)
    first.client.exchange()
    assert _uses(world, issued.coupon_id) == ["S001"]
    assert leases.listing() == []
    row = world.office.store.read(lambda txn: coupon.get_many(txn, [issued.coupon_id]))[issued.coupon_id]
    assert (row.state, row.leased_to) == ("used", None)
    with pytest.raises(BadLease):
        leases.give(ACT, "S002", [issued.text], days=14)
    first.client.exchange()
    with pytest.raises(UnknownCoupon):
        _present(first, issued.text)


def test_a_recalled_code_goes_to_another_store_only_after_its_holder_let_go(
    world: World, leases: CouponLeases
) -> None:
    first, other = world.till(), world.till("t3", store_id="S002")
    (issued,) = _codes(world)
    leases.give(ACT, "S001", [issued.text], days=14)
    with pytest.raises(CouponOut):
        leases.give(ACT, "S002", [issued.text], days=14)
    first.client.exchange()
    assert leases.recall(ACT, [issued.coupon_id]) == 1
    with pytest.raises(CouponOut):  # the holder may be taking it this minute
        leases.give(ACT, "S002", [issued.text], days=14)
    first.client.exchange()
    with pytest.raises(UnknownCoupon):
        _present(first, issued.text)
    leases.give(ACT, "S002", [issued.text], days=14)
    other.client.exchange()
    assert _present(other, issued.text).coupon_id == issued.coupon_id
    leases.recall(ACT, [issued.coupon_id])
    other.client.exchange()
    leases.give(ACT, "S001", [issued.text], days=14)  # the first holder's own allowance goes on
    first.client.exchange()
    assert _present(first, issued.text).coupon_id == issued.coupon_id
    with pytest.raises(NoSuchCoupon):
        leases.recall(ACT, [issued.coupon_id, "nothing"])
    assert [each.store_id for each in leases.listing()] == ["S001"]


def test_a_lease_is_renewed_at_contact_and_ends_with_its_term(world: World, leases: CouponLeases) -> None:
    till = world.till()
    (issued,) = _codes(world)
    leases.give(ACT, "S001", [issued.text], days=6)
    till.client.exchange()
    world.clock.advance(2 * DAY_MS)  # past half of the allowance's 72 hours
    till.client.exchange()
    world.clock.advance(2 * DAY_MS)
    claim = _present(till, issued.text)
    assert claim.authority == "allowance"
    world.clock.advance(2 * DAY_MS + 1)
    with pytest.raises(UnknownCoupon):
        _present(till, issued.text)
    with pytest.raises(AllowanceRefused):
        _redeem(till, claim)
    CouponJobs(leases, leading=lambda: False).end_coupon_leases()
    assert len(leases.listing()) == 1
    CouponJobs(leases).end_coupon_leases()
    assert leases.listing() == []
    till.client.exchange()
    leases.give(ACT, "S001", [issued.text], days=6)
    till.client.exchange()
    assert _present(till, issued.text).coupon_id == issued.coupon_id


def test_wrong_wishes_lease_nothing_and_no_code_is_kept_in_clear(world: World, leases: CouponLeases) -> None:
    world.till()
    anywhere = Campaign("ANY", "券", "Any", "P1", "anywhere", 1, None, None, START_MS, START_MS + DAY_MS)
    world.office.coupons.put_campaign(ACT, anywhere)
    good, void = _codes(world, 2)
    (roams,) = _codes(world, campaign="ANY")
    world.office.coupons.revoke(ACT, [void.coupon_id])
    for wrong in (roams.text, void.text):
        with pytest.raises(BadLease):
            leases.give(ACT, "S001", [good.text, wrong], days=14)
    with pytest.raises(BadLease):
        leases.give(ACT, "S002", [good.text], days=14)  # no workstation there
    assert leases.listing() == []
    leases.give(ACT, "S001", [good.text, good.text], days=14)
    assert len(leases.listing()) == 1
    assert good.text not in str(world.office.store.read(lambda txn: audit.newest(txn, 50)))
    assert world.office.coupons.revoke(ACT, [good.coupon_id]) == 1
    assert leases.listing() == []
