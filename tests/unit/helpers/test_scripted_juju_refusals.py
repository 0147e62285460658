"""The scripted juju client refuses what its release does not have, in the real client's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.scripted_juju import ScriptedJuju
from helpers.scripted_sites import GENERATIONS, deployed, write_site

NO_EXPORT = (
    "ERROR \njuju client not compatible with server: Juju 4.0 doesn't support exporting bundles "
    "(not implemented)\nre-install your juju client to match the version running on the "
    "controller\n"
)


def no_command(word: str, suggestion: str) -> str:
    """Return the message of 2.9 and later about an unknown command."""
    return (
        f'ERROR juju: "{word}" is not a juju command. See "juju --help".\n\nDid you mean:\n'
        f"\t{suggestion}\n"
    )


REFUSED = [
    ("2.6", "integrate a b", 1, "ERROR unrecognized command: juju integrate\n"),
    ("2.6", "refresh a", 1, "ERROR unrecognized command: juju refresh\n"),
    ("2.6", "exec --unit a/0 ls", 1, "ERROR unrecognized command: juju exec\n"),
    ("2.6", "model-constraints", 1, "ERROR unrecognized command: juju model-constraints\n"),
    ("2.6", "expose a --endpoints x", 2, "ERROR option provided but not defined: --endpoints\n"),
    ("2.6", "deploy x --base y", 2, "ERROR option provided but not defined: --base\n"),
    ("2.9", "integrate a b", 1, no_command("integrate", "migrate")),
    ("2.9", "run a/0 verify --wait 5s", 2, "ERROR option provided but not defined: --wait\n"),
    ("2.9", "deploy x --base y", 2, "ERROR option provided but not defined: --base\n"),
    ("3.6", "run-action a/0 verify --wait", 1, no_command("run-action", "show-action")),
    ("3.6", "add-relation a b", 1, no_command("add-relation", "add-credential")),
    ("3.6", "upgrade-charm a", 1, no_command("upgrade-charm", "upgrade-machine")),
    (
        "3.6",
        "get-model-constraints",
        1,
        no_command("get-model-constraints", "set-model-constraints"),
    ),
    ("3.6", "run --unit a/0 ls", 2, "ERROR option provided but not defined: --unit\n"),
    ("3.6", "remove-unit a/0 -y", 2, "ERROR option provided but not defined: -y\n"),
    ("4.0", "export-bundle", 1, NO_EXPORT),
    ("4.0", "deploy x --series jammy", 2, "ERROR option provided but not defined: --series\n"),
    ("4.0", "status --watch 5s", 2, "ERROR option provided but not defined: --watch\n"),
    ("4.0", "wait-for application a", 1, "ERROR unrecognized command: juju wait-for\n"),
    ("4.0", "config a --branch x", 2, "ERROR option provided but not defined: --branch\n"),
]


@pytest.mark.parametrize(("generation", "call", "code", "stderr"), REFUSED)
def test_command_or_option_of_another_release_is_refused(
    generation: str, call: str, code: int, stderr: str, tmp_path: Path
) -> None:
    """The refused call is a violation, too."""
    juju = ScriptedJuju.create(tmp_path, generation)

    done = juju.run(*call.split())

    assert (done.returncode, done.stdout, done.stderr) == (code, "", stderr)
    assert [text.startswith(f"juju {call}: ") for text in juju.violations] == [True]


@pytest.mark.parametrize(
    ("generation", "call"),
    [
        ("2.6", "relate client:server server:api"),
        ("2.6", "show-status"),
        ("2.9", "add-relation client:server server:api"),
        ("2.9", "upgrade-charm server --path {site}/charms/server.charm"),
        ("2.9", "get-constraints server"),
        ("3.6", "relate client:server server:api"),
        ("3.6", "constraints server"),
        ("3.6", "status --integrations"),
        ("4.0", "status --relations --format json"),
        ("4.0", "-v status -m maas:admin/botlab"),
        ("4.0", "machines"),
    ],
)
def test_aliases_and_options_of_the_own_release_are_taken(
    generation: str, call: str, tmp_path: Path
) -> None:
    """None of these calls is a violation."""
    juju = deployed(tmp_path, generation)
    juju.run("remove-relation", "client", "server")

    done = juju.run(*call.format(site=juju.home / "site").split())

    assert done.returncode == 0, done.stderr
    assert juju.violations == []


def test_command_that_is_not_scripted_says_so(tmp_path: Path) -> None:
    """The real client of 3.6 has it, so that its words would be wrong."""
    juju = ScriptedJuju.create(tmp_path, "3.6")

    done = juju.run("wait-for", "application", "a")

    assert (done.returncode, done.stderr) == (1, "ERROR scripted juju: wait-for is not scripted\n")
    assert len(juju.violations) == 1


def test_option_without_its_value_is_refused(tmp_path: Path) -> None:
    """The message is that of Juju's option parser."""
    juju = ScriptedJuju.create(tmp_path, "3.6")

    done = juju.run("status", "--format")

    assert (done.returncode, done.stderr) == (2, "ERROR option needs an argument: --format\n")


