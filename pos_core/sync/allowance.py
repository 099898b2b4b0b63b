"""An allowance in its holder's hands: what a workstation may let go while nobody can be asked.

A slice belongs to one series, has a term, and is journaled at every step. The term counts on the later of
the wall clock and the monotonic clock since the last contact; at any doubt about the clocks the slice is
lost. Losing one costs the shop a "no" or a manager's yes, keeping a wrong one costs money. Amounts are
cumulative, so a grant that arrives twice, late or in another order changes nothing.
Head office's side: `pos_core.sync.allowance_ledger`. Rules: docs/rulings.md, "Allowances".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pos_core.errors import Refusal

Kind = Literal["points", "coupon", "budget", "stored_value", "online"]


class AllowanceRefused(Refusal):
    """Not out of this slice; `facts["reason"]`.

    Reasons: lost, used_up, wrong_holder, old_epoch, coupon_not_leased, coupon_used.
    """

    code = "allowance_refused"


@dataclass(frozen=True, slots=True)
class Instant:
    """The clocks at one moment. `boot_id` changes when the monotonic clock starts anew."""

    wall_ms: int
    monotonic_ms: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What head office gives at a contact.

    Attributes:
        allowance_id: `kind/…`; one per holder and purpose, kept over renewals.
        series: whose it is (`stamp.series_key`); another incarnation asks for its own.
        amount: cumulative since the id began: what is left is this minus what was used and given up.
        renewal: 0, 1, 2 …; the highest stands.
        epoch: the server history that it belongs to.
        coupons: of a coupon lease, the keyed hashes of the codes; each is one unit.
    """

    allowance_id: str
    kind: Kind
    series: str
    amount: int
    renewal: int
    term_ms: int
    epoch: str
    coupons: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Slice:
    """What the holder keeps on disk.

    Attributes:
        used: units that went to shoppers, cumulative. `passed`: handed over or given up, cumulative;
            `received`: taken over from peers, cumulative.
        contact: the clocks when the renewal was asked for, so that a slow answer lengthens nothing.
        seen, elapsed_ms: the clocks at the last look, and how much of the term was gone then.
        lost: "" or why it may not be used any more: expired, clock_went_back, restarted, returned.
        transfers: ids of hand-overs taken, so that one taken twice counts once.
    """

    grant: Grant
    contact: Instant
    seen: Instant
    elapsed_ms: int = 0
    used: int = 0
    passed: int = 0
    received: int = 0
    lost: str = ""
    used_coupons: frozenset[str] = frozenset()
    passed_coupons: frozenset[str] = frozenset()
    received_coupons: frozenset[str] = frozenset()
    transfers: frozenset[str] = frozenset()

    @property
    def left(self) -> int:
        """Units that may still go, 0 once lost."""
        return 0 if self.lost else _unreported(self)

    @property
    def coupons_left(self) -> frozenset[str]:
        """Coupons that may still be taken, none once lost."""
        held = (self.grant.coupons | self.received_coupons) - self.used_coupons - self.passed_coupons
        return frozenset() if self.lost else held


@dataclass(frozen=True, slots=True)
class Rules:
    """The chain's choices. A restart loses the monotonic clock; without it only the wall clock speaks."""

    survives_restart: bool = True
    wall_slack_ms: int = 2_000


def accept(held: Slice | None, grant: Grant, *, series: str, epoch: str, asked: Instant) -> Slice:
    """With a grant or renewal from the server in its present `epoch`; `asked` when the request was sent.

    An answer that came late, from before a restore or for another series, is refused (AllowanceRefused).
    """
    if grant.series != series:
        raise AllowanceRefused("granted to another series", reason="wrong_holder")
    if grant.epoch != epoch:
        raise AllowanceRefused("granted in another epoch", reason="old_epoch")
    if held is None or held.grant.allowance_id != grant.allowance_id:
        return Slice(grant, contact=asked, seen=asked)
    if (grant.renewal, grant.amount) <= (held.grant.renewal, held.grant.amount) and (
        grant.epoch == held.grant.epoch
    ):
        return held  # the same answer again: it must not lengthen the term
    return replace(held, grant=grant, contact=asked, seen=asked, elapsed_ms=0, lost="")


def elapsed_ms(held: Slice, now: Instant) -> int:
    """Time since the contact: the later of the two clocks, and never less than was seen before.

    A restart loses the monotonic clock, not what it had counted: only the time switched off is then the
    wall clock's word alone.
    """
    by_wall = now.wall_ms - held.contact.wall_ms
    by_monotonic = held.elapsed_ms
    if now.boot_id == held.seen.boot_id:
        by_monotonic += max(0, now.monotonic_ms - held.seen.monotonic_ms)
    return max(by_wall, by_monotonic)


