"""The examples of docs/promotions.md as data: what the document shows is what the tests load."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_TEXT = (Path(__file__).parents[3] / "docs" / "promotions.md").read_text("utf-8")

PROMOTIONS: dict[str, dict[str, Any]] = {
    promotion["id"]: promotion
    for promotion in map(json.loads, re.findall(r"^```json\n(.*?)^```", _TEXT, re.DOTALL | re.MULTILINE))
}
(BASKET,) = map(json.loads, re.findall(r"^```json basket\n(.*?)^```", _TEXT, re.DOTALL | re.MULTILINE))
