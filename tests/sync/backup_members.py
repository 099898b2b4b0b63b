"""A chain with members of every kind for tests of backups, and what would lead to them in bytes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from pos_client.keys.key_store import get_or_make
from pos_client.services.members.phone_index import blind_index
from pos_core.customer.member import card_text
from sync_server.head_office import HeadOffice
from sync_server.services.acts import Act
from sync_server.services.blobs import Blobs
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.keys import load_keys
from sync_server.services.personal_data import blind_index as head_office_index
from sync_server.services.personal_data import seal_member_key
from sync_server.services.refold import Refold
from sync_server.services.verify import Verify
from sync_server.store import copy, fold_state, masters, member_box
from sync_server.store.engine import Store
from sync_server.store.schema.tables import feed_row
from tests.client.journal.plain_pages import plain_pages
from tests.sync.test_members import join, points
from tests.sync.world import Till, World

JOINED, TWIN, IMPORTED, NAMED, SECOND = "m-1", "m-9", "M7", "M8", "M6"
EVERYBODY = (JOINED, TWIN, IMPORTED, NAMED)
PHONES = {
    JOINED: "+8613800138000",
    TWIN: "+8613800138000",
    IMPORTED: "+8613700137000",
    NAMED: "+8613600136000",
}
SALT = b"salt of the code"
CHANGING = {"audit", "chain_state", "snapshot", "blob", "sealed_row", "member_seal", "feed_head"}
"""Tables that a backup or a restore itself writes to; PostgreSQL gives sequences out in another way."""


def fill(world: World) -> list[Till]:
    """Two who joined with one number, one imported with card and birthday, one with a name of his own."""
    tills = [world.till("a"), world.till("b", store_id="S002")]
    join(tills[0], JOINED)
    points(tills[0], JOINED, 100)
    tills[0].client.exchange()
    world.clock.advance(60_000)
    join(tills[1], TWIN, name="小明")
    points(tills[1], TWIN, 40)
    tills[1].client.exchange()
    bring(world, "M7,8800123,13700137000,李小红,,gold,S001,1988-05-21,250")
    bring(world, "M8,,13600136000,赵大山,山哥,silver,S002,,7")
    bring(world, "M6,,13800138000,王小明,,silver,S001,,0")  # claims the number too, by head office
    office = world.office
    stretched = seal_member_key(office.keys, b"s" * 32)
    office.store.write(lambda txn: fold_state.put_member_codes(txn, [(JOINED, SALT, stretched)]))
    office.freezing.freeze(Act("command line", "a test"), NAMED)
    for till in tills:
        till.sell(3)
        till.client.exchange()
    return tills


def bring(world: World, row: str) -> None:
    """One member by an import."""
    file = world.folder / "members.csv"
    file.write_text(
        "member_id,card,phone,name,display_name,tier,home_store_id,birthday,points\n" + row + "\n",
        encoding="utf-8",
    )
    target = ImportTarget(world.office.store, world.office.keys, world.clock.now_ms())
    outcome = import_file(target, "members", file, ImportOptions())
    assert outcome.imported, outcome


def traces(office: HeadOffice, tills: list[Till], member_id: str = "") -> dict[str, bytes]:
    """What would lead to the members, or to one, by its name in a failing test."""
    found = {
        f"{JOINED} name": "王小明".encode(),
        f"{TWIN} name": "小明".encode(),
        f"{JOINED} shown": "王**".encode(),
        f"{IMPORTED} shown": "李**".encode(),
        f"{NAMED} shown": "山哥".encode(),
        f"{IMPORTED} card": head_office_index(office.keys.member_index, card_text("8800123")).encode(),
        f"{JOINED} code": SALT,
    }
    for who, phone in PHONES.items():
        found[f"{who} phone"] = phone.encode()
        found[f"{who} digits"] = phone.removeprefix("+86").encode()
        found[f"{who} masked"] = f"{phone[3:6]}****{phone[-4:]}".encode()
        found[f"{who} head office's index"] = head_office_index(office.keys.member_index, phone).encode()
        for till in tills:
            key = get_or_make(till.keys, "blind_index_key")
            found[f"{who} index of {till.identity.store_id}"] = blind_index(key, phone).encode()
    keys = office.store.read(lambda txn: masters.member_keys(txn, EVERYBODY))
    found |= {f"{who} key": key for who, key in keys.items()}
    sent = office.store.read(lambda txn: member_box.keys(txn, EVERYBODY))
    found |= {f"{who} till key": key for (_, who), key in sent.items()}
    return {name: text for name, text in found.items() if name.startswith(member_id)}


def traces_in(pages: bytes, wanted: dict[str, bytes]) -> list[str]:
    return sorted(name for name, text in wanted.items() if text in pages)


def pages_of(folder: Path, key: bytes) -> bytes:
    """Every file of a backup or of a head office, databases decrypted."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "keys" not in path.relative_to(folder).parts[:1]:
            found.append(plain_pages(path, key) if ".db" in path.name else path.read_bytes())
    return b"".join(found)


def kept(store: Store) -> copy.Digests:
    """Every table's rows but those that backups write to."""
    return {name: rows for name, rows in store.read(copy.digests).items() if name not in CHANGING}


def slices(store: Store) -> dict[tuple[str, str, str], str]:
    """What stores are told, row by row."""
    columns = (feed_row.c.scope, feed_row.c.kind, feed_row.c.key, feed_row.c.payload)
    rows = store.read(lambda txn: txn.execute(feed_row.select().with_only_columns(*columns)).fetchall())
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def assert_whole(office: HeadOffice) -> None:
    """The chain verifies, and every state is what the documents give."""
    report = Verify(office.store, Blobs(office.folder.blobs, office.clock), load_keys(office.folder)).run()
    assert report.ok, report.problems
    differences = office.store.read(lambda txn: list(Refold(txn, office.keys).differences()))
    assert [dataclasses.asdict(each) for each in differences] == []


def profile(office: HeadOffice, member_id: str) -> Any:
    return office.store.read(lambda txn: fold_state.get(txn, [("member_profile", member_id)])).get(
        ("member_profile", member_id)
    )


def balances(office: HeadOffice) -> dict[str, str]:
    """Points of everybody, as folded."""
    return {
        key: text
        for (fold, key), text in office.store.read(lambda txn: list(fold_state.everything(txn)))
        if fold in ("points", "stored_value", "coupon_use")
    }


def manifest(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / "backup.json").read_bytes())
    return value
