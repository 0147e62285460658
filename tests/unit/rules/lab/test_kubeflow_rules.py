"""The rules about Kubeflow, beyond the one fault and the one near miss of each page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.kubeflow import choose_release, releases
from botlab.findings import Finding, Severity, path_text
from botlab.assessment import Request, assess
from botlab.juju import Juju
from botlab.rules.lab import lab_findings
from botlab.rules.lab.examples import base_site
from botlab.rules.subject import Subject

POOL = {"pools": {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}}
GIVEN = {"kubeflow-installer": {"resources": {"kfctl": "./kfctl.tar.gz"}}}


def of_site(tmp_path: Path, layer: dict[str, Any], overlay: str = "") -> list[Finding]:
    """Return the findings of a layer over the rules' base site."""
    (tmp_path / "site.yaml").write_text(base_site(), encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(yaml.safe_dump(layer), encoding="utf-8")
    (tmp_path / "overlay.yaml").write_text(overlay, encoding="utf-8")
    overlays = [tmp_path / "overlay.yaml"] if overlay else []
    request = Request(tmp_path / "site.yaml", layers=[tmp_path / "layer.yaml"], overlays=overlays)
    found = list(assess(request).findings)
    assert [one for one in found if one.id < "BL010"] == []
    return found


def of_bundle(bundle: dict[str, Any], juju: Juju = Juju.V2_9) -> list[Finding]:
    """Return the findings of a bundle without any facts of its charms."""
    parsed = parse_bundle(BundleSource(yaml.safe_dump(bundle)), juju)
    return lab_findings(Subject(parsed.bundle, juju))


def places(found: list[Finding], rule: str) -> list[str]:
    """Return where a rule struck."""
    return [path_text(one.path) for one in found if one.id == rule]


def test_a_lab_with_everything_hears_only_of_the_old_kubernetes(tmp_path: Path) -> None:
    """What it lacks is upstream's word alone; its packed charms and its file are not there yet."""
    layer = {
        "kubeflow": {"version": "0.6.2"},
        "metallb": POOL,
        "nfs": {"server": "node3", "storage": "mounted"},
        "applications": GIVEN,
    }
    found = of_site(tmp_path, layer)

    assert {one.id for one in found} == {"BL015", "BL066", "BL084"}
    assert places(found, "BL084") == ["applications.kubeflow-installer.resources.kfctl"]
    assert places(found, "BL066") == ["kubeflow.version"]
    assert all(one.severity is Severity.WARNING for one in found)


# Where a release's span or choice begins or ends, and the ones beside.
MINORS = [12, 13, 14, 15, 16, 18, 19, 21, 22, 25, 26, 28, 32, 33, 34, 36, 37]


@pytest.mark.parametrize("minor", MINORS)
def test_every_release_on_every_kubernetes_is_judged_once(tmp_path: Path, minor: int) -> None:
    """Refused, doubted or passed by: an error, a warning or none, at the version."""
    for release in releases():
        layer = {
            "kubernetes": {"channel": f"1.{minor}/stable"},
            "kubeflow": {"version": release.name},
        }
        found = [one for one in of_site(tmp_path, layer) if one.id in ("BL066", "BL075")]
        low, high = release.documented
        wanted = ["BL066"] if not low <= (1, minor) <= high else []
        wanted = wanted if release.fits((1, minor)) else ["BL075"]
        assert [one.id for one in found] == wanted, release.name
        assert {path_text(one.path) for one in found} <= {"kubeflow.version"}


@pytest.mark.parametrize("minor", MINORS)
def test_the_charms_own_choice_is_never_refused(tmp_path: Path, minor: int) -> None:
    """But where there is none at all; a doubt stands at the section, which has no version."""
    layer = {"kubernetes": {"channel": f"1.{minor}/stable"}, "kubeflow": {"hostname": "a.b"}}
    found = of_site(tmp_path, layer)
    release = choose_release((1, minor), "")

    assert places(found, "BL075") == ([] if release else ["kubeflow"])
    low, high = release.documented if release else ((0, 0), (9, 9))
    assert places(found, "BL066") == ([] if low <= (1, minor) <= high else ["kubeflow"])


def test_a_refused_release_names_those_that_fit(tmp_path: Path) -> None:
    """The mend is one that works."""
    layer = {"kubernetes": {"channel": "1.22/stable"}, "kubeflow": {"version": "1.2.0"}}
    (found,) = [one for one in of_site(tmp_path, layer) if one.id == "BL075"]

    assert found.message == "Kubeflow 1.2.0 runs on Kubernetes 1.11 to 1.21; the cluster has 1.22"
    assert found.fix == "leave the version out, or use one of 1.7.0"


def test_an_unknown_release_is_told_once(tmp_path: Path) -> None:
    """With those that there are; what follows from a release is not judged without one."""
    found = of_site(tmp_path, {"kubeflow": {"version": "1.5"}, "metallb": POOL})

    assert places(found, "BL074") == ["kubeflow.version"]
    (told,) = [one for one in found if one.id == "BL074"]
    assert all(release.name in told.fix for release in releases())
    assert {one.id for one in found} & {"BL066", "BL075", "BL076", "BL077", "BL079"} == set()


def test_an_overlay_counts(tmp_path: Path) -> None:
    """The bundle is judged as it will be deployed, not as the site says alone."""
    overlay = "applications: {kubernetes-master: {options: {channel: 1.16/stable}}}"
    found = of_site(tmp_path, {"kubeflow": {"version": "0.6.2"}}, overlay)

    assert places(found, "BL075") == ["kubeflow.version"]


def control(**options: Any) -> dict[str, Any]:
    """Return a bundle of a control plane of 2019 and the installer."""
    return {
        "applications": {
            "m": {"charm": "cs:kubernetes-master-542", "options": options},
            "kubeflow": {"charm": "./kubeflow-installer_bionic-focal.charm"},
        }
    }


@pytest.mark.parametrize(
    ("channel", "args", "missing"),
    [
        ("1.13/stable", "", False),  # 0.6.2
        ("1.14/stable", "", True),  # 1.0.2
        ("1.19/stable", "", True),  # 1.2.0
        ("1.20/stable", "", False),
        ("1.14/stable", "service-account-issuer=a service-account-signing-key-file=/b", False),
        ("1.14/stable", "service-account-signing-key-file=/b", True),
        ("latest/edge", "", False),  # nobody knows
    ],
)
def test_tokens_of_a_bundle(channel: str, args: str, missing: bool) -> None:
    """Where the release needs them and the charm does not set the flags."""
    found = of_bundle(control(channel=channel, **{"api-extra-args": args}))

    wanted = ["applications.m.options.api-extra-args"] if missing else []
    assert places(found, "BL076") == wanted


def test_a_site_has_the_flags_already(tmp_path: Path) -> None:
    """The profile sets them, beside the site's own."""
    layer = {
        "kubernetes": {"channel": "1.15/stable"},
        "kubeflow": {"version": "1.0.2"},
        "applications": {"kubernetes-master": {"options": {"api-extra-args": "v=2"}}},
    }
    assert places(of_site(tmp_path, layer), "BL076") == []


@pytest.mark.parametrize(
    ("options", "rule", "struck"),
    [
        ({"allow-privileged": "false"}, "BL049", True),
        ({}, "BL049", True),
        ({"allow-privileged": True}, "BL049", False),
        ({"authorization-mode": "AlwaysAllow"}, "BL048", True),
        ({"authorization-mode": "Node"}, "BL048", True),
        ({}, "BL048", False),
    ],
)
def test_todays_control_plane_too(options: dict[str, Any], rule: str, struck: bool) -> None:
    """It has the same options with another default."""
    charms = {
        "c": {"charm": "kubernetes-control-plane", "channel": "1.35/stable", "options": options},
        "k": {"charm": "./kubeflow-installer.charm"},
    }
    found = [one for one in of_bundle({"applications": charms}, Juju.V3_6) if one.id == rule]

    assert len(found) == struck
    assert all("Kubeflow" in one.message for one in found)


def test_privileged_workers_of_2019() -> None:
    """Their kubelets refuse such pods where the option is off; it is on by default."""
    off = {"charm": "cs:kubernetes-worker-398", "options": {"allow-privileged": "false"}}
    bundle = control(**{"allow-privileged": "true"})
    bundle["applications"] |= {"w": off, "v": {"charm": "cs:kubernetes-worker-398"}}

    assert places(of_bundle(bundle), "BL049") == ["applications.w.options.allow-privileged"]


def test_one_key_of_the_site_gives_one_finding(tmp_path: Path) -> None:
    """kubernetes.allow-privileged sets control plane and workers."""
    layer = {"kubernetes": {"allow-privileged": False}, "kubeflow": {"version": "0.6.2"}}
    found = [one for one in of_site(tmp_path, layer) if one.id == "BL049"]

    assert [path_text(one.path) for one in found] == ["kubernetes.allow-privileged"]
    assert found[0].message == (
        "kubernetes-master has allow-privileged false, so Kubeflow is not installed"
    )


@pytest.mark.parametrize(
    ("version", "asked", "small"),
    [
        ("0.6.2", ["cores=4 mem=12G root-disk=50G"], False),
        ("0.6.2", ["cores=4 mem=12G root-disk=40G"], True),
        ("0.6.2", ["cores=3 mem=12G"], True),
        ("0.6.2", ["cores=4 mem=12287M"], True),
        ("0.6.2", ["mem=0.5T"], False),
        ("0.6.2", ["cores=2", ""], False),  # MAAS may give anything for the second
        ("0.6.2", ["cores=2", "mem=4G"], True),
        ("0.6.2", ["mem=0 cores=0"], False),  # asks for nothing
        ("0.6.2", [""], False),
        ("1.8.1", ["cores=4 mem=8G root-disk=40G", "cores=4 mem=8G root-disk=40G"], False),
        ("1.8.1", ["cores=2 mem=8G", "cores=2 mem=8G"], True),
        ("1.8.1", ["mem=4G", "mem=4G", "mem=4G"], True),
        ("1.8.1", ["mem=4G", "mem=4G", ""], False),
        ("1.8.1", ["cores=64 mem=64G root-disk=20G"], False),  # its claims lie on the server
    ],
)
def test_machines_of_workers(version: str, asked: list[str], small: bool) -> None:
    """One worker must do for kfctl's releases, all together for the manifests'."""
    worker = {"charm": "cs:kubernetes-worker-398", "num_units": len(asked)}
    bundle = control(channel="1.15/stable" if version < "1" else "1.26/stable")
    bundle["applications"]["kubeflow"]["options"] = {"version": version}
    bundle["applications"]["w"] = {**worker, "to": [str(number) for number in range(len(asked))]}
    bundle["machines"] = {str(n): {"constraints": text} for n, text in enumerate(asked)}

    assert places(of_bundle(bundle), "BL077") == (["machines.0.constraints"] if small else [])


@pytest.mark.parametrize(
    ("version", "channel", "told", "mend"),
    [
        ("0.6.2", "1.15/stable", "4 CPUs, 12 GiB of memory, 50 GB of disk, and by the constraints"
         " not even one worker has that", "(cores=, mem=, root-disk=)"),
        ("1.8.1", "1.26/stable", "4.4 CPUs, 12.3 GiB of memory, and by the constraints not even"
         " all workers together have that", "(cores=, mem=)"),
    ],
)  # fmt: skip
def test_what_machines_must_have(version: str, channel: str, told: str, mend: str) -> None:
    """A disk only where upstream names one of nodes; claims lie where the class puts them."""
    bundle = control(channel=channel)
    bundle["applications"]["kubeflow"]["options"] = {"version": version}
    worker = {"charm": "cs:kubernetes-worker-398", "num_units": 1, "constraints": "mem=4G"}
    bundle["applications"]["w"] = worker

    (found,) = [one for one in of_bundle(bundle) if one.id == "BL077"]

    assert found.message == f"Kubeflow {version} needs {told}"
    assert found.fix == f"ask for larger machines {mend}, or add a worker"


@pytest.mark.parametrize(
    ("worker", "where"),
    [
        ({"num_units": 2, "constraints": "mem=4G"}, "applications.w.constraints"),
        ({"num_units": 4, "constraints": "mem=4G cores=2 root-disk=20G"}, ""),
        ({"num_units": 2, "to": ["lxd:0", "lxd:1"]}, ""),
        ({"num_units": 0}, "applications.kubeflow"),
    ],
)
def test_workers_that_juju_places(worker: dict[str, Any], where: str) -> None:
    """Machines that Juju adds take the application's constraints; of containers nobody knows."""
    bundle = control(channel="1.26/stable")
    bundle["applications"]["w"] = {"charm": "cs:kubernetes-worker-398", **worker}
    bundle["machines"] = {"0": {"constraints": "mem=1G"}, "1": {"constraints": "mem=1G"}}

    assert places(of_bundle(bundle), "BL077") == ([where] if where else [])


def test_a_bundle_without_a_cluster_has_no_workers_to_miss() -> None:
    """The installer may serve a cluster of another model by a kubeconfig."""
    installer = {"charm": "./kubeflow-installer.charm", "options": {"version": "0.6.2"}}

    assert places(of_bundle({"applications": {"k": installer}}), "BL077") == []


@pytest.mark.parametrize(
    ("pools", "struck"),
    [
        ({"a": {"addresses": ["10.0.0.150/32"]}}, False),
        ({"a": {"addresses": ["10.0.1.0/32"], "avoid-buggy-ips": True}}, True),
        ({"a": {"addresses": ["10.0.0.255-10.0.1.0"], "avoid-buggy-ips": True}}, True),
        ({"a": {"addresses": ["10.0.0.255-10.0.1.1"], "avoid-buggy-ips": True}}, False),
        ({"a": {"addresses": ["10.0.1.0/32"]}}, False),
        ({"a": {"addresses": ["fd00::/120"]}}, True),
        (
            {
                "a": {"addresses": ["fd00::/120"]},
                "b": {"addresses": ["10.0.0.150/32"], "auto-assign": False},
            },
            True,
        ),
        ({"b": {"addresses": ["10.0.0.150/32"], "auto-assign": False}}, False),  # BL067's
    ],
)
def test_an_address_for_the_gateway(tmp_path: Path, pools: dict[str, Any], struck: bool) -> None:
    """Of the services' family, given unasked, and not one that is left out."""
    found = of_site(tmp_path, {"kubeflow": {"version": "0.6.2"}, "metallb": {"pools": pools}})

    assert places(found, "BL078") == (["metallb.pools"] if struck else [])


PIN = f"http://files.lab.example/x.tar.gz#sha256={'0' * 64}"


@pytest.mark.parametrize(
    ("kubernetes", "kubeflow", "where"),
    [
        ("1.13", {"version": "0.6.2"}, "kubeflow"),
        ("1.13", {"user": "a@b"}, "kubeflow"),
        ("1.13", {"version": "0.6.2", "kfctl-url": PIN}, ""),
        ("1.26", {"version": "1.8.1"}, ""),
        ("1.18", {"version": "1.2.0", "manifests-url": PIN}, "kubeflow"),
    ],
)
def test_kfctl_is_given(
    tmp_path: Path, kubernetes: str, kubeflow: dict[str, Any], where: str
) -> None:
    """Attached or pinned, for the releases that it installs."""
    layer = {"kubernetes": {"channel": f"{kubernetes}/stable"}, "kubeflow": kubeflow}

    assert places(of_site(tmp_path, layer), "BL079") == ([where] if where else [])


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("kubeflow.lab.example", ""),
        ("kubeflow.lab.local", "own DNS"),
        ("lab.local", "own DNS"),
        ("mylab.local", ""),
        ("node1", "the name of a machine"),
        ("node1.maas", "the name of a machine"),
        ("node1.lab.example", ""),
        ("k8s.lab.example", "API server"),
        ("lb.lab.example", "API server"),
    ],
)
def test_host_names(tmp_path: Path, host: str, told: str) -> None:
    """Each that means something else already is told as what."""
    layer = {
        "kubernetes": {"dns-domain": "lab.local", "extra-sans": ["k8s.lab.example", "10.0.0.13"]},
        "kubeflow": {"hostname": host},
        "applications": {"kubeapi-load-balancer": {"options": {"extra_sans": "lb.lab.example"}}},
    }
    found = [one for one in of_site(tmp_path, layer) if one.id == "BL080"]

    assert [path_text(one.path) for one in found] == (["kubeflow.hostname"] if told else [])
    assert all(told in one.message for one in found)


