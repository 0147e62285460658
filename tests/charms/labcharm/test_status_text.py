"""Texts that fit into `juju status`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ops.model import BlockedStatus

from labcharm.status_text import set_status
from labcharm.text import STATUS_LIMIT, clip, shorten

LONG = "option kubeconfig: context that is long: " + "more context that is long: " * 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cause; fix", "cause; fix"),
        ("x" * STATUS_LIMIT, "x" * STATUS_LIMIT),
        (
            LONG + "the cause",
            "option kubeconfig: ... " + "more context that is long: " * 2 + "the cause",
        ),
        ("cause; fix: " + "name, " * 30, "cause; fix: " + "name, " * 13 + "... (see the log)"),
        ("word " * 40, "word " * 17 + "word... (see the log)"),
    ],
)
def test_long_text_keeps_its_beginning_and_the_cause(text: str, shown: str) -> None:
    assert shorten(text).replace(",...", ", ...") == shown
    assert len(shorten(text)) <= STATUS_LIMIT


def test_whole_text_is_logged_only_where_it_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    unit: Any = SimpleNamespace(status=None)
    set_status(unit, BlockedStatus("cause; fix"))
    assert (unit.status, caplog.messages) == (BlockedStatus("cause; fix"), [])

    set_status(unit, BlockedStatus("cause; fix: " + "name " * 40))
    assert unit.status.name == "blocked"
    assert unit.status.message.startswith("cause; fix: name name")
    assert caplog.messages == ["status blocked: cause; fix: " + "name " * 40]


def test_long_name_is_clipped() -> None:
    assert clip("kubeflow/istio-ingressgateway") == "kubeflow/istio-ingressgateway"
    assert clip("a" * 41) == "a" * 37 + "..."
    assert len(clip("a" * 100, 20)) == 20
