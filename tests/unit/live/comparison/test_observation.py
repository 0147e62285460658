"""What is read of a model that changes while it is read."""

from __future__ import annotations

from pathlib import Path

from botlab.juju import Juju
from botlab.live.comparison.observation import Observation
from botlab.live.status.model import ModelStatus
from helpers.live_differences import summary
from helpers.scripted_juju import Fault
from helpers.small_labs import deployed_lab


def test_application_that_juju_cannot_show_hides_no_other(tmp_path: Path) -> None:
    """An application that is being removed makes the call for all applications fail."""
    lab = deployed_lab(tmp_path, "4.0")
    lab.rewrite(store={"constraints": "arch=amd64 cores=2"})
    lab.juju.fail(Fault.error("show-application", "application web not found").only_with("web"))

    comparison = lab.compare()

    assert summary(comparison.differences)[0] == [
        "application store: constraints arch=amd64 mem=4096M -> arch=amd64 cores=2"
    ]
    assert "constraints, exposed endpoints and bindings of web are not known" in comparison.notes


DOCUMENT = {
    "model": {"name": "m"},
    "machines": {"0": {}},
    "applications": {
        "a": {
            "charm": "local:a-0",
            "base": {"name": "ubuntu", "channel": "22.04"},
            "units": {"a/0": {"machine": "0"}},
        }
    },
}
OBSERVATION = Observation(
    Juju.V3_6,
    ModelStatus("m", document=DOCUMENT),
    details={"a": {"constraints": {"mem": 2048}, "principal": True, "exposed": False}},
    configs={
        "a": {"application": "a", "settings": {"x": {"value": 3, "source": "user", "type": "int"}}}
    },
    constraints={"arch": "arm64", "cores": 2},
)


def test_model_for_plans_has_all_that_was_read() -> None:
    """The status, and beside it what other commands of Juju print."""
    model = OBSERVATION.plan_model()

    assert model.constraints == {"arch": "arm64", "cores": 2}
    assert set(model.machines) == {"0"}
    application = model.applications["a"]
    assert application.constraints == {"mem": 2048}
    assert application.options == {"x": 3}
    assert [(unit.name, unit.machine) for unit in application.units] == [("a/0", "0")]
    assert list(OBSERVATION.nodes) == ["a"]


def test_options_that_were_not_read_are_unknown() -> None:
    """Which is not the same as no options."""
    assert OBSERVATION.settings("a") == {"x": {"value": 3, "source": "user", "type": "int"}}
    assert OBSERVATION.settings("b") is None
    empty = Observation(Juju.V3_6, ModelStatus("m"), configs={"b": {"application": "b"}})
    assert empty.settings("b") == {}
    assert empty.plan_model().applications == {}
    assert empty.nodes == {}