@pytest.mark.parametrize(
    ("release", "installer", "arch", "where"),
    [
        ("0.6.2", {"to": ["lxd:0"]}, "arm64", "machines.0.constraints"),
        ("0.6.2", {"to": ["0"]}, "arm64", "machines.0.constraints"),
        ("0.6.2", {"to": ["lxd:0"]}, "amd64", ""),
        ("1.8.1", {"to": ["lxd:0"]}, "arm64", ""),
        ("1.8.1", {"to": ["lxd:0"]}, "s390x", "machines.0.constraints"),
        ("1.8.1", {"to": ["0"], "resources": {"manifests": "./m.yaml.gz"}}, "s390x", ""),
        ("1.8.1", {"constraints": "arch=ppc64el"}, "amd64", "applications.kubeflow.constraints"),
    ],
)
def test_architectures(release: str, installer: dict[str, Any], arch: str, where: str) -> None:
    """For kfctl amd64 alone, for kustomize arm64 too; manifests built already need neither."""
    bundle = control(channel="1.13/stable" if release < "1" else "1.26/stable")
    bundle["applications"]["kubeflow"] |= {
        "num_units": 1, "options": {"version": release}, **installer
    }  # fmt: skip
    bundle["machines"] = {"0": {"constraints": f"arch={arch}"}}

    assert places(of_bundle(bundle), "BL081") == ([where] if where else [])


