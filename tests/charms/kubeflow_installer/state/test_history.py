"""What the application remembers in Juju about its installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kubeflow_installer.state.history import History


class Data(dict[str, str]):
    """The leader's data; Juju stores an empty text by deleting the key."""

    def read(self) -> dict[str, str]:
        """Return everything that is stored."""
        return dict(self)

    def write(self, values: Mapping[str, str]) -> None:
        """Store texts."""
        for key, text in values.items():
            if text:
                self[key] = text
            else:
                self.pop(key, None)


def history(**stored: str) -> tuple[History, Data]:
    """Return the history of stored texts, and the data."""
    data = Data(stored)
    collaborator: Any = data
    return History(collaborator), data


@pytest.mark.parametrize(
    ("stored", "is_stored", "is_uninstalled"),
    [
        ({}, False, False),
        ({"installed": "true"}, True, False),
        ({"removed": "true"}, True, True),
        ({"installed": "true", "removed": "true"}, True, True),
        ({"other": "true"}, False, False),
    ],
)
def test_history_is_read_from_the_leaders_data(
    stored: dict[str, str], is_stored: bool, is_uninstalled: bool
) -> None:
    """Revisions up to 0.1 stored an uninstall alone."""
    past, _ = history(**stored)

    assert (past.is_stored(), past.is_uninstalled()) == (is_stored, is_uninstalled)


def test_what_a_hook_records_is_stored_for_the_next_hook_only() -> None:
    """Juju drops it if the agent is killed."""
    past, data = history()
    past.record_installed()

    assert data == {"installed": "true"}
    assert not past.is_stored()
    assert history(**data)[0].is_stored()


def test_uninstall_is_recorded_until_kubeflow_is_installed_again() -> None:
    past, data = history(installed="true")
    past.record_uninstalled()
    assert data == {"installed": "true", "removed": "true"}
    assert past.is_uninstalled()

    past.record_installed()
    assert data == {"installed": "true"}
    assert not past.is_uninstalled()


def test_forgotten_history_is_that_of_a_new_application() -> None:
    """This hook still sees what was stored at its start."""
    past, data = history(installed="true", removed="true")
    past.forget()

    assert data == {}
    assert past.is_stored()
    assert not history(**data)[0].is_stored()
