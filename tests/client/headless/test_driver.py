from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from pos_client.headless.driver import LINE_BYTES_MAX
from pos_client.headless.operations import OPERATIONS
from tests.client.headless.host import OPEN_SHIFT, SIGN_ON, ShopHost, Talk, drive
from tests.client.services.shop import COLA, MILK


def codes(answers: list[dict[str, Any]]) -> list[str]:
    return ["ok" if each["ok"] else each["error"]["code"] for each in answers]


def test_before_enrolment_only_enrolling_works(tmp_path: Path) -> None:
    host = ShopHost(tmp_path, enrolled=False)
    enrol = {"op": "enrol", "server": "https://h", "code": "c"}
    assert codes(drive(host, {"op": "state"}, {"op": "ops"}, enrol, {"op": "state"})) == [
        "not_enrolled",
        "ok",
        "ok",
        "ok",
    ]


@pytest.mark.parametrize(
    "line,code",
    [
        (b"\n", None),
        (b"nonsense\n", "bad_request"),
        (b"[]\n", "bad_request"),
        (b"null\n", "bad_request"),
        (b'{"op":"ops","op":"ops"}\n', "bad_request"),
        (b'{"op":"ops","x":1.5}\n', "bad_request"),
        (b'{"op":"ops","x":NaN}\n', "bad_request"),
        (b'{"op":"ops","unknown":1}\n', "bad_request"),
        (b'{"op":7}\n', "bad_request"),
        (b'{"id":[],"op":"ops"}\n', "bad_request"),
        (b'{"op":"open_shift","float_minor":true}\n', "bad_request"),
        (b'{"op":"open_shift","float_minor":123456789012345678901234567890}\n', "bad_request"),
        (b'{"op":"sell","lines":{}}\n', "bad_request"),
        (b'{"op":"fly"}\n', "unknown_op"),
        (b'{"op":"transfer"}\n', "bad_request"),
        (b"\xff\xfe\x00\n", "bad_request"),
        (b'{"op":"enter","text":"\\ud800"}\n', "bad_request"),
        (b'{"op":"ops","x":' + b"1" * 9000 + b"}\n", "bad_request"),
        (b"[" * 100_000 + b"\n", "bad_request"),
        (b'{"a":' * 50_000 + b"\n", "bad_request"),
        (b"x" * (3 * LINE_BYTES_MAX) + b"\n", "request_too_large"),
    ],
)
def test_bad_lines_are_answered_and_the_next_one_works(tmp_path: Path, line: bytes, code: str | None) -> None:
    answers = drive(ShopHost(tmp_path), line, {"id": "after", "op": "ops"})
    assert codes(answers) == ([code, "ok"] if code else ["ok"])
    assert answers[-1]["id"] == "after"


def test_a_refused_sell_leaves_an_empty_basket_and_no_sale(tmp_path: Path) -> None:
    host = ShopHost(tmp_path)
    answers = drive(
        host,
        SIGN_ON,
        OPEN_SHIFT,
        {"op": "sell", "lines": [COLA, "99999"]},
        {"op": "sell", "lines": [COLA, "4011"]},
        {"op": "sell", "lines": []},
        {"op": "sell", "lines": [COLA], "tenders": [{"tender_code": "card", "amount_minor": 1}]},
        {"op": "sell", "lines": [COLA], "tenders": [{"tender_code": "card", "amount_minor": 999}]},
        {"op": "enter", "text": COLA},
        {"op": "sell", "lines": [MILK]},
        {"op": "clear"},
        {"op": "sell", "lines": [MILK], "member_id": "m1"},
        {"op": "state"},
    )
    assert codes(answers)[2:] == [
        "unknown_code",
        "line_incomplete",
        "basket_empty",
        "not_fully_paid",
        "tender_too_high",
        "ok",
        "basket_not_empty",
        "ok",
        "ok",
        "ok",
    ]
    assert answers[-1]["series"]["number"] == 7  # opened, on, shift, 3 abandoned, 1 sale


def test_more_than_one_line_takes_is_refused_with_the_most(tmp_path: Path) -> None:
    answers = drive(
        ShopHost(tmp_path),
        SIGN_ON,
        OPEN_SHIFT,
        {"op": "enter", "text": COLA},
        {"op": "enter", "text": "*6901234"},
        {"op": "basket"},
    )
    assert answers[3]["error"]["code"] == "quantity_too_high"
    assert answers[3]["error"]["facts"] == {"maximum": 999}
    assert answers[4]["basket"]["lines"][0]["quantity_milli"] == 1000


