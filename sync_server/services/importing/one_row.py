"""One row from a form, by the very rules that a file's rows are held to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.services.importing.context import ImportTarget, chain_view
from sync_server.services.importing.fields import ColumnMap
from sync_server.services.importing.kinds import IMPORT_KINDS
from sync_server.services.importing.kinds.base import FileState, Plan, write_plans
from sync_server.services.importing.problems import RowProblem
from sync_server.services.importing.rows import RawRow, tidy
from sync_server.store.engine import Txn


class RowRefused(Refusal):
    """A form whose values a file could not have either; `column`, `reason_code` and `reason` say why."""

    code = "row_refused"


def put_row(
    target: ImportTarget,
    kind_name: str,
    cells: Mapping[str, str],
    act: Act,
    *,
    subject: str | None = None,
    also: Callable[[Txn], None] | None = None,
) -> str:
    """Writes one row of an import kind; what it did: created, changed or unchanged. Raises RowRefused.

    The audit row names the row's key, or `subject` where the key itself is personal, and never a cell: one
    may be a PIN. `also` runs first in the same transaction.
    """
    key, plans = check_row(target, kind_name, cells)

    def write(txn: Txn) -> None:
        if also is not None:
            also(txn)
        write_plans(txn, plans)
        act.note(txn, target.now_ms, "row_set", subject or " ".join(key), kind=kind_name)

    target.store.write(write)
    return str(plans[0].outcome)


def check_row(
    target: ImportTarget, kind_name: str, cells: Mapping[str, str]
) -> tuple[Sequence[str], list[Plan]]:
    """A row's key and what writing it would do. Raises RowRefused."""
    kind = IMPORT_KINDS[kind_name]
    columns = ColumnMap("form", list(cells), kind.fields)
    raw = RawRow(1, [tidy(text) for text in cells.values()])
    chain = target.store.read(chain_view)
    parsed, problems = columns.parse(raw, chain)
    if problems:
        raise _refused(problems[0])
    state = FileState()
    key = kind.key(parsed.values)
    state.line_of_key[key] = 1

    def check_and_plan(txn: Txn) -> tuple[list[RowProblem], list[Plan]]:
        faults = [
            columns.problem(row.line, name, code, reason)
            for row, name, code, reason in kind.check(txn, [parsed], chain, state)
        ]
        return faults, [] if faults else list(kind.plan(target, txn, [parsed], chain))

    faults, plans = target.store.read(check_and_plan)
    if faults:
        raise _refused(faults[0])
    return key, plans


def _refused(problem: RowProblem) -> RowRefused:
    return RowRefused(problem.reason, column=problem.column, reason_code=problem.code, reason=problem.reason)
