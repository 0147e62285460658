"""The options of the charm kubeflow-installer for a site, and the API server's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.render.kubeflow import merge_flags
from helpers.rendered import render_example

FLAGS = (
    "service-account-issuer=kubernetes.default.svc"
    " service-account-signing-key-file=/root/cdk/serviceaccount.key"
    " service-account-api-audiences=api,istio-ca"
)


def relations(bundle: dict[str, Any]) -> dict[str, str]:
    """Return the endpoint at the other end of each relation of the installer."""
    pairs = [pair for pair in bundle["relations"] if pair[0].startswith("kubeflow-installer:")]
    return {pair[0].partition(":")[2]: pair[1] for pair in pairs}


def flags(bundle: dict[str, Any]) -> str | None:
    """Return the additional flags of the API server."""
    text = bundle["applications"]["kubernetes-master"]["options"].get("api-extra-args")
    return None if text is None else str(text)


def test_kubeflow_of_the_guides_site_is_in_a_container_of_the_control_plane(
    tmp_path: Path,
) -> None:
    """With the relations that the charms of 2019 offer."""
    bundle = render_example(tmp_path, "botlab")
    installer = bundle["applications"]["kubeflow-installer"]

    assert (installer["num_units"], installer["to"]) == (1, ["lxd:0"])
    assert installer["options"] == {
        "version": "0.6.2", "user": "admin@kubeflow.org",
        "image-registry": "registry.lab.example:5000/kubeflow",
    }  # fmt: skip
    assert relations(bundle) == {
        "kube-control": "kubernetes-master:kube-control",
        "certificates": "easyrsa:client",
        "kube-api-endpoint": "kubeapi-load-balancer:website",
    }
    assert flags(bundle) is None  # 0.6.2 does not need tokens with an audience


def test_control_plane_of_today_provides_address_and_flags_itself(tmp_path: Path) -> None:
    """It sends the API's address by kube-control, so no further relation is needed."""
    bundle = render_example(tmp_path, "modern")
    installer = bundle["applications"]["kubeflow-installer"]

    assert installer["options"] == {
        "version": "26.03", "user": "admin@kubeflow.org", "hostname": "kubeflow.lab.example",
    }  # fmt: skip
    assert relations(bundle) == {
        "kube-control": "kubernetes-control-plane:kube-control",
        "certificates": "easyrsa:client",
    }
    control = bundle["applications"]["kubernetes-control-plane"]["options"]
    assert "api-extra-args" not in control
    assert control["allow-privileged"] == "true"


def test_every_key_of_the_section_sets_an_option(tmp_path: Path) -> None:
    """The section's registry has priority over the cluster's."""
    pin = f"http://files.lab.example/x.tar.gz#sha256={'0' * 64}"
    urls = {f"{name}-url": pin for name in ("kfctl", "kustomize", "manifests", "platform")}
    section = {
        "hostname": "kubeflow.lab.example", "tls-secret": "a/b",
        "excluded-components": ["argo"], "gpu-vendor": "none",
        "spawner-tolerations": ["gpu:NoSchedule", "a=b:NoExecute"],
        "registry": "r.lab.example/kf", **urls,
    }  # fmt: skip
    bundle = render_example(tmp_path, "botlab", kubeflow=section, kubernetes={"registry": "r2"})

    assert bundle["applications"]["kubeflow-installer"]["options"] == {
        "version": "0.6.2", "user": "admin@kubeflow.org", "hostname": "kubeflow.lab.example",
        "tls-secret": "a/b", "excluded-components": "argo", "gpu-vendor": "none",
        "spawner-tolerations": "gpu:NoSchedule a=b:NoExecute",
        "image-registry": "r.lab.example/kf", **urls,
    }  # fmt: skip
    assert bundle["applications"]["metallb"]["options"]["image-registry"] == "r2"


def test_placement_resources_and_the_clusters_registry_reach_the_charm(tmp_path: Path) -> None:
    """The section does not name a registry of its own."""
    override = {"kubeflow-installer": {"to": ["node3"], "resources": {"kfctl": "./k.tar.gz"}}}
    bundle = render_example(
        tmp_path, "botlab", kubernetes={"registry": "r2"}, applications=override,
        kubeflow={"registry": ""},
    )  # fmt: skip
    installer = bundle["applications"]["kubeflow-installer"]

    assert installer["options"]["image-registry"] == "r2"
    assert (installer["to"], installer["resources"]) == (["3"], {"kfctl": "./k.tar.gz"})


@pytest.mark.parametrize(
    ("channel", "version", "expected"),
    [
        ("1.13/stable", "", None),  # the charm chooses 0.6.2
        ("1.14/stable", "", FLAGS),  # the charm chooses 1.0.2
        ("1.13/stable", "1.0.2", FLAGS),
        ("1.19/stable", "v1.2.0", FLAGS),
        ("1.14/stable", "0.7.1", None),
        ("1.20/stable", "1.2.0", None),  # from here on the control plane's charm sets them
        ("", "1.0.2", FLAGS),  # the profile's 1.13
    ],
)
def test_flags_are_set_if_the_release_needs_them(
    tmp_path: Path, channel: str, version: str, expected: str | None
) -> None:
    """The release is the one that the charm will choose on that Kubernetes."""
    bundle = render_example(
        tmp_path, "botlab", kubernetes={"channel": channel}, kubeflow={"version": version},
        ignore={"BL121": "the local charms are of that release"},
    )  # fmt: skip

    assert flags(bundle) == expected


def test_raw_channel_and_version_decide_about_the_flags(tmp_path: Path) -> None:
    """Raw options of the site are what is deployed."""
    version = {"kubeflow-installer": {"options": {"version": "1.0.2"}}}
    assert flags(render_example(tmp_path, "botlab", applications=version)) == FLAGS
    channel = {"kubernetes-master": {"options": {"channel": "1.20/stable"}}}
    assert flags(render_example(tmp_path, "botlab", applications={**version, **channel})) is None


def test_site_without_kubeflow_gets_no_flags(tmp_path: Path) -> None:
    """Nothing else needs them."""
    bundle = render_example(tmp_path, "one-machine-2019", kubernetes={"channel": "1.15/stable"})

    assert flags(bundle) is None


ISSUER, KEY, AUDIENCES = FLAGS.split()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("", FLAGS),
        ("v=2", f"v=2 {FLAGS}"),
        ("v=2  audit-log-maxage=7", f"v=2  audit-log-maxage=7 {FLAGS}"),
        (f"service-account-issuer=lab {KEY}", f"service-account-issuer=lab {KEY} {AUDIENCES}"),
        (f"api-audiences=api {ISSUER}", f"api-audiences=api {ISSUER} {KEY}"),
        (FLAGS, FLAGS),
    ],
)
def test_own_flags_of_the_site_are_kept(tmp_path: Path, own: str, expected: str) -> None:
    """Only flags that the site does not set, under either of their names, are added."""
    override = {"kubernetes-master": {"options": {"api-extra-args": own}}}
    bundle = render_example(
        tmp_path, "botlab", kubeflow={"version": "1.0.2"}, applications=override
    )

    assert flags(bundle) == expected


def test_flags_from_an_included_file_are_not_changed() -> None:
    """Only Juju reads the file, so nothing can be added to its content."""
    assert merge_flags("include-file://flags", FLAGS) == "include-file://flags"
    assert merge_flags("v=2", None) == "v=2"
