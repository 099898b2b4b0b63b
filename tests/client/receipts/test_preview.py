"""`receipt-preview`: a template as a picture, by the code that prints; what cannot be read is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import Any

import pytest
from PIL import Image

from pos_client.commands.receipt_preview import BadPreview, preview
from pos_client.receipts.template import BadReceiptTemplate
from resources import resource_path


def question(**more: Any) -> dict[str, Any]:
    return {
        "document": json.loads(resource_path("examples/sale.json").read_text("utf-8")),
        "template": {},
        "columns": 32,
        "language": "zh",
        "store": {"store_id": "S001", "name": "人民路店", "time_zone": "Asia/Shanghai"},
        "workstation_name": "1",
        "operator_name": "王",
        **more,
    }


def asked(**more: Any) -> Image.Image:
    return Image.open(io.BytesIO(preview(json.dumps(question(**more)).encode())))


def test_the_command_prints_what_the_function_does() -> None:
    text = json.dumps(question()).encode()
    done = subprocess.run(
        [sys.executable, "-m", "pos_client", "receipt-preview"], input=text, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == preview(text)
    wrong = json.dumps(question(template={"blocks": ["x"]})).encode()
    done = subprocess.run(
        [sys.executable, "-m", "pos_client", "receipt-preview"], input=wrong, capture_output=True, check=False
    )
    assert done.returncode == 1 and done.stderr.startswith(b"bad_receipt_template: blocks")


def test_the_template_and_the_paper_are_seen() -> None:
    narrow, wide = asked(), asked(columns=48)
    assert (narrow.width, wide.width) == (384, 576)
    assert asked(template={"header": ["欢迎光临"] * 3}).height > narrow.height
    assert asked(template={"blocks": ["store", "lines"]}).height < narrow.height


@pytest.mark.parametrize("more", [{"columns": 40}, {"document": {}}, {"store": None}, {"columns": "x"}])
def test_what_is_no_question_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(BadPreview):
        asked(**more)


def test_a_template_that_is_wrong_says_where() -> None:
    with pytest.raises(BadReceiptTemplate):
        asked(template={"header": "x"})
    with pytest.raises(BadPreview):
        preview(b"{")
