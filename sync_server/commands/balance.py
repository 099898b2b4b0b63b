"""`balance`: the chain's stock and suggested transfers, now; a serving head office does it every night."""

from __future__ import annotations

from dataclasses import asdict

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office, screen, tell


@app.command()
def balance(data: DataOption, database: DatabaseOption = None, json_: JsonOption = False) -> None:
    """Work out what lies where, what is missing or too much, and transfers that would pay."""
    from sync_server.services.balancing.run import Balancing  # numpy and the solver

    with head_office(data, database, as_json=json_) as office, screen().status("Working out ..."):
        done = Balancing(office.store, office.clock).run()
        text = f"{done.places} places, {done.suggestions} suggested transfers."
        text += f" They save {1 - done.gap_ppm / 1e6:.1%} of the most that can be saved, or more."
        tell({"ok": True, **asdict(done)}, as_json=json_, text=text)
