"""The record of a removal by action: what is intended, and what Juju stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine
from metallb.removal import RemovalRecord


class Lab:
    """A machine, and the leader's data of all units."""

    def __init__(self, root: Path) -> None:
        self.root, self.stored = root, dict[str, str]()

    def record(self, unit: int = 0) -> RemovalRecord:
        """Return the record as a unit sees it."""
        machine = Machine(str(self.root / str(unit)))
        return RemovalRecord(machine, "/record", lambda: self.stored, self.stored.update)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Return a lab in which nothing was removed."""
    return Lab(tmp_path)


def test_nothing_is_removed_at_first(lab: Lab) -> None:
    lab.record().publish()
    assert not lab.record().is_removed()
    assert not lab.stored


@pytest.mark.parametrize("is_removed", [True, False])
def test_intention_outlives_a_killed_action(lab: Lab, is_removed: bool) -> None:
    """Juju has the former state still."""
    lab.stored["removed"] = "" if is_removed else "true"
    lab.record().intend(is_removed)
    assert lab.record().is_removed() == is_removed


def test_next_leader_reads_what_was_published(lab: Lab) -> None:
    lab.record().intend(True)
    assert not lab.record(unit=1).is_removed()
    lab.record().publish()
    assert lab.record(unit=1).is_removed()


def test_file_of_a_former_leader_does_not_outlive_its_publication(lab: Lab) -> None:
    """Another leader may reinstall afterwards."""
    lab.record().intend(True)
    lab.record().publish()
    lab.record().publish()
    lab.record(unit=1).intend(False)
    lab.record(unit=1).publish()
    assert not lab.record().is_removed()


def test_publication_that_juju_lost_is_repeated(lab: Lab) -> None:
    lab.record().intend(True)
    lab.record().publish()
    lab.stored.clear()
    lab.record().publish()
    assert lab.stored == {"removed": "true"}
