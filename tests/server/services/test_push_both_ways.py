"""Whole batches, right, damaged, forked, doubled: head office ends the same whichever way they are read."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from pos_core.sync.document import DOCUMENT_TYPES, document_bytes
from sync_server.head_office import HeadOffice
from sync_server.services import push_message
from sync_server.services.errors import Refused
from sync_server.services.quick_reading import QuickReader
from sync_server.store import document, fold_state, quarantine, workstation
from sync_server.store.engine import Txn
from sync_server.store.workstation import WorkstationRow
from tests.core.sync.test_envelope import EXAMPLES
from tests.server.services.test_push import POISONS
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker

_count = itertools.count(1)
Offices = tuple[HeadOffice, HeadOffice]


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    """The first reads as the product does, the second carefully alone; their clocks stand at one time."""
    made = [found_office(tmp_path_factory.mktemp("chain") / "data", HandClock()) for _ in range(2)]
    yield made[0], made[1]
    for office in made:
        office.close()


def a_series(dice: random.Random, name: str) -> SeriesMaker:
    maker = SeriesMaker(name, dice=random.Random(dice.random()))
    for _ in range(dice.randrange(1, 12)):
        what = dice.random()
        if what < 0.35:
            maker.sale(dice.randrange(1, 4))
        elif what < 0.6:
            kind = dice.choice(DOCUMENT_TYPES)
            maker.append(document_bytes(maker.header(kind), EXAMPLES[kind]))
        elif what < 0.8:
            maker.append(dice.choice(POISONS)(maker))
        elif what < 0.9:
            maker.append(damaged(dice, maker))
        else:
            maker.no_sale()
    if dice.random() < 0.2:
        maker.sale(prev_hash="ab" * 32)
        maker.no_sale()
    return maker


def damaged(dice: random.Random, maker: SeriesMaker) -> bytes:
    value = json.loads(document_bytes(maker.header("no_sale"), {"reason": "x"}))
    holder = dice.choice([value, value["body"]])
    holder[dice.choice([*holder, "zz"])] = dice.choice([None, True, 0, -1, 2**53, "", "x", "\0", [], {}])
    separators = (",", ":") if dice.random() < 0.7 else None
    return json.dumps(value, sort_keys=True, separators=separators).encode()


def pushes(dice: random.Random, maker: SeriesMaker) -> list[bytes]:
    """Its documents in parts, some of them twice, one perhaps out of turn; and another side of a fork."""
    last, bodies, first = len(maker.documents), [], 1
    while first <= last:
        until = dice.randrange(first, last + 1)
        bodies.append(maker.push_body(max(1, first - dice.randrange(3)), until))
        first = until + 1
    if dice.random() < 0.3:
        bodies.insert(0, maker.push_body(last, last))
    if dice.random() < 0.3:
        clone = SeriesMaker(maker.workstation_id, signing=maker.signing, dice=random.Random(dice.random()))
        for data in maker.documents[: last // 2]:
            clone.append(data)
        clone.sale()
        bodies.append(clone.push_body())
    return bodies


def outcome(office: HeadOffice, row: WorkstationRow, bodies: list[bytes]) -> list[Any]:
    """What was answered, and what is kept of this workstation."""
    answers: list[Any] = []
    for body in bodies:
        try:
            point = office.push.push(row, body)
            answers.append((point.acked_number, point.head_hash, point.quarantined))
        except Refused as error:
            answers.append((error.code, {**error.facts, "epoch": ""}))

    def kept(txn: Txn) -> list[Any]:
        own = (row.workstation_id, 1)
        aside = [each for each in quarantine.listing(txn, limit=100_000) if each.workstation_id == own[0]]
        return [
            document.stored(txn, *own, after=0, limit=1000),
            document.projected_rows(txn, *own, 0, 1000),
            sorted(
                (each.number, each.hash, each.in_chain, each.reason, each.detail, each.data) for each in aside
            ),
        ]

    return [answers, *office.store.read(kept)]


def both_ways(offices: Offices, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """One workstation's pushes to both, which answer and keep the same."""
    dice = random.Random(seed)
    maker = a_series(dice, f"w-{next(_count)}")
    row = WorkstationRow(
        *(maker.workstation_id, maker.store_id, "t", "active"),
        *(maker.public_key, maker.sealing_key, 1, "", 0, None, 0),
    )
    bodies = pushes(dice, maker)
    for office in offices:
        office.store.write(lambda txn: workstation.add(txn, row))
    quickly = outcome(offices[0], row, bodies)
    with monkeypatch.context() as carefully:
        carefully.setattr(QuickReader, "_right", lambda *_: None)
        carefully.setattr(push_message, "_quickly", lambda _: None)
        assert outcome(offices[1], row, bodies) == quickly
    assert len(quickly[0]) == len(bodies)


@pytest.mark.parametrize("seed", range(60))
def test_it_ends_the_same_both_ways(offices: Offices, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    both_ways(offices, monkeypatch, seed)


def test_and_every_state_of_all_that_is_the_same_bytes(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(100, 120):
        both_ways(offices, monkeypatch, seed)
    states = [dict(office.store.read(lambda txn: list(fold_state.everything(txn)))) for office in offices]
    assert states[0] == states[1]
    assert len(states[0]) > 20
