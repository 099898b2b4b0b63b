"""Staging releases: check what the feed offers, fetch its files, check those, keep all until its minute."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.journal.refused import Note
from pos_client.replica.release_files import FileTooSlow, WrongFileLength, check_files
from pos_client.replica.release_refusals import ReleaseRefused
from pos_client.replica.release_rules import FILE_BYTES_MAX, Manifest, Trust, plan
from pos_client.replica.replica import Replica
from pos_client.sync.errors import TooManyBytes, TooSlow
from pos_client.sync.wire import Wire


class ReleaseFetcher:
    """Used by the sync worker only."""

    def __init__(
        self,
        wire: Wire,
        replica: Replica,
        trust: Callable[[], Trust],
        note: Note = lambda kind, code, subject: None,
    ) -> None:
        self._note = note
        self._wire = wire
        self._replica = replica
        self._trust = trust

    def stage_new(self, instant_ms: int, *, keep_going: Callable[[], None]) -> list[int]:
        """Stage every release that may be; returns their versions. Refused ones are noted with their code.

        A refusal in the middle ends the chain there: later deltas build on what was refused.
        """
        offers = self._replica.offered_releases()
        manifests, refused = plan(
            offers, self._replica.newest_release(), self._trust(), instant_ms=instant_ms
        )
        staged: list[int] = []
        for manifest in manifests:
            keep_going()
            try:
                files = self._files(manifest)
                prices = check_files(manifest, files)
            except ReleaseRefused as error:
                refused[manifest.version] = error
                break
            self._replica.stage_release(manifest, files, prices, at_ms=instant_ms)
            staged.append(manifest.version)
        before = set(self._replica.refused_releases())
        now = {(version, error.code) for version, error in refused.items()}
        if before != now:
            self._replica.note_refused_releases(refused, at_ms=instant_ms)
            for version, code in sorted(now - before):
                self._note("release", code, str(version))
        return staged

    def _files(self, manifest: Manifest) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        for entry in manifest.files:
            if entry.sha256 in files:
                continue
            if entry.length > FILE_BYTES_MAX:
                raise WrongFileLength(f"{entry.name} is too large", file=entry.name, length=entry.length)
            data = bytearray()
            try:
                self._wire.download(f"/v1/blobs/{entry.sha256}", data.extend, length=entry.length)
            except TooManyBytes:
                raise WrongFileLength(f"{entry.name} does not end", file=entry.name) from None
            except TooSlow:
                raise FileTooSlow(f"{entry.name} comes too slowly", file=entry.name) from None
            files[entry.sha256] = bytes(data)
        return files
