"""Rubbish of every kind in documents of every type, a good sale behind each (F-36, P18).

Signed, chained and canonical: only what they say is wrong. Each is applied or set aside with its bytes; no
sale behind it waits, and nothing that was set aside took effect.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_core.sync.document import document_bytes
from sync_server.head_office import HeadOffice
from sync_server.services.refold import Refold
from sync_server.services.verify import Verify
from sync_server.store import document, quarantine, workstation
from sync_server.store.workstation import WorkstationRow
from tests.core.sync.test_envelope import EXAMPLES
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker

WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**53 - 1,
    "",
    "'; DROP TABLE document; --",
    "\u202e",
    "x" * 4000,
    [],
    {},
)
"""In place of whatever stood there."""


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield (*path, place)
            yield from _leaves(inner, (*path, place))


def _changed(body: dict[str, Any], path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    copy = json.loads(json.dumps(body))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    change(inner, path[-1])
    return copy


def _poisons(kind: str, dice: random.Random, how_many: int) -> Iterator[dict[str, Any]]:
    body = EXAMPLES[kind]
    places = list(_leaves(body))
    for _ in range(how_many):
        path = dice.choice(places)
        wrong = dice.choice(WRONG)
        match dice.randrange(3):
            case 0:
                yield _changed(body, path, lambda inner, name: inner.__delitem__(name))
            case 1:
                yield _changed(body, path, lambda inner, name, w=wrong: inner.__setitem__(name, w))
            case _:
                yield _changed(
                    body, path, lambda inner, name: inner.__setitem__(name, [inner[name], inner[name]])
                )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HeadOffice]:
    made = found_office(tmp_path / "chain", HandClock())
    yield made
    made.close()


def test_nothing_waits_behind_any_of_them(office: HeadOffice) -> None:
    maker, dice, poisons = SeriesMaker("w-1"), random.Random(36), 0
    row = WorkstationRow("w-1", "S001", "t", "active", maker.public_key, maker.sealing_key, 1, "", 0, None, 0)
    office.store.write(lambda txn: workstation.add(txn, row))
    sales = 0
    for kind in sorted(EXAMPLES):
        for body in _poisons(kind, dice, 8):
            maker.append(document_bytes(maker.header(kind), body))
            maker.sale(lines=1)
            poisons, sales = poisons + 1, sales + 1
    for first in range(1, maker.number + 1, 50):
        office.push.push(row, maker.push_body(first, min(first + 49, maker.number)))
    rows = office.store.read(lambda txn: document.stored(txn, "w-1", 1, after=0, limit=10_000))
    applied = {each[document.NUMBER] for each in rows}
    aside = office.store.read(quarantine.listing)
    assert poisons > 250 and {2 * n for n in range(1, sales + 1)} <= applied, "a sale waits"
    assert len(applied) + len(aside) == maker.number
    assert all(each.data == maker.documents[each.number - 1] for each in aside)
    assert len(aside) > poisons // 2, "most of them are no documents"
    report = Verify(office.store, office.blobs, office.keys).run()
    assert report.ok, report.problems[:3]
    assert not office.store.read(lambda txn: list(Refold(txn, office.keys).differences(random.Random(1))))
