"""POST /v1/members/app-code: the rotating code of the member's app, for the channel that signed him in."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_core.customer.member_code import read_app_code
from sync_server.services.acts import Act
from sync_server.services.channel_keys import HEADER_CHANNEL_KEY
from sync_server.services.importing import ImportOptions, ImportTarget, import_file
from sync_server.services.member_secrets import APP_CHANNEL, CODES_A_MINUTE_MAX, GOOD_MS
from sync_server.store import audit, feed
from tests.server.support.office import Chain


def ask(chain: Chain, key: str, member_id: str = "M7") -> httpx.Response:
    return chain.http.post(
        "/v1/members/app-code", json={"member_id": member_id}, headers={HEADER_CHANNEL_KEY: key}
    )


def member(chain: Chain, folder: Path) -> None:
    file = folder / "members.csv"
    file.write_text("member_id,phone,name,tier,home_store_id\nM7,13800138000,王小明,standard,S001\n")
    target = ImportTarget(chain.office.store, chain.office.keys, chain.clock.now_ms())
    assert import_file(target, "members", file, ImportOptions()).imported


def test_a_code_is_what_a_till_verifies_and_the_next_one_is_another(chain: Chain, tmp_path: Path) -> None:
    member(chain, tmp_path)
    key = chain.office.channel_keys.make(APP_CHANNEL, "the app").key
    assert ask(chain, key).json()["code"] == "unavailable", "no coupon key yet"
    key_id = chain.office.coupons.new_key(Act("command line"))
    first = ask(chain, key).json()
    chain.clock.advance(GOOD_MS // 2)
    second = ask(chain, key).json()
    assert second["until_ms"] == first["until_ms"] + GOOD_MS // 2 == chain.clock.now_ms() + GOOD_MS
    row = chain.office.store.read(lambda txn: feed.row_by_key(txn, "coupon_key", "chain", [key_id]))
    assert row is not None
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(row[1]))
    for answer in (first, second):
        code = read_app_code(answer["text"])
        assert code is not None and code.key_id == key_id
        assert code.payload == {"member_id": "M7", "until_ms": answer["until_ms"]}
        public.verify(code.signature, code.statement)
    rows = chain.office.store.read(lambda txn: audit.newest(txn, 20))
    assert [r["subject"] for r in rows if r["action"] == "member_app_code"] == ["M7", "M7"]


def test_other_channels_unknown_and_erased_members_and_too_many_questions_get_none(
    chain: Chain, tmp_path: Path
) -> None:
    member(chain, tmp_path)
    chain.office.coupons.new_key(Act("command line"))
    web = chain.office.channel_keys.make("web").key
    for wrong in (web, "", "tck_x"):
        answer = ask(chain, wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_channel_key")
    key = chain.office.channel_keys.make(APP_CHANNEL).key
    assert (ask(chain, key, "nobody").status_code, ask(chain, key, "").status_code) == (404, 404)
    asked = [ask(chain, key).status_code for _ in range(CODES_A_MINUTE_MAX + 1)]
    assert asked == [200] * CODES_A_MINUTE_MAX + [429]
    chain.clock.advance(60_000)
    chain.office.erasures.erase(Act("command line", "asked"), "M7")
    assert ask(chain, key).status_code == 404
