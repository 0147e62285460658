"""Directories that are exported from a larger file system, on this machine's own file systems."""

from __future__ import annotations

from pathlib import Path

from labcharm.machine import Machine
from nfs_server.server.file_systems import exposure, is_own_file_system
from nfs_server.server.shares import Share
from nfs_server.verify.checks import file_system_check

OWN = Share("own", "/proc", ())


def test_only_the_root_of_a_file_system_is_one_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()

    assert is_own_file_system(Machine(), "/proc")
    assert not is_own_file_system(Machine(), str(tmp_path / "share"))


def test_exposed_directories_are_named(tmp_path: Path) -> None:
    """Those with subtree_check are not exposed; one that does not exist yet is not looked at."""
    shares = {name: Share(name, str(tmp_path / name), ()) for name in ("a", "checked", "missing")}
    shares["checked"] = shares["checked"]._replace(options=("rw", "subtree_check"))
    for name in ("a", "checked"):
        (tmp_path / name).mkdir()

    message = exposure(Machine(), [OWN, *shares.values()])
    assert message.startswith(f"{tmp_path}/a: not a file system of its own, so clients that make")
    assert exposure(Machine(), [OWN, shares["checked"], shares["missing"]]) == ""


def test_verify_warns_about_exposed_directories(tmp_path: Path) -> None:
    """It does not fail: only the administrator knows whether the clients are trusted."""
    exposed = file_system_check(Machine(), [Share("a", str(tmp_path), ())])
    separate = file_system_check(Machine(), [OWN])

    assert (exposed.ok, exposed.message[:9]) == (True, "warning: ")
    assert (separate.ok, separate.message) == (
        True, "every exported directory is a file system of its own",
    )  # fmt: skip
