"""State that this workstation folds from its own documents: shifts and the lock-out counters.

The bodies this reads: `shift_opened {"float_minor"}`, `shift_settled`, `sign_on_failed {"operator_number",
"failures", "locked_until_ms"}`, `signed_on {"operator_number"}`, `member_code_failed`,
`member_code_accepted`. Because the counter stands in a chained
document, an older file put back does not reset it unseen: the witness notices the shorter chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_client.journal.draft import document_key
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.sync.projection import TABLES, project

STATE = load_queries("pos_client.journal", "state")
RETURNS = load_queries("pos_client.journal", "returns")
_INSERTS = {
    name: f"INSERT INTO {name} ({', '.join(table.column_names)})"  # noqa: S608 (names from our own contract)
    f" VALUES ({', '.join('?' * len(table.columns))})"
    for name, table in TABLES.items()
}
FOLDED_TABLES = (*TABLES, "shift", "session_state", "member_code_state", "returned_sale")


def fold(connection: Connection, document: Mapping[str, Any]) -> None:
    """Writes all rows that follow from `document` (the decoded JSON object), inside its transaction."""
    for table, rows in project(document, document["body"]).items():
        connection.executemany(_INSERTS[table], rows)
    local = _LOCAL.get(document["type"])
    if local is not None:
        local(connection, document, document["body"])


def _fold_shift_opened(connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    connection.execute(
        STATE["open_shift"],
        (
            document["shift_id"],
            _key(document),
            document["occurred_at_ms"],
            document["business_day"],
            document["operator_id"],
            body.get("float_minor", 0),
        ),
    )


def _fold_shift_settled(connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    row = (_key(document), body.get("z_number"), document["shift_id"])
    connection.execute(STATE["settle_shift"], row)


def _fold_sign_on_failed(
    connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]
) -> None:
    if body["operator_number"] is not None:
        connection.execute(
            STATE["note_failed_sign_on"],
            (body["operator_number"], body["failures"], body["locked_until_ms"] or 0, _key(document)),
        )


def _fold_signed_on(connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    connection.execute(STATE["note_failed_sign_on"], (body["operator_number"], 0, 0, _key(document)))


def _fold_member_code_failed(
    connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]
) -> None:
    values = (body["member_id"], body["failures"], body["locked_until_ms"] or 0, _key(document))
    connection.execute(STATE["note_member_code"], values)


def _fold_member_code_accepted(
    connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]
) -> None:
    connection.execute(STATE["note_member_code"], (body["member_id"], 0, 0, _key(document)))


def _fold_approved(connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """The second person's PIN was right: his failures in a row are over."""
    if body.get("operator_number"):
        connection.execute(STATE["note_failed_sign_on"], (body["operator_number"], 0, 0, _key(document)))


def _fold_credential(connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Unlocked, or given a new PIN: the wrong ones are over. A lock leaves their count as it is."""
    if body["step"] != "locked":
        connection.execute(STATE["note_failed_sign_on"], (body["operator_number"], 0, 0, _key(document)))


def _fold_return(connection: Connection, document: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    origin = body["origin"]
    if origin is not None:
        row = (origin["workstation_id"], origin["incarnation"], origin["number"], _key(document))
        connection.execute(RETURNS["note_return"], row)


def _key(document: Mapping[str, Any]) -> int:
    return document_key(document["incarnation"], document["number"])


_LOCAL = {
    "shift_opened": _fold_shift_opened,
    "shift_settled": _fold_shift_settled,
    "sign_on_failed": _fold_sign_on_failed,
    "signed_on": _fold_signed_on,
    "override_approved": _fold_approved,
    "credential_changed": _fold_credential,
    "return": _fold_return,
    "member_code_failed": _fold_member_code_failed,
    "member_code_accepted": _fold_member_code_accepted,
}
