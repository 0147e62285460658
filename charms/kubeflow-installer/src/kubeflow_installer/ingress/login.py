"""A login over HTTPS as a person does it: open the form, send it, reach the dashboard.

Up to 1.8 the gateway answers the first page with a redirect to dex (authservice), from 1.9 on with
a page of oauth2-proxy whose button leads to dex. dex's form and its approval page are the same in
all releases.
"""

from typing import Dict, List, Optional, Sequence
from urllib.parse import urlencode, urlsplit

from kubeflow_installer.ingress.forms import Field, Form, excerpt, forms
from kubeflow_installer.ingress.https_client import (
    DEX_PORT,
    HttpsClient,
    HttpsError,
    Page,
)
from labcharm.proxies import DIRECT, ProxySettings
from labcharm.urls import redact_url

# Seven pages lead through authservice, eight through oauth2-proxy, and one more if dex asks for
# approval.
_MOST_PAGES = 20
# oauth2-proxy's page (pkg/app/pagewriter); a user fills in none of its form's fields.
_START = "/oauth2/start"
_TEXT_KINDS = ("text", "email", "")
_APPROVAL = ("approval", "approve")


def login(
    url: str,
    user: str,
    password: str,
    ca: str,
    address: str = "",
    ports: Sequence[int] = (DEX_PORT,),
    seconds: float = 60.0,
    proxies: ProxySettings = DIRECT,
) -> str:
    """Log in and reach the dashboard.

    Args:
        url: https://HOST of the gateway.
        user: The user's e-mail address.
        password: The password; it is sent only to that host, over verified TLS.
        ca: PEM of the certificate that the gateway presents, or of its issuer.
        address: The host's address; when empty, the resolver is asked for the name.
        ports: The ports that may be used besides the URL's.
        seconds: The time limit of the whole login.
        proxies: The model's proxy settings.

    Returns:
        Why it failed, without secrets; empty if it succeeded.
    """
    try:
        client = HttpsClient(url, ca, address, ports, seconds, proxies)
        return _Session(client, user, password).walk(url.rstrip("/") + "/")
    except HttpsError as error:
        return str(error)


def asks_for_login(page: Page) -> bool:
    """Return whether a page that was requested without cookies leads to dex's form.

    authservice redirects to dex; oauth2-proxy answers 403 with its own page.
    """
    if page.location:
        return "/dex/auth" in urlsplit(page.location).path
    return page.status == 403 and _start_form(forms(page)) is not None


class _Session:
    """One login through all pages."""

    def __init__(self, client: HttpsClient, user: str, password: str) -> None:
        self._client = client
        self._user, self._password = user, password
        # The answer to the form with the password; None before it was sent.
        self._login_answer: Optional[Page] = None

    def walk(self, url: str) -> str:
        page = self._client.get(url)
        for _ in range(_MOST_PAGES):
            following = self._next_page(page)
            if following is None:
                return self._verdict(page)
            page = following
        return f"{redact_url(page.url)}: not finished after {_MOST_PAGES} pages"

    def _next_page(self, page: Page) -> Optional[Page]:
        """Return the next page; None if this is the last."""
        if page.location:
            # Always GET: the content of a form is not sent again.
            return self._client.get(page.location)
        page_forms = forms(page)
        form = _password_form(page_forms)
        if form is not None:
            return self._log_in(form) if self._login_answer is None else None
        if self._login_answer is not None:
            approval = _approval_form(page_forms)
            return None if approval is None else self._submit(approval)
        start = _start_form(page_forms)
        return None if start is None else self._submit(start)

    def _log_in(self, form: Form) -> Page:
        user_field = _text_field(form)
        fields = [
            field._replace(text=self._filled_in(field, field is user_field))
            for field in form.fields
        ]
        # Never as a query, whatever the form asks for: queries are logged on the way.
        self._login_answer = self._submit(form._replace(method="post", fields=fields))
        return self._login_answer

    def _filled_in(self, field: Field, is_user: bool) -> str:
        if field.kind == "password":
            return self._password
        return self._user if is_user else field.text

    def _submit(self, form: Form) -> Page:
        fields: Dict[str, str] = {field.name: field.text for field in form.fields if field.name}
        if form.method == "post":
            return self._client.post(form.action, fields)
        return self._client.get(f"{form.action.partition('?')[0]}?{urlencode(fields)}")

    def _verdict(self, page: Page) -> str:
        """Return why the last page is not the dashboard; empty if it is."""
        url, page_forms = redact_url(page.url), forms(page)
        asks = _password_form(page_forms) is not None or _start_form(page_forms) is not None
        if asks and page is self._login_answer:
            return f"{url} refuses the user {self._user} with this password"
        if asks:
            return f"{url} asks for the login again after a login"
        if page.status != 200:
            return f"{url} answers with status {page.status}: {excerpt(page)}"
        return "" if self._login_answer else f"{url} answers without asking for a login"


def _password_form(page_forms: List[Form]) -> Optional[Form]:
    return next((form for form in page_forms if form.has("password")), None)


def _start_form(page_forms: List[Form]) -> Optional[Form]:
    return next((form for form in page_forms if urlsplit(form.action).path.endswith(_START)), None)


def _approval_form(page_forms: List[Form]) -> Optional[Form]:
    return next(
        (form for form in page_forms if any(field[:2] == _APPROVAL for field in form.fields)), None
    )


def _text_field(form: Form) -> Optional[Field]:
    return next((field for field in form.fields if field.kind in _TEXT_KINDS), None)
