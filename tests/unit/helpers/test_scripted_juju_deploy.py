"""The scripted juju client deploys bundles as recorded, and as its release would."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.juju_records import RECORDS, pack_charms
from helpers.scripted_juju import ScriptedJuju
from helpers.scripted_sites import GENERATIONS, bundle_of, write_site

DEPLOY = RECORDS / "deploy"


def recorded_site(juju: ScriptedJuju, name: str) -> Path:
    """Write a recorded bundle with its charms below the home directory, and return it."""
    site = juju.home / "site"
    site.mkdir()
    pack_charms(site / "charms")
    bundle = site / "bundle.yaml"
    bundle.write_text((DEPLOY / f"{name}.yaml").read_text())
    return bundle


def recorded(name: str, bundle: Path) -> str:
    """Return a recorded text, with the directory of the bundle in place of ``/site``."""
    return (DEPLOY / name).read_text().replace("/site/", f"{bundle.parent}/")


def machines_of(juju: ScriptedJuju) -> dict[str, str]:
    """Return the machines of the principal units."""
    units = juju.snapshot()["models"]["botlab"]["units"]
    return {name: unit["machine"] for name, unit in units.items() if "machine" in unit}


@pytest.mark.parametrize("name", ["containers", "unit-placement", "nobase"])
def test_recorded_bundle_is_planned_and_deployed_as_recorded(name: str, tmp_path: Path) -> None:
    """Output of Juju 4.0.15, and the units on the machines that the output names."""
    juju = ScriptedJuju.create(tmp_path, "4.0")
    bundle = recorded_site(juju, name)

    planned = juju.run("deploy", str(bundle), "--dry-run")
    done = juju.run("deploy", str(bundle))

    assert planned.stdout == recorded(f"{name}.dry.out", bundle)
    expected = recorded(f"{name}.executed.txt", bundle).splitlines()
    messages = [line for line in expected if not line.startswith(("- ", "Executing"))]
    assert done.stdout.splitlines() == [line for line in expected if line not in messages]
    assert done.stderr.splitlines() == messages
    placed = [line.split()[3] for line in expected if line.startswith("- add unit")]
    assert sorted(machines_of(juju)) == sorted(placed)


def test_recorded_refusal_in_the_middle_of_a_deployment(tmp_path: Path) -> None:
    """Juju 4.0.15 refused a local subordinate for two architectures; what came before stays."""
    juju = ScriptedJuju.create(tmp_path, "4.0")
    juju.run("set-model-constraints", "arch=amd64")
    bundle = recorded_site(juju, "lab")
    message = recorded("lab.executed.err", bundle).splitlines()[-1].removeprefix("ERROR ")
    juju.fail_deploy_at("nvidia-runtime", message.removeprefix("cannot deploy bundle: "))

    done = juju.run("deploy", str(bundle))

    assert done.returncode == 1
    assert done.stdout == recorded("lab.executed.out", bundle)
    assert done.stderr == recorded("lab.executed.err", bundle)
    applications = juju.snapshot()["models"]["botlab"]["applications"]
    assert "nfs-server" in applications
    assert "nvidia-runtime" not in applications


@pytest.mark.parametrize("generation", GENERATIONS)
def test_second_dry_run_shows_only_what_differs(generation: str, tmp_path: Path) -> None:
    """From 2.9 on Juju repeats the line about an exposed application."""
    juju = ScriptedJuju.create(tmp_path, generation)
    bundle = write_site(juju)
    juju.deploy(bundle)
    options = ["--dry-run", "--map-machines", "existing"]
    same = juju.run("deploy", str(bundle), *options)
    write_site(juju, {"server": {"options": {"port": 9090}}})
    changed = juju.run("deploy", str(bundle), *options)

    expose = "- expose all endpoints of server and allow access from CIDRs 0.0.0.0/0 and ::/0"
    lines = [] if generation == "2.6" else [expose]
    head = ["Changes to deploy bundle:"]
    assert same.stdout.splitlines() == (head + lines if lines else [])
    assert changed.stdout.splitlines() == [
        *head,
        "- set application options for server",
        *lines,
    ]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_second_deployment_adds_what_is_missing(generation: str, tmp_path: Path) -> None:
    """Units of the bundle that exist are not added again; nothing is removed."""
    juju = ScriptedJuju.create(tmp_path, generation, has_planner=False)
    bundle = write_site(juju)
    juju.deploy(bundle)
    juju.run("add-unit", "client")
    juju.run("remove-unit", "server/1")

    juju.deploy(bundle, "--map-machines", "existing")

    machines = machines_of(juju)
    assert machines == {"client/0": "1", "client/1": "2", "server/0": "0", "server/2": "1/lxd/1"}


def test_second_deployment_without_an_architecture_is_refused_by_4_0(tmp_path: Path) -> None:
    """Seen with 4.0.15; the dry run passes."""
    juju = ScriptedJuju.create(tmp_path, "4.0")
    bundle = write_site(juju, {"client": {"constraints": ""}, "server": {"constraints": ""}})
    juju.deploy(bundle)

    planned = juju.run("deploy", str(bundle), "--dry-run", "--map-machines=existing")
    done = juju.run("deploy", str(bundle), "--map-machines=existing")

    charm = bundle.parent / "charms/client.charm"
    assert planned.returncode == 0
    assert (done.returncode, done.stderr) == (
        1,
        f'ERROR cannot deploy bundle: cannot deploy local charm at "{charm}": file does not '
        "exist\n",
    )


def test_machines_can_be_mapped(tmp_path: Path) -> None:
    """A machine of the model stands for one of the bundle."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    for _ in range(3):
        juju.run("add-machine")

    juju.deploy(write_site(juju), "--map-machines", "0=2,1=0")

    assert machines_of(juju) == {"client/0": "0", "server/0": "2", "server/1": "0/lxd/0"}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_overlays_change_the_bundle(generation: str, tmp_path: Path) -> None:
    """Members are merged, and a null application is left out with its relations."""
    juju = ScriptedJuju.create(tmp_path, generation, has_planner=False)
    bundle = write_site(juju)
    overlay = bundle.with_name("overlay.yaml")
    overlay.write_text("applications: {agent: null, server: {options: {debug: true}}}\n")

    juju.deploy(bundle, "--overlay", str(overlay))

    model = juju.snapshot()["models"]["botlab"]
    assert sorted(model["applications"]) == ["client", "server"]
    assert model["applications"]["server"]["options"] == {"port": 8080, "debug": True}


