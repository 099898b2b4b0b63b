"""Members who may be told, texts to tell them with, and the outbox emptied step by step."""

from __future__ import annotations

import json

from sync_server.services.acts import Act
from sync_server.services.importing.context import ImportTarget
from sync_server.services.importing.one_row import put_row
from sync_server.store import feed, notice, notice_setup
from sync_server.store.notice import NoticeRow
from sync_server.store.notice_setup import ChannelRow, TemplateRow
from tests.server.support.office import Chain

RULES = {"quiet_from": 0, "quiet_to": 0, "order": ["sms"]}


def member(chain: Chain, number: int, **cells: str) -> str:
    """A member `m-<number>` who agreed to marketing unless `consents` says otherwise."""
    said = {
        "member_id": f"m-{number}",
        "phone": f"1391234{5000 + number}",
        "name": "王小芳",
        "tier": "gold",
        "home_store_id": "S001",
        "consents": "marketing",
        **cells,
    }
    target = ImportTarget(chain.office.store, chain.office.keys, chain.clock.now_ms())
    put_row(target, "members", {k: v for k, v in said.items() if v}, Act("test"))
    return said["member_id"]


def policy(chain: Chain, key: str, value: object) -> None:
    text = json.dumps(value)
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [[key, text]]))


def channel(chain: Chain, name: str, adapter: str, url: str = "") -> None:
    row = ChannelRow(name, adapter, url, 1, chain.clock.now_ms(), "test", 1)
    chain.office.store.write(lambda txn: notice_setup.put_channel(txn, row))


def text(chain: Chain, event: str, name: str, body: str, language: str = "zh", **more: str) -> None:
    row = TemplateRow(
        event, name, language, 1, more.get("state", "on"), more.get("subject", ""), body, "T1", "test", 1
    )
    chain.office.store.write(lambda txn: notice_setup.put_template(txn, row))


def outbox(chain: Chain) -> dict[str, NoticeRow]:
    """Member → his newest notice."""
    rows = chain.office.store.read(lambda txn: notice.listing(txn, limit=1000))
    return {row.member_id: row for row in reversed(rows)}


def states(chain: Chain) -> dict[str, tuple[str, str]]:
    return {member_id: (row.state, row.reason) for member_id, row in outbox(chain).items()}


def deliver(chain: Chain) -> None:
    while chain.office.notice_delivery.run_some():
        pass
