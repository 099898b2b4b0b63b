"""A shift from float to Z report, and every device dead in the middle of it, by JSON lines alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.client.headless.host import OPEN_SHIFT, SIGN_ON, ShopHost, drive
from tests.client.services.shop import COLA, PIN


def cash(amount_minor: int) -> list[dict[str, Any]]:
    return [{"tender_code": "cash", "amount_minor": amount_minor}]


def test_a_shift_from_float_to_z_report(tmp_path: Path) -> None:
    moves = [
        {"op": "tender_movement", "kind": kind, "amount_minor": amount, "reason_code": code}
        for kind, amount, code in (
            ("paid_in", 2_000, "found"),
            ("paid_out", 1_550, "expense"),
            ("pickup", 5_000, "safe"),
            ("loan", 3_000, "change"),
        )
    ]
    expected = 20_000 + 350 + 2_000 - 1_550 - 5_000 + 3_000
    answers = drive(
        ShopHost(tmp_path),
        SIGN_ON,
        OPEN_SHIFT,
        {"op": "sell", "lines": [COLA]},
        *moves,
        {"op": "no_sale", "reason_code": "change"},
        {"op": "x_report"},
        {"op": "count_till", "counts": cash(expected), "purpose": "spot"},
        {"op": "hand_over", "operator_number": "2001", "pin": PIN, "counts": cash(expected)},
        {"op": "enter", "text": COLA},
        {"op": "x_report"},
        {"op": "count_sheet"},
        {"op": "clear"},
        {"op": "settle_shift", "counts": cash(expected - 200)},
        {"op": "settle_shift", "reason_code": "miscount", "reason": "少找 2 元"},
        {"op": "z_report", "print": True},
        {"op": "z_reports"},
        {"op": "day_report"},
        {"op": "watch"},
        {"op": "verify"},
    )
    codes = [each["ok"] or each["error"]["code"] for each in answers]
    assert codes[:8] == [True] * 8 and codes[8] == "not_allowed", "a cashier's count is blind"
    declared = answers[9]["declaration"]
    assert (declared["difference_minor"], declared["needs_reason"]) == (0, False)
    assert answers[10]["operator"]["operator_number"] == "2001"
    x = answers[12]["report"]
    assert x["tenders"][0]["expected_minor"] == expected and "T1" not in x["text"]
    assert x["sums"]["totals"]["sales_minor"] == 350, "the basket in progress is no sale"
    assert codes[13] == "basket_open" and codes[15] == "reason_required"
    settled = answers[16]
    assert (settled["z_number"], settled["difference_minor"]) == (1, -200)
    assert answers[17]["report"]["sums"] == settled["report"]["sums"]
    assert "找零差错：少找 2 元" in answers[17]["report"]["text"]
    assert f"expected,cash,,{expected / 100:.2f}" in answers[17]["csv"]
    assert [(each["z_number"], each["over_minor"]) for each in answers[18]["z_reports"]] == [(1, -200)]
    assert answers[19]["report"]["sums"]["totals"]["sales_minor"] == 350
    assert answers[20]["ok"] and answers[21]["verified"] and answers[21]["findings"] == []


def test_each_device_is_set_tried_and_dead_in_the_middle_of_a_sale(tmp_path: Path) -> None:
    def put(kind: str, line: str) -> dict[str, Any]:
        return {"op": "device_set", "kind": kind, "line": line}

    answers = drive(
        ShopHost(tmp_path),
        {**SIGN_ON, "operator_number": "2001"},
        OPEN_SHIFT,
        {"op": "device_find", "kind": "drawer"},
        put("printer", "simulator:ends"),
        put("scale", "simulator:fault"),
        put("label", "simulator:out_of_paper"),
        put("terminal", "simulator:offline"),
        {"op": "enter", "text": COLA},
        {"op": "weigh"},
        {"op": "charge"},
        {"op": "charge_enquire"},
        {"op": "back"},
        {"op": "pay", "tender_code": "cash"},
        {"op": "device_test", "kind": "drawer"},
        {"op": "print_label", "name": "可乐", "sku": "C1", "price_minor": 350},
        {"op": "device_test", "kind": "scale"},
        {"op": "devices"},
        {"op": "state"},
        put("printer", "simulator:on fire"),
        put("display", "window:0"),
    )
    told = dict(enumerate(answers))
    assert told[2]["lines"] == ["printer", "printer:5", "none"]
    assert (told[8]["state"], told[9]["charge"]["outcome"]) == ("fault", "unknown")
    assert told[12]["ok"] and told[12]["sale"]["total_minor"] == 350, "nothing of it blocks the sale"
    assert told[13]["state"] == "opened" and told[14]["state"] == "out_of_paper"
    states = {each["kind"]: each["state"] for each in told[16]["devices"]}
    assert states["printer"] == states["label"] == "out_of_paper"
    assert (states["scale"], states["terminal"]) == ("fault", "offline")
    notices = {each["code"] for each in told[17]["status"]["notices"]}
    assert {"printer_trouble", "device_trouble", "charge_unresolved"} <= notices
    assert told[18]["error"]["code"] == "bad_printer_setting" and told[19]["ok"]
