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
    "thanks": ("谢谢惠顾", "Thank you"),
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
