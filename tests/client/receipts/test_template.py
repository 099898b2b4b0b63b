"""The chain's template: what it may say, what it cannot break, and what comes out on both papers."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
import zxingcpp

from pos_client.receipts.escpos import text_bytes
from pos_client.receipts.from_document import ReceiptContext, receipt_of
from pos_client.receipts.gb18030 import width
from pos_client.receipts.layout import COLUMNS, lay_out
from pos_client.receipts.model import Receipt
from pos_client.receipts.raster import picture
from pos_client.receipts.return_code import return_code
from pos_client.receipts.rows import CodeRow, PictureRow, TextRow
from pos_client.receipts.screen import as_text
from pos_client.receipts.slips import Slip, lay_out_slip
from pos_client.receipts.template import ALWAYS, BLOCKS, BadReceiptTemplate, parse_template
from pos_core.catalog.store import Store
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import Payment
from tests.client.receipts.sample import sample_receipt
from tests.fakes.core_values import CASH, a_basket

LOGO = {"width": 24, "height": 16, "bits": base64.b64encode(bytes([0b10101010] * 48)).decode()}
FULL = {
    "header": ["欢迎光临 Welcome"],
    "footer": ["客服 400-000-0000", "七日内凭小票退换"],
    "logo": LOGO,
    "invoice_link": "https://fp.example.cn/{store_id}?n={number}&a={total_minor}&c={code}",
}


def receipt_with(template: Any, **changes: Any) -> Receipt:
    return replace(sample_receipt(), template=parse_template(template), **changes)


def document() -> dict[str, Any]:
    body = sale_body(a_basket(), Payment(350).add(CASH))
    return {
        "type": "sale",
        "workstation_id": "ws 1/2",
        "incarnation": 2,
        "number": 77,
        "document_id": "d",
        "store_id": "S&1",
        "occurred_at_ms": 0,
        "business_day": "2026-11-22",
        "body": {
            **body,
            "offline": True,
            "points_movements": [{"points": 3}, {"points": -100}, {"points": 4}],
        },
    }


def context(template: Any = None, **more: Any) -> ReceiptContext:
    store = Store("S&1", "店", "r", "a", None, None, "Asia/Shanghai", "PL1", ())
    return ReceiptContext(store, "收银台1", "王", template=parse_template(template), **more)


@pytest.mark.parametrize("columns", COLUMNS.values())
def test_everything_of_the_template_stands_and_fits(columns: int) -> None:
    receipt = receipt_with(
        FULL, invoice_code="https://fp.example.cn/S001?n=1", points=(("points_earned", 81),)
    )
    rows = lay_out(receipt, columns)
    text = as_text(rows, columns)
    for words in ("欢迎光临", "客服 400-000-0000", "本次积分", "+81"):
        assert words in text
    assert not [row for row in rows if isinstance(row, TextRow) and width(row.text) * row.size > columns]
    codes = [row.payload for row in rows if isinstance(row, CodeRow)]
    assert codes == [receipt.lookup_code, receipt.invoice_code]
    read = zxingcpp.read_barcodes(picture(rows, columns).convert("L"))
    assert {code.text for code in read} == set(codes)


def test_blocks_come_in_the_order_of_the_template_and_the_needed_ones_always() -> None:
    text = as_text(lay_out(receipt_with({"blocks": ["taxes", "lines"]}), 48), 48)
    assert text.index("含税 13%") < text.index("可口可乐")
    for needed in ("潮汐超市", "81.10", "100.00", "S001-01-000123"):
        assert needed in text
    assert "退换货" not in text and "谢谢" not in text


@pytest.mark.parametrize("blocks", [[], ["footer"], list(reversed(BLOCKS)), ["lines", "lines"]])
def test_no_template_makes_a_receipt_that_is_none(blocks: list[str]) -> None:
    template = parse_template({"blocks": blocks})
    assert set(template.blocks) >= ALWAYS and len(set(template.blocks)) == len(template.blocks)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"blocks": ["poem"]},
        {"blocks": "lines"},
        {"header": "x"},
        {"footer": ["x" * 201]},
        {"logo": {"width": 24, "height": 16, "bits": "AAAA"}},
        {"logo": {"width": 10**6, "height": 1, "bits": ""}},
        {"logo": {"width": 8, "height": 1, "bits": "!!"}},
        {"invoice_link": "https://x/{body}"},
        {"invoice_link": "https://x/{store_id.__class__}"},
        {"invoice_link": "https://x/{number:>99999999}"},
        {"invoice_link": "https://x/{"},
        {"invoice_link": "https://发票/{number}"},
    ],
)
def test_a_template_that_cannot_be_understood_is_refused(value: Any) -> None:
    with pytest.raises(BadReceiptTemplate):
        parse_template(value)


def test_the_document_says_points_offline_and_both_codes() -> None:
    receipt = receipt_of(document(), context(FULL))
    assert receipt.points == (("points_earned", 7), ("points_spent", -100))
    assert receipt.is_offline and not receipt.is_return
    back = receipt_of({**document(), "type": "return"}, context(FULL))
    assert back.points == (("points_given_back", 7), ("points_taken_back", -100))
    assert receipt.lookup_code == return_code(document()) == "TM1.ws 1/2.2.77"
    assert receipt.invoice_code == "https://fp.example.cn/S%261?n=77&a=350&c=TM1.ws%201/2.2.77"
    assert "离线销售" in as_text(lay_out(receipt, 32), 32)


def test_training_is_marked_first_and_last_and_gets_no_invoice() -> None:
    rows = lay_out(receipt_of(document(), context(FULL, is_training=True)), 32)
    marks = [row for row in rows if isinstance(row, TextRow) and "培训" in row.text]
    assert rows[0] in marks and rows[-1] in marks
    assert not any(isinstance(row, CodeRow) and "fp.example" in row.payload for row in rows)


def test_the_logo_is_the_same_dots_in_bytes_and_picture() -> None:
    logo = parse_template(FULL).logo
    assert logo is not None
    data = text_bytes([logo])
    head = b"\x1dv0\x00" + (3).to_bytes(2, "little") + (16).to_bytes(2, "little")
    assert head + logo.bits in data
    image = picture([logo], 32)
    left = (image.width - 24) // 2
    dots = [image.getpixel((left + x, 4)) for x in range(24)]
    assert dots == [0 if x % 2 == 0 else 255 for x in range(24)]


def test_a_logo_wider_than_the_paper_is_left_out() -> None:
    wide = {"width": 576, "height": 8, "bits": base64.b64encode(bytes(72 * 8)).decode()}
    receipt = receipt_with({"logo": wide})
    assert not any(isinstance(row, PictureRow) for row in lay_out(receipt, 32))
    assert any(isinstance(row, PictureRow) for row in lay_out(receipt, 48))


@pytest.mark.parametrize("columns", COLUMNS.values())
@pytest.mark.parametrize("kind", ["no_sale", "paid_in", "paid_out", "loan", "pickup"])
def test_a_slip_fits_and_asks_for_a_signature_where_money_moved(kind: str, columns: int) -> None:
    slip = Slip(
        kind, "S001", "潮汐超市人民广场店", "收银台1", "收银台1", 12, "王小明", 0, "Asia/Shanghai",
        "2026-11-22", "CNY", 2, None if kind == "no_sale" else 1_234_567, "存入保险柜",
    )  # fmt: skip
    text = as_text(lay_out_slip(slip, columns), columns)
    assert ("签名" in text) == (kind != "no_sale")
    assert max(width(line) for line in text.splitlines()) <= columns
