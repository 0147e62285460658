"""The login as a person makes it, over HTTPS: to the form, through it, to the dashboard.

Up to 1.8 the gateway answers the first page by a redirect to dex (authservice), from 1.9 on by a
page of oauth2-proxy whose button leads there. dex's form and its approval are the same in all.
"""

from html.parser import HTMLParser
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import urlencode

from kubeflow_installer.ingress.browser import DEX, Browser, BrowserError, Page, joined, where

Field = NamedTuple("Field", [("name", str), ("value", str), ("kind", str)])
Form = NamedTuple("Form", [("action", str), ("method", str), ("fields", List[Field])])
# Seven lead through authservice, eight through oauth2-proxy, and one more where dex asks for
# approval.
_MOST_PAGES = 20
_MOST_WORDS = 160
# oauth2-proxy's page (pkg/app/pagewriter), whose form has no field that one fills in.
_START = "/oauth2/start"
_TYPED = ("text", "email", "")


def login(
    url: str,
    user: str,
    password: str,
    ca: str,
    address: str = "",
    ports: Sequence[int] = (DEX,),
    seconds: float = 60.0,
) -> str:
    """Log in and reach the dashboard.

    Args:
        url: https://HOST of the gateway.
        user: The user's e-mail address.
        password: Goes to that host alone, over TLS that was verified.
        ca: PEM of the certificate that the gateway shows, or of who signed it.
        address: Where the host is; empty asks the resolver for its name.
        ports: Which of its ports may be used beside that of the URL.
        seconds: For all of it.

    Returns:
        Why it failed, without secrets; empty when it did not.
    """
    try:
        browser = Browser(url, ca, address, ports, seconds)
        return _Visit(browser, user, password).walk(url.rstrip("/") + "/")
    except BrowserError as error:
        return str(error)


def asks_for_login(page: Page) -> bool:
    """Tell whether a page, without cookies, leads to dex's form.

    authservice redirects to dex; oauth2-proxy answers 403 with a page of its own.
    """
    if page.location:
        return "/dex/auth" in where(page.location)
    return page.status == 403 and _start(forms(page)) is not None


def forms(page: Page) -> List[Form]:
    """Return the forms of a page; their actions are absolute.

    Raises:
        BrowserError: When an action is no URL.
    """
    return [
        one._replace(action=joined(page.url, one.action or page.url)) for one in _read(page).forms
    ]


class _Visit:
    """One way through the pages."""

    def __init__(self, browser: Browser, user: str, password: str) -> None:
        self._browser = browser
        self._user, self._password = user, password
        # What the form with the password was answered by; None before.
        self._sent: Optional[Page] = None

    def walk(self, url: str) -> str:
        page = self._browser.get(url)
        for _ in range(_MOST_PAGES):
            following = self._follow(page)
            if following is None:
                return self._verdict(page)
            page = following
        return "%s: no end after %d pages" % (where(page.url), _MOST_PAGES)

    def _follow(self, page: Page) -> Optional[Page]:
        """Return the next page; None where this is the last."""
        if page.location:
            # Always GET: what was sent in a form is not sent again.
            return self._browser.get(page.location)
        found = forms(page)
        form = _first(found, "password")
        if form is not None:
            return self._log_in(form) if self._sent is None else None
        if self._sent is not None:
            approval = _approval(found)
            return None if approval is None else self._submit(approval)
        start = _start(found)
        return None if start is None else self._submit(start)

    def _log_in(self, form: Form) -> Page:
        user = _typed(form)
        values = {"password": self._password}
        fields = [
            one._replace(value=values.get(one.kind, self._user if one is user else one.value))
            for one in form.fields
        ]
        # Never as a query, whatever the form says: that would be logged on the way.
        self._sent = self._submit(form._replace(method="post", fields=fields))
        return self._sent

    def _submit(self, form: Form) -> Page:
        values: Dict[str, str] = {one.name: one.value for one in form.fields if one.name}
        if form.method == "post":
            return self._browser.post(form.action, values)
        return self._browser.get(form.action.partition("?")[0] + "?" + urlencode(values))

    def _verdict(self, page: Page) -> str:
        place, found = where(page.url), forms(page)
        asks = _first(found, "password") is not None or _start(found) is not None
        if asks and page is self._sent:
            return "%s refuses the user %s with this password" % (place, self._user)
        if asks:
            return "%s asks for the login again after it was made" % place
        if page.status != 200:
            return "%s answers %d: %s" % (place, page.status, _words(page))
        return "" if self._sent else "%s answers without asking for a login" % place


def _first(found: List[Form], kind: str) -> Optional[Form]:
    return next((form for form in found if any(one.kind == kind for one in form.fields)), None)


def _start(found: List[Form]) -> Optional[Form]:
    return next((form for form in found if where(form.action).endswith(_START)), None)


def _approval(found: List[Form]) -> Optional[Form]:
    wanted = ("approval", "approve")
    return next((form for form in found if any(one[:2] == wanted for one in form.fields)), None)


def _typed(form: Form) -> Optional[Field]:
    return next((one for one in form.fields if one.kind in _TYPED), None)


def _words(page: Page) -> str:
    """Return what a page says, in few words."""
    text = " ".join(" ".join(_read(page).words).split())
    return text[:_MOST_WORDS] or "no word"


class _Reader(HTMLParser):
    """Collects forms and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: List[Form] = []
        self.words: List[str] = []
        self._silent = False
        self._inside = False

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._silent = tag in ("script", "style", "title")
        if tag == "form":
            self._inside = True
            self.forms.append(
                Form(found.get("action", ""), found.get("method", "get").lower(), [])
            )
        elif tag == "input" and self._inside:
            kind = found.get("type", "").lower()
            self.forms[-1].fields.append(
                Field(found.get("name", ""), found.get("value", ""), kind)
            )

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        if tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _read(page: Page) -> _Reader:
    reader = _Reader()
    try:
        reader.feed(page.text)
        reader.close()
    except (AssertionError, NotImplementedError):
        pass  # what html.parser raises at a declaration that is none; what came before counts
    return reader
