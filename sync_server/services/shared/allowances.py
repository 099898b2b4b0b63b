"""Allowances handed out: what is due at a contact, the published worst case, revocation, the freeze.

A grant is a fact of head office's own, folded with what holders journal; what is out follows from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.allowance import Kind
from pos_core.sync.allowance_ledger import (
    Freeze,
    GrantRefused,
    WorstCase,
    budget_room,
    exposure,
    is_revoked,
    kind_of,
    store_of,
    taken_and_kept,
    top_up,
    worst_case,
)
from pos_core.sync.allowance_policy import AllowancePolicy, allowance_policy, budget_id, renewal_is_due
from pos_core.sync.budget_leases import handed_out
from pos_core.sync.folds import Stamp, State
from pos_core.sync.folds.facts import AllowanceStep
from pos_core.sync.folds.stamp import series_key
from pos_core.sync.granted_allowance import GrantedAllowance
from pos_core.sync.protocol import AllowanceAnswer, AllowanceRequest, HeldAllowance
from pos_core.sync.reference import KINDS
from sync_server.services.acts import Act
from sync_server.services.budgets_in_force import given_before
from sync_server.services.errors import MalformedRequest
from sync_server.services.shared import authorised, leased_coupons
from sync_server.services.shared.folding import Folding, HqFact
from sync_server.services.shared.leased_coupons import LeaseRow
from sync_server.store import allowance_report, chain_state, feed, fold_state, series, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.epoch import BEGAN
from sync_server.store.workstation import WorkstationRow

HELD_MAX = 2000
TERM_MAX = "allowance_term_max_ms"
_FOLD = "allowance_use"
_KINDS: tuple[Kind, ...] = ("points", "stored_value", "coupon", "budget")


class NoSuchAllowance(Refusal):
    """Nothing was ever granted under this id, or it is revoked already."""

    code = "no_such_allowance"


@dataclass(frozen=True, slots=True)
class Outstanding:
    """One allowance that is out."""

    allowance_id: str
    store_id: str
    granted: int
    out: int


@dataclass(frozen=True, slots=True)
class Published:
    """What head office says of allowances: the worst case, and whether new ones are frozen, and until when.

    Attributes:
        waiting: workstations that have not reported since a restore; 0 when nothing is frozen.
    """

    worst: WorstCase
    waiting: int
    frozen_until_ms: int | None
    outstanding: tuple[Outstanding, ...]


class Allowances:
    """The one who gives."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding

    def ask(self, caller: WorkstationRow, request: AllowanceRequest) -> AllowanceAnswer:
        """New and renewed grants for the caller's present series. Raises MalformedRequest."""
        _check(request)
        if request.incarnation < caller.incarnation:  # a clone, or an old image: its slices are not renewed
            raise MalformedRequest("an earlier incarnation", incarnation=caller.incarnation)
        due = self._store.read(lambda txn: self._due(txn, caller, request))
        if not due.report and not due.wanted:
            return AllowanceAnswer(due.epoch, [], {})
        return self._store.write(lambda txn: self._give(txn, caller, request))

    def published(self) -> Published:
        """The worst case as of now."""
        return self._store.read(self._published)

    def revoke(self, act: Act, allowance_id: str) -> None:
        """The holder is gone for good: nothing more is owed to it. Raises NoSuchAllowance."""
        now_ms = self._clock.now_ms()

        def write(txn: Txn) -> None:
            state = fold_state.get(txn, [(_FOLD, allowance_id)]).get((_FOLD, allowance_id))
            if state is None or is_revoked(state):
                raise NoSuchAllowance(f"no allowance {allowance_id[:80]}")
            out = exposure(state)
            self._revoke(txn, {allowance_id: state}, now_ms)
            act.note(txn, now_ms, "allowance_revoked", allowance_id, out=out)

        self._store.write(write)

    def workstation_revoked(self, txn: Txn, workstation_id: str, now_ms: int) -> int:
        """In the transaction that revokes a workstation: all that it held; returns how many allowances."""
        held = {
            allowance_id: state
            for kind in _KINDS
            for allowance_id, state in _states(txn, f"{kind}/").items()
            if _is_of(allowance_id, workstation_id) and not is_revoked(state)
        }
        held |= authorised.outstanding_of(txn, workstation_id)
        self._revoke(txn, held, now_ms)
        self._write_off_parts(txn, workstation_id, now_ms)
        return len(held)

    def _write_off_parts(self, txn: Txn, workstation_id: str, now_ms: int) -> None:
        """What peers had handed over to it: their holders get as much again."""
        facts: list[HqFact] = []
        for kind in _KINDS:
            for allowance_id, state in _states(txn, f"{kind}/").items():
                units = taken_and_kept(state, workstation_id)
                if units and not is_revoked(state) and not _is_of(allowance_id, workstation_id):
                    facts.append(_lost(store_of(state), allowance_id, units, workstation_id))
        if facts:
            self._folding.take_hq(txn, facts, now_ms=now_ms)

    def _revoke(self, txn: Txn, held: Mapping[str, State], now_ms: int) -> None:
        facts: list[HqFact] = [
            lambda at, allowance_id=allowance_id, state=state: AllowanceStep(  # type: ignore[misc]
                at, store_of(state), allowance_id, "revoked", 0
            )
            for allowance_id, state in held.items()
        ]
        if facts:
            self._folding.take_hq(txn, facts, now_ms=now_ms)

    def _due(self, txn: Txn, caller: WorkstationRow, request: AllowanceRequest) -> _Due:
        epoch = chain_state.epoch(txn)
        policy = policy_of(txn)
        own = series_key(caller.workstation_id, request.incarnation)
        held = {each.allowance_id: each for each in request.held}
        now_ms = self._clock.now_ms()
        leases = leased_coupons.of_series(txn, caller.store_id, own, now_ms)
        coupons: dict[str, tuple[Kind, int]] = dict.fromkeys(leases, ("coupon", 1))
        budgets = _budgets(txn, now_ms)
        sharers = workstation.count_by_state(txn).get("active", 1) if budgets else 1
        wanted = {
            allowance_id: (kind, ceiling)
            for allowance_id, (kind, ceiling) in (policy.wanted(own, budgets, sharers) | coupons).items()
            if _is_due(held.get(allowance_id), ceiling, policy)
        }
        known = series.get(txn, caller.workstation_id, request.incarnation)
        caught_up = known is not None and known.acked_number >= request.head_number
        report = caught_up and allowance_report.epoch_of(txn, caller.workstation_id) != epoch
        return _Due(epoch, policy, own, wanted, leases, report)

    def _give(self, txn: Txn, caller: WorkstationRow, request: AllowanceRequest) -> AllowanceAnswer:
        now_ms = self._clock.now_ms()
        due = self._due(txn, caller, request)
        if due.report:
            allowance_report.put(txn, caller.workstation_id, due.epoch, now_ms)
        freeze = freeze_of(txn, due.epoch, due.policy)
        states = {
            key: state
            for (_, key), state in fold_state.get(txn, [(_FOLD, each) for each in due.wanted]).items()
        }
        held = {each.allowance_id: each for each in request.held}
        grants: list[GrantedAllowance] = []
        refused: dict[str, str] = {}
        for allowance_id, (kind, ceiling) in due.wanted.items():
            state = states.get(allowance_id)
            room = _room(txn, allowance_id, due.own, now_ms) if kind == "budget" else None
            try:
                amount = top_up(state, ceiling=ceiling, room=room, freeze=freeze, now_ms=now_ms)
            except GrantRefused as error:
                refused[allowance_id] = str(error.facts["reason"])
                continue
            if room is not None and _is_no_more(held.get(allowance_id), state, amount, due.policy):
                refused[allowance_id] = "nothing_left"
                continue
            renewal = (state["grants"] if state else 0) + 1
            term_ms, coupons = due.policy.term_ms, list[str]()
            if lease := due.leases.get(allowance_id):
                term_ms, coupons = min(term_ms, lease.expires_at_ms - now_ms), [lease.coupon_id]
            grants.append(GrantedAllowance(allowance_id, kind, amount, renewal, term_ms, coupons))
        if grants:
            facts = [granted_fact(caller.store_id, each) for each in grants]
            self._folding.take_hq(txn, facts, now_ms=now_ms)
            if due.policy.term_ms > int(chain_state.get(txn, TERM_MAX) or 0):
                chain_state.put(txn, TERM_MAX, str(due.policy.term_ms))
        return AllowanceAnswer(due.epoch, grants, refused)

    def _published(self, txn: Txn) -> Published:
        policy, epoch = policy_of(txn), chain_state.epoch(txn)
        states: dict[str, State] = {}
        for kind in _KINDS:
            states |= _states(txn, f"{kind}/")
        states |= authorised.overdrawable(txn, self._clock.now_ms())
        stores = [str(row[0]) for row in feed.rows_of(txn, "store", "chain")]
        freeze = freeze_of(txn, epoch, policy)
        frozen = freeze is not None and freeze.holds(self._clock.now_ms())
        out = tuple(
            Outstanding(allowance_id, store_of(state), state["granted"], exposure(state))
            for allowance_id, state in sorted(states.items())
            if exposure(state)
        )
        return Published(
            worst=worst_case(states, dict.fromkeys(stores, policy.headroom_points)),
            waiting=len(freeze.waiting) if freeze is not None and frozen else 0,
            frozen_until_ms=freeze.since_ms + freeze.term_max_ms if freeze is not None and frozen else None,
            outstanding=out,
        )


