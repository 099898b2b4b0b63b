"""`coupon-lease` as a stranger types it."""

from __future__ import annotations

from pathlib import Path

from sync_server.services.acts import at_command_line
from sync_server.services.coupons import Campaign
from tests.server.commands.test_commands import run
from tests.server.support.office import running_chain

FOREVER_MS = 4_000_000_000_000


def test_codes_are_leased_listed_and_recalled(tmp_path: Path) -> None:
    data = tmp_path / "chain"
    with running_chain(data) as chain:
        holder = chain.enrol().maker.workstation_id
        desk = chain.office.coupons
        desk.put_campaign(
            at_command_line(), Campaign("L", "券", "L", "P", "leased", 1, None, None, 0, FOREVER_MS)
        )
        (issued,) = desk.issue_codes(at_command_line(), "L", [None])
    codes = tmp_path / "codes.txt"
    codes.write_text(f"{issued.text}\n\n", encoding="utf-8")
    where = ("--data", str(data), "--json")
    status, told, trouble = run("coupon-lease", "give", "S001", str(codes), *where)
    assert (status, [each["holder"] for each in told["leases"]]) == (0, [f"1:{holder}"]), trouble
    status, told, _ = run("coupon-lease", "list", *where)
    assert (status, [each["coupon_id"] for each in told["leases"]]) == (0, [issued.coupon_id])
    status, told, _ = run("coupon-lease", "give", "S001", str(codes), *where)
    assert (status, told["error"]["code"]) == (1, "coupon_lease_out")
    status, told, _ = run("coupon-lease", "recall", issued.coupon_id, *where)
    assert (status, told["recalled"]) == (0, 1)
