"""The packed charm as Juju runs it, on a current API server that all files here share.

A generated set of Kubeflow's size stands for a release's objects (600, some too large for an
annotation). No kubelet runs here: the tests report the pods as ready, assign addresses as MetalLB
would, and answer behind the address over HTTPS as the gateway would, with the charm's certificate.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.kube.api_server import CONTROLLERS, ApiServer
from helpers.kube.builds import UnavailableError, newest
from helpers.kube.related import pack
from helpers.kubeflow import generated
from helpers.kubeflow.builds import kustomize
from helpers.kubeflow.installed import EARLIER, RELEASE, make_charm_unit
from helpers.kubeflow.lab import Lab, attach


@pytest.fixture(scope="package")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack("kubeflow-installer", tmp_path_factory.mktemp("charms"))


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the generated sets of two releases as the YAML that would be attached."""
    directory = tmp_path_factory.mktemp("built")
    paths = {}
    for name in (EARLIER, RELEASE):
        paths[name] = directory / f"{name}.yaml.gz"
        text = generated.as_yaml(generated.objects(name))
        paths[name].write_bytes(gzip.compress(text.encode()))
    return paths


@pytest.fixture(scope="package")
def archive(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the release's archive as GitHub makes it, and a real kustomize to build it."""
    try:
        program = kustomize()
    except UnavailableError as error:
        pytest.skip(str(error))
    path = tmp_path_factory.mktemp("archive") / "manifests.tar.gz"
    generated.as_archive(path, generated.objects(RELEASE))
    return {"manifests": path, "kustomize_amd64": program, "kustomize_arm64": program}


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a current server with the controllers that an uninstall needs.

    They empty namespaces, collect garbage and free volumes.
    """
    try:
        server = ApiServer(newest(), tmp_path_factory.mktemp("kube"), manager=True)
        server.start(CONTROLLERS + ",pvc-protection,pv-protection")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="package")
def lab(
    cluster: ApiServer,
    charms: Path,
    built: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    """Create a unit, with the earlier release's objects attached."""
    unit = make_charm_unit(charms, tmp_path_factory.mktemp("unit"), "kubeflow-installer/0")
    unit.configure({"version": EARLIER})
    attach(unit, manifests=built[EARLIER])
    lab = Lab(cluster, unit)
    lab.before = lab.names()
    yield lab
    lab.api.close()
