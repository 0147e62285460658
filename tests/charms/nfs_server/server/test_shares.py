"""The option `shares`, and the parts of a share."""

from __future__ import annotations

import pytest
import yaml

from nfs_server.server.export_options import DEFAULT_OPTIONS, read_export_options
from nfs_server.server.paths import read_path
from nfs_server.server.shares import overlaps, read_clients, read_shares


@pytest.mark.parametrize(
    ("text", "path"),
    [("/nfsroot", "/nfsroot"), ("//srv//nfs/", "/srv/nfs"), ("/home/x", "/home/x")],
)
def test_path_is_normalized(text: str, path: str) -> None:
    """Without doubled and trailing slashes."""
    assert read_path(text) == path


@pytest.mark.parametrize(
    "path",
    ["", "srv", "/", "/etc", "/etc/x", "/srv", "/home", "/usr/lib/x", "/var/lib/juju/x", "/a b",
     "/a/../etc", '/a"b', "/a(b", "/a#b", "/a*", "/a\\040b"],
)  # fmt: skip
def test_system_directories_and_special_characters_are_refused(path: str) -> None:
    """exports(5) reads these characters in its own way."""
    with pytest.raises(ValueError, match=r"belongs to the system|is not an absolute path"):
        read_path(path)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", DEFAULT_OPTIONS),
        ("ro", ("ro", *DEFAULT_OPTIONS[1:])),
        ("ro,async, all_squash", ("ro", "async", "no_subtree_check", "all_squash")),
        ("insecure,anonuid=1000", (*DEFAULT_OPTIONS, "insecure", "anonuid=1000")),
        ("sec=krb5p:krb5i", (*DEFAULT_OPTIONS, "sec=krb5p:krb5i")),
        ("fsid=7", (*DEFAULT_OPTIONS, "fsid=7")),
    ],
)
def test_named_options_replace_the_defaults(text: str, options: tuple[str, ...]) -> None:
    """The other defaults stay."""
    assert DEFAULT_OPTIONS == ("rw", "sync", "no_subtree_check", "root_squash")
    assert read_export_options(text) == options


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ro,rw", "ro and rw exclude each other"),
        ("no_root_squash", "only the cluster's nodes"),
        ("fsid=0", "has no such value"),
        ("fsid=root", "has no such value"),
        ("anonuid=x", "has no such value"),
        ("bogus", "'bogus' is not one of"),
        ("rw)", "is not one of"),
        ("refer=/x@host", "is not one of"),
    ],
)
def test_invalid_options_are_refused_with_the_rule(text: str, message: str) -> None:
    """Also options that exportfs knows and this charm does not allow."""
    with pytest.raises(ValueError, match=message):
        read_export_options(text)


def test_clients_are_read_from_texts_and_lists() -> None:
    """Everybody is a client only with allow-world."""
    text = "10.0.0.1, 10.0.0.0/24 node"
    assert read_clients(text, allow_world=False) == ("10.0.0.0/24", "node")
    assert read_clients(["*"], allow_world=True) == ("*",)
    with pytest.raises(ValueError, match=r"\* admits everybody.*0\.0\.0\.0/0 admits"):
        read_clients("* 0.0.0.0/0", allow_world=False)
    with pytest.raises(ValueError, match="is not a list of clients"):
        read_clients(7, allow_world=False)  # type: ignore[arg-type]


def test_share_without_clients_is_for_the_networks() -> None:
    """The option `networks` is the default of a share's clients."""
    text = "home: {path: /srv/home}\nisos: {path: /srv/isos, clients: [10.1.0.0/16], options: ro}"
    shares, problems = read_shares(text, yaml.safe_load, ["10.0.0.0/24"], allow_world=False)

    assert problems == []
    assert [share.clients for share in shares] == [("10.0.0.0/24",), ("10.1.0.0/16",)]
    assert shares[1].options[0] == "ro"


def test_all_problems_of_shares_are_reported_together() -> None:
    """Each with the name of the share and the field."""
    text = "Home: {path: /etc}\nx: 5\ny: {path: /srv/y, mode: 7, clients: ['*'], options: bogus}"
    shares, problems = read_shares(text, yaml.safe_load, [], allow_world=False)

    assert shares == []
    report = "\n".join(problems)
    for part in (
        "Home: a name", "Home.path: /etc", "x: write", "y.mode is not one of", "y.clients: *",
        "y.options: 'bogus'",
    ):  # fmt: skip
        assert f"shares.{part}" in report


@pytest.mark.parametrize("text", ["a: [", "- a", "text", "a: {b: !!python/object:x {}}"])
def test_text_that_is_not_a_mapping_is_one_problem(text: str) -> None:
    """Whatever the text is."""
    shares, problems = read_shares(text, yaml.safe_load, [], allow_world=False)

    assert shares == []
    assert len(problems) == 1
    assert problems[0].startswith("shares is not ")


def test_share_inside_another_share_is_a_problem() -> None:
    """The clients of the outer share would reach it."""
    text = "a: {path: /srv/a}\nb: {path: /srv/a/b}\nc: {path: /srv/ab}"
    shares, _ = read_shares(text, yaml.safe_load, [], allow_world=False)

    assert overlaps(shares) == [
        "share b (/srv/a/b) lies in share a (/srv/a); give it a directory outside"
    ]