CLOSED = {"charms": {"source": "local"}, "kubernetes": {"registry": "registry.lab.example"}}
SNAPS = {"kubernetes-master": {"resources": {"kubectl": "./kubectl.snap"}}}
OPEN_SITES = [
    {**CLOSED, "charms": {"source": "store"}},
    {**CLOSED, "kubernetes": {}},
    {**CLOSED, "proxy": {"http": "http://proxy.lab.example:3128", "no-proxy": ["10.0.0.0/24"]}},
]


def lacking(tmp_path: Path, site: dict[str, Any]) -> str:
    """Return what a lab without a way out lacks, by the finding; empty without one."""
    found = [one.message for one in of_site(tmp_path, site) if one.id == "BL082"]
    assert len(found) < 2
    return found[0].partition("nothing gives ")[2] if found else ""


@pytest.mark.parametrize("site", OPEN_SITES)
def test_a_lab_with_a_way_out(tmp_path: Path, site: dict[str, Any]) -> None:
    """Nothing says that it has none, so the charm may fetch what it needs."""
    assert lacking(tmp_path, {**site, "kubeflow": {"version": "0.6.2"}}) == ""


def test_snaps_from_files_tell_of_no_way_out(tmp_path: Path) -> None:
    """Local charms, and snaps that the lab keeps; images must then come from somewhere too."""
    site = {"charms": {"source": "local"}, "applications": SNAPS, "kubeflow": {"version": "0.7.1"}}
    site["kubernetes"] = {"channel": "1.14/stable"}

    assert lacking(tmp_path, site) == "manifests, a registry for the images"


