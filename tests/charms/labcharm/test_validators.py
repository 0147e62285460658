"""The readers of values that several charms have as options."""

from __future__ import annotations

import pytest

from labcharm.validators import (
    TAINT_EFFECTS,
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
