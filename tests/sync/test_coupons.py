"""Coupons that head office issues, as a real workstation finds them after an exchange."""

from __future__ import annotations

import base64

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.keys.key_store import get_or_make
from pos_client.replica import coupons as known
from pos_client.services.members.phone_index import keyed_index
from pos_core.customer.coupon_code import parse_coupon_code, parse_qr_text
from sync_server.services.acts import at_command_line
from sync_server.services.coupons import (
    BadCampaign,
    Campaign,
    CouponDesk,
    NoCouponKey,
    NoSuchCampaign,
    NoSuchCoupon,
)
from sync_server.store import audit, feed
from tests.server.support.series import START_MS
from tests.sync.test_members import join
from tests.sync.world import Till, World

ACT = at_command_line()
SPRING = Campaign("SPRING", "春", "Spring", "P1", "anywhere", 1, None, None, START_MS, START_MS + 10**9)


@pytest.fixture
def desk(world: World) -> CouponDesk:
    world.office.coupons.put_campaign(ACT, SPRING)
    return world.office.coupons


def _signed(till: Till, text: str) -> bool:
    found = parse_qr_text(text)
    public = till.replica.read(known.signing_keys).get(found.key_id)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(found.signature, found.statement)
    except InvalidSignature:
        return False
    return True


def test_qr_coupons_verify_at_the_till_until_their_key_is_revoked(world: World, desk: CouponDesk) -> None:
    with pytest.raises(NoCouponKey):
        desk.issue_qr(ACT, "SPRING", 1)
    old = desk.new_key(ACT)
    before = desk.issue_qr(ACT, "SPRING", 2)
    desk.new_key(ACT)
    (after,) = desk.issue_qr(ACT, "SPRING", 1)
    till = world.till()
    till.client.exchange()
    assert all(_signed(till, each.text) for each in [*before, after])
    assert till.replica.read(lambda c: known.campaign(c, "SPRING")) is not None
    altered = before[0].text[:-6] + ("AAAAAA" if before[0].text[-6:] != "AAAAAA" else "BBBBBB")
    assert not _signed(till, altered)
    desk.revoke_key(ACT, old)
    till.client.exchange()
    assert [_signed(till, each.text) for each in [*before, after]] == [False, False, True]
    with pytest.raises(NoSuchCoupon):
        desk.revoke_key(ACT, old)
    world.office.publisher.publish(note="the first one that names the revoked key")
    till.client.exchange()
    again = base64.b64encode(b"k" * 32).decode()
    world.office.store.write(lambda txn: feed.put_rows(txn, "coupon_key", "chain", [[old, again, "active"]]))
    till.client.exchange()
    assert till.replica.read(known.signing_keys).keys() == {parse_qr_text(after.text).key_id}


def test_a_member_s_code_is_in_his_wallet_and_nowhere_in_clear(world: World, desk: CouponDesk) -> None:
    till = world.till()
    join(till, "m-1")
    till.client.exchange()
    (issued,) = desk.issue_codes(ACT, "SPRING", ["m-1"])
    till.client.exchange()
    code = parse_coupon_code(issued.text)
    index = keyed_index(get_or_make(till.keys, "blind_index_key"), f"coupon:{code}")
    row = till.replica.read(lambda c: known.coupon_by_code(c, index))
    assert row is not None and (row.member_id, row.state) == ("m-1", "issued")
    assert code not in str(world.office.store.read(lambda txn: audit.newest(txn, 50)))
    found = desk.find(code)
    assert found is not None and found.coupon_id == issued.coupon_id and code not in str(found)
    desk.revoke(ACT, [issued.coupon_id])
    till.client.exchange()
    row = till.replica.read(lambda c: known.coupon_by_code(c, index))
    assert row is not None and row.state == "void"


def test_codes_are_many_and_different_and_wrong_wishes_change_nothing(world: World, desk: CouponDesk) -> None:
    issued = desk.issue_codes(ACT, "SPRING", [None] * 500)
    assert len({parse_coupon_code(each.text) for each in issued}) == 500
    for wrong in ([], ["nobody"]):
        with pytest.raises(BadCampaign):
            desk.issue_codes(ACT, "SPRING", wrong)
    with pytest.raises(NoSuchCampaign):
        desk.issue_codes(ACT, "SUMMER", [None])
    with pytest.raises(NoSuchCoupon):
        desk.revoke(ACT, [issued[0].coupon_id, "nothing"])
    assert desk.find(parse_coupon_code(issued[0].text)).state == "issued"  # type: ignore[union-attr]
