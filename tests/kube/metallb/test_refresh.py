"""A refresh from the previous release's archive changes nothing of MetalLB."""

from __future__ import annotations

import shutil
from pathlib import Path

from helpers.archives import archive_in
from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.metallb import (
    connect_through,
    default_release,
    is_old,
    new_unit,
    owned_objects,
    report_ready,
)
from helpers.kube.related import AGES, run
from helpers.previous_release import previous_archive

# In the names of the roles and bindings of a unit's identity.
_ROLES = "lab-charms:"


def machine_files(directory: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return the content, the mode and the time of the last write of every file."""
    files = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            state = path.stat()
            name = str(path.relative_to(directory))
            files[name] = (path.read_bytes(), state.st_mode, state.st_mtime_ns)
    return files


def refresh(unit: Unit, archive: Path) -> None:
    """Replace the charm's files as Juju does; options and the file of stored state remain."""
    config = unit.get("config")
    for path in Path(unit.charm).iterdir():
        if path.is_dir():
            shutil.rmtree(path)
    unit.unpack(str(archive), config)


def test_refresh_adds_the_units_roles_alone(
    cluster: ApiServer, metallb_archives: Path, tmp_path: Path
) -> None:
    """Later hooks write nothing: on the cluster, where a proxy counts the writes, and on disk."""
    # Each archive is refreshed on one server.
    age = "2019" if is_old(cluster) else "today"
    platform = AGES[age][0]
    old = previous_archive("metallb", platform)
    unit = new_unit(age, cluster, old.parent, tmp_path)
    with FaultProxy(cluster, lambda _: 0) as proxy:
        connect_through(unit, proxy)
        run(unit, "install", "config-changed")
        report_ready(cluster)
        status = run(unit, "update-status")
        assert status == (
            f"active: MetalLB {default_release(cluster)}, pool default, 0 of 11 addresses used"
        )
        objects = owned_objects(cluster)

        refresh(unit, archive_in(metallb_archives, "metallb", platform))
        assert run(unit, "upgrade-charm", "config-changed", "update-status") == status
        left = {
            key: live for key, live in owned_objects(cluster).items() if _ROLES not in str(key)
        }
        assert left == objects
        files, relations, proxy.writes = machine_files(tmp_path / "root"), unit.get("relations"), 0
        assert run(unit, "config-changed", "update-status") == status

        listed = unit.action("list-objects")["results"]
        assert (listed["ok"], listed["extra"]) == ("true", "[]")
        assert proxy.writes == 0
    assert files
    assert machine_files(tmp_path / "root") == files
    assert unit.get("relations") == relations
