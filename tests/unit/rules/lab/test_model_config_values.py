"""The values that Juju accepts for the options of a model.

Each pair was given to `config.New` of juju/juju environs/config (3.6), which agrees.
"""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from botlab.rules.lab.model_config_keys import known_keys
from botlab.rules.lab.model_config_values import value_problem

ACCEPTED = [
    ("test-mode", "true"),
    ("test-mode", "F"),
    ("net-bond-reconfigure-delay", "0x11"),
    ("net-bond-reconfigure-delay", "17.5"),
    ("net-bond-reconfigure-delay", "1e3"),
    ("num-provision-workers", "100"),
    ("max-action-results-age", "336h"),
    ("max-action-results-age", "1h30m.5s"),
    ("update-status-hook-interval", "5m"),
    ("update-status-hook-interval", "59s"),
    ("max-action-results-size", "5G"),
    ("max-action-results-size", "1.5MiB"),
    ("max-action-results-size", "512"),
    ("container-networking-method", ""),
    ("container-networking-method", "local"),
    ("provisioner-harvest-mode", "none"),
    ("container-inherit-properties", "apt-primary, ca-certs"),
    ("mode", "requires-prompts,strict"),
    ("logging-output", "database,syslog"),
    ("egress-subnets", "10.0.0.0/24, 192.168.1.7/16"),
    ("ssh-allow", ""),
    ("ssh-allow", "10.0.0.0/8,::/0"),
    ("extra-info", "any text"),
]
REFUSED = [
    ("test-mode", "yes", "neither true nor false"),
    ("test-mode", "", "neither true nor false"),
    ("net-bond-reconfigure-delay", "soon", "not a number"),
    ("net-bond-reconfigure-delay", "", "not a number"),
    ("net-bond-reconfigure-delay", "\u0661\u0667", "not a number"),
    ("net-bond-reconfigure-delay", "1 7", "not a number"),
    ("num-provision-workers", "101", "more than 100"),
    ("num-container-provision-workers", "0x1a", "more than 25"),
    ("max-action-results-age", "336", "not a duration with units"),
    ("max-action-results-age", "2 weeks", "not a duration with units"),
    ("update-status-hook-interval", "90", "not a duration with units"),
    ("max-action-results-size", "5 GB", "not a size"),
    ("max-action-results-size", "5K", "not a size"),
    ("container-networking-method", "bridge", "for container-networking-method"),
    ("provisioner-harvest-mode", "", "for provisioner-harvest-mode"),
    ("provisioner-harvest-mode", "nothing", "for provisioner-harvest-mode"),
    ("container-inherit-properties", "apt-primary,hosts", "'hosts'"),
    ("mode", "careful", "'careful'"),
    ("egress-subnets", "10.0.0.1", "not a network"),
    ("egress-subnets", "10.0.0.0/255.0.0.0", "not a network"),
    ("egress-subnets", "0.0.0.0/0", "all addresses"),
    ("ssh-allow", "10.0.0.0/8, 10.1.0.0/16", "not a network"),
    ("saas-ingress-allow", "", "empty"),
]


@pytest.mark.parametrize(("key", "text"), ACCEPTED)
def test_value_that_juju_accepts_is_not_reported(key: str, text: str) -> None:
    assert value_problem(key, text, Juju.V3_6) is None


@pytest.mark.parametrize(("key", "text", "reason"), REFUSED)
def test_value_that_juju_refuses_is_reported(key: str, text: str, reason: str) -> None:
    problem = value_problem(key, text, Juju.V3_6)

    assert problem is not None
    assert reason in problem.message
    assert problem.fix


def test_misspelt_choice_names_the_right_one() -> None:
    problem = value_problem("provisioner-harvest-mode", "destroy", Juju.V3_6)

    assert problem is not None
    assert problem.fix == "did you mean destroyed?"


@pytest.mark.parametrize(
    ("juju", "key", "text"),
    [
        (Juju.V4_0, "container-networking-method", "bridge"),
        (Juju.V4_0, "provisioner-harvest-mode", "nothing"),
        (Juju.V2_9, "num-provision-workers", "101"),
        (Juju.V2_9, "saas-ingress-allow", ""),
    ],
)
def test_release_that_does_not_check_an_option_accepts_any_value(
    juju: Juju, key: str, text: str
) -> None:
    """As `config.New` of 2.9 and 4.0 does; BL149 reports keys that it does not know."""
    assert value_problem(key, text, Juju.V3_6) is not None
    assert value_problem(key, text, juju) is None


def test_each_checked_key_is_one_that_juju_knows() -> None:
    """A misspelt key in the table would never be checked."""
    keys = {key for key, *_ in [*ACCEPTED, *REFUSED]}

    assert keys <= known_keys(Juju.V3_6)
