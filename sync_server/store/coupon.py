"""Coupons one by one, as head office issued them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import func, select, tuple_, update

from sync_server.store.engine import Txn
from sync_server.store.schema.folding import coupon

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class CouponRow:
    """One coupon. `state`: issued, used, void. `leased_to`: the store that may take it offline."""

    coupon_id: str
    campaign_id: str
    member_id: str | None
    code_hash: str
    state: str
    valid_from_ms: int
    valid_to_ms: int
    leased_to: str | None
    issued_at_ms: int


def put(txn: Txn, rows: Sequence[CouponRow]) -> None:
    """Sets coupons."""
    txn.insert_many(coupon, [astuple(row) for row in rows], on_conflict="replace")


def get_many(txn: Txn, coupon_ids: Sequence[str]) -> dict[str, CouponRow]:
    """Coupons by id."""
    found: dict[str, CouponRow] = {}
    for start in range(0, len(coupon_ids), _AT_ONCE):
        statement = select(coupon).where(coupon.c.coupon_id.in_(coupon_ids[start : start + _AT_ONCE]))
        found |= {row[0]: CouponRow(*row) for row in txn.execute(statement)}
    return found


def by_code(txn: Txn, code_hash: str) -> CouponRow | None:
    """The coupon with this code."""
    row = txn.execute(select(coupon).where(coupon.c.code_hash == code_hash)).first()
    return None if row is None else CouponRow(*row)


def of_member(txn: Txn, member_id: str) -> list[CouponRow]:
    """A member's coupons, those that end first before the others."""
    statement = (
        select(coupon)
        .where(coupon.c.member_id == member_id)
        .order_by(coupon.c.valid_to_ms, coupon.c.coupon_id)
    )
    return [CouponRow(*row) for row in txn.execute(statement)]


def ending(txn: Txn, after: tuple[int, str], before_ms: int, limit: int) -> list[CouponRow]:
    """Unused coupons in wallets by (end, id), behind `after` and up to `before_ms`."""
    columns = coupon.c
    statement = (
        select(coupon)
        .where(
            columns.state == "issued",
            columns.member_id.is_not(None),
            columns.valid_to_ms >= after[0],
            columns.valid_to_ms <= before_ms,
            tuple_(columns.valid_to_ms, columns.coupon_id) > after,
        )
        .order_by(columns.valid_to_ms, columns.coupon_id)
        .limit(limit)
    )
    return [CouponRow(*row) for row in txn.execute(statement)]


def of_campaign(txn: Txn, campaign_id: str, *, state: str | None = None) -> Iterator[CouponRow]:
    """Coupons of a campaign."""
    statement = select(coupon).where(coupon.c.campaign_id == campaign_id).order_by(coupon.c.coupon_id)
    if state is not None:
        statement = statement.where(coupon.c.state == state)
    for row in txn.stream(statement):
        yield CouponRow(*row)


def counts(txn: Txn, campaign_id: str) -> dict[str, int]:
    """How many of each state."""
    statement = (
        select(coupon.c.state, func.count())
        .where(coupon.c.campaign_id == campaign_id)
        .group_by(coupon.c.state)
    )
    return {state: count for state, count in txn.execute(statement)}  # noqa: C416


def issued_count(txn: Txn, campaign_id: str) -> int:
    """How many of a campaign were ever issued."""
    return sum(counts(txn, campaign_id).values())


def set_state(txn: Txn, coupon_id: str, state: str) -> None:
    """Another state."""
    txn.execute(update(coupon).where(coupon.c.coupon_id == coupon_id).values(state=state))


def forget_member(txn: Txn, member_id: str) -> None:
    """An erased member's coupons are void and nobody's."""
    statement = update(coupon).where(coupon.c.member_id == member_id)
    txn.execute(statement.values(state="void", member_id=None))


def lease(txn: Txn, coupon_ids: Sequence[str], store_id: str | None) -> None:
    """Leases coupons to a store, or takes them back (None)."""
    for start in range(0, len(coupon_ids), _AT_ONCE):
        chunk = coupon_ids[start : start + _AT_ONCE]
        txn.execute(update(coupon).where(coupon.c.coupon_id.in_(chunk)).values(leased_to=store_id))