@pytest.mark.parametrize(
    ("channel", "version", "resources", "told"),
    [
        ("1.13", "0.6.2", {}, "manifests, platform"),
        ("1.13", "0.6.2", {"manifests": "./m.tar.gz", "platform": "./k.tar.gz"}, ""),
        ("1.14", "0.7.1", {"manifests": "./m.tar.gz"}, ""),
        ("1.26", "1.8.1", {}, "kustomize-amd64, manifests"),
        ("1.26", "1.8.1", {"manifests": "./m.tar.gz"}, "kustomize-amd64"),
        ("1.26", "1.8.1", {"manifests": "./m.yaml.gz"}, ""),
        ("1.35", "26.03", {}, "manifests"),
        ("1.35", "26.03", {"manifests": "./m.tar.gz"}, "manifests that are built already"),
        ("1.35", "26.03", {"manifests": "./m.yml.gz"}, ""),
    ],
)
def test_files_of_a_lab_without_a_way_out(
    tmp_path: Path, channel: str, version: str, resources: dict[str, str], told: str
) -> None:
    """Those of the release's method; kfctl itself is told by BL079."""
    site = {
        **CLOSED,
        "kubernetes": {"registry": "registry.lab.example", "channel": f"{channel}/stable"},
        "kubeflow": {"version": version},
        "applications": {"kubeflow-installer": {"resources": resources}},
    }
    assert lacking(tmp_path, site) == told


