"""What a site says of this suite's charms, as their options and resources in the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from botlab.render.metallb import pool_options
from botlab.site.metallb import Metallb

ROOT = Path(__file__).resolve().parents[3]
PEER = {"peer-address": "10.0.0.1", "peer-asn": 64501, "my-asn": 64500}


def options(**site: Any) -> dict[str, str]:
    """Return the options for a site's section."""
    return pool_options(Metallb.model_validate(site))


def test_the_guides_case_is_one_line() -> None:
    """One layer-2 pool named default, as the charm's shortest option."""
    pool = {"addresses": ["10.0.0.1 - 10.0.0.9", "10.0.1.0/28", "10.0.2.5"]}
    assert options(pools={"default": pool}) == {
        "addresses": "10.0.0.1-10.0.0.9, 10.0.1.0/28, 10.0.2.5/32"
    }


@pytest.mark.parametrize(
    ("site", "document"),
    [
        (
            {"pools": {"web": {"addresses": ["fd00::5"]}}},
            {"address-pools": [
                {"name": "web", "protocol": "layer2", "addresses": ["fd00::5/128"]}
            ]},
        ),
        (
            {
                "peers": [PEER],
                "pools": {
                    "default": {
                        "protocol": "bgp", "addresses": ["10.0.0.0/28"], "auto-assign": False,
                        "avoid-buggy-ips": True,
                    }
                },
            },
            {
                "peers": [PEER],
                "address-pools": [
                    {
                        "name": "default", "protocol": "bgp", "addresses": ["10.0.0.0/28"],
                        "auto-assign": False, "avoid-buggy-ips": True,
                    }
                ],
            },
        ),
    ],
)  # fmt: skip
def test_any_other_is_metallbs_own_document(site: Any, document: Any) -> None:
    """With what differs from MetalLB's defaults, and nothing else."""
    found = options(**site)
    assert list(found) == ["pools"]
    assert yaml.safe_load(found["pools"]) == document


def rendered(tmp_path: Path, example: str, **nfs: Any) -> dict[str, Any]:
    """Return an example's bundle with another section `nfs`."""
    site = yaml.safe_load((ROOT / f"examples/{example}/site.yaml").read_text(encoding="utf-8"))
    site["nfs"].update(nfs)
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    assert main(["render", str(file), "--output", str(tmp_path / "bundle.yaml")]) == 0
    return dict(yaml.safe_load((tmp_path / "bundle.yaml").read_text(encoding="utf-8")))


def test_storage_of_a_site(tmp_path: Path) -> None:
    """Server, storage, shares, networks and class reach the charm, on the machine itself."""
    shares = {"data": {"path": "/srv/data", "networks": ["*"], "read-only": True}}
    bundle = rendered(
        tmp_path,
        "botlab",
        **{"storage": "maas,200G", "shares": shares, "reclaim-policy": "Retain"},
    )
    found = bundle["applications"]["nfs-server"]

    assert found["to"] == ["0"]
    assert found["storage"] == {"export": "maas,200G"}
    assert yaml.safe_load(found["options"].pop("shares")) == {
        "data": {"path": "/srv/data", "clients": ["*"], "options": "ro"}
    }
    assert found["options"] == {
        "export-root": "/nfsroot", "networks": "192.168.1.0/24", "allow-world": True,
        "reclaim-policy": "Retain", "storage-class": "nfs", "default-class": True,
    }  # fmt: skip


def test_todays_workers_get_the_client(tmp_path: Path) -> None:
    """By a subordinate, as their charm brings none since 1.29; those of 2019 bring it."""
    ends = [{"filesystem-client:juju-info", "kubernetes-worker:juju-info"},
            {"filesystem-client:filesystem", "nfs-server:filesystem"}]  # fmt: skip
    today = rendered(tmp_path, "modern")
    assert all(end in [set(pair) for pair in today["relations"]] for end in ends)
    assert today["applications"]["nfs-server"]["options"]["networks"] == "10.20.0.0/24"
    assert "filesystem-client" not in rendered(tmp_path, "botlab")["applications"]


def test_a_manifest_for_a_lab_without_a_way_out(tmp_path: Path) -> None:
    """Resources, registry and version reach the charm."""
    site = yaml.safe_load((ROOT / "examples/modern/site.yaml").read_text(encoding="utf-8"))
    site["kubernetes"]["registry"] = "registry.lab.example:5000"
    site["metallb"]["version"] = "v0.15.3"
    site.setdefault("applications", {})["metallb"] = {
        "resources": {"manifest": "./metallb-native.yaml"}
    }
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")

    assert main(["render", str(file), "--output", str(tmp_path / "bundle.yaml")]) == 0

    bundle = yaml.safe_load((tmp_path / "bundle.yaml").read_text(encoding="utf-8"))
    metallb = bundle["applications"]["metallb"]
    assert metallb["resources"] == {"manifest": "./metallb-native.yaml"}
    assert metallb["options"]["version"] == "v0.15.3"
    assert metallb["options"]["image-registry"] == "registry.lab.example:5000"
    assert metallb["to"] == ["lxd:0"]
    names = ("calico", "kubernetes-control-plane", "nfs-server", "nvidia-runtime")
    registries = {n: bundle["applications"][n]["options"].get("image-registry") for n in names}
    assert registries == dict.fromkeys(names, "registry.lab.example:5000")
