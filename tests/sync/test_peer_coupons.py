"""A leased coupon goes from till to till with no head office: one holder at a time, and used once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pos_client.journal import slice_passing
from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.draft import Draft
from pos_client.keys.key_store import get_or_make
from pos_client.services.accounts.coupons import Coupons
from pos_client.services.refusals.accounts import CouponComing, CouponNotHere
from pos_client.sync.errors import PeerAway
from pos_client.sync.peers.link import Link
from pos_core.sale.claims import CouponClaim
from pos_core.sync.allowance import AllowanceRefused
from pos_core.sync.peer_messages import PeerAnswer
from sync_server.services.acts import at_command_line
from sync_server.services.coupons import Campaign
from sync_server.store import quarantine, ruling
from tests.fakes.facts import sale
from tests.sync.floor import DAY, Floor, Station, running_floor

ACT = at_command_line()
DAY_MS = 24 * 3_600_000


class Leased:
    """A coupon of which `a` is the holder."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.a, self.b, self.c = floor.stations
        now_ms = floor.world.clock.now_ms()
        office = floor.world.office
        ends_ms = now_ms + 9 * DAY_MS
        campaign = Campaign("LOCAL", "本店", "Local", "P1", "leased", 1, None, None, now_ms, ends_ms)
        office.coupons.put_campaign(ACT, campaign)
        (issued,) = office.coupons.issue_codes(ACT, "LOCAL", [None])
        self.code = issued.text
        (lease,) = office.coupon_leases.give(ACT, "S001", [self.code], days=3, workstation_id=self.a.id)
        floor.exchange()
        floor.exchange()
        self.coupon = (f"coupon/{lease.coupon_id}/{lease.holder}", lease.coupon_id)

    def present(self, station: Station, *, sees: bool = False) -> CouponClaim:
        """What a typed code is at this till."""
        peers = SimpleNamespace(seen=lambda: ["x"] if sees else [], bring_coupon=self._asked(station))
        counter = SimpleNamespace(
            replica=station.till.replica,
            allowance_book=book(station),
            time=SimpleNamespace(instant_ms=station.till.clock.now_ms),
            basket=SimpleNamespace(member_id=None),
        )
        service = Coupons(
            cast("Any", counter),
            cast("Any", None),
            index_key=lambda: get_or_make(station.till.keys, "blind_index_key"),
            authorising=cast("Any", None),  # head office is not asked for a leased coupon
            peers=cast("Any", peers),
        )
        return service._claim(self.code)

    def _asked(self, station: Station) -> Any:
        def bring(allowance_id: str, coupon_id: str) -> None:
            for other in self.floor.stations:
                if other is not station:
                    station.ask(other, coupon=(allowance_id, coupon_id))

        return bring

    def redeem(self, station: Station) -> None:
        claim = self.present(station)
        use = {
            "campaign_id": claim.campaign_id,
            "coupon_code": claim.coupon_id,
            "member_id": None,
            "amount_minor": 500,
            "authority": "allowance",
            "allowance_id": claim.allowance_id,
        }
        body = sale(coupons=(use,))
        station.till.journal.record(
            [Draft("sale", body, DAY)], also=lambda c: book(station).charge(c, body)
        ).result()

    def holders(self) -> list[str]:
        return [
            each.till.identity.workstation_name
            for each in self.floor.stations
            if each.desk.passing.has_coupon(*self.coupon)
        ]


def book(station: Station) -> AllowanceBook:
    return AllowanceBook(station.till.journal, station.till.clock)


@pytest.fixture
def leased(tmp_path: Path) -> Iterator[Leased]:
    with running_floor(tmp_path) as floor:
        yield Leased(floor)


