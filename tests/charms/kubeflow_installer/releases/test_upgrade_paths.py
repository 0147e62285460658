"""Only the moves between releases that upstream supports are allowed."""

from __future__ import annotations

import pytest

from kubeflow_installer.releases.table import find
from kubeflow_installer.releases.upgrade_paths import refusal


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("1.10.2", "1.11.0", ""),
        ("1.11.0", "26.03", ""),
        ("1.0.2", "1.2.0", ""),
        ("1.11.0", "1.10.2", "not support a downgrade"),
        ("0.6.2", "1.0.2", "uninstall (volumes are kept), then install"),
        ("1.2.0", "1.8.1", "uninstall (volumes are kept), then install"),
        ("1.10.2", "1.10.2", ""),
        ("1.10.2", "26.03", "go from 1.10.2 to 1.11.0, and then to 26.03"),
        ("1.7.0", "26.03", "from 1.7.0 to 1.8.1, 1.9.1, 1.10.2, 1.11.0, and then to 26.03"),
    ],
)
def test_only_moves_that_upstream_supports_are_allowed(
    before: str, after: str, reason: str
) -> None:
    """An unsupported move is refused with its reason."""
    message = refusal(find(before), find(after))
    assert reason in message
    assert bool(reason) == bool(message)
