"""Whoever may only read a page finds values on it, and no field that he could type into and not send."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from sync_server.console.routes import ROUTES
from sync_server.services.console.policy_forms import FORMS
from sync_server.services.console.roles import Role, may
from sync_server.services.importing.policies import known_policies
from tests.server.console.test_posters import add, picture
from tests.server.support.console import Visitor, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import stock

VIEW_ONLY = {"columns", "paper_language"}
"""What chooses how a picture beside it is drawn, at once and without being sent."""
_FIELDS = ("input", "select", "textarea")


class _Fields(HTMLParser):
    """Names of fields that a person could fill in and that no button sends."""

    def __init__(self) -> None:
        super().__init__()
        self.dead: list[str] = []
        self._within: list[str] | None = None
        self._sent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self._within, self._sent = [], said.get("method") != "post"
        elif tag == "button" and said.get("type") != "button":
            self._sent = True
        elif (
            tag in _FIELDS and said.get("type") != "hidden" and not any(key.startswith("hx-") for key in said)
        ):
            name = said.get("name") or said.get("id") or tag
            (self.dead if self._within is None else self._within).append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._within is not None:
            self.dead += [] if self._sent else self._within
            self._within = None


def dead_fields(text: str) -> list[str]:
    found = _Fields()
    found.feed(text[text.find("<main") :])  # a part of a page has none
    return [name for name in found.dead if name not in VIEW_ONLY]


def pages(chain: Chain, role: Role) -> list[str]:
    """Every page without a name in its address that the role may see, and one of each that opens a value."""
    plain = [
        route.path
        for route in ROUTES
        if route.method == "GET" and "{" not in route.path and isinstance(route.needs, str)
        if may([role], route.needs) and "/export" not in route.path and route.path != "/keymaps/new"
    ]
    opened = [f"/policies/{key}" for key in known_policies()] if may([role], "policies.view") else []
    opened += ["/keymaps/tidemark", "/keymaps/own"] if may([role], "policies.view") else []
    opened += [f"/users/{chain.office.users.everybody()[0].user_id}"] if may([role], "users.view") else []
    if may([role], "notices.view"):
        opened += ["/notice-templates/coupon_hand/email/zh"]
    if may([role], "fleet.view"):
        opened += ["/stores/S001"]
    return plain + opened


@pytest.fixture
def told(chain: Chain) -> Chain:
    """With a value of some policies, a profile of keys and a poster."""
    stock(chain)
    admin = sign_in(chain, Role.ADMINISTRATOR)
    admin.post("/policies/notices", {"value": '{"quiet_from": 21, "language": "en"}'})
    admin.post("/policies/customer_display", {"value": '{"welcome": "hello"}'})
    keys = {"sale.price": "shift+f4 P", "any.confirm": "Return Enter", "any.back": "Esc"}
    admin.post("/keymaps/own", {"based_on": "unicenta", **keys})
    add(admin, picture("navy"))
    return chain


@pytest.mark.parametrize("role", list(Role))
def test_no_page_has_a_field_that_its_reader_cannot_send(told: Chain, role: Role) -> None:
    visitor = sign_in(told, role)
    found = {path: dead_fields(visitor.get(path).text) for path in pages(told, role)}
    assert {path: names for path, names in found.items() if names} == {}


def test_an_auditor_reads_the_values_that_an_administrator_edits(told: Chain) -> None:
    admin, auditor = sign_in(told, Role.ADMINISTRATOR), sign_in(told, Role.AUDITOR)

    def both(path: str) -> tuple[str, str]:
        return admin.get(path).text, auditor.get(path).text

    edited, read = both("/policies/notices")
    assert 'name="quiet_from" value="21"' in edited and "<input" not in _main(read)
    assert re.search(r"<td[^>]*>21</td>", read) and "英文" in _main(read)
    edited, read = both("/policies/customer_display")
    assert "<textarea" in edited and "<textarea" not in read and "hello" in read
    for key in ("role_limits", "allowances"):
        assert "<select" not in _main(both(f"/policies/{key}")[1])
    edited, read = both("/keymaps/own")
    assert 'name="sale.price"' in edited and "<kbd>Shift+F4</kbd>" in read
    edited, read = both("/receipt-template")
    assert 'name="header"' in edited and "<textarea" not in read and "付款" in _main(read)
    assert "<input" not in _main(both(f"/users/{admin.user.user_id}")[1])


def _main(text: str) -> str:
    """What the page is about, without what goes along unseen."""
    return re.sub(r'<input type="hidden"[^>]*>', "", text[text.index("<main") :])


def test_every_form_of_a_policy_reads_without_fields(chain: Chain) -> None:
    visitor: Visitor = sign_in(chain, Role.AUDITOR)
    for key in FORMS:
        assert dead_fields(visitor.get(f"/policies/{key}").text) == [], key


def test_a_field_that_nothing_sends_is_found() -> None:
    page = '<main><form method="post"><input name="a"><input type="hidden" name="b">{}</form></main>'
    assert dead_fields(page.format("")) == ["a"] and dead_fields(page.format("<button>x</button>")) == []
    assert dead_fields('<main><textarea name="c"></textarea></main>') == ["c"]
