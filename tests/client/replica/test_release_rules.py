"""Every way to slip a wrong release to a workstation is refused, each with its own code (TUF's attacks)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from pos_client.replica import release_files, release_rules
from pos_client.replica.release_refusals import ReleaseRefused
from pos_client.replica.release_rules import KnownRelease, OfferedRelease, plan
from tests.fakes.releases import DAY_MS, T0, Release, pricing_key, release, trust
from tests.sync.release_attacks import TEN

V1 = release(1)
V2 = release(2, after=V1)
HERE = KnownRelease(2, V2.sha256, "e1")


def v3(**changes: object) -> Release:
    return release(3, after=V2, **changes)  # type: ignore[arg-type]


def resigned(signers: dict[str, int]) -> OfferedRelease:
    made = v3()
    made.signers = {key_id: pricing_key(seed) for key_id, seed in signers.items()}
    return made.offer()


def altered_after_signing() -> OfferedRelease:
    offer = v3().offer()
    return replace(offer, manifest=offer.manifest.replace('"note":""', '"note":"x"'))


def signature_of_another() -> OfferedRelease:
    return replace(v3().offer(), signatures=V2.signatures())


def signed_without_the_tag() -> OfferedRelease:
    made = v3()
    signature = base64.b64encode(pricing_key(1).sign(made.text.encode())).decode()
    return replace(made.offer(), signatures=json.dumps([{"key_id": "p1", "signature": signature}]))


def signed_text(text: str, version: int = 3) -> OfferedRelease:
    signature = pricing_key(1).sign(release_rules.SIGNING_TAG + text.encode())
    entry = {"key_id": "p1", "signature": base64.b64encode(signature).decode()}
    return OfferedRelease(version, text, json.dumps([entry]))


ATTACKS: list[tuple[str, str, Callable[[], OfferedRelease]]] = [
    ("arbitrary prices, unknown key", "release_bad_signature", lambda: resigned({"p9": 9})),
    ("unknown key under a known name", "release_bad_signature", lambda: resigned({"p1": 9})),
    ("no signature", "release_bad_signature", lambda: resigned({})),
    ("altered after signing", "release_bad_signature", altered_after_signing),
    ("signature of another release", "release_bad_signature", signature_of_another),
    ("signature of other bytes", "release_bad_signature", signed_without_the_tag),
    ("signatures are no list", "release_bad_signature", lambda: replace(v3().offer(), signatures="7")),
    ("signatures are no JSON", "release_bad_signature", lambda: replace(v3().offer(), signatures="{")),
    ("another chain's release", "release_wrong_chain", lambda: v3(chain_id="chain-2").offer()),
    ("another store's release", "release_wrong_scope", lambda: v3(scope="store:S009").offer()),
    (
        "replay of an older content as newer",
        "release_version_mismatch",
        lambda: replace(V1.offer(), version=3),
    ),
    ("a second content for our version", "release_forked", lambda: release(2, after=V1, note="b").offer()),
    ("delta on a release we never had", "release_wrong_previous", lambda: release(3, after=V1).offer()),
    (
        "base with another history",
        "release_wrong_previous",
        lambda: v3(prev_manifest_sha256="ab" * 32).offer(),
    ),
    ("fast-forward by a delta", "release_wrong_previous", lambda: release(900, after=release(899)).offer()),
    ("freeze: past its date", "release_expired", lambda: v3(expires_at_ms=T0 + DAY_MS - 1).offer()),
    ("for a newer program", "release_needs_newer_app", lambda: v3(min_app="0.2.0").offer()),
    ("not JSON", "release_malformed", lambda: signed_text("{")),
    ("a key twice", "release_malformed", lambda: signed_text(v3().text[:-1] + ',"version":3}')),
    ("not canonical", "release_malformed", lambda: signed_text(v3().text.replace(",", ", "))),
    ("a field of another type", "release_malformed", lambda: signed_text(v3(expires_at_ms="soon").text)),
    ("a negative date", "release_malformed", lambda: v3(effective_from_ms=-1).offer()),
    ("a field missing", "release_malformed", lambda: signed_text('{"v":1,"version":3}')),
    ("a version to come", "release_malformed", lambda: v3(v=2).offer()),
    ("no hash", "release_malformed", lambda: v3(prev_manifest_sha256="../../etc").offer()),
    ("endless", "release_malformed", lambda: v3(note="x" * 70_000).offer()),
    ("nested", "release_malformed", lambda: signed_text('{"a":' + "[" * 9000 + "]" * 9000 + "}")),
]


@pytest.mark.parametrize("code,attack", [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS])
def test_an_attack_is_refused_with_its_code(code: str, attack: Callable[[], OfferedRelease]) -> None:
    taken, refused = plan([attack()], HERE, trust(), instant_ms=T0 + DAY_MS)
    assert taken == [] and [error.code for error in refused.values()] == [code]


def test_every_refusal_has_a_code_of_its_own() -> None:
    classes = ReleaseRefused.__subclasses__()
    assert len({one.code for one in classes} | {ReleaseRefused.code}) == len(classes) + 1
    planned = {row[1] for row in ATTACKS} | {code for code, _ in FILE_ATTACKS}
    on_a_replica = {code for _, code, _ in TEN}  # tests/sync/test_release_attacks.py
    assert planned | on_a_replica | {"release_below_threshold"} == {one.code for one in classes}


def test_rollback_is_refused_by_its_version() -> None:
    manifest = release_rules.check_manifest(V1.offer(), trust())
    with pytest.raises(release_rules.VersionNotRising):
        release_rules.check_follows(manifest, HERE)
    assert plan([V1.offer(), V2.offer()], HERE, trust(), instant_ms=T0) == ([], {})


def test_the_next_release_is_taken() -> None:
    taken, refused = plan([V1.offer(), V2.offer(), v3().offer()], HERE, trust(), instant_ms=T0)
    assert [one.version for one in taken] == [3] and refused == {}


def test_a_key_below_the_threshold_is_not_enough() -> None:
    made, both = v3(), {"p1": pricing_key(1), "p2": pricing_key(2)}
    asks_two = trust(keys={k: v.public_key().public_bytes_raw() for k, v in both.items()}, threshold=2)
    taken, refused = plan([made.offer()], HERE, asks_two, instant_ms=T0)
    assert taken == [] and refused[3].code == "release_below_threshold"
    doubled = replace(made.offer(), signatures=json.dumps(json.loads(made.signatures()) * 2))
    assert plan([doubled], HERE, asks_two, instant_ms=T0)[0] == []
    made.signers = both
    assert len(plan([made.offer()], HERE, asks_two, instant_ms=T0)[0]) == 1


def test_one_bad_release_does_not_hide_the_base_behind_it() -> None:
    bad, base = v3(chain_id="x"), release(5)
    taken, refused = plan([bad.offer(), base.offer()], HERE, trust(), instant_ms=T0)
    assert [one.version for one in taken] == [5] and list(refused) == [3]


def test_an_expired_release_is_passed_through_to_one_in_date() -> None:
    expired = v3(expires_at_ms=T0 + 1)
    taken, refused = plan(
        [expired.offer(), release(4, after=expired).offer()], HERE, trust(), instant_ms=T0 + DAY_MS
    )
    assert [one.version for one in taken] == [3, 4] and refused == {}


def test_a_fresh_workstation_starts_at_the_newest_base() -> None:
    base = release(7)
    offers = [V1.offer(), V2.offer(), base.offer(), release(8, after=base).offer()]
    assert [one.version for one in plan(offers, None, trust(), instant_ms=T0)[0]] == [7, 8]


def test_a_new_epoch_may_begin_with_a_base_of_its_own() -> None:
    restored = release(3, epoch="e2", prev_manifest_sha256="cd" * 32)
    assert [one.version for one in plan([restored.offer()], HERE, trust(), instant_ms=T0)[0]] == [3]


def damaged(change: Callable[[dict[str, bytes]], None]) -> tuple[Release, dict[str, bytes]]:
    made = release(1, [["PL1", "A", T0, None, 100]])
    files = dict(made.files)
    change(files)
    return made, files


def swap(content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update(dict.fromkeys(files, content))


def flipped(files: dict[str, bytes]) -> None:
    for sha, data in files.items():
        files[sha] = data[:-1] + bytes([data[-1] ^ 1])


FILE_ATTACKS: list[tuple[str, Callable[[dict[str, bytes]], None]]] = [
    ("release_file_missing", lambda files: files.clear()),
    ("release_file_length", swap(b"x" * 10_000)),
    ("release_file_hash", flipped),
    ("release_file_malformed", lambda files: None),  # signed as it is, but unreadable: see below
]


@pytest.mark.parametrize("code,change", FILE_ATTACKS[:3], ids=[code for code, _ in FILE_ATTACKS[:3]])
def test_a_file_that_is_not_what_was_signed_is_refused(
    code: str, change: Callable[[dict[str, bytes]], None]
) -> None:
    made, files = damaged(change)
    with pytest.raises(ReleaseRefused) as refused:
        release_files.check_files(release_rules.Manifest.read(made.text), files)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "rows",
    [
        [["PL1", "A", T0, None, -1]],
        [["PL1", "A", T0, T0, 5]],
        [["PL1", "A", T0, None, 5], ["PL1", "A", T0, None, 6]],
        [["PL1", "A", T0, None]],
        [["PL1", "A", "now", None, 5]],
    ],
)
def test_signed_rows_that_cannot_be_are_refused(rows: list[list[object]]) -> None:
    made = release(1, rows)
    with pytest.raises(release_files.MalformedFile):
        release_files.check_files(release_rules.Manifest.read(made.text), made.files)


def test_a_zip_bomb_stops_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_files, "FILE_BYTES_MAX", 1000)
    with pytest.raises(release_files.MalformedFile):
        release_files.unpack(release_files.zstandard.compress(b"0" * 1001))
    with pytest.raises(release_files.MalformedFile):
        release_files.unpack(b"no zstd")
