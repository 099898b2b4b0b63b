"""The log of the client: one JSON object a line, its library loaded by the first of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from pos_client.log import configure_logging, get_logger
configure_logging(Path(sys.argv[1]))
log = get_logger("pos_client.services.x")
assert "structlog" not in sys.modules
log.info("came", count=3, name="可乐")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("went_wrong")
"""


def test_each_line_is_an_object_with_event_level_time_and_facts(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True)
    lines = (tmp_path / "logs" / "tidemark.log").read_text("utf-8").splitlines()
    first, second = (json.loads(line) for line in lines)
    assert (first["event"], first["level"], first["count"], first["name"]) == ("came", "info", 3, "可乐")
    assert first["timestamp"].endswith("Z")
    assert second["level"] == "error" and "ZeroDivisionError" in second["exception"]
