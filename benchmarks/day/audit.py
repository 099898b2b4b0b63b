"""Whether every figure of the day agrees: what was said, the journals, head office, and the replicas."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from benchmarks.day.story import Clerk
from pos_client.journal.verify import verify_journal
from pos_client.storage.connection import Connection
from sync_server.head_office import HeadOffice
from sync_server.store import feed, quarantine

_TOTALS = "SELECT workstation_id, type, count(*), sum(total_minor) FROM transaction_total GROUP BY 1, 2"
_STOCK = "SELECT sku, sum(quantity_milli) FROM stock_movement GROUP BY sku"
_POINTS = "SELECT member_id, sum(points) FROM points_movement GROUP BY member_id"
_PURSES = "SELECT account_id, sum(amount_minor) FROM stored_value_movement GROUP BY account_id"
_TABLES = {"totals": _TOTALS, "stock": _STOCK, "points": _POINTS, "purses": _PURSES}


def differences(clerks: Iterable[Clerk], office: HeadOffice) -> list[str]:
    """Sentences, one for each figure that does not agree; [] is a good day."""
    clerks = list(clerks)
    found: list[str] = []
    for clerk in clerks:
        found += _said(clerk)
        found += _reports(clerk)
        found += _stock_seen(clerk, office)
    for name, statement in _TABLES.items():
        ours = Counter[tuple[Any, ...]]()
        for clerk in clerks:
            ours.update(_rows(_ask(clerk, statement)))
        theirs = office.store.read(lambda txn, sql=statement: _rows(txn.execute(text(sql)).fetchall()))  # type: ignore[misc]
        if +ours != +theirs or -ours != -theirs:
            found.append(f"{name}: {ours - theirs} here, {theirs - ours} at head office")
    aside = office.store.read(quarantine.count)
    if aside:
        found.append(f"{aside} documents in quarantine")
    return found


def verified(clerk: Clerk) -> list[str]:
    """What `verify` says of a closed journal: chain, signatures, balances, folded rows, witness."""
    from benchmarks.day.story import places_of
    from pos_client.keys.key_store import FileKeyStore

    places = places_of(clerk.folder)
    keys = FileKeyStore(clerk.folder / "keys")
    journal_key, witness_key = keys.get("journal_key"), keys.get("witness_key")
    assert journal_key is not None
    report = verify_journal(places.journal, journal_key, witness_path=places.witness, witness_key=witness_key)
    return [f"{each.code} {each.where}" for each in report.findings]


def _ask(clerk: Clerk, statement: str) -> list[tuple[Any, ...]]:
    journal = clerk.workstation.status._counter.journal

    def read(connection: Connection) -> list[tuple[Any, ...]]:
        return list(connection.execute(statement).fetchall())

    rows: list[tuple[Any, ...]] = journal.read(read)
    return rows


def _rows(rows: Iterable[Any]) -> Counter[tuple[Any, ...]]:
    """The last column by all others: figures of several journals add up."""
    found = Counter[tuple[Any, ...]]()
    for row in rows:
        *key, value = tuple(row)
        found[tuple(key)] += int(value)
    return found


def _said(clerk: Clerk) -> list[str]:
    """Each sale that was said is in the journal with its total, and no other."""
    rows = _ask(clerk, "SELECT number, total_minor FROM transaction_total WHERE type = 'sale'")
    kept = dict(rows)
    return [] if kept == clerk.told else [f"{clerk.folder.name}: said {clerk.told}, kept {kept}"]


def _reports(clerk: Clerk) -> list[str]:
    """The Z report against the documents, figure by figure and tender by tender."""
    report = clerk.workstation.reports.settled()
    rows = dict(_ask(clerk, "SELECT type, sum(total_minor) FROM transaction_total GROUP BY type"))
    totals = report.sums.totals
    found = []
    for name, figure, expected in (
        ("sales", totals.sales_minor, rows.get("sale", 0)),
        ("returns", totals.returns_minor, rows.get("return", 0)),
        ("grand total", report.grand.sales_minor, rows.get("sale", 0)),
    ):
        if figure != expected:
            found.append(f"{clerk.folder.name}: {name} {figure} in the Z report, {expected} in its documents")
    moved = _moved(clerk)
    for tender in report.tenders:
        if tender.expected_minor != moved[tender.tender_code]:
            told = f"{tender.expected_minor} in the Z report, {moved[tender.tender_code]} moved"
            found.append(f"{clerk.folder.name}: {tender.tender_code} {told}")
    counted = [each for each in report.tenders if each.counted_minor is not None]
    over = [each.tender_code for each in counted if each.difference_minor]
    return [*found, *(f"{clerk.folder.name}: {code} is over or short" for code in over)]


def _moved(clerk: Clerk) -> Counter[str]:
    """What each tender should hold, added up from the bytes of the documents."""
    moved = Counter[str]()
    for (data,) in _ask(clerk, "SELECT data FROM document ORDER BY document_key"):
        document = json.loads(data)
        kind, body = document["type"], document["body"]
        if kind == "shift_opened":
            moved["cash"] += body["float_minor"]
        elif kind == "tender_movement":
            goes_in = body["kind"] in ("loan", "paid_in")
            moved[body["tender_code"]] += body["amount_minor"] if goes_in else -body["amount_minor"]
        elif kind in ("sale", "return"):
            for tender in body["tenders"]:
                amount = tender["amount_minor"] - tender["change_minor"]
                moved[tender["tender_code"]] += amount if kind == "sale" else -amount
    return moved


def _stock_seen(clerk: Clerk, office: HeadOffice) -> list[str]:
    """What the operator sees of stock is head office's sum of everybody's movements, to the piece."""

    def read(txn: Any) -> dict[str, int]:
        return {str(sku): int(milli) for sku, milli in txn.execute(text(_STOCK)).fetchall()}

    theirs = office.store.read(read)
    shared = clerk.workstation.shared
    wrong = {sku: milli for sku, milli in theirs.items() if shared.on_hand(sku).on_hand_milli != milli}
    return [f"{clerk.folder.name}: stock of {sorted(wrong)[:3]} is another"] if wrong else []


def digests_agree(clerk: Clerk, office: HeadOffice) -> bool:
    """The replica's slices against head office's, byte for byte by their digests."""
    replica = clerk.workstation.status._counter.replica
    for scope in replica.scopes():
        theirs = office.store.read(lambda txn, scope=scope: feed.digests(txn, scope))  # type: ignore[misc]
        ours = {kind: list(value) for kind, value in replica.digests(scope, recompute=True).items()}
        if ours != {kind: value for kind, value in theirs.items() if value[0]}:
            return False
    return True


def as_json(clerks: Iterable[Clerk]) -> str:
    """What happened, for the log."""
    done = Counter[str]()
    for clerk in clerks:
        done.update(clerk.done)
    return json.dumps(dict(sorted(done.items())), ensure_ascii=False)
