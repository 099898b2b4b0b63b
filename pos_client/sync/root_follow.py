"""Whom this workstation believes: the root it enrolled with, and every root that lawfully followed it.

The newest one stands in `root.json`, outside the replica: a snapshot may replace that file at any time and
must not bring an older root back. Without the file the walk begins again at the root of the enrolment.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from pos_client.journal.refused import Note
from pos_client.log import get_logger
from pos_client.replica.release_rules import Trust, verifies
from pos_client.replica.replica import Replica
from pos_client.storage.durable import replace_durably
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.sync.trust_root import KeySet, RootRefused, SignedRoot, TrustRoot, check_root, follow

FILE_NAME = "root.json"
REFUSED_SETTING = "root_refused"
"""In the replica: the code of an offered root that this workstation does not follow, or ""."""
_log = get_logger("pos_client.sync")


class RootFollower:
    """Used by the sync worker only."""

    def __init__(
        self,
        identity: WorkstationFile,
        folder: Path,
        replica: Replica,
        app_version: str,
        note: Note = lambda kind, code, subject: None,
    ) -> None:
        self._note = note
        self._identity = identity
        self._path = folder / FILE_NAME
        self._replica = replica
        self._app_version = app_version
        self._enrolled = KeySet(identity.pricing_key_bytes(), 1)
        self._here = self._load()

    @property
    def version(self) -> int:
        """Of the root that is believed; 0 where there is none."""
        return self._here.version if self._here is not None else 0

    def trust(self) -> Trust:
        """Whose releases count."""
        return self._trust(self._here)

    def trust_with(self, offered: list[SignedRoot]) -> Trust:
        """Whose releases will count once roots that came with a snapshot are followed."""
        return self._trust(self._walk(offered)[0])

    def follow(self, instant_ms: int) -> str:
        """Follow what the feed offers; returns the code of a root that is refused, or "".

        Staged releases of keys that were taken out are let go before the new root is kept, so a step that
        was cut is done again.
        """
        offered = self._replica.offered_roots()
        found, refused = self._walk(offered)
        if found is not None and found is not self._here:
            dropped = self._replica.drop_staged(self._trust(found), instant_ms)
            signed = next(each for each in offered if each.document == found.text)
            replace_durably(self._path, msgspec.json.encode(signed) + b"\n")
            self._here = found
            _log.info("root_followed", version=found.version, dropped=dropped)
        code = refused.code if refused is not None else ""
        if (self._replica.setting(REFUSED_SETTING) or "") != code:
            self._replica.put_setting(REFUSED_SETTING, code)
            if refused is not None:
                _log.error("root_refused", code=code, **refused.facts)
                self._note("root", code, str(refused.facts.get("version", "")))
        return code

    def _walk(self, offered: list[SignedRoot]) -> tuple[TrustRoot | None, RootRefused | None]:
        chain_id = self._identity.chain_id
        return follow(offered, self._here, self._enrolled, verifies, chain_id=chain_id)

    def _trust(self, root: TrustRoot | None) -> Trust:
        chain_id, app_version = self._identity.chain_id, self._app_version
        if root is None:
            return Trust(chain_id, self._enrolled.keys, app_version)
        return Trust(
            chain_id,
            root.pricing.keys,
            app_version,
            threshold=root.pricing.threshold,
            withdrawn=root.withdrawn,
        )

    def _load(self) -> TrustRoot | None:
        """A file that cannot be read, or holds no root of ours, is as good as none."""
        chain_id = self._identity.chain_id
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=SignedRoot)
            return check_root(kept, verifies, chain_id=chain_id)
        except FileNotFoundError:
            pass
        except (OSError, ValueError, msgspec.MsgspecError, RootRefused) as error:
            _log.error("root_unreadable", detail=str(error)[:200])
        if not self._identity.root_document:
            return None
        signed = SignedRoot(self._identity.root_document, self._identity.root_signatures)
        return check_root(signed, verifies, chain_id=chain_id)
