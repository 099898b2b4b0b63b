"""What a page is asked and what it answers: the two values between the frame and every page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile

from pos_core.errors import InvalidInput
from sync_server.console.words import Words
from sync_server.services.acts import Act
from sync_server.services.console.sessions import SignedIn

if TYPE_CHECKING:
    from sync_server.console.desk import Desk


class BadForm(InvalidInput):
    """A form without a field that its page always sends, or with another kind of value."""

    code = "bad_form"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, after the frame has checked session, token and permission.

    Attributes:
        who: None on the few open pages.
        region: the only region this person may see here; None is the whole chain.
        act: handed to services that change something: who and why.
        form: fields of a POST, each with every value sent.
    """

    desk: Desk
    words: Words
    route: str
    who: SignedIn | None
    region: str | None
    act: Act
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)
    token: str = ""
    """The session's or, before sign-in, the visit's: what CSRF tokens are made from."""
    by_htmx: bool = False

    def text(self, name: str, default: str | None = None) -> str:
        """A form field. Raises BadForm when it is missing and has no default."""
        values = self.form.get(name)
        if values:
            return values[0]
        if default is None:
            raise BadForm(f"{name} is missing", field=name)
        return default

    def every(self, name: str) -> list[str]:
        """All values of a field (boxes that are ticked)."""
        return list(self.form.get(name, []))

    def number(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """A whole number from the form or the query. Raises BadForm."""
        said = (self.form.get(name) or [self.query.get(name, "")])[0].strip()
        if not said and default is not None:
            return default
        if not said.lstrip("-").isdigit() or len(said) > 18 or not low <= int(said) <= high:
            raise BadForm(f"{name} is not a number from {low} to {high}", field=name)
        return int(said)

    def path_number(self, name: str) -> int:
        """A whole number in the address; 0 for anything else, which nothing has."""
        text = self.path[name]
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

    @property
    def user(self) -> SignedIn:
        """Who asks, on pages that need a sign-in."""
        assert self.who is not None
        return self.who


@dataclass(frozen=True, slots=True)
class Page:
    """A template with its values: a whole page, or a part for htmx."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """After a change: another page, which says `done` (a key of `done.*`)."""

    to: str
    done: str = ""
    session: str | None = None
    """A session's token for the cookie; "" takes the cookie away."""
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """JSON for a grid or a chart."""

    value: Any


@dataclass(frozen=True, slots=True)
class Download:
    """A file to save."""

    name: str
    content_type: str
    content: bytes | Iterable[bytes]


Reply = Page | Redirect | Data | Download
