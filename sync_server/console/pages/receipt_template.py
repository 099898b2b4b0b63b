"""The receipt's template: what stands on it, in which order, with a picture of a real sale beside it."""

from __future__ import annotations

import base64
import json
from typing import Any

from sync_server.console.ask import Ask, BadForm, Page, Redirect, Reply
from sync_server.services.console.receipt_design import ALWAYS, BLOCKS, COLUMNS
from sync_server.services.console.receipt_logo import logo_of

PAGE = "/console/receipt-template"


def editor(ask: Ask) -> Reply:
    """What is set, to change."""
    template = ask.desk.receipt_design.template()
    order = [each for each in template.get("blocks", BLOCKS) if each in BLOCKS]
    values = {
        "template": template,
        "order": order + [each for each in BLOCKS if each not in order],
        "used": set(order) | ALWAYS,
        "always": ALWAYS,
        "columns": COLUMNS,
        "logo": json.dumps(template["logo"]) if template.get("logo") else "",
    }
    return Page("receipt_template.html", values)


def preview(ask: Ask) -> Reply:
    """What the form would print."""
    columns = ask.number("columns", low=32, high=48, default=48)
    if columns not in COLUMNS:
        raise BadForm("32 or 48", field="columns")
    language = "en" if ask.text("paper_language", "") == "en" else "zh"
    picture = ask.desk.receipt_design.preview(_template(ask), columns, language)
    return Page("receipt_preview.html", {"picture": base64.b64encode(picture).decode(), "columns": columns})


def save(ask: Ask) -> Reply:
    """Keeps and publishes it."""
    template = _template(ask)
    file = ask.files.get("logo_file")
    if file is not None and file.size:
        template["logo"] = logo_of(file.file)
    ask.desk.receipt_design.save(ask.act, template)
    return Redirect(PAGE, "saved")


def _template(ask: Ask) -> dict[str, Any]:
    """From the form; what is as by default is left out."""
    numbered = sorted(
        (ask.number(f"place_{each}", low=1, high=99, default=99), place, each)
        for place, each in enumerate(BLOCKS)
        if ask.text(f"use_{each}", "") == "1" or each in ALWAYS
    )
    blocks = [each for _, _, each in numbered]
    said: dict[str, Any] = {} if blocks == BLOCKS else {"blocks": blocks}
    for name in ("header", "footer"):
        lines = [line.strip() for line in ask.text(name, "").splitlines() if line.strip()]
        if lines:
            said[name] = lines
    if ask.text("invoice_link", "").strip():
        said["invoice_link"] = ask.text("invoice_link").strip()
    if ask.text("return_summary", "1") == "0":
        said["return_summary"] = False
    logo = ask.text("logo", "").strip()
    if logo and ask.text("drop_logo", "") != "1":
        try:
            said["logo"] = json.loads(logo)
        except ValueError:
            raise BadForm("no logo", field="logo") from None
    return said
