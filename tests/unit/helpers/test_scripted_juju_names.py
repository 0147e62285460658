"""The scripted juju client refuses unknown names on request, and has backups and secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.scripted_juju import ScriptedJuju
from helpers.scripted_sites import GENERATIONS, deployed


def run_action(juju: ScriptedJuju, *words: str) -> str:
    """Run an action, and return everything that the client prints."""
    is_old = juju.generation.startswith("2.")
    done = juju.run(*(("run-action", *words, "--wait") if is_old else ("run", *words)))
    return done.stdout + done.stderr


@pytest.mark.parametrize("generation", GENERATIONS)
def test_unknown_names_are_refused_where_a_test_asks_for_it(
    generation: str, tmp_path: Path
) -> None:
    """The charm client defines no actions and no options."""
    juju = deployed(tmp_path, generation)
    assert "not defined" not in run_action(juju, "client/0", "verify")
    assert juju.run("config", "client", "port=1").returncode == 0

    juju.require_known_names()
    assert "not defined" in run_action(juju, "client/0", "verify")
    assert "is not allowed" in run_action(juju, "server/0", "verify", "fast=true")
    assert "is not allowed" not in run_action(juju, "server/0", "verify", "force=true")
    assert 'unknown option "port"' in juju.run("config", "client", "port=1").stderr
    assert juju.run("config", "server", "port=1").returncode == 0


@pytest.mark.parametrize("generation", GENERATIONS)
def test_new_unit_gets_the_placement_that_has_none(generation: str, tmp_path: Path) -> None:
    """Also if it is the first one of the bundle."""
    juju = deployed(tmp_path, generation)
    bundle = juju.home / "site/bundle.yaml"
    juju.run("remove-unit", "server/0")

    juju.deploy(bundle, "--map-machines", "existing")

    units = juju.snapshot()["models"]["botlab"]["units"]
    servers = {name: unit["machine"] for name, unit in units.items() if name[:6] == "server"}
    assert servers == {"server/1": "1/lxd/0", "server/2": "0"}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_backup_is_of_the_controller_and_before_juju_4(generation: str, tmp_path: Path) -> None:
    juju = ScriptedJuju.create(tmp_path, generation, model="controller")
    juju.run("add-model", "lab")
    refused = juju.run("create-backup")
    done = juju.run("create-backup", "-m", "controller", "--filename", "backup.tar.gz")

    if generation == "4.0":
        assert done.stderr == "ERROR Dqlite-based backups not implemented\n"
        assert len(juju.violations) == 2
        return
    assert "only supported from the controller model" in refused.stderr
    assert (done.returncode, (juju.home / "backup.tar.gz").exists()) == (0, True)


def test_secret_is_added_and_updated_from_a_file(tmp_path: Path) -> None:
    juju = ScriptedJuju.create(tmp_path, "3.6")
    (juju.home / "kubeconfig").write_text("{}")
    uri = juju.run("add-secret", "lab", "kubeconfig#file=./kubeconfig").stdout.strip()

    assert juju.run("update-secret", uri, "kubeconfig#file=./kubeconfig").returncode == 0
    assert juju.run("update-secret", uri, "kubeconfig#file=./none").returncode != 0
    assert "not found" in juju.run("update-secret", "secret:none", "a=b").stderr
    assert juju.run("add-secret", "lab").returncode == 2
    secrets = juju.snapshot()["models"]["botlab"]["secrets"]
    assert secrets[uri.removeprefix("secret:")]["revision"] == 2


@pytest.mark.parametrize("generation", GENERATIONS)
def test_password_is_that_of_one_user(generation: str, tmp_path: Path) -> None:
    juju = ScriptedJuju.create(tmp_path, generation)
    assert juju.run("change-user-password").returncode == 0
    assert juju.violations == []
    assert juju.run("change-user-password", "ada", "bob").returncode == 2
