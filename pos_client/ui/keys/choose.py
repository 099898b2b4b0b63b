"""Which keymap: named on the command line, the shop's own file, head office's default, ours."""

from __future__ import annotations

from pathlib import Path

from pos_client.services.keymaps import Keymaps
from pos_client.ui.keys.keymap import BadKeymap, Keymap, load_keymap, read_keymap
from pos_core.keys import SHIPPED


def choose_keymap(
    name: str | None, keymaps: Keymaps | None, own_file: Path | None
) -> tuple[Keymap, BadKeymap | None]:
    """The keymap, and what was wrong with the one that was wanted: then it is ours, and the till works."""
    try:
        return _wanted(name, keymaps, own_file), None
    except BadKeymap as error:
        return load_keymap(), error


def _wanted(name: str | None, keymaps: Keymaps | None, own_file: Path | None) -> Keymap:
    published = keymaps.published() if keymaps else {}
    if name is None and own_file is not None and own_file.exists():
        try:
            return read_keymap(own_file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as problem:
            raise BadKeymap(f"{own_file.name}: {type(problem).__name__}") from None
    wanted = name or (keymaps.default if keymaps else None) or SHIPPED[0]
    if wanted in published:
        return read_keymap(published[wanted])
    if wanted in SHIPPED:
        return load_keymap(wanted)
    raise BadKeymap(f"there is no keymap {wanted[:40]!r}", name=wanted[:40])