def look(held: Slice, now: Instant, rules: Rules) -> Slice:
    """The slice after a look at the clocks; call it before every use and keep what it returns."""
    if held.lost:
        return held
    if now.wall_ms < held.seen.wall_ms - rules.wall_slack_ms:
        return replace(held, lost="clock_went_back")
    if now.boot_id == held.seen.boot_id and now.monotonic_ms < held.seen.monotonic_ms:
        return replace(held, lost="clock_went_back")
    if now.boot_id != held.contact.boot_id and not rules.survives_restart:
        return replace(held, lost="restarted")
    elapsed = elapsed_ms(held, now)
    if elapsed >= held.grant.term_ms:
        return replace(held, lost="expired", elapsed_ms=elapsed)
    # The highest wall clock is kept, so that going back in small steps is seen too.
    seen = replace(now, wall_ms=max(now.wall_ms, held.seen.wall_ms))
    return replace(held, seen=seen, elapsed_ms=elapsed)


def use(held: Slice, units: int, *, coupon: str | None = None) -> Slice:
    """With `units` gone to a shopper (of a coupon lease: this coupon). Journal it with the sale."""
    assert units > 0
    if held.lost:
        raise AllowanceRefused("the slice may not be used any more", reason="lost", why=held.lost)
    if held.grant.kind == "coupon":
        if coupon in held.used_coupons:
            raise AllowanceRefused("used before", reason="coupon_used")
        if coupon is None or coupon not in held.coupons_left:
            raise AllowanceRefused("not leased to this series", reason="coupon_not_leased")
        held = replace(held, used_coupons=held.used_coupons | {coupon})
    if units > held.left:
        raise AllowanceRefused("not that many left", reason="used_up", left=held.left)
    return replace(held, used=held.used + units)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A part of a slice on its way to a peer. The giver has let go of it; only the taker may use it."""

    transfer_id: str
    grant: Grant
    units: int
    to_series: str
    contact_wall_ms: int
    elapsed_ms: int
    coupons: frozenset[str] = frozenset()


def hand_over(
    held: Slice,
    units: int,
    *,
    to_series: str,
    transfer_id: str,
    now: Instant,
    coupons: frozenset[str] = frozenset(),
) -> tuple[Slice, HandOver]:
    """The slice without `units`, and what travels. Journal it before it is sent.

    A partition in between strands the units until the giver sends the same hand-over again; they are never
    in two hands.
    """
    if held.grant.kind == "coupon" and not (len(coupons) == units and coupons <= held.coupons_left):
        raise AllowanceRefused("not leased to this series", reason="coupon_not_leased")
    if not 0 < units <= held.left:
        raise AllowanceRefused("not that many left", reason="used_up", left=held.left)
    after = replace(held, passed=held.passed + units, passed_coupons=held.passed_coupons | coupons)
    elapsed = elapsed_ms(held, now)
    moved = HandOver(transfer_id, held.grant, units, to_series, held.contact.wall_ms, elapsed, coupons)
    return after, moved


def take_over(held: Slice | None, moved: HandOver, *, series: str, now: Instant) -> Slice:
    """With what a peer handed over; taken twice it counts once. Journal it, then acknowledge.

    The term goes on from where the giver's clocks were: a hand-over never lengthens it.
    """
    if moved.to_series != series:
        raise AllowanceRefused("handed to another series", reason="wrong_holder")
    assert held is None or held.grant.allowance_id == moved.grant.allowance_id, "one slice per allowance"
    if held is not None and moved.transfer_id in held.transfers:
        return held
    own = replace(moved.grant, series=series, amount=0, coupons=frozenset())
    if held is None:
        held = Slice(own, contact=now, seen=now)
    elif held.lost and not _unreported(held):
        # What was taken over before is used up or given back: a term of its own begins with this part.
        grant = own if held.grant.amount == 0 else held.grant
        held = replace(held, grant=grant, contact=now, seen=now, elapsed_ms=0, lost="")
    # Two terms in one slice: the one that ends first counts for both, also when it was long on its way.
    contact = replace(held.contact, wall_ms=min(held.contact.wall_ms, moved.contact_wall_ms))
    return replace(
        held,
        contact=contact,
        seen=now,
        elapsed_ms=max(elapsed_ms(held, now), moved.elapsed_ms),
        received=held.received + moved.units,
        received_coupons=held.received_coupons | moved.coupons,
        passed_coupons=held.passed_coupons - moved.coupons,
        transfers=held.transfers | {moved.transfer_id},
    )


def give_up(held: Slice, why: str) -> tuple[Slice, int]:
    """The slice without anything left, and the units to report as returned, expired or lost.

    The journal's `allowance_reported` with this amount is what frees them at head office.
    """
    freed = _unreported(held)
    return replace(held, passed=held.passed + freed, lost=held.lost or why), freed


def _unreported(held: Slice) -> int:
    """Units that are neither used nor with somebody else, lost or not."""
    return max(0, held.grant.amount + held.received - held.used - held.passed)
