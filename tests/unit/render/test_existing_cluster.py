"""The bundle for a cluster that Juju does not manage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from helpers.assessments import assess_layer, of_rule, paths_of
from helpers.kubeconfigs import kubeconfig_text
from helpers.rule_pages import example_site

POOL = {"pools": {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}}
KUBECONFIG = "secret:d2k3rbjmp25c7t4m2vvg"
CONTENT = "token-of-an-administrator"


def layer(kubeconfig: str = KUBECONFIG, **sections: Any) -> dict[str, Any]:
    """Return a layer with the profile, and machines without roles."""
    return {
        "juju": "3.6",
        "kubernetes": {"profile": "existing", "kubeconfig": kubeconfig},
        "machines": {
            "node0": {"roles": []},
            "node1": {"roles": []},
            "node2": None,
            "node3": None,
        },
        "nfs": {"server": "node1"},
        "metallb": POOL,
        "kubeflow": {"version": "26.03"},
        **sections,
    }


def rendered(directory: Path, changes: dict[str, Any]) -> str:
    """Return the text of the bundle in another directory, which `botlab render` writes."""
    for name, text in {"site.yaml": example_site(), "layer.yaml": yaml.safe_dump(changes)}.items():
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "out").mkdir()
    bundle = directory / "out/bundle.yaml"
    files = [str(directory / name) for name in ("site.yaml", "layer.yaml")]
    assert main(["render", files[0], "--layer", files[1], "-o", str(bundle)]) == 0
    return bundle.read_text(encoding="utf-8")


def test_only_this_projects_charms_are_deployed_and_none_is_related(tmp_path: Path) -> None:
    """Charms that need no machine of their own share the first one, in containers."""
    bundle = yaml.safe_load(rendered(tmp_path, layer()))

    assert {name: app["to"] for name, app in bundle["applications"].items()} == {
        "nfs-server": ["1"],
        "metallb": ["lxd:0"],
        "kubeflow-installer": ["lxd:0"],
    }
    assert {app["options"]["kubeconfig"] for app in bundle["applications"].values()} == {
        KUBECONFIG
    }
    assert "relations" not in bundle


def test_next_commands_grant_the_secret_to_the_applications(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the deployment, because a secret is granted to applications that exist."""
    rendered(tmp_path, layer())

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    grant = f"juju grant-secret {KUBECONFIG} nfs-server,metallb,kubeflow-installer"
    assert lines.index(grant) == 1 + next(
        index for index, line in enumerate(lines) if line.startswith("juju deploy ")
    )


def test_file_is_included_by_juju_and_is_not_in_the_bundle(tmp_path: Path) -> None:
    """Its path starts at the bundle."""
    kubeconfig = kubeconfig_text(user={"token": CONTENT})
    (tmp_path / "kubeconfig").write_text(kubeconfig, encoding="utf-8")
    text = rendered(tmp_path, layer("kubeconfig"))

    options = yaml.safe_load(text)["applications"]["metallb"]["options"]
    assert options["kubeconfig"] == "include-file://../kubeconfig"
    assert CONTENT not in text


def test_missing_file_is_reported_at_the_key_of_the_site(tmp_path: Path) -> None:
    findings = assess_layer(tmp_path, layer("./kubeconfig")).findings

    errors = [finding for finding in findings if finding.severity.value == "error"]
    assert {finding.path for finding in errors} == {("kubernetes", "kubeconfig")}


@pytest.mark.parametrize(
    ("kubernetes", "juju", "paths"),
    [
        ({"profile": "existing"}, "3.6", {"BL150": ["kubernetes.profile"]}),
        ({"profile": "existing", "kubeconfig": KUBECONFIG}, "3.6", {}),
        (
            {"profile": "existing", "kubeconfig": "layer.yaml"},
            "4.0",
            {"BL151": ["kubernetes.kubeconfig"]},
        ),
        (
            {"profile": "charmed-k8s", "kubeconfig": KUBECONFIG},
            "3.6",
            {"BL150": ["kubernetes.kubeconfig"]},
        ),
    ],
)
def test_kubeconfig_fits_the_profile_and_the_release_of_juju(
    kubernetes: dict[str, str], juju: str, paths: dict[str, list[str]], tmp_path: Path
) -> None:
    """A file is of use, although a secret is better."""
    changes = {**layer(), "kubernetes": kubernetes, "juju": juju}

    findings = assess_layer(tmp_path, changes).findings

    rules = ("BL150", "BL151")
    assert {rule: paths_of(findings, rule) for rule in rules if paths_of(findings, rule)} == paths


def test_keys_for_nodes_of_the_cluster_are_reported(tmp_path: Path) -> None:
    """And nvidia-runtime, which needs a worker, is not deployed."""
    changes = layer()
    changes["machines"]["node2"] = {"roles": ["worker"], "gpu": True}

    assessment = assess_layer(tmp_path, changes)

    assert paths_of(assessment.findings, "BL152") == ["machines.node2.roles", "machines.node2.gpu"]
    assert paths_of(assessment.findings, "BL127") == []
    # A role would not place a unit on a machine.
    fixes = {finding.fix for finding in of_rule(assessment.findings, "J021")}
    assert fixes == {"give the machine a unit (applications.NAME.to), or remove it"}
    assert assessment.bundle is not None
    assert "nvidia-runtime" not in assessment.bundle.applications


def test_keys_of_the_cluster_are_reported(tmp_path: Path) -> None:
    """The channel has an effect: it decides which releases fit the cluster."""
    changes = layer()
    changes["kubernetes"] |= {"channel": "1.34/stable", "ingress": True, "extra-sans": ["k8s.lab"]}

    findings = assess_layer(tmp_path, changes).findings

    assert paths_of(findings, "BL126") == ["kubernetes.ingress", "kubernetes.extra-sans"]


def test_fixes_name_no_roles(tmp_path: Path) -> None:
    """Roles of machines have no effect on an existing cluster."""
    nothing = layer(nfs=None, metallb=None, kubeflow=None)
    findings = assess_layer(tmp_path, nothing, is_valid=False).findings
    fixes = {finding.id: finding.fix for finding in findings}

    assert fixes["J013"] == "add a section that deploys something: metallb, nfs or kubeflow"
    unplaced = "give the machine a unit (applications.NAME.to), or remove it"
    assert fixes["J021"] == unplaced
