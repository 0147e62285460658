"""The differences of two bundles, and the commands that they make necessary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from botlab.bundle.model import Bundle
from botlab.bundle.parse import BundleSource, parse_bundle
from botlab.catalogue.model import Charm, Option
from botlab.cli import main
from botlab.juju import Juju
from botlab.plan.difference import difference
from botlab.plan.option_commands import Command

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / "examples/botlab/bundle.yaml"

OLD = """
applications:
  a: {charm: "cs:a-1", num_units: 2, to: ["0", "1"], expose: true, options: {x: 1, password: p}}
  b: {charm: "cs:b-1", num_units: 1, to: ["1"]}
  sub: {charm: "cs:sub-1"}
machines: {"0": {}, "1": {}}
relations: [["a:one", "b:two"], ["a:juju-info", "sub:host"]]
"""
NEW = """
applications:
  a: {charm: "cs:a-2", num_units: 2, to: ["0", "lxd:0"], options: {password: q}}
  b: {charm: "cs:b-1", num_units: 1, to: ["0"]}
machines: {"0": {}}
"""


def read_bundle(text: str) -> Bundle:
    """Return the bundle of a text."""
    return parse_bundle(BundleSource(text, "t", ""), Juju.V2_9).bundle


def test_removals_become_commands_that_can_succeed_in_their_order() -> None:
    """Units are added before other units are removed, and machines are removed last."""
    commands = difference(read_bundle(OLD), read_bundle(NEW), Juju.V2_9).commands

    assert [command.command for command in commands] == [
        "juju config a --reset x",
        "juju unexpose a",
        "juju add-unit a --to lxd:0",
        "juju add-unit b --to 0",
        "juju remove-relation a:one b:two",
        "juju remove-unit a/1",
        "juju remove-unit b/0",
        "juju remove-application sub",
        "juju remove-machine 1",
    ]


@pytest.mark.parametrize("juju", list(Juju))
def test_units_without_placements_are_removed_from_the_highest_number_down(juju: Juju) -> None:
    """Units are numbered from 0."""
    old = read_bundle('applications: {a: {charm: "cs:a-1", num_units: 4}}')
    new = read_bundle('applications: {a: {charm: "cs:a-1", num_units: 2}}')

    assert difference(old, new, juju).commands == (
        Command("juju remove-unit a/3", "one unit less; choose the unit with juju status"),
        Command("juju remove-unit a/2", "one unit less; choose the unit with juju status"),
    )
    assert difference(new, old, juju).commands == ()


def application(units: int, *placements: str) -> Bundle:
    """Return a bundle with one application."""
    to = ", ".join(f'"{placement}"' for placement in placements)
    machines = ", ".join(f'"{number}": {{}}' for number in range(10))
    body = f'{{charm: "cs:a-1", num_units: {units}, to: [{to}]}}'
    return read_bundle(f"applications: {{a: {body}}}\nmachines: {{{machines}}}")


@pytest.mark.parametrize(
    ("old", "new", "commands"),
    [
        # Units beyond the placements are removed from the highest number down.
        ((4, "0", "1", "0"), (2, "0", "1"), ["remove-unit a/2", "remove-unit a/3"]),
        # Units on the same machine are different units.
        ((3, "0", "0", "1"), (1, "1"), ["remove-unit a/1", "remove-unit a/0"]),
        ((3, "2", "0", "1"), (2, "0", "1"), ["remove-unit a/0"]),
        # A unit without a placement may be anywhere, so that only the number counts.
        ((3, "0", "1", "2"), (1,), ["remove-unit a/0", "remove-unit a/1"]),
        ((3, "0", "1", "2"), (3,), []),
        # Juju places what it adds itself.
        ((1, "0"), (2, "0", "1"), []),
        ((1, "0"), (2, "1", "2"), ["add-unit a --to 2", "remove-unit a/0"]),
        ((2, "0", "1"), (2, "2", "3"), [
            "add-unit a --to 2", "add-unit a --to 3", "remove-unit a/0", "remove-unit a/1",
        ]),
        ((3, "0", "1", "2"), (2, "0", "3"), [
            "add-unit a --to 3", "remove-unit a/1", "remove-unit a/2",
        ]),
    ],
)  # fmt: skip
def test_commands_leave_the_units_of_the_new_bundle(
    old: tuple[Any, ...], new: tuple[Any, ...], commands: list[str]
) -> None:
    """Each unit is removed once, and as many as are too many."""
    changes = difference(application(*old), application(*new), Juju.V2_9)

    assert [change.command for change in changes.commands] == [f"juju {text}" for text in commands]


@pytest.mark.parametrize("juju", list(Juju))
def test_changed_options_are_set_before_a_deployment_with_juju_4(juju: Juju) -> None:
    text = "applications: {{a: {{charm: ch:a, options: {{{}}}}}}}"
    old = read_bundle(text.format("x: 1, y: no, same: 3, password: p"))
    new = read_bundle(text.format("x: 2, y: true, same: 3, password: q, z: '@f'"))
    reason = "Juju 4 cannot set options of a running application with a bundle"
    command = Command(
        "juju config a password=@FILE x=2 y=true z=@FILE",
        f"{reason}; @FILE is a file with the value of password or z",
        precedes_deploy=True,
    )
    assert difference(old, new, juju).commands == ((command,) if juju is Juju.V4_0 else ())
    assert difference(new, new, juju).commands == ()


@pytest.mark.parametrize("juju", list(Juju))
def test_option_that_the_bundle_no_longer_sets_gets_its_default_in_juju_4(juju: Juju) -> None:
    old = read_bundle("applications: {a: {charm: ch:a, options: {x: 1, y: true, none: 3, z: 4}}}")
    new = read_bundle("applications: {a: {charm: ch:a}}")
    options = {
        "x": Option("x", "int", 5),
        "y": Option("y", "boolean", False),
        "none": Option("none", "int"),
    }
    charm = Charm("a", options=options)
    never = "deploy never resets an option"
    later = f"{never}; in Juju 4 the charm notices it only later"
    commands = difference(old, new, juju, {"a": charm}).commands
    if juju is Juju.V4_0:
        why = f"{never}; in Juju 4 a reset would run no hook of the charm"
        assert commands == (
            Command("juju config a x=5 y=false", why),
            Command("juju config a --reset none,z", later),
        )
        assert difference(old, new, juju).commands == (
            Command("juju config a --reset none,x,y,z", later),
        )
    else:
        assert commands == (Command("juju config a --reset none,x,y,z", never),)


def test_values_of_secret_options_are_not_shown() -> None:
    """Only that such an option changed."""
    text = "\n".join(difference(read_bundle(OLD), read_bundle(NEW), Juju.V2_9).lines())

    assert "options.password (not shown) -> (not shown)" in text
    assert "application a: charm cs:a-1 -> cs:a-2" in text


def test_site_does_not_differ_from_its_rendered_bundle(capsys: pytest.CaptureFixture[str]) -> None:
    """The command renders the site before it compares."""
    assert main(["diff", str(ROOT / "examples/botlab/site.yaml"), str(BUNDLE)]) == 0
    assert capsys.readouterr().out == "No differences.\n"


def test_two_bundles_need_a_juju_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bundles do not name one. With it, the JSON lists all kinds of entries."""
    old = tmp_path / "old.yaml"
    old.write_text(OLD, encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(NEW, encoding="utf-8")

    assert main(["diff", str(old), str(new)]) == 2
    assert "--juju" in capsys.readouterr().err
    assert main(["diff", str(old), str(new), "--juju", "2.9", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    field = {"kind": "application", "name": "a", "field": "to", "old": "0 1", "new": "0 lxd:0"}
    assert field in report["changed"]
    assert report["added"] == []
    assert report["removed"] == [
        {"kind": "application", "name": "sub"},
        {"kind": "machine", "name": "1"},
        {"kind": "relation", "name": "a:juju-info sub:host"},
        {"kind": "relation", "name": "a:one b:two"},
    ]
    assert report["commands"][-1] == {
        "command": "juju remove-machine 1",
        "why": "Juju refuses this while a unit is on the machine",
        "when": "after-deploy",
    }


def test_json_names_the_commands_that_precede_the_deployment() -> None:
    """Juju 4 cannot change an option with a bundle."""
    old, new = (
        read_bundle(f"applications: {{a: {{charm: ch:a, options: {{x: {x}}}}}}}") for x in (1, 2)
    )

    report = difference(old, new, Juju.V4_0).as_json()

    assert report == {
        "added": [],
        "changed": [
            {"kind": "application", "name": "a", "field": "options.x", "old": "1", "new": "2"}
        ],
        "removed": [],
        "commands": [
            {
                "command": "juju config a x=2",
                "why": "Juju 4 cannot set options of a running application with a bundle",
                "when": "before-deploy",
            }
        ],
    }


def write_bundle(directory: Path, charm: str, content: str, resource: str = "./old.gz") -> Path:
    """Write a bundle with a local charm, and the archive of the charm."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / charm).write_text(content)
    bundle = directory / f"{charm}.yaml"
    body = f"{{charm: ./{charm}, num_units: 1, resources: {{manifest: {resource}}}}}"
    bundle.write_text(f"applications: {{metallb: {body}}}\n")
    return bundle


@pytest.mark.parametrize(
    ("juju", "verb"),
    [("2.6", "upgrade-charm"), ("2.9", "refresh"), ("3.6", "refresh"), ("4.0", "refresh")],
)
def test_changed_local_charm_is_refreshed_before_the_deployment(
    juju: str, verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle never upgrades it. Its resources are attached afterwards."""
    old = write_bundle(tmp_path, "metallb_1.charm", "old")
    new = write_bundle(tmp_path, "metallb_2.charm", "new", "./new.gz")

    assert main(["diff", str(old), str(new), "--juju", juju]) == 0
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "before juju deploy of the new bundle, run these commands in this order:",
        f"  juju {verb} metallb --path ./metallb_2.charm  # deploy never upgrades a local charm;"
        " options of the new charm need it first",
        "after juju deploy of the new bundle, run these commands in this order:",
        "  juju attach-resource metallb manifest=./new.gz  # deploy attaches a resource only"
        " together with a new charm",
    ]


def test_only_the_content_of_a_local_charm_decides_whether_it_changed(tmp_path: Path) -> None:
    """The same path in another directory can be another file."""
    paths = [
        write_bundle(tmp_path / "old", "c.charm", "old"),
        write_bundle(tmp_path / "same", "d.charm", "old"),
        write_bundle(tmp_path / "new", "c.charm", "new"),
    ]
    old, same, new = (
        parse_bundle(BundleSource(path.read_text(), directory=str(path.parent)), Juju.V4_0).bundle
        for path in paths
    )

    assert difference(old, same, Juju.V4_0).commands == ()
    assert [command.command for command in difference(old, new, Juju.V4_0).commands] == [
        "juju refresh metallb --path ./c.charm"
    ]


def test_trust_is_an_option_of_the_deployment_and_a_command_for_deployed_applications() -> None:
    """A deployment trusts only the applications that it adds."""
    old = read_bundle("applications: {a: {charm: a, expose: true}, b: {charm: b, trust: true}}")
    new = read_bundle("applications: {a: {charm: a, trust: true}, b: {charm: b}}")

    assert difference(old, new, Juju.V2_9).lines()[-4:] == [
        "after juju deploy --trust of the new bundle, run these commands in this order:",
        "  juju trust a  # deploy trusts new applications only",
        "  juju unexpose a  # deploy never ends an exposure",
        "  juju trust b --remove  # deploy never removes trust",
    ]


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_arguments_of_printed_commands_are_quoted_for_the_shell(juju: Juju) -> None:
    """Each argument is exactly the text of the bundle, and each command has one line."""
    old = """
    applications:
      a: {charm: ./c.charm, options: {"k;reboot": 1, "x\\n  id #": 1}, to: ["0"], num_units: 1,
          bindings: {"": x}, offers: {"o;p": {endpoints: [e]}}}
      "-b c": {charm: "cs:b-1"}
      "d\\n0 errors": {charm: "cs:b-1", series: bionic}
    saas: {"s`id`": {url: "a/b.c"}}
    machines: {"0": {}}
    relations: [["a:x&y", "a:p q"]]
    """
    new = """
    applications:
      a: {charm: ./c.charm, to: ["lxd:$(id)"], num_units: 1, bindings: {"": "y;id", e: "f g"},
          resources: {r: "./c `id`"}}
      "-b c": {charm: "cs:b-1"}
      "d\\n0 errors": {charm: "cs:b-1", series: focal}
    """
    bundles = [parse_bundle(BundleSource(text, "t", ""), juju).bundle for text in (old, new)]

    commands = [command.command for command in difference(*bundles, juju).commands]

    quoted = [
        "juju config a --reset $'k;reboot,x\\n  id #'",
        "juju attach-resource a 'r=./c `id`'",
        "juju bind a 'y;id' 'e=f g'",
        "# d\\n0 errors: series",
        "juju add-unit a --to 'lxd:$(id)'",
        "juju remove-relation 'a:x&y' 'a:p q'",
        "juju remove-offer 'o;p'",
        "juju remove-saas 's`id`'",
    ]
    assert [command for command in commands if command in quoted] == quoted
    assert [command for command in commands if not command.isprintable()] == []
