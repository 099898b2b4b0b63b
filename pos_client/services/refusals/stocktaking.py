"""Refused of stocktakes."""

from __future__ import annotations

from pos_core.errors import Refusal


class RecountByAnother(Refusal):
    """Whoever counted an item does not count it again; `facts["name"]` is the first of them, `count` all."""

    code = "recount_by_another"


class NotInCount(Refusal):
    """An item of another department than is being counted; `facts`: `name`, `department`, and `scope`."""

    code = "not_in_count"


class UnknownCount(Refusal):
    """Nothing was counted under this name here; `facts["session_id"]`."""

    code = "unknown_count"


class RecountFirst(Refusal):
    """Variances above the threshold are counted again before anybody approves; `facts["count"]`."""

    code = "recount_first"
