"""The option `kubeconfig` of every charm takes the id of a Juju secret instead of the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ops import testing

from helpers.charm_modules import load
from helpers.kubeconfigs import kubeconfig_text
from helpers.nfs.lab import Lab
from labkube.client import api
from labkube.client.access import Access
from labkube.client.api import ApiError

CHARMS = Path(__file__).resolve().parents[2] / "charms"
CLASSES = {
    "metallb": "MetallbCharm",
    "nvidia-runtime": "NvidiaRuntimeCharm",
    "nfs-server": "NfsServerCharm",
    "kubeflow-installer": "KubeflowInstallerCharm",
}
SERVER = "https://10.0.0.1:6443"
OPTIONS: dict[str, dict[str, Any]] = {
    "metallb": {"addresses": "192.168.1.240/28"},
    "nvidia-runtime": {"driver": "none"},
    "nfs-server": {"networks": "10.0.0.0/24"},
    "kubeflow-installer": {},
}


class _Refusing:
    """A connection to a server that refuses every request."""

    is_reached = True

    def send(self, *_: object, **__: object) -> Any:
        """Refuse a request."""
        raise ApiError(403, "Forbidden", "no")

    def close(self) -> None:
        """Close nothing."""


class Unit:
    """A leader unit of a charm whose option names a secret, and the access that it used."""

    def __init__(self, name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(f"{name.upper().replace('-', '_')}_ROOT", str(root))
        self.name, self.root, self.tokens = name, root, []
        self._module: Any = load(name)
        monkeypatch.setattr(api, "Connection", self._connect)
        if name == "nfs-server":
            monkeypatch.setattr(self._module, "FileServer", lambda *_: Lab())

    def _connect(self, access: Access, *_: object) -> Any:
        """Note the token that the charm uses; the server refuses everything."""
        self.tokens.append(access.token)
        return _Refusing()

    def run(
        self, event: str, secret: testing.Secret | None, juju: str = "3.6.1", option: str = ""
    ) -> testing.UnitStatusTypes:
        """Run a hook, and return the unit's status."""
        charm_type = getattr(self._module, CLASSES[self.name])
        context = testing.Context(charm_type, charm_root=CHARMS / self.name, juju_version=juju)
        secrets = {secret} if secret is not None else set()
        config = {**OPTIONS[self.name], "kubeconfig": option or (secret.id if secret else "")}
        state = testing.State(leader=True, planned_units=1, secrets=secrets, config=config)
        on = getattr(context.on, event)
        return context.run(on(secret) if event == "secret_changed" else on(), state).unit_status

    def stored_token(self) -> str:
        """Return the token in the kubeconfig that the charm wrote."""
        text = (self.root / self._module.KUBECONFIG.lstrip("/")).read_text()
        return str(yaml.safe_load(text)["users"][0]["user"]["token"])


@pytest.fixture(params=sorted(CLASSES))
def unit(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unit:
    """Return a unit of each charm."""
    if request.param == "nvidia-runtime":  # only a unit that has work on the cluster uses access
        monkeypatch.setenv("NVIDIA_RUNTIME_SYSFS", str(tmp_path / "sys"))
    return Unit(request.param, tmp_path, monkeypatch)


def secret_of(**content: str) -> testing.Secret:
    """Return a secret of a user that is granted to the application."""
    return testing.Secret({"kubeconfig": kubeconfig_text(SERVER)} | content, owner=None)


def test_kubeconfig_is_read_from_the_secret(unit: Unit) -> None:
    unit.run("config_changed", secret_of())

    assert unit.tokens[:1] == ["secret-token"]
    assert unit.stored_token() == "secret-token"


def test_new_revision_is_used_in_the_hook_that_reports_it(unit: Unit) -> None:
    """The unit tracks the old revision until then."""
    new = kubeconfig_text(SERVER, {"token": "new-token"})
    secret = testing.Secret(
        {"kubeconfig": kubeconfig_text(SERVER)}, latest_content={"kubeconfig": new}, owner=None
    )
    unit.run("secret_changed", secret)

    assert unit.tokens[:1] == ["new-token"]
    assert unit.stored_token() == "new-token"


def test_secret_that_is_not_granted_is_named_with_the_command(unit: Unit) -> None:
    status = unit.run("config_changed", None, option="secret:cnahl2ef9bhc72jmmdng")

    _assert_blocked(
        status,
        "option kubeconfig: cannot read the secret; run: juju grant-secret cnahl2ef9bhc72jmmdng"
        f" {unit.name}",
    )
    assert unit.tokens == []


@pytest.mark.parametrize("key", ["config", "kubeconfig"])
def test_secret_without_a_kubeconfig_is_named(unit: Unit, key: str) -> None:
    """An empty one counts as none."""
    content = {"config": "hunter2"} if key == "config" else {"kubeconfig": ""}
    status = unit.run("config_changed", testing.Secret(content, owner=None))

    _assert_blocked(
        status,
        "option kubeconfig: the secret has no key kubeconfig; run: juju update-secret ID"
        " kubeconfig#file=FILE",
    )


def test_kubeconfig_in_the_secret_that_cannot_be_used_is_not_shown(unit: Unit) -> None:
    status = unit.run("config_changed", secret_of(kubeconfig="hunter2: ["))

    _assert_blocked(status, "option kubeconfig: the kubeconfig is not YAML")


@pytest.mark.parametrize("juju", ["3.2.4", "3.1.0"])
def test_juju_without_secrets_of_users_is_named(unit: Unit, juju: str) -> None:
    """Such secrets came with Juju 3.3; the secrets of charms are older."""
    status = unit.run("config_changed", secret_of(), juju)

    _assert_blocked(
        status,
        "option kubeconfig: a secret needs Juju 3.3 and Ubuntu 22.04 or later; set the"
        " kubeconfig's text",
    )


def _assert_blocked(status: testing.UnitStatusTypes, message: str) -> None:
    assert (status.name, status.message) == ("blocked", message)
    assert len(message) <= 110
