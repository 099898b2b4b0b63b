"""Tender types, policies and promotions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.pricing.codec import decode
from pos_core.pricing.contradictions import contradictions_of
from pos_core.pricing.rule import Promotion
from pos_core.pricing.validate import Problem, problems_in
from sync_server.services.importing.cells import (
    choice_cell,
    code_cell,
    flag_cell,
    integer_cell,
    json_cell,
    text_cell,
)
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import Fault, FeedKind, FileState, ImportKind, Plan, outcome_of
from sync_server.services.importing.policies import policy_fault
from sync_server.store import masters
from sync_server.store.engine import Txn

TENDER_KINDS = {
    "cash": "cash",
    "现金": "cash",
    "card": "card",
    "银行卡": "card",
    "mobile": "mobile",
    "移动支付": "mobile",
    "stored_value": "stored_value",
    "储值卡": "stored_value",
    "voucher": "voucher",
    "代金券": "voucher",
}


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _text(text: str, _: ChainView) -> str:
    return text_cell(text)


def _flag(text: str, _: ChainView) -> int:
    return flag_cell(text)


PROBLEMS_OF_A_ROW_MAX = 20

DELETE = Field("delete", ("删除",), _flag, default=0)


def _tender_kind(text: str, _: ChainView) -> str:
    return choice_cell(text, TENDER_KINDS)


class TenderTypes(FeedKind):
    """Means of payment and their place in the payment dialog."""

    name = "tender-types"
    feed_kind = "tender_type"
    fields = (
        Field("tender_code", ("支付编码", "支付方式编码"), _code, required=True),
        Field("tender_kind", ("类型", "支付类型", "kind"), _tender_kind, required=True),
        Field("name", ("名称", "支付方式"), _text, required=True),
        Field("name_en", ("英文名称", "英文名"), _text, default=""),
        Field("opens_drawer", ("开钱箱",), _flag, default=0),
        Field("gives_change", ("找零",), _flag, default=0),
        Field("position", ("顺序", "位置"), lambda text, _: integer_cell(text, low=1, high=99), default=99),
        DELETE,
    )


class Policies(FeedKind):
    """Policies: a key and a JSON value. A `.json` file of `{key: value}` is taken as well."""

    name = "policies"
    feed_kind = "policy"
    fields = (
        Field("policy_key", ("策略", "策略编码", "key"), _code, required=True),
        Field("value", ("值", "策略值"), lambda text, _: json_cell(text)),
        DELETE,
    )

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        for row in rows:
            fault = policy_fault(row.values["policy_key"], row.values.get("value"), chain.exponent)
            if fault and not row.values.get("delete"):
                yield row, "value", "bad_policy", fault.message

    def row_of(self, values: Values, known: Values, chain: ChainView) -> Values:
        return {**values, "value": canonical_bytes(values["value"]).decode()}


class Promotions(ImportKind):
    """Promotions as JSON by the schema of `pos_core.pricing`; drafts until the next release."""

    name = "promotions"
    fields = (Field("promotion", ("促销",), lambda text, _: json_cell(text), required=True), DELETE)

    def key(self, values: Values) -> tuple[str, ...]:
        data = values["promotion"]
        return (str(data.get("id")) if isinstance(data, dict) else str(data)[:80],)

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        for row in rows:
            for problem in _promotion_problems(row.values["promotion"])[:PROBLEMS_OF_A_ROW_MAX]:
                yield row, "promotion", "bad_promotion", f"{problem.path}: {problem.code}: {problem.reason}"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        known = masters.promotion_drafts(txn)
        plans = []
        for row in rows:
            promotion_id = row.values["promotion"]["id"]
            text = canonical_bytes(row.values["promotion"]).decode()
            if row.values.get("delete"):
                gone = promotion_id in known
                plan = Plan("changed" if gone else "unchanged")
                plan.masters = [(masters.drop_promotions, promotion_id)] if gone else []
            else:
                plan = Plan(outcome_of([known[promotion_id]] if promotion_id in known else None, [text]))
                if plan.outcome != "unchanged":
                    plan.masters = [(masters.put_promotions, (promotion_id, text))]
            plans.append(plan)
        return plans


def _promotion_problems(data: Any) -> list[Problem]:
    """What the schema refuses; where it refuses nothing, what cannot be meant."""
    problems = problems_in(data, "promotion")
    return problems or list(contradictions_of(decode(Promotion, data)))


__all__: list[Any] = ["Policies", "Promotions", "TenderTypes"]
