"""Directories with profiles, for tests."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "bundle-templates"
SMALLEST = """\
name: mine
extends: charmed-k8s
title: ours
"""
# A profile that extends nothing: one application, which needs a template and a catalogue file.
COMPLETE = """\
name: mine
title: ours
kubernetes: "1.35"
releases: ["1.35"]
series: noble
juju: ["3.6"]
source: charmhub
control-plane: k8s
worker: ""
required-roles: {control-plane: 1}
applications:
  k8s: {role: control-plane}
"""
TEMPLATE = """\
{% import "common/macros.j2" as m with context %}
default-base: {{ default_base | q }}
applications:
{% call m.application("k8s") %}{% endcall %}
{{ m.own_applications() }}
{{ m.machines() }}
relations:
{{ m.own_relations() }}
"""
FACTS = """\
name: k8s
series: [noble]
endpoints:
  juju-info-of-mine: {role: requires, interface: juju-info, scope: container}
"""


def write_profile(
    directory: Path,
    profile: str = SMALLEST,
    *,
    template: str = "",
    charms: dict[str, str] | None = None,
    name: str = "mine",
) -> Path:
    """Write a profile below a directory, and return its own directory.

    Args:
        directory: The directory of all profiles.
        profile: The text of ``profile.yaml``; empty for no such file.
        template: The text of the template; empty for none.
        charms: The texts of the catalogue files, by charm.
        name: The name of the profile's directory.
    """
    home = directory / name
    (home / "catalogue").mkdir(parents=True)
    files = {"profile.yaml": profile, "bundle.yaml.j2": template}
    files |= {f"catalogue/{charm}.yaml": text for charm, text in (charms or {}).items()}
    for file, text in files.items():
        if text:
            (home / file).write_text(text, encoding="utf-8")
    return home


def copy_profile(directory: Path, name: str) -> Path:
    """Copy a profile of this project under the name ``my-NAME``, and return its directory."""
    home = directory / f"my-{name}"
    shutil.copytree(TEMPLATES / name, home)
    file = home / "profile.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"name: {name}\n", f"name: my-{name}\n"), encoding="utf-8")
    return home
