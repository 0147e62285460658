"""The command `botlab kubeconfig` as a process, with the scripted client of each Juju release."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml

from helpers.kubeconfigs import PEM_DATA, kubeconfig_text
from helpers.lab_processes import VERSIONS, LabProcess, ready_lab
from helpers.scripted_juju import Fault

USERS_FILE = """\
apiVersion: v1
kind: Config
clusters:
- cluster: {server: https://work.example}
  name: work
contexts: []
current-context: ""
users: null
"""


@pytest.fixture
def lab(tmp_path: Path) -> LabProcess:
    """Return a lab of Juju 3.6 whose control plane gives a kubeconfig."""
    process = ready_lab(tmp_path, "3.6")
    process.give_kubeconfig(kubeconfig_text())
    return process


def mode(path: Path) -> int:
    """Return the mode of a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("release", VERSIONS)
def test_kubeconfig_of_each_release_is_written_for_its_owner_only(
    tmp_path: Path, release: str
) -> None:
    lab = ready_lab(tmp_path, release)
    lab.give_kubeconfig(kubeconfig_text())
    name = lab.lab.name
    path = lab.site.with_name(f"{name}.kubeconfig")

    first = lab.run("kubeconfig", "--format", "json")
    written = path.read_bytes()
    second = lab.run("kubeconfig", "--format", "json")

    outcome = {
        "file": str(path),
        "context": name,
        "server": "https://192.168.1.10:6443",
        "not-copied": [],
    }
    assert (first.returncode, second.returncode) == (0, 0)
    assert json.loads(first.stdout) == outcome | {"changed": True}
    assert json.loads(second.stdout) == outcome | {"changed": False}
    assert path.read_bytes() == written
    assert mode(path) == 0o600
    mark = [{"name": "botlab", "extension": {"site": name, "model": f"ctrl:{name}"}}]
    assert yaml.safe_load(written) == {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {
                    "server": "https://192.168.1.10:6443",
                    "certificate-authority-data": PEM_DATA,
                    "extensions": mark,
                },
            }
        ],
        "users": [{"name": name, "user": {"token": "secret-token", "extensions": mark}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, "extensions": mark}}
        ],
        "current-context": name,
    }
    assert "secret-token" not in first.stdout + first.stderr
    arguments = [" ".join(call.arguments) for call in lab.juju.calls]
    assert "secret-token" not in " ".join(arguments)
    assert (lab.juju.violations, lab.juju.living_processes()) == ([], [])


def test_people_get_the_command_that_uses_the_file(lab: LabProcess) -> None:
    ended = lab.run("kubeconfig", "--output", "my file")

    assert ended.stdout.splitlines() == [
        "my file: written; context modern for https://192.168.1.10:6443",
        "use it: kubectl --kubeconfig 'my file' --context modern get nodes",
    ]


def test_dash_prints_the_kubeconfig(lab: LabProcess) -> None:
    ended = lab.run("kubeconfig", "-o", "-", "--context", "other")

    assert ended.returncode == 0
    assert yaml.safe_load(ended.stdout)["current-context"] == "other"
    assert not lab.site.with_name("modern.kubeconfig").exists()


def test_kubeconfig_of_the_user_gets_a_context(lab: LabProcess) -> None:
    """Its mode and its other entries stay, and the note names the fix for the mode."""
    config = lab.juju.home / "config"
    config.write_text(USERS_FILE)
    config.chmod(0o644)
    lab.environment["KUBECONFIG"] = f"{config}:/nonexistent"

    ended = lab.run("kubeconfig", "--merge")

    document = yaml.safe_load(config.read_text())
    assert ended.returncode == 0
    assert [entry["name"] for entry in document["clusters"]] == ["work", "modern"]
    assert document["current-context"] == "modern"
    assert mode(config) == 0o644
    assert f"note: other users can read {config}; run chmod 600 {config}" in ended.stderr


def test_home_directory_has_the_kubeconfig_of_the_user(lab: LabProcess) -> None:
    """The strictly confined client could not write it, so botlab does."""
    assert lab.run("kubeconfig", "--merge").returncode == 0

    path = lab.juju.home / ".kube" / "config"
    assert yaml.safe_load(path.read_text())["current-context"] == "modern"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert lab.juju.violations == []


def test_rotated_token_is_updated(lab: LabProcess) -> None:
    lab.run("kubeconfig")
    lab.give_kubeconfig(kubeconfig_text("https://192.168.1.11:6443", {"token": "next"}))

    ended = lab.run("kubeconfig")

    document = yaml.safe_load(lab.site.with_name("modern.kubeconfig").read_text())
    assert ended.returncode == 0
    assert document["users"][0]["user"]["token"] == "next"  # noqa: S105
    assert document["clusters"][0]["cluster"]["server"] == "https://192.168.1.11:6443"


def test_context_of_the_user_is_not_overwritten(lab: LabProcess) -> None:
    config = lab.juju.home / "config"
    config.write_text("users: [{name: modern, user: {token: mine}}]\n")

    refused = lab.run("kubeconfig", "--merge", str(config))
    accepted = lab.run("kubeconfig", "--merge", str(config), "--context", "lab2")

    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1] == (
        f"botlab: {config}: the user modern was not written by botlab and differs; choose another"
        " name with --context, or remove the entry (kubectl --kubeconfig"
        f" {config} config delete-user modern)"
    )
    assert accepted.returncode == 0
    users = yaml.safe_load(config.read_text())["users"]
    assert [entry["name"] for entry in users] == ["modern", "lab2"]
    assert users[0] == {"name": "modern", "user": {"token": "mine"}}


def test_keys_that_are_not_copied_are_named(lab: LabProcess) -> None:
    lab.give_kubeconfig(kubeconfig_text(proxy_url="http://evil.example"))

    ended = lab.run("kubeconfig", "-o", "-")

    assert "note: not copied from the control plane: cluster.proxy-url" in ended.stderr
    assert "evil" not in ended.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--merge", "x", "-o", "y"], "--output and --merge: name one of them"),
        (["--context", "a\nb"], "--context: 'a\\nb' cannot be the name of a context"),
        (["--timeout", "soon"], "--timeout: 'soon' is not a duration"),
    ],
)
def test_wrong_arguments_are_refused_before_the_controller_is_asked(
    lab: LabProcess, options: list[str], message: str
) -> None:
    ended = lab.run("kubeconfig", *options)

    assert ended.returncode == 2
    assert message in ended.stderr
    assert lab.juju.calls == []


def test_kubeconfig_that_runs_a_program_is_refused(lab: LabProcess) -> None:
    lab.give_kubeconfig(kubeconfig_text(user={"exec": {"command": "touch"}}))

    ended = lab.run("kubeconfig")

    assert ended.returncode == 2
    assert "user.exec runs a program to get credentials" in ended.stderr
    assert not lab.site.with_name("modern.kubeconfig").exists()


def test_control_plane_that_does_not_answer_has_exit_status_3(lab: LabProcess) -> None:
    lab.juju.set_action_result(
        "kubernetes-control-plane", "get-kubeconfig", {"kubeconfig": "x"}, seconds=300
    )
    ended = lab.run("kubeconfig", "--timeout", "10s")

    assert ended.returncode == 3
    assert "allow more time with --timeout" in ended.stderr
    assert lab.juju.living_processes() == []


def test_half_written_answer_of_the_client_has_exit_status_2(lab: LabProcess) -> None:
    lab.juju.fail(Fault.half_written("run"))

    ended = lab.run("kubeconfig")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "secret-token" not in ended.stderr
    assert not lab.site.with_name("modern.kubeconfig").exists()
