"""What is served to whom, and what the status says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from labcharm.machine import Machine
from nfs_exports import table
from nfs_options import read_options
from nfs_relations import Guest
from nfs_serving import Plan, Serving, ServingError, plan, summary

CONFIG = Path(__file__).resolve().parents[3] / "charms/nfs-server/config.yaml"
DEFAULTS = {
    name: option.get("default")
    for name, option in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["options"].items()
}
SHARES = "isos: {path: /srv/isos, options: ro}"


def planned(**options: Any) -> Plan:
    """Return the plan for options, two nodes and a related application."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    read = read_options({**DEFAULTS, **named}, yaml.safe_load)
    return plan(read, ["10.0.0.5", "10.0.0.6"], [Guest("login", ("10.0.0.9",))])


def test_root_stays_root_for_the_nodes_in_the_export_root_alone() -> None:
    """No other share has no_root_squash, whoever its clients are."""
    wanted = planned(networks="10.0.0.0/24", shares=SHARES)
    found = table([wanted.root, *wanted.shares, *wanted.guests])

    assert [key for key, options in found.items() if "no_root_squash" in options] == [
        ("/nfsroot", "10.0.0.5"), ("/nfsroot", "10.0.0.6"),
    ]  # fmt: skip
    assert sorted(key for key, options in found.items() if "root_squash" in options) == [
        ("/nfsroot", "10.0.0.0/24"), ("/nfsroot/login", "10.0.0.9"), ("/srv/isos", "10.0.0.0/24"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "2 folders to 3 clients"),
        ({"networks": "10.0.0.0/24"}, "2 folders to 4 clients"),
        ({"networks": "*"}, "2 folders to 4 clients; open to everybody: /nfsroot"),
        ({"networks": "0.0.0.0/0", "shares": SHARES},
         "3 folders to 4 clients; open to everybody: /nfsroot, /srv/isos"),
    ],
)  # fmt: skip
def test_summary(options: dict[str, str], told: str) -> None:
    """How much is served; what everybody may mount is never left unsaid."""
    assert summary(planned(allow_world=True, **options)) == told


def test_a_storage_of_juju_is_the_export_root(tmp_path: Path) -> None:
    """Another root beside it is refused before anything is installed."""
    read = read_options({**DEFAULTS, "export-root": "/srv/x"}, yaml.safe_load)

    with pytest.raises(ServingError, match="export-root is /srv/x, and the storage export is at"):
        Serving(Machine(str(tmp_path)), "nfs-server").prepare(read, "/nfsroot")
