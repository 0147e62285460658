"""An administrator who did not deploy a lab gets access to it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from helpers.runbooks import ExampleLab, RefusedError, Runner, sections_of
from helpers.runbooks.labs import EXAMPLES

from .test_document import assessed, commands_of, runbook_of, text_of

CLUSTER = {"server": "https://10.0.0.5:6443", "certificate-authority-data": "QQ=="}
KUBECONFIG = {
    "clusters": [{"name": "a", "cluster": CLUSTER}],
    "users": [{"name": "a", "user": {"token": "a-token"}}],
    "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    "current-context": "a",
}


def test_model_and_cluster_are_chosen_before_other_commands() -> None:
    """They use the current model, which can be another in the next shell."""
    commands = commands_of(sections_of(runbook_of("modern"))["Connect to the lab"])
    assert commands == [
        "juju switch modern",
        "botlab kubeconfig site.yaml",
        'export KUBECONFIG="$PWD"/modern.kubeconfig',
        "juju add-user USER",
        "juju grant USER admin modern",
    ]
    assert "see [Connect to the lab](#connect-to-the-lab)" in runbook_of("modern")


def existing_cluster(directory: Path, kubeconfig: str) -> str:
    """Return the runbook of a lab whose kubeconfig is a file."""
    file = directory / kubeconfig
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(KUBECONFIG), encoding="utf-8")
    site = yaml.safe_load((EXAMPLES / "existing-cluster/site.yaml").read_text(encoding="utf-8"))
    site["kubernetes"] |= {"kubeconfig": kubeconfig}
    path = directory / "site.yaml"
    path.write_text(yaml.safe_dump(site), encoding="utf-8")
    return text_of(assessed(path))


@pytest.mark.parametrize("name", ["admin.conf", "my conf/it's $HOME.yaml"])
def test_commands_use_the_kubeconfig_that_the_site_names(tmp_path: Path, name: str) -> None:
    commands = commands_of(existing_cluster(tmp_path, name))

    assert f"botlab verify site.yaml --kubeconfig {shlex.quote(name)}" in commands
    assert f'export KUBECONFIG="$PWD"/{shlex.quote(name)}' in commands


def test_kubeconfig_with_an_absolute_path_is_used_from_there(tmp_path: Path) -> None:
    file = tmp_path / "conf/admin.conf"
    commands = commands_of(existing_cluster(tmp_path, str(file)))
    assert f"export KUBECONFIG={file}" in commands


def test_new_secret_is_in_the_new_runbook() -> None:
    """Its id is in the bundle, and in the commands that follow."""
    commands = commands_of(sections_of(runbook_of("existing-cluster"))["Deploy"])
    [secret] = [number for number, text in enumerate(commands) if "add-secret" in text]
    assert commands[secret + 1 : secret + 4] == [
        "botlab validate site.yaml",
        "botlab render site.yaml",
        "botlab runbook site.yaml",
    ]


@pytest.mark.parametrize("example", ["botlab", "air-gapped", "two-storage-servers"])
def test_units_are_named_as_ssh_of_the_release_knows_them(example: str) -> None:
    """Only ssh and scp of Juju 2.9 and later know leaders (juju/juju#12662)."""
    commands = [c for c in commands_of(runbook_of(example)) if "juju ssh" in c or "juju scp" in c]
    is_old = 'juju: "2.6"' in (EXAMPLES / example / "site.yaml").read_text(encoding="utf-8")

    assert commands != []
    assert any("/leader" in command for command in commands) is not is_old


def test_client_of_juju_2_6_does_not_know_leaders_for_ssh(tmp_path: Path) -> None:
    runner = Runner(ExampleLab.create(tmp_path, "botlab"))
    runner.run("juju add-model botlab")
    with pytest.raises(RefusedError, match='target "etcd/leader" not found'):
        runner.run("juju ssh etcd/leader true")
