"""The allowances of this workstation: kept in the journal file, charged in the sale's own transaction.

A slice is looked at before each use and at least once a minute; whatever makes its term doubtful ends it.
What it gives up is journaled, which frees it at head office. Slices of an earlier incarnation are void.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from pos_client.journal.draft import Draft, Recorded
from pos_client.storage.boot import boot_id
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.sync.allowance import (
    AllowanceRefused,
    Grant,
    Instant,
    Rules,
    Slice,
    accept,
    give_up,
    look,
    use,
)
from pos_core.sync.allowance_json import slice_from, slice_text
from pos_core.sync.allowance_policy import purpose_of
from pos_core.sync.authorisation_messages import is_online
from pos_core.sync.document import Series
from pos_core.sync.folds.stamp import series_key

SQL = load_queries("pos_client.journal", "allowance")
LOOK_EVERY_MS = 60_000
ASKING_MAX_MS = 60_000
ANSWERED = "allowances_answered"
"""The replica's setting that says that head office has answered about allowances, with a grant or without."""
ASKING = "asking"
"""Why a slice may not be used yet, or any more: head office was asked and has not answered."""


class _Journal(Protocol):
    @property
    def series(self) -> Series: ...

    def read(self, query: Callable[[Connection], Any]) -> Any: ...

    def change(self, work: Callable[[Connection], Any]) -> Future[Any]: ...

    def record(self, drafts: list[Draft], /) -> Future[list[Recorded]]: ...


class _Clock(Protocol):
    def now_ms(self) -> int: ...

    def monotonic_ms(self) -> int: ...


