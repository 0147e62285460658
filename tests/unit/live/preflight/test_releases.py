"""The client, the controller and the site have fitting releases."""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from botlab.live.preflight.check import Check
from botlab.live.preflight.releases import check_releases


def _checks(site: Juju, client: str, controller: str) -> list[Check]:
    return list(check_releases(site, client, controller))


@pytest.mark.parametrize(
    ("site", "client", "controller"),
    [
        (Juju.V2_6, "2.9.51-ubuntu-amd64", "2.6.11"),
        (Juju.V2_9, "2.9.51", "2.9.51"),
        (Juju.V3_6, "3.6.26", "3.6.11"),
        (Juju.V4_0, "4.0.15", "4.0.12"),
        (Juju.V4_0, "4.0.15", "4.0.15.1"),
    ],
)
def test_fitting_releases_pass(site: Juju, client: str, controller: str) -> None:
    checks = _checks(site, client, controller)
    assert [(check.name, check.is_ok) for check in checks] == [
        ("client", True),
        ("controller", True),
    ]
    assert checks[0].message == f"the juju client has version {client}"


def test_client_of_another_major_release_names_the_snap_channel() -> None:
    (client, controller) = _checks(Juju.V3_6, "2.9.51", "3.6.11")
    assert not client.is_ok
    assert client.message == (
        "the juju client has version 2.9.51, and the controller needs a client of Juju 3"
    )
    assert client.fix == "sudo snap refresh juju --channel=3.6/stable"
    assert controller.is_ok


def test_backend_without_a_client_has_no_check_of_it() -> None:
    assert [check.name for check in _checks(Juju.V3_6, "", "3.6.11")] == ["controller"]


def test_controller_of_another_supported_release_names_the_key_of_the_site() -> None:
    (_, controller) = _checks(Juju.V2_9, "3.6.11", "3.6.11")
    assert controller.message == (
        "the controller has Juju 3.6.11, and the site is written for Juju 2.9"
    )
    assert controller.fix == 'write juju: "3.6" in the site file, and validate it again'


def test_upgrade_is_that_of_the_controller_that_was_checked() -> None:
    """The current controller of the client may be another one."""
    checks = list(check_releases(Juju.V4_0, "4.0.15", "4.0.11", "maas"))
    assert checks[-1].fix == "juju upgrade-controller -c maas"


def test_controller_of_an_unsupported_release_names_another_controller() -> None:
    (_, controller) = _checks(Juju.V3_6, "3.4.6", "3.4.6")
    assert controller.fix == "use a controller of Juju 3.6 (--controller NAME)"


@pytest.mark.parametrize(("version", "is_ok"), [("4.0.11", False), ("4.0.12", True)])
def test_juju_4_needs_the_release_that_places_containers_rightly(
    version: str, is_ok: bool
) -> None:
    checks = _checks(Juju.V4_0, "4.0.15", version)
    assert all(check.is_ok for check in checks) == is_ok
    if not is_ok:
        assert checks[-1].fix == "juju upgrade-controller"
        assert "fixed in 4.0.12" in checks[-1].message
