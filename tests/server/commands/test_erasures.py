"""Erasing a member from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.server.commands.test_commands import run
from tests.server.support.office import HandClock, found_office


def test_a_member_is_erased_by_phone_and_never_again_imported_under_his_id(tmp_path: Path) -> None:
    data = tmp_path / "chain"
    found_office(data, HandClock()).close()
    file = tmp_path / "members.csv"
    file.write_text("member_id,phone,name,tier,home_store_id\nM7,13800138000,王小明,standard,S001\n")
    at = ("--data", str(data), "--json")
    assert run("import", "members", str(file), *at)[1]["ok"]
    status, told, _ = run("erase-member", "--phone", "138 0013 8000", "--why", "asked for it", *at)
    assert (status, [each["member_id"] for each in told["erased"]]) == (0, ["M7"])
    status, told, _ = run("erase-member", "--phone", "13800138000", "--why", "again", *at)
    assert (status, told["error"]["code"]) == (1, "no_such_member")
    assert [each["member_id"] for each in run("erasures", *at)[1]["erasures"]] == ["M7"]
    status, told, errors = run("import", "members", str(file), *at)
    assert "member_erased" in str(told) + errors
