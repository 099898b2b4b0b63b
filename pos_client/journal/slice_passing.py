"""A leased coupon passes from one workstation to another: journaled by the giver, then by the taker.

As held baskets (`passing.py`): the giver cannot use it from the transaction on in which it lets go, and keeps
what travels until the taker says that it has it. The term goes on where the giver's clocks were.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from pos_client.journal.allowance_book import SQL, AllowanceBook
from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.storage.connection import Connection
from pos_core.errors import Refusal
from pos_core.ids import uuid7
from pos_core.sync.allowance import HandOver, hand_over, take_over
from pos_core.sync.allowance_json import hand_over_text


class TakenBefore(Refusal):
    """The same hand-over came again: our acknowledgement was lost."""

    code = "taken_before"


def give(journal: Journal, book: AllowanceBook, coupon: tuple[str, str], *, to_series: str, to: str) -> None:
    """Lets go of `(allowance id, coupon id)` for `to`. Raises AllowanceRefused when it is not here."""
    allowance_id, coupon_id = coupon
    transfer_id = uuid7(book.now().wall_ms, secrets.token_bytes(10))

    def complete(connection: Connection, _: object) -> dict[str, Any]:
        held = book.held(connection, allowance_id)
        after, moved = hand_over(
            held,
            1,
            to_series=to_series,
            transfer_id=transfer_id,
            now=book.now(),
            coupons=frozenset({coupon_id}),
        )
        book.keep(connection, after)
        connection.execute(SQL["put_passed"], (transfer_id, to, hand_over_text(moved)))
        return {"amount": 1, "used": after.used}

    journal.record([_draft(journal, allowance_id, "handed_over", to, complete)]).result()


def take(journal: Journal, book: AllowanceBook, moved: HandOver, giver: str) -> None:
    """Writes down what `giver` let go of. Raises TakenBefore, AllowanceRefused (it is for another series)."""

    def complete(connection: Connection, _: object) -> dict[str, Any]:
        before = book.kept(connection, moved.grant.allowance_id)
        after = take_over(before, moved, series=book.series, now=book.now())
        if after is before:
            raise TakenBefore("taken over before")
        book.keep(connection, after)
        return {"amount": moved.units, "used": after.used}

    journal.record([_draft(journal, moved.grant.allowance_id, "taken_over", giver, complete)]).result()


def outgoing(connection: Connection, to: str) -> list[str]:
    """What was let go of for `to`, which has not said yet that it has it, as JSON."""
    return [row[0] for row in connection.execute(SQL["passed_to"], (to,)).fetchall()]


def acknowledge(connection: Connection, transfer_ids: Sequence[str], by: str) -> None:
    """`by` has these."""
    connection.executemany(SQL["acknowledged"], [(each, by) for each in transfer_ids])


def _draft(journal: Journal, allowance_id: str, step: str, other: str, complete: Any) -> Draft:
    day = journal.read(lambda c: c.execute(SQL["last_business_day"]).fetchone()[0])
    body = {"allowance_id": allowance_id, "step": step, "amount": 0, "used": 0, "other": other}
    return Draft("allowance_reported", body, day, complete=complete)
