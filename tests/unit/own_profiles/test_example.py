"""The example of an own profile."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from botlab.cli import main

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/own-profile"
PROFILES = EXAMPLE / "profiles"


def test_example_has_no_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "check", str(PROFILES)]) == 0
    assert capsys.readouterr().out == f"{PROFILES}: 0 errors, 0 warnings\n"


def test_bundle_of_the_example_has_the_changed_charm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option and the variable name the same directory."""
    texts: list[str] = []
    for options in (["--profiles", str(PROFILES)], []):
        output = tmp_path / "bundle.yaml"
        assert main(["render", str(EXAMPLE / "lab.yaml"), "-o", str(output), *options]) == 0
        texts.append(output.read_text(encoding="utf-8"))
        monkeypatch.setenv("BOTLAB_PROFILES", str(PROFILES))

    assert texts[0] == texts[1]
    applications = yaml.safe_load(texts[0])["applications"]
    channels = {name: body.get("channel") for name, body in applications.items()}
    assert channels == {
        "calico": "1.35/stable",
        "containerd": "1.35/stable",
        "easyrsa": "1.35/stable",
        "etcd": "1.35/stable",
        "kubernetes-control-plane": "1.35/stable",
        "kubernetes-worker": "1.35/candidate",
        "nvidia-runtime": None,
    }


def test_site_with_the_profile_needs_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    """A profile of another directory is not known without it."""
    assert main(["validate", str(EXAMPLE / "lab.yaml")]) == 1
    assert "there is no profile 'lab-k8s'" in capsys.readouterr().out


def test_network_that_the_profile_leaves_out_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text("kubernetes: {cni: cilium}\n", encoding="utf-8")

    arguments = ["validate", str(EXAMPLE / "lab.yaml"), "--layer", str(layer)]
    assert main([*arguments, "--profiles", str(PROFILES)]) == 1
    assert "the profile lab-k8s has no network cilium" in capsys.readouterr().out


def test_profiles_are_listed_with_the_own_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "list", "--profiles", str(PROFILES)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "lab-k8s        charmed-k8s with workers from candidate; Juju 3.6, 4.0"
    assert len(lines) == 5

    assert main(["profile", "list", "--profiles", str(PROFILES), "--format", "json"]) == 0
    assert '"own": true' in capsys.readouterr().out


def test_new_site_can_have_the_profile(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["init", "lab", "--profile", "lab-k8s", "--profiles", str(PROFILES), "-o", "-"]
    assert main(arguments) == 0
    assert "profile: lab-k8s" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["validate", "render", "plan"])
def test_directory_with_faults_ends_each_command(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()

    arguments = [command, str(EXAMPLE / "lab.yaml"), "--profiles", str(tmp_path)]
    assert main(arguments) == 2
    assert f"botlab profile check {tmp_path}" in capsys.readouterr().err


def test_check_prints_every_fault_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine/profile.yaml"
    file.write_text("name: mine\nextends: charmed-k8s\nseries: 24\njuju: []\n", encoding="utf-8")

    assert main(["profile", "check", str(tmp_path)]) == 1
    output = capsys.readouterr().out
    assert f"{file}:3: error PF003 at series\n" in output
    assert f"{file}:4: error PF003 at juju\n" in output
    assert output.endswith(f"{tmp_path}: 2 errors, 0 warnings\n")

    assert main(["profile", "check", str(tmp_path), "--format", "json"]) == 1
    assert '"ok": false' in capsys.readouterr().out


def test_rules_know_the_profile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its roles, and the sections that its base has."""
    layer = tmp_path / "layer.yaml"
    layer.write_text(
        "machines: {control0: {roles: [easyrsa, control-plane]}}\n"
        "kubernetes: {keepalived: {address: 10.20.0.5}}\n",
        encoding="utf-8",
    )

    arguments = ["validate", str(EXAMPLE / "lab.yaml"), "--layer", str(layer)]
    assert main([*arguments, "--profiles", str(PROFILES)]) == 1
    output = capsys.readouterr().out
    assert "error BL118 at machines" in output
    assert "error BL166 at kubernetes.keepalived" in output


def test_runbook_knows_the_profile(capsys: pytest.CaptureFixture[str]) -> None:
    """The applications of the profile are none that the site adds."""
    arguments = ["runbook", str(EXAMPLE / "lab.yaml"), "--profiles", str(PROFILES), "-o", "-"]
    assert main(arguments) == 0
    output = capsys.readouterr().out
    assert "The site adds" not in output
