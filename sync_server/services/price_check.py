"""Head office looks at the pricing of every sale it receives, after it is safely kept. No sale is refused.

*Check*: the independent checker over every sale with a pricing record, and its lines against that record.
*Solve*: priced again from its own question, off the receiving path: sales whose certificate leaves a doubt
(`proof: exact`, bound above the value), one in SAMPLE_ONE_IN by the document's hash, and disputed ones.
What either finds is kept and becomes a ruling (`promotions_differ`). docs/promotions.md, "Head office".
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import structlog

from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from pos_core.pricing.checker import check_basket, mandatory_in_doubt
from pos_core.pricing.codec import encode_bytes
from pos_core.pricing.engine import price_basket
from pos_core.pricing.refund_values import PricedSale
from pos_core.pricing.sale_record import InvalidSaleRecord, line_faults, load_sale_record
from pos_core.sync.folds.stamp import document_key
from pos_core.sync.rulings import Ruling, Terms, promotions_differ
from sync_server.services.acts import Act
from sync_server.services.release_rules import ReleaseRules, RuleBook
from sync_server.services.shared import Folding
from sync_server.services.shared.folding import terms_of
from sync_server.services.shared.price_rulings import price_rulings
from sync_server.store import price_check as kept
from sync_server.store.engine import Store, Txn
from sync_server.store.price_check import FindingRow, FoundBy, Place, SaleRow, SolveRow

SAMPLE_ONE_IN = 50
BATCH_NUMBERS = 200
SERIES_MAX = 64
FINDINGS_MAX = 20
_log = structlog.get_logger("sync_server.price_check")

Found = list[dict[str, str]]


class Judged(NamedTuple):
    """A sale looked at: what is wrong, and why it should be solved again (None: it need not)."""

    findings: Found
    solve: str | None


class PriceChecks:
    """Works through received sales; what is done is kept, so a restart goes on where it was."""

    def __init__(self, store: Store, rules: RuleBook, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._folding = folding

    def check_new(self) -> int:
        """Looks at every document not looked at yet; how many sales that were."""
        looked_at = 0
        while True:
            behind = self._store.read(lambda txn: kept.behind(txn, SERIES_MAX))
            if not behind:
                return looked_at
            for workstation_id, incarnation, checked, acked in behind:
                looked_at += self._check(workstation_id, incarnation, checked, acked)

    def solve_open(self, limit: int = 100) -> int:
        """Solves at most `limit` waiting sales again; how many it did."""
        waiting = self._store.read(lambda txn: kept.open_solves(txn, limit))
        for row in waiting:
            self._solve((row.workstation_id, row.incarnation, row.number))
        return len(waiting)

    def dispute(self, place: Place, act: Act | None = None) -> bool:
        """A customer doubts this sale: it is solved again before the others. False: no such sale.

        `act`: of the person at head office who asked, for the audit.
        """
        now = self._clock.now_ms()

        def ask(txn: Txn) -> bool:
            if kept.sale(txn, place) is None:
                return False
            kept.ask_again(txn, SolveRow(*place, "disputed", now))
            if act is not None:
                act.note(txn, now, "price_disputed", document_key(*place))
            return True

        return self._store.write(ask)

    def findings(self, limit: int = 1000) -> list[FindingRow]:
        """What is wrong, the newest first."""
        return self._store.read(lambda txn: kept.findings(txn, limit))

    def is_sale(self, place: Place) -> bool:
        """Whether an applied sale stands there."""
        return self._store.read(lambda txn: kept.sale(txn, place)) is not None

    def findings_of(self, place: Place) -> list[FindingRow]:
        """What is wrong with one sale, by source."""
        return self._store.read(lambda txn: kept.findings_of(txn, place))

    def solve_of(self, place: Place) -> SolveRow | None:
        """What is known of solving one sale again."""
        return self._store.read(lambda txn: kept.solve_of(txn, place))

    def counts(self) -> dict[str, int]:
        """Outcome of solving (or `open`) → sales."""
        return self._store.read(kept.counts)

    def _check(self, workstation_id: str, incarnation: int, checked: int, acked: int) -> int:
        last = min(acked, checked + BATCH_NUMBERS)
        sales = self._store.read(lambda txn: kept.sales(txn, workstation_id, incarnation, checked, last))
        now = self._clock.now_ms()
        findings: list[FindingRow] = []
        to_solve: list[SolveRow] = []
        for sale in sales:
            judged = self._judge(sale)
            if judged.findings:
                findings.append(_finding(sale, "check", now, 0, judged.findings))
                _log.warning("price_finding", number=sale.number, workstation=sale.workstation_id)
            if judged.solve is not None:
                to_solve.append(SolveRow(*sale.place, judged.solve, now))

        def keep(txn: Txn) -> None:
            kept.keep(txn, findings, to_solve)
            terms = terms_of(txn)
            said = [each for row in findings for each in _rulings(row, terms)]
            self._folding.rule(txn, [*price_rulings(txn, sales, terms), *said], now_ms=now)
            kept.advance(txn, workstation_id, incarnation, last)

        self._store.write(keep)
        return len(sales)

    def _judge(self, sale: SaleRow) -> Judged:
        """Never raises: a crash over one sale is a finding of that sale."""
        try:
            return self._looked_at(sale)
        except Exception as error:
            _log.exception("price_check_failed", number=sale.number, workstation=sale.workstation_id)
            return Judged([_said("/pricing", "check_failed", type(error).__name__)], None)

    def _looked_at(self, sale: SaleRow) -> Judged:
        body = json.loads(sale.data)["body"]
        rules = None if sale.release_version is None else self._rules.of(sale.release_version)
        if body.get("pricing") is None:
            owed = rules is not None and bool(rules.rules.promotions) and _sells(body)
            return Judged(
                [_said("/pricing", "not_priced", "the release has promotions")] if owed else [], None
            )
        try:
            priced = load_sale_record(body["pricing"])
        except InvalidSaleRecord as error:
            return Judged(
                [_said(f"/pricing{p.path}", p.code, p.reason) for p in error.problems[:FINDINGS_MAX]], None
            )
        if rules is None:
            return Judged([_said("/release", "release_unknown", "head office has no such release")], None)
        with rules.lock:
            found = [
                _said(f"/pricing/result{f.path}", f.code, f.reason)
                for f in check_basket(priced.question, rules.check, priced.answer)
            ]
            missed = not found and mandatory_in_doubt(priced.question, rules.check, priced.answer)
        found += [_said(*fault) for fault in line_faults(body, priced)]
        return Judged(found[:FINDINGS_MAX], "bound" if missed else _why_solve(sale, priced))

    def _solve(self, place: Place) -> None:
        sale = self._store.read(lambda txn: kept.sale(txn, place))
        now = self._clock.now_ms()
        outcome, difference, found = "not_solvable", 0, [_said("/", "gone", "the sale is not kept any more")]
        if sale is not None:
            try:
                outcome, difference, found = self._solved(sale)
            except Exception as error:
                _log.exception("price_solve_failed", number=sale.number, workstation=sale.workstation_id)
                found = [_said("/pricing", "solve_failed", type(error).__name__)]

        def keep(txn: Txn) -> None:
            kept.solved(txn, place, now, outcome)
            if sale is None:
                return
            row = _finding(sale, "solve", now, difference, found)
            if found:
                kept.keep(txn, [row], [])
            else:
                kept.clear(txn, place, "solve")
            key = promotions_differ.key_of(document_key(*place), "solve")
            said = {key: _rulings(row, terms_of(txn))}
            self._folding.rule_anew(txn, promotions_differ.RULE, said, now_ms=now)

        self._store.write(keep)

    def _solved(self, sale: SaleRow) -> tuple[str, int, Found]:
        record = json.loads(sale.data)["body"].get("pricing")
        rules = None if sale.release_version is None else self._rules.of(sale.release_version)
        if record is None or rules is None:
            return "not_solvable", 0, [_said("/pricing", "not_solvable", "without record or release")]
        try:
            priced = load_sale_record(record)
        except InvalidInput as error:
            return "not_solvable", 0, [_said("/pricing", "not_solvable", error.message)]
        return _compared(priced, rules)


def _compared(priced: PricedSale, rules: ReleaseRules) -> tuple[str, int, Found]:
    """The sale's answer beside ours. Explanations are no part of the price."""
    with rules.lock:
        ours = price_basket(priced.question, rules.rules)
    difference = priced.answer.payable_minor - ours.payable_minor
    if difference > 0:
        said = _said("/pricing/result", "not_cheapest", f"{difference} minor units too dear")
        return "cheaper", difference, [said]
    if difference < 0:
        said = _said("/pricing/result", "too_cheap", f"{-difference} minor units below the best legal plan")
        return "dearer", difference, [said]
    if encode_bytes(ours) != encode_bytes(priced.answer):
        return "other", 0, [_said("/pricing/result", "other_plan", "another plan of the same price")]
    return "same", 0, []


