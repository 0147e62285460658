"""A command with a wrong name does not work, so the names in a runbook exist."""

from __future__ import annotations

import pytest

from helpers.runbooks import ExampleLab, RefusedError, Runner, blocks_of, sections_of

# Commands of the runbook of `modern` with one wrong word each.
CHANGED = (
    "juju runn etcd/leader health --wait=10m",
    "juju run-action etcd/leader health --wait",
    "juju run etcd/leader healthy --wait=10m",
    "juju run etcd/7 health --wait=10m",
    "juju run etdc/leader health --wait=10m",
    "juju run etcd/leader health --patience=10m",
    "juju run etcd/leader snapshot keys-versions=v3 --wait=10m",
    "juju run kubernetes-worker/0 pause --wait=10m",
    "juju run metallb/leader sync-objects forced=true --wait=10m",
    "juju run nvidia-runtime/leader remove-objects --wait=10m",
    "juju config metallb adresses=10.20.0.200-10.20.0.220",
    "juju config metalb addresses=10.20.0.200-10.20.0.220",
    "juju upgrade-charm metallb --path ./charms/metallb_jammy-noble_amd64.charm",
    "juju refresh metallb --path ./charms/metallb.charm",
    "juju refresh metallb --path ./charms/nfs-server_jammy-noble_amd64.charm",
    "juju refresh metallb",
    "juju remove-unit kubernetes-worker/2",
    "juju remove-machine 9",
    "juju remove-machine 4",
    "juju remove-application kubeflow",
    "juju add-unit containerd --to 1",
    "juju attach-resource etcd snapshots=./SNAPSHOT",
    "juju attach-resource etcd snapshot=./OTHER",
    "juju scp etcd/leader:/home/ubuntu/SNAPSHOT .",
    "juju ssh nfs-server/leader --pty=false 'sudo rm /nfsroot'",
    "juju create-backup --filename controller-backup.tar.gz",
    "juju destroy-model moderner",
    "juju export-bundle --file model.yaml",
    "juju deploy bundle.yaml",
    "juju update-secret secret:d2k3rbjmp25c7t4m2vvg 'kubeconfig#file=./kubeconfig'",
    "juju add-secret modern-kubeconfig 'kubeconfig#file=./none'",
    "botlab validates site.yaml",
    "botlab validate sites.yaml",
    "botlab validate site.yaml --live",
    "botlab diff site.yaml --lives",
    "botlab verify site.yaml --kubeconfigs kubeconfig",
    "kubectl gets nodes",
    "kubectl get node",
    "kubectl get nodes --watch-only",
    "kubectl get nodes --output widest",
    "kubectl drain OTHER --ignore-daemonsets",
    "kubectl drain NODE --ignore-daemonsets --delete-local-data",
    "kubectl delete pod NODE",
    "botlab charm ./charms",
    "botlab charms ./charm",
    "tar --create --gzip --file modern-site.tar.gz -- sites.yaml",
    "tar --extract --gzip --file other.tar.gz",
    "rm site.yaml",
    'export KUBECONFIG="$PWD"/other.kubeconfig',
    "helm install kubeflow",
    "juju status $(kubectl get nodes)",
    "juju switch moderner",
    "juju grant USER admin modern",
    "juju add-user",
)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Return a runner for a lab that is deployed."""
    lab = ExampleLab.create(tmp_path_factory.mktemp("lab"), "modern")
    runner = Runner(lab)
    for block in blocks_of(sections_of(lab.runbook)["Deploy"]):
        for line in block.lines if block.language == "sh" else ():
            runner.run(line)
    runner.keep_deployed()
    return runner


@pytest.mark.parametrize("command", CHANGED)
def test_command_with_a_wrong_name_fails(runner: Runner, command: str) -> None:
    runner.restore_deployed()
    with pytest.raises(RefusedError):
        runner.run(command)


@pytest.mark.parametrize(
    "command",
    [
        "juju run etcd/leader health --wait=10m",
        "juju run metallb/leader sync-objects force=true --wait=10m",
        "juju remove-unit kubernetes-worker/1",
        "kubectl get nodes --output wide",
        "botlab diff site.yaml --live",
    ],
)
def test_same_command_without_the_mistake_works(runner: Runner, command: str) -> None:
    runner.restore_deployed()
    runner.run(command)