class AllowanceBook:
    """Any thread. `rules` are the chain's; `boot` is which run of the machine this is."""

    def __init__(
        self,
        journal: _Journal,
        clock: _Clock,
        rules: Callable[[], Rules] = Rules,
        *,
        boot: str | None = None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._rules = rules
        self._boot = boot or boot_id()
        self._looked_at_ms: int | None = None
        self._ending: set[str] = set()

    @property
    def series(self) -> str:
        """The text key of the series whose slices count."""
        own = self._journal.series
        return series_key(own.workstation_id, own.incarnation)

    def now(self) -> Instant:
        """The clocks of this moment."""
        return Instant(self._clock.now_ms(), self._clock.monotonic_ms(), self._boot)

    def slices(self) -> dict[str, Slice]:
        """Every slice of the present series as it is now; one that is lost is among them."""
        found: dict[str, Slice] = self._journal.read(self._looked)
        return found

    def left(self, allowance_id: str) -> int:
        """Units that may still go."""
        held = self._journal.read(lambda c: self._one(c, allowance_id))
        return 0 if held is None else look(held, self.now(), self._rules()).left

    def for_purpose(self, purpose: str) -> tuple[tuple[str, int], ...]:
        """`(allowance id, units left)` of every slice for it: the own first, then what peers gave."""
        return self.parts().get(purpose, ())

    def parts(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """The same by purpose, of every purpose that something is left for, from one look at the slices."""
        own = self.series
        found: dict[str, list[tuple[bool, str, int]]] = {}
        for allowance_id, held in self.slices().items():
            if held.left:
                part = (own not in allowance_id.split("/"), allowance_id, held.left)
                found.setdefault(purpose_of(allowance_id), []).append(part)
        return {purpose: tuple(part[1:] for part in sorted(parts)) for purpose, parts in found.items()}

    def has_any(self) -> bool:
        """Whether a slice was ever taken here and is not forgotten yet, lost and used up ones among them."""
        return bool(self._journal.read(_any))

    def left_of(self, purpose: str) -> int:
        """Units that may still go, out of every slice for it."""
        return sum(left for _, left in self.for_purpose(purpose))

    def charge(self, connection: Connection, body: Mapping[str, Any]) -> None:
        """Takes what a sale uses from its slices, in the sale's transaction. Raises AllowanceRefused."""
        for allowance_id, units, coupon_id in spends(body):
            _put(connection, use(self.held(connection, allowance_id), units, coupon=coupon_id))

    def kept(self, connection: Connection, allowance_id: str) -> Slice | None:
        """The slice under this id as it is now, inside the caller's transaction."""
        held = self._one(connection, allowance_id)
        return None if held is None else look(held, self.now(), self._rules())

    def held(self, connection: Connection, allowance_id: str) -> Slice:
        """The same. Raises AllowanceRefused where there is none."""
        held = self.kept(connection, allowance_id)
        if held is None:
            raise AllowanceRefused("nothing is held under this id", reason="lost", why="unknown")
        return held

    def keep(self, connection: Connection, held: Slice) -> None:
        """Writes a slice down, inside the caller's transaction."""
        _put(connection, held)

    def look(self, *, at_once: bool = False) -> None:
        """Keeps how far each term has run, and gives up what is lost; cheap when it was done lately."""
        now_ms = self._clock.monotonic_ms()
        before_ms = self._looked_at_ms
        if not at_once and before_ms is not None and 0 <= now_ms - before_ms < LOOK_EVERY_MS:
            return
        self._looked_at_ms = now_ms
        held = self.slices()
        if not held and not self._journal.read(_any):
            return
        self._journal.change(self._keep).result()
        lost = [
            each
            for each in held.values()
            if each.lost and not self._is_asking(each) and give_up(each, each.lost)[1]
        ]
        if lost:
            self._journal.record([self._given_up(each) for each in lost]).result()

    def accept(self, grants: list[Grant], *, epoch: str, asked: Instant) -> int:
        """Takes grants of an answer, journals them; returns how many were new."""
        held = self.slices()
        fresh = []
        for grant in grants:
            before = held.get(grant.allowance_id)
            if accept(before, grant, series=self.series, epoch=epoch, asked=asked) is not before:
                fresh.append(grant)
        if fresh:
            drafts = [self._accepted(grant, epoch, asked) for grant in fresh]
            self._journal.record(drafts).result()
        return len(fresh)

    def give_back(self, allowance_ids: Collection[str]) -> int:
        """Gives up what head office took back, and journals it; returns how many were held."""
        held = self.slices()
        back = [held[each] for each in sorted(allowance_ids) if each in held and not held[each].lost]
        if back:
            self._journal.record([self._given_up(replace(each, lost="returned")) for each in back]).result()
        return len(back)

    def give_back_above(self, ceilings: Mapping[str, int]) -> int:
        """Gives up what slices hold above so many units each, and journals it; returns how many did."""
        held = self.slices()
        over = {name: most for name, most in ceilings.items() if name in held and held[name].left > most}
        if over:
            self._journal.record([self._lowered(name, most) for name, most in sorted(over.items())]).result()
        return len(over)

    # what head office lets go for one account while a shopper waits

    def begin_asking(self, grant: Grant) -> None:
        """Notes what is about to be asked for, so that a crash meanwhile gives it up at the next start."""
        now = self.now()
        asked = Slice(grant, contact=now, seen=now, lost=ASKING)
        self._journal.change(lambda c: _put(c, asked)).result()

    def end_asking(self, allowance_id: str, *, refused: bool) -> None:
        """No answer, or a no. What nobody answered may have been let go: giving it up is journaled."""
        if refused:
            self._journal.change(lambda c: c.execute(SQL["drop_slice"], (allowance_id,))).result()
            return
        held = self.slices().get(allowance_id)
        if held is not None and held.lost == ASKING:
            self._journal.record([self._given_up(replace(held, lost="unanswered"))]).result()

    def take_answer(self, grant: Grant, *, epoch: str, asked: Instant) -> bool:
        """Journals that the grant is here; False where it was given up meanwhile."""
        self.accept([grant], epoch=epoch, asked=asked)
        return self.left(grant.allowance_id) >= grant.amount

    def online(self) -> dict[str, Slice]:
        """What was let go for single accounts and is still here, used or not."""
        return {
            key: held
            for key, held in self.slices().items()
            if is_online(key) and held.lost != ASKING and key not in self._ending
        }

    def end_online(self, allowance_ids: Collection[str]) -> None:
        """Gives back what is left of these, and journals it; what was used up is only dropped. Waits for

        nothing: a checkout goes on.
        """
        held = {key: each for key, each in self.online().items() if key in allowance_ids}
        self._ending |= set(held)
        drafts = [
            self._given_up(replace(each, lost=each.lost or "returned"))
            for _, each in sorted(held.items())
            if give_up(each, "returned")[1]
        ]
        if drafts:
            self._journal.record(drafts)
        spent = [key for key, each in held.items() if not give_up(each, "returned")[1]]
        if spent:
            self._journal.change(lambda c: [c.execute(SQL["drop_slice"], (key,)) for key in spent])

    def _is_asking(self, held: Slice) -> bool:
        """Another thread waits for the answer; a crash leaves it so, and then its minute ends."""
        now = self.now()
        same_run = now.boot_id == held.contact.boot_id
        return (
            held.lost == ASKING and same_run and now.monotonic_ms - held.contact.monotonic_ms < ASKING_MAX_MS
        )

    def _looked(self, connection: Connection) -> dict[str, Slice]:
        now, rules, own = self.now(), self._rules(), self.series
        every = (_read(row[0]) for row in connection.execute(SQL["slices"]).fetchall())
        return {
            each.grant.allowance_id: look(each, now, rules)
            for each in every
            if each is not None and each.grant.series == own
        }

    def _one(self, connection: Connection, allowance_id: str) -> Slice | None:
        row = connection.execute(SQL["slice"], (allowance_id,)).fetchone()
        held = None if row is None else _read(row[0])
        return held if held is not None and held.grant.series == self.series else None

    def _keep(self, connection: Connection) -> None:
        """Slices as they are now; those of another series are dropped: their holder is another."""
        looked = self._looked(connection)
        for row in connection.execute(SQL["slices"]).fetchall():
            before = _read(row[0])
            if before is not None and before.grant.allowance_id not in looked:
                connection.execute(SQL["drop_slice"], (before.grant.allowance_id,))
        for held in looked.values():
            _put(connection, held)

    def _given_up(self, lost: Slice) -> Draft:
        step = lost.lost if lost.lost in ("expired", "returned") else "lost"

        def complete(connection: Connection, _: object) -> dict[str, Any]:
            held = self._one(connection, lost.grant.allowance_id)
            assert held is not None
            after, freed = give_up(look(held, self.now(), self._rules()), lost.lost)
            if is_online(lost.grant.allowance_id):  # there is no next one under its name
                connection.execute(SQL["drop_slice"], (lost.grant.allowance_id,))
            else:
                _put(connection, after)
            return {"amount": freed, "used": after.used}

        return self._draft(lost.grant.allowance_id, step, complete)

    def _lowered(self, allowance_id: str, most: int) -> Draft:
        def complete(connection: Connection, _: object) -> dict[str, Any]:
            held = self.held(connection, allowance_id)
            freed = max(0, held.left - most)
            _put(connection, replace(held, passed=held.passed + freed))
            return {"amount": freed, "used": held.used}

        return self._draft(allowance_id, "returned", complete)

    def _accepted(self, grant: Grant, epoch: str, asked: Instant) -> Draft:
        def complete(connection: Connection, _: object) -> dict[str, Any]:
            held = self._one(connection, grant.allowance_id)
            looked = None if held is None else look(held, self.now(), self._rules())
            after = accept(looked, grant, series=self.series, epoch=epoch, asked=asked)
            _put(connection, after)
            return {"amount": grant.amount, "used": after.used}

        return self._draft(grant.allowance_id, "accepted", complete)

    def _draft(
        self, allowance_id: str, step: str, complete: Callable[[Connection, Any], dict[str, Any]]
    ) -> Draft:
        day = self._journal.read(lambda c: c.execute(SQL["last_business_day"]).fetchone()[0])
        body = {"allowance_id": allowance_id, "step": step, "amount": 0, "used": 0, "other": None}
        return Draft("allowance_reported", body, day, complete=complete)


def spends(body: Mapping[str, Any]) -> Iterator[tuple[str, int, str | None]]:
    """`(allowance id, units, coupon)` of everything that a sale's body charges to an allowance."""
    for move in body.get("points_movements") or ():
        if move.get("allowance_id") is not None and move["points"] < 0:
            yield move["allowance_id"], -move["points"], None
    for move in body.get("stored_value_movements") or ():
        if move.get("allowance_id") is not None and move["reason"] == "spent":
            yield move["allowance_id"], -move["amount_minor"], None
    for each in body.get("budget_uses") or ():
        yield each["allowance_id"], each["amount_minor"], None
    for each in body.get("coupon_uses") or ():
        if each.get("allowance_id") is not None:
            yield each["allowance_id"], each.get("allowance_units", 1), each["coupon_code"]


@lru_cache(maxsize=1024)
def _read(text: str) -> Slice | None:
    try:
        return slice_from(text)
    except (ValueError, KeyError, TypeError):
        return None  # of another version: worth nothing, and head office counts it as out


def _put(connection: Connection, held: Slice) -> None:
    connection.execute(SQL["put_slice"], (held.grant.allowance_id, slice_text(held)))


def _any(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM allowance_slice LIMIT 1").fetchone() is not None
