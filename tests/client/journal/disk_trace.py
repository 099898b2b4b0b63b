"""What a program did to its files, read from `strace`, and the disks that a power cut may have left.

The model is the strict one of POSIX: written bytes are durable after fsync or fdatasync of their file, names
(created, renamed, deleted) after fsync of their folder; before that every sector and every change of a name
may be there or not, each by itself. Assumed, as SQLite does: writing a sector leaves its neighbours alone
(power-safe overwrite), and a rename is whole or not at all. Folders are taken as durable once made. The
shared-memory file of WAL is left out: it does not outlive the system.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

CALLS = "openat,close,pwrite64,write,lseek,ftruncate,rename,unlink,fsync,fdatasync"
STRING_MAX = 1 << 21
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True, slots=True)
class Op:
    """One change. `kind`: create, write, truncate, rename, unlink, flush, flush_folder, print.

    `file` numbers the file itself (not its name); `name` and `other` are paths below the watched root.
    """

    kind: str
    file: int = -1
    name: str = ""
    other: str = ""
    place: int = 0
    data: bytes = b""


def read_trace(lines: Iterable[str], root: str) -> list[Op]:
    """The changes below `root` and what was printed to descriptor 1, in order."""
    return list(_Reader(root).read(lines))


class _Reader:
    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/") + "/"
        self._names: dict[str, int] = {}
        self._open: dict[int, tuple[str, int]] = {}
        self._places: dict[int, int] = {}
        self._files = 0

    def read(self, lines: Iterable[str]) -> Iterator[Op]:
        pending: dict[str, str] = {}
        for raw in lines:
            line = raw.rstrip("\n")
            if match := _UNFINISHED.match(line):
                pending[match[1]] = match[2]
                continue
            if match := _RESUMED.match(line):
                line = f"{match[1]} {pending.pop(match[1])}{match[2]}"
            match = _LINE.match(line)
            if match and int(match[4]) >= 0:
                handler = getattr(self, "_" + match[2], None)
                if handler is not None:
                    yield from handler(match[3], int(match[4]))

    def _openat(self, arguments: str, descriptor: int) -> Iterator[Op]:
        name = self._below_root(_strings(arguments)[0])
        self._open.pop(descriptor, None)
        if name is None:
            return
        if os.path.isdir(self._root + name):
            self._open[descriptor] = (name, -1)
            return
        if name not in self._names:
            if "O_CREAT" not in arguments:
                return
            self._names[name] = self._files
            self._files += 1
            yield Op("create", self._names[name], name)
        file = self._names[name]
        self._open[descriptor], self._places[descriptor] = (name, file), 0
        if "O_TRUNC" in arguments:
            yield Op("truncate", file, place=0)

    def _close(self, arguments: str, _: int) -> Iterator[Op]:
        self._open.pop(int(arguments), None)
        yield from ()

    def _pwrite64(self, arguments: str, _: int) -> Iterator[Op]:
        descriptor, place = int(arguments.split(",", maxsplit=1)[0]), int(arguments.rsplit(",", 1)[1])
        if descriptor in self._open:
            yield Op("write", self._open[descriptor][1], place=place, data=_strings(arguments)[0])

    def _write(self, arguments: str, count: int) -> Iterator[Op]:
        descriptor = int(arguments.split(",", maxsplit=1)[0])
        data = _strings(arguments)[0]
        if descriptor in self._open:
            place = self._places[descriptor]
            self._places[descriptor] = place + count
            yield Op("write", self._open[descriptor][1], place=place, data=data[:count])
        elif descriptor == 1:
            yield Op("print", data=data)

    def _lseek(self, arguments: str, place: int) -> Iterator[Op]:
        self._places[int(arguments.split(",", maxsplit=1)[0])] = place
        yield from ()

    def _ftruncate(self, arguments: str, _: int) -> Iterator[Op]:
        descriptor, length = (int(word) for word in arguments.split(","))
        if descriptor in self._open:
            yield Op("truncate", self._open[descriptor][1], place=length)

    def _rename(self, arguments: str, _: int) -> Iterator[Op]:
        old, new = (self._below_root(word) for word in _strings(arguments))
        if old is not None and new is not None:
            file = self._names.pop(old)
            self._names[new] = file
            yield Op("rename", file, old, new)

    def _unlink(self, arguments: str, _: int) -> Iterator[Op]:
        name = self._below_root(_strings(arguments)[0])
        if name is not None and name in self._names:
            yield Op("unlink", self._names.pop(name), name)

    def _fsync(self, arguments: str, _: int) -> Iterator[Op]:
        name, file = self._open.get(int(arguments), ("", -2))
        if file >= 0:
            yield Op("flush", file)
        elif file == -1:
            yield Op("flush_folder", name=name)

    _fdatasync = _fsync

    def _below_root(self, path: bytes) -> str | None:
        text = path.decode()
        return text[len(self._root) :] if text.startswith(self._root) else None


def _strings(arguments: str) -> list[bytes]:
    found = []
    for text, cut in _STRING.findall(arguments):
        assert not cut, "the trace cut a string short"
        found.append(bytes.fromhex(text.replace("\\x", "")))
    return found


@dataclass
class Disk:
    """A disk under the ops seen so far: what is durable, and what may be there or not."""

    content: dict[int, bytearray] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, list[Op]] = field(default_factory=dict)
    waiting_names: list[Op] = field(default_factory=list)

    def see(self, op: Op) -> None:
        """Takes the next op."""
        if op.kind in ("write", "truncate"):
            self.waiting.setdefault(op.file, []).append(op)
        elif op.kind in ("create", "rename", "unlink"):
            self.content.setdefault(op.file, bytearray())
            self.waiting_names.append(op)
        elif op.kind == "flush":
            for waiting in self.waiting.pop(op.file, ()):
                _apply(self.content[op.file], waiting)
        elif op.kind == "flush_folder":
            durable = [one for one in self.waiting_names if os.path.dirname(one.name) == op.name]
            self.waiting_names = [one for one in self.waiting_names if one not in durable]
            for one in durable:
                _rename(self.names, one)

    def cut(self, dice: Random) -> dict[str, bytes]:
        """A state that a power cut now may leave: bytes by name."""
        keep, sector = dice.choice((0.0, 0.1, 0.5, 0.9, 1.0)), dice.choice((512, 4096))
        names = dict(self.names)
        for op in self.waiting_names:
            if dice.random() < keep:
                _rename(names, op)
        image = {}
        for name, file in names.items():
            content = bytearray(self.content[file])
            for op in self.waiting.get(file, ()):
                _apply_some(content, op, sector, keep, dice)
            image[name] = bytes(content)
        return image


def _rename(names: dict[str, int], op: Op) -> None:
    if op.kind == "create":
        names[op.name] = op.file
    elif names.get(op.name) == op.file or op.kind == "rename":
        if names.get(op.name) == op.file:
            del names[op.name]
        if op.kind == "rename":
            names[op.other] = op.file


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == "truncate":
        if len(content) > op.place:
            del content[op.place :]
        else:
            content.extend(bytes(op.place - len(content)))
        return
    end = op.place + len(op.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[op.place : end] = op.data


def _apply_some(content: bytearray, op: Op, sector: int, keep: float, dice: Random) -> None:
    """Each sector that the write touched may have reached the disk or not."""
    if op.kind == "truncate":
        if dice.random() < keep:
            _apply(content, op)
        return
    start, end = op.place, op.place + len(op.data)
    while start < end:
        stop = min(end, (start // sector + 1) * sector)
        if dice.random() < keep:
            _apply(content, Op("write", place=start, data=op.data[start - op.place : stop - op.place]))
        start = stop
