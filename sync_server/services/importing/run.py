"""One import, from file to feed: check every row first, then write the valid ones.

The file is read twice: once to check, once to write. So memory holds keys and the numbers of rejected
lines, never the rows, and no half-checked row, phone or PIN is spooled to a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sync_server.services.importing.context import ChainView, ImportTarget, chain_view
from sync_server.services.importing.fields import ColumnMap, ParsedRow
from sync_server.services.importing.json_table import JsonTable
from sync_server.services.importing.kinds import IMPORT_KINDS
from sync_server.services.importing.kinds.base import FileState, ImportKind, Plan, write_plans
from sync_server.services.importing.problems import BadFile, RowProblem
from sync_server.services.importing.rejects import RejectsFile
from sync_server.services.importing.rows import RawRow, Table
from sync_server.services.importing.table import open_table
from sync_server.store import audit
from sync_server.store.engine import Txn

T = TypeVar("T")
Progress = Callable[[str, int], None]
"""Called with the phase (`check` or `write`) and the rows done so far."""

BATCH_ROWS = 2000
PROBLEMS_SHOWN_MAX = 1000
"""A report lists so many; the rejects file has them all."""


@dataclass(slots=True)
class ImportReport:
    """What an import did. `seen` = `valid` + `rejected`; `valid` = `created` + `changed` + `unchanged`

    unless nothing was imported (`all_or_nothing` with a rejected row): then those three are 0.
    """

    kind: str
    file: str
    seen: int = 0
    valid: int = 0
    rejected: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    imported: bool = False
    ignored_columns: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    rejects_file: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The `--json` form."""
        return {
            "ok": self.rejected == 0,
            "kind": self.kind,
            "file": self.file,
            "seen": self.seen,
            "valid": self.valid,
            "rejected": self.rejected,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "imported": self.imported,
            "ignored_columns": self.ignored_columns,
            "problems": [problem.as_dict() for problem in self.problems],
            "rejects_file": self.rejects_file,
        }


@dataclass(slots=True)
class ImportOptions:
    """How one import is to run. `progress` may be slow; it is called once a batch."""

    all_or_nothing: bool = False
    rejects: Path | None = None
    sheet: str | None = None
    actor: str = "command line"
    progress: Progress = lambda phase, rows: None


