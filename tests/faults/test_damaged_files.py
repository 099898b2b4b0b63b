"""F-11, F-12: a workstation whose files were cut or altered starts rightly, or names the damage.

`TIDEMARK_TRIALS` sets the number for each file and kind of damage (default 40).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from pos_client.bootstrap import Options, open_workstation
from pos_client.replica.errors import DamagedReplica
from pos_client.storage.ballast import BALLAST_BYTES
from pos_client.storage.errors import DamagedFile, HalfBuiltFile, LostTail, WrongKey
from pos_client.storage.places import Places
from tests.server.support.office import HandClock
from tests.sync.world import Till, World

TRIALS = int(os.environ.get("TIDEMARK_TRIALS", "40"))
SALES = 12


@dataclass
class Machine:
    """A workstation that was switched off after `SALES` sales."""

    folder: Path
    clock: HandClock
    hashes: list[str]
    reserve: Path

    def with_damage(self, folder: Path, name: str, content: bytes) -> Machine:
        """The same machine on other files, one of them as the damage left it."""
        shutil.copytree(
            self.folder, folder, ignore=shutil.ignore_patterns("ballast", "*-wal", "*-shm", "logs")
        )
        os.link(self.reserve, folder / "ballast")
        (folder / name).write_bytes(content)
        return Machine(folder, self.clock, self.hashes, self.reserve)

    def start(self) -> None:
        """What every front end does first, then a look at all that the shop knows."""
        places = Places(
            data=self.folder, witness=self.folder / "elsewhere" / "witness", key_folder=self.folder / "keys"
        )
        workstation = open_workstation(Options(places, printer="none", timers=False), clock=self.clock)
        try:
            workstation.status.view()
            workstation.find_item.search("商品")
        finally:
            workstation.close()
        till = Till.open(self.folder, self.clock)
        try:
            found = till.journal.documents_after(0, limit=1000)
            assert [one.hash for one in found] == self.hashes, "nothing may be altered unseen"
        finally:
            till.close()


@pytest.fixture
def machine(world: World, tmp_path: Path) -> Machine:
    world.stock_shelves(200)
    till = world.till()
    till.client.exchange()
    till.sell(SALES)
    hashes = [one.hash for one in till.journal.documents_after(0, limit=1000)]
    till.close()
    world.tills.remove(till)
    reserve = tmp_path / "reserve"
    reserve.write_bytes(bytes(BALLAST_BYTES))
    made = Machine(till.folder, world.clock, hashes, reserve)
    made.start()
    return made


@pytest.mark.parametrize("name", ["journal.db", "replica.db"])
@pytest.mark.parametrize("damage", ["bit", "eight bytes", "cut", "page of zeros"])
def test_damage_is_named_or_harmless(machine: Machine, tmp_path: Path, name: str, damage: str) -> None:
    dice = Random(f"{name} {damage}")
    whole = (machine.folder / name).read_bytes()
    named = wrongly_told = 0
    for trial in range(TRIALS):
        struck = machine.with_damage(tmp_path / f"trial{trial}", name, _damaged(whole, damage, dice))
        try:
            struck.start()
        except (DamagedFile, HalfBuiltFile, WrongKey, LostTail) as trouble:
            named += 1
            wrongly_told += isinstance(trouble, DamagedReplica) and name != "replica.db"
        shutil.rmtree(struck.folder)
    assert named, "the damage must hit something"
    assert not wrongly_told, "a damaged journal is never called a damaged replica"


def _damaged(whole: bytes, damage: str, dice: Random) -> bytes:
    place = dice.randrange(len(whole) - 8)
    content = bytearray(whole)
    if damage == "bit":
        content[place] ^= 1 << dice.randrange(8)
    elif damage == "eight bytes":
        content[place : place + 8] = dice.randbytes(8)
    elif damage == "cut":
        del content[place:]
    else:
        page = place // 4096 * 4096
        content[page : page + 4096] = bytes(4096)
    return bytes(content)
