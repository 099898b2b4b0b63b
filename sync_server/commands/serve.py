"""`serve`: answer workstations until told to stop."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sync_server.commands.app import DatabaseOption, DataOption, JsonOption, app, head_office


@app.command()
def serve(
    data: DataOption,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8470,
    tls: Annotated[bool, typer.Option("--tls/--no-tls", help="Plain HTTP is taken on loopback only.")] = True,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Serve the HTTP interface; prints one line once it listens."""
    from sync_server.bootstrap import make_server
    from sync_server.http.log import configure
    from sync_server.http.memory import settle, share_one_heap
    from sync_server.http.serving import refuse_plain_http
    from sync_server.http.serving import serve as run
    from sync_server.services.certificates import server_files
    from sync_server.services.serving_lock import serving_lock

    share_one_heap()
    configure()
    shared = bool(database)
    with head_office(data, database, as_json=json_) as office, serving_lock(data, shared=shared):
        if not tls:
            refuse_plain_http(host)

        def told(found_host: str, found_port: int) -> None:
            url = f"{'https' if tls else 'http'}://{found_host}:{found_port}"
            line = json.dumps({"url": url}) if json_ else f"Listening on {url}"
            settle()
            print(line, flush=True)

        run(
            make_server(office, tls=tls),
            host=host,
            port=port,
            tls=server_files(office.folder) if tls else None,
            on_listening=told,
        )
