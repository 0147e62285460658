"""The forms and words of an HTML page."""

from html.parser import HTMLParser
from typing import List, NamedTuple, Optional, Tuple

from kubeflow_installer.ingress.https_client import Page, absolute_url

_MOST_CHARACTERS = 160


class Field(NamedTuple):
    """An input of a form; `kind` is the attribute `type`."""

    name: str
    text: str
    kind: str


class Form(NamedTuple):
    """A form; `method` is in lower case."""

    action: str
    method: str
    fields: List[Field]

    def has(self, kind: str) -> bool:
        """Return whether the form has a field of a kind."""
        return any(field.kind == kind for field in self.fields)


def forms(page: Page) -> List[Form]:
    """Return the forms of a page; their actions are absolute URLs.

    Raises:
        HttpsError: When an action is not a URL.
    """
    return [
        form._replace(action=absolute_url(page.url, form.action or page.url))
        for form in _parse(page).forms
    ]


def excerpt(page: Page) -> str:
    """Return the beginning of a page's text."""
    text = " ".join(" ".join(_parse(page).words).split())
    return text[:_MOST_CHARACTERS] or "no text"


class _Parser(HTMLParser):
    """Collects forms and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: List[Form] = []
        self.words: List[str] = []
        self._is_hidden = False
        self._is_in_form = False

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        attributes = {name: text or "" for name, text in attrs}
        self._is_hidden = tag in ("script", "style", "title")
        if tag == "form":
            self._is_in_form = True
            method = attributes.get("method", "get").lower()
            self.forms.append(Form(attributes.get("action", ""), method, []))
        elif tag == "input" and self._is_in_form:
            kind = attributes.get("type", "").lower()
            field = Field(attributes.get("name", ""), attributes.get("value", ""), kind)
            self.forms[-1].fields.append(field)

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False
        if tag == "form":
            self._is_in_form = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.words.append(data)


def _parse(page: Page) -> _Parser:
    parser = _Parser()
    try:
        parser.feed(page.text)
        parser.close()
    except (AssertionError, NotImplementedError):
        pass  # html.parser raises these at an invalid declaration; keep what it read before
    return parser
