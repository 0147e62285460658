"""The overlays of a site get files of the kit for what they take from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.file_output import output_of
from botlab.kit.collect import make_kit
from botlab.kit.errors import KitError
from botlab.kit.items import Item, Kind
from botlab.kit.staging import Staged, stage
from helpers.kit_files import charm_files, packed_charm, zip_archive
from helpers.kits import EXAMPLE, ROOT, Downloads, kit_items, kit_request, unpack
from helpers.kubeconfigs import kubeconfig_text

REGISTRY = "kubernetes: {registry: 'registry.lab.example:5000'}\n"
RELEASES = ("2.6", "2.9")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "staging"
    path.mkdir()
    return path


def site_with(home: Path, overlay: str, juju: str = "2.9") -> Path:
    """Write the air-gapped example with an overlay in a directory of its own."""
    site = home / "site.yaml"
    text = EXAMPLE.read_text().replace('juju: "2.9"', f'juju: "{juju}"')
    site.write_text(f"{text}overlays: [./more/x.yaml]\n")
    (home / "more").mkdir()
    (home / "more/x.yaml").write_text(overlay)
    return site


def own_overlay(stage: Staged) -> dict[str, object]:
    """Return the applications of the overlay that the kit adds."""
    text = stage.files.get("offline-overlay.yaml", b"{applications: {}}")
    return yaml.safe_load(text)["applications"]


def charms(items: list[Item]) -> dict[str, Item]:
    return {item.path: item for item in items if item.kind is Kind.CHARM}


def test_charm_of_an_overlay_becomes_a_file(tmp_path: Path, directory: Path) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text(REGISTRY)
    site = ROOT / "examples/observability/site.yaml"
    stage_ = stage(Request(site, layers=[layer]), directory)
    changes = {"charm": "./charms/opentelemetry-collector.charm", "channel": ""}
    assert own_overlay(stage_) == {"opentelemetry-collector": changes}
    assert stage_.assessment.site is not None
    assert stage_.assessment.site.overlays == ["./overlays/cos.yaml", "./offline-overlay.yaml"]
    again = tmp_path / "again"
    again.mkdir()
    item = charms(kit_items(site, again, layer))["charms/opentelemetry-collector.charm"]
    assert (item.content, item.version) == ("opentelemetry-collector", "2/stable")
    assert item.get == (
        "juju download opentelemetry-collector --channel=2/stable --arch=amd64"
        " --base=ubuntu@24.04 --filepath=charms/opentelemetry-collector.charm"
    )


VAULT = {
    "metadata.yaml": "{name: vault, provides: {certificates: {interface: tls-certificates}}}",
    "config.yaml": "options: {auto-generate-root-ca-cert: {type: boolean, default: false}}",
    "manifest.yaml": "bases: [{name: ubuntu, channel: '24.04', architectures: [amd64]}]",
}


def test_kit_of_a_site_with_an_overlay_has_all_files(tmp_path: Path, directory: Path) -> None:
    layer = tmp_path / "layer.yaml"
    layer.write_text(REGISTRY)
    site = ROOT / "examples/vault/site.yaml"
    # A file with a digest in a release table cannot have a stand-in.
    items = [item for item in kit_items(site, directory, layer) if "manifest" not in item.name]
    downloads = Downloads(tmp_path / "downloads", items)
    (tmp_path / "downloads/charms/vault.charm").write_bytes(zip_archive(VAULT))
    kit = downloads.make_kit(site, tmp_path / "lab.tar", layer, partial=True)
    top = unpack(kit, tmp_path / "unpacked")
    guide = (top / "INSTALL.md").read_text()
    command = "botlab validate site.yaml --layer layers/1-layer.yaml --layer offline.yaml\n"
    assert command in guide
    assert " --overlay ./overlays/vault.yaml --overlay ./offline-overlay.yaml\n" in guide
    layers = [top / "layers/1-layer.yaml", top / "offline.yaml"]
    findings = assess(Request(top / "site.yaml", layers=layers)).findings
    missing = [f.message for f in findings if f.id in ("BL015", "BL084")]
    assert [text for text in missing if "resource manifest" not in text] == []


@pytest.mark.parametrize("juju", RELEASES)
def test_charm_and_resources_of_a_store_become_files(
    tmp_path: Path, directory: Path, juju: str
) -> None:
    overlay = """