class Import:
    """One file being imported."""

    def __init__(self, office: ImportTarget, kind: ImportKind, path: Path, options: ImportOptions) -> None:
        self._office = office
        self._kind = kind
        kind_name = kind.name
        self._path = path
        self._options = options
        self._stamp = _stamp(path)
        self._table = _open(path, kind_name, options.sheet)
        self._columns = ColumnMap(path.name, self._table.headings, self._kind.fields)
        self._chain: ChainView = office.store.read(chain_view)
        self._state = FileState()
        self._rejected: dict[int, list[RowProblem]] = {}
        self.report = ImportReport(kind_name, path.name, ignored_columns=self._columns.ignored)

    def run(self) -> ImportReport:
        """Checks, then writes. Raises BadFile (nothing written) and StoreTrouble."""
        self._check()
        report = self.report
        report.rejected = len(self._rejected)
        report.valid = report.seen - report.rejected
        for line in sorted(self._rejected):
            report.problems += self._rejected[line][: PROBLEMS_SHOWN_MAX - len(report.problems)]
            if len(report.problems) >= PROBLEMS_SHOWN_MAX:
                break
        if self._options.rejects is not None:
            self._write_rejects(self._options.rejects)
        if not (report.rejected and self._options.all_or_nothing):
            self._write()
            report.imported = True
        return report

    # --- first reading ------------------------------------------------------------------------------

    def _check(self) -> None:
        for batch in _batches(self._table.rows()):
            rows = [parsed for raw in batch if (parsed := self._understood(raw)) is not None]
            if rows:
                self._office.store.read(lambda txn, rows=rows: self._check_batch(txn, rows))  # type: ignore[misc]
            self.report.seen += len(batch)
            self._options.progress("check", self.report.seen)
        if self._state.deferred:
            self._office.store.read(self._settle_deferred)
        self._refuse_cycles()

    def _understood(self, raw: RawRow) -> ParsedRow | None:
        parsed, problems = self._columns.parse(raw, self._chain)
        if not problems:
            key = self._kind.key(parsed.values)
            first = self._state.line_of_key.setdefault(key, parsed.line)
            if first != parsed.line:
                problems = [self._columns.problem(raw.line, "", "duplicate_key", f"same key as line {first}")]
        if problems:
            self._rejected[raw.line] = problems
            return None
        return parsed

    def _check_batch(self, txn: Txn, rows: list[ParsedRow]) -> None:
        for row, field_name, code, reason in self._kind.check(txn, rows, self._chain, self._state):
            problem = self._columns.problem(row.line, field_name, code, reason)
            self._rejected.setdefault(row.line, []).append(problem)

    def _settle_deferred(self, txn: Txn) -> None:
        """References to keys that may stand further down; rejecting one row may orphan another."""
        known = self._kind.known_keys(txn, {key for _, _, key in self._state.deferred})
        waiting = [entry for entry in self._state.deferred if entry[2] not in known]
        settled = False
        while not settled:
            settled = True
            for line, field_name, key in waiting:
                target = self._state.line_of_key.get((key,))
                if line not in self._rejected and (target is None or target in self._rejected):
                    problem = self._columns.problem(line, field_name, "unknown_reference", f"no {key}")
                    self._rejected[line] = [problem]
                    settled = False

    def _refuse_cycles(self) -> None:
        """Departments whose way up never ends."""
        accepted = {
            code: parent
            for code, parent in self._state.parents.items()
            if self._state.line_of_key[code,] not in self._rejected
        }
        parents = {**self._chain.departments, **accepted}
        for code in accepted:
            seen = {code}
            above = parents.get(code)
            while above is not None and above not in seen:
                seen.add(above)
                above = parents.get(above)
            if above is not None:
                line = self._state.line_of_key[code,]
                problem = self._columns.problem(line, "parent_code", "bad_tree", f"{code} is below itself")
                self._rejected[line] = [problem]

    # --- second reading -----------------------------------------------------------------------------

    def _write_rejects(self, path: Path) -> None:
        with RejectsFile(path, self._table.headings, self._columns.secret_columns()) as rejects:
            for raw in self._table.rows() if self._rejected else ():
                problems = self._rejected.get(raw.line)
                if problems:
                    rejects.add(raw, problems)
        if self._rejected:
            self.report.rejects_file = str(path)

    def _write(self) -> None:
        if self._options.all_or_nothing:
            self._office.store.write(self._write_whole)
        else:
            # Short transactions, planned outside them (a PIN verifier takes 40 ms): the sales of open
            # shops go on between them. After a stop the same import again finishes the work.
            for batch in self._accepted():
                rows = self._parsed_again(batch)
                plans = self._office.store.read(lambda txn, rows=rows: self._plan(txn, rows))  # type: ignore[misc]
                self._office.store.write(lambda txn, plans=plans: write_plans(txn, plans))  # type: ignore[misc]
                self._count(plans)
        if _stamp(self._path) != self._stamp:
            raise BadFile("the file was changed while it was read; import it again", file=self._path.name)
        self._office.store.write(self._add_audit)

    def _accepted(self) -> Iterator[list[RawRow]]:
        return _batches(row for row in self._table.rows() if row.line not in self._rejected)

    def _write_whole(self, txn: Txn) -> None:
        report = self.report
        report.created = report.changed = report.unchanged = 0  # the store may run this again
        for batch in self._accepted():
            plans = self._plan(txn, self._parsed_again(batch))
            write_plans(txn, plans)
            self._count(plans)

    def _plan(self, txn: Txn, rows: Sequence[ParsedRow]) -> list[Plan]:
        return self._kind.plan(self._office, txn, rows, self._chain)

    def _parsed_again(self, batch: Sequence[RawRow]) -> list[ParsedRow]:
        rows = []
        for raw in batch:
            parsed, problems = self._columns.parse(raw, self._chain)
            if problems:
                raise BadFile("the file was changed while it was read", file=self._path.name, line=raw.line)
            rows.append(parsed)
        return rows

    def _count(self, plans: Sequence[Plan]) -> None:
        report = self.report
        for plan in plans:
            setattr(report, plan.outcome, getattr(report, plan.outcome) + 1)
        self._options.progress("write", report.created + report.changed + report.unchanged)

    def _add_audit(self, txn: Txn) -> None:
        report = self.report
        if report.created or report.changed:
            audit.add(
                txn,
                now_ms=self._office.now_ms,
                actor=self._options.actor,
                action="imported",
                subject=report.kind,
                file=report.file,
                created=report.created,
                changed=report.changed,
                rejected=report.rejected,
            )


def import_file(
    office: ImportTarget, kind_name: str, path: Path, options: ImportOptions | None = None
) -> ImportReport:
    """Imports one file of `IMPORT_KINDS[kind_name]`. Raises BadFile and StoreTrouble."""
    return Import(office, IMPORT_KINDS[kind_name], path, options or ImportOptions()).run()


def _open(path: Path, kind_name: str, sheet: str | None) -> Table:
    if path.suffix.lower() == ".json" and path.is_file():
        return JsonTable(path, kind_name)
    return open_table(path, sheet=sheet)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError as error:
        raise BadFile(f"cannot read {path.name}: {error.strerror}", file=path.name) from None
    return stat.st_size, stat.st_mtime_ns


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
