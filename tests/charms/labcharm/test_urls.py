"""URLs in messages show no secret: neither a user and a password, nor a query."""

from __future__ import annotations

import pytest

from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.urls import redact, redact_url
from labcharm.validators import OptionProblem

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://files.lab/a", "https://files.lab/a"),
        ("https://files.lab/a?token=hunter2", "https://files.lab/a?***"),
        ("https://files.lab?sig=hunter2&se=2026", "https://files.lab?***"),
        ("https://files.lab/a?b=hunter2?c", "https://files.lab/a?***"),
        (f"https://files.lab/a?sig=hunter2#sha256={DIGEST}", f"https://files.lab/a?***#sha256={DIGEST}"),
        ("https://files.lab/a#access_token=hunter2", "https://files.lab/a#***"),
        ("https://files.lab/a?token=one hunter2", "https://files.lab/a?***"),
        ("https://user:hunter2@files.lab/a?b=c", "https://***@files.lab/a?***"),
        ("http://[::1?token=hunter2", "http://[::1?***"),
    ],
)  # fmt: skip
def test_url_shows_its_address_and_the_digest_of_a_file(url: str, shown: str) -> None:
    """Also a URL that no parser reads."""
    assert redact_url(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("URL can't contain control characters. '/a?token=hunter2\\x01' (found at least '\\x01')",
         "URL can't contain control characters. '/a?***' (found at least '\\x01')"),
        ("GET https://files.lab/a?sig=hunter2, then (https://b.lab/?c=hunter2).",
         "GET https://files.lab/a?***, then (https://b.lab/?***)."),
        ("E: The repository 'https://m.lab/deb?token=hunter2 ./ Release' is not signed.",
         "E: The repository 'https://m.lab/deb?*** ./ Release' is not signed."),
        ("https://user:hunter2@files.lab/a is closed", "https://***@files.lab/a is closed"),
        ("is this a URL? no", "is this a URL? no"),
        ("driver is '?'; is it what?; (a?)", "driver is '?'; is it what?; (a?)"),
        ("--type=merge -p '{\"metadata\":null}'", "--type=merge -p '{\"metadata\":null}'"),
    ],
)  # fmt: skip
def test_text_shows_no_query(text: str, shown: str) -> None:
    """Messages of other programs quote URLs, whole or from the path on."""
    assert redact(text) == shown


@pytest.mark.parametrize("kind", [CharmError, BlockedError, WaitingError])
def test_no_error_of_a_charm_shows_a_query(kind: type[CharmError]) -> None:
    """Whatever its message is made of."""
    assert str(kind("https://files.lab/a?token=hunter2 fails")) == "https://files.lab/a?*** fails"


def test_problem_of_an_option_shows_no_query() -> None:
    """Neither as a sentence nor in its parts."""
    problem = OptionProblem("hostname", "is 'https://files.lab/?a=hunter2'", "write a name")
    assert problem == "hostname is 'https://files.lab/?***'; write a name"
    assert problem.rule == "is 'https://files.lab/?***'"