applications:
  tiny: {charm: "cs:tiny-3", num_units: 1, to: ["0"], resources: {a: 3, b: /srv/b.tgz, c: ./c}}
"""
    assert own_overlay(stage(Request(site_with(tmp_path, overlay, juju)), directory)) == {
        "tiny": {
            "charm": "./charms/tiny.charm",
            "resources": {"a": "./resources/tiny/a", "b": "./resources/tiny/b.tgz"},
        }
    }


@pytest.mark.parametrize("juju", RELEASES)
def test_overlay_can_change_the_charm_of_the_site(
    tmp_path: Path, directory: Path, juju: str
) -> None:
    overlay = 'applications: {etcd: {charm: "cs:etcd-99", resources: {etcd: 4}}}'
    items = kit_items(site_with(tmp_path, overlay, juju), directory)
    assert charms(items)["charms/etcd.charm"].version == "cs:etcd-99"
    (resource,) = [item for item in items if item.name == "etcd of etcd"]
    assert (resource.path, resource.version) == ("resources/etcd/etcd.snap", "revision 4")


@pytest.mark.parametrize("juju", RELEASES)
def test_overlay_can_remove_an_application(tmp_path: Path, directory: Path, juju: str) -> None:
    items = kit_items(site_with(tmp_path, "applications: {flannel: }", juju), directory)
    assert "charms/flannel.charm" not in charms(items)


def test_completed_kit_can_be_made_again(tmp_path: Path, directory: Path) -> None:
    """From the directory that it was unpacked into, which has its own overlay already."""
    overlay = 'applications: {tiny: {charm: "cs:tiny-3", num_units: 1, to: ["0"]}}'
    (tmp_path / "lab").mkdir()
    site = site_with(tmp_path / "lab", overlay)
    downloads = Downloads(tmp_path / "downloads", kit_items(site, directory))
    (tmp_path / "downloads/charms/tiny.charm").unlink()
    kit = downloads.make_kit(site, tmp_path / "lab.tar", partial=True)
    top = unpack(kit, tmp_path / "unpacked")
    (top / "charms/tiny.charm").write_bytes(packed_charm("tiny"))
    request = kit_request(top / "site.yaml", top / "offline.yaml", source=str(top))
    manifest = make_kit(request, output_of(tmp_path / "again.tar"))
    assert manifest.missing == []
    assert "offline-overlay.yaml" in {file.path for file in manifest.files}


def test_name_of_the_kits_own_overlay_is_refused_if_the_kit_has_one(
    tmp_path: Path, directory: Path
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"{EXAMPLE.read_text()}overlays: [./offline-overlay.yaml]\n")
    overlay = 'applications: {tiny: {charm: "cs:tiny-3", num_units: 1, to: ["0"]}}'
    (tmp_path / "offline-overlay.yaml").write_text(overlay)
    with pytest.raises(KitError) as raised:
        stage(Request(site), directory)
    assert raised.value.reasons == [
        "overlays[0]: offline-overlay.yaml is a file of this kit; rename the file of the site"
    ]


def test_charm_of_a_removed_application_is_needed_since_juju_3(
    tmp_path: Path, directory: Path
) -> None:
    """Juju verifies the bundle before it reads overlays, and looks for the file."""
    site = tmp_path / "site.yaml"
    text = (ROOT / "examples/nas/site.yaml").read_text()
    site.write_text(f"{text}overlays: [./x.yaml]\n")
    (tmp_path / "x.yaml").write_text("applications: {filesystem-client: }\n")
    item = charms(kit_items(site, directory))["charms/filesystem-client.charm"]
    assert item.get.startswith("juju download filesystem-client --channel=")


def test_file_beside_an_overlay_moves_into_the_kit(tmp_path: Path, directory: Path) -> None:
    """Since Juju 2.7, the paths of an overlay start at its own directory."""
    overlay = "applications: {tiny: {charm: ./charms/tiny.charm, num_units: 1, to: ['0']}}"
    site = site_with(tmp_path, overlay)
    (tmp_path / "more/charms").mkdir()
    (tmp_path / "more/charms/tiny.charm").write_bytes(packed_charm("tiny"))
    item = charms(kit_items(site, directory))["charms/tiny.charm"]
    assert item.local == tmp_path / "more/charms/tiny.charm"


def test_files_of_an_overlay_are_items(tmp_path: Path, directory: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"{EXAMPLE.read_text()}overlays: [./more.yaml]\n")
    (tmp_path / "more.yaml").write_text("""
