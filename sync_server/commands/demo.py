"""`demo`: a chain to try things with, in seconds."""

from __future__ import annotations

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sync_server.commands.app import DataOption, JsonOption, app, errors_told, head_office, screen, tell
from sync_server.demo.chain import CHAIN_NAME
from sync_server.services.certificates import ca_fingerprint
from sync_server.services.chain import found_chain
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder
from sync_server.services.demo import DemoChain, build_demo, demo_console_users

DEMO_STORE = "S001"
CODE_MINUTES = 60


@app.command()
def demo(*, data: DataOption, json_: JsonOption = False) -> None:
    """Found a demo chain: 4 stores, over 2,000 items, 200 members, prices, promotions, one enrolment code.

    Operators with their PINs and users of the console with their passwords are printed; none is secret.
    """
    console = screen()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=json_ and not console.is_terminal) as progress:
        task = progress.add_task("keys and certificates", total=None)
        with errors_told(as_json=json_):
            found_chain(
                DataFolder(data),
                chain_name=CHAIN_NAME,
                currency="CNY",
                clock=SystemClock(),
                hosts=["localhost", "127.0.0.1"],
            )
        with head_office(data, as_json=json_) as office:
            made = build_demo(
                office.store,
                office.keys,
                office.releases,
                office.clock,
                lambda text: progress.update(task, description=text),
            )
            fingerprint = ca_fingerprint(office.folder)
            people = demo_console_users(office.users)
            code = office.enrolment.new_code(DEMO_STORE, minutes=CODE_MINUTES, ca_fingerprint=fingerprint)
    value = {
        "ok": True,
        "chain_name": CHAIN_NAME,
        **made.as_dict(),
        "console": people,
        "enrolment": {"store_id": DEMO_STORE, "code": code.code, "expires_at_ms": code.expires_at_ms},
    }
    tell(value, as_json=json_, text=_text(made, people, code.code))


def _text(made: DemoChain, people: list[dict[str, str]], code: str) -> str:
    lines = [f"{CHAIN_NAME}: " + ", ".join(f"{count} {kind}" for kind, count in made.rows.items())]
    for store_id, operators in made.operators.items():
        pins = ", ".join(f"{each['name']} PIN {each['pin']}" for each in operators)
        lines.append(f"{store_id}: {pins}")
    lines += [f"Console: {each['login']} {each['password']} ({each['roles']})" for each in people]
    lines.append(f"Enrolment code for {DEMO_STORE}, {CODE_MINUTES} minutes: {code}")
    return "\n".join(lines)
