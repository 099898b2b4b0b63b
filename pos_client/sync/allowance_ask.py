"""Asking for allowances: at each exchange in which something is due, and once in every epoch."""

from __future__ import annotations

import msgspec

from pos_client.journal.allowance_book import ANSWERED, AllowanceBook
from pos_client.journal.baskets import saved_basket
from pos_client.journal.journal import Journal
from pos_client.log import get_logger
from pos_client.replica import coupons, store_day
from pos_client.replica.replica import Replica
from pos_client.sync.errors import ServerRefused
from pos_client.sync.wire import Wire
from pos_core.sync.allowance import Grant, Kind, Slice
from pos_core.sync.allowance_policy import AllowancePolicy, allowance_policy, purpose_of, renewal_is_due
from pos_core.sync.authorisation_messages import is_online
from pos_core.sync.budget_leases import handed_out
from pos_core.sync.granted_allowance import GrantedAllowance
from pos_core.sync.protocol import AllowanceAnswer, AllowanceRequest, HeldAllowance

_log = get_logger("pos_client.sync")
SINCE_VERSION = 2
"""Of the wire: servers hand out allowances from then on."""
REFUSED_WAIT_MS = 5 * 60_000
"""Head office said no, or does not know allowances: it is asked again after this."""
_KINDS: dict[str, Kind] = {
    "points": "points",
    "stored_value": "stored_value",
    "coupon": "coupon",
    "budget": "budget",
}


def _is_gone(held: Slice) -> bool:
    """A leased coupon that was used or passed on: no renewal brings it back, and each would be a document."""
    return held.grant.kind == "coupon" and held.left == 0


