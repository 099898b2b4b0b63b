"""Campaigns of another system: their ids, whom they reached, and what is refused."""

from __future__ import annotations

import dataclasses

from sync_server.store import campaign, campaign_sums

PAST = "campaign_id,name,valid_from,valid_to\nC1,春季券,2026-03-01,2026-04-01\n"
MEMBERS = "member_id,phone,tier,门店\nM1,12000000001,gold,S001\nM2,12000000002,gold,S001\n"


def test_reach_is_counted_once_however_often_it_comes_and_whichever_arm_it_ends_in(shop, office):
    shop("members", MEMBERS)
    assert shop("past-campaigns", PAST).created == 1
    assert shop("past-campaign-reach", "campaign_id,member_id\nC1,M1\nC1,M2\n").created == 2
    assert shop("past-campaign-reach", "campaign_id,member_id\nC1,M1\n").unchanged == 1
    assert shop("past-campaign-reach", "campaign_id,member_id,arm\nC1,M2,held_out\n").changed == 1
    assert office.store.read(lambda txn: campaign_sums.reach(txn, ["C1"])) == {"C1": (1, 1)}
    assert office.store.read(lambda txn: campaign.reach_counts(txn, "C1")) == {"issued": 1, "held_out": 1}


def test_what_is_not_known_or_ends_before_it_begins_is_refused(shop, office):
    report = shop("past-campaigns", "campaign_id,name,valid_from,valid_to\nC1,x,2026-04-01,2026-03-01\n")
    assert [(p.column, p.code) for p in report.problems] == [("valid_to", "bad_period")]
    shop("members", MEMBERS)
    shop("past-campaigns", PAST)
    report = shop("past-campaign-reach", "campaign_id,member_id,arm\nC9,M1,\nC1,M9,\nC1,M1,both\n")
    assert [(p.line, p.column, p.code) for p in report.problems] == [
        (2, "campaign_id", "unknown_reference"),
        (3, "member_id", "unknown_reference"),
        (4, "arm", "bad_choice"),
    ]


def test_a_campaign_of_the_console_is_not_overwritten(shop, office):
    shop("past-campaigns", PAST)
    row = office.store.read(lambda txn: campaign.get(txn, "C1"))
    office.store.write(lambda txn: campaign.put(txn, dataclasses.replace(row, state="draft")))
    report = shop("past-campaigns", PAST)
    assert [(p.column, p.code) for p in report.problems] == [("campaign_id", "key_in_use")]
    report = shop("past-campaign-reach", "campaign_id,member_id\nC1,M1\n")
    assert {p.code for p in report.problems} == {"unknown_reference"}
