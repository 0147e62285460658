"""A site's Kubeflow in the bundle: the application, and the flags of the API server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from botlab.render.kubeflow import merged_flags

ROOT = Path(__file__).resolve().parents[3]
FLAGS = (
    "service-account-issuer=kubernetes.default.svc"
    " service-account-signing-key-file=/root/cdk/serviceaccount.key"
    " service-account-api-audiences=api,istio-ca"
)


def rendered(tmp_path: Path, example: str, **changed: Any) -> dict[str, Any]:
    """Return an example's bundle with other sections."""
    site = yaml.safe_load((ROOT / f"examples/{example}/site.yaml").read_text(encoding="utf-8"))
    for key, value in changed.items():
        site.setdefault(key, {}).update(value)
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    assert main(["render", str(file), "--output", str(tmp_path / "bundle.yaml")]) == 0
    return dict(yaml.safe_load((tmp_path / "bundle.yaml").read_text(encoding="utf-8")))


def relations(bundle: dict[str, Any]) -> dict[str, str]:
    """Return the other end of each relation of the installer, by its own endpoint."""
    pairs = [pair for pair in bundle["relations"] if pair[0].startswith("kubeflow-installer:")]
    return {pair[0].partition(":")[2]: pair[1] for pair in pairs}


def flags(bundle: dict[str, Any]) -> str | None:
    """Return what the API server of a bundle gets beside its charm's own."""
    found = bundle["applications"]["kubernetes-master"]["options"].get("api-extra-args")
    return None if found is None else str(found)


def test_the_guides_kubeflow(tmp_path: Path) -> None:
    """In a container beside the first control plane, with the relations of its age."""
    bundle = rendered(tmp_path, "botlab")
    found = bundle["applications"]["kubeflow-installer"]

    assert (found["num_units"], found["to"]) == (1, ["lxd:0"])
    assert found["options"] == {"version": "0.6.2", "user": "admin@kubeflow.org"}
    assert relations(bundle) == {
        "kube-control": "kubernetes-master:kube-control",
        "certificates": "easyrsa:client",
        "kube-api-endpoint": "kubeapi-load-balancer:website",
    }
    assert flags(bundle) is None  # 0.6.2 asks for no tokens with an audience


def test_todays_kubeflow(tmp_path: Path) -> None:
    """Today's control plane gives the API's address by kube-control, and its charm the flags."""
    bundle = rendered(tmp_path, "modern")
    found = bundle["applications"]["kubeflow-installer"]

    assert found["options"] == {
        "version": "26.03", "user": "admin@kubeflow.org", "hostname": "kubeflow.lab.example",
    }  # fmt: skip
    assert relations(bundle) == {
        "kube-control": "kubernetes-control-plane:kube-control",
        "certificates": "easyrsa:client",
    }
    control = bundle["applications"]["kubernetes-control-plane"]["options"]
    assert "api-extra-args" not in control
    assert control["allow-privileged"] == "true"


def test_every_key_reaches_the_charm(tmp_path: Path) -> None:
    """Lists as the charm reads them; the section's registry before the cluster's."""
    pin = f"http://files.lab.example/x.tar.gz#sha256={'0' * 64}"
    urls = {f"{name}-url": pin for name in ("kfctl", "kustomize", "manifests", "platform")}
    section = {
        "hostname": "kubeflow.lab.example", "tls-secret": "a/b",
        "excluded-components": ["argo"], "gpu-vendor": "none",
        "spawner-tolerations": ["gpu:NoSchedule", "a=b:NoExecute"],
        "registry": "r.lab.example/kf", **urls,
    }  # fmt: skip
    bundle = rendered(tmp_path, "botlab", kubeflow=section, kubernetes={"registry": "r2"})

    assert bundle["applications"]["kubeflow-installer"]["options"] == {
        "version": "0.6.2", "user": "admin@kubeflow.org", "hostname": "kubeflow.lab.example",
        "tls-secret": "a/b", "excluded-components": "argo", "gpu-vendor": "none",
        "spawner-tolerations": "gpu:NoSchedule a=b:NoExecute",
        "image-registry": "r.lab.example/kf", **urls,
    }  # fmt: skip
    assert bundle["applications"]["metallb"]["options"]["image-registry"] == "r2"


def test_the_clusters_registry_and_an_own_place(tmp_path: Path) -> None:
    """Where the section names none, images come from the cluster's registry."""
    override = {"kubeflow-installer": {"to": ["node3"], "resources": {"kfctl": "./k.tar.gz"}}}
    bundle = rendered(tmp_path, "botlab", kubernetes={"registry": "r2"}, applications=override)
    found = bundle["applications"]["kubeflow-installer"]

    assert found["options"]["image-registry"] == "r2"
    assert (found["to"], found["resources"]) == (["3"], {"kfctl": "./k.tar.gz"})


@pytest.mark.parametrize(
    ("channel", "version", "wanted"),
    [
        ("1.13/stable", "", None),  # 0.6.2 is taken
        ("1.14/stable", "", FLAGS),  # 1.0.2 is taken
        ("1.13/stable", "1.0.2", FLAGS),
        ("1.19/stable", "v1.2.0", FLAGS),
        ("1.14/stable", "0.7.1", None),
        ("1.20/stable", "1.2.0", None),  # the charm sets them itself from there on
        ("", "1.0.2", FLAGS),  # the profile's 1.13
    ],
)
def test_flags_come_where_the_release_needs_them(
    tmp_path: Path, channel: str, version: str, wanted: str | None
) -> None:
    """By the release that the charm will take on that Kubernetes."""
    bundle = rendered(
        tmp_path, "botlab", kubernetes={"channel": channel}, kubeflow={"version": version}
    )

    assert flags(bundle) == wanted


def test_a_raw_channel_or_version_counts(tmp_path: Path) -> None:
    """What the site sets as raw options is what gets deployed."""
    version = {"kubeflow-installer": {"options": {"version": "1.0.2"}}}
    assert flags(rendered(tmp_path, "botlab", applications=version)) == FLAGS
    channel = {"kubernetes-master": {"options": {"channel": "1.20/stable"}}}
    assert flags(rendered(tmp_path, "botlab", applications={**version, **channel})) is None


def test_a_site_without_kubeflow_has_no_flags(tmp_path: Path) -> None:
    """Nothing is set that nobody asked for."""
    assert flags(rendered(tmp_path, "one-machine", kubernetes={"channel": "1.15/stable"})) is None


ISSUER, KEY, AUDIENCES = FLAGS.split()


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("", FLAGS),
        ("v=2", f"v=2 {FLAGS}"),
        ("v=2  audit-log-maxage=7", f"v=2  audit-log-maxage=7 {FLAGS}"),
        (f"service-account-issuer=lab {KEY}", f"service-account-issuer=lab {KEY} {AUDIENCES}"),
        (f"api-audiences=api {ISSUER}", f"api-audiences=api {ISSUER} {KEY}"),
        (FLAGS, FLAGS),
    ],
)
def test_a_sites_own_flags_stay(tmp_path: Path, given: str, whole: str) -> None:
    """Ours come behind, and only those that the site does not set under either name."""
    override = {"kubernetes-master": {"options": {"api-extra-args": given}}}
    bundle = rendered(tmp_path, "botlab", kubeflow={"version": "1.0.2"}, applications=override)

    assert flags(bundle) == whole


def test_flags_in_a_file_stay_a_file() -> None:
    """Juju alone reads the file, so nothing can be put behind it."""
    assert merged_flags("include-file://flags", FLAGS) == "include-file://flags"
    assert merged_flags("v=2", None) == "v=2"
