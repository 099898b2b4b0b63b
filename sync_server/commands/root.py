"""`root`: who may sign the chain's releases, decided by m of n people with keys that are never online.

`key`, `draft`, `sign` and `check` need no data folder: run them on a machine without a network.
`pricing-key`, `adopt` and `show` run at head office.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pos_core.sync.trust_root import SignedRoot, TrustRoot, check_root, check_successor, key_id_of, root_text
from sync_server.commands.app import (
    DatabaseOption,
    DataOption,
    JsonOption,
    app,
    errors_told,
    head_office,
    tell,
)
from sync_server.services import pricing_keys, root_ceremony
from sync_server.services.acts import Act, checked_why
from sync_server.services.root_ceremony import BadRootFile

root = typer.Typer(no_args_is_help=True, help="The root of trust: m of n offline keys say who may price.")
app.add_typer(root, name="root")

RootFile = Annotated[Path, typer.Argument(help="The root's file.")]
AfterOption = Annotated[
    Path | None, typer.Option("--after", help="File of the root in force; none for a chain's first root.")
]
PassphraseOption = Annotated[
    str,
    typer.Option(
        "--passphrase",
        envvar="TIDEMARK_ROOT_PASSPHRASE",
        help="Of the key file; asked for when not given, empty for none.",
        prompt=True,
        hide_input=True,
    ),
]


@root.command("key")
def make_key(
    out: Annotated[Path, typer.Option("--out", help="New file for the private key.")],
    passphrase: PassphraseOption = "",
    json_: JsonOption = False,
) -> None:
    """Make a root key. Offline, one per person; the public key is what the others need."""
    with errors_told(as_json=json_):
        try:
            public = root_ceremony.make_key(out, passphrase)
        except OSError as error:
            raise BadRootFile(f"{out} cannot be made: {error.strerror}") from None
    text = base64.b64encode(public).decode()
    tell(
        {"ok": True, "public_key": text, "key_id": key_id_of(public)},
        as_json=json_,
        text=f"Public key {text} (id {key_id_of(public)}). Keep {out} off every network.",
    )


@root.command("draft")
def draft(
    *,
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    pricing_key: Annotated[list[str], typer.Option("--pricing-key", help="Public key; repeatable.")],
    root_key: Annotated[
        list[str] | None,
        typer.Option("--root-key", help="Public key; repeatable. None: those of the root before."),
    ] = None,
    threshold: Annotated[int | None, typer.Option(help="How many root keys must sign.")] = None,
    pricing_threshold: Annotated[
        int, typer.Option("--pricing-threshold", help="How many of the pricing keys must sign a release.")
    ] = 1,
    after: AfterOption = None,
    chain_id: Annotated[
        str | None, typer.Option("--chain-id", help="Of a first root; `init` has shown it.")
    ] = None,
    note: Annotated[str, typer.Option(help="What people want to remember of it.")] = "",
    json_: JsonOption = False,
) -> None:
    """Write a root without signatures: the chain's first, or the one after --after. Offline."""
    with errors_told(as_json=json_):
        before = _before(after)
        if before is None and (not chain_id or not root_key or threshold is None):
            raise BadRootFile("a first root needs --chain-id, --root-key and --threshold")
        named = [root_ceremony.public_key(key) for key in pricing_key]
        text = root_text(
            chain_id=before.chain_id if before else str(chain_id),
            version=before.version + 1 if before else 1,
            issued_at_ms=time.time_ns() // 1_000_000,
            root_keys=[root_ceremony.public_key(key) for key in root_key or ()]
            or list(before.root.keys.values() if before else ()),
            root_threshold=threshold if threshold is not None else (before.root.threshold if before else 0),
            pricing_keys=named,
            pricing_threshold=pricing_threshold,
            withdrawn=root_ceremony.withdrawn(before, named),
            note=note,
        )
        root_ceremony.write_root(out, SignedRoot(text))
    _report(SignedRoot(text), before, as_json=json_)


