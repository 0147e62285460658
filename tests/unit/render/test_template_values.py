"""Where the charms of the profile's applications come from, and the options of nvidia-runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.rendered import render_example

STORE = {"charm": "cs:~containers/etcd-378"}
CHARMHUB = {"charm": "etcd", "channel": "1.35/stable"}


@pytest.mark.parametrize(
    ("example", "source", "etcd"),
    [
        ("botlab", None, STORE),
        ("botlab", {"source": "store"}, STORE),
        ("botlab", {"source": "local", "folder": "./mine"}, {"charm": "./mine/etcd.charm"}),
        ("modern", None, CHARMHUB),
        ("modern", {"source": "local"}, {"charm": "./charms/etcd.charm"}),
        ("modern", {"source": "charmhub"}, CHARMHUB),
        ("modern", {"source": "store"}, CHARMHUB),
    ],
)
def test_site_chooses_where_charms_come_from(
    example: str, source: dict[str, str] | None, etcd: dict[str, Any], tmp_path: Path
) -> None:
    """A charm that the Charm Store never had comes from Charmhub."""
    sections = {} if source is None else {"charms": source}
    body = render_example(tmp_path, example, **sections)["applications"]["etcd"]

    assert {key: body.get(key) for key in etcd} == etcd
    assert ("revision" in body) is False


@pytest.mark.parametrize(
    ("pins", "option"),
    [
        ({}, None),
        ({"nvidia-driver-535": "535.1", "libnvidia": "1"}, "nvidia-driver-535=535.1 libnvidia=1"),
    ],
)
def test_pinned_packages_are_one_option(
    pins: dict[str, str], option: str | None, tmp_path: Path
) -> None:
    """Without pins, the charm's own default applies."""
    bundle = render_example(tmp_path, "botlab", nvidia={"pins": pins})

    assert bundle["applications"]["nvidia-runtime"]["options"].get("pins") == option