def test_files_by_pinned_urls_and_another_architecture(tmp_path: Path) -> None:
    """A file server inside the lab is as good; kustomize is the machine's own."""
    pins = {"manifests-url": PIN, "platform-url": PIN}
    site = {**CLOSED, "kubeflow": {"version": "0.6.2", **pins}}
    assert lacking(tmp_path, site) == ""
    site = {
        **CLOSED,
        "kubernetes": {"registry": "registry.lab.example", "channel": "1.26/stable"},
        "kubeflow": {"version": "1.8.1", "manifests-url": PIN.replace(".tar.gz", ".yaml")},
        "machines": {"node0": {"constraints": "arch=arm64"}},
    }
    assert lacking(tmp_path, site) == ""
    site["kubeflow"] = {"version": "1.8.1", "manifests-url": PIN}
    assert lacking(tmp_path, site) == "kustomize-arm64"


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        ("./kfctl_v0.6.2_linux.tar.gz", False),
        ("./kfctl.tgz", True),
        ("./kfctl", True),
        ("./v0.6.2/kfctl", True),
        ("./.gz", False),  # as Go's path.Ext has it
        (3, False),  # a revision
    ],
)
def test_the_end_of_a_resources_name(tmp_path: Path, file: str | int, refused: bool) -> None:
    """Juju's API server compares it with that of the metadata's file name."""
    given = {"kubeflow-installer": {"resources": {"kfctl": file}}}
    found = of_site(tmp_path, {"kubeflow": {"version": "0.6.2"}, "applications": given})

    where = "applications.kubeflow-installer.resources.kfctl"
    assert places(found, "BL083") == ([where] if refused else [])


