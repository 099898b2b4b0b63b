"""Why somebody did it: reason codes by kind of action.

Policy `reason_codes`: kind → list of `{"code", "name", "name_en"}`. A kind that it does not name keeps its
default list; an empty list asks for no reason (docs/documents.md, "Approvals").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pos_core.errors import InvalidInput
from pos_core.sale.limits import KINDS

CODE_MAX, NAME_MAX, REASONS_MAX = 32, 40, 30


class BadReasonCodes(InvalidInput):
    """A policy with an unknown kind, or a reason without code or name; `facts["path"]`."""

    code = "bad_reason_codes"


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` goes into the document, the name onto the screen and the receipt."""

    code: str
    name: str
    name_en: str


Reasons = Mapping[str, tuple[Reason, ...]]

_NEAR_EXPIRY = Reason("near_expiry", "临期", "Near its date")
_DAMAGED = Reason("damaged", "破损", "Damaged")
_GOODWILL = Reason("goodwill", "客情让利", "Goodwill")
_NOT_WANTED = Reason("not_wanted", "顾客不要了", "Not wanted")
_DEFECT = Reason("defect", "质量问题", "Faulty")
_WRONG_ITEM = Reason("wrong_item", "买错", "Wrong item")
DEFAULT_REASONS: Reasons = {
    "price_override": (
        Reason("wrong_label", "标价不符", "Shelf label differs"),
        Reason("price_match", "同行比价", "Price match"),
        _NEAR_EXPIRY,
        _DAMAGED,
    ),
    "line_discount": (_NEAR_EXPIRY, _DAMAGED, Reason("display", "样品", "Display piece"), _GOODWILL),
    "basket_discount": (
        _GOODWILL,
        Reason("staff", "员工优惠", "Staff"),
        Reason("bulk", "团购", "Bulk order"),
    ),
    "void": (
        Reason("mistake", "扫错", "Scanned by mistake"),
        _NOT_WANTED,
        Reason("no_money", "钱不够", "Not enough money"),
    ),
    "return": (_NOT_WANTED, _DEFECT, _WRONG_ITEM, Reason("expired", "过期", "Past its date")),
    "return_without_receipt": (_DEFECT, _NOT_WANTED, Reason("lost_receipt", "小票遗失", "Receipt lost")),
}


def parse_reasons(policy: object) -> Reasons:
    """The policy value (decoded JSON; None: the defaults). Raises BadReasonCodes."""
    if policy is None:
        return DEFAULT_REASONS
    if not isinstance(policy, Mapping):
        raise BadReasonCodes("reason_codes must be an object", path="reason_codes", reason="not_an_object")
    found = dict(DEFAULT_REASONS)
    for kind, rows in policy.items():
        path = f"reason_codes.{str(kind)[:32]}"
        if kind not in KINDS or not isinstance(rows, list) or len(rows) > REASONS_MAX:
            raise BadReasonCodes(
                f"{kind!r} is no kind with a list of reasons",
                path=path,
                reason="reason_list",
                most=REASONS_MAX,
            )
        reasons = tuple(read_reason(row, f"{path}[{place}]") for place, row in enumerate(rows))
        if len({reason.code for reason in reasons}) != len(reasons):
            raise BadReasonCodes("a code stands twice", path=path, reason="doubled")
        found[kind] = reasons
    return found


def read_reason(row: object, path: str) -> Reason:
    """A reason of a policy. Raises BadReasonCodes."""
    if not isinstance(row, Mapping):
        raise BadReasonCodes("a reason is an object", path=path, reason="not_an_object")
    code, name, name_en = row.get("code"), row.get("name"), row.get("name_en", "")
    if not isinstance(code, str) or not 0 < len(code) <= CODE_MAX:
        raise BadReasonCodes("a reason has a code", path=f"{path}.code", reason="text_within", most=CODE_MAX)
    if not isinstance(name, str) or not 0 < len(name) <= NAME_MAX:
        raise BadReasonCodes("a reason has a name", path=f"{path}.name", reason="text_within", most=NAME_MAX)
    if not isinstance(name_en, str) or len(name_en) > NAME_MAX:
        raise BadReasonCodes(
            "name_en is a short text", path=f"{path}.name_en", reason="text_within", most=NAME_MAX
        )
    return Reason(code, name, name_en or name)
