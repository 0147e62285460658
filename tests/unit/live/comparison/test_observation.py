"""What is read of a model that changes while it is read."""

from __future__ import annotations

from pathlib import Path

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
