"""Head office's disk set back to an earlier moment and nobody told: the epoch stays, and workstations give

back what that took, whichever of their series and keys it was (F-30, P14).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync_server.bootstrap import make_server, open_head_office
from sync_server.http.serving import serving
from sync_server.store import masters
from tests.server.support.office import HandClock, found_office
from tests.sync.test_members import found, join
from tests.sync.world import Till, World

pytestmark = pytest.mark.database("sqlite")  # an image of a disk; PostgreSQL tells its own by their timeline

Act = Callable[[World, Till], None]


@contextmanager
def serving_again(folder: Path, clock: HandClock) -> Iterator[World]:
    office = open_head_office(folder / "office", clock=clock)
    try:
        with serving(make_server(office, tls=False, jobs=False)) as url:
            yield World(office, clock, url, folder)
    finally:
        office.close()


def put_back(folder: Path, *, between: Act, after: Act) -> None:
    """A till sells; an image of head office's disk; `between`; the image in its place; `after`."""
    clock, office, image = HandClock(), folder / "office", folder / "image"
    found_office(office, clock).close()
    with serving_again(folder, clock) as world:
        till = world.till("a")
        till.sell(2)
        till.client.exchange()
    try:
        shutil.copytree(office, image)
        with serving_again(folder, clock) as world:
            till.reconnect(world.url)
            between(world, till)
        shutil.rmtree(office)
        shutil.copytree(image, office)
        with serving_again(folder, clock) as world:
            till.reconnect(world.url)
            after(world, till)
    finally:
        till.close()


def test_a_member_s_key_is_sent_again(tmp_path: Path) -> None:
    def join_one(world: World, till: Till) -> None:
        join(till, "m-1")
        till.client.exchange()
        assert world.office.store.read(lambda txn: masters.member_keys(txn, ["m-1"]))

    def known_again(world: World, till: Till) -> None:
        assert not world.office.store.read(lambda txn: masters.member_keys(txn, ["m-1"]))
        till.client.exchange()
        assert world.has_all_of(till)
        assert world.office.store.read(lambda txn: masters.member_keys(txn, ["m-1"]))
        assert found(till) is not None

    put_back(tmp_path, between=join_one, after=known_again)


def test_documents_of_an_earlier_incarnation_are_sent_again(tmp_path: Path) -> None:
    def sell_under_two(world: World, till: Till) -> None:
        till.sell(3)
        till.client.exchange()
        till.journal.open_new_incarnation("forked", incarnation=2).result()
        till.sell()
        till.client.exchange()

    def both_there(world: World, till: Till) -> None:
        assert len(world.hashes(till, 1)) < len(till.journal.documents_after(0, limit=99, incarnation=1))
        till.client.exchange()
        for incarnation in (1, 2):
            ours = till.journal.documents_after(0, limit=99, incarnation=incarnation)
            assert world.hashes(till, incarnation) == {one.number: one.hash for one in ours}

    put_back(tmp_path, between=sell_under_two, after=both_there)