@dataclass(frozen=True, slots=True)
class _Due:
    """What a request comes to before anything is written."""

    epoch: str
    policy: AllowancePolicy
    own: str
    wanted: Mapping[str, tuple[Kind, int]]
    leases: Mapping[str, LeaseRow]
    report: bool


def policy_of(txn: Txn) -> AllowancePolicy:
    """The chain's choices about allowances."""
    return allowance_policy(feed.policy(txn, "allowances"))


def freeze_of(txn: Txn, epoch: str, policy: AllowancePolicy) -> Freeze | None:
    """What a restore forgot to know: who holds what was granted after the backup."""
    began = chain_state.get(txn, BEGAN)
    if began is None:
        return None
    since_ms = int(began)
    term_max_ms = max(policy.term_ms, int(chain_state.get(txn, TERM_MAX) or 0))
    waiting = allowance_report.waiting(txn, epoch, enrolled_before_ms=since_ms)
    return Freeze(epoch, since_ms, term_max_ms, waiting)


def _is_due(held: HeldAllowance | None, ceiling: int, policy: AllowancePolicy) -> bool:
    return (
        held is None
        or bool(held.lost)
        or renewal_is_due(left=held.left, ceiling=ceiling, elapsed_ms=held.elapsed_ms, term_ms=policy.term_ms)
    )


