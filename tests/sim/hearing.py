"""Who asked whom, and what each workstation must know since: told in answers that came whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, Any

from pos_client.replica.series_points import all_folded
from pos_core.errors import TidemarkError
from pos_core.sync.document import document_hash
from pos_core.sync.peer_messages import PeerAnswer
from tests.sim.broken import require
from tests.sim.chain import ITEMS, sku
from tests.sim.history import Told
from tests.sim.lan import address_of

if TYPE_CHECKING:
    from tests.sim.machines import Till
    from tests.sim.world import World

Series = tuple[str, int]
COUNTED = sku(ITEMS)
"""The one item that is counted: of all others on hand is the plain sum of movements."""
MOVES = {"sale": -1, "return": 1, "goods_received": 1, "stock_movement": 1}
"""Type of document → the sign of its lines in stock."""


@dataclass
class Hearing:
    """Grows by each question. Tills by name.

    Attributes:
        heard: till → hashes of all documents that others told it.
        witnessed: till → others' series → the furthest head that it was told, `(number, hash)`.
        doubtful: till → whom it must ask again, and head office ("") before them: since head office came up
            with an earlier state, documents that were let go of may be missing.
    """

    heard: dict[str, set[str]] = field(default_factory=dict)
    witnessed: dict[str, dict[Series, tuple[int, str]]] = field(default_factory=dict)
    doubtful: dict[str, set[str]] = field(default_factory=dict)

    def forget(self, till: str) -> None:
        """The peers' file of `till` is gone."""
        self.heard.pop(till, None)
        self.witnessed.pop(till, None)

    def doubt(self, tills: list[Till]) -> None:
        """Head office came up with an earlier state."""
        for till in tills:
            others = {each.name for each in tills if each.store_id == till.store_id} - {till.name}
            self.doubtful[till.name] = {"", *others}

    def exchanged(self, till: Till) -> None:
        """`till` has what head office has."""
        self.doubtful.get(till.name, set()).discard("")

    def took(self, till: str, answer: PeerAnswer) -> None:
        """`till` has taken an answer in."""
        texts = [text for batch in answer.batches for text in batch.documents]
        self.heard.setdefault(till, set()).update(document_hash(text.encode()) for text in texts)

    def note(self, asker: Till, other: Till, asked_as: Series) -> None:
        """`other` answered `asker` to the end."""
        if "" not in (left := self.doubtful.get(asker.name, set())):
            left.discard(other.name)
        self._witness(asker, other)
        self._require_healed(asker, other, asked_as)
        if (asker.id, asker.journal.series.incarnation) not in self.witnessed.get(other.name, {}):
            self._witness(other, asker)

    def _witness(self, by: Till, of: Till) -> None:
        head = of.journal.head()
        series = (head.series.workstation_id, head.series.incarnation)
        heads = self.witnessed.setdefault(by.name, {})
        if head.number > heads.get(series, (0, ""))[0]:
            heads[series] = (head.number, head.hash)

    def _require_healed(self, asker: Till, other: Till, asked_as: Series) -> None:
        """Whoever was put back hears his own signature, and never goes on under numbers that were used."""
        number, hash_ = self.witnessed.get(other.name, {}).get(asked_as, (0, ""))
        if number and asker.journal.hash_at(number, incarnation=asked_as[1]) != hash_:
            now = asker.journal.series.incarnation
            require(now > asked_as[1], "P3 witness", asker.name, asked_as, number, "told by", other.name)


def ask(world: World, asker: Till, other: Till) -> bool:
    """One conversation on the local network, on this thread. False: trouble."""
    net = asker.net
    if net is None:
        return False
    series = asker.journal.series
    net.call(address_of(other.name))
    caller = net._callers[address_of(other.name)]
    try:
        caller.ask_once()
    except TidemarkError as error:
        world.steps[f"ask:{error.facts.get('reason', error.code)}"] += 1
        if world.trace:
            print(f"  {asker.name} asks {other.name}: {error}")
        return False
    finally:
        for each in (asker, other):
            world.after(each)
    world.steps["ask:ok"] += 1
    if world.trace:
        print(f"  {asker.name} asks {other.name}: ok")
    world.hearing.note(asker, other, (series.workstation_id, series.incarnation))
    require_known(world, asker)
    return True


def ask_around(world: World, store_id: str, rounds: int = 1) -> None:
    """Every workstation of the store asks every other, as often as the cables let it."""
    there = [each for each in world.tills if each.store_id == store_id]
    for _ in range(rounds):
        for asker, other in permutations(there, 2):
            ask(world, asker, other)


def was_put_back(world: World, store_id: str) -> bool:
    """Whether a disk of this store ever was: both sides of a fork are true for somebody."""
    return any(each.name in world.history.put_back for each in world.tills if each.store_id == store_id)


def is_sure(world: World, till: Till) -> bool:
    """Whether it can be told what `till` must know."""
    return not world.hearing.doubtful.get(till.name) and not was_put_back(world, till.store_id)


def known(world: World, till: Till) -> list[Told]:
    """What `till` must know of its store: its own, what it was told, what head office had folded for it."""
    points = till.replica.read(all_folded)
    heard = world.hearing.heard.get(till.name, set())
    return [
        told
        for told in world.history.told
        if told.till == till.name
        or told.hash in heard
        or (told.store_id == till.store_id and told.place.number <= points.get(told.place[:2], 0))
    ]


def require_known(world: World, till: Till) -> None:
    """Stock and points are head office's figures and everything that was heard since, each once."""
    if not is_sure(world, till):
        return
    points = till.replica.read(all_folded)
    on_hand: Counter[str] = Counter()
    members: Counter[str] = Counter()
    for told in known(world, till):
        for line in told.body.get("lines", []) if told.type in MOVES else []:
            on_hand[line["sku"]] += MOVES[told.type] * line["quantity_milli"]
        if told.place.number > points.get(told.place[:2], 0):
            for move in told.body.get("points_movements", []):
                members[move["member_id"]] += move["points"]
    shared = till.workstation.shared
    for item, milli in on_hand.items():
        seen = shared.on_hand(item).on_hand_milli
        require(seen == milli or item == COUNTED, "P7 heard", till.name, item, seen, milli)
    for member, late in members.items():
        row = till.replica.member(member)
        if row is not None:
            seen = shared.points_of(member)
            there = till.replica.read(lambda c, m=member: _balance(c, m))
            require(seen == there + late, "P8 heard", till.name, member, seen, there, late)


def _balance(connection: Any, member_id: str) -> int:
    row = connection.execute("SELECT points_balance FROM member WHERE member_id = ?", (member_id,)).fetchone()
    return int(row[0])


def standing_uses(world: World, till: Till, coupon_id: str) -> int:
    """How often a coupon is used as far as `till` must know: a return gives a use back.

    Its own uses and those that it was told of here; head office does not tell every till of every coupon.
    """
    found = 0
    heard = world.hearing.heard.get(till.name, set())
    told_here = [told for told in world.history.told if told.till == till.name or told.hash in heard]
    for told in told_here if is_sure(world, till) else []:
        for use in told.body.get("coupon_uses", []):
            if use["coupon_code"] == coupon_id:
                found += 1 if told.type == "sale" else -1
    return found
