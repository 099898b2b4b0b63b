"""A receipt with everything on it, for the rendering tests."""

from __future__ import annotations

from pos_client.receipts.model import Receipt, ReceiptDiscount, ReceiptLine, ReceiptTax, ReceiptTender

LOOKUP = "TM1.0193f0a2-7a4b-7c3d-9e8f-001122334455.1.123"


def sample_receipt() -> Receipt:
    return Receipt(
        store_id="S001",
        store_name="潮汐超市 人民广场店",
        store_address="上海市黄浦区南京东路 100 号 1 层",
        workstation_name="1号收银台",
        series_label="S001-01",
        number=123,
        document_id="0193f0a2-7a4b-7c3d-9e8f-aabbccddeeff",
        operator_name="王小明",
        occurred_at_ms=1_795_000_000_000,
        time_zone="Asia/Shanghai",
        business_day="2026-11-18",
        currency="CNY",
        exponent=2,
        lines=(
            ReceiptLine(
                "可口可乐 330ml 罐装",
                "6901234567892",
                3000,
                "罐",
                350,
                1050,
                950,
                (ReceiptDiscount("第二件半价", 100),),
            ),
            ReceiptLine("红富士苹果(散称)", "200123", 452, "kg", 1280, 579, 579),
            ReceiptLine(
                "特仑苏纯牛奶250ml×12包礼盒装梦幻盖限量珍藏版超长名字",
                "6923644223458",
                1000,
                "箱",
                6590,
                6590,
                6590,
            ),
        ),
        subtotal_minor=8219,
        discount_minor=100,
        cash_rounding_minor=-9,
        total_minor=8110,
        tenders=(ReceiptTender("现金", 10000, 1890),),
        change_minor=1890,
        taxes=(ReceiptTax(130_000, 7000, 910), ReceiptTax(90_000, 500, 45)),
        lookup_code=LOOKUP,
        member_name="李*",
    )