def _why_solve(sale: SaleRow, priced: PricedSale) -> str | None:
    answer = priced.answer
    saved = answer.discount_minor + answer.shipping.list_minor - answer.shipping.net_minor
    if answer.proof == "exact" and answer.certificate.upper_bound_minor > saved:
        return "bound"
    return "sample" if int(sale.hash[:8], 16) % SAMPLE_ONE_IN == 0 else None


def _sells(body: dict[str, Any]) -> bool:
    """True when goods were sold here and now: recorded and training sales have no promotions."""
    return bool(
        body.get("external_ref") is None and any(line["quantity_milli"] > 0 for line in body["lines"])
    )


def _said(path: str, code: str, reason: str) -> dict[str, str]:
    return {"path": path, "code": code, "reason": reason[:200]}


def _rulings(row: FindingRow, terms: Terms) -> tuple[Ruling, ...]:
    document = document_key(row.workstation_id, row.incarnation, row.number)
    found = json.loads(row.findings)
    return promotions_differ.rule(
        document, row.store_id, row.source, found, terms, difference_minor=row.difference_minor
    )


def _finding(sale: SaleRow, source: FoundBy, now_ms: int, difference: int, found: Found) -> FindingRow:
    return FindingRow(
        *sale.place,
        source,
        sale.store_id,
        sale.release_version,
        now_ms,
        difference,
        json.dumps(found[:FINDINGS_MAX], ensure_ascii=False),
    )
