"""Each path of a kit has one file: the files of the site do not replace those of the kit."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.assessment import Request
from botlab.file_output import output_of
from botlab.kit.collect import collect, make_kit
from botlab.kit.errors import KitError
from botlab.kit.items import Item, Kind
from botlab.kit.layout import Layout
from botlab.kit.staging import Staged, stage
from helpers.kits import EXAMPLE, kit_request

OVERLAY = "applications: {etcd: {options: {nagios_context: lab}}}\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "staging"
    path.mkdir()
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "lab"
    path.mkdir()
    return path


def site_with(home: Path, *overlays: str, name: str = "lab.yaml") -> Path:
    """Write the air-gapped example with some overlays, and return its file."""
    for overlay in overlays:
        (home / overlay).parent.mkdir(parents=True, exist_ok=True)
        (home / overlay).write_text(OVERLAY)
    site = home / name
    names = ", ".join(f"{overlay!r}" for overlay in overlays)
    site.write_text(f"{EXAMPLE.read_text()}overlays: [{names}]\n")
    return site


def staged(site: Path, directory: Path, *layers: Path) -> Staged:
    return stage(Request(site, layers=layers), directory)


def reasons(site: Path, directory: Path, *layers: Path) -> list[str]:
    """Return why no kit can be made of a site. Nothing is written."""
    with pytest.raises(KitError) as raised:
        staged(site, directory, *layers)
    assert list(directory.iterdir()) == []
    return raised.value.reasons


OWN_FILES = (
    "bundle.yaml", "offline.yaml", "INSTALL.md", "kit.json",
    "SHA256SUMS", "load-images.sh",
)  # fmt: skip


def test_overlays_with_names_of_the_kit_are_all_refused(home: Path, directory: Path) -> None:
    overlays = [f"./{name}" for name in OWN_FILES]
    assert reasons(site_with(home, *overlays), directory) == [
        f"overlays[{index}]: {name} is a file of every kit; rename the file of the site"
        for index, name in enumerate(OWN_FILES)
    ]


def test_overlay_does_not_replace_the_site_file(home: Path, directory: Path) -> None:
    site = site_with(home, "./site.yaml")
    assert reasons(site, directory) == [
        "overlays[0]: site.yaml is the path of another file in the kit, for the site file;"
        " rename one"
    ]


def test_overlay_in_the_directory_of_the_layers_is_not_a_layer(
    home: Path, directory: Path
) -> None:
    layer = home / "more.yaml"
    layer.write_text("ignore: {}\n")
    stage = staged(site_with(home, "./layers/x.yaml"), directory, layer)
    assert stage.layers == ("layers/1-more.yaml",)
    assert stage.files["layers/x.yaml"] == OVERLAY.encode()


def test_overlay_does_not_replace_a_layer(home: Path, directory: Path) -> None:
    layer = home / "more.yaml"
    layer.write_text("ignore: {}\n")
    (reason,) = reasons(site_with(home, "./layers/1-more.yaml"), directory, layer)
    assert reason.startswith("overlays[0]: layers/1-more.yaml is the path of another file in the")


def test_layers_of_equal_names_are_both_in_the_kit(home: Path, directory: Path) -> None:
    layers = [home / "a/x.yaml", home / "b/x.yaml"]
    for layer in layers:
        layer.parent.mkdir()
        layer.write_text("ignore: {}\n")
    stage = staged(site_with(home), directory, *layers)
    assert stage.layers == ("layers/1-x.yaml", "layers/2-x.yaml")


@pytest.mark.parametrize("name", ["a b.yaml", "-x.yaml", "\u00e9.yaml", "e\u0301.yaml", "A;$(x)"])
def test_overlay_with_an_odd_name_keeps_it(home: Path, directory: Path, name: str) -> None:
    stage = staged(site_with(home, f"./{name}"), directory)
    assert stage.files[name] == OVERLAY.encode()


def test_parts_of_a_path_without_a_meaning_are_removed(home: Path, directory: Path) -> None:
    stage = staged(site_with(home, "././a//./b.yaml"), directory)
    assert stage.files["a/b.yaml"] == OVERLAY.encode()


def test_overlay_with_a_line_break_in_its_name_is_refused(home: Path, directory: Path) -> None:
    site = site_with(home)
    (home / "a\nb.yaml").write_text(OVERLAY)
    site.write_text(EXAMPLE.read_text() + 'overlays: ["a\\nb.yaml"]\n')
    assert reasons(site, directory) == [
        "overlays[0]: the path 'a\\nb.yaml' has a character that paths of a kit do not have;"
        " rename it"
    ]


def test_overlay_with_a_name_for_standard_input_is_refused(home: Path, directory: Path) -> None:
    (reason,) = reasons(site_with(home, "./-"), directory)
    assert reason == (
        "overlays[0]: the path '-' is a name that sha256sum reads as standard input; rename it"
    )


def test_overlay_is_in_the_kit_with_the_files_that_it_includes(
    home: Path, directory: Path
) -> None:
    site = site_with(home, "./overlays/motd.yaml")
    overlay = "applications: {etcd: {options: {nagios_context: include-file://text}}}\n"
    (home / "overlays/motd.yaml").write_text(overlay)
    (home / "overlays/text").write_text("true")
    files = staged(site, directory).files
    assert files["overlays/motd.yaml"] == overlay.encode()
    assert files["overlays/text"] == b"true"


def test_overlays_are_those_beside_the_file_of_a_link(home: Path, directory: Path) -> None:
    """All commands read them there."""
    site = site_with(home, "./x.yaml")
    link = home / "elsewhere/lab.yaml"
    link.parent.mkdir()
    link.symlink_to(site)
    (home / "elsewhere/x.yaml").write_text(OVERLAY.replace("lab", "other"))
    assert staged(link, directory).files["x.yaml"] == OVERLAY.encode()


@pytest.mark.parametrize("place", ["../motd.yaml", "{home}/motd.yaml", "x/../motd.yaml"])
def test_overlay_outside_the_site_is_refused(home: Path, directory: Path, place: str) -> None:
    overlay = place.replace("{home}", str(home))
    (reason,) = reasons(site_with(home, overlay), directory)
    assert reason.startswith(f"overlays[0]: {overlay} is outside the directory of the site file")
    assert reason.endswith("move it there, and write its path without `..`")


def test_file_and_directory_of_one_name_are_reported(home: Path, directory: Path) -> None:
    collected = collect(kit_request(site_with(home, "./charms")), directory)
    assert collected.problems == [
        "overlays[0]: charms is a file, but also the directory of another file of the kit;"
        " rename one of them"
    ]


def test_conflicts_and_faults_are_reported_together_and_nothing_is_written(home: Path) -> None:
    """Also those of the files that a directory has beside the items."""
    site = site_with(home, "./juju/x.yaml")
    source = home / "source"
    for name in ("juju/x.yaml", "juju/a\nb", "snaps/core.snap"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("other")
    request = kit_request(site, source=str(source), partial=True)
    with pytest.raises(KitError) as raised:
        make_kit(request, output_of(home / "lab.tar"))
    found = "\n".join(raised.value.reasons)
    assert len(raised.value.reasons) == 3
    for text in ("source/juju/x.yaml: juju/x.yaml is the",
                 "a\\nb' has a character", "snap core latest/stable"):  # fmt: skip
        assert text in found
    assert not list(home.glob("*.tar"))
    assert not list(home.glob(".botlab*"))


def test_file_of_the_site_can_be_a_file_of_the_source(home: Path, directory: Path) -> None:
    """As where the downloads are in the directory of the site."""
    site = site_with(home, "./juju/x.yaml")
    (home / "juju/agent.tgz").write_bytes(b"agent")
    collected = collect(kit_request(site, source=str(home)), directory)
    assert collected.problems == []
    assert "juju/agent.tgz" in collected.files


def test_files_of_different_sources_cannot_share_a_path() -> None:
    layout = Layout()
    charm = Item(Kind.CHARM, "etcd", "", version="3", path="charms/etcd.charm", content="etcd")
    assert layout.add(charm.path, charm.title, charm.source)
    assert layout.add(charm.path, "another application", charm.source)
    assert not layout.add(charm.path, "charm etcd 4", ("other",))
    assert layout.problems == [
        "charm etcd 4: charms/etcd.charm is the path of another file in the kit, for charm etcd 3;"
        " rename one"
    ]