def test_the_till_that_needs_it_asks_gets_it_and_uses_it_once(leased: Leased) -> None:
    a, b, c = leased.a, leased.b, leased.c
    assert leased.holders() == ["t1"]
    with pytest.raises(CouponNotHere):  # nobody in sight
        leased.present(b)
    with pytest.raises(CouponComing):
        leased.present(b, sees=True)
    assert leased.holders() == ["t2"]
    with pytest.raises(CouponNotHere):
        leased.present(a)
    leased.redeem(b)
    with pytest.raises(AllowanceRefused):
        slice_passing.give(b.till.journal, book(b), leased.coupon, to_series=f"1:{c.id}", to=c.id)
    assert leased.holders() == []
    b.ask(a)  # says that it has it
    assert a.till.journal.read(lambda conn: slice_passing.outgoing(conn, b.id)) == []
    leased.floor.exchange()
    leased.floor.exchange()
    office = leased.floor.world.office
    assert office.store.read(quarantine.count) == 0
    rules = {row.ruling.rule for row in office.store.read(ruling.listing)}
    assert rules <= {"unknown_id"}  # the item of the sale is not of this chain
    assert office.allowances.published().worst.by_kind.get("coupon", 0) == 0
    assert leased.holders() == []


def test_it_passes_on_and_comes_home(leased: Leased) -> None:
    a, b, c = leased.a, leased.b, leased.c
    b.ask(a, coupon=leased.coupon)
    c.ask(a, coupon=leased.coupon)  # not there any more
    assert leased.holders() == ["t2"]
    c.ask(b, coupon=leased.coupon)
    a.ask(c, coupon=leased.coupon)
    assert leased.holders() == ["t1"]
    leased.redeem(a)
    leased.floor.exchange()
    assert leased.floor.world.office.store.read(quarantine.count) == 0


def test_a_contact_with_head_office_gives_the_first_holder_no_second_one(leased: Leased) -> None:
    """It asks for a renewal, for it has nothing left: the coupon is still out in other hands."""
    a, b = leased.a, leased.b
    b.ask(a, coupon=leased.coupon)
    for _ in range(3):
        leased.floor.exchange(a)
        assert leased.holders() == ["t2"]
    leased.floor.exchange(b)
    leased.floor.exchange(a)
    assert leased.holders() == ["t2"]
    with pytest.raises(CouponNotHere):
        leased.present(a)


@pytest.mark.parametrize("cut", ["answer", "written"])
def test_a_hand_over_that_is_cut_strands_and_never_doubles(
    leased: Leased, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = leased.a, leased.b
    b.ask(a)
    with monkeypatch.context() as patch:

        def away(*_: object) -> None:
            raise PeerAway("the cable was pulled")

        def lost(link: Link, kind: Any) -> Any:
            found = receive(link, kind)
            return away() if kind is PeerAnswer else found

        receive = Link.receive
        if cut == "answer":
            patch.setattr(Link, "receive", lost)
        else:
            patch.setattr(b.desk.passing, "take_slices", away)
        with pytest.raises(PeerAway):
            b.ask(a, coupon=leased.coupon)
    assert leased.holders() == []
    a.power_cut()
    b.power_cut()
    assert leased.holders() == []
    b.ask(a)
    assert leased.holders() == ["t2"]
    b.power_cut()  # the acknowledgement is lost
    b.ask(a)
    leased.redeem(b)
    b.ask(a)
    assert leased.holders() == []


def test_its_term_goes_on_where_the_giver_s_clock_was(leased: Leased) -> None:
    a, b = leased.a, leased.b
    leased.floor.world.clock.advance(2 * DAY_MS)
    b.ask(a, coupon=leased.coupon)
    assert leased.holders() == ["t2"]
    leased.floor.world.clock.advance(DAY_MS + 1)
    assert leased.holders() == []


def test_a_lease_that_was_passed_on_is_not_renewed_at_every_contact(leased: Leased) -> None:
    """Each renewal is a document, and none would bring the coupon back."""
    a, b = leased.a, leased.b
    with pytest.raises(CouponComing):
        leased.present(b, sees=True)
    leased.floor.exchange()
    before = len(a.documents())
    for _ in range(3):
        leased.floor.world.clock.advance(60_000)
        leased.floor.exchange(a)
    assert len(a.documents()) == before
    assert leased.holders() == ["t2"]
