"""The whole table of routes as every role; what strangers and foreign forms get."""

from __future__ import annotations

import re

import pytest

from sync_server.console.app import Console
from sync_server.console.navigation import MENU
from sync_server.console.routes import ROUTES, Open, Route, Why
from sync_server.services.console.roles import PERMISSIONS, Role, may
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain


def filled(route: Route) -> str:
    return re.sub(r"{[^}]+}", "nothing-of-this-name", route.path)


def test_no_route_is_outside_of_the_table() -> None:
    app = Console.__new__(Console)
    app.__init__(desk=_NoDesk(), secure=True)  # type: ignore[misc,arg-type]
    served = {(method, r.path) for r in app.app.routes for method in r.methods - {"HEAD"}}  # type: ignore[attr-defined]
    ours = {(route.method, route.path) for route in ROUTES}
    assert served - ours == {("GET", "/static/{digest}/{name}"), ("GET", "/{path:path}")}
    assert len(ours) == len(ROUTES), "an address stands twice"


class _NoDesk:
    clock = None


def test_every_route_names_a_known_permission_and_every_permission_is_used() -> None:
    named = {route.needs for route in ROUTES if isinstance(route.needs, str)}
    assert named == set(PERMISSIONS), named ^ set(PERMISSIONS)


def test_only_signing_in_and_the_language_are_open() -> None:
    assert {r.path for r in ROUTES if r.needs is Open.ANYBODY} == {"/sign-in", "/language"}


def test_only_what_is_ones_own_needs_no_reason() -> None:
    own = {route.path for route in ROUTES if route.method == "POST" and route.why is Why.OWN}
    assert own == {"/sign-in", "/language", "/sign-out", "/password"}


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_of_roles_and_routes(chain: Chain, role: Role) -> None:
    visitor = sign_in(chain, role)
    for route in ROUTES:
        if not isinstance(route.needs, str):
            continue
        answer = visitor.get(filled(route)) if route.method == "GET" else visitor.post(filled(route))
        refused = code_of(answer) == "console_forbidden"
        assert refused != may([role], route.needs), (role, route.method, route.path, answer.text[-400:])
        assert answer.status_code == 403 if refused else answer.status_code < 500, (route.path, answer.text)


def test_a_regional_manager_finds_no_other_region_on_any_page(chain: Chain) -> None:
    visitor = sign_in(chain, Role.REGIONAL_MANAGER, region="east")
    for route in ROUTES:
        if (
            route.method == "GET"
            and isinstance(route.needs, str)
            and may([Role.REGIONAL_MANAGER], route.needs)
        ):
            text = visitor.get(filled(route)).text
            assert "S002" not in text and "解放路店" not in text, route.path


def test_an_empty_table_says_so(chain: Chain) -> None:
    visitor = sign_in(chain, *(role for role in Role if role is not Role.REGIONAL_MANAGER))
    for route in ROUTES:
        if route.method == "GET" and "{" not in route.path:
            assert not re.search(r"<tbody>\s*</tbody>", visitor.get(route.path).text), route.path


@pytest.mark.parametrize("role", list(Role))
def test_no_page_leads_where_its_reader_may_not_go(chain: Chain, role: Role) -> None:
    visitor = sign_in(chain, role)
    shapes = {
        route: re.compile(re.sub(r"{[^}]+}", "[^/]+", route.path))
        for route in ROUTES
        if route.method == "GET"
    }
    for route in shapes:
        if "{" in route.path or not isinstance(route.needs, str) or not may([role], route.needs):
            continue
        for link in set(re.findall(r'(?:href|hx-get)="/console(/[^"?#]*)', visitor.get(route.path).text)):
            led = [each for each, shape in shapes.items() if shape.fullmatch(link)]
            needs = next((each.needs for each in sorted(led, key=lambda each: each.path.count("{"))), "")
            if isinstance(needs, str) and needs:
                assert may([role], needs), f"{route.path} shows a link to {link}"


def test_strangers_are_sent_to_sign_in(chain: Chain) -> None:
    for route in ROUTES:
        if route.needs is Open.ANYBODY:
            continue
        answer = chain.http.request(route.method, f"/console{filled(route)}")
        wanted = (303, "/console/sign-in") if route.method == "GET" else (401, "")
        assert answer.status_code == wanted[0], route.path
        assert answer.headers.get("location", "").startswith(wanted[1])


def test_a_form_without_the_sessions_token_changes_nothing(chain: Chain) -> None:
    visitor = sign_in(chain, *Role)
    for route in ROUTES:
        for headers in ({}, {"X-CSRF-Token": "0" * 64}) if route.method == "POST" else ():
            path = f"/console{filled(route)}"
            answer = chain.http.post(path, data={"why": "x y"}, headers=visitor.cookies | headers)
            assert code_of(answer) == "console_foreign_form", route.path


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_form_from_another_site_is_refused(chain: Chain, headers: dict[str, str]) -> None:
    visitor = sign_in(chain, *Role)
    chain.http.headers.update(headers)
    assert code_of(visitor.post("/users", {"login": "x"})) == "console_foreign_form"


def test_a_change_without_a_reason_is_refused(chain: Chain) -> None:
    visitor = sign_in(chain, *Role)
    for route in ROUTES:
        if route.method == "POST" and route.why is Why.ASKED:
            assert code_of(visitor.post(filled(route), why="")) == "why_missing", route.path


def test_the_menu_leads_to_pages_that_are_there(chain: Chain) -> None:
    visitor = sign_in(chain, *Role)
    for _, entries in MENU:
        for entry in entries:
            assert visitor.get(entry.path.removeprefix("/console")).status_code == 200, entry.path


def test_every_page_has_strict_headers(chain: Chain) -> None:
    visitor = sign_in(chain, Role.ADMINISTRATOR)
    for answer in (
        visitor.get("/users"),
        visitor.get("/no-such-page"),
        chain.http.get("/console/sign-in"),
        chain.http.get("/console/static/0/console.css"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(chain: Chain) -> None:
    visitor = sign_in(chain, *Role)
    for route in ROUTES:
        if route.method == "GET":
            html = visitor.get(filled(route)).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|<style", html), route.path
            links = re.findall(r'(?:src|href|action)="([^"]*)"', html)
            assert all(link.startswith(("/console", "#")) for link in links), (route.path, links)


def test_the_interface_document_knows_no_page(chain: Chain) -> None:
    assert "/console" not in chain.http.get("/openapi.json").text
