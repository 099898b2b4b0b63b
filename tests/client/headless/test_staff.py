"""Employees by the driver, line by line: what the manager's page does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.client.headless.host import ShopHost, drive
from tests.client.services.shop import PIN

MANAGER = {"op": "sign_on", "operator_number": "2001", "pin": PIN}
CASHIER = {"op": "sign_on", "operator_number": "1001", "pin": PIN}
OFF: dict[str, Any] = {"op": "sign_off"}


def _code(answer: dict[str, Any]) -> str:
    return "ok" if answer["ok"] else answer["error"]["code"]


def test_locked_unlocked_and_a_new_pin(tmp_path: Path) -> None:
    reset = {"op": "staff_pin", "operator_number": "1001", "pin": "135791", "reason": "forgot"}
    answers = drive(
        ShopHost(tmp_path),
        MANAGER,
        {"op": "staff_lock", "operator_number": "1001", "reason": "left his keys"},
        {"op": "staff"},
        OFF,
        CASHIER,
        MANAGER,
        {"op": "staff_unlock", "operator_number": "1001"},
        reset,
        {"op": "staff_lock", "operator_number": "2001"},
        OFF,
        {**CASHIER, "pin": "135791"},
        {"op": "staff"},
        {"op": "verify"},
    )
    assert [_code(each) for each in answers] == [
        "ok",
        "ok",
        "ok",
        "ok",
        "operator_locked",
        "ok",
        "ok",
        "ok",
        "own_credential",
        "ok",
        "ok",
        "not_allowed",
        "ok",
    ]
    people = {each["operator_number"]: each for each in answers[2]["staff"]}
    assert people["1001"]["locked_by"] == "赵经理" and people["1001"]["reason"] == "left his keys"
    assert (people["1001"]["may_change"], people["2001"]["may_change"]) == (True, False)
    assert answers[7]["employee"]["pin_set_at_ms"] is not None
    assert "argon2" not in json.dumps(answers) and "135791" not in json.dumps(answers)