applications:
  tiny: {charm: ./charms/tiny.charm, num_units: 1, to: ["0"], resources: {blob: ./blob.tgz}}
""")
    items = {(item.kind, item.name): item for item in kit_items(site, directory)}
    assert items[Kind.CHARM, "tiny"].path == "charms/tiny.charm"
    assert items[Kind.RESOURCE, "blob of tiny"].path == "blob.tgz"


def test_revisions_of_one_charm_have_different_files(tmp_path: Path, directory: Path) -> None:
    overlay = """
applications:
  one: {charm: "cs:tiny-3", num_units: 1, to: ["0"]}
  two: {charm: "cs:tiny-4", num_units: 1, to: ["0"]}
  three: {charm: "cs:tiny-4", num_units: 1, to: ["1"]}
"""
    items = charms(kit_items(site_with(tmp_path, overlay), directory))
    versions = {path: item.version for path, item in items.items() if "tiny" in path}
    assert versions == {
        "charms/tiny_one.charm": "cs:tiny-3",
        "charms/tiny_two.charm": "cs:tiny-4",
        "charms/tiny_three.charm": "cs:tiny-4",
    }
    assert items["charms/tiny_one.charm"].content == "tiny"


@pytest.mark.parametrize("juju", RELEASES)
def test_included_files_are_in_the_kit(tmp_path: Path, directory: Path, juju: str) -> None:
    site = site_with(
        tmp_path, "applications: {etcd: {options: {nagios_context: include-file://a}}}", juju
    )
    option = "    options:\n      labels: include-file://b\n"
    site.write_text(site.read_text().replace("    options:\n", option, 1))
    (tmp_path / "more/a").write_text("overlay")
    (tmp_path / "b").write_text("site")
    files = stage(Request(site), directory).files
    assert (files["more/a"], files["b"]) == (b"overlay", b"site")


@pytest.mark.parametrize("place", ["lab/shared", "shared"])
def test_included_file_of_a_linked_overlay_is_in_the_kit(
    tmp_path: Path, directory: Path, place: str
) -> None:
    """The paths of the overlay start at the directory of its file, and not at the link."""
    (tmp_path / "lab").mkdir()
    site = site_with(tmp_path / "lab", "")
    shared = tmp_path / place
    shared.mkdir()
    (shared / "text").write_text("shared")
    overlay = "applications: {etcd: {options: {nagios_context: include-file://text}}}"
    (shared / "x.yaml").write_text(overlay)
    (tmp_path / "lab/more/x.yaml").unlink()
    (tmp_path / "lab/more/x.yaml").symlink_to(shared / "x.yaml")
    assert stage(Request(site), directory).files["more/text"] == b"shared"


@pytest.mark.parametrize("juju", RELEASES)
def test_kubeconfig_of_an_overlay_is_not_put_into_a_kit(
    tmp_path: Path, directory: Path, juju: str
) -> None:
    """Not even by an absolute path, at which the lab would not have it."""
    (tmp_path / "admin.conf").write_text(kubeconfig_text())
    value = f"include-file://{tmp_path}/admin.conf"
    site = site_with(
        tmp_path, f"applications: {{metallb: {{options: {{kubeconfig: '{value}'}}}}}}", juju
    )
    with pytest.raises(KitError) as raised:
        stage(Request(site), directory)
    assert any("which a kit must not have" in reason for reason in raised.value.reasons)


def test_directory_of_a_charm_in_an_overlay_is_packed(tmp_path: Path, directory: Path) -> None:
    site = site_with(tmp_path, "applications: {etcd: {charm: ./etcd}}")
    (tmp_path / "more/etcd").mkdir()
    for name, text in charm_files("etcd"):
        (tmp_path / "more/etcd" / name).write_text(text)
    item = charms(kit_items(site, directory))["charms/etcd.charm"]
    assert item.get == f"pack the directory {tmp_path}/more/etcd (charmcraft pack) to {item.path}"
