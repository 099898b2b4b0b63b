"""The files that a manifest names: checked by length and SHA-256, unpacked within bounds, read into rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec
import zstandard

from pos_client.replica.release_refusals import ReleaseRefused
from pos_client.replica.release_rules import FILE_BYTES_MAX, FileEntry, Manifest

PRICE_COLUMNS = ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"]


class WrongFileLength(ReleaseRefused):
    """A file is longer or shorter than its manifest says (endless data)."""

    code = "release_file_length"


class WrongFileHash(ReleaseRefused):
    """A file's SHA-256 is not its manifest's (mix-and-match, damage)."""

    code = "release_file_hash"


class MissingFile(ReleaseRefused):
    """A file that the manifest names was not handed over."""

    code = "release_file_missing"


class FileTooSlow(ReleaseRefused):
    """A file trickles in so slowly that waiting for it would keep every later exchange waiting."""

    code = "release_file_slow"


class MalformedFile(ReleaseRefused):
    """A signed file that cannot be read: no zstd, too large unpacked, wrong columns or types."""

    code = "release_file_malformed"


@dataclass(frozen=True, slots=True)
class PriceRows:
    """Rows (price_list_id, sku, effective_from_ms, effective_to_ms | None, price_minor | None).

    `whole`: the file was a base, its rows are all there are. A price of None takes the price away.
    """

    rows: list[tuple[str, str, int, int | None, int | None]]
    whole: bool


class _PriceFile(msgspec.Struct):
    columns: list[str]
    rows: list[tuple[str, str, int, int | None, int | None]]


_price_decoder = msgspec.json.Decoder(_PriceFile)


def check_files(manifest: Manifest, files: dict[str, bytes]) -> PriceRows | None:
    """Hold every file against the manifest; the price rows, or None when no price file is named.

    Raises a ReleaseRefused of its own for each way to be wrong.
    """
    for entry in manifest.files:
        if entry.sha256 not in files:
            raise MissingFile(f"{entry.name} is missing", version=manifest.version, file=entry.name)
        check_file(entry, files[entry.sha256])
    entry_of_prices = manifest.file("prices")
    if entry_of_prices is None:
        return None
    return _read_prices(manifest, entry_of_prices, files[entry_of_prices.sha256])


def check_file(entry: FileEntry, data: bytes) -> None:
    """Length first, then SHA-256."""
    if len(data) != entry.length:
        raise WrongFileLength(f"{entry.name} is {len(data)} bytes", file=entry.name, length=len(data))
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise WrongFileHash(f"{entry.name} is not what was signed", file=entry.name)


def unpack(data: bytes) -> bytes:
    """zstd with a bound on what comes out, whatever the frame says of itself. Raises MalformedFile."""
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(data)
    try:
        unpacked = reader.read(FILE_BYTES_MAX + 1)
    except zstandard.ZstdError as error:
        raise MalformedFile(f"not zstd: {error}") from None
    if len(unpacked) > FILE_BYTES_MAX:
        raise MalformedFile("too large unpacked", bytes_max=FILE_BYTES_MAX)
    return bytes(unpacked)


def _read_prices(manifest: Manifest, entry: FileEntry, data: bytes) -> PriceRows:
    try:
        content = _price_decoder.decode(unpack(data))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFile(f"prices: {error}", version=manifest.version) from None
    if content.columns != PRICE_COLUMNS:
        raise MalformedFile("prices: other columns than expected", version=manifest.version)
    seen: set[tuple[str, str, int]] = set()
    for price_list_id, sku, start, end, price in content.rows:
        if (price is not None and price < 0) or (end is not None and end <= start):
            raise MalformedFile("prices: a row that cannot be", version=manifest.version, sku=sku)
        if (price_list_id, sku, start) in seen:
            raise MalformedFile("prices: two rows start at once", version=manifest.version, sku=sku)
        seen.add((price_list_id, sku, start))
    return PriceRows(content.rows, whole=entry.kind == "base")
