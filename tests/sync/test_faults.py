"""A network that loses, doubles, cuts and forges: every sale is at head office once, and nothing else."""

from __future__ import annotations

import random

import pytest

from pos_client.sync.errors import SyncTrouble
from tests.fakes.fault_proxy import FAULTS, fault_proxy
from tests.fakes.reference_rows import item_row
from tests.server.support.series import START_MS
from tests.sync.world import Till, World

REQUESTS = 1500


def exchange_until_done(till: Till, *, tries: int = 2000) -> None:
    for _ in range(tries):
        try:
            till.client.exchange()
        except SyncTrouble:
            continue
        if till.client.state.documents_waiting == 0:
            return
    raise AssertionError("never got through")


def port_of(world: World) -> int:
    return int(world.url.rpartition(":")[2])


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_is_survived(world: World, fault: str) -> None:
    world.stock_shelves()
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    with fault_proxy(port_of(world), seed=5, rate=0.35, faults=(fault,)) as proxy:
        till = world.till(url=proxy.url)
        for count in (3, 1, 7):
            till.sell(count)
            exchange_until_done(till)
        assert proxy.counts[fault] > 3
    assert world.has_all_of(till) and till.replica.is_complete()
    assert till.replica.active_release(START_MS) is not None


def test_thousands_of_requests_half_of_them_faulted(world: World) -> None:
    dice = random.Random(20)
    world.stock_shelves()
    version, refused = 0, 0
    with fault_proxy(port_of(world), seed=21, rate=0.5) as proxy:
        till = world.till(url=proxy.url)
        while sum(proxy.counts.values()) < REQUESTS:
            till.sell(dice.randint(0, 3), lines=1)
            if dice.random() < 0.2:
                world.put("item", [item_row(f"A{dice.randrange(30)}", f"商品{dice.random()}")])
            if dice.random() < 0.03:
                rows = [["PL1", f"A{dice.randrange(20)}", START_MS, None, dice.randrange(1, 999)]]
                kind = "delta" if version else "base"
                version = world.publish(rows, kind=kind, effective_from_ms=START_MS)
            try:
                till.client.exchange()
            except SyncTrouble:
                refused += 1
        assert proxy.faulted > REQUESTS * 0.4 and refused > 100
        exchange_until_done(till)
    till.reconnect(world.url)
    till.client.exchange()
    assert world.has_all_of(till) and world.documents() == till.journal.head().number
    assert till.client._exchange._digested_at_ms is not None
    newest = till.replica.newest_release()
    assert newest is not None and newest.version == version and till.replica.refused_releases() == []
    assert till.journal.series.incarnation == 1


def test_an_answer_for_another_request_is_not_ours(world: World) -> None:
    """The nonce ties an answer to its question: an old good answer replayed is refused."""
    till = world.till()
    till.sell(1)
    wire = till.client._exchange._wire
    target = f"/v1/series/{till.identity.workstation_id}/1"
    kept: list[tuple[bytes, str]] = []
    real = wire._check_signature

    def replay(response, nonce, raw) -> None:  # type: ignore[no-untyped-def]
        kept.append((raw, response.headers["Tidemark-Server-Signature"]))
        real(response, nonce + "x", raw)

    wire._check_signature = replay  # type: ignore[method-assign]
    with pytest.raises(SyncTrouble) as refused:
        wire.get(target, dict)
    assert refused.value.code == "not_our_server" and kept
