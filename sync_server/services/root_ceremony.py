"""The offline half of the root: making root keys, drafting a root, signing it. No database, no network.

Files: a root key is a PKCS #8 PEM, encrypted under a passphrase where one is given; a root on its way is a
JSON file `{"document", "signatures"}` that is carried from machine to machine and gathers signatures.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from pos_core.errors import InvalidInput
from pos_core.sync.trust_root import ROOT_BYTES_MAX, SignedRoot, TrustRoot, key_id_of, signature_entries
from sync_server.services.data_folder import write_secret
from sync_server.services.pricing_keys import signatures_text, verifies

FILE_BYTES_MAX = 2 * ROOT_BYTES_MAX


class BadRootFile(InvalidInput):
    """No file of a root, of a root key or of a public key; or the passphrase is another."""

    code = "bad_root_file"


class NotAsked(InvalidInput):
    """A key that neither this root nor the one before it names: its signature would say nothing."""

    code = "root_key_not_asked"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a root's signatures have come. `before` counts keys of the root before it, None without one."""

    own: int
    own_threshold: int
    before: int | None
    before_threshold: int

    @property
    def ready(self) -> bool:
        """True when head office may adopt it."""
        return self.own >= self.own_threshold and (
            self.before is None or self.before >= self.before_threshold
        )


def make_key(path: Path, passphrase: str) -> bytes:
    """A new root key in a file of its own; returns the public half. Never overwrites: FileExistsError."""
    key = Ed25519PrivateKey.generate()
    encryption: KeySerializationEncryption = NoEncryption()
    if passphrase:
        encryption = BestAvailableEncryption(passphrase.encode())
    write_secret(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return key.public_key().public_bytes_raw()


def load_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    """Raises BadRootFile."""
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadRootFile(f"{path.name} is no root key, or the passphrase is another: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadRootFile(f"{path.name} is a key of another kind")
    return key


def public_key(text: str) -> bytes:
    """A public key as people hand it on: base64 of 32 bytes. Raises BadRootFile."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 32:
        raise BadRootFile("a public key is base64 of 32 bytes", key=text[:60])
    return data


def read_root(path: Path) -> SignedRoot:
    """A root on its way. Raises BadRootFile, MalformedRoot."""
    try:
        with path.open("rb") as file:
            value: Any = json.loads(file.read(FILE_BYTES_MAX))
        signed = SignedRoot(str(value["document"]), json.dumps(value["signatures"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRootFile(f"{path.name} is no root: {error}") from None
    TrustRoot.read(signed.document)
    return signed


def write_root(path: Path, signed: SignedRoot) -> None:
    """Whole or not at all."""
    value = {"document": signed.document, "signatures": json.loads(signed.signatures)}
    aside = path.with_name(path.name + ".part")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def sign(signed: SignedRoot, key: Ed25519PrivateKey, before: TrustRoot | None) -> SignedRoot:
    """One more signature. Raises NotAsked."""
    root = TrustRoot.read(signed.document)
    key_id = key_id_of(key.public_key().public_bytes_raw())
    if key_id not in root.root.keys and (before is None or key_id not in before.root.keys):
        raise NotAsked("neither this root nor the one before names this key", key_id=key_id)
    found = dict(signature_entries(signed.signatures)) | {key_id: key.sign(root.statement)}
    return SignedRoot(signed.document, signatures_text(found))


def withdrawn(before: TrustRoot | None, pricing: list[bytes]) -> list[bytes]:
    """Which keys the root after `before` takes out, when it names `pricing`; those of earlier ones too."""
    if before is None:
        return []
    return [key for key in {**before.withdrawn, **before.pricing.keys}.values() if key not in pricing]


def progress(signed: SignedRoot, before: TrustRoot | None) -> Progress:
    """How many good signatures there are, and how many it needs."""
    root = TrustRoot.read(signed.document)
    entries = signature_entries(signed.signatures)
    own = root.root.signers(entries, root.statement, verifies)
    if before is None:
        return Progress(own, root.root.threshold, None, 0)
    handing = before.root.signers(entries, root.statement, verifies)
    return Progress(own, root.root.threshold, handing, before.root.threshold)


def words(root: TrustRoot, before: TrustRoot | None) -> list[str]:
    """What a person reads before he signs: keys by id, and what changes."""
    lines = [
        f"Root {root.version} of chain {root.chain_id}, SHA-256 {root.sha256}",
        f"Root keys, {root.root.threshold} of {len(root.root.keys)}: {_ids(root.root.keys)}",
        f"Pricing keys, {root.pricing.threshold} of {len(root.pricing.keys)}: {_ids(root.pricing.keys)}",
    ]
    if before is not None:
        for what, new, old in (
            ("root", root.root.keys, before.root.keys),
            ("pricing", root.pricing.keys, before.pricing.keys),
        ):
            for verb, ids in (("Comes", new.keys() - old.keys()), ("GOES", old.keys() - new.keys())):
                lines += [f"{verb}: {what} key {key_id}" for key_id in sorted(ids)]
    return lines + ([f"Note: {root.note}"] if root.note else [])


def _ids(keys: Any) -> str:
    return ", ".join(sorted(keys))
