"""Freezing a member's account from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.server.commands.test_commands import run
from tests.server.support.office import HandClock, found_office


def test_a_member_is_frozen_by_phone_and_let_go_by_id(tmp_path: Path) -> None:
    data = tmp_path / "chain"
    found_office(data, HandClock()).close()
    file = tmp_path / "members.csv"
    file.write_text("member_id,phone,name,tier,home_store_id\nM7,13800138000,王小明,standard,S001\n")
    at = ("--data", str(data), "--json")
    assert run("import", "members", str(file), *at)[1]["ok"]
    status, told, _ = run("freeze-member", "--phone", "138 0013 8000", "--why", "card lost", *at)
    assert (status, told["status"], told["member_ids"]) == (0, "frozen", ["M7"])
    status, told, _ = run("unfreeze-member", "--member", "M7", "--why", "found again", *at)
    assert (status, told["status"]) == (0, "active")
    for why, member in (("x", "M7"), ("card lost", "M8")):
        status, told, _ = run("freeze-member", "--member", member, "--why", why, *at)
        assert (status, told["error"]["code"]) == (1, "why_missing" if why == "x" else "no_such_member")
