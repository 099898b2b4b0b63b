from __future__ import annotations

import pytest

from sync_server.http.log import FORBIDDEN, drop_forbidden

pytestmark = pytest.mark.database("sqlite")  # about the edge, which no database sees


def test_fields_that_may_hold_personal_data_or_secrets_are_never_logged() -> None:
    event = dict.fromkeys(FORBIDDEN, "13800000000") | {"route": "enrol"}
    told = drop_forbidden(None, "info", event)
    assert "13800000000" not in str(told) and told["route"] == "enrol"
    assert {"phone", "pin", "code", "secret", "body"} <= FORBIDDEN
