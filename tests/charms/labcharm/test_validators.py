"""The readers of values that several charms have as options."""

from __future__ import annotations

import pytest

from labcharm.urls import has_credentials
from labcharm.validators import (
    TAINT_EFFECTS,
    OptionProblem,
    Taint,
    read_label,
    read_pinned_url,
    read_registry,
    read_taint,
)

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "registry"),
    [("", ""), (" reg.lab:5000/a/ ", "reg.lab:5000/a"), ("x", "x"), ("a//", "a")],
)
def test_registry_is_a_host_a_port_and_a_path(text: str, registry: str) -> None:
    problems: list[str] = []
    assert (read_registry(text, problems), problems) == (registry, [])


@pytest.mark.parametrize("text", ["https://reg.lab", "a b", "-x", "a://b"])
def test_registry_has_no_scheme(text: str) -> None:
    problems: list[str] = []
    read_registry(text, problems)
    assert problems == [f"image-registry is {text!r}; write HOST:PORT/PATH without a scheme"]


@pytest.mark.parametrize("url", ["http://files.lab/a", "https://files.lab/b?c#d"])
def test_pinned_url_is_a_url_and_a_digest(url: str) -> None:
    problems: list[str] = []
    assert read_pinned_url("manifest", f" {url}#sha256={DIGEST} ", problems) == (url, DIGEST)
    assert read_pinned_url("manifest", "  ", problems) == ("", "")
    assert problems == []


@pytest.mark.parametrize(
    "text",
    [
        "https://files.lab/a",
        f"https://files.lab/a#sha256={DIGEST[:-1]}",
        f"https://files.lab/a#sha256={DIGEST}0",
        f"https://files.lab/a#sha256={DIGEST.upper()}",
        f"ftp://files.lab/a#sha256={DIGEST}",
        f"https://files lab#sha256={DIGEST}",
    ],
)
def test_url_without_a_complete_digest_is_a_problem(text: str) -> None:
    problems: list[str] = []
    assert read_pinned_url("manifest", text, problems) == ("", "")
    assert problems == [f"manifest is {text!r}; write URL#sha256=DIGEST (64 hex digits)"]


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@files.lab/a",
        "https://user@files.lab/a",
        "http://:hunter2@files.lab:80/a",
        "https://user:hunter2/more@files.lab/a",
        "https://user:a@hunter2@files.lab",
    ],
)
def test_credentials_in_a_url_are_refused_and_not_shown(url: str) -> None:
    """Everybody who may read the model's options would read them."""
    for text in (url, f"{url}#sha256={DIGEST}"):
        problems: list[str] = []
        assert read_pinned_url("manifest-url", text, problems) == ("", "")
        assert problems == [
            "manifest-url contains a user or a password; attach the file as a resource instead"
        ]
    problem = OptionProblem("hostname", f"is {url!r}", "write a name")
    assert "hunter2" not in problem
    assert "files.lab" in problem


@pytest.mark.parametrize("token", ["hunter2", "hunter2 more", "hunter2#sha256=short"])
def test_query_of_a_url_is_not_shown(token: str) -> None:
    """It may be a token, such as that of a signed URL."""
    problems: list[str] = []
    text = f"https://files.lab/a?sig={token}"
    assert read_pinned_url("manifest-url", text, problems) == ("", "")
    assert "hunter2" not in problems[0]
    assert problems[0].startswith("manifest-url is 'https://files.lab/a?***")


@pytest.mark.parametrize(
    "url",
    [
        "https://files.lab:8443/a@v1",
        "https://files.lab/a:1@v1",
        "https://files.lab/?a=b:c@d",
        "https://[fd00::1]:8443/a",
        "https://files.lab",
    ],
)
def test_at_sign_behind_the_host_is_no_user(url: str) -> None:
    assert not has_credentials(url)


@pytest.mark.parametrize("text", ["user:hunter2@reg.lab:5000", "https://user:hunter2@reg.lab"])
def test_credentials_of_a_registry_belong_to_the_nodes(text: str) -> None:
    problems: list[str] = []
    read_registry(text, problems)
    assert problems == [
        "image-registry contains a user or a password; set them in the container engine of each"
        " node instead"
    ]


LONGEST = "a" * 63


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("a=b", ("a", "b")),
        ("a=", ("a", "")),
        ("lab.example/a_b.c-d=E1", ("lab.example/a_b.c-d", "E1")),
        (f"{LONGEST}={LONGEST}", (LONGEST, LONGEST)),
        ("a", None),
        ("=b", None),
        (f"{LONGEST}a=b", None),
        (f"a={LONGEST}a", None),
        ("-a=b", None),
        ("a=b-", None),
        ("Lab/a=b", None),
        ("a=b=c", None),
    ],
)
def test_label_has_a_key_and_a_value(word: str, label: tuple[str, str] | None) -> None:
    assert read_label(word) == label


@pytest.mark.parametrize(
    ("word", "taint"),
    [
        ("gpu=true:NoSchedule", Taint("gpu", "true", "NoSchedule")),
        ("gpu=:NoExecute", Taint("gpu", "", "NoExecute")),
        ("gpu:PreferNoSchedule", Taint("gpu", None, "PreferNoSchedule")),
        ("gpu", Taint("gpu", None, "")),
        ("gpu=a", Taint("gpu", "a", "")),
        ("gpu:", None),
        ("gpu:Never", None),
        ("gpu=a b:NoExecute", None),
        ("-gpu", None),
        ("", None),
    ],
)
def test_taint_is_written_as_kubectl_does(word: str, taint: Taint | None) -> None:
    assert read_taint(word) == taint
    assert TAINT_EFFECTS == ("NoSchedule", "PreferNoSchedule", "NoExecute")
