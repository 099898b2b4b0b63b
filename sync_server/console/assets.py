"""The files that browsers load: ours, and the libraries that set-up has put into `vendor/`.

Each has its hash in its address, so it is cached for good and never stale. Nothing comes from elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from pos_core.errors import Trouble

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
VENDOR = ("htmx.min.js", "alpine-csp.min.js", "echarts.common.min.js")
"""Fetched by `bootstrap.py` (package-lock.json names version and hash of each)."""


class AssetsMissing(Trouble):
    """The console's libraries were not set up: run `python3 bootstrap.py setup`."""

    code = "console_assets_missing"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    content: bytes
    content_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """Every file by name. Raises AssetsMissing."""
    found = [_asset(path.name, path.read_bytes()) for path in sorted((_HERE / "static").iterdir())]
    for name in VENDOR:
        path = _HERE / "vendor" / name
        if not path.exists():
            raise AssetsMissing(f"{name} is not there; run: python3 bootstrap.py setup", file=name)
        found.append(_asset(name, path.read_bytes()))
    found.append(_asset("tokens.css", _tokens().encode()))
    return {asset.name: asset for asset in found}


def address(name: str) -> str:
    """Where a page loads it from."""
    return f"/console/static/{assets()[name].digest}/{name}"


def _asset(name: str, content: bytes) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(name, content, _TYPES[Path(name).suffix], digest)


def _tokens() -> str:
    """The window's own colours and fonts as custom properties: one palette for both programs."""
    palette = json.loads((files("resources") / "style" / "palette.json").read_text(encoding="utf-8"))
    lines = [f"  --{name.replace('_', '-')}: {value};" for name, value in palette["colors"].items()]
    fonts = ", ".join(json.dumps(name) for name in palette["fonts"])
    return ":root {\n" + "\n".join(lines) + f"\n  --fonts: {fonts}, sans-serif;\n}}\n"
