"""`coupon-campaign`, `coupon-key`, `issue-coupons`, `revoke-coupons`, from campaign to revocation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import at_command_line
from sync_server.services.coupons import BadCampaign, Campaign


@app.command("coupon-campaign")
def coupon_campaign(
    campaign: Annotated[str, typer.Argument(help="Id of the campaign.")],
    data: DataOption,
    name: Annotated[str, typer.Option(help="What the till shows.")],
    promotion: Annotated[str, typer.Option(help="The promotion that its coupons unlock.")],
    valid_from_ms: Annotated[int, typer.Option(help="Epoch milliseconds.")],
    valid_to_ms: Annotated[int, typer.Option(help="Epoch milliseconds.")],
    name_en: Annotated[str, typer.Option(help="The same in English.")] = "",
    offline: Annotated[str, typer.Option(help="anywhere, leased or online.")] = "anywhere",
    uses_max: Annotated[int, typer.Option(min=0, help="Of one coupon; 0 is no limit.")] = 1,
    per_member_max: Annotated[int | None, typer.Option(min=1)] = None,
    budget_minor: Annotated[int | None, typer.Option(min=1)] = None,
    shared_code: Annotated[str | None, typer.Option(help="One code for everybody.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Set a campaign; it reaches every workstation by the feed."""
    with head_office(data, database, as_json=json_) as office:
        made = Campaign(
            campaign,
            name,
            name_en or name,
            promotion,
            offline,
            uses_max,
            per_member_max,
            budget_minor,
            valid_from_ms,
            valid_to_ms,
            shared_code,
        )
        office.coupons.put_campaign(at_command_line(), made)
        tell({"ok": True, "campaign": asdict(made)}, as_json=json_, text=f"Campaign {campaign} is set.")


@app.command("coupon-key")
def coupon_key(
    data: DataOption,
    revoke: Annotated[str | None, typer.Option(help="End this key instead of making one.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Make a signing key for QR coupons, or revoke one with every coupon that it signed."""
    with head_office(data, database, as_json=json_) as office:
        if revoke is not None:
            office.coupons.revoke_key(at_command_line(), revoke)
            tell({"ok": True, "revoked": revoke}, as_json=json_, text=f"Revoked {revoke}.")
            return
        key_id = office.coupons.new_key(at_command_line())
        tell({"ok": True, "key_id": key_id}, as_json=json_, text=f"Coupon key {key_id}.")


@app.command("issue-coupons")
def issue_coupons(
    campaign: Annotated[str, typer.Argument(help="Id of the campaign.")],
    data: DataOption,
    kind: Annotated[str, typer.Option(help="qr: signed; code: to be typed.")] = "qr",
    count: Annotated[int, typer.Option(min=1, help="How many for whoever holds one.")] = 1,
    member: Annotated[list[str] | None, typer.Option(help="For this member; may be repeated.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Issue coupons. What they say is shown this once."""
    with head_office(data, database, as_json=json_) as office:
        act, desk = at_command_line(), office.coupons
        holders: list[str | None] = [*member] if member else [None]
        if kind == "qr":
            issued = [one for each in holders for one in desk.issue_qr(act, campaign, count, each)]
        elif kind == "code":
            issued = desk.issue_codes(act, campaign, holders if member else holders * count)
        else:
            raise BadCampaign("qr or code", field="kind")
        text = "\n".join(each.text for each in issued)
        tell({"ok": True, "coupons": [asdict(each) for each in issued]}, as_json=json_, text=text)


@app.command("revoke-coupons")
def revoke_coupons(
    coupon: Annotated[list[str], typer.Argument(help="Ids of coupons.")],
    data: DataOption,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Make coupons void at head office and in every wallet."""
    with head_office(data, database, as_json=json_) as office:
        count = office.coupons.revoke(at_command_line(), coupon)
        tell({"ok": True, "revoked": count}, as_json=json_, text=f"{count} revoked.")
