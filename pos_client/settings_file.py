"""`settings.json` of this machine: printer and other devices, language, where to listen."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from pos_client.devices.lines import DEFAULT_LINES, check_line
from pos_client.services.refusals.workstation import NotSaved
from pos_client.storage.durable import replace_durably
from pos_core.errors import InvalidInput

SETTINGS_FILE = "settings.json"


def read_settings(data: Path) -> dict[str, Any]:
    """`settings.json` of this machine (printer, language); {} when there is none or it is no JSON object."""
    try:
        value = json.loads((data / SETTINGS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def keep_setting(data: Path, name: str, value: str) -> None:
    """Write one setting down, whole or not at all. Raises NotSaved."""
    text = json.dumps({**read_settings(data), name: value}, ensure_ascii=False, indent=1, sort_keys=True)
    try:
        replace_durably(data / SETTINGS_FILE, text.encode() + b"\n")
    except OSError as error:
        raise NotSaved("the setting cannot be written", path=str(data / SETTINGS_FILE)) from error


def device_lines(data: Path) -> dict[str, str]:
    """What `settings.json` says; a line that names nothing is left out and its default stands."""
    found = {}
    for kind, line in read_settings(data).items():
        if kind in DEFAULT_LINES and isinstance(line, str):
            with contextlib.suppress(InvalidInput):
                check_line(kind, line)
                found[kind] = line
    return found