def _is_no_more(
    held: HeldAllowance | None, state: State | None, amount: int, policy: AllowancePolicy
) -> bool:
    """The holder has all of it already: a budget near its end makes no document at each exchange."""
    if held is None or state is None or held.lost or 2 * held.elapsed_ms >= policy.term_ms:
        return False
    return held.renewal >= int(state["grants"]) and amount == int(state["granted"])


def _budgets(txn: Txn, now_ms: int) -> dict[str, int]:
    """Budgets that are handed out, by name: of campaigns good without a network, and of promotions."""
    names = KINDS["coupon_campaign"].column_names
    rows = [dict(zip(names, row, strict=True)) for row in feed.rows_of(txn, "coupon_campaign", "chain")]
    return handed_out(lambda key: feed.policy(txn, key)) | {
        row["campaign_id"]: row["budget_minor"]
        for row in rows
        if row["budget_minor"] and row["offline_class"] != "online" and row["valid_to_ms"] > now_ms
    }


def _room(txn: Txn, allowance_id: str, own: str, now_ms: int) -> int:
    """What is left of a budget over all holders, and after what was given before it was handed out."""
    campaign_id = allowance_id.removeprefix("budget/").removesuffix(f"/{own}")
    whole = _budgets(txn, now_ms).get(campaign_id, 0) - given_before(txn).get(campaign_id, 0)
    return budget_room(whole, _states(txn, budget_id(campaign_id, "")).values())


def _states(txn: Txn, prefix: str) -> dict[str, State]:
    keys = fold_state.keys_like(txn, _FOLD, prefix)
    return {key: state for (_, key), state in fold_state.get(txn, [(_FOLD, key) for key in keys]).items()}


def holder_of(allowance_id: str) -> str:
    """The workstation that an allowance is with, "" where the id names none.

    The series is a part of the id, and an incarnation stands before its workstation. A budget's name may hold
    anything; its series is the last part.
    """
    parts = allowance_id.split("/")[1:]
    named = (part.partition(":")[2] for part in (parts[-1:] if kind_of(allowance_id) == "budget" else parts))
    return next((each for each in named if each), "")


def _is_of(allowance_id: str, workstation_id: str) -> bool:
    return holder_of(allowance_id) == workstation_id


def granted_fact(store_id: str, grant: GrantedAllowance) -> HqFact:
    """Head office's own fact about a grant."""

    def make(stamp: Stamp) -> AllowanceStep:
        return AllowanceStep(stamp, store_id, grant.allowance_id, "granted", grant.amount)

    return make


def _lost(store_id: str, allowance_id: str, units: int, workstation_id: str) -> HqFact:
    def make(stamp: Stamp) -> AllowanceStep:
        return AllowanceStep(stamp, store_id, allowance_id, "lost", units, other=workstation_id)

    return make


def _check(request: AllowanceRequest) -> None:
    if len(request.held) > HELD_MAX:
        raise MalformedRequest("too many allowances", held=len(request.held))
    numbers: list[Any] = [request.incarnation, request.head_number]
    numbers += [number for each in request.held for number in (each.renewal, each.left, each.elapsed_ms)]
    if any(not 0 <= number <= 2**53 - 1 for number in numbers):
        raise MalformedRequest("a number is out of bounds")
