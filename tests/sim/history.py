"""What was seen from outside while a run went on: what was said to people, and what head office confirmed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pos_client.journal.draft import Recorded


class Place(NamedTuple):
    """Where a document stands: nobody else may ever stand there."""

    workstation_id: str
    incarnation: int
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """A document behind something that a workstation said was done."""

    place: Place
    type: str
    hash: str
    document_id: str
    till: str
    store_id: str
    body: dict[str, Any]
    hlc: str
    release: str | None

    @classmethod
    def of(cls, till: str, recorded: Recorded) -> Told:
        document = json.loads(recorded.data)
        place = Place(document["workstation_id"], recorded.series.incarnation, recorded.number)
        release = (document["release"] or {}).get("manifest_sha256")
        names = {"type": recorded.type, "hash": recorded.hash, "document_id": recorded.document_id}
        names["store_id"] = document["store_id"]
        return cls(place, **names, till=till, body=document["body"], hlc=document["hlc"], release=release)


@dataclass(frozen=True, slots=True)
class Joined:
    """What would lead to a member who joined at a till: name and phone as typed, the key of his fields."""

    name: str
    phone: str
    key: bytes


@dataclass
class History:
    """Grows by one run.

    Attributes:
        told: everything that any workstation ever confirmed, in the order of the run; `known`: their hashes.
        off_disk: hashes that went with a disk.
        lost: hashes that no machine had any more after some disk was lost; nobody can be asked for those.
        acked: place → hash that head office said it has.
        put_back, skewed: tills that were ever put back to an older disk, or whose clock was ever wrong.
        joined: who joined at a till, by id; `erased`: those whom head office erased since.
        baskets_back: ids of held baskets that an older disk brought back: nobody can know of both.
        releases: hash of a manifest → from when on it counts.
    """

    told: list[Told] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    off_disk: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    acked: dict[Place, str] = field(default_factory=dict)
    put_back: set[str] = field(default_factory=set)
    skewed: set[str] = field(default_factory=set)
    joined: dict[str, Joined] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    baskets_back: set[str] = field(default_factory=set)
    releases: dict[str, int] = field(default_factory=dict)

    def hashes_of(self, till: str) -> set[str]:
        """What this till confirmed and its present disk must hold."""
        return {each.hash for each in self.told if each.till == till} - self.off_disk
