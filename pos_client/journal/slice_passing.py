"""A leased coupon, or a part of a slice, passes between workstations: journaled by the giver, then the taker.

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
from pos_core.sync.allowance import AllowanceRefused, HandOver, hand_over, take_over
from pos_core.sync.allowance_json import hand_over_text
from pos_core.sync.allowance_policy import purpose_of


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

    journal.record(
        [_draft(journal, "handed_over", allowance_id, complete, other=to, transfer_id=transfer_id)]
    ).result()


def give_units(
    journal: Journal, book: AllowanceBook, purpose: str, units: int, *, to_series: str, to: str
) -> int:
    """Lets go of up to `units` of `purpose` (`purpose_of`) for `to`; returns how many.

    At most half of each slice, rounded up: nobody is left with nothing by a neighbour's one big sale.
    """
    given = 0
    for allowance_id, held in sorted(book.slices().items()):
        if given >= units or purpose_of(allowance_id) != purpose or not held.left:
            continue
        try:
            given += _give_part(journal, book, allowance_id, units - given, to_series=to_series, to=to)
        except AllowanceRefused:  # a sale took the rest of it meanwhile
            continue
    return given


def _give_part(
    journal: Journal, book: AllowanceBook, allowance_id: str, wanted: int, *, to_series: str, to: str
) -> int:
    transfer_id = uuid7(book.now().wall_ms, secrets.token_bytes(10))
    given = 0

    def complete(connection: Connection, _: object) -> dict[str, Any]:
        nonlocal given
        held = book.held(connection, allowance_id)
        units = min(wanted, (held.left + 1) // 2)
        after, moved = hand_over(held, units, to_series=to_series, transfer_id=transfer_id, now=book.now())
        book.keep(connection, after)
        connection.execute(SQL["put_passed"], (transfer_id, to, hand_over_text(moved)))
        given = units
        return {"amount": units, "used": after.used}

    journal.record(
        [_draft(journal, "handed_over", allowance_id, complete, other=to, transfer_id=transfer_id)]
    ).result()
    return given


def take(journal: Journal, book: AllowanceBook, moved: HandOver, giver: str) -> None:
    """Writes down what `giver` let go of. Raises TakenBefore, AllowanceRefused (it is for another series)."""
    book.look(at_once=True)  # what is left of an ended term is reported first: a new one may begin with this

    def complete(connection: Connection, _: object) -> dict[str, Any]:
        before = book.kept(connection, moved.grant.allowance_id)
        after = take_over(before, moved, series=book.series, now=book.now())
        if after is before:
            raise TakenBefore("taken over before")
        book.keep(connection, after)
        return {"amount": moved.units, "used": after.used}

    journal.record([_taken_over(journal, moved, giver, complete)]).result()


def outgoing(connection: Connection, to: str) -> list[str]:
    """What was let go of for `to`, which has not said yet that it has it, as JSON."""
    return [row[0] for row in connection.execute(SQL["passed_to"], (to,)).fetchall()]


def acknowledge(connection: Connection, transfer_ids: Sequence[str], by: str) -> None:
    """`by` has these."""
    connection.executemany(SQL["acknowledged"], [(each, by) for each in transfer_ids])


def _taken_over(journal: Journal, moved: HandOver, giver: str, complete: Any) -> Draft:
    allowance_id, transfer_id = moved.grant.allowance_id, moved.transfer_id
    return _draft(journal, "taken_over", allowance_id, complete, other=giver, transfer_id=transfer_id)


def _draft(
    journal: Journal, step: str, allowance_id: str, complete: Any, *, other: str, transfer_id: str
) -> Draft:
    day = journal.read(lambda c: c.execute(SQL["last_business_day"]).fetchone()[0])
    body = {
        "allowance_id": allowance_id,
        "step": step,
        "amount": 0,
        "used": 0,
        "other": other,
        "transfer_id": transfer_id,
    }
    return Draft("allowance_reported", body, day, complete=complete)
