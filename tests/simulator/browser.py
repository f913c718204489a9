"""A browser without a window: walks the practice sign-in pages over real HTTP.

    walked = await walk(flow["auth_uri"], account="admin@…")      # in a coroutine
    walked = Browser(account="admin@…").visit(flow["auth_uri"])   # in a thread, or in a plain test
    opener = Browser(account="admin@…").open                      # stands in for webbrowser.open

It knows nothing of any client: only HTML forms, redirects and cookies.
"""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

_STEPS = 25
"""More pages than any sign-in has."""


@dataclass
class Form:
    """One form of a page: where it goes, its hidden and typed fields, its buttons."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""
    """The name of its text or password field, if it has one."""
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a person sees: which page it is, its words, its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.name = ""
        self.error = ""
        self.text = ""
        self.forms: list[Form] = []
        self._skip = ""
        self._in_error = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects forms and fields."""
        given = {name: value or "" for name, value in attrs}
        if tag in {"style", "script"}:
            self._skip = tag
        self._in_error = self._in_error or given.get("role") == "alert"
        self.name = given.get("data-page", self.name)
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append((given.get("name", ""), given.get("value", "")))
        elif tag == "input" and self.forms:
            kind = given.get("type", "text")
            if kind in {"text", "password"}:
                self.forms[-1].text = given["name"]
            elif kind == "hidden" or "checked" in given:
                self.forms[-1].fields[given["name"]] = given.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        """Ends what is not shown, and the message."""
        if tag == self._skip:
            self._skip = ""
        if tag == "p":
            self._in_error = False

    def handle_data(self, data: str) -> None:
        """Collects what is shown."""
        if not self._skip:
            self.text += data + "\n"
            if self._in_error:
                self.error += data

    def form(self, name: str, value: str = "") -> Form:
        """The form that has a button (or a text field) of this name."""
        for form in self.forms:
            if form.text == name or any(
                button == name and value in {"", given} for button, given in form.buttons
            ):
                return form
        raise LookupError(f"page {self.name} has no {name}")


@dataclass(frozen=True)
class Walk:
    """Where a walk ended."""

    pages: tuple[str, ...]
    """Names of the pages that were seen, in order."""
    answer: Mapping[str, str]
    """What the application's redirect URI was given (code and state, or error …); else empty."""
    text: str
    """The last page's words."""
    error: str
    """The last message that a page of the sign-in service showed, if any."""


@dataclass
class Browser:
    """One browser with its cookies, and the person in front of it."""

    account: str = ""
    """User name to sign in with; empty when a hint or an earlier sign-in tells."""
    password: str = "practice"
    second_factor: bool = True
    """Approves the second factor; otherwise cannot."""
    consent: bool = True
    """Accepts the permissions; otherwise cancels on that page."""
    decline: bool = False
    """Cancels on the first page with a Cancel button."""
    user_code: str = ""
    """Typed on the page for device codes."""
    deliver: bool = True
    """Carries the answer to the application's loopback address; otherwise only reports it."""
    verify: object = True
    """As for httpx: an SSL context for a practice authority."""
    walks: list[Walk] = field(default_factory=list)
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    _threads: list[threading.Thread] = field(default_factory=list)

    def open(self, url: str, *_ignored: object) -> bool:
        """As webbrowser.open: returns at once and goes on in a thread; see `join`."""
        thread = threading.Thread(target=self.visit, args=(url,))
        self._threads.append(thread)
        thread.start()
        return True

    def join(self) -> Walk:
        """Waits for all that was opened; the last walk."""
        for thread in self._threads:
            thread.join()
        return self.walks[-1]

    def visit(self, url: str) -> Walk:
        """Walks until there is nothing left to press."""
        with httpx.Client(
            verify=self.verify,  # type: ignore[arg-type]  # httpx takes a context here
            cookies=self.cookies,
            timeout=10,
            trust_env=False,
        ) as client:
            walked = self._walk(client, url)
            self.cookies = client.cookies
        self.walks.append(walked)
        return walked

    def _walk(self, client: httpx.Client, url: str) -> Walk:
        home = urlsplit(url).netloc
        seen: list[str] = []
        error = ""
        answer = client.get(url)
        for _step in range(_STEPS):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(target).netloc != home:
                    fields = dict(parse_qsl(urlsplit(target).query or urlsplit(target).fragment))
                    text = client.get(target).text if self.deliver else ""
                    return Walk(tuple(seen), fields, text, error)
                answer = client.get(target)
                continue
            page = Page(answer.text)
            seen.append(page.name)
            error = page.error or error
            if page.name == "form-post":
                form = page.forms[0]
                sent = client.post(form.action, data=form.fields) if self.deliver else None
                return Walk(tuple(seen), form.fields, sent.text if sent else "", error)
            pressed = self._press(page)
            if pressed is None:
                return Walk(tuple(seen), {}, page.text, error)
            form, extra = pressed
            where = urljoin(str(answer.url), form.action)
            answer = client.post(where, data={**form.fields, **extra})
        raise RuntimeError(f"no end after {seen}")

    def _press(self, page: Page) -> tuple[Form, dict[str, str]] | None:
        """What the person does on a page; None when the page is an end."""
        if page.name == "device-code":
            if page.error:
                return None
            return page.form("user_code"), {"user_code": self.user_code}
        if page.name == "refused":
            return (page.form("do"), {"do": "return"}) if page.forms else None
        if page.name == "device-confirm":
            choice = "cancel" if self.decline else "continue"
            return page.form("device"), {"device": choice}
        if page.name not in {"account", "password", "second-factor", "consent"}:
            return None
        if page.error or (self.decline and page.name in {"account", "password"}):
            return page.form("do", "cancel"), {"do": "cancel"}
        if page.name == "account":
            return page.form("typed"), {"typed": self.account, "do": "next"}
        if page.name == "password":
            return page.form("password"), {"password": self.password, "do": "sign-in"}
        if page.name == "second-factor":
            choice = "approve" if self.second_factor else "deny"
            return page.form("factor"), {"factor": choice}
        accepts = self.consent and not self.decline
        return page.form("consent"), {"consent": "accept" if accepts else "decline"}


async def walk(
    auth_uri: str,
    *,
    account: str = "",
    password: str = "practice",  # noqa: S107 - any word is right
    second_factor: bool = True,
    consent: bool = True,
    decline: bool = False,
    user_code: str = "",
    deliver: bool = True,
    verify: object = True,
) -> Walk:
    """One walk with a new browser, off the event loop; for the arguments see Browser."""
    browser = Browser(
        account, password, second_factor, consent, decline, user_code, deliver, verify
    )
    return await asyncio.to_thread(browser.visit, auth_uri)
