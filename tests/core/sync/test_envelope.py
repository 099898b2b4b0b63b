"""Strict reading of documents and chains."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.canonical import NotCanonical, canonical_bytes
from pos_core.errors import InvalidInput, TidemarkError
from pos_core.sale.balance import Unbalanced
from pos_core.sale.sale_body import sale_body, voided_line
from pos_core.sale.tender import Payment
from pos_core.stock.transfer import STEPS
from pos_core.sync.body_shape import SHAPES
from pos_core.sync.document import DOCUMENT_TYPES, BadDocument, Series, document_hash
from pos_core.sync.envelope import BODY_FAULTS_MAX, check_body, check_header, parse_document, verify_chain
from tests.fakes.core_values import CASH, RELEASE, SERIES, a_basket, a_chain, a_header, a_line

SALE = sale_body(a_basket(), Payment(350).add(CASH))
CNY = {"currency": "CNY", "exponent": 2}
NO_SALE = {"reason": "change"}
A_TRANSFER: dict[str, Any] = {
    "transfer_id": "T1",
    "from_store_id": "S1",
    "to_store_id": "S2",
    "lines": [{"line_no": 1, "sku": "1", "quantity_milli": 1000}],
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "series_opened": {"reason": "enrolled", "public_key": "AA==", "app_version": "1", "previous": None},
    "signed_on": {"role": "cashier"},
    "sign_on_failed": {
        "operator_number": None,
        "reason": "unknown_operator",
        "failures": 1,
        "locked_until_ms": None,
    },
    "signed_off": {"reason": "asked"},
    "shift_opened": {**CNY, "float_minor": 0},
    "shift_settled": {
        **CNY,
        "z_number": 1,
        "first_number": 1,
        "last_number": 2,
        "tenders": [
            {"tender_code": "cash", "tender_kind": "cash", "expected_minor": -1, "counted_minor": None}
        ],
    },
    "till_counted": {
        **CNY,
        "purpose": "settlement",
        "tenders": [
            {
                "tender_code": "cash",
                "tender_kind": "cash",
                "counted_minor": 10_050,
                "loose_minor": 50,
                "pieces": [{"value_minor": 10_000, "count": 1}],
            }
        ],
    },
    "till_handed_over": {
        **CNY,
        "to_operator_id": "E2",
        "count_number": 3,
        "covers": [{"workstation_id": "ws-1", "incarnation": 1, "first_number": 1, "last_number": 3}],
        "tenders": [{"tender_code": "cash", "tender_kind": "cash", "expected_minor": 5, "counted_minor": 5}],
    },
    "training_changed": {"step": "begun"},
    "tender_movement": {**CNY, "kind": "pickup", "tender_code": "cash", "amount_minor": 1, "reason": None},
    "sale": SALE,
    "return": {**SALE, "origin": {"workstation_id": "ws-1", "incarnation": 1, "number": 1}},
    "basket_abandoned": {
        "reason": "cleared",
        "subtotal_minor": 350,
        "lines": [voided_line(a_line()) | {"line_no": 1}],
    },
    "no_sale": NO_SALE,
    "receipt_reprinted": {"incarnation": 1, "number": 3},
    "member_joined": {"member_id": "M1"},
    "member_edited": {"member_id": "M1"},
    "clock_jumped": {"from_ms": 5, "to_ms": -5},
    "override_approved": {"kind": "void", "approved_by": "E2", "reason": None},
    "stock_movement": {"reason": "damaged", "lines": [{"line_no": 1, "sku": "1", "quantity_milli": -1}]},
    "count": {"lines": [{"line_no": 1, "sku": "1", "recorded_milli": -5, "counted_milli": 0}]},
    "count_opened": {"session_id": "20260102-1", "kind": "full"},
    "count_approved": {
        **CNY,
        "session_id": "20260102-1",
        "part": 1,
        "parts": 1,
        "counted_lines": 3,
        "variance_minor": -350,
        "lines": [
            {"line_no": 1, "sku": "1", "counted_milli": 0, "expected_milli": 1000, "value_minor": -350}
        ],
    },
    "credential_changed": {
        "employee_id": "E2",
        "operator_number": "1002",
        "role": "cashier",
        "by_role": "manager",
        "step": "locked",
        "reason": None,
    },
    "goods_ordered": {
        "order_id": "S1-0102-ABCDEF",
        "supplier_id": "SUP",
        "supplier_name": "",
        "lines": [{"line_no": 1, "sku": "1", "quantity_milli": 5000, "unit_cost_minor": None}],
    },
    "order_closed": {"order_id": "S1-0102-ABCDEF", "reason": None},
    "goods_received": {
        "order_id": None,
        "supplier_id": None,
        "delivery_note": "N1",
        "lines": [{"line_no": 1, "sku": "1", "quantity_milli": 5000, "damaged_milli": 0}],
    },
    "marked_down": {
        **CNY,
        "lines": [{"line_no": 1, "sku": "1", "quantity_milli": 1000, "was_minor": 350, "price_minor": 200}],
    },
    "labels_changed": {
        **CNY,
        "lines": [{"line_no": 1, "sku": "1", "price_minor": 299, "step": "hung"}],
    },
    "shelf_checked": {
        **CNY,
        "checked": 12,
        "wrong": 1,
        "lines": [{"line_no": 1, "sku": "1", "shelf_minor": 299, "price_minor": 350}],
    },
    **{f"transfer_{step}": A_TRANSFER for step in STEPS},
    "reservation_made": {
        "reservation_id": "S1-0102-ABCDEF",
        "at_store_id": "S2",
        "for_store_id": "S1",
        "until_ms": 1_700_000_000_000,
        "lines": [{"line_no": 1, "sku": "1", "quantity_milli": 1000}],
    },
    "reservation_reported": {
        "reservation_id": "S1-0102-ABCDEF",
        "at_store_id": "S2",
        "for_store_id": "S1",
        "step": "kept",
    },
    "transfer_received": {**A_TRANSFER, "shipment": None},
    "points_moved": {
        "reason": "goodwill",
        "points_movements": [{"member_id": "M1", "points": -5, "reason": "spent"}],
    },
    "member_code_failed": {
        "member_id": "M1",
        "reason": "wrong_code",
        "failures": 5,
        "locked_until_ms": 1_700_000_060_000,
    },
    "member_code_accepted": {"member_id": "M1", "by": "app"},
    "members_confirmed": {"first_id": "M1", "second_id": "M2", "by": "code"},
    "basket_held": {
        "held_id": "H1",
        "member_id": None,
        "subtotal_minor": 350,
        "lines": [voided_line(a_line()) | {"line_no": 1}],
    },
    "basket_recalled": {"held_id": "H1"},
    "basket_passed": {"held_id": "H1", "step": "taken_over", "other": "ws-2", "transfer_id": "T1"},
    "terminal_charge": {
        **CNY,
        "reference": "C1",
        "tender_code": "card",
        "amount_minor": 5,
        "step": "reversed",
        "approval": None,
    },
    "journal_pruned": {
        "documents": 300,
        "bases": [{"incarnation": 1, "number": 300, "hash": "ab" * 32}],
        "carried_sha256": "cd" * 32,
    },
    "allowance_reported": {
        "allowance_id": "A1",
        "step": "accepted",
        "amount": 500,
        "used": 0,
        "other": None,
    },
}


def _document(kind: str = "sale", **change: Any) -> bytes:
    document = {**json.loads(a_chain([(kind, EXAMPLES[kind])])[0]), **change}
    return canonical_bytes(document)


def _path_of(data: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        parse_document(data)
    return str(refused.value.facts.get("path"))


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_every_type_has_a_shape_and_an_example_that_passes(kind: str) -> None:
    parsed = parse_document(_document(kind))
    assert parsed.header == a_header(type=kind) and parsed.body == EXAMPLES[kind]
    assert parsed.hash == document_hash(parsed.data)


def test_shapes_and_types_are_the_same_list() -> None:
    assert tuple(SHAPES) == DOCUMENT_TYPES


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_every_field_that_must_stand_is_missed_by_name(kind: str) -> None:
    for name in EXAMPLES[kind]:
        body = {key: value for key, value in EXAMPLES[kind].items() if key != name}
        with pytest.raises(BadDocument) as refused:
            check_body(kind, body)
        assert refused.value.facts["path"] == f"body.{name}"


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
@pytest.mark.parametrize("wrong", [1.5, True, b"", (), 2**53])
def test_no_field_takes_a_float_a_bool_or_a_giant(kind: str, wrong: object) -> None:
    for name in EXAMPLES[kind]:
        with pytest.raises(BadDocument) as refused:
            check_body(kind, {**EXAMPLES[kind], name: wrong})
        assert str(refused.value.facts["path"]).startswith(f"body.{name}")


@pytest.mark.parametrize(
    ("kind", "change", "path"),
    [
        ("member_joined", {"fields": {"phone": "13800000000"}}, "body.fields"),
        ("member_joined", {"fields": {"birthday_month": 1.5}}, "body.fields"),
        ("member_edited", {"consents": {"sms": "yes"}}, "body.consents"),
        ("member_edited", {"phone_index": "13800000000"}, "body.phone_index"),
        ("member_edited", {"personal_fields": "phone"}, "body.personal_fields"),
        ("count", {"cut": [{"workstation_id": "w", "incarnation": 1, "number": -1}]}, "body.cut[0].number"),
        ("sale", {"held_id": 7}, "body.held_id"),
        ("allowance_reported", {"step": "granted"}, "body.step"),
    ],
)
def test_optional_fields_are_checked_where_they_stand(kind: str, change: dict[str, Any], path: str) -> None:
    with pytest.raises(BadDocument) as refused:
        check_body(kind, {**EXAMPLES[kind], **change})
    assert refused.value.facts["path"] == path


def test_the_optional_fields_of_members_and_counts_pass() -> None:
    check_body(
        "member_joined",
        {
            "member_id": "M1",
            "consents": {"sms": False},
            "fields": {"birthday_month": 5, "language": None},
            "personal": {"member_id": "M1", "box": "AA=="},
            "personal_fields": ["display_name", "masked_phone"],
            "phone_index": "store:S1/" + "ab" * 16,
        },
    )
    check_body("member_edited", {"member_id": "M1", "phone_index": None})
    heard = [{"workstation_id": "w", "incarnation": 1, "number": 0}]
    check_body("count", {**EXAMPLES["count"], "cut": heard})


def test_fields_of_a_newer_version_are_let_through() -> None:
    check_body("sale", {**SALE, "carbon_grams": 12, "lines": [{**SALE["lines"][0], "shelf": "A3"}]})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"v": 2}, "v"),
        ({"v": True}, "v"),
        ({"type": "gift"}, "type"),
        ({"type": None}, "type"),
        ({"workstation_id": ""}, "workstation_id"),
        ({"workstation_id": 1}, "workstation_id"),
        ({"workstation_id": "x" * 201}, "workstation_id"),
        ({"store_id": None}, "store_id"),
        ({"incarnation": 0}, "incarnation"),
        ({"number": 0}, "number"),
        ({"number": True}, "number"),
        ({"number": "1"}, "number"),
        ({"document_id": "x"}, "document_id"),
        ({"occurred_at_ms": None}, "occurred_at_ms"),
        ({"hlc": "x"}, "hlc"),
        ({"hlc": 5}, "hlc"),
        ({"business_day": "2026-02-30"}, "business_day"),
        ({"operator_id": ""}, "operator_id"),
        ({"shift_id": 1}, "shift_id"),
        ({"prev_hash": "AB" * 32}, "prev_hash"),
        ({"prev_hash": "ab"}, "prev_hash"),
        ({"release": {}}, "release"),
        ({"release": 1}, "release"),
        ({"release": {"version": -1, "manifest_sha256": "ab" * 32}}, "release.version"),
        ({"release": {"version": 1, "manifest_sha256": "x"}}, "release.manifest_sha256"),
        ({"body": []}, "body"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_wrong_header_is_refused_with_its_path(change: dict[str, Any], path: str) -> None:
    assert _path_of(_document(**change)) == path


@pytest.mark.parametrize("value", [None, [], 5, "x", {}])
def test_what_is_no_object_of_a_document_is_refused(value: object) -> None:
    with pytest.raises(BadDocument):
        check_header(value)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"line_no": 0}, "body.lines[0].line_no"),
        ({"quantity_milli": -1}, "body.lines[0].quantity_milli"),
        ({"gtin": "123"}, "body.lines[0].gtin"),
        ({"gtin": "²" * 14}, "body.lines[0].gtin"),
        ({"entered": "guessed"}, "body.lines[0].entered"),
        ({"discounts": None}, "body.lines[0].discounts"),
        ({"discounts": [{}]}, "body.lines[0].discounts[0].source"),
        ({"weight_milli": -1}, "body.lines[0].weight_milli"),
        ({"tax_rate_ppm": -1}, "body.lines[0].tax_rate_ppm"),
        ({"sku": ""}, "body.lines[0].sku"),
        ({"list_minor": 351}, "lines[0].list_minor"),
    ],
)
def test_a_wrong_line_is_refused_with_its_path(change: dict[str, Any], path: str) -> None:
    assert _path_of(_document(body={**SALE, "lines": [{**SALE["lines"][0], **change}]})) == path


def test_lines_must_rise_and_stand() -> None:
    line = SALE["lines"][0]
    assert _path_of(_document(body={**SALE, "lines": [line, line]})) == "body.lines[1].line_no"
    assert _path_of(_document(body={**SALE, "lines": []})) == "body.lines"


def test_an_unbalanced_sale_is_its_own_error() -> None:
    with pytest.raises(Unbalanced):
        parse_document(_document(body={**SALE, "total_minor": 349}))


@pytest.mark.parametrize(
    "dress",
    [
        lambda data: data + b"\n",
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: data.replace(b'"v":1', b'"v":1.0'),
        lambda data: data.replace(b'"v":1', b'"v":1,"v":1'),
        lambda data: data.replace(b"S001", b"\\u0053001"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data[:-1],
        lambda data: b"",
    ],
)
def test_the_same_facts_in_other_bytes_are_no_document(dress: Any) -> None:
    with pytest.raises(NotCanonical):
        parse_document(dress(_document()))


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_noise_is_always_a_typed_error(noise: bytes) -> None:
    with pytest.raises(TidemarkError):
        parse_document(noise)


@given(st.data())
def test_one_flipped_byte_is_a_typed_error_or_another_hash(data: st.DataObject) -> None:
    good = _document()
    place = data.draw(st.integers(0, len(good) - 1))
    flipped = good[:place] + bytes([good[place] ^ data.draw(st.integers(1, 255))]) + good[place + 1 :]
    try:
        parsed = parse_document(flipped)
    except TidemarkError:
        return
    assert parsed.hash != document_hash(good)


# Chains.

CHAIN = a_chain([("no_sale", {"reason": str(n)}) for n in range(1, 7)])


def test_a_whole_chain_is_intact_and_its_head_is_the_last() -> None:
    report = verify_chain(SERIES, iter(CHAIN))
    assert report.intact and (report.count, report.head_number) == (6, 6)
    assert report.head_hash == document_hash(CHAIN[-1])


def test_an_empty_chain_stands_at_genesis() -> None:
    report = verify_chain(SERIES, [])
    assert report.intact and (report.head_number, report.head_hash) == (0, SERIES.genesis())


def test_checking_may_begin_in_the_middle() -> None:
    report = verify_chain(SERIES, CHAIN[3:], after_number=3, after_hash=document_hash(CHAIN[2]))
    assert report.intact and (report.count, report.head_number) == (3, 6)


OTHER = a_chain([("no_sale", {"reason": f"other {n}"}) for n in range(1, 7)])
FOREIGN = _document("no_sale", workstation_id="ws-2", number=3)


@pytest.mark.parametrize(
    ("chain", "number", "reason"),
    [
        (CHAIN[1:], 1, "gap"),
        (CHAIN[:2] + CHAIN[3:], 3, "gap"),
        (CHAIN[:3] + CHAIN[2:], 4, "gap"),
        (CHAIN[:2] + OTHER[2:], 3, "wrong_prev_hash"),
        (OTHER[:1] + CHAIN[1:], 2, "wrong_prev_hash"),
        ([*CHAIN[:2], FOREIGN, *CHAIN[3:]], 3, "wrong_series"),
        ([*CHAIN[:2], b"{}", *CHAIN[3:]], 3, "bad_document"),
        ([*CHAIN[:2], CHAIN[2] + b" ", *CHAIN[3:]], 3, "not_canonical"),
        ([*CHAIN[:2], b"\xff"], 3, "not_canonical"),
    ],
)
def test_a_broken_chain_names_the_first_break(chain: list[bytes], number: int, reason: str) -> None:
    report = verify_chain(SERIES, chain)
    assert report.first_break is not None and not report.intact
    assert (report.first_break.number, report.first_break.reason) == (number, reason)
    assert report.head_number == number - 1 == report.count


def test_the_chain_of_another_series_does_not_pass() -> None:
    report = verify_chain(Series("ws-1", 2), CHAIN)
    assert report.first_break is not None and report.first_break.reason == "wrong_series"


def test_a_changed_text_anywhere_breaks_the_chain_behind_it() -> None:
    for place in range(len(CHAIN) - 1):
        changed = CHAIN[place].replace(b'"reason":"', b'"reason":"x')
        report = verify_chain(SERIES, [*CHAIN[:place], changed, *CHAIN[place + 1 :]])
        assert report.first_break is not None and report.first_break.number == place + 2


def test_wrong_bodies_are_noted_counted_and_do_not_stop_the_check() -> None:
    wrong = [("sale", {**SALE, "total_minor": 1})] * (BODY_FAULTS_MAX + 5)
    report = verify_chain(SERIES, a_chain([("no_sale", NO_SALE), *wrong, ("no_sale", {})]))
    assert report.first_break is None and not report.intact
    assert (report.body_fault_count, len(report.body_faults)) == (BODY_FAULTS_MAX + 6, BODY_FAULTS_MAX)
    first = report.body_faults[0]
    assert (first.number, first.code, first.path) == (2, "unbalanced", "total_minor")
    assert RELEASE.version == 7
