"""Stores, workstations, employees and policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sync_server.console.ask import Ask, BadForm, Download, Page, Redirect, Reply
from sync_server.services.console.tables import CSV_TYPE, as_csv
from sync_server.services.shared.credentials import VERDICTS
from sync_server.store.masters import EmployeeRow

STORE_FIELDS = (
    "store_id", "name", "region", "address", "latitude", "longitude", "time_zone", "price_list_id",
    "store_groups",
)  # fmt: skip
EMPLOYEE_FIELDS = ("operator_number", "employee_id", "name", "role", "store_ids", "active")
EMPLOYEES_SHOWN = 500
WORKSTATIONS_SHOWN = 500
WORKSTATION_COLUMNS = (
    "workstation_id", "name", "store_id", "store", "state", "incarnation", "release_version",
    "staged_versions", "documents", "documents_waiting", "clock_offset_ms", "last_contact_ms", "app_version",
    "refused",
)  # fmt: skip


def stores(ask: Ask) -> Reply:
    """Every store with how its workstations are."""
    return Page("stores.html", {"stores": ask.desk.fleet.stores(ask.region), "fields": STORE_FIELDS})


def store(ask: Ask) -> Reply:
    """One store: workstations and people."""
    view, people = ask.desk.fleet.store(ask.path["store_id"], ask.region)
    values = {"view": view, "people": people, "fields": STORE_FIELDS, "cells": _store_cells(view.row)}
    values |= {"said": _said(ask, people)}
    return Page("store.html", values)


def put_store(ask: Ask) -> Reply:
    """A new store, or one changed."""
    cells = {name: ask.text(name, "") for name in STORE_FIELDS if ask.text(name, "").strip()}
    ask.desk.fleet.put(ask.act, "stores", cells)
    return Redirect(f"/console/stores/{cells.get('store_id', '')}", "saved")


def new_code(ask: Ask) -> Reply:
    """An enrolment code, shown once."""
    return Page("enrolment_code.html", {"code": ask.desk.fleet.new_code(ask.act, ask.path["store_id"])})


def workstations(ask: Ask) -> Reply:
    """Every workstation of the chain, those that have been silent longest first."""
    text, state = ask.query.get("text", "").strip(), ask.query.get("state", "")
    found = [row for row in _workstations(ask) if state in ("", row["state"]) and _names(row, text)]
    found.sort(key=lambda row: (row["state"] != "active", row["last_contact_ms"]))
    values = {"rows": found[:WORKSTATIONS_SHOWN], "count": len(found), "text": text, "state": state}
    return Page("workstations.html", values)


def export_workstations(ask: Ask) -> Reply:
    """All of them as CSV."""
    rows = [[row[name] for name in WORKSTATION_COLUMNS] for row in _workstations(ask)]
    return Download("workstations.csv", CSV_TYPE, as_csv(WORKSTATION_COLUMNS, rows))


def _workstations(ask: Ask) -> list[dict[str, Any]]:
    return [
        {**row, "store": view.row["name"], "refused": sum(each["count"] for each in row["refusals"])}
        for view in ask.desk.fleet.stores(ask.region)
        for row in view.workstations
    ]


def _names(row: dict[str, Any], text: str) -> bool:
    return any(text.casefold() in str(row[name]).casefold() for name in WORKSTATION_COLUMNS[:4])


def workstation(ask: Ask) -> Reply:
    """One workstation with its incarnations."""
    view = ask.desk.fleet.workstation(ask.path["workstation_id"], ask.region)
    return Page("workstation.html", {"view": view})


def revoke(ask: Ask) -> Reply:
    """No more syncing for it."""
    ask.desk.fleet.revoke(ask.act, ask.path["workstation_id"])
    return Redirect(f"/console/workstations/{ask.path['workstation_id']}", "saved")


def replace(ask: Ask) -> Reply:
    """Another machine takes its place."""
    code = ask.desk.fleet.replace(ask.act, ask.path["workstation_id"])
    return Page("enrolment_code.html", {"code": code})


def employees(ask: Ask) -> Reply:
    """Who may sign on, and where."""
    text = ask.query.get("text", "").strip()
    found = [
        row
        for row in ask.desk.fleet.employees(ask.region)
        if text in (row.operator_number, "") or text in row.name or text in json.loads(row.store_ids)
    ]
    shown = found[:EMPLOYEES_SHOWN]
    values = {"people": shown, "count": len(found), "text": text, "said": _said(ask, shown)}
    return Page("employees.html", values)


def say_credential(ask: Ask) -> Reply:
    """Head office's own word on a sign-on: it stands above a manager's."""
    verdict = next((each for each in VERDICTS if each == ask.text("verdict", "")), None)
    if verdict is None:
        raise BadForm("no such word")
    reach = (
        None if ask.region is None else {view.row["store_id"] for view in ask.desk.fleet.stores(ask.region)}
    )
    store_id = ask.text("store_id", "").strip() or None
    ask.desk.credentials.say(ask.act, ask.path["employee_id"], verdict, store_id, within=reach)
    return Redirect("/console/employees", "saved")


def _said(ask: Ask, people: Sequence[EmployeeRow]) -> dict[str, list[tuple[str, str]]]:
    """Employee → (store, what holds there) where anybody said something: hq_locked, locked, pin_set."""
    found: dict[str, list[tuple[str, str]]] = {}
    known = ask.desk.credentials.of([row.employee_id for row in people])
    for (employee_id, store_id), credential in sorted(known.items()):
        words = found.setdefault(employee_id, [])
        if credential.lock is not None:
            words.append((store_id, "hq_locked" if credential.lock.is_head_offices else "locked"))
        if credential.pin_verifier is not None:
            words.append((store_id, "pin_set"))
    return found


def put_employee(ask: Ask) -> Reply:
    """A new employee, or one changed; a PIN is needed where a store is new to him."""
    cells = {name: ask.text(name, "") for name in EMPLOYEE_FIELDS if ask.text(name, "").strip()}
    if ask.text("pin", "").strip():
        cells["pin"] = ask.text("pin").strip()
    ask.desk.fleet.put(ask.act, "employees", cells)
    return Redirect("/console/employees", "saved")


def _store_cells(row: dict[str, object]) -> dict[str, str]:
    """A store's row as its form shows it."""
    cells = {name: str(row.get(name) or "") for name in STORE_FIELDS}
    for name in ("latitude", "longitude"):
        value = row.get(f"{name}_e6")
        cells[name] = f"{value / 1_000_000:.6f}" if isinstance(value, int) else ""
    cells["store_groups"] = ";".join(json.loads(str(row["store_groups"])))
    return cells
