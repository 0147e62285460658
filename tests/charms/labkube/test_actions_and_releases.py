"""The results of actions on objects, and the choice of a release."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from labcharm.errors import WaitingError
from labkube.apply.objects import Applied, Comparison
from labkube.charm import actions
from labkube.charm.releases import ReleaseError, choose, fitting


class Event:
    """An action's event."""

    message = ""

    def fail(self, message: str) -> None:
        """Note the message."""
        self.message = message


def test_expected_error_is_the_message_of_the_action() -> None:
    event = Event()
    with actions.fail_on_error(event):
        raise WaitingError("no credentials yet")
    assert event.message == "no credentials yet"
    with actions.fail_on_error(event):
        raise FileNotFoundError(2, "No such file or directory", "/nfsroot")
    assert event.message == "/nfsroot: No such file or directory"
    with pytest.raises(ZeroDivisionError), actions.fail_on_error(event):
        raise ZeroDivisionError


@pytest.mark.parametrize("is_leader", [True, False])
def test_action_fails_on_units_that_do_not_lead(is_leader: bool) -> None:
    charm, event = SimpleNamespace(unit=SimpleNamespace(is_leader=lambda: is_leader)), Event()
    assert actions.require_leader(charm, event, "applies") is is_leader
    message = "only the leader applies objects; run the action on the leader unit"
    assert event.message == ("" if is_leader else message)


def test_results_are_json_texts() -> None:
    comparison = Comparison(["a"], [], ["b"], [])
    listed = actions.comparison_results(comparison)
    assert {key: json.loads(text) for key, text in listed.items()} == {
        "ok": False, "correct": ["a"], "changed": [], "missing": ["b"], "extra": [],
    }  # fmt: skip
    assert actions.comparison_check("objects", comparison) == (
        "objects",
        False,
        "not as desired: b",
    )
    synced = actions.apply_results(Applied(["a"], [], 2, []))
    assert (synced["ok"], synced["same"], synced["created"]) == ("true", "2", '["a"]')
    assert actions.removal_results(["a is held"]) == {"ok": "false", "left": '["a is held"]'}


class Release(NamedTuple):
    """A row of a table."""

    name: str
    oldest: tuple[int, int]
    newest: tuple[int, int] | None


RELEASES = [Release("v1", (1, 13), (1, 21)), Release("v2", (1, 20), None)]
DEFAULTS = [((1, 20), "v2"), ((1, 13), "v1")]


def chosen(server: tuple[int, int], name: str = "") -> Any:
    """Return the name of the release for a server."""
    rows = {release.name: release for release in RELEASES}
    return choose(server, name, DEFAULTS, RELEASES, rows.__getitem__).name


def test_default_release_is_the_newest_that_fits() -> None:
    assert [chosen((1, minor)) for minor in (13, 19, 20, 37)] == ["v1", "v1", "v2", "v2"]
    assert chosen((1, 20), "v1") == "v1"
    assert fitting(RELEASES, (1, 21)) == ["v1", "v2"]


def test_release_that_does_not_fit_is_refused_with_those_that_do() -> None:
    with pytest.raises(
        ReleaseError, match=r"v1 does not fit Kubernetes 1\.22; .* are v2"
    ) as raised:
        chosen((1, 22), "v1")
    assert (raised.value.release, raised.value.fitting) == ("v1", ["v2"])
    with pytest.raises(ReleaseError, match=r"Kubernetes 1\.12 is older than 1\.13, the oldest"):
        chosen((1, 12))
