"""`credential`: head office locks an employee, unlocks him, or lets its own PIN count again."""

from __future__ import annotations

from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, tell
from sync_server.services.acts import Act, checked_why
from sync_server.services.shared.credentials import Verdict

Employee = Annotated[str, typer.Argument(help="Id of the employee.")]
Word = Annotated[Verdict, typer.Argument(help="locked, unlocked, or pin_withdrawn: a manager's PIN ends.")]
StoreId = Annotated[str | None, typer.Option("--store", help="One store; otherwise every one of his.")]
Why = Annotated[str, typer.Option(help="Why, for the audit: no names.")]


@app.command("credential")
def credential(
    employee: Employee,
    verdict: Word,
    data: DataOption,
    why: Why,
    store: StoreId = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Head office's own word on an employee's sign-on. Its lock is lifted by head office alone."""
    with head_office(data, database, as_json=json_) as office:
        stores = office.credentials.say(Act("command line", checked_why(why)), employee, verdict, store)
        told = {"ok": True, "employee_id": employee, "verdict": verdict, "stores": stores}
        tell(told, as_json=json_, text=f"{employee}: {verdict} at {', '.join(stores)}.")
