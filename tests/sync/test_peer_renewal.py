"""A workstation gets its peer certificate at an exchange, renews it in time, and takes no other's."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from pos_client.sync import peer_renewal
from pos_client.sync.errors import PeerRefused
from pos_client.sync.peer_card import FILE_NAME, PeerCard, kept_card
from pos_client.sync.peer_certificate import check_peer
from pos_core.sync.peer_name import PEER_CERTIFICATE_DAYS, PeerName
from tests.sync.world import Till, World

_DAY_MS = 24 * 3_600_000


def card(till: Till) -> PeerCard | None:
    own = PeerName(till.identity.store_id, till.identity.workstation_id)
    return kept_card(till.folder, own, base64.b64decode(till.journal.public_key()))


@pytest.fixture
def till(world: World) -> Till:
    world.stock_shelves()
    return world.till()


def test_the_first_exchange_brings_one_that_the_others_of_the_store_believe(world: World, till: Till) -> None:
    assert till.client.exchange().peer_certificate
    kept = card(till)
    assert kept is not None
    other = PeerName("S001", "another")
    found = check_peer(kept.certificate, kept.authority, own=other, now_ms=world.clock.now_ms(), revoked=())
    assert found == PeerName("S001", till.identity.workstation_id)
    with pytest.raises(PeerRefused, match="other_store"):
        check_peer(
            kept.certificate,
            kept.authority,
            own=PeerName("S002", "another"),
            now_ms=world.clock.now_ms(),
            revoked=(),
        )


def test_it_is_renewed_when_half_of_its_time_is_over_and_not_before(world: World, till: Till) -> None:
    till.client.exchange()
    first = card(till)
    world.clock.advance((PEER_CERTIFICATE_DAYS // 2 - 2) * _DAY_MS)
    assert not till.client.exchange().peer_certificate and card(till) == first
    world.clock.advance(2 * _DAY_MS)
    assert till.client.exchange().peer_certificate
    second = card(till)
    assert first is not None and second is not None and second.not_after_ms > first.not_after_ms


def test_where_the_chain_wants_no_peers_none_is_asked_for(world: World, till: Till) -> None:
    world.put("policy", [["peers", '{"enabled":false}']])
    assert not till.client.exchange().peer_certificate and card(till) is None


def test_a_damaged_or_foreign_file_is_as_good_as_none(world: World, till: Till) -> None:
    till.client.exchange()
    second = world.till("t2")
    second.client.exchange()
    path = till.folder / FILE_NAME
    path.write_bytes((second.folder / FILE_NAME).read_bytes())
    assert card(till) is None
    path.write_bytes(b"{")
    assert card(till) is None
    assert till.client.exchange().peer_certificate and card(till) is not None


def test_what_head_office_gives_is_checked_before_it_is_kept(
    world: World, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And trouble with it ends no exchange: it is asked for again later."""
    second = world.till("t2")
    second.client.exchange()
    foreign = json.loads((second.folder / FILE_NAME).read_bytes())
    issue = peer_renewal.Wire.get

    def get(wire: object, target: str, kind: type) -> object:
        if target == "/v1/peer-certificate":
            return kind(**foreign)
        return issue(wire, target, kind)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(peer_renewal.Wire, "get", get)
        assert not till.client.exchange().peer_certificate and card(till) is None
    assert not till.client.exchange().peer_certificate  # not at once
    world.clock.advance(peer_renewal.REFUSED_WAIT_MS)
    assert till.client.exchange().peer_certificate


def test_a_revoked_workstation_gets_none(world: World, till: Till) -> None:
    world.office.workstations.revoke(till.identity.workstation_id)
    with pytest.raises(Exception, match="revoked"):
        till.client.exchange()
    assert card(till) is None


def test_the_route_wants_a_signature(world: World) -> None:
    assert httpx.get(f"{world.url}/v1/peer-certificate").json()["code"] == "signature_missing"
