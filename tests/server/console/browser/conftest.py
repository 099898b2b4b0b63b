"""A real Chromium, one for the session; a page of its own for each test, with screenshots on demand.

`TIDEMARK_SCREENSHOTS=FOLDER` keeps what tests call `shot` for, in both languages and two sizes.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sync_server.services.acts import Act
from tests.server.support.console import add_user
from tests.server.support.office import Chain

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SIZES = {"1366": (1366, 768), "1920": (1920, 1080)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    where = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert where, "browser tests need Chromium: apt-get install chromium (bootstrap.py test does it)"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=where, args=FLAGS)
        yield found
        found.close()


@dataclass
class Seat:
    """A person before the console: `page` is Playwright's."""

    chain: Chain
    context: BrowserContext
    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        self.page.goto(f"{self.url}/console{path}")

    def sign_in(self, *roles: str, login: str = "", region: str | None = None) -> None:
        """By session cookie: typing a password has a test of its own."""
        login = login or (roles[0] if len(roles) == 1 else "everything")
        users = {user.login: user for user in self.chain.office.users.everybody()}
        user = users.get(login) or add_user(self.chain.office, login, *roles, region=region)
        token = self.chain.office.sessions.open(user.user_id)
        self.context.add_cookies([{"name": "tidemark", "value": token, "url": self.url}])

    def speak(self, language: str) -> None:
        for user in self.chain.office.users.everybody():
            self.chain.office.users.set_language(Act("test"), user.user_id, language)
        self.context.add_cookies([{"name": "tidemark-language", "value": language, "url": self.url}])

    def shot(self, name: str, path: str | None = None) -> None:
        """Kept for people to look at; nothing is compared."""
        folder = os.environ.get("TIDEMARK_SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            if path is not None:
                self.open(path)
            self.page.wait_for_timeout(150)
            self.page.screenshot(path=str(Path(folder) / f"{name}-{size}.png"))


@pytest.fixture
def seat(browser: Browser, chain: Chain) -> Iterator[Seat]:
    """Fails the test when the browser reports an error of a script or a violated policy."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    made = Seat(chain, context, page, str(chain.http.base_url).rstrip("/"))
    page.on("pageerror", lambda error: made.troubles.append(str(error)))
    page.on(
        "console",
        lambda said: made.troubles.append(said.text) if said.type == "error" and _ours(said.text) else None,
    )
    yield made
    context.close()
    assert not made.troubles, made.troubles


_NOT_OURS = re.compile(r"status of 4\d\d|Response Status Error Code 4\d\d|^htmx:(sendAbort|afterRequest)\b")


def _ours(text: str) -> bool:
    """A refusal is an answer with a status that browsers log as an error; so is a question that went unheard
    because the person had left the page (one that could not be sent says `htmx:sendError`)."""
    return not _NOT_OURS.search(text)