def test_price_leaves_nothing_behind(tmp_path: Path) -> None:
    answers = drive(
        ShopHost(tmp_path),
        SIGN_ON,
        OPEN_SHIFT,
        {"op": "price", "lines": ["3*" + COLA], "member_id": "m1"},
        {"op": "basket"},
        {"op": "state"},
    )
    assert answers[2]["basket"]["total_minor"] == 1050
    assert answers[2]["basket"]["member"]["member_id"] == "m1"
    assert answers[3]["basket"]["lines"] == [] and answers[3]["basket"]["member"] is None
    assert answers[4]["series"]["number"] == 3


def test_a_killed_basket_comes_back(tmp_path: Path) -> None:
    drive(ShopHost(tmp_path), SIGN_ON, OPEN_SHIFT, {"op": "enter", "text": "2*" + COLA})
    (answer,) = drive(ShopHost(tmp_path), {"op": "basket"})
    assert answer["basket"]["total_minor"] == 700


def test_state_tells_what_the_journal_found_at_its_start(tmp_path: Path) -> None:
    drive(ShopHost(tmp_path), SIGN_ON, OPEN_SHIFT)
    (tmp_path / "witness" / "w").unlink()
    (answer,) = drive(ShopHost(tmp_path), {"op": "state"})
    notice = {"code": "witness_begun_anew", "severity": "warning", "facts": {"state": "missing"}}
    assert notice in answer["status"]["notices"]


WORDS = [
    COLA,
    MILK,
    "4011",
    "*5",
    "3*",
    "1001",
    "246810",
    "cash",
    "card",
    "gold",
    "",
    "\x00",
    "﷽" * 50,
    "0" * 40,
]
NAMES = (
    "text code sku lines tenders quantity_milli weight_milli price_minor line_no tender_code amount_minor "
    "operator_number pin float_minor phone display_name consents reason kind member_id limit number columns "
    "index finish reference id extra"
).split()


def random_leaf(dice: random.Random) -> Any:
    letters = "".join(chr(dice.randrange(0x20, 0x3000)) for _ in range(dice.randrange(40)))
    numbers = [0, 1, -1, 1000, 350, 2**53, -(2**70), dice.random() * 1e9]
    return dice.choice([*WORDS, *numbers, None, True, False, letters])


