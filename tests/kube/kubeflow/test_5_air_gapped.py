"""An installation where server, unit and gateway have only the loopback interface."""

from __future__ import annotations

from pathlib import Path

from helpers.kube.api_server import ApiServer
from helpers.kube.builds import newest
from helpers.kube.network_namespace import in_a_network_of_its_own
from helpers.kubeflow.installed import RELEASE, gateway, make_charm_unit, pods_awaited
from helpers.kubeflow.lab import ADDRESS, Lab, LoadBalancer, attach, repeat_until, results


def test_attached_manifests_are_installed_without_a_network(
    charms: Path, archive: dict[str, Path], tmp_path: Path
) -> None:
    """They are built by kustomize. Without them, the status names what cannot be downloaded."""
    in_a_network_of_its_own(lambda: install_air_gapped(charms, archive, tmp_path))


def install_air_gapped(charms: Path, archive: dict[str, Path], directory: Path) -> None:
    """Install on a server of its own."""
    server = ApiServer(newest(), directory / "kube", manager=True)
    try:
        server.start("namespace,serviceaccount")
        unit = make_charm_unit(charms, directory, "kubeflow-installer/0")
        unit.configure({"version": RELEASE})
        lab = Lab(server, unit)
        lab.relate(unit, "today")
        lab.create_node()
        lab.create_storage_class()
        with LoadBalancer(server):
            assert lab.hook().startswith("waiting: files: ")
            assert "files: manifests: https://codeload.github.com/" in unit.log()
            attach(unit, **archive)
            repeat_until(lambda: pods_awaited(unit), lab.hook)
        lab.report_pods_ready()
        with gateway(lab):
            assert lab.hook().startswith(f"active: https://{ADDRESS}")
            answer = results(unit.action("verify", login=False))
        assert {check["name"] for check in answer["checks"] if not check["ok"]} == {"claims"}
        lab.api.close()
    finally:
        server.stop()
