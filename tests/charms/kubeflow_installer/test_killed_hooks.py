"""Hooks and actions that are killed before and after each change of the cluster.

The charm runs as a process of its own and is killed with SIGKILL. As in Juju, what such a hook
wrote into relation data and secrets is lost, and what it changed on the cluster stays.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.memory_lab import skipped_except
from helpers.kubeflow.process_unit import ProcessUnit

UNINSTALLED = 'blocked: uninstalled by action; run the action "install" to reinstall'
INSTALLED = "waiting: Kubeflow 1.8.1: the gateway has no address yet"
# More than the changes that the installation or the uninstall of the small release makes.
_MOST = 60


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> ProcessUnit:
    """Return a unit that has never run a hook."""
    return ProcessUnit(tmp_path_factory.mktemp("new") / "unit").create()


@pytest.fixture(scope="module")
def installed(new: ProcessUnit, tmp_path_factory: pytest.TempPathFactory) -> ProcessUnit:
    """Return a unit that has installed the release."""
    unit = new.copy_to(tmp_path_factory.mktemp("installed") / "unit")
    assert unit.hook() == INSTALLED
    return unit


@pytest.fixture(scope="module")
def uninstalled(installed: ProcessUnit, tmp_path_factory: pytest.TempPathFactory) -> ProcessUnit:
    """Return a unit that has uninstalled it."""
    unit = installed.copy_to(tmp_path_factory.mktemp("uninstalled") / "unit")
    assert unit.action("uninstall") == UNINSTALLED
    assert unit.objects() == []
    return unit


def kill_points() -> list[str]:
    """Return the moments before and after each change; "after 1" is also "before 2"."""
    return ["1-", *(str(number) for number in range(1, _MOST))]


def test_killed_reinstallation_is_continued(
    uninstalled: ProcessUnit, installed: ProcessUnit, tmp_path: Path
) -> None:
    """The cluster shows that there is something to continue, whatever Juju has stored."""
    for point in kill_points():
        unit = uninstalled.copy_to(tmp_path / f"at{point}")
        if unit.action("install", point) != "killed":
            assert int(point.rstrip("-")) > 5
            break
        expected = INSTALLED if unit.objects() else UNINSTALLED
        assert unit.hook() == expected, point
        if expected == INSTALLED:
            assert unit.objects() == installed.objects(), point
            assert unit.has_kubeconfig()


def test_reinstallation_that_cannot_begin_yet_is_continued(
    uninstalled: ProcessUnit, tmp_path: Path
) -> None:
    """Hooks repeat the checks until all of them pass."""
    unit = uninstalled.copy_to(tmp_path / "unit")
    unit.configure(skipped=skipped_except("storage-class"))
    blocked = "blocked: storage-class: the check failed: "
    assert unit.action("install").startswith(blocked)
    assert unit.hook().startswith(blocked)
    unit.configure(skipped=skipped_except())
    assert unit.hook() == INSTALLED
    assert unit.has_kubeconfig()


def test_killed_uninstall_is_continued_and_never_undone(
    installed: ProcessUnit, tmp_path: Path
) -> None:
    for point in kill_points():
        unit = installed.copy_to(tmp_path / f"at{point}")
        if unit.action("uninstall", point) != "killed":
            assert int(point.rstrip("-")) > 5
            break
        status = unit.hook()
        if point == "1-":  # nothing had begun
            assert status == INSTALLED
            continue
        assert status == UNINSTALLED, point
        assert unit.objects() == [], point
        assert not unit.has_kubeconfig()


def test_killed_first_installation_can_be_uninstalled(new: ProcessUnit, tmp_path: Path) -> None:
    """Juju has not stored that there was one: the state stays until the next hook has."""
    unit = new.copy_to(tmp_path / "unit")
    assert unit.hook("4") == "killed"
    assert unit.action("uninstall").startswith("waiting: being uninstalled: its stored state")
    assert len(unit.objects()) == 1
    assert unit.hook() == UNINSTALLED
    assert unit.objects() == []
    assert unit.hook() == UNINSTALLED


def test_killed_rotation_leaves_the_password_that_juju_has_stored(
    installed: ProcessUnit, tmp_path: Path
) -> None:
    """The next hook applies it again."""
    before = installed.cluster.read_text()
    for point in ("1-", "1", "2-", "2"):
        unit = installed.copy_to(tmp_path / f"at{point}")
        assert unit.action("rotate-credentials", point) == "killed"
        assert unit.hook() == INSTALLED
        assert dex_hash(unit.cluster.read_text()) == dex_hash(before)


def dex_hash(cluster: str) -> str:
    """Return the hash of the password that dex accepts."""
    return cluster.partition("$2a$10$")[2][:53]


def test_lost_state_of_an_installation_is_found_again(
    installed: ProcessUnit, tmp_path: Path
) -> None:
    """Somebody deleted the ConfigMap, and Kubeflow itself is still there."""
    unit = installed.copy_to(tmp_path / "unit")
    unit.cluster.write_text(unit.cluster.read_text().replace("-state-", "-lost-"))
    assert unit.hook() == INSTALLED
