"""The script that gives machines their tags, run by a shell with a stand-in for MAAS."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.inventory.dumps import Dump, inventory_of_dumps
from botlab.inventory.proposal import Proposal, propose
from botlab.inventory.roles import ProfileRoles
from botlab.inventory.selection import Filters
from botlab.inventory.tag_script import tag_script
from helpers.maas_dump import maas_machine
from helpers.maas_releases import RECORD, RELEASES, answer, machine

# It knows the tags in the file `tags`, one a line, and logs its calls.
_MAAS = """#!/bin/sh
echo "$@" >> calls
case "$2 $3" in
    "tag read") grep -qx "$4" tags ;;
    "tags create") echo "${4#name=}" >> tags ;;
    "tag update-nodes") [ -z "$REFUSED" ] || { echo refused >&2; exit 2; } ;;
    *) exit 2 ;;
esac
"""


def proposal_for(*names: str, tag: str = "rack") -> Proposal:
    """Return the proposal for machines that all have the same tag."""
    dump = Dump(answer([machine("3.6", name, tag) for name in names]), "m")
    return propose(inventory_of_dumps([dump], "m"), ProfileRoles(), Filters())


def run_script(
    directory: Path, script: str, *arguments: str, refused: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a script with a stand-in for the maas command."""
    (directory / "maas").write_text(_MAAS)
    (directory / "maas").chmod(0o755)
    (directory / "tags.sh").write_text(script)
    (directory / "tags").touch()
    environment = {"PATH": f"{directory}:/usr/bin:/bin", "REFUSED": refused}
    return subprocess.run(
        ["/bin/sh", "tags.sh", *arguments], cwd=directory, env=environment, text=True,
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def test_script_creates_each_tag_and_can_be_repeated(tmp_path: Path) -> None:
    """A tag that exists already is not created again."""
    script = tag_script("lab", proposal_for("node1", "node2"))
    ids = [host.system_id for host in proposal_for("node1", "node2").machines]
    (tmp_path / "tags").write_text("node2\n")

    ended = run_script(tmp_path, script, "admin")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "node1: has the tag node1\nnode2: has the tag node2\n"
    assert (tmp_path / "calls").read_text().splitlines() == [
        "admin tag read node1",
        "admin tags create name=node1 comment=Selects one machine for Juju",
        f"admin tag update-nodes node1 add={ids[0]}",
        "admin tag read node2",
        f"admin tag update-nodes node2 add={ids[1]}",
    ]
    assert run_script(tmp_path, script, "admin").returncode == 0
    assert "tags create" not in "".join((tmp_path / "calls").read_text().splitlines()[5:])


def test_script_without_a_profile_says_how_to_run_it(tmp_path: Path) -> None:
    ended = run_script(tmp_path, tag_script("lab", proposal_for("node1")))

    assert ended.returncode != 0
    assert "run this script as sh FILE PROFILE" in ended.stderr
    assert not (tmp_path / "calls").exists()


def test_script_stops_where_maas_refuses(tmp_path: Path) -> None:
    script = tag_script("lab", proposal_for("node1", "node2"))
    ended = run_script(tmp_path, script, "admin", refused="yes")

    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "refused\n")


_HOSTILE = "$(touch injected)`touch injected`'; touch injected\n"


@pytest.mark.parametrize(("field", "text"), [("hostname", _HOSTILE), ("tag_names", [_HOSTILE])])
def test_text_of_a_dump_runs_nothing(tmp_path: Path, field: str, text: object) -> None:
    """Names and tags have only letters, digits and hyphens."""
    hosts = [maas_machine("node1", "rack"), {**maas_machine("node2", "rack"), field: text}]
    dump = Dump(json.dumps(hosts), "m")
    proposal = propose(inventory_of_dumps([dump], "m"), ProfileRoles(), Filters())

    assert run_script(tmp_path, tag_script("lab", proposal), "admin").returncode == 0
    assert not (tmp_path / "injected").exists()


def test_script_for_machines_with_tags_does_nothing(tmp_path: Path) -> None:
    script = tag_script("lab", proposal_for("node1", tag="pin1"))

    assert "# Each machine has a tag of its own already." in script
    assert run_script(tmp_path, script, "admin").returncode == 0
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize("release", RELEASES)
def test_commands_of_the_script_exist(release: str) -> None:
    commands = RECORD[release]["commands"]
    assert "read" in commands["tag"]
    assert "update-nodes" in commands["tag"]
    assert "create" in commands["tags"]


@pytest.mark.parametrize("system_id", [None, "", _HOSTILE, "a b", "$x"])
def test_machine_without_a_valid_id_is_refused_before_anything_is_written(
    system_id: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump, site = tmp_path / "m.json", tmp_path / "lab.yaml"
    dump.write_text(json.dumps([{"hostname": "node1", "system_id": system_id}]))
    script = tmp_path / "tags.sh"
    arguments = ["init", "lab", "--maas", str(dump), "-o", str(site), "--tag-script", str(script)]

    assert main(arguments) == 2
    assert "has no valid system_id for node1" in capsys.readouterr().err
    assert not site.exists()
    assert not script.exists()