class AllowanceAsker:
    """Used by the sync worker only, after everything was pushed."""

    def __init__(self, wire: Wire, journal: Journal, replica: Replica, book: AllowanceBook) -> None:
        self._wire = wire
        self._journal = journal
        self._replica = replica
        self._book = book
        self._asked_in = ""
        self._not_before_ms: int | None = None

    def ask(self, epoch: str) -> int:
        """Asks where something is due; returns how many were journaled as accepted or given back."""
        back = self._give_back_leases() + self._give_back_surplus()
        return back + self._ask(epoch) + self._give_back_parts(epoch)

    def _give_back_leases(self) -> int:
        """A coupon that left this store's list, recalled or used elsewhere, is not taken any more; a budget

        that is over is of use to nobody here.
        """
        leases = self._replica.read(coupons.leases)
        budgets = {f"budget/{name}" for name in self._budgets(self._book.now().wall_ms)}
        held = self._book.slices().values()
        return self._book.give_back(
            {
                each.grant.allowance_id
                for each in held
                if (each.grant.kind == "coupon" and each.grant.allowance_id not in leases)
                or (each.grant.kind == "budget" and purpose_of(each.grant.allowance_id) not in budgets)
            }
        )

    def _give_back_surplus(self) -> int:
        """More workstations share a budget than when this one got its part: the others get theirs of it."""
        policy = allowance_policy(self._replica.policy("allowances"))
        wanted = self._wanted(policy, self._book.now().wall_ms)
        ceilings = {name: ceiling for name, (kind, ceiling) in wanted.items() if kind == "budget"}
        if not ceilings or self._journal.read(saved_basket) is not None:
            return 0  # a basket in progress may count on it
        return self._book.give_back_above(ceilings)

    def _give_back_parts(self, epoch: str) -> int:
        """What peers handed over while head office was away, once our own slice for it is whole again."""
        if epoch != self._asked_in or self._journal.read(saved_basket) is not None:
            return 0  # a basket in progress may count on them
        held, own = self._book.slices(), self._book.series
        whole = {
            purpose_of(name)
            for name, each in held.items()
            if own in name.split("/") and not each.lost and each.left
        }
        return self._book.give_back(
            {
                name
                for name, each in held.items()
                if own not in name.split("/") and each.left and purpose_of(name) in whole
            }
        )

    def _ask(self, epoch: str) -> int:
        if self._wire.server_version < SINCE_VERSION:
            return 0  # a server that was not yet updated has no such route
        if self._not_before_ms is not None and self._book.now().monotonic_ms < self._not_before_ms:
            return 0
        policy = allowance_policy(self._replica.policy("allowances"))
        held = self._book.slices()
        if epoch == self._asked_in and not self._due(policy, held):
            return 0
        self._not_before_ms = None
        asked = self._book.now()
        try:
            answer = self._wire.post("/v1/allowances", self._request(held), AllowanceAnswer)
        except ServerRefused as error:
            _log.info("allowances_refused", code=error.server_code)
            self._not_before_ms = asked.monotonic_ms + REFUSED_WAIT_MS
            return 0
        if self._replica.setting(ANSWERED) is None:  # budgets are bounded from now on
            self._replica.put_setting(ANSWERED, epoch)
        if answer.refused:
            _log.info("allowances_refused", reasons=sorted(set(answer.refused.values())))
            self._not_before_ms = asked.monotonic_ms + REFUSED_WAIT_MS
        if answer.epoch != epoch:
            return 0  # the server was restored meanwhile: the next exchange asks the new one
        self._asked_in = epoch
        grants = [self._grant(each, epoch) for each in answer.grants if each.kind in _KINDS]
        return self._book.accept(grants, epoch=epoch, asked=asked)

    def _due(self, policy: AllowancePolicy, held: dict[str, Slice]) -> bool:
        now_ms = self._book.now().wall_ms
        own = f"/{self._book.series}"
        leases: dict[str, tuple[Kind, int]] = {
            allowance_id: ("coupon", 1)
            for allowance_id, expires_at_ms in self._replica.read(coupons.leases).items()
            if allowance_id.endswith(own) and expires_at_ms > now_ms
        }
        wanted = self._wanted(policy, now_ms) | leases
        return any(
            allowance_id not in held
            or bool(held[allowance_id].lost)
            or (
                not _is_gone(held[allowance_id])
                and renewal_is_due(
                    left=held[allowance_id].left,
                    ceiling=ceiling,
                    elapsed_ms=held[allowance_id].elapsed_ms,
                    term_ms=policy.term_ms,
                )
            )
            for allowance_id, (_, ceiling) in wanted.items()
        )

    def _wanted(self, policy: AllowancePolicy, now_ms: int) -> dict[str, tuple[Kind, int]]:
        budgets = self._budgets(now_ms)
        sharers = self._replica.read(store_day.active_workstations) if budgets else 1
        return policy.wanted(self._book.series, budgets, sharers)

    def _budgets(self, now_ms: int) -> dict[str, int]:
        """Every budget that is handed out, by its name."""
        campaigns = self._replica.read(coupons.campaigns)
        return handed_out(self._replica.policy) | {
            each.campaign_id: each.budget_minor or 0 for each in campaigns if each.is_leased(now_ms)
        }

    def _request(self, held: dict[str, Slice]) -> bytes:
        known = self._journal.resume_point()
        return msgspec.json.encode(
            AllowanceRequest(
                incarnation=self._journal.series.incarnation,
                head_number=0 if known is None else known.acked_number,
                held=[
                    HeldAllowance(
                        each.grant.allowance_id, each.grant.renewal, each.left, each.elapsed_ms, each.lost
                    )
                    for each in held.values()
                    if not is_online(each.grant.allowance_id)
                ],
            )
        )

    def _grant(self, given: GrantedAllowance, epoch: str) -> Grant:
        return Grant(
            allowance_id=given.allowance_id,
            kind=_KINDS[given.kind],
            series=self._book.series,
            amount=given.amount,
            renewal=given.renewal,
            term_ms=given.term_ms,
            epoch=epoch,
            coupons=frozenset(given.coupons),
        )
