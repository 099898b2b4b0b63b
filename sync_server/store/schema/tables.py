"""The tables of head office, for embedded SQLite and PostgreSQL alike.

Times are epoch milliseconds UTC. Every unique key of a table that grows with sales begins with the
workstation or the store, so that the tables can be spread over machines later. The column order of a
table is the order of the tuples that `Txn.insert_many` takes.
"""

from __future__ import annotations

from sqlalchemy import Index, MetaData, Sequence, Table

from pos_core.sync.projection import TABLES
from sync_server.store.schema.columns import binary as _bytes
from sync_server.store.schema.columns import integer as _int
from sync_server.store.schema.columns import text as _text

metadata = MetaData()

# The chain itself ------------------------------------------------------------------------------------

chain_state = Table("chain_state", metadata, _text("name", key=True), _text("value"))
"""chain_id, chain_name, epoch, created_at_ms, …: see store/chain_state.py."""

feed_head = Table("feed_head", metadata, _int("one", key=True), _int("sequence"))
"""One row. Embedded: the last feed sequence given out. PostgreSQL: what a writer to the whole chain locks."""

scope_head = Table("scope_head", metadata, _text("scope", key=True), _int("sequence"))
"""The last sequence that the pages of a scope may show."""

nonce = Table(
    "nonce", metadata, _text("workstation_id", key=True), _text("nonce", key=True), _int("seen_at_ms")
)
"""Nonces of signed requests where several processes answer; empty on the embedded database."""

