"""Values that the leader stores, in each place that a version of Juju has for them."""

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
NO_PEER = "the peer relation installers does not exist yet"

Step = Callable[[LeaderData, SecretData], Any]


class Lab(ops.CharmBase):
    """A charm that runs a test's step on update-status."""

    step: Step
    answer: Any = None

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        framework.observe(self.on.update_status, self._run)

    def _run(self, _: ops.EventBase) -> None:
        leader_data = LeaderData(self, "installers")
        try:
            Lab.answer = Lab.step(leader_data, SecretData(self, leader_data, "credentials"))
        except CharmError as error:
            Lab.answer = str(error)


@pytest.fixture
def run() -> Callable[..., tuple[Any, testing.State]]:
    """Return a function that runs a step as a hook, and returns its answer and the new state."""

    def run_step(
        step: Step, state: testing.State | None = None, juju: str = "3.6.9"
    ) -> tuple[Any, testing.State]:
        Lab.step, Lab.answer = staticmethod(step), None
        context = testing.Context(Lab, meta=META, juju_version=juju)
        before = state or testing.State(leader=True, relations={PEER})
        after = context.run(context.on.update_status(), before)
        return Lab.answer, after

    return run_step


def application_bag(state: testing.State) -> dict[str, str]:
    """Return the application's data bag of the peer relation."""
    return dict(state.get_relation(PEER.id).local_app_data)


def test_values_are_stored_changed_and_removed(run: Any) -> None:
    _, state = run(lambda stored, _: stored.write({"removed": "true", "other": "1"}))
    assert application_bag(state) == {"removed": "true", "other": "1"}
    answer, state = run(lambda stored, _: (stored.write({"removed": ""}), stored.read())[1], state)
    assert answer == {"other": "1"}


def test_duplicate_of_the_peer_relation_gets_the_same_values(run: Any) -> None:
    """Juju 3.6 may add one when a charm is refreshed again after it was rolled back."""
    old = testing.PeerRelation("installers", local_app_data={"removed": "true", "other": "1"})
    duplicate = testing.PeerRelation("installers")
    before = testing.State(leader=True, relations={old, duplicate})

    assert run(lambda stored, _: stored.read(), before)[0] == {"removed": "true", "other": "1"}
    _, state = run(lambda stored, _: stored.write({"removed": "", "new": "2"}), before)
    assert dict(state.get_relation(duplicate.id).local_app_data) == {"new": "2"}
    assert run(lambda stored, _: stored.read(), state)[0] == {"other": "1", "new": "2"}


def test_writing_waits_for_the_peer_relation(run: Any) -> None:
    alone = testing.State(leader=True)
    assert run(lambda stored, _: stored.read(), alone)[0] == {}
    answer, _ = run(lambda stored, _: stored.write({"a": "b"}), alone)
    assert answer == NO_PEER


def test_secret_is_a_juju_secret_from_3_on(run: Any) -> None:
    """The data bag holds only its id."""
    _, state = run(lambda _, secret: secret.write({"password": "hunter2"}))
    assert "hunter2" not in str(application_bag(state))
    assert application_bag(state)["credentials"].startswith("secret:")
    (juju_secret,) = state.secrets
    assert juju_secret.owner == "app"

    answer, state = run(lambda _, secret: secret.read(), state)
    assert answer == {"password": "hunter2"}
    run(lambda _, secret: secret.write({"password": "other"}), state)
    _, state = run(lambda _, secret: secret.remove(), state)
    assert "credentials" not in application_bag(state)


def test_no_secret_is_created_before_the_peer_relation(run: Any) -> None:
    """Its id could not be stored, and Juju would refuse its label the next time."""
    alone = testing.State(leader=True)
    answer, state = run(lambda _, secret: secret.write({"password": "hunter2"}), alone)
    assert answer == NO_PEER
    assert not state.secrets


def test_secret_whose_id_was_not_stored_is_found_by_its_label(run: Any) -> None:
    orphan = testing.Secret({"password": "hunter2"}, label="credentials", owner="app")
    before = testing.State(leader=True, relations={PEER}, secrets={orphan})
    _, state = run(lambda _, secret: secret.write({"password": "other"}), before)
    assert application_bag(state) == {"credentials": orphan.id}
    (juju_secret,) = state.secrets
    assert juju_secret.latest_content == {"password": "other"}
    assert run(lambda _, secret: secret.read(), state)[0] == {"password": "other"}


def test_secret_is_removed_also_without_the_peer_relation(run: Any) -> None:
    """Juju 4 may break the peer relation before `stop`."""
    secret = testing.Secret({"password": "hunter2"}, label="credentials", owner="app")
    _, state = run(lambda _, stored: stored.remove(), testing.State(leader=True, secrets={secret}))
    assert not state.secrets


def test_secret_is_in_the_data_bag_before_juju_3(run: Any) -> None:
    """No other application can read the bag."""
    _, state = run(lambda _, secret: secret.write({"password": "hunter2"}), juju="2.9.51")
    assert application_bag(state) == {"credentials": '{"password": "hunter2"}'}
    answer, _ = run(lambda _, secret: secret.read(), state, juju="2.9.51")
    assert answer == {"password": "hunter2"}


def test_secret_moves_to_a_juju_secret_after_an_upgrade_of_juju(run: Any) -> None:
    """The old value is read, and the next one that is written goes into a secret."""
    _, state = run(lambda _, secret: secret.write({"password": "a1b2"}), juju="2.9.51")
    answer, state = run(lambda _, secret: secret.read(), state)
    assert answer == {"password": "a1b2"}
    _, state = run(lambda _, secret: secret.write({"password": "c3d4"}), state)
    assert application_bag(state)["credentials"].startswith("secret:")


@pytest.mark.parametrize("function", ["get_info", "remove_all_revisions"])
@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (ops.ModelError("permission denied"), "waits"),
        (ops.SecretNotFoundError("gone"), None),
    ],
    ids=["refused", "gone"],
)
def test_secret_that_juju_does_not_remove_waits_unless_it_is_gone(
    run: Any,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    error: Exception,
    answer: str | None,
) -> None:
    secret = testing.Secret({"password": "hunter2"}, label="credentials", owner="app")

    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(f"ops.Secret.{function}", fail)
    before = testing.State(leader=True, relations={PEER}, secrets={secret})
    text, _ = run(lambda _, stored: stored.remove(), before)
    if answer is None:
        assert text is None
    else:
        assert text.startswith("the secret credentials cannot be ")
