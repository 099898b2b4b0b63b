"""Whose releases a chain believes: a root of n offline keys, m of which sign who may price.

A root names its own keys and the pricing keys that it delegates to, each with a threshold. Root N+1 counts
when m of root N's keys and m of its own have signed it, so that keys can be replaced and a stolen one put out
without touching a workstation. Source: docs/releases.md; The Update Framework, "root" role.

Signatures are checked by a function that is handed in: this package knows no cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict
from pos_core.errors import Refusal

ROOT_TAG = b"tidemark.root.1\x00"
KEYS_MAX = 32
WITHDRAWN_MAX = 400
ROOT_BYTES_MAX = 32 * 1024
SIGNATURES_MAX = 2 * KEYS_MAX + 1

Verify = Callable[[bytes, bytes, bytes], bool]
"""`(public key, signature, data)` → True when the Ed25519 signature holds."""


class RootRefused(Refusal):
    """A root is not taken; the one before stays. Each reason is a class of its own."""

    code = "root_refused"


class MalformedRoot(RootRefused):
    """No canonical JSON, a field missing or of another type, a threshold that cannot be met."""

    code = "root_malformed"


class RootOfAnotherChain(RootRefused):
    """Made for another chain."""

    code = "root_wrong_chain"


class RootNotNext(RootRefused):
    """Not the version after the one that is here: a rollback, or one is missing in between."""

    code = "root_not_next"


class RootForked(RootRefused):
    """The version that is here, with other content."""

    code = "root_forked"


class RootBelowThreshold(RootRefused):
    """Fewer of its own keys have signed it than it asks for."""

    code = "root_below_threshold"


class RootNotHandedOver(RootRefused):
    """Fewer keys of the authority before it have signed it than that one asks for."""

    code = "root_not_handed_over"


@dataclass(frozen=True, slots=True)
class KeySet:
    """Ed25519 public keys by id, of which `threshold` must sign."""

    keys: Mapping[str, bytes]
    threshold: int

    def signers(self, entries: list[tuple[str, bytes]], data: bytes, verify: Verify) -> int:
        """How many different keys of the set have signed `data`."""
        good = {key_id for key_id, signature in entries if self._signed(key_id, signature, data, verify)}
        return len(good)

    def _signed(self, key_id: str, signature: bytes, data: bytes, verify: Verify) -> bool:
        key = self.keys.get(key_id)
        return key is not None and verify(key, signature, data)


@dataclass(frozen=True, slots=True)
class TrustRoot:
    """A root as signed. `text` is its canonical JSON.

    `withdrawn`: keys that priced once and may not now, so that everybody can tell a stolen key's release
    from a stranger's.
    """

    text: str
    chain_id: str
    version: int
    issued_at_ms: int
    root: KeySet
    pricing: KeySet
    withdrawn: Mapping[str, bytes]
    note: str

    @classmethod
    def read(cls, text: str) -> TrustRoot:
        """Strictly; raises MalformedRoot."""
        data = text.encode("utf-8", "surrogatepass")
        if len(data) > ROOT_BYTES_MAX:
            raise MalformedRoot("the root is too large", length=len(data))
        try:
            value = parse_strict(data)
            if canonical_bytes(value) != data:
                raise MalformedRoot("the root is not canonical JSON")
            return cls._of(value, text)
        except NotCanonical as error:
            raise MalformedRoot(error.message) from None
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise MalformedRoot(f"the root lacks or mistypes {error}") from None

    @classmethod
    def _of(cls, value: Any, text: str) -> TrustRoot:
        if value["v"] != 1:
            raise ValueError("v")
        root, pricing = _key_set(value["root"]), _key_set(value["pricing"])
        withdrawn = _keys(value["withdrawn"], WITHDRAWN_MAX)
        if set(pricing.keys) & (root.keys.keys() | withdrawn.keys()):
            raise ValueError("pricing: neither a root key nor a withdrawn one may price")
        version, issued = value["version"], value["issued_at_ms"]
        for number in (version, issued):
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise TypeError("version or issued_at_ms")
        chain_id, note = _text(value["chain_id"]), _text(value["note"])
        return cls(text, chain_id, version, issued, root, pricing, withdrawn, note)

    @property
    def statement(self) -> bytes:
        """What its keys sign."""
        return ROOT_TAG + self.text.encode()

    @property
    def sha256(self) -> str:
        """Of its canonical bytes, hex: to be read out over the telephone."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root's text and its signatures, a JSON list of {"key_id", "signature"}: a row of `trust_root`."""

    document: str
    signatures: str = "[]"


