"""Commands that run an action, for people."""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from botlab.live.status.model import ModelStatus
from botlab.live.verify.commands import action_command


@pytest.mark.parametrize(
    ("juju", "command"),
    [
        (Juju.V2_6, "juju run-action metallb/0 verify -m maas:lab --wait"),
        (Juju.V2_9, "juju run-action metallb/0 verify -m maas:lab --wait"),
        (Juju.V3_6, "juju run metallb/0 verify -m maas:lab"),
        (Juju.V4_0, "juju run metallb/0 verify -m maas:lab"),
    ],
)
def test_command_is_the_one_of_the_release_and_names_the_model(juju: Juju, command: str) -> None:
    status = ModelStatus("lab", controller="maas")

    assert action_command(juju, status, "metallb/0", "verify") == command
