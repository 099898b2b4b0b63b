"""`recover`: the ways out of `lost_tail`.

For a workstation that does not start because its journal is shorter than its witness. First the documents
that head office exported are taken back; when that is not enough, or there are none, `--new-series` ends the
series and begins the next.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pos_client.journal.journal import Journal
from pos_client.journal.opening import head_as_json
from pos_client.keys.key_store import KeyStore
from pos_client.storage.places import Places
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from pos_core.sync.document import Series

BATCH = 500


class BadExport(InvalidInput):
    """A line of the file of documents cannot be read; `facts["line"]` says which."""

    code = "bad_export"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--from FILE` and `--new-series`."""
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        help="JSON lines of c_document for this workstation, as head office's export writes them",
    )
    parser.add_argument(
        "--new-series", action="store_true", help="begin a new series when documents stay missing"
    )


def recover(
    places: Places, keys: KeyStore, clock: Clock, *, source: Path | None, new_series: bool
) -> dict[str, Any]:
    """Heals the journal as far as asked; the answer says where it stands.

    Raises the error of the lost tail again when it stays lost; what was adopted is kept.
    """
    identity = WorkstationFile.load(places.data)
    journal = Journal.open(
        places.journal,
        keys=keys,
        witness_path=places.witness,
        series=Series(identity.workstation_id, identity.incarnation),
        store_id=identity.store_id,
        clock=clock,
        rescue=True,
    )
    try:
        before = journal.head()
        if journal.lost_tail is not None and source is not None:
            for batch in _batches(source, before.series.incarnation, before.number):
                journal.adopt_documents(batch).result()
        adopted = journal.head().number - before.number
        opened = journal.lost_tail is not None and new_series
        if opened:
            journal.open_new_incarnation("rescued").result()
        elif journal.lost_tail is not None:
            raise journal.lost_tail
        return {"ok": True, "head": head_as_json(journal.head()), "adopted": adopted, "new_series": opened}
    finally:
        journal.close()


def _batches(source: Path, incarnation: int, after: int) -> Iterator[list[bytes]]:
    """The documents that follow `(incarnation, after)`, in order, in batches; other lines are passed over."""
    batch: list[bytes] = []
    with source.open(encoding="utf-8") as lines:
        for line_number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                place, data = (row["incarnation"], row["number"]), row["data"].encode()
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadExport(f"{source}, line {line_number}: {error}", line=line_number) from None
            if place > (incarnation, after):
                batch.append(data)
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
