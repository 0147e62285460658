"""The forms and the text of the pages of a login."""

from __future__ import annotations

import pytest

from kubeflow_installer.ingress.forms import Field, Form, excerpt, forms
from kubeflow_installer.ingress.https_client import HttpsError, Page, absolute_url

URL = "https://kubeflow.lab/dex/auth?state=secret"


def page(text: str) -> Page:
    """Return a page."""
    return Page(URL, 200, "", text)


def test_form_has_its_fields_and_the_absolute_url_of_its_action() -> None:
    """Fields outside of a form belong to none. The method is in lower case, and get by default."""
    text = """
<input name="before" value="x">
<form method="POST" action="/dex/login?req=1">
  <input name="login" type="TEXT"><input name="password" type="password" value>
  <input name="req" type="hidden" value="a&amp;b"><input type="submit">
</form>
<input name="between">
<form><input name="q"></form>
"""
    login, search = forms(page(text))

    assert login == Form(
        "https://kubeflow.lab/dex/login?req=1",
        "post",
        [
            Field("login", "", "text"),
            Field("password", "", "password"),
            Field("req", "a&b", "hidden"),
            Field("", "", "submit"),
        ],
    )
    assert search == Form(URL, "get", [Field("q", "", "")])
    assert login.has("password")
    assert not search.has("password")
    assert forms(page("no form")) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<title>t</title><h1>Bad  gate</h1>\n<p>way</p>", "Bad gate way"),
        ("<script>let x</script><style>p{}</style>seen", "seen"),
        ("", "no text"),
        ("<p></p>", "no text"),
        ("x" * 200, "x" * 160),
    ],
)
def test_excerpt_has_the_visible_words(text: str, words: str) -> None:
    """As many as fit into a status."""
    assert excerpt(page(text)) == words


def test_link_that_is_no_url_is_an_error_without_the_query() -> None:
    """The query may hold a token."""
    assert absolute_url(URL, "../login") == "https://kubeflow.lab/login"
    with pytest.raises(HttpsError) as raised:
        absolute_url(URL, "https://[bad")
    assert str(raised.value) == "https://kubeflow.lab/dex/auth?*** leads to an invalid URL"