def key_id_of(public_key: bytes) -> str:
    """First 8 bytes of the public key's SHA-256, hex: an id is computed, never believed."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def root_text(
    *,
    chain_id: str,
    version: int,
    issued_at_ms: int,
    root_keys: list[bytes],
    root_threshold: int,
    pricing_keys: list[bytes],
    pricing_threshold: int,
    withdrawn: list[bytes] | None = None,
    note: str = "",
) -> str:
    """A root's canonical JSON, unsigned. Raises MalformedRoot for one that could not be used."""
    value = {
        "v": 1,
        "chain_id": chain_id,
        "version": version,
        "issued_at_ms": issued_at_ms,
        "root": {"threshold": root_threshold, "keys": _sorted(root_keys)},
        "pricing": {"threshold": pricing_threshold, "keys": _sorted(pricing_keys)},
        "withdrawn": _sorted(withdrawn or []),
        "note": note,
    }
    text = canonical_bytes(value).decode()
    TrustRoot.read(text)
    return text


def check_root(signed: SignedRoot, verify: Verify, *, chain_id: str) -> TrustRoot:
    """A root by itself: its form, its chain, m of its own keys. Raises RootRefused."""
    root = TrustRoot.read(signed.document)
    if root.chain_id != chain_id:
        raise RootOfAnotherChain("made for another chain", version=root.version)
    signers = root.root.signers(signature_entries(signed.signatures), root.statement, verify)
    if signers < root.root.threshold:
        raise RootBelowThreshold(
            "not signed by enough of its own keys",
            version=root.version,
            signers=signers,
            threshold=root.root.threshold,
        )
    return root


def check_successor(signed: SignedRoot, before: TrustRoot, verify: Verify) -> TrustRoot:
    """The root after `before`: m of the old keys and m of the new have signed. Raises RootRefused."""
    root = check_root(signed, verify, chain_id=before.chain_id)
    if root.version == before.version and root.text != before.text:
        raise RootForked("this version is here with other content", version=root.version)
    if root.version != before.version + 1:
        raise RootNotNext("not the root after the one here", version=root.version, here=before.version)
    _handed_over(signed, root, before.root, verify)
    return root


def check_first(signed: SignedRoot, pricing: KeySet, verify: Verify, *, chain_id: str) -> TrustRoot:
    """The first root for a workstation that was enrolled before there was one: `pricing`, whom it believed

    until now, hands over. Raises RootRefused.
    """
    root = check_root(signed, verify, chain_id=chain_id)
    _handed_over(signed, root, pricing, verify)
    return root


def follow(
    offered: list[SignedRoot],
    here: TrustRoot | None,
    pricing: KeySet,
    verify: Verify,
    *,
    chain_id: str,
) -> tuple[TrustRoot | None, RootRefused | None]:
    """Walk along `offered`, oldest first, from what is here; stops at the first refusal, which is returned.

    `pricing`: whom a workstation believes that has no root yet.
    """
    now = here
    newest = 0
    for signed in offered:
        try:
            found = TrustRoot.read(signed.document)
            newest = max(newest, found.version)
            if now is None:
                now = check_first(signed, pricing, verify, chain_id=chain_id)
            elif found.version >= now.version and found.text != now.text:
                now = check_successor(signed, now, verify)
        except RootRefused as error:
            return now, error
    if offered and now is not None and newest < now.version:
        return now, RootNotNext("older roots are offered than the one here", here=now.version)
    return now, None


def signature_entries(signatures: str) -> list[tuple[str, bytes]]:
    """`(key_id, signature)` of a JSON list; what cannot be read is no signature."""
    try:
        value = json.loads(signatures)
        return [
            (_text(entry["key_id"]), base64.b64decode(_text(entry["signature"]), validate=True))
            for entry in value[:SIGNATURES_MAX]
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _handed_over(signed: SignedRoot, root: TrustRoot, authority: KeySet, verify: Verify) -> None:
    signers = authority.signers(signature_entries(signed.signatures), root.statement, verify)
    if signers < authority.threshold:
        raise RootNotHandedOver(
            "not signed by enough keys of the authority before it",
            version=root.version,
            signers=signers,
            threshold=authority.threshold,
        )


def _key_set(value: Any) -> KeySet:
    keys, threshold = _keys(value["keys"], KEYS_MAX), value["threshold"]
    if not isinstance(threshold, int) or isinstance(threshold, bool):
        raise TypeError("threshold")
    if not 1 <= threshold <= len(keys):
        raise ValueError("threshold: between 1 and the number of keys")
    return KeySet(keys, threshold)


def _keys(texts: Any, keys_max: int) -> dict[str, bytes]:
    keys = [base64.b64decode(_text(text), validate=True) for text in texts]
    if any(len(key) != 32 for key in keys) or texts != _sorted(keys) or len(keys) > keys_max:
        raise ValueError("keys: 32 bytes each, in order, none twice, not too many")
    return {key_id_of(key): key for key in keys}


def _sorted(keys: list[bytes]) -> list[str]:
    return sorted({base64.b64encode(key).decode() for key in keys})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text: {value!r:.40}")
    return value
