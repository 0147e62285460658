"""A registry that the site file takes is one that every charm of this suite takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from botlab.site.load import Layer, load_site

SITE = """
site: lab
juju: "2.9"
kubernetes: {{profile: k8s-1.13, registry: {text!r}}}
machines: {{node0: {{}}}}
kubeflow: {{registry: {text!r}}}
"""
GOOD = [
    "", "registry", "registry.lab.example:5000", "10.0.0.5:5000/kube", "r.lab/a/b_c/d-e.f",
]  # fmt: skip
BAD = [
    "https://registry.lab.example", "registry/", "registry//a", "-registry", "two words",
    "registry/Path", "registry:port", "/path",
]  # fmt: skip


def readers(opened: Any) -> list[Callable[[str], str]]:
    """Return what the charms read the option with: metallb and kubeflow-installer share one."""
    shared = opened("metallb")("labcharm.validators")
    nvidia = opened("nvidia-runtime")("nvidia_runtime.options")
    nfs = opened("nfs-server")("nfs_server.options")

    def told(reader: Any) -> Callable[[str], str]:
        def read(text: str) -> str:
            problems: list[str] = []
            value = str(reader(text, problems))
            assert problems == []
            return value

        return read

    return [told(shared.registry), told(nvidia.read_registry), nfs._registry]


@pytest.mark.parametrize("text", GOOD)
def test_what_passes_here_passes_there(charm_modules: Any, text: str) -> None:
    """Unchanged, in every charm."""
    assert load_site([Layer(SITE.format(text=text))]).findings == ()
    assert [read(text) for read in readers(charm_modules)] == [text] * 3


@pytest.mark.parametrize("text", BAD)
def test_what_is_none_is_told_with_the_form(text: str) -> None:
    """At both keys, before a charm would refuse it."""
    found = load_site([Layer(SITE.format(text=text))]).findings

    assert [one.path for one in found] == ["kubernetes.registry", "kubeflow.registry"]
    assert found[0].message == (
        f"kubernetes.registry is {text!r}: no registry; write HOST:PORT/PATH without https:// and"
        " without / at its end"
    )
