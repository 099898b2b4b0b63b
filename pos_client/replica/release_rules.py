"""May this release be staged? The TUF rules on signed manifests, as a pure function with a code for each no.

Source: docs/releases.md; The Update Framework (theupdateframework.io): arbitrary software, rollback,
freeze, fast-forward, endless data, mix-and-match, wrong target, key compromise below the threshold.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.replica.release_refusals import (
    BadSignature,
    BelowThreshold,
    ExpiredRelease,
    FastForward,
    ForkedVersion,
    MalformedManifest,
    NeedsNewerApp,
    ReleaseRefused,
    VersionMismatch,
    VersionNotRising,
    WithdrawnKey,
    WrongChain,
    WrongPrevious,
    WrongScope,
)
from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict
from pos_core.sync.trust_root import KeySet, signature_entries

SIGNING_TAG = b"tidemark.release.1\x00"
FILE_BYTES_MAX = 256 * 1024 * 1024
MANIFEST_BYTES_MAX = 64 * 1024
FILES_MAX = 16
VERSIONS_AHEAD_MAX = 1_000_000
FIRST_VERSION_MAX = 1 << 48
"""A release further above the one here is no honest one; so there is always room for the next."""
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a release: `length` and `sha256` (hex) of its bytes as they travel."""

    name: str
    kind: str
    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class KnownRelease:
    """The newest release that is here."""

    version: int
    manifest_sha256: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release's manifest. `text` is its canonical JSON, `sha256` (hex) of exactly these bytes."""

    text: str
    sha256: str
    chain_id: str
    scope: str
    version: int
    epoch: str
    issued_at_ms: int
    expires_at_ms: int
    effective_from_ms: int
    prev_manifest_sha256: str | None
    files: tuple[FileEntry, ...]
    min_app: str

    @classmethod
    def read(cls, text: str) -> Manifest:
        """Strictly; raises MalformedManifest."""
        data = text.encode("utf-8", "surrogatepass")
        if len(data) > MANIFEST_BYTES_MAX:
            raise MalformedManifest("the manifest is too large", length=len(data))
        try:
            value = parse_strict(data)
            if canonical_bytes(value) != data:
                raise MalformedManifest("the manifest is not canonical JSON")
            return cls._of(value, text, data)
        except NotCanonical as error:
            raise MalformedManifest(error.message) from None
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedManifest(f"the manifest lacks or mistypes {error}") from None

    @classmethod
    def trusted(cls, text: str) -> Manifest:
        """Of a text that was checked before it was stored."""
        return cls._of(json.loads(text), text, text.encode())

    @classmethod
    def _of(cls, value: Any, text: str, data: bytes) -> Manifest:
        if value["v"] != 1 or len(value["files"]) > FILES_MAX:
            raise ValueError("v or files")
        files = tuple(
            FileEntry(
                _str(f["name"]), _one_of(f["kind"], "base", "delta"), _sha(f["sha256"]), _int(f["length"])
            )
            for f in value["files"]
        )
        if len({entry.name for entry in files}) != len(files):
            raise ValueError("files: a name twice")
        previous = value["prev_manifest_sha256"]
        return cls(
            text=text,
            sha256=hashlib.sha256(data).hexdigest(),
            chain_id=_str(value["chain_id"]),
            scope=_str(value["scope"]),
            version=_int(value["version"]),
            epoch=_str(value["epoch"]),
            issued_at_ms=_int(value["issued_at_ms"]),
            expires_at_ms=_int(value["expires_at_ms"]),
            effective_from_ms=_int(value["effective_from_ms"]),
            prev_manifest_sha256=None if previous is None else _sha(previous),
            files=files,
            min_app=_str(value["min_app"]),
        )

    def file(self, name: str) -> FileEntry | None:
        """The file of that name."""
        return next((entry for entry in self.files if entry.name == name), None)

    @property
    def is_base(self) -> bool:
        """True when its price file says all prices, so that it stands without the release before."""
        prices = self.file("prices")
        return prices is not None and prices.kind == "base"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a workstation believes in: pricing keys by id, of which `threshold` must have signed.

    `withdrawn` keys priced once; they only tell a stolen key's release from a stranger's.
    """

    chain_id: str
    keys: Mapping[str, bytes]
    app_version: str
    scope: str = "chain"
    threshold: int = 1
    withdrawn: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferedRelease:
    """A row of the feed's `release` kind: manifest and signatures as JSON text."""

    version: int
    manifest: str
    signatures: str


def check_manifest(offer: OfferedRelease, trust: Trust) -> Manifest:
    """All that a manifest says by itself: form, signatures, chain, scope, program. Raises ReleaseRefused."""
    data = offer.manifest.encode("utf-8", "surrogatepass")
    _check_signatures(offer, data, trust)
    manifest = Manifest.read(offer.manifest)
    if manifest.version != offer.version:
        raise VersionMismatch("offered under another version", version=offer.version, signed=manifest.version)
    if manifest.chain_id != trust.chain_id:
        raise WrongChain("signed for another chain", version=offer.version)
    if manifest.scope != trust.scope:
        raise WrongScope("signed for another scope", version=offer.version, scope=manifest.scope)
    if _numbers(manifest.min_app) > _numbers(trust.app_version):
        raise NeedsNewerApp("made for a newer program", version=offer.version, min_app=manifest.min_app)
    return manifest