audit = Table(
    "audit",
    metadata,
    _text("audit_id", key=True),  # UUIDv7
    _int("at_ms"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("facts"),  # canonical JSON, no personal data
)

# Workstations and what they sent ---------------------------------------------------------------------

workstation = Table(
    "workstation",
    metadata,
    _text("workstation_id", key=True),
    _text("store_id"),
    _text("name"),
    _text("state"),  # active | revoked
    _text("public_key"),  # base64 Ed25519
    _text("sealing_key"),  # base64 X25519: what only this workstation may open is sealed to it
    _int("incarnation"),
    _text("app_version"),
    _int("enrolled_at_ms"),
    _int("revoked_at_ms", null=True),
    _int("last_contact_ms"),
)

series = Table(
    "series",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _text("store_id"),
    _text("public_key"),
    _int("acked_number"),
    _text("head_hash"),
    _int("opened_at_ms"),
    _int("received_at_ms"),  # of the newest document
)

signed_head = Table(
    "signed_head",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
    _text("hash"),
    _text("signature"),
    _int("received_at_ms"),
)

document = Table(
    "document",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
    _text("store_id"),
    _text("type"),
    _int("occurred_at_ms"),
    _text("business_day"),
    _text("operator_id", null=True),
    _text("shift_id", null=True),
    _int("release_version", null=True),
    _text("hash"),
    _bytes("data"),  # canonical bytes, as sent
    _int("received_at_ms"),
)
"""Applied documents; what of their headers nothing asks for stands in `data` alone.

A number that is quarantined instead stands in `quarantine` with `in_chain` 1.
"""

quarantine = Table(
    "quarantine",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
    _text("hash", key=True),
    _text("store_id"),
    _int("in_chain"),  # 1: holds this number's place in the chain; 0: the other side of a fork
    _text("prev_hash"),
    _text("reason"),  # stable code: not_applicable, unbalanced, unknown_type, bad_document, fork …
    _text("detail"),
    _bytes("data"),
    _int("received_at_ms"),
    _text("resolution", null=True),
    _int("resolved_at_ms", null=True),
    Index("quarantine_newest", "received_at_ms", "workstation_id", "incarnation", "number", "hash"),
)

projected = {
    shape.name: Table(
        shape.name,
        metadata,
        *(
            (_int if column.type == "integer" else _text)(
                column.name, key=place < shape.key_length, null=column.nullable
            )
            for place, column in enumerate(shape.columns)
        ),
    )
    for shape in TABLES.values()
}
"""The rows that follow from documents, the same tables as in a workstation's journal."""

status_report = Table(
    "status_report",
    metadata,
    _text("workstation_id", key=True),
    _int("received_at_ms"),
    _text("app_version"),
    _int("release_version"),
    _text("staged_versions"),
    _int("documents_waiting"),
    _text("cursors"),
    _int("clock_offset_ms"),
    _text("refusals", null=True),  # JSON list of RefusedThing; null: a program that tells none
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    _text("code_hash", key=True),  # SHA-256 of the normalised code; the code itself is not kept
    _text("store_id"),
    _int("created_at_ms"),
    _int("expires_at_ms"),
    _int("used_at_ms", null=True),
    _text("workstation_id", null=True),
)

# The feed, releases, files ---------------------------------------------------------------------------

feed_row = Table(
    "feed_row",
    metadata,
    _text("scope", key=True),
    _text("kind", key=True),
    _text("key", key=True),  # JSON list of the key columns
    _int("sequence"),  # below 0: written, not yet in the feed (store/sequencer.py)
    _int("deleted"),
    _text("payload"),  # JSON list in wire column order; "" when deleted
    _int("hash_high"),  # upper and lower half of digest.row_hash: sums of halves do not overflow
    _int("hash_low"),
    Index("feed_row_by_sequence", "scope", "sequence", unique=True),
)
"""The latest state per key: the feed, and head office's own master of every reference kind."""

Index(
    "feed_row_unstamped",
    feed_row.c.scope,
    feed_row.c.sequence,
    postgresql_where=feed_row.c.sequence < 0,
).ddl_if(dialect="postgresql")
feed_ticket = Sequence("feed_ticket", metadata=metadata)
"""PostgreSQL alone: blocks of tickets for rows that wait for their sequence."""

release = Table(
    "release",
    metadata,
    _int("version", key=True),
    _text("manifest_sha256"),
    _text("manifest"),  # canonical JSON
    _text("signatures"),  # JSON list of {"key_id", "signature"}
    _int("issued_at_ms"),
    _int("effective_from_ms"),
    _int("expires_at_ms"),
    _text("note"),
    _int("confirms", null=True),  # the version that it carries on; null: it has prices of its own
    _text("issued_by", null=True),  # a login or what head office does by itself; null: before 0035
)

blob = Table(
    "blob",
    metadata,
    _text("sha256", key=True),
    _text("scope", key=True),  # who may fetch it
    _int("length"),
    _text("purpose"),  # release | snapshot | store_file
    _int("created_at_ms"),
)
"""Content-addressed files beside the database; the bytes are in `<data>/blobs/`."""

snapshot = Table(
    "snapshot",
    metadata,
    _text("scope", key=True),
    _text("epoch"),
    _int("sequence"),
    _int("schema_version"),
    _text("sha256"),
    _int("length"),
    _bytes("file_key"),
    _int("built_at_ms"),
)

# Head office's own masters: never in the feed as they are -----------------------------------------------

item_cost = Table("item_cost", metadata, _text("sku", key=True), _int("cost_minor"))

employee = Table(
    "employee",
    metadata,
    _text("employee_id", key=True),
    _text("operator_number"),
    _text("name"),
    _text("role"),
    _text("store_ids"),  # JSON list
    _int("active"),
)

member = Table(
    "member",
    metadata,
    _text("member_id", key=True),
    _text("home_store_id"),
    _text("tier"),
    _int("points_balance"),
    _int("birthday_month", null=True),
    _text("consents"),  # JSON object
    _bytes("personal"),  # AES-256-GCM under the member's own key: JSON {phone, name, …}
    _text("phone_index"),  # HMAC under head office's own key, to find a member by phone
    _int("known_since_ms", null=True),  # when head office heard of the member; null: before it kept that
    Index("member_by_phone_index", "phone_index"),
)

member_key = Table("member_key", metadata, _text("member_id", key=True), _bytes("key"))
"""Erasing a member deletes the key: every copy of `personal`, backups too, is unreadable then."""

price_draft = Table(
    "price_draft",
    metadata,
    _text("price_list_id", key=True),
    _text("sku", key=True),
    _int("effective_from_ms", key=True),
    _int("effective_to_ms", null=True),
    _int("price_minor"),
    _int("published_version", null=True),  # the release that first carried this row
)

promotion_draft = Table("promotion_draft", metadata, _text("promotion_id", key=True), _text("data"))
