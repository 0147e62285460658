"""The guide in a kit: the steps in the lab, in order, with commands that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from botlab.assessment import Request, assess
from botlab.cli.parser import build_parser
from botlab.kit.guide import guide_text
from botlab.kit.items import Item, Kind
from botlab.kit.manifest import ItemEntry, Manifest
from botlab.site_model_options import limit_commands
from helpers.kits import EXAMPLE, ROOT, Downloads, kit_items, unpack

REGISTRY = "kubernetes: {registry: 'registry.lab.example:5000'}\n"


def guide_of(site: Path, directory: Path, *layers: Path) -> str:
    """Return the guide of a site's kit."""
    for name in ("items", "kit"):
        (directory / name).mkdir()
    downloads = Downloads(directory / "downloads", kit_items(site, directory / "items", *layers))
    kit = downloads.make_kit(site, directory / "lab.tar", *layers, partial=True)
    return (unpack(kit, directory / "unpacked") / "INSTALL.md").read_text()


def titles(guide: str) -> list[str]:
    return re.findall(r"^## (.*)$", guide, re.MULTILINE)


def commands(guide: str) -> list[str]:
    """Return the commands of the guide."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_steps_of_the_example_are_in_order(tmp_path: Path) -> None:
    guide = guide_of(EXAMPLE, tmp_path)
    assert guide.startswith("# Install the lab air-gapped without internet\n")
    assert titles(guide) == [
        "1. Check the kit", "2. Prepare Juju, MAAS and the mirror of Ubuntu",
        "3. Provide the snaps", "4. Load the images", "5. Check the site", "6. Deploy",
    ]  # fmt: skip
    assert commands(guide) == [
        "sha256sum --check --quiet SHA256SUMS",
        "botlab kit check .   # also reports files that were added",
        "./load-images.sh",
        "botlab validate site.yaml",
        "botlab render site.yaml -o bundle.yaml",
        "juju add-model air-gapped",
        """juju model-config -m air-gapped 'cloudinit-userdata="{postruncmd: ["""
        f"{', '.join(limit_commands())}]}}\"'",
        "juju deploy ./bundle.yaml",
        "botlab wait site.yaml",
    ]


@pytest.mark.parametrize("example", ["air-gapped", "mirrors", "mixed-workers", "existing-cluster"])
def test_commands_of_botlab_exist(tmp_path: Path, example: str) -> None:
    layer = tmp_path / "registry.yaml"
    layer.write_text(REGISTRY)
    guide = guide_of(ROOT / f"examples/{example}/site.yaml", tmp_path, layer)
    own = [line for line in commands(guide) if line.startswith("botlab ")]
    assert len(own) == 4
    for line in own:
        build_parser().parse_args(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize(("juju", "verb"), [("2.9", "sync-tools"), ("3.6", "sync-agent-binary")])
def test_each_command_for_a_service_can_be_copied(tmp_path: Path, juju: str, verb: str) -> None:
    """The steps for the agents are two commands, and no sentence between them."""
    layer = tmp_path / "layer.yaml"
    layer.write_text(f"{REGISTRY}juju: '{juju}'\n")
    example = "air-gapped" if juju == "2.9" else "mirrors"
    guide = guide_of(ROOT / f"examples/{example}/site.yaml", tmp_path, layer)
    option = "--version" if juju == "2.9" else "--agent-version"
    agents = f"- agents of Juju: `juju {verb} {option}={juju} --local-dir=juju`\n"
    controller = (
        "- controller of Juju with these agents: `juju bootstrap --metadata-source juju`\n"
    )
    assert agents + controller in guide
    spans = re.findall(r"`([^`]+)`", guide)
    assert not [span for span in spans if "; then" in span]


def test_layers_and_the_models_options_are_in_the_commands(tmp_path: Path) -> None:
    layer = tmp_path / "registry.yaml"
    layer.write_text(REGISTRY)
    lines = commands(guide_of(ROOT / "examples/mirrors/site.yaml", tmp_path, layer))
    options = "--layer layers/1-registry.yaml --layer offline.yaml"
    assert f"botlab render site.yaml {options} -o bundle.yaml" in lines
    (model,) = [index for index, line in enumerate(lines) if line.startswith("juju model-config")]
    assert lines[model - 1].startswith("juju add-model ")
    assert lines[model + 1 :] == ["juju deploy ./bundle.yaml", f"botlab wait site.yaml {options}"]


def test_overlay_and_its_file_are_deployed(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"{EXAMPLE.read_text()}overlays: [./over lay.yaml]\n")
    overlay = "applications: {etcd: {options: {nagios_context: lab}}}\n"
    (tmp_path / "over lay.yaml").write_text(overlay)
    guide = guide_of(site, tmp_path)
    assert "juju deploy ./bundle.yaml --overlay './over lay.yaml'" in commands(guide)


def test_password_of_a_proxy_is_not_in_the_guide(tmp_path: Path) -> None:
    layer = tmp_path / "proxy.yaml"
    layer.write_text(f"{REGISTRY}proxy: {{http: 'http://bob:hidden@proxy.lab.example:3128'}}\n")
    guide = guide_of(EXAMPLE, tmp_path, layer)
    assert "hidden" not in guide
    assert "Configure the model with the command that `botlab render` prints." in guide


def guide_with(*items: Item) -> str:
    """Return the guide of a kit that lacks some items."""
    entries = tuple(ItemEntry(item, included=False) for item in items)
    manifest = Manifest("1", "lab", "2.9", "k8s-1.13", (), entries)
    return guide_text(manifest, assess(Request(file=EXAMPLE)), ())


def test_images_that_nobody_named_need_another_kit() -> None:
    """They have no path at which they could be added."""
    images = Item(Kind.IMAGE, "images of k8s", "name them in a file with --images FILE")
    guide = guide_with(images)
    assert "Make another kit where there is internet access, after you have done this:" in guide
    assert "\n- images of k8s: name them in a file with --images FILE\n" in guide
    assert "Put these files" not in guide
    snap = Item(Kind.SNAP, "core", "snap download core", path="snaps/core.snap")
    guide = guide_with(images, snap)
    assert guide.index("- snap core (`snaps/core.snap`)") < guide.index("Make another kit where")


def test_missing_file_beside_the_site_file_needs_no_directory() -> None:
    guide = guide_with(Item(Kind.RESOURCE, "b of tiny", "curl -fLo b.tgz x", path="b.tgz"))
    assert "mkdir" not in guide


def test_text_of_the_site_is_no_markup() -> None:
    """The name of a file of the site is in the list of what is missing."""
    item = Item(Kind.CHARM, "a<b>*x*", "pack <it>", path="charms/`x.charm")
    guide = guide_with(item)
    assert r"- charm a\<b\>\*x\* (``charms/`x.charm``): pack \<it\>" in guide
