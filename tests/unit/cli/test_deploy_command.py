"""``botlab deploy`` and ``botlab diff --live`` in this process, with a scripted model."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

import pytest
import yaml

from botlab.cli import main
from botlab.cli.commands import deploy
from botlab.cli.live_diff import run_live_diff
from botlab.cli.parser import build_parser
from botlab.errors import BotlabError
from botlab.live.errors import UnreachableError
from botlab.live.live_model import LiveModel
from helpers.small_labs import DeployedLab, empty_lab

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/modern/site.yaml"
Captured = pytest.CaptureFixture[str]
CONTINUES = "the same command continues: it looks at the model, and does what is missing\n"


@pytest.fixture
def lab(tmp_path: Path) -> DeployedLab:
    """Return an empty model of Juju 3.6 and a lab for it."""
    return empty_lab(tmp_path, "3.6")


def run_deploy(lab: DeployedLab, *options: str, file: Path | None = None) -> int:
    """Run ``botlab deploy`` for the lab's bundle, or for another file."""
    arguments = ["deploy", str(file or lab.path), *options]
    return deploy.run(build_parser().parse_args(arguments), lambda _: model_of(lab))


def deploy_bundle(lab: DeployedLab, *options: str) -> int:
    """Run ``botlab deploy`` for the lab's bundle, without waiting for it."""
    return run_deploy(lab, "--juju", "3.6", "--no-wait", *options)


def run_diff(lab: DeployedLab, *options: str) -> int:
    """Run ``botlab diff --live`` for the lab's bundle."""
    arguments = ["diff", str(lab.path), "--juju", "3.6", "--live", *options]
    return run_live_diff(build_parser().parse_args(arguments), lambda _: model_of(lab))


def model_of(lab: DeployedLab) -> AbstractContextManager[LiveModel]:
    """Return a connection to the model of a lab."""
    return contextlib.nullcontext(lab.model)


@contextlib.contextmanager
def unreachable(args: argparse.Namespace) -> Iterator[LiveModel]:
    """Fail to connect."""
    raise UnreachableError(f"{args.file}: connection refused")
    yield  # pragma: no cover


def change(lab: DeployedLab) -> None:
    """Change an option and remove a unit in the bundle's file."""
    lab.rewrite(store={"options": {"colour": "red"}}, web={"num_units": 1, "to": ["0"]})


def test_deployed_lab_has_no_differences_until_its_file_changes(
    lab: DeployedLab, capsys: Captured
) -> None:
    assert deploy_bundle(lab, "--yes") == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "preflight: everything is ready for the deployment",
        "dry run: the dry run of juju agrees with the plan",
        "deploy: juju deploy has ended",
    ]
    assert run_diff(lab) == 0
    output = capsys.readouterr()
    assert output.out == "No differences.\n"
    assert output.err.splitlines()[-1] == "note: the resources of web were not compared"

    change(lab)
    assert run_diff(lab, "--model", "maas:botlab") == 1
    assert capsys.readouterr().out == (
        "different (model -> site):\n"
        "  application store: options.colour blue -> red\n"
        "  application web: num_units 2 -> 1\n"
        "to change the model to what the site says, run these commands in this order:\n"
        "  juju config store colour=red --model maas:botlab  # the site sets it\n"
        "  juju remove-unit web/1 --model maas:botlab  # the site has no unit on lxd:1\n"
    )
    assert run_diff(lab, "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["commands"] == [
        {"command": "juju config store colour=red", "why": "the site sets it"},
        {"command": "juju remove-unit web/1", "why": "the site has no unit on lxd:1"},
    ]


def test_what_nobody_confirmed_is_printed_at_the_end(lab: DeployedLab, capsys: Captured) -> None:
    deploy_bundle(lab, "--yes")
    change(lab)
    capsys.readouterr()

    assert deploy_bundle(lab, "--yes") == 0

    assert capsys.readouterr().out.endswith(
        "remove: not confirmed, so these commands were not run; run them to finish the change\n"
        "not run, because --yes removes nothing without --remove:\n"
        "  juju remove-unit web/1\n"
    )
    assert run_diff(lab) == 1
    assert deploy_bundle(lab, "--yes", "--remove") == 0
    capsys.readouterr()
    assert run_diff(lab) == 0


def test_json_is_the_only_text_of_standard_output(lab: DeployedLab, capsys: Captured) -> None:
    assert deploy_bundle(lab, "--yes", "--format", "json") == 0

    output = capsys.readouterr()
    assert [step["name"] for step in json.loads(output.out)["steps"]] == [
        "preflight",
        "dry run",
        "deploy",
    ]
    assert output.err.startswith("The model is empty.\njuju deploy will make these changes:\n")


