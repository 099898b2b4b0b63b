"""`workstation.json`: who this workstation is and whom it trusts. Nothing secret stands in it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from pos_client.storage.durable import replace_durably
from pos_client.sync.errors import NotEnrolled

FILE_NAME = "workstation.json"


@dataclass(frozen=True, slots=True)
class WorkstationFile:
    """Written once at enrolment; `server_url` may change. Keys are base64, the CA is PEM ("" on loopback).

    `pricing_keys` count only where the chain had no root at enrolment (`root_follow.py`).
    """

    workstation_id: str
    workstation_name: str
    incarnation: int
    store_id: str
    region: str
    chain_id: str
    epoch: str
    server_url: str
    server_public_key: str
    pricing_keys: dict[str, str]
    recovery_public_key: str
    sealing_public_key: str
    ca_certificate: str
    root_document: str = ""
    root_signatures: str = "[]"

    @classmethod
    def load(cls, folder: Path) -> WorkstationFile:
        """Raises NotEnrolled when it is missing or unreadable."""
        try:
            return msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=cls)
        except FileNotFoundError:
            raise NotEnrolled(f"{folder} holds no {FILE_NAME}: enrol this workstation first") from None
        except (msgspec.DecodeError, ValueError) as error:
            raise NotEnrolled(f"{folder / FILE_NAME} cannot be read ({error}): enrol again") from None

    def save(self, folder: Path) -> None:
        """Old content or new, whatever is cut."""
        data = msgspec.json.format(msgspec.json.encode(self), indent=1)
        replace_durably(folder / FILE_NAME, data + b"\n")

    def at(self, server_url: str) -> WorkstationFile:
        """The same workstation, its server under another address."""
        return replace(self, server_url=server_url.rstrip("/"))

    def pricing_key_bytes(self) -> dict[str, bytes]:
        """Pricing keys as `release_rules.Trust` wants them."""
        return {key_id: base64.b64decode(key) for key_id, key in self.pricing_keys.items()}

    def server_key_bytes(self) -> bytes:
        """Verifies the server's answers."""
        return base64.b64decode(self.server_public_key)

    def recovery_key_bytes(self) -> bytes | None:
        """The chain's recovery X25519 key; None when the chain named none."""
        return base64.b64decode(self.recovery_public_key) or None