@pytest.mark.parametrize(("default", "struck"), [({}, True), ({"default-class": False}, False)])
def test_a_class_that_is_not_default_is_no_second_one(
    default: dict[str, Any], struck: bool
) -> None:
    """The worker's own class may be the default one beside it."""
    bundle = {
        "applications": {
            "storage": {"charm": "./nfs-server", "options": default},
            "worker": {"charm": "cs:kubernetes-worker-398"},
        },
        "relations": [["storage:mount", "worker:nfs"]],
    }
    assert places(of_bundle(bundle), "BL055") == (["relations[0]"] if struck else [])


@pytest.mark.parametrize("role", ["control-plane", "easyrsa", "load-balancer"])
def test_a_gpu_where_no_worker_is_stays_uncovered(tmp_path: Path, role: str) -> None:
    """Though nvidia-runtime is related to what stands there, by relations of global scope."""
    machine = {"tags": ["gpu"], "roles": [role], "gpu": True, "addresses": ["10.0.0.20"]}

    assert places(of_site(tmp_path, {"machines": {"gpu": machine}}), "BL052") == [
        "machines.gpu.gpu"
    ]


@pytest.mark.parametrize(
    ("nfs", "options", "where"),
    [
        ({}, {}, ""),
        ({"default-class": False}, {}, "nfs.default-class"),
        ({"default-class": False}, {"default-class": True}, ""),
        ({}, {"default-class": False}, "applications.nfs-server.options.default-class"),
        (None, {}, "kubeflow"),
    ],
)
def test_the_default_class_that_reaches_the_charm(
    tmp_path: Path, nfs: dict[str, Any] | None, options: dict[str, Any], where: str
) -> None:
    """A raw option wins over the section, either way."""
    layer: dict[str, Any] = {"kubeflow": {"version": "0.6.2"}}
    layer |= {} if nfs is None else {"nfs": {"server": "node3", **nfs}}
    layer |= {"applications": {"nfs-server": {"options": options}}} if options else {}

    assert places(of_site(tmp_path, layer), "BL058") == ([where] if where else [])


def test_a_reclaim_policy_given_raw(tmp_path: Path) -> None:
    """The charm takes the section's two words alone."""
    for policy, struck in (("Recycle", True), ("Retain", False)):
        raw = {"nfs-server": {"options": {"reclaim-policy": policy}}}
        found = of_site(tmp_path, {"nfs": {"server": "node3"}, "applications": raw})
        where = "applications.nfs-server.options.reclaim-policy"
        assert places(found, "BL046") == ([where] if struck else [])