@pytest.mark.parametrize("path", ["bundle.yaml", "./bundle.yaml"])
@pytest.mark.parametrize("generation", GENERATIONS)
def test_relative_path_of_a_bundle_is_a_violation(
    generation: str, path: str, tmp_path: Path
) -> None:
    """The notes ask for absolute paths, which mean the same for every client."""
    juju = ScriptedJuju.create(tmp_path, generation, has_planner=False)

    done = juju.run("deploy", path)

    assert done.returncode == 1
    assert juju.violations == [f"juju deploy {path}: path is not absolute: {path}"]


@pytest.mark.parametrize(
    ("generation", "is_refused"), [("2.9", False), ("3.6", True), ("4.0", True)]
)
@pytest.mark.parametrize("directory", ["outside", "home/.hidden"])
def test_strict_snap_sees_only_the_home_directory(
    directory: str, generation: str, is_refused: bool, tmp_path: Path
) -> None:
    """The snap is strictly confined from 3.x on; the client then reports a missing charm."""
    juju = ScriptedJuju.create(tmp_path, generation, has_planner=False)
    bundle = write_site(juju)
    moved = tmp_path / directory / "bundle.yaml"
    moved.parent.mkdir(parents=True)
    moved.write_text(bundle.read_text().replace("./charms", str(bundle.parent / "charms")))

    done = juju.run("deploy", str(moved))

    message = f'ERROR no charm was found at "{moved}"\n' if is_refused else ""
    assert done.stderr.replace("Deploy of bundle completed.\n", "") == message
    assert bool(juju.violations) == is_refused


def test_kubeconfig_is_not_copied_to_a_dot_directory_by_a_strict_snap(tmp_path: Path) -> None:
    """`juju scp unit:config ~/.kube/config` fails from 3.x on, and works with the snap of 2.9."""
    results = {}
    for generation in ("2.9", "3.6"):
        juju = deployed(tmp_path / generation, generation)
        (juju.home / ".kube").mkdir()
        juju.put_file("server/0", "config", "secret")
        done = juju.run("scp", "server/0:config", str(juju.home / ".kube/config"))
        results[generation] = (done.returncode, (juju.home / ".kube/config").exists())

    assert results == {"2.9": (0, True), "3.6": (1, False)}


def test_bundle_that_asks_for_trust_needs_the_option(tmp_path: Path) -> None:
    """The text is that of the client; the call is not a violation, because a person may decide."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)
    bundle = write_site(juju, {"server": {"trust": True}})

    refused = juju.run("deploy", str(bundle))
    taken = juju.run("deploy", str(bundle), "--trust")

    assert refused.stderr == (
        "ERROR Bundle cannot be deployed without trusting applications with your cloud "
        "credentials.\nPlease repeat the deploy command with the --trust argument if you consent "
        "to trust the following application(s):\n  - server\n"
    )
    assert (taken.returncode, juju.violations) == (0, [])
    assert juju.run("config", "server", "trust").stdout == "true\n"


def test_options_of_charms_are_refused_with_a_bundle(tmp_path: Path) -> None:
    """The client names the options."""
    juju = ScriptedJuju.create(tmp_path, "3.6", has_planner=False)

    done = juju.run("deploy", str(write_site(juju)), "--config", "a=b")

    assert done.stderr == (
        "ERROR options provided but not supported when deploying a bundle: --config\n"
    )
    assert len(juju.violations) == 1


def test_unknown_objects_are_no_violations(tmp_path: Path) -> None:
    """A test may ask for what the model does not have."""
    juju = ScriptedJuju.create(tmp_path, "3.6")

    messages = [
        juju.run(*call.split()).stderr
        for call in ("config nosuch", "status -m nosuch", "show-application x", "remove-unit a/0")
    ]

    assert messages == [
        'ERROR application "nosuch" not found\n',
        "ERROR model maas:admin/nosuch not found\n",
        'ERROR application "x" not found\n',
        'ERROR unit "a/0" not found\n',
    ]
    assert juju.violations == []