def test_only_2_6_ignores_the_further_documents_of_a_bundle(tmp_path: Path) -> None:
    """They are overlays from 2.7 on."""
    options = {}
    for generation in ("2.6", "2.9"):
        juju = ScriptedJuju.create(tmp_path / generation, generation, has_planner=False)
        bundle = write_site(juju)
        bundle.write_text(
            f"{bundle.read_text()}---\napplications: {{server: {{options: {{port: 1}}}}}}\n"
        )
        juju.deploy(bundle)
        applications = juju.snapshot()["models"]["botlab"]["applications"]
        options[generation] = applications["server"]["options"]

    assert options == {"2.6": {"port": 8080}, "2.9": {"port": 1}}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"to": ["7"]}, 'placement "7" refers to a machine not defined in this bundle'),
        ({"charm": "cs:client-1"}, 'cannot parse URL "cs:client-1": schema "cs" not valid'),
        (
            {"to": ["0", "1"]},
            'too many units specified in unit placement for application "client"',
        ),
    ],
)
@pytest.mark.parametrize("has_planner", [False, True])
def test_bundle_that_breaks_a_rule_is_refused(
    has_planner: bool, members: dict[str, Any], message: str, tmp_path: Path
) -> None:
    """Before any change, with or without the planner."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=has_planner)
    bundle = write_site(juju, {"client": members})

    done = juju.run("deploy", str(bundle))

    assert done.returncode == 1
    assert done.stderr.startswith(
        "ERROR cannot deploy bundle: the provided bundle has the following errors:\n"
    )
    assert message in done.stderr
    assert juju.snapshot()["models"]["botlab"]["applications"] == {}


def test_charms_are_checked_half_way(tmp_path: Path) -> None:
    """The client never verifies options; the controller refuses the application."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    bundle = write_site(juju, {"server": {"options": {"nosuch": 1}}})

    done = juju.run("deploy", str(bundle))

    assert done.stderr == 'ERROR cannot deploy bundle: unknown option "nosuch"\n'
    assert "client" in juju.snapshot()["models"]["botlab"]["applications"]


@pytest.mark.parametrize(("generation", "is_refused"), [("3.6", False), ("4.0", True)])
def test_juju_4_takes_packed_charms_only(
    generation: str, is_refused: bool, tmp_path: Path
) -> None:
    """A directory with the charm's files deploys up to 3.6."""
    juju = ScriptedJuju.create(tmp_path, generation, has_planner=False)
    bundle = write_site(juju, {"agent": {"charm": "./charms/agent"}})
    directory = bundle.parent / "charms/agent"
    with zipfile.ZipFile(directory.with_suffix(".charm")) as archive:
        archive.extractall(directory)

    done = juju.run("deploy", str(bundle))

    message = f"ERROR cannot deploy bundle: read {directory}: is a directory\n"
    assert done.returncode == int(is_refused)
    assert (message in done.stderr) == is_refused


def test_output_of_a_dry_run_can_be_queued(tmp_path: Path) -> None:
    """For one call each, in their order; the real deployment does not use them."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    bundle = str(write_site(juju))
    juju.queue_dry_run("Changes to deploy bundle:\n- one\n")
    juju.queue_dry_run("", "ERROR boom\n", 1)

    first = juju.run("deploy", bundle, "--dry-run")
    second = juju.run("deploy", bundle, "--dry-run")

    assert (first.returncode, first.stdout) == (0, "Changes to deploy bundle:\n- one\n")
    assert (second.returncode, second.stderr) == (1, "ERROR boom\n")
    assert juju.run("deploy", bundle).returncode == 0


def test_charms_of_the_store_are_defined_by_the_test(tmp_path: Path) -> None:
    """Endpoints and options are checked; a charm that is not defined takes everything."""
    juju = ScriptedJuju.create(tmp_path, "2.9", has_planner=False)
    endpoint = {"interface": "http", "role": "provider", "scope": "global"}
    juju.add_charm("web", endpoints={"api": endpoint}, options={"port": {"type": "int"}})
    body = bundle_of(is_juju2=True, changes={})
    body["applications"] = {
        "client": body["applications"]["client"],
        "any": {"charm": "cs:~me/any-3", "num_units": 1, "to": ["0"]},
        "web": {"charm": "web", "channel": "1/stable", "num_units": 1, "options": {"port": "80"}},
    }
    body["relations"] = [["client", "web"], ["any:x", "web:api"]]
    bundle = write_site(juju).with_name("store.yaml")
    bundle.write_text(yaml.safe_dump(body))

    juju.deploy(bundle)

    document = json.loads(juju.run("status", "--format", "json").stdout)
    applications = document["applications"]
    assert applications["web"]["charm-channel"] == "1/stable"
    assert applications["web"]["relations"] == {"api": ["any", "client"]}
    assert (applications["any"]["charm"], applications["any"]["charm-rev"]) == ("cs:~me/any-3", 3)
    assert juju.run("config", "web", "port").stdout == "80\n"
