"""A hostile workbook is met here, before any spreadsheet library sees it.

The parts we need are unpacked with limits and packed again into a file of our own, so that what was
checked and what is read are the same bytes. On the way the sheet's XML is scanned for its size, its
formulas and its error cells. XML with a document type is refused: no entities, no external parts.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from sync_server.services.importing.problems import FileTooLarge, NotATable
from sync_server.services.importing.rows import COLUMNS_MAX, ROWS_MAX

UNPACKED_BYTES_MAX = 256 * 1024 * 1024
RATIO_MAX = 120
"""A sheet of text packs 5 to 30 times; deflate's worst is 1,032."""
RATIO_FREE_BYTES = 4 * 1024 * 1024
ENTRIES_MAX = 2_000
DAMAGED = "the workbook is damaged or cut short: open it in a spreadsheet program and save it as .xlsx again"
_SMALL_PART_BYTES = 8 * 1024 * 1024
_CHUNK = 256 * 1024


@dataclass(slots=True)
class SheetScan:
    """What the sheet's XML says: 0-based extent, and per row a bit mask of faulty columns."""

    last_row: int = -1
    last_column: int = -1
    formulas: dict[int, int] = field(default_factory=dict)
    errors: dict[int, int] = field(default_factory=dict)


class WorkbookGuard:
    """One workbook being checked. Raises NotATable or FileTooLarge."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise NotATable(DAMAGED, file=self._name, reason=str(error)) from None
        if len(self._zip.namelist()) > ENTRIES_MAX:
            raise FileTooLarge("too many parts in the workbook", file=self._name, parts_max=ENTRIES_MAX)
        self._unpacked = 0

    def repack(self, target: IO[bytes], sheet: str | None) -> tuple[str, SheetScan]:
        """Write a checked copy that holds the one sheet's part; returns the sheet's name and its scan."""
        name, part = self._find_sheet(sheet)
        scanner = _SheetScanner(self._name)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            for info in self._zip.infolist():
                path = info.filename
                if path == part or not _is_needed(path) or info.is_dir():
                    continue
                with copy.open(path, "w") as out:
                    for chunk in self._unpack(path, no_doctype=path.endswith((".xml", ".rels"))):
                        out.write(chunk)
            with copy.open(part, "w") as out:
                for chunk in self._unpack(part):
                    scanner.feed(chunk)
                    out.write(chunk)
        return name, scanner.close()

    def close(self) -> None:
        """Let the file go."""
        self._zip.close()

    def _unpack(self, name: str, *, no_doctype: bool = False) -> Iterator[bytes]:
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & 1:
                raise NotATable("the workbook has a password; save it without one", file=self._name)
            done = 0
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    done += len(chunk)
                    self._unpacked += len(chunk)
                    self._check_size(done, info.compress_size)
                    if no_doctype and b"<!DOCTYPE" in chunk:
                        raise NotATable("XML with a document type", file=self._name)
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError) as error:
            raise NotATable(DAMAGED, file=self._name, reason=str(error)) from None

    def _check_size(self, done: int, packed: int) -> None:
        if self._unpacked > UNPACKED_BYTES_MAX:
            raise FileTooLarge("unpacks to too much", file=self._name, bytes_max=UNPACKED_BYTES_MAX)
        if done > RATIO_FREE_BYTES and done > RATIO_MAX * max(packed, 1):
            raise FileTooLarge("packed suspiciously tight", file=self._name, ratio_max=RATIO_MAX)

    def _small_part(self, name: str) -> bytes:
        data = bytearray()
        for chunk in self._unpack(name, no_doctype=True):
            data += chunk
            if len(data) > _SMALL_PART_BYTES:
                raise FileTooLarge(f"{name} is too large", file=self._name, bytes_max=_SMALL_PART_BYTES)
        return bytes(data)

    def _find_sheet(self, wanted: str | None) -> tuple[str, str]:
        sheets = _attributes_of(self._small_part("xl/workbook.xml"), "sheet", self._name)
        relations = _attributes_of(self._small_part("xl/_rels/workbook.xml.rels"), "Relationship", self._name)
        targets = {entry.get("Id", ""): entry.get("Target", "") for entry in relations}
        for entry in sheets:
            if wanted is None and entry.get("state", "visible") != "visible":
                continue
            if wanted is None or entry.get("name") == wanted:
                target = targets.get(entry.get("id", ""), "")
                part = target.lstrip("/") if target.startswith("/") else posixpath.normpath("xl/" + target)
                if part not in self._zip.namelist():
                    raise NotATable(DAMAGED, file=self._name, reason="the sheet is missing")
                return entry.get("name", ""), part
        raise NotATable(f"no sheet {wanted or ''}".rstrip(), file=self._name, sheet=wanted)


def _is_needed(path: str) -> bool:
    return path in {
        "[Content_Types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
    } or (path in {"xl/sharedStrings.xml", "xl/styles.xml"})


def _new_parser(file: str) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise NotATable("XML with a document type", file=file)

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _attributes_of(data: bytes, element: str, file: str) -> list[dict[str, str]]:
    """The attributes (local names) of every `element` in a small XML part."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == element:
            found.append({_local(key): value for key, value in attributes.items()})

    parser = _new_parser(file)
    parser.StartElementHandler = start
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotATable(DAMAGED, file=file, reason=str(error)) from None
    return found


class _SheetScanner:
    """Counts a worksheet's cells as they stream by."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.scan = SheetScan()
        self._row = self._column = -1
        self._parser = _new_parser(file)
        self._parser.StartElementHandler = self._start

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as error:
            raise NotATable(DAMAGED, file=self._file, reason=str(error)) from None

    def close(self) -> SheetScan:
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise NotATable(DAMAGED, file=self._file, reason=str(error)) from None
        return self.scan

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "row":
            number = attributes.get("r", "")
            self._row = int(number) - 1 if number.isascii() and number.isdigit() else self._row + 1
            self._column = -1
            self._extend()
        elif local == "c":
            self._cell(attributes)
        elif local == "f":
            self.scan.formulas[self._row] = self.scan.formulas.get(self._row, 0) | 1 << self._column

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            digits = reference[len(letters) :]
            if (
                not (letters.isascii() and letters.isalpha() and digits)
                or len(letters) > 3
                or len(digits) > 7
            ):
                raise NotATable(f"a cell named {reference[:20]!r}", file=self._file)
            self._column = _column_number(letters)
            self._row = int(digits) - 1
        else:
            self._column += 1
        self._extend()
        if attributes.get("t") == "e":
            self.scan.errors[self._row] = self.scan.errors.get(self._row, 0) | 1 << self._column

    def _extend(self) -> None:
        if self._column >= COLUMNS_MAX:
            raise FileTooLarge("too many columns", file=self._file, columns_max=COLUMNS_MAX)
        if self._row >= ROWS_MAX:
            raise FileTooLarge("too many rows", file=self._file, rows_max=ROWS_MAX)
        self.scan.last_row = max(self.scan.last_row, self._row)
        self.scan.last_column = max(self.scan.last_column, self._column)


def _column_number(letters: str) -> int:
    """`A -> 0`, `AB -> 27`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
