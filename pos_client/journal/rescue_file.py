"""What is left of a workstation: its journal opened with the chain's recovery key, its documents in a file.

For head office's people, on any machine. The documents go out as their own bytes, personal fields still
closed; the keys of members who joined there are sealed to head office, as they travel in an exchange.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal import opening
from pos_client.journal.append import SQL
from pos_client.journal.opening import documents_from
from pos_client.keys.sealing import rescue_key, seal
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.durable import replace_durably
from pos_client.storage.errors import sort_os_error, sort_sqlite_error
from pos_core.errors import InvalidInput
from pos_core.sync.document import Series
from pos_core.sync.sealing import LABEL_PERSONAL

_LIVING_KEYS = "SELECT member_id, key FROM member_key WHERE key IS NOT NULL ORDER BY member_id"
_BATCH = 1000


class BadRecoveryKey(InvalidInput):
    """The file named as recovery key is none."""

    code = "bad_recovery_key"


@dataclass(frozen=True, slots=True)
class RescueFile:
    """What was written."""

    workstation_id: str
    documents: int
    member_keys: int


def read_recovery_key(path: Path) -> bytes:
    """The recovery private key as `init` wrote it. Raises BadRecoveryKey and the storage errors."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise sort_os_error(error, path) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise BadRecoveryKey(f"{path}: this is not the chain's recovery private key.", path=str(path))
    return key.private_bytes_raw()


def write_rescue_file(
    journal: Path, recovery_key: bytes, out: Path, *, sealing_public_key: bytes | None
) -> RescueFile:
    """All documents of the journal, of every series, as JSON lines in `out`, whole or not at all.

    Nothing in the journal is changed. Raises BadSealedBox when the key is another chain's or no sealed key
    lies beside the journal, and the storage errors.
    """
    key = rescue_key(journal, recovery_key)
    connection = open_database(journal, key, application_id=opening.APPLICATION_ID, read_only=True)
    try:
        connection.execute("BEGIN")
        all_series = [Series(row[1], row[0]) for row in connection.execute(SQL["all_series"]).fetchall()]
        lines = [line for series in all_series for line in _documents(connection, series)]
        documents = len(lines)
        lines += _keys(connection, all_series[-1].workstation_id, sealing_public_key)
        replace_durably(out, "".join(f"{line}\n" for line in lines).encode())
    except sqlcipher.Error as error:
        raise sort_sqlite_error(error, journal, key_is_right=True) or error from error
    except OSError as error:
        raise sort_os_error(error, out) from error
    finally:
        connection.close()
    return RescueFile(all_series[-1].workstation_id, documents, len(lines) - documents)


def _documents(connection: Connection, series: Series) -> Iterator[str]:
    after = 0
    while batch := documents_from(connection, series, after, limit=_BATCH):
        for one in batch:
            place = {
                "workstation_id": series.workstation_id,
                "incarnation": series.incarnation,
                "number": one.number,
            }
            yield json.dumps({**place, "data": one.data.decode("utf-8")}, ensure_ascii=False)
        after = batch[-1].number


def _keys(connection: Connection, workstation_id: str, sealing_public_key: bytes | None) -> list[str]:
    if sealing_public_key is None:
        return []
    return [
        json.dumps(
            {
                "workstation_id": workstation_id,
                "member_id": member_id,
                "sealed": base64.b64encode(
                    seal(bytes(key), sealing_public_key, label=LABEL_PERSONAL)
                ).decode(),
            },
            ensure_ascii=False,
        )
        for member_id, key in connection.execute(_LIVING_KEYS).fetchall()
    ]
