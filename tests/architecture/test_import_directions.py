"""The directions of docs/architecture.md: lower never imports higher, the two programs never meet."""

from __future__ import annotations

import sys

import pytest

from tests.architecture.imports import imports_of, modules

CLIENT_LAYERS = [
    {
        "pos_client.bootstrap",
        "pos_client.headless_host",
        "pos_client.settings_file",
        "pos_client.__main__",
        "pos_client.commands",
        "pos_client.headless.__main__",
    },
    {"pos_client.ui", "pos_client.headless"},
    {"pos_client.services"},
    {"pos_client.sync", "pos_client.devices", "pos_client.receipts"},
    {"pos_client.journal", "pos_client.replica", "pos_client.peers"},
    {"pos_client.storage", "pos_client.keys", "pos_client.log", "pos_client.collector"},
]
SERVER_LAYERS = [
    {
        "sync_server.bootstrap",
        "sync_server.head_office",
        "sync_server.console_wiring",
        "sync_server.jobs_wiring",
        "sync_server.__main__",
        "sync_server.commands",
    },
    {"sync_server.http", "sync_server.console", "sync_server.jobs"},
    {"sync_server.services", "sync_server.demo"},
    {"sync_server.store"},
]
THIRD_PARTY_ONLY_IN = {
    "PySide6": ("pos_client.ui", "pos_client.bootstrap"),
    "fastapi": ("sync_server.http", "sync_server.console", "sync_server.bootstrap"),
    "uvicorn": ("sync_server.bootstrap", "sync_server.commands", "sync_server.http"),
    "httpx": ("pos_client.sync", "sync_server.services"),
}


def layer_of(name: str, layers: list[set[str]]) -> int | None:
    """Index of the layer that holds a module; the longest matching prefix wins."""
    best: tuple[int, int] | None = None
    for index, layer in enumerate(layers):
        for prefix in layer:
            if (name == prefix or name.startswith(prefix + ".")) and (best is None or len(prefix) > best[0]):
                best = (len(prefix), index)
    return None if best is None else best[1]


@pytest.mark.parametrize("package,layers", [("pos_client", CLIENT_LAYERS), ("sync_server", SERVER_LAYERS)])
def test_lower_layers_never_import_higher_ones(package: str, layers: list[set[str]]) -> None:
    wrong = []
    for name, path in modules(package):
        own = layer_of(name, layers)
        for imported, line in imports_of(name, path, with_type_checking=False):
            other = layer_of(imported, layers)
            if own is not None and other is not None and other < own:
                wrong.append(f"{path}:{line} {name} imports {imported}")
    assert not wrong


@pytest.mark.parametrize("package,layers", [("pos_client", CLIENT_LAYERS), ("sync_server", SERVER_LAYERS)])
def test_every_module_lives_in_a_known_layer(package: str, layers: list[set[str]]) -> None:
    homeless = [n for n, _ in modules(package) if n != package and layer_of(n, layers) is None]
    assert not homeless


@pytest.mark.parametrize(
    "package,forbidden",
    [
        ("pos_client", "sync_server"),
        ("sync_server", "pos_client"),
        ("pos_core", "pos_client"),
        ("pos_core", "sync_server"),
    ],
)
def test_packages_that_never_meet(package: str, forbidden: str) -> None:
    wrong = [
        f"{path}:{line}"
        for name, path in modules(package)
        for imported, line in imports_of(name, path)
        if imported.split(".")[0] == forbidden
    ]
    assert not wrong


CORE_MAY_NOT = {"time", "random", "secrets", "socket", "sqlite3", "os", "pathlib", "threading", "asyncio"}
CORE_MAY_NOT |= {"subprocess", "urllib", "http", "tempfile", "shutil", "io", "locale", "logging"}


def test_core_is_standard_library_only_and_owns_no_edge() -> None:
    """`pos_core.*.__main__` is a command's edge: it alone may read standard input."""
    wrong = []
    for name, path in modules("pos_core"):
        for imported, line in imports_of(name, path):
            top = imported.split(".")[0]
            foreign = top != "pos_core" and top not in sys.stdlib_module_names
            edge = top in CORE_MAY_NOT and not name.endswith("__main__")
            if foreign or edge:
                wrong.append(f"{path}:{line} imports {imported}")
    assert not wrong


def test_no_second_sqlite_in_the_process() -> None:
    """stdlib sqlite3 has the WAL-reset race, and two libraries on one file cancel each other's locks."""
    wrong = []
    for package in ("pos_core", "pos_client", "sync_server", "benchmarks", "installers"):
        for name, path in modules(package):
            for imported, line in imports_of(name, path):
                if imported.split(".")[0] in {"sqlite3", "pysqlite3", "apsw"} or "QtSql" in imported:
                    wrong.append(f"{path}:{line} imports {imported}")
    assert not wrong


@pytest.mark.parametrize("library", sorted(THIRD_PARTY_ONLY_IN))
def test_each_library_stays_behind_its_edge(library: str) -> None:
    allowed = THIRD_PARTY_ONLY_IN[library]
    wrong = []
    for package in ("pos_client", "sync_server"):
        for name, path in modules(package):
            uses = any(i.split(".")[0] == library for i, _ in imports_of(name, path))
            if uses and not name.startswith(allowed):
                wrong.append(f"{name} imports {library}")
    assert not wrong