@pytest.mark.parametrize(
    ("pool", "rule"),
    [({"auto-assign": False}, "BL067"), ({"addresses": ["fd00::/120"]}, "BL078"), ({}, "")],
)
def test_raw_pools_and_the_gateway(tmp_path: Path, pool: dict[str, Any], rule: str) -> None:
    """Pools given by hand must hold an address for it too."""
    whole = {"name": "a", "protocol": "layer2", "addresses": ["10.0.0.150/32"], **pool}
    raw = {"addresses": "", "pools": yaml.safe_dump([whole])}
    layer = {
        "kubeflow": {"version": "0.6.2"},
        "metallb": POOL,
        "applications": {"metallb": {"options": raw}},
    }
    found = [one for one in of_site(tmp_path, layer) if one.id in ("BL067", "BL078")]

    wanted = [(rule, "applications.metallb.options.pools")] if rule else []
    assert [(one.id, path_text(one.path)) for one in found] == wanted


@pytest.mark.parametrize(
    ("channel", "version", "name", "fix"),
    [
        (
            "1.13",
            "0.6.2",
            "nonesuch",
            "use one of application-crds, application, metacontroller, ",
        ),
        ("1.13", "0.6.2", "katib-controler", "did you mean katib-controller?"),
        ("1.13", "0.6.2", "katib-controller", ""),
        ("1.14", "1.0.2", "katib-ui", "did you mean katib-crds?"),
        ("1.18", "1.2.0", "spartakus", ""),
        ("1.26", "1.8.1", "nonesuch", ""),  # the charm alone knows
    ],
)
def test_components_of_the_release(
    tmp_path: Path, channel: str, version: str, name: str, fix: str
) -> None:
    """The name is told, with the one that was meant or with all."""
    layer = {
        "kubernetes": {"channel": f"{channel}/stable"},
        "kubeflow": {"version": version, "excluded-components": ["spartakus", name]},
    }
    found = [one for one in of_site(tmp_path, layer) if one.id == "BL089"]

    assert [path_text(one.path) for one in found] == (
        ["kubeflow.excluded-components[1]"] if fix else []
    )
    assert all(one.fix.startswith(fix) for one in found)
    assert all(one.message == f"Kubeflow {version} has no component {name}" for one in found)


@pytest.mark.parametrize(
    ("channel", "version", "idle"),
    [
        ("1.13", "0.6.2", ["gpu-vendor", "kustomize-url", "spawner-tolerations"]),
        ("1.14", "0.7.1", ["gpu-vendor", "kustomize-url", "platform-url", "spawner-tolerations"]),
        ("1.14", "1.0.2", ["kustomize-url", "platform-url", "spawner-tolerations"]),
        ("1.18", "1.2.0", ["kustomize-url", "platform-url"]),
        ("1.26", "1.8.1", ["kfctl-url", "platform-url"]),
    ],
)
def test_settings_that_the_release_has_no_use_for(
    tmp_path: Path, channel: str, version: str, idle: list[str]
) -> None:
    """Each is told at its key; the others of the same section are not."""
    pins = {f"{name}-url": PIN for name in ("kfctl", "kustomize", "manifests", "platform")}
    wishes = {"gpu-vendor": "amd.com/gpu", "spawner-tolerations": ["gpu:NoSchedule"]}
    layer = {
        "kubernetes": {"channel": f"{channel}/stable"},
        "kubeflow": {"version": version, **pins, **wishes},
    }
    found = of_site(tmp_path, layer)

    assert sorted(places(found, "BL090")) == [f"kubeflow.{key}" for key in idle]


def test_settings_that_ask_for_what_there_is(tmp_path: Path) -> None:
    """The charm's default, and none."""
    for vendor in ("nvidia.com/gpu", "none"):
        layer = {"kubeflow": {"version": "0.6.2", "gpu-vendor": vendor}}
        assert places(of_site(tmp_path, layer), "BL090") == []
    raw = {
        "kubeflow-installer": {"options": {"gpu-vendor": "nvidia.com/gpu", "kustomize-url": ""}}
    }
    layer = {"kubeflow": {"version": "0.6.2"}, "applications": raw}
    assert places(of_site(tmp_path, layer), "BL090") == []