def random_value(dice: random.Random, depth: int = 0) -> Any:
    shape = dice.randrange(4) if depth < 4 else 0
    if shape == 2:
        return [random_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if shape == 3:
        return {dice.choice(NAMES): random_value(dice, depth + 1) for _ in range(dice.randrange(4))}
    return random_leaf(dice)


@pytest.mark.parametrize("seed", range(4))
def test_no_input_ends_the_driver_or_unbalances_the_journal(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    operations = sorted(set(OPERATIONS) - {"quit", "enrol", "backup"})
    lines: list[dict[str, Any] | bytes] = [SIGN_ON, OPEN_SHIFT]
    for number in range(400):
        request = {dice.choice(NAMES): random_value(dice) for _ in range(dice.randrange(5))}
        request |= {"id": number, "op": dice.choice([*operations, "sell", "enter", "pay", "nothing"])}
        data = json.dumps(request).encode()
        if dice.random() < 0.05:
            cut = dice.randrange(len(data))
            data = data[:cut] + bytes([dice.randrange(256)]) + data[cut + 1 :]
        lines.append(data.replace(b"\n", b"") + b"\n")
    answers = drive(ShopHost(tmp_path), *lines, {"id": "last", "op": "verify"})
    assert len(answers) == len(lines) + 1
    assert "internal_error" not in codes(answers)
    assert answers[-1]["verified"], answers[-1]


def test_hold_and_recall_by_requests(tmp_path: Path) -> None:
    host = ShopHost(tmp_path)
    first = drive(host, SIGN_ON, OPEN_SHIFT, {"op": "enter", "text": COLA}, {"op": "hold"}, {"op": "held"})
    held_id = first[-1]["held"][0]["held_id"]
    answers = drive(
        host,
        SIGN_ON,
        {"op": "enter", "text": MILK},
        {"op": "recall", "held_id": held_id},
        {"op": "clear"},
        {"op": "recall", "held_id": held_id},
        {"op": "recall", "held_id": held_id},
        {"op": "abandon_held", "held_id": "x" * 300},
        {"op": "held"},
    )
    expected = ["ok", "ok", "basket_not_empty", "ok", "ok", "basket_not_empty", "unknown_held", "ok"]
    assert codes(answers) == expected
    assert answers[4]["recalled"]["basket"]["lines"][0]["sku"] == "C1"
    assert answers[-1]["held"] == []


def test_a_discount_with_approval_by_requests(tmp_path: Path) -> None:
    host = ShopHost(tmp_path)
    discount = {"op": "discount_line", "line_no": 1, "rate_ppm": 500_000, "reason": "damaged"}
    first = drive(host, SIGN_ON, OPEN_SHIFT, {"op": "enter", "text": COLA}, {"op": "reasons", "kind": "fly"})
    assert codes(first) == ["ok", "ok", "ok", "bad_request"]
    out = Talk(host)
    out.say(SIGN_ON)
    assert out.say({"op": "reasons", "kind": "line_discount"})["reasons"][1]["code"] == "damaged"
    needed = out.say(discount)["error"]
    assert (needed["code"], needed["facts"]["kind"]) == ("approval_needed", "line_discount")
    approval = needed["facts"]["approval"]
    wrong = {"op": "approve", "approval": approval, "operator_number": "1001", "pin": "246810"}
    assert out.say(wrong)["error"]["code"] == "own_approval"
    approved = out.say(wrong | {"operator_number": "2001"})["approved"]
    assert out.say(discount | {"approval": approved["nonce"]})["basket"]["total_minor"] == 170
    price = {"op": "override_price", "line_no": 1, "price_minor": 340, "reason": "damaged"}
    assert out.say(price)["basket"]["lines"][0]["net_minor"] == 170
    assert out.say({"op": "discount_basket", "amount_minor": 5, "reason": "goodwill"})["ok"]
    assert out.say({"op": "pay", "tender_code": "card"})["sale"]["total_minor"] == 165
    out.end()


def test_returns_and_an_exchange_by_requests(tmp_path: Path) -> None:
    talk = Talk(ShopHost(tmp_path))
    for request in (SIGN_ON, OPEN_SHIFT):
        talk.say(request)
    sale = talk.say({"op": "sell", "lines": [f"3*{COLA}"]})["sale"]
    goods = {"text": sale["lookup_code"].split("?")[0], "lines": [{"line_no": 1, "quantity_milli": 1000}]}
    assert (
        talk.say({"op": "receipt_find", "text": str(sale["number"])})["receipt"]["lines"][0]["left_milli"]
        == 3000
    )
    assert talk.say({"op": "receipt_search", "item": COLA})["receipts"][0]["number"] == sale["number"]
    code = talk.say({"op": "receipt_code", "text": str(sale["number"])})["code"]
    assert talk.say({"op": "receipt_find", "text": code})["receipt"]["number"] == sale["number"]
    assert talk.say({"op": "receipt_find", "text": code[:-9]})["error"]["code"] == "receipt_code_torn"
    elsewhere = talk.say({"op": "receipt_look_up", "text": "TM1.ws-9.1.5"})
    assert elsewhere["error"]["code"] == "look_up_offline"
    assert talk.say({"op": "return_plan", **goods})["refund"]["total_minor"] == 350
    done = talk.say({"op": "return", **goods, "reason": "defect"})["returned"]
    assert (done["total_minor"], done["cash_minor"]) == (350, 350)
    assert talk.say({"op": "exchange", **goods, "reason": "wrong_item"})["ok"]
    assert talk.say({"op": "exchange_give_up"})["ok"]
    assert talk.say({"op": "exchange", **goods, "reason": "wrong_item"})["ok"]
    talk.say({"op": "enter", "text": MILK})
    assert talk.say({"op": "pay", "tender_code": "cash"})["sale"]["total_minor"] == 590
    twice = {**goods, "lines": goods["lines"] * 2}
    assert talk.say({"op": "return", **twice, "reason": "defect"})["error"]["code"] == "bad_request"
    wanted = {"op": "return_without_receipt", "sku": "M1", "reason": "defect"}
    assert talk.say(wanted)["error"]["code"] == "approval_needed"
    talk.end()
