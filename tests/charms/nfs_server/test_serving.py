"""What is served to whom, and what the status says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from labcharm.machine import Machine
from labcharm.validators import OptionsError
from nfs_server.options import Options, read_options
from nfs_server.relations import Guest
from nfs_server.server.exports import table
from nfs_server.server.serving import Plan, Serving, ServingError, plan, summary

CONFIG = Path(__file__).resolve().parents[3] / "charms/nfs-server/config.yaml"
DEFAULTS = {
    name: option.get("default")
    for name, option in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["options"].items()
}
SHARES = "isos: {path: /srv/isos, options: ro}"


LOGIN = Guest("login", ("10.0.0.9",), ())


def chosen(**options: Any) -> Options:
    """Return options over the defaults."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return read_options({**DEFAULTS, **named}, yaml.safe_load)


def planned(**options: Any) -> Plan:
    """Return the plan for options, two nodes and a related application."""
    return plan(chosen(**options), ["10.0.0.5", "10.0.0.6"], [LOGIN], {})


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


def test_related_applications_keep_their_folders() -> None:
    """A new export root, or a folder for them, is for those that come later."""
    other = LOGIN._replace(application="other")
    for options, path in (
        ({"export_root": "/srv/new"}, "/srv/new/other"),
        ({"applications_root": "/srv/apps"}, "/srv/apps/other"),
    ):
        found = plan(chosen(**options), [], [LOGIN, other], {"login": "/nfsroot/login"})
        assert [share.path for share in found.guests] == ["/nfsroot/login", path]


def test_folders_of_applications_apart() -> None:
    """Neither may lie in the other: it would be reached by the other's rules."""
    told = r"applications-root \(/nfsroot/apps\) lies in share export-root \(/nfsroot\)"
    with pytest.raises(OptionsError, match=told):
        chosen(applications_root="/nfsroot/apps")


@pytest.mark.parametrize("path", ["/nfsroot/login", "/nfsroot/login/x"])
def test_a_share_in_an_applications_folder(tmp_path: Path, path: str) -> None:
    """Is refused when the export root that held both has moved away."""
    options = chosen(export_root="/srv/new", shares=f"isos: {{path: {path}}}")
    wanted = plan(options, [], [LOGIN], {"login": "/nfsroot/login"})

    with pytest.raises(ServingError, match=f"isos is {path}, in the folder of a related appl"):
        Serving(Machine(str(tmp_path)), "nfs-server").export(wanted, options, None)


def test_what_applications_ask_for_in_vain() -> None:
    """Is never left unsaid."""
    wide = LOGIN._replace(refused=("0.0.0.0/0", "::/0"))

    assert summary(plan(chosen(), [], [wide], {})) == (
        "1 folder to 1 client; not opened to 0.0.0.0/0, ::/0 for login, which needs"
        " allow-world=true"
    )


def test_a_storage_of_juju_is_the_export_root(tmp_path: Path) -> None:
    """Another root beside it is refused before anything is installed."""
    read = chosen(export_root="/srv/x")

    with pytest.raises(ServingError, match="export-root is /srv/x, and the storage export is at"):
        Serving(Machine(str(tmp_path)), "nfs-server").prepare(read, "/nfsroot")
