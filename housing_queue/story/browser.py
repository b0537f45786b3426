"""
A browser without pictures: follows links and sends forms as a person would, cookies and CSRF token
included.
"""

import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from lxml import html

_TIMEOUT = 120


class PageProblem(Exception):
    """A page is not what a person would need to go on: its status, or a form that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a server answered."""

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def document(self) -> Any:
        """The page as an lxml tree."""
        return html.fromstring(self.content.decode(), base_url=self.url)

    @property
    def text(self) -> str:
        """What a person reads: the text of the main part, white space folded."""
        main = self.document.xpath("//main|//*[@id='content']") or [self.document]
        return " ".join(main[0].text_content().split())


class Browser:
    """One person's browser."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, address: str) -> Page:
        """Open an address of this installation; errors come back as pages."""
        return self._open(urllib.request.Request(self._absolute(address)))  # noqa: S310

    def fill(self, page: Page, *, to: str = "", **fields: str | list[str]) -> Page:
        """
        Fill in the form that has these fields (and whose address ends in `to`), and send it.

        :raises PageProblem: if the page has no such form.
        """
        form = _form(page, to, set(fields))
        data = urllib.parse.urlencode(_values(form) | fields, doseq=True).encode()
        return self._send(page, form, data, kind="application/x-www-form-urlencoded")

    def attach(self, page: Page, path: Path, *, to: str = "", **fields: str) -> Page:
        """
        Fill in the form that has these fields and one for a `file`, and send it with the file.

        :raises PageProblem: if the page has no such form.
        """
        return self.upload(page, to=to, files={"file": (path.name, path.read_bytes())}, **fields)

    def _send(self, page: Page, form: Any, data: bytes, *, kind: str) -> Page:
        address = urllib.parse.urljoin(page.url, form.get("action") or page.url)
        headers = {"Referer": page.url, "Content-Type": kind}
        return self._open(urllib.request.Request(address, data=data, headers=headers))  # noqa: S310

    def upload(
        self, page: Page, *, to: str = "", files: Mapping[str, tuple[str, bytes]], **fields: str
    ) -> Page:
        """
        Fill in a form with files, by field name and content, and send it as a browser does.

        :raises PageProblem: if the page has no such form.
        """
        form = _form(page, to, {*fields, *files})
        texts = {name: value for name, value in (_values(form) | fields).items() if name not in files}
        boundary = uuid.uuid4().hex
        data = b"".join(
            [
                *(_part(boundary, name, str(value).encode()) for name, value in texts.items()),
                *(_part(boundary, name, content, file) for name, (file, content) in files.items()),
                f"--{boundary}--\r\n".encode(),
            ]
        )
        return self._send(page, form, data, kind=f"multipart/form-data; boundary={boundary}")

    def sign_in(
        self, username: str, password: str, *, code: Callable[[], str], at: str = "/desk/sign-in/"
    ) -> Page:
        """
        Sign a member of staff in, with a code of the telephone where one is asked for.

        :raises PageProblem: if password or code is not taken.
        """
        after = self.fill(self.get(at), username=username, password=password)
        if not after.document.xpath("//input[@type='password']") and _asks_for_a_code(after):
            after = self.fill(after, code=code())
        if after.document.xpath("//input[@type='password']") or _asks_for_a_code(after):
            raise PageProblem(f"{username} could not sign in: {after.text[:200]}")
        return after

    def _absolute(self, address: str) -> str:
        return urllib.parse.urljoin(self._base + "/", address)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return Page(
                    url=answer.geturl(),
                    status=answer.status,
                    headers=dict(answer.headers),
                    content=answer.read(),
                )
        except urllib.error.HTTPError as error:
            return Page(
                url=error.url or "", status=error.code, headers=dict(error.headers), content=error.read()
            )


def _asks_for_a_code(page: Page) -> bool:
    return bool(page.document.xpath("//input[@name='code' and @autocomplete='one-time-code']"))


def _form(page: Page, to: str, names: set[str]) -> Any:
    for form in page.document.forms:
        held = {*form.inputs.keys(), *form.xpath(".//button/@name")}
        if (form.get("action") or page.url).endswith(to) and names <= held:
            return form
    address = urllib.parse.urlsplit(page.url).path
    raise PageProblem(f"{address} ({page.status}): no form {to} with {sorted(names)}; {page.text[:300]}")


def _values(form: Any) -> dict[str, str | list[str]]:
    """What a form holds before anybody types."""
    values: dict[str, str | list[str]] = {}
    for name, value in form.form_values():
        values[name] = [*_as_list(values[name]), value] if name in values else value
    return values


def _part(boundary: str, name: str, content: bytes, file: str = "") -> bytes:
    named = f'; filename="{file}"\r\nContent-Type: application/octet-stream' if file else ""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
