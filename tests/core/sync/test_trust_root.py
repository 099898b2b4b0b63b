"""A root is followed only by m of the old keys and m of the new, one version at a time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from pos_client.replica.release_rules import verifies
from pos_core.canonical import canonical_bytes
from pos_core.sync.trust_root import (
    KeySet,
    MalformedRoot,
    RootRefused,
    SignedRoot,
    TrustRoot,
    check_root,
    follow,
    key_id_of,
    root_text,
)
from sync_server.services.root_ceremony import sign
from tests.fakes.roots import key, public, signed_root

OLD, NEW = (1, 2, 3), (3, 4, 5)
PRICING, NEXT = [public(90)], [public(91)]
ENROLLED = KeySet({key_id_of(public(90)): public(90)}, 1)
R1 = signed_root(1, OLD, 2, PRICING, by=(1, 2))
R2 = signed_root(2, NEW, 2, NEXT, by=(1, 2, 4, 5), before=R1)
R3 = signed_root(3, NEW, 2, NEXT, by=(3, 4), before=R2)
HERE = check_root(R1, verifies, chain_id="chain-1")


def walk(
    offered: list[SignedRoot], here: TrustRoot | None = HERE
) -> tuple[TrustRoot | None, RootRefused | None]:
    return follow(offered, here, ENROLLED, verifies, chain_id="chain-1")


def version(found: TrustRoot | None) -> int:
    return found.version if found else 0


def test_who_was_long_away_walks_along_every_root() -> None:
    found, refused = walk([R1, R2, R3])
    assert (version(found), refused) == (3, None)
    assert found is not None and list(found.pricing.keys.values()) == NEXT
    assert list(found.withdrawn.values()) == PRICING


def test_a_key_that_comes_back_is_withdrawn_no_more() -> None:
    again = signed_root(3, NEW, 2, PRICING, by=(3, 4), before=R2)
    found, _ = walk([R2, again])
    assert found is not None and list(found.withdrawn.values()) == NEXT


def test_the_first_root_is_handed_over_by_the_key_that_was_believed_before() -> None:
    found, refused = walk([R1], None)
    assert version(found) == 0 and refused is not None and refused.code == "root_not_handed_over"
    root = TrustRoot.read(R1.document)
    signature = base64.b64encode(key(90).sign(root.statement)).decode()
    entry = {"key_id": key_id_of(public(90)), "signature": signature}
    handed = SignedRoot(R1.document, json.dumps([*json.loads(R1.signatures), entry]))
    assert version(walk([handed], None)[0]) == 1


def other(**changes: object) -> SignedRoot:
    """Root 2 with changed fields, signed as it should be."""
    value = json.loads(R2.document) | changes
    text = canonical_bytes(value).decode()
    made = SignedRoot(text)
    for seed in (1, 2, 4, 5):
        made = sign(made, key(seed), HERE)
    return made


def doubled() -> SignedRoot:
    """One key's signature twice, under its own id and another's."""
    one = json.loads(signed_root(2, NEW, 2, NEXT, by=(1, 2, 4), before=R1).signatures)
    entries = one + [entry | {"key_id": key_id_of(public(5))} for entry in one] + one
    return SignedRoot(R2.document, json.dumps(entries))


ATTACKS: list[tuple[str, str, Callable[[], SignedRoot]]] = [
    ("only the new keys", "root_not_handed_over", lambda: signed_root(2, NEW, 2, NEXT, by=(4, 5))),
    (
        "one old key is not two",
        "root_not_handed_over",
        lambda: signed_root(2, (1, 4, 5), 2, NEXT, by=(1, 4, 5)),
    ),
    ("only the old keys", "root_below_threshold", lambda: signed_root(2, NEW, 2, NEXT, by=(1, 2), before=R1)),
    ("one key twice", "root_below_threshold", doubled),
    ("no signature", "root_below_threshold", lambda: replace(R2, signatures="[]")),
    ("signatures are no list", "root_below_threshold", lambda: replace(R2, signatures="{")),
    (
        "altered after signing",
        "root_below_threshold",
        lambda: replace(R2, document=R2.document.replace('"note":""', '"note":"x"')),
    ),
    (
        "its threshold lowered",
        "root_below_threshold",
        lambda: replace(R2, document=R2.document.replace('"threshold":2', '"threshold":1')),
    ),
    ("another chain's", "root_wrong_chain", lambda: other(chain_id="chain-2")),
    ("a version left out", "root_not_next", lambda: R3),
    ("another first root", "root_forked", lambda: signed_root(1, OLD, 2, NEXT, by=(1, 2))),
    ("not JSON", "root_malformed", lambda: SignedRoot("{")),
    ("not canonical", "root_malformed", lambda: replace(R2, document=R2.document.replace(",", ", "))),
    ("a field missing", "root_malformed", lambda: SignedRoot('{"v":1,"version":2}')),
    ("endless", "root_malformed", lambda: SignedRoot('{"note":"' + "x" * 40_000 + '"}')),
]


@pytest.mark.parametrize("code,attack", [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS])
def test_an_attack_on_the_root_is_refused_with_its_code(code: str, attack: Callable[[], SignedRoot]) -> None:
    found, refused = walk([attack()])
    assert found == HERE and refused is not None and refused.code == code


def test_a_server_that_offers_only_older_roots_is_noticed() -> None:
    newest, _ = walk([R2, R3])
    found, refused = walk([R1, R2], newest)
    assert found == newest and refused is not None and refused.code == "root_not_next"


def test_every_refusal_of_a_root_has_a_code_and_is_tested() -> None:
    classes = {each.code for each in RootRefused.__subclasses__()}
    assert classes == {row[1] for row in ATTACKS} and len(classes) == len(RootRefused.__subclasses__())


@pytest.mark.parametrize(
    "changes",
    [
        {"root_threshold": 4},
        {"root_threshold": 0},
        {"root_keys": []},
        {"pricing_keys": []},
        {"pricing_keys": [public(1)]},
        {"version": 0},
        {"root_keys": [b"short"]},
    ],
)
def test_a_root_that_could_not_be_used_is_not_drafted(changes: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "chain_id": "chain-1",
        "version": 1,
        "issued_at_ms": 1,
        "root_keys": [public(seed) for seed in OLD],
        "root_threshold": 2,
        "pricing_keys": PRICING,
        "pricing_threshold": 1,
    }
    with pytest.raises(MalformedRoot):
        root_text(**(fields | changes))  # type: ignore[arg-type]
