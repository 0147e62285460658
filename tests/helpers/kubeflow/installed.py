"""What the tests of an installed Kubeflow share: units, the gateway, and the machine's files."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from helpers.juju.unit import Unit
from helpers.kube.related import make_unit
from helpers.kubeflow.gateway_standins import HttpsServer, redirect
from helpers.kubeflow.lab import ADDRESS, Lab

RELEASE, EARLIER = "26.03", "1.11.0"
# Objects besides the release's: the state, the Secret with the snapshot, and the certificate.
OWN_OBJECTS = 3
STATE = "kubeflow-installer-state-kubeflow-installer.00000000"


def make_charm_unit(archives: Path, directory: Path, name: str, age: str = "today") -> Unit:
    """Create a unit on its own machine, from a directory with the charm's archives."""
    environment = {"KUBEFLOW_INSTALLER_ROOT": str(directory / "root")}
    return make_unit(age, archives, "kubeflow-installer", name, directory, environment)


def machine_root(unit: Unit) -> Path:
    """Return the directory that is the unit's machine."""
    return Path(unit.environment["KUBEFLOW_INSTALLER_ROOT"])


def machine_files(unit: Unit) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, modification time and content of each file on the unit's machine."""
    root = machine_root(unit)
    return {
        str(path.relative_to(root)): (
            path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes(),
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }  # fmt: skip


def refresh(unit: Unit, archive: Path) -> None:
    """Replace the unit's charm by another archive, as an agent does; its options stay."""
    config = unit.get("config")
    shutil.rmtree(unit.charm)
    unit.unpack(str(archive), config)


@contextlib.contextmanager
def gateway(lab: Lab) -> Iterator[HttpsServer]:
    """Answer at the address as the gateway would, with its certificate and a redirect to dex."""
    certificate, key = lab.certificate("kubeflow-gateway-tls")
    with HttpsServer(certificate, key, host=ADDRESS, ports=(443,)) as server:
        server.answer = lambda _: redirect("/dex/auth?client_id=kubeflow-oidc-authservice")
        yield server


def connect(unit: Unit, url: str, ca: str) -> None:
    """Let a unit's relations name another address of the API, such as a proxy's."""
    relations = unit.get("relations")
    control_plane = relations["kube-control:1"]["units"]["kubernetes-master/0"]
    control_plane["api-endpoints"] = json.dumps([url])
    relations["certificates:2"]["units"]["easyrsa/0"]["ca"] = ca
    unit.put("relations", relations)


def active_status(lab: Lab, host: str = ADDRESS) -> str:
    """Return the status of the earlier release, which upstream does not name for this server."""
    major, minor = lab.api.version()
    remark = f"upstream documents Kubernetes 1.32 to 1.34 for Kubeflow 1.11.0, not {major}.{minor}"
    return f"active: https://{host}; {remark}"


def pods_awaited(unit: Unit) -> str:
    """Return the status if the unit waits for pods; otherwise an empty text."""
    return unit.status() if " workloads ready; " in unit.status() else ""
