"""A command that botlab advises repeats the options that the user gave."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from botlab.cli.commands import deploy
from botlab.cli.live_diff import run_live_diff
from botlab.cli.parser import build_parser
from botlab.cli.requests import DEPLOYMENT_OPTIONS, FILE_OPTIONS, MODEL_OPTIONS, follow_up
from botlab.errors import BotlabError
from helpers.own_profiles import copy_profile
from helpers.small_labs import DeployedLab, empty_lab

ALL_OPTIONS = {
    "layer": ["layer one.yaml", "-layer.yaml"],
    "overlay": ["overlay.yaml"],
    "juju": "3.6",
    "charms": "charms",
    "profiles": "-profiles",
    "model": "admin/lab",
    "controller": "maas",
    "backend": "client",
    "map_machines": "existing,0=3",
    "maas": ["-", "machines.json"],
    "trust": True,
    "force": True,
    "yes": True,
    "remove": True,
    "no_wait": True,
    "timeout": "90m",
    "format": "json",
}


def parsed(command: str) -> dict[str, Any]:
    """Return the arguments of a command of botlab, without what the parser adds."""
    return without_function(build_parser().parse_args(shlex.split(command)[1:]))


def without_function(args: argparse.Namespace) -> dict[str, Any]:
    """Return arguments without the function of the command, which is another object each time."""
    return {name: given for name, given in vars(args).items() if name != "run"}


def test_every_option_of_a_deployment_is_repeated() -> None:
    args = build_parser().parse_args(["deploy", "--", "-site.yaml"])
    vars(args).update(ALL_OPTIONS)
    command = follow_up(args, "deploy", *MODEL_OPTIONS, *DEPLOYMENT_OPTIONS)

    assert parsed(command) == {**without_function(args), "file": "./-site.yaml"}


def test_every_option_of_the_parser_is_in_one_of_the_lists() -> None:
    """An option that botlab deploy gets later must be added to a list."""
    options = vars(build_parser().parse_args(["deploy", "site.yaml"]))
    names = {*FILE_OPTIONS, *MODEL_OPTIONS, *DEPLOYMENT_OPTIONS}
    assert set(options) - names == {"file", "run", "unfinished"}


@pytest.mark.parametrize("verb", ["deploy", "wait", "validate", "render"])
def test_defaults_are_not_repeated(verb: str) -> None:
    args = build_parser().parse_args(["deploy", "site.yaml"])
    command = follow_up(args, verb, *MODEL_OPTIONS, *DEPLOYMENT_OPTIONS)
    assert command == f"botlab {verb} site.yaml"


@contextlib.contextmanager
def no_connection(args: argparse.Namespace) -> Iterator[Any]:
    """Refuse a connection."""
    raise AssertionError(args)
    yield


def advised(message: str, verb: str) -> str:
    """Return the command that a message advises."""
    [command] = re.findall(f"`(botlab {verb} [^`]*)`", message)
    return command


def test_edited_bundle_is_deployed_as_the_site_would_have_been(tmp_path: Path) -> None:
    """With the overlays that the site names, which are not in the bundle."""
    copy_profile(tmp_path / "profiles", "charmed-k8s")
    (tmp_path / "own.yaml").write_text("applications: {}\n")
    (tmp_path / "later.yaml").write_text("applications: {}\n")
    roles = ["easyrsa", "etcd", "control-plane", "worker"]
    site = {
        "site": "lab",
        "juju": "3.6",
        "kubernetes": {"profile": "my-charmed-k8s", "ingress": False},
        "machines": {"node0": {"tags": ["node0"], "roles": roles}},
        "overlays": ["own.yaml"],
    }
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(site))
    bundle = file.with_name("bundle.yaml")
    bundle.write_text("# mine\n")
    options = {**ALL_OPTIONS, "layer": [], "overlay": [str(tmp_path / "later.yaml")]}
    options |= {"profiles": str(tmp_path / "profiles"), "maas": []}
    args = build_parser().parse_args(["deploy", str(file)])
    vars(args).update(options)

    with pytest.raises(BotlabError) as raised:
        deploy.run(args, no_connection)

    overlays = [str(tmp_path / name) for name in ("own.yaml", "later.yaml")]
    expected = {**without_function(args), "file": str(bundle), "overlay": overlays}
    assert parsed(advised(str(raised.value), "deploy")) == expected
    assert parsed(advised(str(raised.value), "render"))["profiles"] == options["profiles"]


def test_comparison_advises_a_deployment_with_the_same_connection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab: DeployedLab = empty_lab(tmp_path, "3.6")
    words = ["diff", str(lab.path), "--live", "--juju", "3.6", "--backend", "client"]
    words += ["--model", "admin/lab", "--controller", "maas"]
    run_live_diff(build_parser().parse_args(words), lambda _: contextlib.nullcontext(lab.model))

    printed = capsys.readouterr().out
    expected = f"botlab deploy {lab.path} --juju 3.6 --model admin/lab --controller maas"
    assert f"{expected} --backend client" in printed


def test_plan_advises_a_deployment_on_the_same_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = Path(__file__).resolve().parents[3] / "examples/modern/site.yaml"
    site = tmp_path / "site.yaml"
    site.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    main(["plan", str(site), "--map-machines", "existing", "--trust"])

    printed = capsys.readouterr().err
    assert f"next: `botlab deploy {site} --map-machines existing --trust`" in printed


def test_new_site_is_validated_with_the_same_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_profile(tmp_path / "profiles", "charmed-k8s")
    monkeypatch.chdir(tmp_path)
    assert main(["init", "lab", "--profile", "my-charmed-k8s", "--profiles", "profiles"]) == 0

    assert "run: botlab validate lab.yaml --profiles profiles" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["wait", "status", "diff"])
def test_site_with_errors_names_the_command_that_shows_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    site, layer = tmp_path / "my site.yaml", tmp_path / "layer.yaml"
    site.write_text("site: lab\njuju: '3.6'\nkubernetes: {profile: charmed-k8s}\nmachines: 3\n")
    layer.write_text("description: a layer\n")
    options = ["--live"] if verb == "diff" else []
    assert main([verb, str(site), "--layer", str(layer), *options]) == 2

    command = f"`botlab validate '{site}' --layer {layer}`"
    assert f"run {command} to see all" in capsys.readouterr().err


def crowded_site(directory: Path) -> Path:
    """Write a site with more equal mistakes than a command prints, and return its file."""
    copy_profile(directory / "profiles", "charmed-k8s")
    (directory / "layer.yaml").write_text("description: a layer\n")
    body = {
        "site": "lab",
        "kubernetes": {"profile": "my-charmed-k8s"},
        "machines": {f"m{number}": {"tags": ["m"], "roles": ["cook"]} for number in range(12)},
    }
    site = directory / "my site.yaml"
    site.write_text(yaml.safe_dump(body))
    return site


@pytest.mark.parametrize(
    ("verb", "options"),
    [("validate", []), ("render", []), ("plan", []), ("runbook", []), ("picture", []),
     ("diff", ["my site.yaml"]), ("validate", ["--format", "github"])],
)  # fmt: skip
def test_findings_that_are_not_printed_are_in_those_of_the_advised_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    options: list[str],
) -> None:
    site = crowded_site(tmp_path)
    monkeypatch.chdir(tmp_path)
    layers = [] if verb == "diff" else ["--layer", "layer.yaml"]
    common = [*layers, "--juju", "3.6", "--profiles", "profiles"]
    assert main([verb, site.name, *options, *common]) == 1

    streams = capsys.readouterr()
    command = advised(streams.out + streams.err, "validate")
    expected = ["validate", site.name, *common, "--format", "json"]
    assert parsed(command) == without_function(build_parser().parse_args(expected))
    assert main(shlex.split(command)[1:]) == 1
    keys = [finding["path"] for finding in json.loads(capsys.readouterr().out)["findings"]]
    assert {f"machines.m{number}.roles[0]" for number in range(12)} <= set(keys)


def test_terraform_plan_that_is_refused_shows_every_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No other command shows what the provider cannot deploy."""
    site = crowded_site(tmp_path)
    monkeypatch.chdir(tmp_path)
    options = ["--juju", "3.6", "--profiles", "profiles", "--format", "terraform"]
    assert main(["render", site.name, *options]) == 1

    printed = capsys.readouterr().err
    assert all(f" machines.m{number}.roles[0]: " in printed for number in range(12))
