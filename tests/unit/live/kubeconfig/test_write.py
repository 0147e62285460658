"""Kubeconfigs in files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from botlab.errors import BotlabError
from botlab.live.kubeconfig.entries import Owner
from botlab.live.kubeconfig.model import ClusterAddress, Credentials, Kubeconfig
from botlab.live.kubeconfig.write import (
    Destination,
    Written,
    user_kubeconfig,
    write_kubeconfig,
)
from helpers.kubeconfigs import PEM

OWNER = Owner("lab", "ctrl:lab")
LAB = Kubeconfig(ClusterAddress("https://192.168.1.10:6443", PEM), Credentials("t1"))
OLD = "apiVersion: v1\nkind: Config\ncurrent-context: work\n"


def write(path: Path, *, is_shared: bool = False) -> Written:
    """Write the kubeconfig of the lab."""
    return write_kubeconfig(Destination(path, "lab", is_shared), LAB, OWNER)


def mode(path: Path) -> int:
    """Return the mode of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_new_file_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "lab.kubeconfig"

    assert write(path) == Written(is_changed=True, is_readable=False)
    assert mode(path) == 0o600
    assert sorted(tmp_path.iterdir()) == [path]


def test_second_run_does_not_touch_the_file_or_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "lab.kubeconfig"
    write(path)
    tmp_path.chmod(0o500)
    before = path.stat(), tmp_path.stat()

    assert write(path) == Written(is_changed=False, is_readable=False)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (
        before[0].st_mtime_ns,
        before[0].st_ino,
    )
    assert tmp_path.stat().st_mtime_ns == before[1].st_mtime_ns


def test_missing_directory_is_created_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / ".kube" / "config"

    write(path, is_shared=True)

    assert mode(path.parent) == 0o700


@pytest.mark.parametrize(
    ("is_shared", "expected"), [(True, 0o640), (False, 0o600)], ids=["shared", "own"]
)
def test_mode_of_a_shared_file_stays_and_an_own_file_is_closed(
    tmp_path: Path, is_shared: bool, expected: int
) -> None:
    path = tmp_path / "config"
    path.write_text(OLD)
    path.chmod(0o640)

    written = write(path, is_shared=is_shared)

    assert written == Written(is_changed=True, is_readable=is_shared)
    assert mode(path) == expected
    assert yaml.safe_load(path.read_text())["current-context"] == "work"


def test_own_file_that_others_can_read_is_closed_without_other_changes(tmp_path: Path) -> None:
    path = tmp_path / "lab.kubeconfig"
    write(path)
    path.chmod(0o644)

    assert write(path) == Written(is_changed=True, is_readable=False)
    assert mode(path) == 0o600


def test_symbolic_link_stays(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text(OLD)
    link = tmp_path / "config"
    link.symlink_to(target)

    write(link, is_shared=True)

    assert link.is_symlink()
    assert "name: lab" in target.read_text()


def test_lock_of_kubectl_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(OLD)
    lock = tmp_path / "config.lock"
    lock.touch()

    with pytest.raises(BotlabError) as raised:
        write(path, is_shared=True)
    assert str(raised.value) == (
        f"{path}: is being changed by another program, such as kubectl; if none runs, delete"
        f" {lock}"
    )
    assert path.read_text() == OLD
    assert lock.exists()


def test_conflict_leaves_the_file_and_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("users:\n- name: lab\n  user: {token: mine}\n")
    before = path.read_bytes()

    with pytest.raises(BotlabError, match="the user lab was not written by botlab"):
        write(path, is_shared=True)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]


def test_directory_is_not_a_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(BotlabError, match="is not a regular file"):
        write(tmp_path)


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ({}, "/home/me/.kube/config"),
        ({"KUBECONFIG": ""}, "/home/me/.kube/config"),
        ({"KUBECONFIG": "/a:/b"}, "/a"),
        ({"KUBECONFIG": ":/b"}, "/b"),
    ],
)
def test_kubeconfig_of_the_user_is_the_first_of_the_environment(
    variable: dict[str, str], expected: str
) -> None:
    assert user_kubeconfig(variable, Path("/home/me")) == Path(expected)
