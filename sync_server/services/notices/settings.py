"""What whoever runs the server allows notices to do: `notices.json` in the data folder, not the console.

A form of the console must not reach into the server's own network; so the addresses that are private and
allowed all the same, and the folder that files go to, are set where the server's other files are.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pos_core.errors import Trouble

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadNoticeSettings(Trouble):
    """`notices.json` cannot be understood; nothing goes out until it can."""

    code = "bad_notice_settings"


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """`networks`: private ones that a webhook may lie in, plain HTTP too. `ca_file`: more authorities."""

    folder: Path
    networks: Sequence[Network] = field(default_factory=tuple)
    ca_file: Path | None = None

    def trust(self) -> ssl.SSLContext:
        """The machine's own authorities, and those of `ca_file`."""
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context


def read_settings(data: Path) -> NoticeSettings:
    """Raises BadNoticeSettings."""
    path = data / "notices.json"
    try:
        said = json.loads(path.read_bytes())
    except FileNotFoundError:
        said = {}
    except (OSError, ValueError) as error:
        raise BadNoticeSettings(f"notices.json: {error}") from error
    known = {"networks", "folder", "ca_file"}
    if not isinstance(said, dict) or not said.keys() <= known:
        raise BadNoticeSettings(f"notices.json must be an object of {', '.join(sorted(known))}")
    try:
        networks = tuple(ipaddress.ip_network(each) for each in said.get("networks", []))
        folder = Path(said.get("folder") or data / "notices-out")
        ca_file = Path(said["ca_file"]) if said.get("ca_file") else None
    except (TypeError, ValueError) as error:
        raise BadNoticeSettings(f"notices.json: {error}") from error
    return NoticeSettings(folder, networks, ca_file)
