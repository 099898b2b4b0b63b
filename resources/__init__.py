"""What the program reads that is not code: translations, styles, keymaps, icons, SQL, templates."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def resource_path(name: str) -> Path:
    """The file of a resource, named with forward slashes below `resources/`. FileNotFoundError if none.

    The only way to a resource: an installed or packaged program finds them where this module lies.
    """
    path = _HERE.joinpath(*name.split("/"))
    if not path.exists():
        raise FileNotFoundError(name)
    return path
