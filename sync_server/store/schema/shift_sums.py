"""Shifts with what was taken in them, gathered with the sums of sales: lists of them read no documents."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

SHIFT_SAID = (
    "operator_id", "opened_at_ms", "opened_incarnation", "opened_number", "settled_at_ms",
    "settled_incarnation", "settled_number", "z_number", "stated_sales_minor", "stated_returns_minor",
)  # fmt: skip
"""What opening and settlement say; null: not here (yet). The operator: who settled, else who opened."""

SHIFT_FIGURES = (
    "over_minor", "sales", "returns", "sales_minor", "returns_minor", "purse_minor", "float_minor",
    "paid_in_minor", "paid_out_minor", "loan_minor", "pickup_minor",
)  # fmt: skip
"""`over_minor` counted less expected; `purse_minor` put on purses and gift cards, less paid out of them."""

shift_sum = Table(
    "shift_sum",
    metadata,
    text("workstation_id", key=True),
    text("shift_id", key=True),
    text("store_id"),
    text("business_day"),
    text("operator_id", null=True),
    *(integer(name, null=True) for name in SHIFT_SAID[1:]),
    *(integer(name) for name in SHIFT_FIGURES),
)
_listed = [shift_sum.c[name] for name in ("workstation_id", "shift_id", "over_minor", "z_number")]
shift_by_day = Index("shift_by_day", shift_sum.c.business_day, shift_sum.c.store_id, *_listed)
shift_by_store = Index("shift_by_store", shift_sum.c.store_id, shift_sum.c.business_day, *_listed)

shift_tender = Table(
    "shift_tender",
    metadata,
    text("workstation_id", key=True),
    text("shift_id", key=True),
    text("tender_code", key=True),
    text("tender_kind"),
    text("store_id"),
    text("business_day"),
    integer("taken_minor"),  # change and returns off
    integer("expected_minor", null=True),  # null: not settled
    integer("counted_minor", null=True),  # null: nobody counts it
)
_summed = [
    shift_tender.c[name]
    for name in ("tender_code", "tender_kind", "taken_minor", "expected_minor", "counted_minor")
]
shift_tender_by_day = Index(
    "shift_tender_by_day", shift_tender.c.business_day, shift_tender.c.store_id, *_summed
)

shift_progress = Table(
    "shift_progress",
    metadata,
    text("workstation_id", key=True),
    integer("incarnation", key=True),
    integer("gathered_number"),  # every document up to here is in the shifts
)

TABLES = (shift_sum, shift_tender, shift_progress)
