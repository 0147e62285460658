"""The rules about MetalLB, by the options that reach the charm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.findings import Finding, path_text
from botlab.assessment import Request, assess
from botlab.rules.lab.examples import base_site

POOLS = {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}
OPTIONS = "applications.metallb.options"


def of_site(tmp_path: Path, layer: dict[str, Any], **options: Any) -> dict[str, Finding]:
    """Return the rules' findings about MetalLB by their paths, with raw options."""
    layer = {"metallb": {"pools": POOLS}, **layer}
    layer |= {"applications": {"metallb": {"options": options}}} if options else {}
    (tmp_path / "site.yaml").write_text(base_site(), encoding="utf-8")
    (tmp_path / "layer.yaml").write_text(yaml.safe_dump(layer), encoding="utf-8")
    job = assess(Request(tmp_path / "site.yaml", layers=[tmp_path / "layer.yaml"]))
    return {
        path_text(one.path): one
        for one in job.findings
        if "metallb" in path_text(one.path) and one.id != "BL015"
    }


def version(text: str, channel: str = "1.13") -> dict[str, Any]:
    """Return a layer with a MetalLB of a version on a Kubernetes."""
    return {
        "kubernetes": {"channel": f"{channel}/stable"},
        "metallb": {"version": text, "pools": POOLS},
    }


FOR_113 = "v0.8.1, v0.8.3, v0.9.3"


@pytest.mark.parametrize(
    ("text", "channel", "message", "fix"),
    [
        (
            "v0.17.0",
            "1.13",
            "MetalLB v0.17.0 runs on Kubernetes 1.23 and later; the site has 1.13",
            f"leave the version out, or use one of {FOR_113}",
        ),
        (
            "v0.9.6",
            "1.13",
            "MetalLB v0.9.6 runs on Kubernetes 1.14 to 1.24; the site has 1.13",
            f"leave the version out, or use one of {FOR_113}",
        ),
        (
            "v0.13",
            "1.22",
            "MetalLB v0.13 is no release, which has three numbers",
            "leave the version out, or use one of v0.8.1, v0.8.3, v0.9.3, v0.9.6, v0.9.8,"
            " v0.10.3, v0.11.0, v0.12.1, v0.13.12",
        ),
        (
            "v1.0",
            "1.30",
            "MetalLB v1.0 is no release, which has three numbers",
            "leave the version out, or use one of v0.13.12, v0.14.9, v0.15.3, v0.16.1",
        ),
        (
            "0.8.2",
            "1.13",
            "MetalLB 0.8.2 is none that the charm makes",
            f"leave the version out, or use one of {FOR_113}",
        ),
    ],
)
def test_a_version_that_the_charm_refuses(
    tmp_path: Path, text: str, channel: str, message: str, fix: str
) -> None:
    """With what is wrong and with those that would do."""
    (found,) = of_site(tmp_path, version(text, channel)).values()

    assert (found.id, path_text(found.path)) == ("BL065", "metallb.version")
    assert (found.message, found.fix) == (message, fix)


def test_versions_that_the_charm_takes(tmp_path: Path) -> None:
    """In its table or later than that."""
    for text, channel in (("v0.8.1", "1.13"), ("0.17.0", "1.23"), ("v0.13.1", "1.19")):
        assert of_site(tmp_path, version(text, channel)) == {}


def test_a_raw_version_counts(tmp_path: Path) -> None:
    """Where it is written; the section's is not judged beside it."""
    found = of_site(tmp_path, version("v9"), version="v0.8.1")
    assert found == {}
    found = of_site(tmp_path, version("v0.8.1"), version="v9")
    assert {path: one.id for path, one in found.items()} == {f"{OPTIONS}.version": "BL065"}


@pytest.mark.parametrize(
    ("addresses", "struck"),
    [
        ("10.0.0.150-10.0.0.160", {}),
        ("10.0.0.150/32 10.0.0.12/32", {"addresses[1]": "BL031"}),
        ("10.0.0.150 - 10.0.0.160,10.0.0.160/31", {"addresses[1]": "BL032"}),
        ("172.16.0.0/28", {"addresses[0]": "BL033"}),
        ("10.0.0.150", {"addresses[0]": "BL086"}),
        ("10.0.0.160-10.0.0.150", {"addresses[0]": "BL086"}),
    ],
)
def test_raw_addresses_are_judged(tmp_path: Path, addresses: str, struck: dict[str, str]) -> None:
    """As the section's are, which they stand instead of."""
    found = of_site(tmp_path, {}, addresses=addresses)

    assert {path: one.id for path, one in found.items()} == {
        f"{OPTIONS}.{where}": rule for where, rule in struck.items()
    }


def document(*pools: dict[str, Any], **more: Any) -> str:
    """Return MetalLB's own document."""
    return yaml.safe_dump({"address-pools": list(pools), **more})


WEB = {"name": "web", "protocol": "layer2", "addresses": ["10.0.0.150-10.0.0.160"]}
PEER = {"peer-address": "10.0.0.1", "peer-asn": 64501, "my-asn": 64500}
FAR = {**WEB, "protocol": "bgp", "addresses": ["172.16.0.0/28"]}


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        (document(WEB), {}),
        (document(FAR, peers=[PEER]), {}),
        (document(FAR), {"address-pools[0].protocol": "BL036"}),
        (document(WEB, {**WEB, "name": "b"}), {"address-pools[1].addresses[0]": "BL032"}),
        (yaml.safe_dump([{**WEB, "addresses": ["10.0.0.12/32"]}]), {"[0].addresses[0]": "BL031"}),
        ("nothing", {"": "BL086"}),
        ("[", {"": "BL086"}),
    ],
)
def test_a_raw_document_is_judged(tmp_path: Path, text: str, struck: dict[str, str]) -> None:
    """MetalLB's whole configuration, or its list of pools alone."""
    found = of_site(tmp_path, {}, pools=text, addresses="")

    assert {path: one.id for path, one in found.items()} == {
        f"{OPTIONS}.pools{'.' if where[:1].isalpha() else ''}{where}": rule
        for where, rule in struck.items()
    }


def test_both_options_are_one_too_many(tmp_path: Path) -> None:
    """The section wrote one, and the raw option is the other."""
    (found,) = of_site(
        tmp_path, {}, pools=document({**WEB, "addresses": ["10.0.0.170/32"]})
    ).values()

    assert (found.id, path_text(found.path)) == ("BL086", f"{OPTIONS}.pools")
    assert found.message == "the options addresses and pools are both set"


def test_pools_of_the_section_keep_their_paths(tmp_path: Path) -> None:
    """Whichever option they are written to."""
    pools = {
        "a": {"addresses": ["10.0.0.150/32", "10.1.0.0/24"], "protocol": "bgp"},
        "b": {"addresses": ["10.0.0.150/32"]},
    }
    found = of_site(tmp_path, {"metallb": {"pools": pools}})

    assert {path: one.id for path, one in found.items()} == {
        "metallb.pools.a.addresses[1]": "BL031",
        "metallb.pools.a.protocol": "BL036",
        "metallb.pools.b.addresses[0]": "BL032",
    }
