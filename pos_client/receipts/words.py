"""The fixed words of a receipt in both languages."""

from __future__ import annotations

from pos_client.receipts.model import Language

_WORDS: dict[str, tuple[str, str]] = {
    "copy": ("副本", "COPY"),
    "store": ("门店", "Store"),
    "workstation": ("收银台", "Till"),
    "number": ("单号", "No."),
    "operator": ("收银员", "Operator"),
    "time": ("时间", "Time"),
    "business_day": ("营业日", "Business day"),
    "member": ("会员", "Member"),
    "pieces": ("件数", "Pieces"),
    "subtotal": ("小计", "Subtotal"),
    "discount": ("优惠", "Discount"),
    "rounding": ("抹零", "Rounding"),
    "total": ("合计", "TOTAL"),
    "change": ("找零", "Change"),
    "tax": ("含税", "Tax incl."),
    "tax_of": ("税额", "tax"),
    "lookup": ("退换货请出示此码", "Show this code for returns"),
    "lookup_only": ("商品较多：外店退货须联网查单", "A long receipt: other stores look it up online"),
    "return": ("退货单", "RETURN"),
    "invoice": ("扫码开票", "Scan for an e-invoice"),
    "points_earned": ("本次积分", "Points earned"),
    "points_spent": ("使用积分", "Points spent"),
    "points_balance": ("积分余额", "Points balance"),
    "purse_sold": ("储值售卡", "Stored value sold"),
    "purse_topped_up": ("储值充值", "Topped up"),
    "purse_bonus": ("充值赠送", "Bonus"),
    "purse_spent": ("储值消费", "Stored value spent"),
    "purse_refunded": ("退回储值", "Back on stored value"),
    "purse_paid_out": ("储值退款", "Stored value paid out"),
    "purse_adjusted": ("储值调整", "Stored value corrected"),
    "purse_balance": ("储值余额", "Stored value"),
    "deposits": ("押金", "Deposits"),
    "offline": ("离线销售，联网后可查", "Sold offline; on record once online"),
    "thanks": ("谢谢惠顾", "Thank you"),
    "training": ("培训 作废", "TRAINING"),
    "report_x": ("X 报表", "X REPORT"),
    "report_z": ("Z 报表", "Z REPORT"),
    "report_day": ("日报表", "DAY REPORT"),
    "opened": ("开班", "Opened"),
    "covers": ("单据范围", "Documents"),
    "sales": ("销售", "Sales"),
    "returns": ("退货", "Returns"),
    "net": ("净额", "Net"),
    "tenders": ("付款方式", "Tenders"),
    "expected": ("应有", "expected"),
    "counted": ("实点", "counted"),
    "over": ("长款", "over"),
    "short": ("短款", "short"),
    "reason": ("原因", "Reason"),
    "float": ("备用金", "Float"),
    "paid_in": ("收入现金", "Paid in"),
    "paid_out": ("支出现金", "Paid out"),
    "loan": ("领取零钱", "Loan"),
    "pickup": ("提款", "Pickup"),
    "voided": ("删行", "Lines voided"),
    "abandoned": ("整单取消", "Baskets given up"),
    "manual": ("手工折扣", "Manual discounts"),
    "no_sales": ("无销售开钱箱", "No-sale openings"),
    "reprints": ("补打", "Copies printed"),
    "overrides": ("授权", "Overrides"),
    "till_counts": ("点钞次数", "Till counts"),
    "grand_sales": ("累计销售", "Grand total sales"),
    "grand_returns": ("累计退货", "Grand total returns"),
    "held": ("挂单", "On hold"),
    "restated": ("结班后补入单据，更正：", "Restated by documents found later:"),
    "amount": ("金额", "Amount"),
    "slip_no_sale": ("开钱箱", "NO SALE"),
    "slip_paid_in": ("收入现金", "PAID IN"),
    "slip_paid_out": ("支出现金", "PAID OUT"),
    "slip_loan": ("领取零钱", "LOAN"),
    "slip_pickup": ("提款", "PICKUP"),
    "test_page": ("打印测试", "PRINTER TEST"),
    "markdown": ("特价", "REDUCED"),
    "was": ("原价", "was"),
    "watch": ("操作监控", "WATCH"),
    "override_rate": ("授权占比", "Overrides per sale"),
    "watch_sales": ("销售", "Sales"),
    "watch_returns": ("退货", "Returns"),
    "watch_voids": ("删行", "Lines voided"),
    "watch_voids_after_total": ("收款后删行", "Voided after total"),
    "watch_abandoned": ("整单取消", "Baskets given up"),
    "watch_abandoned_after_total": ("收款后整单取消", "Given up after total"),
    "watch_drawer_without_sale": ("无销售开钱箱", "Drawer without sale"),
    "watch_no_sale_after_void": ("删行后一分钟内开钱箱", "Drawer within 60 s of a void"),
    "watch_return_without_receipt": ("无小票退货", "Returns without receipt"),
    "watch_overrides": ("授权", "Overrides"),
    "watch_manual_discounts": ("手工折扣", "Manual discounts"),
    "watch_near_limit": ("折扣紧贴上限", "Discounts just under the limit"),
    "watch_confirmed_by_eye": ("离线肉眼确认收款", "Mobile confirmed by eye, offline"),
    "watch_reprints": ("补打", "Copies printed"),
    "watch_till_counts": ("点钞", "Till counts"),
    "signature": ("签名", "Signature"),
}


def word(key: str, language: Language) -> str:
    """The word for `key`; a copy's mark is in both languages at once."""
    zh, en = _WORDS[key]
    if key == "copy":
        return f"{zh} {en}"
    return zh if language == "zh" else en


_SYMBOLS = {"CNY": "￥", "JPY": "￥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$"}


def currency_symbol(currency: str) -> str:
    """What stands before the total: ￥ (U+FFE5, never U+00A5), or the ISO code."""
    return _SYMBOLS.get(currency, currency + " ")