@root.command("sign")
def sign(
    file: RootFile,
    key: Annotated[Path, typer.Option("--key", help="File of the private root key.")],
    passphrase: PassphraseOption = "",
    after: AfterOption = None,
    json_: JsonOption = False,
) -> None:
    """Add one signature to a root's file, after reading what it says. Offline.

    With --after the keys that are leaving sign too: m of the old and m of the new are needed.
    """
    with errors_told(as_json=json_):
        before = _before(after)
        signed = root_ceremony.sign(
            root_ceremony.read_root(file), root_ceremony.load_key(key, passphrase), before
        )
        root_ceremony.write_root(file, signed)
    _report(signed, before, as_json=json_)


@root.command("check")
def check(file: RootFile, after: AfterOption = None, json_: JsonOption = False) -> None:
    """Say what a root's file holds and whether workstations would follow it. Exit status 1 when not."""
    with errors_told(as_json=json_):
        before = _before(after)
        signed = root_ceremony.read_root(file)
        if before is None:
            found = TrustRoot.read(signed.document)
            check_root(signed, pricing_keys.verifies, chain_id=found.chain_id)
        else:
            check_successor(signed, before, pricing_keys.verifies)
    _report(signed, before, as_json=json_)


@root.command("pricing-key")
def pricing_key(data: DataOption, json_: JsonOption = False) -> None:
    """Make the next pricing key at head office and show its public half; it signs once a root names it."""
    with head_office(data, as_json=json_) as office:
        public = pricing_keys.make_next(office.folder)
        present = sorted(pricing_keys.held(office.folder))
    text = base64.b64encode(public).decode()
    tell(
        {"ok": True, "public_key": text, "key_id": key_id_of(public), "here": present},
        as_json=json_,
        text=f"Public key {text} (id {key_id_of(public)}). It waits for a root that names it.",
    )


@root.command("adopt")
def adopt(
    file: RootFile,
    data: DataOption,
    why: Annotated[str, typer.Option(help="Why, for the audit.")],
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Put a signed root in force: every workstation follows it, every release is signed again."""
    with head_office(data, database, as_json=json_) as office:
        act = Act("command line", checked_why(why))
        found, count = office.trust_roots.adopt(root_ceremony.read_root(file), act)
    tell(
        {"ok": True, "version": found.version, "sha256": found.sha256, "releases_signed": count},
        as_json=json_,
        text=f"Root {found.version} is in force; {count} releases were signed again.",
    )


@root.command("show")
def show(
    data: DataOption,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to a file, for --after.")] = None,
    database: DatabaseOption = None,
    json_: JsonOption = False,
) -> None:
    """Show the root in force, and the pricing keys that are here."""
    with head_office(data, database, as_json=json_) as office:
        newest = office.trust_roots.newest()
        here = {
            key_id: base64.b64encode(key.public_key().public_bytes_raw()).decode()
            for key_id, key in pricing_keys.held(office.folder).items()
        }
        if newest is not None and out is not None:
            root_ceremony.write_root(out, newest)
    keys = "\n".join(f"Pricing key here: {key_id} {text}" for key_id, text in here.items())
    if newest is None:
        tell({"ok": True, "root": None, "pricing_keys_here": here}, as_json=json_, text=f"No root.\n{keys}")
        return
    found = TrustRoot.read(newest.document)
    tell(
        {"ok": True, "root": json.loads(newest.document), "sha256": found.sha256, "pricing_keys_here": here},
        as_json=json_,
        text="\n".join([*root_ceremony.words(found, None), keys]),
    )


def _before(after: Path | None) -> TrustRoot | None:
    return None if after is None else TrustRoot.read(root_ceremony.read_root(after).document)


def _report(signed: SignedRoot, before: TrustRoot | None, *, as_json: bool) -> None:
    found, so_far = TrustRoot.read(signed.document), root_ceremony.progress(signed, before)
    lines = root_ceremony.words(found, before)
    lines.append(f"Signed by {so_far.own} of its keys; it needs {so_far.own_threshold}.")
    if so_far.before is not None:
        lines.append(f"Signed by {so_far.before} keys before it; it needs {so_far.before_threshold}.")
    value = {"ok": True, "version": found.version, "sha256": found.sha256, "ready": so_far.ready}
    tell({**value, "signatures": asdict(so_far)}, as_json=as_json, text="\n".join(lines))