def test_command_of_a_new_application_has_the_options_of_the_comparison(
    lab: DeployedLab, capsys: Captured
) -> None:
    overlay = lab.path.with_name("my overlay.yaml")
    overlay.write_text("applications: {web: {annotations: {a: b}}}\n")

    assert run_diff(lab, "--overlay", str(overlay), "--controller", "maas") == 1

    assert (
        f"botlab deploy {lab.path} --overlay '{overlay}' --juju 3.6 --controller maas"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize("answer", [KeyboardInterrupt, UnreachableError])
@pytest.mark.parametrize("is_connected", [True, False])
def test_deployment_that_ends_early_says_how_it_continues(
    lab: DeployedLab, capsys: Captured, answer: type[BaseException], is_connected: bool
) -> None:
    """Without a connection, nothing has begun."""

    class FailingModel:
        def status(self) -> None:
            raise answer("10.0.0.2:17070: connection refused")

    @contextlib.contextmanager
    def failing(args: argparse.Namespace) -> Iterator[LiveModel]:
        del args
        if not is_connected:
            raise answer("10.0.0.2:17070: connection refused")
        yield cast("LiveModel", FailingModel())

    arguments = build_parser().parse_args(["deploy", str(lab.path), "--juju", "3.6", "--yes"])
    with pytest.raises(answer):
        deploy.run(arguments, failing)

    state = "interrupted" if answer is KeyboardInterrupt else "not finished"
    assert capsys.readouterr().err == (f"{state}; {CONTINUES}" if is_connected else "")


def test_untrusted_application_needs_the_option(lab: DeployedLab, capsys: Captured) -> None:
    lab.rewrite(store={"trust": True})

    assert deploy_bundle(lab, "--yes") == 1
    error = capsys.readouterr().err
    assert "Bundle cannot be deployed without trusting applications" in error
    assert error.endswith(f"{lab.path}: nothing was deployed\n")
    assert deploy_bundle(lab, "--yes", "--trust") == 0


def site_of(lab: DeployedLab, **changes: object) -> Path:
    """Write the site of an example with changed keys beside the lab's charms."""
    site = yaml.safe_load(EXAMPLE.read_text("utf-8")) | changes
    path = lab.path.with_name("site.yaml")
    path.write_text(yaml.safe_dump(site, sort_keys=False))
    return path


def test_site_with_errors_is_not_deployed(lab: DeployedLab, capsys: Captured) -> None:
    site = site_of(lab, nfs={"server": "nobody"})
    lab.path.unlink()

    assert run_deploy(lab, "--yes", "--format", "json", file=site) == 1

    output = capsys.readouterr()
    report = json.loads(output.out)
    assert report["ok"] is False
    assert next((entry["id"], entry["path"]) for entry in report["findings"]) == (
        "BL013",
        "nfs.server",
    )
    assert output.err == f"{site}: nothing was deployed\n"
    assert not lab.path.exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_bundle_of_a_site_is_written_before_the_controller_is_asked(
    lab: DeployedLab, capsys: Captured, form: str
) -> None:
    """The line about it is no part of a JSON document. A second run writes nothing."""
    site = site_of(lab)
    main(["render", str(site), "--output", "-"])
    text = capsys.readouterr().out
    lab.path.unlink()
    arguments = ["deploy", str(site), "--yes", "--format", form]

    for change in ("written", "unchanged"):
        with pytest.raises(UnreachableError):
            deploy.run(build_parser().parse_args(arguments), unreachable)

        output = capsys.readouterr()
        line = (output.err if form == "json" else output.out).splitlines()[0]
        assert re.fullmatch(rf"{lab.path}: {change}; 0 errors, \d+ warnings", line)
        assert (output.out == "") is (form == "json")
        assert lab.path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("line", "problem"),
    [("# mine\n", "was not written by botlab"), (None, "was edited after botlab wrote it")],
)
def test_bundle_of_a_person_is_not_replaced(
    lab: DeployedLab, line: str | None, problem: str
) -> None:
    site = site_of(lab)
    text = line or f"{EXAMPLE.with_name('bundle.yaml').read_text('utf-8')}# my own line\n"
    lab.path.write_text(text)

    with pytest.raises(BotlabError) as raised:
        run_deploy(lab, "--yes", file=site)

    assert str(raised.value) == (
        f"{lab.path}: {problem}; replace it with `botlab render {site} --force` (botlab keeps a"
        f" copy), or deploy this file itself with `botlab deploy {lab.path} --juju 3.6 --yes`"
    )
    assert lab.path.read_text() == text


def test_commands_for_an_edited_bundle_name_all_files(lab: DeployedLab) -> None:
    """The same layers and overlays, because the bundle depends on them."""
    site = site_of(lab)
    layer, overlay = site.with_name("layer.yaml"), site.with_name("overlay.yaml")
    layer.write_text("description: a layer\n")
    overlay.write_text("applications: {}\n")
    lab.path.write_text("# mine\n")

    with pytest.raises(BotlabError) as raised:
        run_deploy(lab, "--yes", "--layer", str(layer), "--overlay", str(overlay), file=site)

    message = str(raised.value)
    files = f"--layer {layer} --overlay {overlay}"
    assert f"`botlab render {site} {files} --force`" in message
    assert f"`botlab deploy {lab.path} --juju 3.6 --overlay {overlay} --yes`" in message
