"""The profile and the Juju release of a new site file, and the values in its comments."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.catalogue.profiles import profile_names
from botlab.cli import main
from botlab.findings import Severity
from botlab.juju import Juju
from botlab.starter_profile import starter_profile
from helpers.maas_dump import maas_machine

KUBECONFIG = "secret:d2k3rbjmp25c7t4m2vvg"
EXAMPLE = re.compile(r"^( +)# ([a-z][a-z-]*): (.+)$", re.MULTILINE)


def starter(directory: Path, *arguments: str) -> str:
    """Return the text that `botlab init` writes."""
    path = directory / "new.yaml"
    assert main(["init", "lab", *arguments, "-o", str(path)]) == 0
    return path.read_text(encoding="utf-8")


def examples_of(text: str) -> list[re.Match[str]]:
    """Return the commented keys with their values, without the explanations of machines."""
    explanations = range(text.index("# Machines, by name."), text.index("\nmachines:"))
    return [match for match in EXAMPLE.finditer(text) if match.start() not in explanations]


def findings_of(directory: Path, text: str) -> dict[str, Severity]:
    """Return the findings about a site: the severity of each by its id."""
    path = directory / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return {finding.id: finding.severity for finding in assess(Request(path)).findings}


@pytest.mark.parametrize(
    ("arguments", "juju", "profile"),
    [
        ((), "3.6", "charmed-k8s"),
        (("--juju", "4.0"), "4.0", "charmed-k8s"),
        (("--juju", "2.9"), "2.9", "k8s-1.13"),
        (("--juju", "2.6"), "2.6", "k8s-1.13"),
        (("--profile", "canonical-k8s"), "3.6", "canonical-k8s"),
        (("--profile", "canonical-k8s", "--juju", "4.0"), "4.0", "canonical-k8s"),
        (("--profile", "k8s-1.13"), "2.9", "k8s-1.13"),
        (("--profile", "k8s-1.13", "--juju", "2.6"), "2.6", "k8s-1.13"),
    ],
)
def test_new_site_has_a_profile_that_fits_its_juju_release(
    tmp_path: Path, arguments: tuple[str, ...], juju: str, profile: str
) -> None:
    """Today's, unless the user asks for others. The file has no errors as it is."""
    text = starter(tmp_path, *arguments)

    assert f"\njuju: '{juju}'\n" in text
    assert f"\n  profile: {profile}\n" in text
    assert Severity.ERROR not in findings_of(tmp_path, text).values()


def test_profile_that_does_not_fit_the_named_release_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the profiles that do, and without a file."""
    path = tmp_path / "site.yaml"
    command = ["init", "lab", "--juju", "2.9", "--profile", "charmed-k8s", "-o", str(path)]

    assert main(command) == 2
    assert capsys.readouterr().err == (
        "botlab: the profile charmed-k8s needs Juju 3.6 or 4.0; for Juju 2.9, choose --profile"
        " k8s-1.13\n"
    )
    assert not path.exists()


def test_unknown_profile_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "lab", "--profile", "canonical", "-o", "-"]) == 2
    assert "did you mean canonical-k8s?" in capsys.readouterr().err


def test_new_site_of_an_existing_cluster_needs_its_kubeconfig_only(tmp_path: Path) -> None:
    """And has the commands that make the secret. The keys of other clusters are left out."""
    text = starter(tmp_path, "--profile", "existing")
    findings = findings_of(tmp_path, text)
    errors = [rule for rule, severity in findings.items() if severity is Severity.ERROR]

    assert errors == ["BL180"]
    assert "  #   juju add-secret lab-kubeconfig kubeconfig#file=./kubeconfig\n" in text
    assert set(findings_of(tmp_path, text.replace("secret:ID", KUBECONFIG))) == {"BL015", "BL072"}
    for key in ("roles", "gpu", "workers", "groups", "nvidia", "cni", "dashboard", "kfctl-url"):
        assert f"# {key}:" not in text


def test_new_site_of_an_existing_cluster_from_maas_has_two_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one with most disk has the storage. The others are named."""
    disks = {"a": 100, "gpu1": 9000, "b": 200, "c": 200}
    machines = [
        maas_machine(name, name, "nvidia" if name == "gpu1" else "cpu", storage=disk)
        for name, disk in disks.items()
    ]
    dump = tmp_path / "machines.json"
    dump.write_text(json.dumps(machines), encoding="utf-8")
    text = starter(tmp_path, "--profile", "existing", "--maas", str(dump))
    site = yaml.safe_load(text)

    assert list(site["machines"]) == ["a", "gpu1"]
    assert {key for machine in site["machines"].values() for key in machine} <= {
        *("tags", "addresses", "constraints", "zone"),
    }
    assert site["nfs"]["server"] == "gpu1"
    errors = capsys.readouterr().err
    assert "a lab with an existing cluster needs two machines of Juju: b, c" in errors
    assert "GPU" not in errors


@pytest.mark.parametrize("name", profile_names())
def test_commented_examples_are_values_that_fit_the_profile(name: str, tmp_path: Path) -> None:
    """Each of them can be used: it adds no finding, but for what its explanation says."""
    text = starter(tmp_path, "--profile", name).replace("secret:ID", KUBECONFIG)
    text = text.partition("# Driver and container runtime")[0]
    known = set(findings_of(tmp_path, text))
    added: dict[str, set[str]] = {}
    for match in examples_of(text):
        indent, key, value = match.groups()
        changed = f"{text[: match.start()]}{indent}{key}: {value}{text[match.end() :]}"
        new = set(findings_of(tmp_path, changed)) - known
        if new:
            added[key] = new

    # The one stands in place of `server`, the other is for several machines.
    expected = {"external": {"BL004"}, "keepalived": {"BL167"}}
    keys = {match[2] for match in examples_of(text)}
    assert added == {key: rules for key, rules in expected.items() if key in keys}
    assert len(examples_of(text)) > 20


def test_examples_follow_the_release_of_kubernetes() -> None:
    """The versions are those that the charms would choose."""
    today, _ = starter_profile("", "")
    guide, juju = starter_profile("k8s-1.13", "")

    assert juju is Juju.V2_9
    assert dict(today.examples) == {
        "kubernetes.channel": "1.35/stable",
        "kubeflow.version": "26.03",
        "metallb.version": "v0.16.1",
    }
    assert dict(guide.examples) == {
        "kubernetes.channel": "1.13/stable",
        "kubeflow.version": "0.6.2",
        "metallb.version": "v0.8.1",
        "nvidia.pins": {"nvidia-container-runtime": "2.0.0+docker18.09.1-1"},
        "kubernetes.cni": "flannel",
    }
    assert "kubeflow.kfctl-url" in today.unused
    assert "kubeflow.kustomize-url" in guide.unused
