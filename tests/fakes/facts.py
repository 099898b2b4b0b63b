"""Documents of several workstations for tests of folds and rulings; each body passes the real check."""

from __future__ import annotations

from typing import Any

from pos_core.clock import HybridTime
from pos_core.sync.envelope import check_body
from pos_core.sync.folds import Fact, facts_of
from pos_core.sync.folds.stamp import Stamp

T0 = 1_700_000_000_000
Document = tuple[dict[str, Any], dict[str, Any]]


def hlc(ms: int, logical: int = 0) -> str:
    """Hybrid time `ms` milliseconds after T0."""
    return HybridTime(T0 + ms, logical).as_text()


def stamp(ms: int, workstation_id: str = "ws-1", number: int = 1, place: int = 0) -> Stamp:
    return Stamp(hlc(ms), workstation_id, 1, number, place)


def document(
    kind: str,
    body: dict[str, Any],
    *,
    at: int = 0,
    workstation_id: str = "ws-1",
    incarnation: int = 1,
    number: int = 1,
    store_id: str = "S1",
    shift_id: str | None = "SH1",
) -> Document:
    """A header and its body; `at` is milliseconds after T0."""
    check_body(kind, body)
    header = {
        "type": kind,
        "workstation_id": workstation_id,
        "incarnation": incarnation,
        "number": number,
        "document_id": f"{workstation_id}-{incarnation}-{number}",
        "store_id": store_id,
        "hlc": hlc(at),
        "business_day": "2026-01-02",
        "operator_id": "E1",
        "shift_id": shift_id,
    }
    return header, body


def facts(made: Document) -> tuple[Fact, ...]:
    return facts_of(*made)


def sale(
    *,
    sku: str = "1001",
    quantity_milli: int = 1000,
    price_minor: int = 350,
    manual_minor: int = 0,
    member_id: str | None = None,
    points: tuple[dict[str, Any], ...] = (),
    coupons: tuple[dict[str, Any], ...] = (),
    origin: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A body of one line, paid in cash; a return's when `origin` is given."""
    gross = quantity_milli * price_minor // 1000
    net = gross - manual_minor
    discount = {"source": "manual", "id": "", "name": "", "amount_minor": manual_minor}
    line: dict[str, Any] = {
        "line_no": 1,
        "sku": sku,
        "gtin": None,
        "name": sku,
        "department_code": None,
        "quantity_milli": quantity_milli,
        "unit_price_minor": price_minor,
        "list_minor": gross,
        "discounts": [discount] if manual_minor else [],
        "net_minor": net,
        "tax_class_code": "Z",
        "tax_rate_ppm": 0,
        "tax_minor": 0,
        "entered": "scan",
    }
    body: dict[str, Any] = {
        "currency": "CNY",
        "exponent": 2,
        "price_list_id": "PL1",
        "instant_ms": T0,
        "channel": "pos",
        "member_id": member_id,
        "lines": [line],
        "voided_lines": [],
        "subtotal_minor": gross,
        "discount_minor": manual_minor,
        "cash_rounding_minor": 0,
        "total_minor": net,
        "tax_minor": 0,
        "tenders": [
            {
                "tender_code": "cash",
                "tender_kind": "cash",
                "amount_minor": net,
                "change_minor": 0,
                "confirmed": None,
                "reference": None,
            }
        ],
        "pricing": None,
        "external_ref": None,
        "points_movements": list(points),
        "coupon_uses": list(coupons),
        **more,
    }
    if origin is not None:
        line["origin_line_no"] = 1
        body["origin"] = origin
    return body


def points(member_id: str, amount: int, **more: Any) -> dict[str, Any]:
    return {"member_id": member_id, "points": amount, "reason": "rule", **more}


def coupon(code: str | None = "C1", *, campaign_id: str = "K", amount_minor: int = 100, **more: Any) -> Any:
    return {
        "campaign_id": campaign_id,
        "coupon_code": code,
        "member_id": None,
        "amount_minor": amount_minor,
        **more,
    }


def count(
    counted_milli: int, *, sku: str = "1001", cut: dict[str, int] | None = None, **more: Any
) -> dict[str, Any]:
    """`cut`: workstation (incarnation 1) → last number heard live."""
    heard = [{"workstation_id": name, "incarnation": 1, "number": last} for name, last in (cut or {}).items()]
    line = {"line_no": 1, "sku": sku, "recorded_milli": 0, "counted_milli": counted_milli}
    return {"lines": [line], "cut": heard, **more}
