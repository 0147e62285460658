"""The arguments of the commands, on which scripts rely: options, defaults, and the help."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.cli.parser import build_parser

INPUT: dict[str, Any] = {"file": "f", "juju": None, "layer": [], "overlay": []}
INPUT |= {"charms": None, "profiles": ""}
LIVE: dict[str, Any] = {
    "model": "",
    "controller": "",
    "backend": "auto",
    "format": "text",
    # The status of a process that SIGPIPE ended.
    "unfinished": 141,
}
MAAS: dict[str, Any] = {"maas": [], "map_machines": ""}
SITE = {**INPUT, **LIVE}
LOCAL = {**INPUT, "unfinished": 0}


def parsed(*arguments: str) -> dict[str, Any]:
    """Return the parsed arguments, without the function that runs the command."""
    return {k: v for k, v in vars(build_parser().parse_args(arguments)).items() if k != "run"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            "init lab",
            {
                "name": "lab",
                "juju": None,
                "profile": "",
                "maas": [],
                "pool": [],
                "zone": [],
                "tag": [],
                "exclude": [],
                "profiles": "",
                "tag_script": None,
                "output": None,
                "unfinished": 0,
            },
        ),
        ("validate f", {**LOCAL, "format": "text", "maas": []}),
        (
            "render f",
            {
                **LOCAL,
                "format": "bundle",
                "output": None,
                "force": False,
                "model_config_script": None,
            },
        ),
        (
            "plan f",
            {
                **LOCAL,
                "executed": False,
                "model": [],
                "model_constraints": "",
                "map_machines": "",
                "trust": False,
                "format": "text",
            },
        ),
        (
            "diff a",
            {
                **{key: default for key, default in SITE.items() if key != "file"},
                "old": "a",
                "new": None,
                "live": False,
                "timeout": "2m",
            },
        ),
        ("preflight f", {**SITE, **MAAS, "timeout": "5m"}),
        (
            "deploy f",
            {
                **SITE,
                **MAAS,
                "timeout": "3h",
                "yes": False,
                "remove": False,
                "force": False,
                "trust": False,
                "no_wait": False,
            },
        ),
        ("wait f", {**SITE, "timeout": "3h"}),
        ("status f", {**SITE, "timeout": "2m"}),
        ("verify f", {**SITE, "timeout": "10m", "kubeconfig": ""}),
        ("kubeconfig f", {**SITE, "timeout": "2m", "output": None, "merge": None, "context": ""}),
        ("profile list", {"profiles": "", "format": "text", "unfinished": 0}),
        ("profile check d", {"directory": "d", "format": "text", "unfinished": 0}),
        ("schema", {"unfinished": 0}),
        ("explain", {"topic": "", "profiles": "", "unfinished": 0}),
        ("completion zsh", {"shell": "zsh", "unfinished": 0}),
    ],
)
def test_command_without_options_has_the_documented_defaults(
    arguments: str, expected: dict[str, Any]
) -> None:
    """A site names its own Juju release, and the client the current model."""
    assert parsed(*arguments.split()) == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("init lab --juju 3.6 --maas m -o -", {"juju": "3.6", "maas": ["m"], "output": "-"}),
        ("init lab --output o", {"output": "o"}),
        (
            "validate f --layer a --layer b --overlay c --overlay d --charms e --juju 4.0",
            {"layer": ["a", "b"], "overlay": ["c", "d"], "charms": "e", "juju": "4.0"},
        ),
        ("validate f --format github", {"format": "github"}),
        ("render f -o - --force", {"output": "-", "force": True}),
        ("render f --output o", {"output": "o"}),
        (
            "plan f --executed --model a --model b --model-constraints c --map-machines m --trust",
            {
                "executed": True,
                "model": ["a", "b"],
                "model_constraints": "c",
                "map_machines": "m",
                "trust": True,
            },
        ),
        ("diff a b --juju 2.9 --charms c --format json", {"old": "a", "new": "b", "charms": "c"}),
        ("diff a --live --layer l --overlay o", {"live": True, "layer": ["l"], "overlay": ["o"]}),
        (
            "status f --model m --controller c --backend libjuju --timeout 9s --format json",
            {
                "model": "m",
                "controller": "c",
                "backend": "libjuju",
                "timeout": "9s",
                "format": "json",
            },
        ),
        ("status f --backend client", {"backend": "client"}),
        (
            "preflight f --maas a --maas b --map-machines 0=3",
            {"maas": ["a", "b"], "map_machines": "0=3"},
        ),
        (
            "deploy f --yes --remove --force --trust --no-wait --maas a --map-machines existing",
            {
                "yes": True,
                "remove": True,
                "force": True,
                "trust": True,
                "no_wait": True,
                "maas": ["a"],
                "map_machines": "existing",
            },
        ),
        ("verify f --kubeconfig k", {"kubeconfig": "k"}),
        ("kubeconfig f --merge --context c", {"merge": "", "context": "c"}),
        ("kubeconfig f --merge m -o o", {"merge": "m", "output": "o"}),
        ("explain BL034", {"topic": "BL034"}),
    ],
)
def test_options_are_passed_to_the_command(arguments: str, expected: dict[str, Any]) -> None:
    """An option that can be repeated keeps the order."""
    given = parsed(*arguments.split())

    assert {key: given[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "the following arguments are required: COMMAND"),
        ("render", "the following arguments are required: SITE"),
        ("validate", "the following arguments are required: FILE"),
        ("diff", "the following arguments are required: OLD"),
        ("init", "the following arguments are required: NAME"),
        ("validate f --format xml", "invalid choice: 'xml' (choose from "),
        ("plan f --format github", "invalid choice: 'github' (choose from "),
        ("wait f --backend x", "invalid choice: 'x' (choose from "),
        ("completion ksh", "invalid choice: 'ksh' (choose from "),
        ("status f --maas x", "unrecognized arguments: --maas x"),
        ("render f --maas \x1b[31m", r"unrecognized arguments: --maas \x1b[31m"),
    ],
)
def test_wrong_arguments_end_with_status_2(
    arguments: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The usage comes first, and nothing is printed on standard output."""
    with pytest.raises(SystemExit) as raised:
        build_parser().parse_args(arguments.split())

    captured = capsys.readouterr()
    assert raised.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("usage: botlab ")
    assert problem in captured.err


