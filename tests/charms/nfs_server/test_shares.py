"""Shares as data: paths, options, clients, and several at once."""

from __future__ import annotations

import pytest
import yaml

from nfs_server.shares import (
    ShareError,
    overlaps,
    read_clients,
    read_options,
    read_path,
    read_shares,
)

BASE = ("rw", "sync", "no_subtree_check", "root_squash")


@pytest.mark.parametrize(
    ("path", "read"),
    [("/nfsroot", "/nfsroot"), ("//srv//nfs/", "/srv/nfs"), ("/home/x", "/home/x")],
)
def test_path(path: str, read: str) -> None:
    """In its plain form."""
    assert read_path(path) == read


@pytest.mark.parametrize(
    "path",
    ["", "srv", "/", "/etc", "/etc/x", "/srv", "/home", "/usr/lib/x", "/var/lib/juju/x", "/a b",
     "/a/../etc", '/a"b', "/a(b", "/a#b", "/a*", "/a\\040b"],
)  # fmt: skip
def test_path_refused(path: str) -> None:
    """The system's, and what exports(5) reads otherwise."""
    with pytest.raises(ShareError):
        read_path(path)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", BASE),
        ("ro", ("ro", *BASE[1:])),
        ("ro,async, all_squash", ("ro", "async", "no_subtree_check", "all_squash")),
        ("insecure,anonuid=1000", (*BASE, "insecure", "anonuid=1000")),
        ("sec=krb5p:krb5i", (*BASE, "sec=krb5p:krb5i")),
        ("fsid=7", (*BASE, "fsid=7")),
    ],
)
def test_options(text: str, read: tuple[str, ...]) -> None:
    """Those named, over the base."""
    assert read_options(text) == read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ro,rw", "ro and rw exclude each other"),
        ("no_root_squash", "only the cluster's nodes"),
        ("fsid=0", "no such value"),
        ("fsid=root", "no such value"),
        ("anonuid=x", "no such value"),
        ("bogus", "'bogus' is none of"),
        ("rw)", "is none of"),
        ("refer=/x@host", "is none of"),
    ],
)
def test_options_refused(text: str, told: str) -> None:
    """With the rule."""
    with pytest.raises(ShareError, match=told):
        read_options(text)


def test_clients() -> None:
    """From words or a list; everybody only by a word of one's own."""
    assert read_clients("10.0.0.1, 10.0.0.0/24 node", world=False) == ("10.0.0.0/24", "node")
    assert read_clients(["*"], world=True) == ("*",)
    with pytest.raises(ShareError, match=r"\* admits everybody.*0\.0\.0\.0/0 admits"):
        read_clients("* 0.0.0.0/0", world=False)
    with pytest.raises(ShareError, match="no list of clients"):
        read_clients(7, world=False)


def test_shares() -> None:
    """Clients default to the networks."""
    text = "home: {path: /srv/home}\nisos: {path: /srv/isos, clients: [10.1.0.0/16], options: ro}"
    shares, problems = read_shares(text, yaml.safe_load, ["10.0.0.0/24"], world=False)

    assert problems == []
    assert [share.clients for share in shares] == [("10.0.0.0/24",), ("10.1.0.0/16",)]
    assert shares[1].options[0] == "ro"


def test_everything_wrong_at_once() -> None:
    """Each share and field with its name."""
    text = "Home: {path: /etc}\nx: 5\ny: {path: /srv/y, mode: 7, clients: ['*'], options: bogus}"
    shares, problems = read_shares(text, yaml.safe_load, [], world=False)

    assert shares == []
    told = "\n".join(problems)
    for part in (
        "Home: a name", "Home.path: /etc", "x: write", "y.mode is none of", "y.clients: *",
        "y.options: 'bogus'",
    ):  # fmt: skip
        assert "shares." + part in told


@pytest.mark.parametrize("text", ["a: [", "- a", "text", "a: {b: !!python/object:x {}}"])
def test_no_mapping(text: str) -> None:
    """One text, whatever it is."""
    shares, problems = read_shares(text, yaml.safe_load, [], world=False)

    assert shares == []
    assert len(problems) == 1
    assert problems[0].startswith("shares is no ")


def test_overlaps() -> None:
    """A share in another would be reached by the other's clients."""
    text = "a: {path: /srv/a}\nb: {path: /srv/a/b}\nc: {path: /srv/ab}"
    shares, _ = read_shares(text, yaml.safe_load, [], world=False)

    assert overlaps(shares) == [
        "share b (/srv/a/b) lies in share a (/srv/a); give it a folder beside it"
    ]
