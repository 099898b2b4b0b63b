"""`python -m sync_server`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from sync_server import commands


def main() -> None:
    """Loads every noun's commands, then runs the one asked for."""
    for module in iter_modules(commands.__path__):
        import_module(f"{commands.__name__}.{module.name}")
    from sync_server.commands.app import app

    app()


if __name__ == "__main__":
    main()
