"""Facts about charms from their files and from a catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.catalogue.model import Endpoint, ManifestBase, Option, Storage
from botlab.catalogue.profiles import load_profile, own_charm
from botlab.catalogue.reader import charm_from_catalogue, read_charm
from botlab.errors import BotlabError
from helpers.charm_archives import write_archive
from helpers.refusals import charm


def test_facts_of_an_archive_include_limits_bases_resources_and_storage(tmp_path: Path) -> None:
    """With the defaults of Juju's library."""
    files = {
        "metadata.yaml": """
name: db
subordinate: true
series: [focal]
requires: {up: {interface: http, limit: 2, scope: container}, down: http}
resources: {file: {type: file, filename: f.tgz}, image: {type: oci-image}, other: {}}
storage:
  one: {type: filesystem}
  fixed: {type: block, multiple: {range: 3}}
  some: {type: block, multiple: {range: 1-4}}
  many: {type: block, multiple: {range: 2+}}
""",
        "manifest.yaml": """
bases:
- {name: ubuntu, channel: 22.04/stable, architectures: [amd64, arm64]}
- {name: ubuntu, channel: '24.04', architectures: [amd64]}
""",
    }

    facts = read_charm(write_archive(tmp_path / "db.charm", files))

    assert facts.endpoints == {
        "up": Endpoint("up", "requires", "http", "container", 2),
        "down": Endpoint("down", "requires", "http"),
    }
    assert facts.resource_types == {"file": "file", "image": "oci-image", "other": "file"}
    assert facts.resource_files == {"file": "f.tgz"}
    assert (facts.series, facts.bases) == (("focal",), ("ubuntu@22.04", "ubuntu@24.04"))
    assert facts.manifest == (
        ManifestBase("ubuntu", "22.04/stable", ("amd64", "arm64")),
        ManifestBase("ubuntu", "24.04", ("amd64",)),
    )
    assert facts.architectures == {"amd64", "arm64"}
    assert facts.storage == {
        "one": Storage("one", "filesystem", 1, 1),
        "fixed": Storage("fixed", "block", 3, 3),
        "some": Storage("some", "block", 1, 4),
        "many": Storage("many", "block", 2, None),
    }
    assert facts.has_lxd_profile is False


def test_sections_of_another_kind_than_expected_are_empty() -> None:
    """A charm is not rejected for a part that no rule needs."""
    facts = charm(
        "{name: 1, series: focal, resources: [a], storage: [b], provides: x, extra-bindings: y}",
        "options: {a: , b: {type: int}}",
        "bases: [ubuntu, {name: ubuntu, channel: 22.04}]",
    )

    assert (facts.name, facts.series, facts.resources, facts.extra_bindings) == ("1", (), (), ())
    assert (facts.storage, facts.endpoints) == ({}, {})
    assert [option.type for option in facts.options.values()] == ["string", "int"]
    assert facts.bases == ("ubuntu@22.04",)


def test_facts_that_a_catalogue_does_not_have_are_unknown() -> None:
    """They may be written into it."""
    facts = {"name": "a", "endpoints": {}, "options": {}, "storage": ["data"]}
    limited = {"db": {"role": "requires", "interface": "pg", "limit": 1}}

    plain = charm_from_catalogue(facts)
    full = charm_from_catalogue({**facts, "endpoints": limited, "lxd-profile": True})

    assert (plain.manifest, plain.has_lxd_profile, plain.storage_is_exact) == (None, None, False)
    assert plain.storage == {"data": Storage("data")}
    assert full.has_lxd_profile is True
    assert full.endpoints["db"].limit == 1


def test_charmcraft_yaml_holds_the_facts_of_the_other_files(tmp_path: Path) -> None:
    """A project of charmcraft may have no other file."""
    (tmp_path / "charmcraft.yaml").write_text("""
name: db
provides: {pg: {interface: pg, optional: true}}
config: {options: {port: {type: int, default: 5}}}
""")

    facts = read_charm(tmp_path)

    assert (facts.name, facts.endpoints) == ("db", {"pg": Endpoint("pg", "provides", "pg")})
    assert facts.options == {"port": Option("port", "int", 5)}


def test_options_in_charmcraft_yaml_have_the_types_of_config_yaml(tmp_path: Path) -> None:
    (tmp_path / "charmcraft.yaml").write_text("{name: db, config: {options: [port]}}")

    with pytest.raises(BotlabError) as raised:
        read_charm(tmp_path)

    file = tmp_path / "charmcraft.yaml"
    assert str(raised.value) == f"{file}: config: options must be a mapping of mappings"


def test_charm_needs_a_name(tmp_path: Path) -> None:
    """Juju needs it, too."""
    archive = write_archive(tmp_path / "x.charm", {"config.yaml": "options: {}"})

    with pytest.raises(BotlabError, match=r"x\.charm: is not a charm, because neither metadata"):
        read_charm(archive)


def test_option_of_a_later_release_is_left_out() -> None:
    """Without a release, the facts are those of the newest."""
    options = {"old": {"type": "string"}, "new": {"type": "int", "since": "1.33"}}
    facts = {"name": "k8s", "endpoints": {}, "options": options}

    assert list(charm_from_catalogue(facts, (1, 32)).options) == ["old"]
    assert list(charm_from_catalogue(facts, (1, 33)).options) == ["old", "new"]
    assert list(charm_from_catalogue(facts).options) == ["old", "new"]


def test_actions_have_the_names_of_their_parameters(tmp_path: Path) -> None:
    """A charm's own file has them, and so has a catalogue."""
    actions = (
        "verify: {params: {image: {type: string}, timeout: {}}}\nlist-gpus:\nodd: [1]\n7: {}\n"
    )
    files = {"metadata.yaml": "name: a", "actions.yaml": actions}
    facts = {"name": "a", "endpoints": {}, "options": {}, "actions": {"restore": ["name"]}}

    expected = {"verify": ("image", "timeout"), "list-gpus": (), "odd": (), "7": ()}
    assert read_charm(write_archive(tmp_path / "a.charm", files)).actions == expected
    assert charm_from_catalogue(facts).actions == {"restore": ("name",)}


def test_actions_can_be_in_charmcraft_yaml(tmp_path: Path) -> None:
    files = {"charmcraft.yaml": "name: a\nactions: {upgrade: {params: {force: {}}}}"}

    assert read_charm(write_archive(tmp_path / "a.charm", files)).actions == {
        "upgrade": ("force",)
    }


def test_own_charms_and_profiles_have_actions() -> None:
    assert own_charm("metallb").actions["sync-objects"] == ("force", "adopt")
    charms = load_profile("charmed-k8s").charms
    assert charms["etcd"].actions["snapshot"] == ("target", "keys-version")
    assert "pause" not in charms["kubernetes-worker"].actions
    assert "pause" in load_profile("k8s-1.13").charms["kubernetes-worker"].actions
