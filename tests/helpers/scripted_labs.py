"""A small lab on a scripted `juju` client."""

from __future__ import annotations

from pathlib import Path

from .scripted_juju import ScriptedJuju, machine_started, unit_status

RELEASES = ("2.6", "2.9", "3.6", "4.0")
_METADATA = "name: {name}\nsummary: A charm\nprovides: {{db: {{interface: db}}}}\n"
_CONFIG = """
options:
  size: {type: int, default: 3, description: A number}
  token: {type: string, default: "", description: A secret}
"""
_ACTIONS = """
verify:
  description: Check the unit.
  params: {deep: {type: boolean}}
"""
_BUNDLE = """
{base}
applications:
  store: {{charm: {prefix}store, num_units: 2, to: ["0", "1"]}}
  client: {{charm: {prefix}client, num_units: 1, to: ["0"]}}
machines: {{"0": {{}}, "1": {{}}}}
"""
_BASES = {"2.6": "series: bionic", "2.9": "series: focal"}


def scripted_client(directory: Path, release: str) -> ScriptedJuju:
    """Create a client for an empty model, with two charms in its store: store and client.

    Args:
        directory: A directory of the test.
        release: The release of Juju, one of ``RELEASES``.
    """
    juju = ScriptedJuju.create(directory, release)
    for name, endpoints in (("store", "provides"), ("client", "requires")):
        charm = directory / "charms" / name
        charm.mkdir(parents=True)
        metadata = _METADATA.format(name=name).replace("provides", endpoints)
        (charm / "metadata.yaml").write_text(metadata)
        (charm / "config.yaml").write_text(_CONFIG)
        (charm / "actions.yaml").write_text(_ACTIONS)
        juju.add_charm(name, charm)
    return juju


def write_bundle(juju: ScriptedJuju) -> Path:
    """Write the bundle of the lab, in the form of the client's release."""
    path = juju.home / "bundle.yaml"
    base = _BASES.get(juju.generation, "default-base: ubuntu@22.04")
    prefix = "cs:" if juju.generation in _BASES else ""
    path.write_text(_BUNDLE.format(base=base, prefix=prefix))
    return path


def scripted_lab(directory: Path, release: str) -> ScriptedJuju:
    """Create a client for a model whose two machines and three units are ready.

    Args:
        directory: A directory of the test.
        release: The release of Juju, one of ``RELEASES``.
    """
    juju = scripted_client(directory, release)
    juju.set_progress(None)
    juju.deploy(write_bundle(juju))
    ready = unit_status("*", "active", "Ready", agent="idle")
    juju.change(machine_started("*"), ready)
    return juju
