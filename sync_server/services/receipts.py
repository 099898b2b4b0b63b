"""Receipts looked up for a return: any sale by its reference, a store's own by member or day.

The answer is what a receipt's code holds, with the returns that are known; names, phones and cards are in
neither. A store asks for its own days and its own members only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from pos_core.clock import Clock
from pos_core.sale.receipt_summary import pack_summary
from pos_core.sale.sold_shares import used_promotions
from pos_core.sync.receipt_messages import FoundReceipt, ReceiptAnswer, ReceiptBack, ReceiptQuestion
from sync_server.services.errors import MalformedRequest, NotYours
from sync_server.services.question_limit import QuestionLimit
from sync_server.store import feed, fold_state, sold
from sync_server.store.engine import Store, Txn
from sync_server.store.sold import Place
from sync_server.store.workstation import WorkstationRow

LIMIT_MAX = 50
SUMMARY_BYTES_MAX = 256 * 1024
"""Of all summaries of one answer."""
QUESTIONS_A_MINUTE_MAX = 60
_TEXT_MAX = 100


class Receipts:
    """Answers; keeps nothing."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._limit = QuestionLimit(clock, QUESTIONS_A_MINUTE_MAX)

    def ask(self, caller: WorkstationRow, question: ReceiptQuestion) -> ReceiptAnswer:
        """Raises MalformedRequest, NotYours (a member who is not the store's), TooManyAttempts."""
        self._limit.count(caller.workstation_id)
        _check(question)
        limit = min(question.limit, LIMIT_MAX)

        def look(txn: Txn) -> ReceiptAnswer:
            places = self._places(txn, caller.store_id, question, limit + 1)
            return _answer(txn, places[:limit], more=len(places) > limit)

        return self._store.read(look)

    def _places(self, txn: Txn, store_id: str, question: ReceiptQuestion, limit: int) -> list[Place]:
        if question.workstation_id is not None:
            return [(question.workstation_id, question.incarnation, question.number)]
        if question.member_id is not None:
            if feed.row_by_key(txn, "member", f"store:{store_id}", [question.member_id]) is None:
                raise NotYours("no member of this store")
            return sold.of_member(txn, question.member_id, store_id, limit)
        assert question.business_day is not None
        return sold.of_day(
            txn,
            store_id,
            question.business_day,
            total_minor=question.total_minor,
            sku=question.sku,
            limit=limit,
        )


def _check(question: ReceiptQuestion) -> None:
    texts = (question.workstation_id, question.member_id, question.business_day, question.sku)
    wanted = (question.workstation_id, question.member_id, question.business_day)
    right = (
        sum(each is not None for each in wanted) == 1
        and all(text is None or 0 < len(text) <= _TEXT_MAX for text in texts)
        and question.limit > 0
        and all(0 <= each < 2**40 for each in (question.incarnation, question.number))
        and abs(question.total_minor or 0) < 2**53
    )
    if not right:
        raise MalformedRequest("one of workstation_id, member_id and business_day is asked for")


def _answer(txn: Txn, places: list[Place], *, more: bool) -> ReceiptAnswer:
    found: list[FoundReceipt] = []
    size = 0
    for place in places:
        data = fold_state.document_at(txn, place)
        document = None if data is None else json.loads(data)
        if document is None or document["type"] != "sale":
            continue
        packed = pack_summary(
            document, chain="", limited=used_promotions(document["body"])
        )  # no paper to fit on
        size += len(packed)
        if found and size > SUMMARY_BYTES_MAX:
            return ReceiptAnswer(found, more=True)
        found.append(FoundReceipt(base64.b64encode(packed).decode(), _returns(txn, document, place)))
    return ReceiptAnswer(found, more=more)


def _returns(txn: Txn, document: Mapping[str, Any], place: Place) -> list[ReceiptBack]:
    rows = [json.loads(text) for text in sold.returns_known(txn, document["store_id"], place)]
    return [ReceiptBack(row[3], row[4], row[5], json.loads(row[6])) for row in rows]
