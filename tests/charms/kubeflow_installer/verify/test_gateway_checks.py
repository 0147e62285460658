"""The checks that use the gateway: address, host name, certificate, first page and login."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.verify_api import by_name
from kubeflow_installer.verify import gateway_checks
from labcharm.machine import Machine
from labcharm.verify import Check

USER = "admin@kubeflow.org"


class FakeGateway:
    """A gateway with fixed answers."""

    def __init__(self, address: str, concern: str = "", problem: str = "") -> None:
        self._address, self._concern, self._problem = address, concern, problem

    def address(self) -> str:
        """Return the address."""
        return self._address

    def url(self) -> str:
        """Return the URL."""
        return f"https://{self._address}"

    def certificate_concern(self, _: Machine) -> str:
        """Judge the certificate."""
        return self._concern

    def describe_certificate(self, _: Machine) -> str:
        """Describe the certificate."""
        return "the certificate is for 127.0.0.1, and valid for 300 more days"

    def check(self) -> str:
        """Judge the first page."""
        return self._problem

    def login(self, user: str, password: str) -> str:
        """Log in."""
        return "" if password == "right" else f"refuses {user}"  # noqa: S105


def checked(gateway: Any, hostname: str = "") -> dict[str, tuple[bool, str]]:
    """Return the checks of a gateway by name."""
    return by_name(gateway_checks.checks(gateway, hostname, Machine()))


def test_address_certificate_and_first_page() -> None:
    assert checked(FakeGateway("127.0.0.1")) == {
        "address": (True, "the gateway has the address 127.0.0.1"),
        "certificate": (True, "the certificate is for 127.0.0.1, and valid for 300 more days"),
        "url": (True, "https://127.0.0.1 leads to the login"),
    }
    failed = checked(FakeGateway("127.0.0.1", "has expired", "answers 404"))
    assert failed["certificate"] == (False, "has expired")
    assert failed["url"] == (False, "answers 404")


def test_without_an_address_nothing_else_is_checked() -> None:
    assert list(checked(FakeGateway(""))) == ["address"]
    assert not checked(FakeGateway(""))["address"][0]


@pytest.mark.parametrize(
    ("hostname", "address", "is_ok", "text"),
    [
        ("localhost", "127.0.0.1", True, "localhost resolves to "),
        ("localhost", "10.64.0.100", False, ", not to 10.64.0.100"),
        ("localhost", "localhost", True, "localhost resolves to "),
        ("kubeflow.invalid", "10.64.0.100", True, "does not know kubeflow.invalid; add a DNS"),
    ],
)
def test_host_name_must_not_lead_elsewhere(
    hostname: str, address: str, is_ok: bool, text: str
) -> None:
    """A name that this machine does not know may be known to the users' machines."""
    ok, message = checked(FakeGateway(address), hostname)["hostname"]
    assert (ok, text in message) == (is_ok, True), message


def test_login_check_reports_the_gateways_reason() -> None:
    gateway: Any = FakeGateway("127.0.0.1")
    success = gateway_checks.login_check(gateway, USER, "right")
    assert success == Check("login", True, f"{USER} reached the dashboard")
    failure = gateway_checks.login_check(gateway, USER, "x")
    assert failure == Check("login", False, f"refuses {USER}")
