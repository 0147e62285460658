"""The desired state of options, manifest and server."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from helpers.fake_apis.metallb_api import EveryKindApi
from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.proxies import DIRECT
from labcharm.validators import OptionsError
from metallb.deployment import MetallbDeployment
from metallb.desired_state import DesiredState
from metallb.manifests.sources import ManifestSources
from metallb.options import read_options

ADDRESSES = {"addresses": "10.0.0.10-10.0.0.19"}
MANIFEST = """\
apiVersion: v1
kind: Namespace
metadata: {name: metallb-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller}
spec:
  template:
    spec:
      containers:
      - image: quay.io/metallb/controller:v0.15.3
"""
OVERLAP = (
    'pools: MetalLB v0.9.8: CIDR "10.0.0.0/28" in pool "{}" overlaps with already defined CIDR'
    ' "10.0.0.0/28"'
)


def desired(manifest: str = "", server: tuple[int, int] = (1, 19), **options: Any) -> DesiredState:
    """Return the desired state for these options, with this attached manifest."""
    config = {name.replace("_", "-"): text for name, text in options.items()}
    deployment: Any = MetallbDeployment(EveryKindApi(server), "x")  # type: ignore[arg-type]
    sources = ManifestSources(manifest, Machine("/nowhere"), "", DIRECT)
    return deployment.desired_state(read_options(config), sources)  # type: ignore[no-any-return]


def pool(name: str, extra: str = "") -> str:
    """Return the YAML of a pool."""
    return f"- name: {name}\n  protocol: layer2\n{extra}  addresses: [10.0.0.0/28]\n"


@pytest.mark.parametrize(("server", "release"), [((1, 13), "v0.8.1"), ((1, 19), "v0.12.1")])
def test_release_fits_the_server(server: tuple[int, int], release: str) -> None:
    """A configuration is one object before 0.13."""
    state = desired(server=server, **ADDRESSES)

    assert state.release.name == release
    assert [entry["kind"] for entry in state.configuration_objects] == ["ConfigMap"]
    assert [entry.name for entry in state.pools] == ["default"]
    assert state.objects[-1]["kind"] == "ConfigMap"
    assert len(state.objects) == len(state.release_objects) + 1


def test_attached_manifest_decides_the_release() -> None:
    """A version that contradicts it blocks."""
    state = desired(MANIFEST, (1, 28), reserved_networks="10.9.0.0/16", **ADDRESSES)

    assert state.release.name == "v0.15.3"
    assert state.reserved_networks == (ip_network("10.9.0.0/16"),)
    assert [entry["kind"] for entry in state.release_objects] == ["Namespace", "Deployment"]
    assert [entry["kind"] for entry in state.configuration_objects] == [
        "IPAddressPool", "L2Advertisement",
    ]  # fmt: skip
    with pytest.raises(BlockedError) as raised:
        desired(MANIFEST, (1, 28), version="v0.14.9", **ADDRESSES)
    assert str(raised.value) == (
        "the manifest is of MetalLB v0.15.3, but option version is v0.14.9; change one of them"
    )


@pytest.mark.parametrize(
    ("pools", "options", "problems"),
    [
        ("address-pools: []\n", {}, ["pools: no address pool; add one"]),
        (
            pool("a", "  x: 1\n"),
            {},
            [
                "pools: MetalLB v0.9.8: could not parse config: yaml: unmarshal errors: line 4:"
                " field x not found in type config.addressPool"
            ],
        ),
        (
            pool("a") + pool("a"),
            {},
            [
                'pools: MetalLB v0.9.8: duplicate definition of pool "a"',
                OVERLAP.format("a"),
            ],
        ),
        (
            pool("a") + pool("b"),
            {"log_level": "warn"},
            [
                OVERLAP.format("b"),
                "log-level: MetalLB v0.9.8 has no log levels; use info",
            ],
        ),
    ],
)
def test_every_problem_names_option_and_release(
    pools: str, options: dict[str, str], problems: list[str]
) -> None:
    with pytest.raises(OptionsError) as raised:
        desired(version="v0.9.8", pools=pools, **options)

    assert [str(problem) for problem in raised.value.problems] == problems


@pytest.mark.parametrize(("release", "level"), [("v0.9.8", "info"), ("v0.11.0", "debug")])
def test_log_level_that_the_release_has_is_no_problem(release: str, level: str) -> None:
    assert desired(version=release, log_level=level, **ADDRESSES).release.name == release


def test_name_of_a_pool_must_be_that_of_an_object_from_0_13_on() -> None:
    with pytest.raises(OptionsError) as raised:
        desired(MANIFEST, (1, 28), pools=pool("a_b"))

    assert str(raised.value) == (
        "pool 'a_b': from v0.13 on, names have only lower case letters, digits, - and ."
    )
