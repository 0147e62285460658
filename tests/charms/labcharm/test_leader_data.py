"""What the leader keeps: by Juju's age in settings, in the peers' bag, or in a secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ops
import pytest
from ops import testing

from labcharm.compat import LeaderData, SecretData
from labcharm.errors import CharmError

META = {"name": "lab", "peers": {"installers": {"interface": "peers"}}}
PEER = testing.PeerRelation("installers")


class Lab(ops.CharmBase):
    """Does on update-status what a test hands in."""

    does: Callable[[LeaderData, SecretData], Any]
    said: Any = None

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        framework.observe(self.on.update_status, self._run)

    def _run(self, _: Any) -> None:
        data = LeaderData(self, "installers")
        try:
            Lab.said = Lab.does(data, SecretData(self, data, "credentials"))
        except CharmError as error:
            Lab.said = str(error)


@pytest.fixture
def run() -> Callable[..., tuple[Any, testing.State]]:
    """Return what runs something as a hook of a Juju."""

    def act(
        does: Callable[[LeaderData, SecretData], Any],
        state: testing.State | None = None,
        juju: str = "3.6.9",
    ) -> tuple[Any, testing.State]:
        Lab.does, Lab.said = staticmethod(does), None
        context = testing.Context(Lab, meta=META, juju_version=juju)
        before = state or testing.State(leader=True, relations={PEER})
        after = context.run(context.on.update_status(), before)
        return Lab.said, after

    return act


def bag(state: testing.State) -> dict[str, str]:
    """Return the application's bag."""
    return dict(state.get_relation(PEER.id).local_app_data)


def test_texts_for_the_next_leader(run: Any) -> None:
    """Kept, changed, dropped when empty."""
    _, state = run(lambda data, _: data.write({"removed": "true", "other": "1"}))
    assert bag(state) == {"removed": "true", "other": "1"}
    said, state = run(lambda data, _: (data.write({"removed": ""}), data.read())[1], state)
    assert said == {"other": "1"}


def test_before_the_peers_are_there(run: Any) -> None:
    """Nothing is read; writing waits."""
    alone = testing.State(leader=True)
    assert run(lambda data, _: data.read(), alone)[0] == {}
    said, _ = run(lambda data, _: data.write({"a": "b"}), alone)
    assert said == "the peer relation installers is not there yet"


def test_secrets_of_juju(run: Any) -> None:
    """From 3.0.3 on the bag holds an id alone."""
    _, state = run(lambda _, secret: secret.write({"password": "hunter2"}))
    assert "hunter2" not in str(bag(state))
    assert bag(state)["credentials"].startswith("secret:")
    (made,) = state.secrets
    assert made.owner == "app"

    said, state = run(lambda _, secret: secret.read(), state)
    assert said == {"password": "hunter2"}
    run(lambda _, secret: secret.write({"password": "other"}), state)
    _, state = run(lambda _, secret: secret.forget(), state)
    assert "credentials" not in bag(state)


def test_no_secret_is_made_in_vain(run: Any) -> None:
    """Without the peers its id could not be kept, and Juju refuses its label the next time."""
    alone = testing.State(leader=True)
    said, state = run(lambda _, secret: secret.write({"password": "hunter2"}), alone)
    assert said == "the peer relation installers is not there yet"
    assert not state.secrets


def test_a_secret_whose_id_is_not_kept(run: Any) -> None:
    """It is found by its label, and its id is kept from now on."""
    made = testing.Secret({"password": "hunter2"}, label="credentials", owner="app")
    before = testing.State(leader=True, relations={PEER}, secrets={made})
    _, state = run(lambda _, secret: secret.write({"password": "other"}), before)
    assert bag(state) == {"credentials": made.id}
    (kept,) = state.secrets
    assert kept.latest_content == {"password": "other"}
    assert run(lambda _, secret: secret.read(), state)[0] == {"password": "other"}


def test_without_secrets(run: Any) -> None:
    """At 2.9 the leader's own bag holds them, which no other application reads."""
    _, state = run(lambda _, secret: secret.write({"password": "hunter2"}), juju="2.9.51")
    assert bag(state) == {"credentials": '{"password": "hunter2"}'}
    said, _ = run(lambda _, secret: secret.read(), state, juju="2.9.51")
    assert said == {"password": "hunter2"}


def test_a_model_that_was_upgraded(run: Any) -> None:
    """What a Juju of before kept is read, and goes into a secret when it is written."""
    _, state = run(lambda _, secret: secret.write({"password": "a1b2"}), juju="2.9.51")
    said, state = run(lambda _, secret: secret.read(), state)
    assert said == {"password": "a1b2"}
    _, state = run(lambda _, secret: secret.write({"password": "c3d4"}), state)
    assert bag(state)["credentials"].startswith("secret:")