def check_follows(manifest: Manifest, newest: KnownRelease | None) -> None:
    """Does it come after `newest`? Raises VersionNotRising, FastForward, ForkedVersion, WrongPrevious.

    A base stands by itself, so it heals a history with a gap; but within one epoch a direct successor
    that names another predecessor is a second history, base or not.
    """
    if manifest.version > (FIRST_VERSION_MAX if newest is None else newest.version + VERSIONS_AHEAD_MAX):
        raise FastForward("too far ahead of what is here", version=manifest.version)
    if newest is None:
        if not manifest.is_base and manifest.prev_manifest_sha256 is not None:
            raise WrongPrevious("the release it builds on is not here", version=manifest.version)
        return
    if manifest.version == newest.version and manifest.sha256 != newest.manifest_sha256:
        raise ForkedVersion("this version is here with other content", version=manifest.version)
    if manifest.version <= newest.version:
        raise VersionNotRising("not newer than what is here", version=manifest.version, here=newest.version)
    if manifest.prev_manifest_sha256 == newest.manifest_sha256:
        return
    direct_successor = manifest.version == newest.version + 1 and manifest.epoch == newest.epoch
    if not manifest.is_base or direct_successor:
        raise WrongPrevious("it does not follow the release that is here", version=manifest.version)


def plan(
    offers: Iterable[OfferedRelease], newest: KnownRelease | None, trust: Trust, *, instant_ms: int
) -> tuple[list[Manifest], dict[int, ReleaseRefused]]:
    """Which releases to stage, oldest first, and why others are refused.

    Takes the unbroken chain that leads to the newest acceptable release. An expired release is passed
    through when one that is in date follows it, and refused when it would be the last.
    """
    refused: dict[int, ReleaseRefused] = {}
    checked: list[Manifest] = []
    offers = sorted(offers, key=lambda one: one.version)
    if newest is not None and offers and offers[-1].version < newest.version:
        refused[offers[-1].version] = VersionNotRising(
            "only older releases are offered", version=offers[-1].version, here=newest.version
        )
    for offer in offers:
        if newest is not None and offer.version < newest.version:
            continue
        if (
            newest is not None
            and offer.version == newest.version
            and (
                hashlib.sha256(offer.manifest.encode("utf-8", "surrogatepass")).hexdigest()
                == newest.manifest_sha256
            )
        ):
            continue
        try:
            checked.append(check_manifest(offer, trust))
        except ReleaseRefused as error:
            refused[offer.version] = error
    if newest is None:
        checked = _from_last_base(checked)
        if checked:  # what is older was refused for nothing: a base stands by itself
            refused = {v: error for v, error in refused.items() if v > checked[0].version}
    chain: list[Manifest] = []
    for manifest in checked:
        last = KnownRelease(chain[-1].version, chain[-1].sha256, chain[-1].epoch) if chain else newest
        try:
            check_follows(manifest, last)
        except ReleaseRefused as error:
            refused[manifest.version] = error
        else:
            chain.append(manifest)
    while chain and instant_ms >= chain[-1].expires_at_ms:
        expired = chain.pop()
        refused[expired.version] = ExpiredRelease("past its date", version=expired.version)
    return chain, refused


def _from_last_base(manifests: list[Manifest]) -> list[Manifest]:
    """A fresh workstation needs nothing older than the newest base."""
    bases = [index for index, manifest in enumerate(manifests) if manifest.is_base]
    return manifests[bases[-1] :] if bases else manifests


def _check_signatures(offer: OfferedRelease, data: bytes, trust: Trust) -> None:
    entries = signature_entries(offer.signatures)
    signers = KeySet(trust.keys, trust.threshold).signers(entries, SIGNING_TAG + data, verifies)
    if signers >= trust.threshold:
        return
    if signers:
        raise BelowThreshold("not signed by enough pricing keys", version=offer.version, signers=signers)
    if KeySet(trust.withdrawn, 1).signers(entries, SIGNING_TAG + data, verifies):
        raise WithdrawnKey("signed by a key that was taken out", version=offer.version)
    raise BadSignature("not signed by a pricing key of this chain", version=offer.version)


def verifies(key: bytes, signature: bytes, data: bytes) -> bool:
    """True when the Ed25519 signature holds."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text: {value!r:.40}")
    return value


def _int(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"a whole number: {value!r:.40}")
    return value


def _sha(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.match(value):
        raise ValueError("sha256")
    return value


def _one_of(value: Any, *allowed: str) -> str:
    if value not in allowed:
        raise ValueError(f"one of {allowed}")
    return str(value)
