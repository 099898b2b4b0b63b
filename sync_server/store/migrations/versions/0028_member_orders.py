"""How many orders each member has finished, from the sales that are here (pos_core/sync/folds/orders.py)."""

import json
from collections import defaultdict

from alembic import op
from sqlalchemy import func, select

from sync_server.store.schema.folding import fold_state
from sync_server.store.schema.tables import projected

revision = "0028"
down_revision = "0027"
_sale = projected["transaction_total"]


def upgrade() -> None:
    """States as the fold leaves them; a database without sales gets none."""
    connection = op.get_bind()
    series = (_sale.c.member_id, _sale.c.workstation_id, _sale.c.incarnation)
    counted = connection.execute(
        select(*series, func.count(), func.max(_sale.c.number))
        .where(_sale.c.type == "sale", _sale.c.member_id.is_not(None))
        .group_by(*series)
    )
    orders: dict[str, int] = defaultdict(int)
    marks: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for member_id, workstation_id, incarnation, count, number in counted:
        orders[member_id] += count
        marks[member_id][f"{incarnation}:{workstation_id}"] = [number, 0]
    for member_id, count in orders.items():
        state = json.dumps(
            {"marks": marks[member_id], "orders": count},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        connection.execute(fold_state.insert().values(key=member_id, fold="orders", state=state))
