"""URLs in messages show no secret: neither a user and a password, nor a query."""

from __future__ import annotations

import pytest

from botlab.findings import Finding, Severity
from botlab.plan.option_commands import about_files, assignments, shown_text
from botlab.urls import redact

URL = "https://files.lab/manifests.tar.gz?sig=hunter2#sha256=00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://files.lab/a?sig=hunter2", "https://files.lab/a?***"),
        ("is 'https://files.lab/a?sig=hunter2', which", "is 'https://files.lab/a?***', which"),
        ("(see https://files.lab?a=hunter2).", "(see https://files.lab?***)."),
        (URL, "https://files.lab/manifests.tar.gz?***#sha256=00"),
        ("https://user:hunter2@files.lab/a", "https://***@files.lab/a"),
        ("https://user:hun/ter2@files.lab/a", "https://***@files.lab/a"),
        ("https://files.lab:8080/a@b", "https://files.lab:8080/a@b"),
        ("is this https://files.lab/a? Yes: what?", "is this https://files.lab/a? Yes: what?"),
    ],
)
def test_url_shows_its_address_alone(text: str, shown: str) -> None:
    """And the expected digest, which is no secret."""
    assert redact(text) == shown


def test_finding_shows_no_query() -> None:
    """Whatever rule makes it; the text of Juju stays as it is."""
    finding = Finding("BL004", Severity.ERROR, "lab", ("a",), f"is {URL}", f"write {URL}")
    assert "hunter2" not in finding.message + finding.fix

    juju = Finding("J001", Severity.ERROR, "juju", ("a",), "https://a?b=c", "")
    assert juju.message == "https://a?b=c"


def test_option_with_a_query_is_neither_shown_nor_an_argument() -> None:
    """All users of a computer can read the arguments of a process."""
    texts = {"manifests-url": URL, "version": "1.8.1"}
    assert assignments(texts) == ("manifests-url=@FILE", "version=1.8.1")
    assert about_files(texts) == "@FILE is a file with the value of manifests-url"
    assert shown_text("manifests-url", URL) == redact(URL)
    assert shown_text("password", "hunter2") == "(not shown)"
    assert shown_text("version", "1.8.1") == "1.8.1"
