"""Everything of one run together: machines, true time, dice, history."""

from __future__ import annotations

import base64
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pos_client.journal import baskets
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.member_keys import kept_orders
from pos_client.sync.peers.desk import Peer
from pos_core.errors import TidemarkError
from pos_core.sync.protocol import Erasure
from tests.server.support import databases
from tests.sim import revoking
from tests.sim.broken import Broken, require
from tests.sim.chain import DATABASE, FLOOR, LEASES, OPERATORS, PIN, WORKSTATIONS
from tests.sim.hearing import Hearing
from tests.sim.history import History, Place, Told
from tests.sim.lan import Lan
from tests.sim.machines import Office, Till, TrueTime
from tests.sim.network import Killed
from tests.sim.revoking import Revoked


@dataclass
class World:
    """See the module."""

    folder: Path
    seed: int
    time: TrueTime
    office: Office
    tills: list[Till]
    dice: random.Random
    lan: Lan | None
    leased: dict[str, str]
    codes: dict[str, str]
    hearing: Hearing = field(default_factory=Hearing)
    history: History = field(default_factory=History)
    steps: Counter[str] = field(default_factory=Counter)
    trace: bool = False
    newest_release_ms: int = 0
    revoked: Revoked | None = None

    @classmethod
    def open(cls, template: Path, folder: Path, seed: int) -> World:
        shutil.copytree(template, folder)
        time = TrueTime()
        named = folder / DATABASE
        url = databases.copy_of(named.read_text()) if named.exists() else None
        office = Office(folder / "office", time, url)
        dice = random.Random(seed)
        floor = (folder / LEASES).exists()
        lan = Lan(random.Random(seed * 31 + len(FLOOR))) if floor else None
        tills = [Till(folder / name, store, time, office, lan=lan, dice=random.Random(seed * 31 + n))
                 for n, (name, store) in enumerate(FLOOR if floor else WORKSTATIONS)]  # fmt: skip
        leases = json.loads((folder / LEASES).read_text()) if floor else []
        leased = {each["coupon_id"]: each["allowance_id"] for each in leases}
        codes = {each["coupon_id"]: each["code"] for each in leases}
        world = cls(folder, seed, time, office, tills, dice, lan, leased, codes)
        for till in tills:
            till.heard = partial(world.hearing.took, till.name)
            world.after(till)
        return world

    def close(self) -> None:
        for till in [*self.tills, *([self.revoked.till] if self.revoked else [])]:
            till.close()
        self.office.forget()

    def say(self, till: Till, op: str, **fields: Any) -> dict[str, Any]:
        """One operation; what it wrote goes into the history. A defect of ours ends the run."""
        answer = till.say(op, **fields)
        code = "ok" if answer["ok"] else answer["error"]["code"]
        if self.trace:
            print(f"  {till.name} {op} {fields} -> {code}")
        require(code != "internal_error", "P18: a defect", till.name, op, fields, answer)
        self.steps[f"{op}:{code}"] += 1
        self.after(till)
        if "sale" in answer:
            self._told_in_journal(till, answer["sale"]["document_id"])
        return answer

    def _told_in_journal(self, till: Till, document_id: str) -> None:
        last = self.history.told[-3:]
        written = document_id in {each.document_id for each in last if each.till == till.name}
        require(written, "P20: a sale was confirmed and is not in the journal", till.name)

    def after(self, till: Till) -> None:
        """Notes what the till's journal has gained."""
        own = till.id
        for recorded in till.new_documents():
            told = Told.of(till.name, recorded)
            require(told.place.workstation_id == own, "P2 another's document in its series", till.name, told)
            self._note(told)

    def _note(self, told: Told) -> None:
        if told.hash not in self.history.known:
            self.history.known.add(told.hash)
            self.history.told.append(told)

    def held(self, till: Till) -> list[HeldBasket]:
        """Baskets on hold there."""
        found: list[HeldBasket] = till.journal.read(baskets.held_baskets)
        return found

    def peer_of(self, till: Till) -> Peer:
        """As the others know it."""
        return Peer(till.id, base64.b64decode(till.journal.public_key()))

    def sign_on(self, till: Till) -> None:
        """The store's operator, and a shift where none is open."""
        number = OPERATORS[till.store_id]
        self.say(till, "sign_on", operator_number=number, pin=PIN)
        if till.workstation.shift.current is None:
            self.say(till, "open_shift", float_minor=20_000)

    def exchange(self, till: Till, *, die_at: int | None = None) -> bool:
        """One exchange, on this thread. `die_at`: the program dies at its n-th answer. False: trouble."""
        if die_at is not None:
            till.line.before_answer = bomb(till, die_at)
        try:
            till.sync.exchange()
            well = True
            self.hearing.exchanged(till)
            revoking.learns(self, till)
        except Killed:
            self.restart(till, till.folder.with_name(f"{till.name}.image"))
            well = False
        except Exception as error:
            if not hasattr(error, "code"):
                raise
            if self.trace:
                print(f"  {till.name} exchange: {error}")
            self.steps[f"exchange:{error.code}"] += 1
            well = False
        finally:
            till.line.before_answer = lambda: None
        self.after(till)
        self._hear(till)
        return well

    def _hear(self, till: Till) -> None:
        """What head office has of this till, as the till was told."""
        ours = {told.place: told.hash for told in self.history.told if told.till == till.name}
        for status in till.journal.series_status():
            point = till.journal.resume_point(status.incarnation)
            if point is None or point.acked_number == 0:
                continue
            upto = Place(till.journal.series.workstation_id, status.incarnation, point.acked_number)
            if ours.get(upto) == point.head_hash:
                confirmed = {p: h for p, h in ours.items() if p[:2] == upto[:2] and p <= upto}
                self.history.acked |= confirmed

    def restart(self, till: Till, image: Path) -> None:
        """The machine comes up from `image`: everything that anybody was told is there again (P1, P20)."""
        promised = self.history.hashes_of(till.name)
        till.start_from(image)
        try:
            there = {Told.of(till.name, each).hash for each in _everything(till)}
        except TidemarkError as error:
            raise Broken(f"P20: {till.name} does not start: {error}") from error
        missing = promised - there
        require(not missing, "P20: confirmed documents were not on disk", till.name, len(missing))
        self.after(till)
        self.sign_on(till)

    def put_back(self, till: Till) -> None:
        """An older disk takes the place of the present one, with its witness: what the newer one alone had is

        lost, and nobody on the machine can know (one media loss at a time).
        """
        here = {each.hash for each in self.history.told if each.till == till.name}
        touched = {each.body.get("held_id") for each in self.history.told if each.till == till.name}
        self.hearing.forget(till.name)
        revoking.forgets(self, till)
        till.start_from(till.images.pop())
        gone = here - {Told.of(till.name, each).hash for each in _everything(till)}
        self.history.off_disk |= gone
        self.history.baskets_back |= {each for each in touched if each}
        self.history.put_back.add(till.name)
        self._note_what_is_gone()
        self.after(till)
        self.sign_on(till)

    def restore_office(self) -> None:
        """Head office's disk is lost and its newest backup put in the place: workstations send the rest."""
        self.hearing.doubt(self.tills)
        self.office.restore()
        self._note_what_is_gone()

    def put_back_office(self) -> None:
        """The same without a restore: an image of head office's disk, and nobody is told."""
        self.hearing.doubt(self.tills)
        self.office.put_back()
        self._note_what_is_gone()

    def _note_what_is_gone(self) -> None:
        """Documents that no machine has any more: a disk of each end went, one after the other."""
        there = {Told.of(till.name, each).hash for till in self.tills for each in _everything(till)}
        self.history.lost |= self.history.known - there - self.office.hashes()
        self.history.erased &= self._ordered()

    def _ordered(self) -> set[str]:
        """Whose erasure anybody still knows of: an order that head office alone had went with its disk."""
        known = self.office.erased(sorted(self.history.erased))
        for till in self.tills:
            orders: list[Erasure] = till.journal.read(kept_orders)
            known |= {each.member_id for each in orders}
        return known


def _everything(till: Till) -> list[Any]:
    found = []
    for status in till.journal.series_status():
        found += till.journal.documents_after(0, limit=1_000_000, incarnation=status.incarnation)
    return found


def bomb(till: Till, die_at: int) -> Callable[[], None]:
    """At its n-th call the program dies, and its disk is what `Till.image` copied."""
    left = [die_at]

    def before_answer() -> None:
        left[0] -= 1
        if left[0] == 0:
            till.image()
            raise Killed

    return before_answer


__all__ = ["Place", "World"]