@pytest.mark.parametrize(
    ("command", "description", "end"),
    [
        (
            "validate",
            "Check a site or a bundle and print all findings.",
            "if the input cannot be read",
        ),
        (
            "render",
            "Write the bundle or the Terraform plan of a site that has no errors.",
            "if the input cannot be read",
        ),
        (
            "plan",
            "Print what juju deploy would do, without a controller.",
            "if the input cannot be read",
        ),
        (
            "diff",
            "Compare two bundles, or a site and a running model, and print the commands to run.",
            "3 if the time is over",
        ),
        (
            "deploy",
            "Deploy a site, wait until it is ready, and verify it.",
            "3 if the time is over",
        ),
        ("status", "Show the lab of a site on one screen.", "3 if the time is over"),
        ("completion", "Print a completion script for a shell.", "if the input cannot be read"),
    ],
)
def test_help_describes_the_command_and_its_exit_status(
    command: str, description: str, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard output, with exit status 0."""
    with pytest.raises(SystemExit) as raised:
        build_parser().parse_args([command, "--help"])

    text = " ".join(capsys.readouterr().out.split())
    assert raised.value.code == 0
    assert text.startswith(f"usage: botlab {command} [-h] ")
    assert f" {description} " in text
    assert text.endswith(end)


def test_help_lists_the_commands_in_the_order_of_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--help"])

    text = capsys.readouterr().out
    assert text.startswith("usage: botlab [-h] [--version] COMMAND ...\n")
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "init", "charms", "validate", "render", "runbook", "plan", "diff", "picture", "kit",
        "preflight", "deploy", "wait", "status", "verify", "kubeconfig", "profile", "schema",
        "explain", "completion",
    ]  # fmt: skip
    assert text.endswith("To start, run: botlab init mylab\n")
