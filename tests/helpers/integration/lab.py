"""An example lab whose charms of the store are stand-ins, on machines that the model has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from botlab.cli import main
from helpers.archives import ROOT, pack_charms
from helpers.integration.cases import NO_NFS_SERVER, exactly
from helpers.integration.stand_ins import catalogue_facts, pack_stand_in

EXAMPLE = "modern"
MACHINES = 5
_NO_CLUSTER = (
    "no credentials from kube-control yet; on Kubernetes before 1.22 also relate "
    "kube-api-endpoint; certificates holds no CA certificate yet"
)
# Stand-ins give no cluster. In a container, nfs-server stops before it looks for one.
LAB_STATUSES = {
    "kubeflow-installer": exactly("waiting", _NO_CLUSTER),
    "metallb": exactly("waiting", _NO_CLUSTER),
    "nfs-server": exactly("waiting", _NO_CLUSTER).or_else(NO_NFS_SERVER),
    "nvidia-runtime": exactly("waiting", f"cluster: {_NO_CLUSTER}"),
}


def lab_bundle(directory: Path, generation: str) -> Path:
    """Write a bundle that a controller without a charm store can deploy, and return its path.

    Args:
        directory: The directory of the bundle, its charms and its resources.
        generation: The generation of Juju, such as ``3.6``.
    """
    charms = directory / "charms"
    charms.mkdir(parents=True)
    pack_charms(charms)
    site = _site(generation)
    bundle = _rendered(directory, site)
    for application in bundle["applications"].values():
        _use_local_charm(application, charms, site["kubernetes"]["profile"])
        _leave_containers(application)
    path = directory / "bundle.yaml"
    path.write_text(yaml.safe_dump(bundle, sort_keys=False), encoding="utf-8")
    return path


def _site(generation: str) -> dict[str, Any]:
    """Return the example's site for a generation of Juju, without its resources."""
    text = (ROOT / "examples" / EXAMPLE / "site.yaml").read_text(encoding="utf-8")
    site: dict[str, Any] = yaml.safe_load(text)
    site["juju"] = generation
    del site["applications"]
    return site


def _rendered(directory: Path, site: dict[str, Any]) -> dict[str, Any]:
    file, output = directory / "site.yaml", directory / "rendered.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    assert main(["render", str(file), "--output", str(output)]) == 0
    return dict(yaml.safe_load(output.read_text(encoding="utf-8")))


def _use_local_charm(application: dict[str, Any], charms: Path, profile: str) -> None:
    """Replace a charm of the store by its stand-in; this project's charms are local already."""
    charm = str(application["charm"])
    if charm.startswith("./"):
        return
    archive = pack_stand_in(charms, catalogue_facts(profile, charm))
    application["charm"] = f"./charms/{archive.name}"
    for key in ("channel", "revision", "resources"):
        application.pop(key, None)


def _leave_containers(application: dict[str, Any]) -> None:
    """Place units that want a container on the container's machine.

    A container needs an image server, which a cloud for tests may lack.
    """
    if "to" in application:
        application["to"] = [place.removeprefix("lxd:") for place in application["to"]]
