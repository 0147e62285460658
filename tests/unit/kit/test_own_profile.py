"""A kit of a site with a profile of one's own has the profile in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request
from botlab.errors import BotlabError
from botlab.kit.guide import guide_text
from botlab.kit.items import Item, Kind
from botlab.kit.manifest import Manifest
from botlab.kit.needs import lab_items
from botlab.kit.staging import Staged, stage
from botlab.own_profiles.reader import read_library
from helpers.kits import kit_items
from helpers.own_profiles import SMALLEST, copy_profile, write_profile

EXAMPLES = Path(__file__).parents[3] / "examples"
_SITE = """\
site: lab
juju: "3.6"
kubernetes: {profile: %s, registry: "registry.lab.example:5000"}
machines:
  control0: {tags: [control0], roles: [easyrsa, etcd, control-plane], addresses: [10.20.0.10]}
  worker0: {tags: [worker0], roles: [worker], addresses: [10.20.0.30]}
networks:
  lan: {cidr: 10.20.0.0/24}
"""


def staged(directory: Path, profile: str, further: str = "") -> Staged:
    """Return a site of a profile, which may have further keys, in the layout of a kit."""
    site, target = directory / "site.yaml", directory / "kit"
    site.write_text(_SITE % profile + further, encoding="utf-8")
    target.mkdir()
    return stage(Request(site, profiles=read_library(directory / "profiles")), target)


def images(kit: Staged) -> list[Item]:
    """Return the images of a lab."""
    return [item for item in lab_items(kit, ()) if item.kind is Kind.IMAGE]


def test_extending_profile_is_in_the_kit(tmp_path: Path) -> None:
    """The lab renders the same bundle with it; the images are those of the extended profile."""
    text = f"{SMALLEST}applications:\n  easyrsa: {{channel: 1.34/edge}}\n"
    home = write_profile(tmp_path / "profiles", text)
    catalogue = home / "catalogue/easyrsa.yaml"
    facts = Path(__file__).parents[3] / "bundle-templates/charmed-k8s/catalogue/easyrsa.yaml"
    catalogue.write_bytes(facts.read_bytes())

    kit = staged(tmp_path, "mine")

    assert kit.options == ["--layer", "offline.yaml", "--profiles", "profiles"]
    assert kit.files["profiles/mine/profile.yaml"].decode() == text
    assert kit.files["profiles/mine/catalogue/easyrsa.yaml"] == catalogue.read_bytes()
    assert [path for path in kit.files if path.startswith("profiles/")] == [
        "profiles/mine/profile.yaml", "profiles/mine/catalogue/easyrsa.yaml"
    ]  # fmt: skip
    bundle = yaml.safe_load(kit.files["bundle.yaml"])
    assert bundle["applications"]["easyrsa"]["charm"] == "./charms/easyrsa.charm"
    assert "ghcr.io/canonical/cdk/pause:3.9" in [image.name for image in images(kit)]


def test_guide_reads_the_profile_of_the_kit(tmp_path: Path) -> None:
    write_profile(tmp_path / "profiles")
    kit = staged(tmp_path, "mine")
    guide = guide_text(Manifest("1", "lab", "3.6", "mine", (), ()), kit.assessment, kit.options)
    for command in ("validate site.yaml", "render site.yaml", "wait site.yaml"):
        assert f"botlab {command} --layer offline.yaml --profiles profiles" in guide


def test_profile_with_its_own_needs(tmp_path: Path) -> None:
    """They replace those of the extended profile."""
    home = write_profile(tmp_path / "profiles")
    needs = 'images: {"1.35": [{pull: "mine/pause:1", for: containerd}]}\nregistry: r.example\n'
    (home / "offline.yaml").write_text(needs, encoding="utf-8")

    kit = staged(tmp_path, "mine")

    assert [image.name for image in images(kit)] == ["r.example/mine/pause:1"]
    assert kit.files["profiles/mine/offline.yaml"].decode() == needs


def test_copied_profile_has_the_same_items(tmp_path: Path) -> None:
    copy_profile(tmp_path / "profiles", "charmed-k8s")
    write_profile(tmp_path / "profiles")
    kit = staged(tmp_path, "my-charmed-k8s")
    (tmp_path / "kit").rename(tmp_path / "first")
    extended = staged(tmp_path, "mine")
    assert lab_items(kit, ()) == lab_items(extended, ())
    assert "profiles/my-charmed-k8s/bundle.yaml.j2" in kit.files
    assert "profiles/mine/profile.yaml" not in kit.files


def test_profile_without_needs_lacks_its_images(tmp_path: Path) -> None:
    """Otherwise a kit without them would seem to be complete."""
    home = copy_profile(tmp_path / "profiles", "charmed-k8s")
    (home / "offline.yaml").unlink()

    kit = staged(tmp_path, "my-charmed-k8s")

    (image,) = images(kit)
    assert image.name == "images of the cluster's charms"
    assert image.get == (
        "list them in offline.yaml of the profile (images: {} if there are none), or in a file for"
        " --images"
    )
    further = [item for item in lab_items(kit, ["mine:1"]) if item.kind is Kind.IMAGE]
    assert [item.name for item in further] == ["docker.io/library/mine:1"]


def with_needs(directory: Path, needs: str, further: str = "") -> Staged:
    """Return a site of a profile with an ``offline.yaml`` in the layout of a kit."""
    home = write_profile(directory / "profiles")
    (home / "offline.yaml").write_text(needs, encoding="utf-8")
    return staged(directory, "mine", further)


def test_needs_without_a_list_of_images_lack_them(tmp_path: Path) -> None:
    """A kit without images would seem to be complete."""
    kit = with_needs(tmp_path, "packages: {containerd: [containerd]}\n")

    assert [image.name for image in images(kit)] == ["images of the cluster's charms"]


def test_needs_with_an_empty_list_of_images_lack_none(tmp_path: Path) -> None:
    assert images(with_needs(tmp_path, "images: {}\n")) == []


@pytest.mark.parametrize(
    ("image_list", "place"),
    [("", ""), ("image-list: the wiki\n", "; they are in the wiki")],
)
def test_release_without_images_names_the_list_only_if_there_is_one(
    tmp_path: Path, image_list: str, place: str
) -> None:
    needs = f'images: {{"1.34": [{{pull: "a/b:1", for: calico}}]}}\n{image_list}'
    (image,) = images(with_needs(tmp_path, needs))

    assert image.name == "images of Kubernetes 1.35"
    assert image.get == f"name them in a file with --images FILE{place}"


@pytest.mark.parametrize(
    ("registry", "pull", "name", "target"),
    [
        ("r.example/x", "a/b:1", "r.example/x/a/b:1", "a/b:1"),
        ("r.example/x", "b:1", "r.example/x/b:1", "b:1"),
        ("r.example/x", "quay.io/a/b:1", "quay.io/a/b:1", "a/b:1"),
        ('""', "a/b:1", "docker.io/a/b:1", "a/b:1"),
        ('""', "b-{arch}:1", "docker.io/library/b-amd64:1", "library/b-amd64:1"),
    ],
)
def test_registry_is_that_of_the_images_whose_names_begin_with_none(
    tmp_path: Path, registry: str, pull: str, name: str, target: str
) -> None:
    needs = f'images: {{"1.35": [{{pull: "{pull}", for: calico}}]}}\nregistry: {registry}\n'
    (image,) = images(with_needs(tmp_path, needs))

    assert (image.name, image.target) == (name, f"registry.lab.example:5000/{target}")
    assert f" docker://{name} " in image.get


@pytest.mark.parametrize("charm", ["calico", "etcd"])
def test_snap_without_a_known_channel_is_downloaded_from_its_default(
    tmp_path: Path, charm: str
) -> None:
    """The charm calico has no option `channel`, and that of etcd is `auto`."""
    layer = "applications: {etcd: {options: {channel: auto}}}\n"
    needs = f"images: {{}}\nsnaps: [{{name: calicoctl, channel: '{{channel}}', for: {charm}}}]\n"
    kit = with_needs(tmp_path, needs, layer)

    (snap,) = (item for item in lab_items(kit, ()) if item.kind is Kind.SNAP)
    assert snap.get == "snap download calicoctl --basename=calicoctl --target-directory=snaps"


@pytest.mark.parametrize(
    ("file", "commands"),
    [
        ("etcd.snap", "snap download mine --channel=1.35-lab/stable --basename=etcd"
         " --target-directory=resources/easyrsa"),
        ("etcd.tar.gz", "snap download mine --channel=1.35-lab/stable --basename=mine"
         " --target-directory=resources/easyrsa"
         " && tar -C resources/easyrsa -czf resources/easyrsa/etcd.tar.gz mine.snap"),
        ("etcd", "snap download mine --channel=1.35-lab/stable --basename=mine"
         " --target-directory=resources/easyrsa"
         " && mv resources/easyrsa/mine.snap resources/easyrsa/etcd"),
    ],
)  # fmt: skip
def test_snap_of_a_resource_becomes_the_file_of_the_resource(
    tmp_path: Path, file: str, commands: str
) -> None:
    """The commands can be copied as they are."""
    source = f"{{snap: mine, channel: '{{release}}-lab/stable', file: {file}}}"
    kit = with_needs(tmp_path, f"images: {{}}\nresources: {{easyrsa: {{easyrsa: {source}}}}}\n")

    (item,) = (item for item in lab_items(kit, ()) if item.name == "easyrsa of easyrsa")
    assert (item.path, item.get) == (f"resources/easyrsa/{file}", commands)


def test_snap_of_canonical_kubernetes_has_the_channel_of_the_release(tmp_path: Path) -> None:
    """In the kit, the charm is a file, which has no channel."""
    items = kit_items(EXAMPLES / "canonical/site.yaml", tmp_path)

    (item,) = (item for item in items if item.name == "snap-installation of k8s")
    assert item.get.startswith("snap download k8s --channel=1.34-classic/stable --basename=k8s ")


def test_needs_with_faults_are_refused(tmp_path: Path) -> None:
    home = write_profile(tmp_path / "profiles")
    (home / "offline.yaml").write_text("snaps: [{name: etcd}]\nimage: {}\n", encoding="utf-8")

    with pytest.raises(BotlabError, match="the profiles have 3 errors"):
        staged(tmp_path, "mine")


def test_link_that_appears_after_the_check_is_not_in_the_kit(tmp_path: Path) -> None:
    """The kit reads the files again, and refuses the same links."""
    home = write_profile(tmp_path / "profiles")
    library = read_library(tmp_path / "profiles")
    (home / "parts.j2").symlink_to(tmp_path / "site.yaml")
    site, target = tmp_path / "site.yaml", tmp_path / "kit"
    site.write_text(_SITE % "mine", encoding="utf-8")
    target.mkdir()

    with pytest.raises(BotlabError, match="leads out of the directory"):
        stage(Request(site, profiles=library), target)


def test_link_within_the_profile_is_a_file_in_the_kit(tmp_path: Path) -> None:
    home = write_profile(tmp_path / "profiles")
    (home / "profile.yaml").rename(home / "text")
    (home / "profile.yaml").symlink_to("text")

    kit = staged(tmp_path, "mine")

    assert kit.files["profiles/mine/profile.yaml"].decode() == SMALLEST
    assert "profiles/mine/text" not in kit.files
