"""A scripted `juju` client: a real program that answers from a model in a file, for tests.

It is a test double, not Juju. It stands for one release (2.6, 2.9, 3.6 or 4.0), refuses commands
and options that this release does not have in the words of the real client, keeps a model that
commands change, shows it in the release's document of `juju status`, and moves it along a script.
Failures of every kind can be switched on. It records each call, and each rule of the real client
that a call broke. Example:

    juju = ScriptedJuju.create(tmp_path, "3.6")
    juju.set_progress(status_calls=2, ends={"metallb": ("blocked", "addresses is empty")})
    juju.set_action_result("nfs-server", "verify", status="failed", message="no exports")
    juju.fail(Fault.connection_refused("status").after_calls(3).for_calls(2))

    wait(client=juju.binary, environment=juju.environment)  # The product under test.

    assert juju.violations == []
    assert [call.arguments[0] for call in juju.calls] == ["version", "deploy", "status"]

The parts: `program` creates the program, and `calls` is the record of its calls; `changes` and
`faults` describe what happens to the model and to the client; `status_import` reads a model from a
status document; the package `client` is the program itself.
"""

from __future__ import annotations

from .calls import Call
from .changes import (
    Change,
    application_fields,
    fault_begins,
    machine_down,
    machine_removed,
    machine_started,
    machine_status,
    unit_error,
    unit_fields,
    unit_lost,
    unit_status,
)
from .faults import Fault
from .program import ScriptedJuju

__all__ = [
    "Call",
    "Change",
    "Fault",
    "ScriptedJuju",
    "application_fields",
    "fault_begins",
    "machine_down",
    "machine_removed",
    "machine_started",
    "machine_status",
    "unit_error",
    "unit_fields",
    "unit_lost",
    "unit_status",
]
