"""Plans are what the client of Juju 4.0.15 printed for the same bundles, charms and models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from helpers.juju_records import RECORDS, pack_charms

DEPLOY = RECORDS / "deploy"
REDEPLOY = RECORDS / "redeploy"
Body = dict[str, Any]


def recorded(name: str, directory: Path) -> str:
    """Return a recorded text, with the directory of the bundle in place of ``/site``."""
    return (DEPLOY / name).read_text().replace("/site/", f"{directory}/")


def names_of(suffix: str) -> list[str]:
    """Return the names of the bundles that have a record with a suffix."""
    return sorted(path.name.removesuffix(suffix) for path in DEPLOY.glob(f"*{suffix}"))


@pytest.fixture(name="site")
def site_with_charms(tmp_path: Path) -> Path:
    """Return a directory with the recorded charms and files."""
    directory = tmp_path / "site"
    directory.mkdir()
    pack_charms(directory / "charms")
    (directory / "gen.py").touch()
    return directory


def run_plan(site: Path, name: str, *arguments: str) -> int:
    """Run ``botlab plan`` for a recorded bundle in the directory of its charms."""
    bundle = site / "bundle.yaml"
    bundle.write_text((DEPLOY / f"{name}.yaml").read_text())
    return main(["plan", str(bundle), "--juju", "4.0", *arguments])


@pytest.mark.parametrize("name", names_of(".dry.out"))
def test_dry_run_prints_the_changes_of_juju(
    name: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output is equal. It is empty where Juju refuses the bundle."""
    run_plan(site, name)

    assert capsys.readouterr().out == recorded(f"{name}.dry.out", site)


@pytest.mark.parametrize("name", [n for n in names_of(".dry.err") if n in names_of(".dry.out")])
def test_dry_run_prints_the_warnings_and_refusals_of_juju(
    name: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Warnings are equal. A refusal is a finding with Juju's message."""
    status = run_plan(site, name)

    error = capsys.readouterr().err
    expected = recorded(f"{name}.dry.err", site)
    if expected.startswith("ERROR "):
        lines = [line.strip() for line in expected.removeprefix("ERROR ").splitlines()]
        assert status == 1
        assert [line.strip() for line in error.splitlines()][1 : len(lines) + 1] == lines
    else:
        assert status == 0
        assert error.startswith(expected)


def test_bundle_whose_applications_cannot_be_read_has_the_refusal_of_juju(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A relation with a list in it makes Juju use an empty document."""
    assert run_plan(site, "relations-multi") == 1

    message = recorded("relations-multi.dry.err", site).splitlines()[1]
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", names_of(".executed.txt"))
def test_real_deploy_prints_the_changes_and_resources_of_juju(
    name: str, site: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The lines of both streams are equal, up to the line at which the controller refused."""
    run_plan(site, name, "--executed", "--trust")

    captured = capfd.readouterr()
    lines, _, refusal = recorded(f"{name}.executed.txt", site).partition("ERROR ")
    expected = lines.splitlines()
    messages = [line for line in expected if line not in captured.out.splitlines()]
    changes = [line for line in expected if line not in messages]
    assert captured.out.splitlines()[: len(changes)] == changes
    assert captured.err.splitlines()[: len(messages)] == messages
    assert refusal or captured.out.splitlines() == changes


@pytest.mark.parametrize(
    ("name", "arguments"), [("resources", []), ("lab", ["--model-constraints", "arch=amd64"])]
)
def test_real_deploy_prints_resources_on_standard_error(
    name: str, arguments: list[str], site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The records of both streams are prefixes, because the controller refused one bundle."""
    run_plan(site, name, "--executed", *arguments)

    captured = capsys.readouterr()
    assert captured.out.startswith(recorded(f"{name}.executed.out", site))
    lines = recorded(f"{name}.executed.err", site).partition("ERROR ")[0]
    assert captured.err.startswith(lines)


def keep(bundle: Body) -> None:
    """Change nothing."""
    del bundle


def move_in_the_gui(bundle: Body) -> None:
    """Change an annotation."""
    bundle["applications"]["etcd"]["annotations"]["gui-x"] = "801"


def name_the_architecture(bundle: Body) -> None:
    """Give each application with units an architecture."""
    for application in bundle["applications"].values():
        if "num_units" in application:
            application["constraints"] = "arch=amd64"


def change_the_addresses(bundle: Body) -> None:
    """Change an option."""
    bundle["applications"]["metallb"]["options"]["addresses"] = "10.20.0.200-10.20.0.230"


def remove_a_relation(bundle: Body) -> None:
    """Remove one relation."""
    bundle["relations"].remove(["nvidia-runtime:certificates", "easyrsa:client"])


def remove_an_application(bundle: Body) -> None:
    """Remove an application and its relations."""
    del bundle["applications"]["metallb"]
    bundle["relations"] = [
        relation for relation in bundle["relations"] if "metallb" not in str(relation)
    ]


def end_an_exposure(bundle: Body) -> None:
    """Expose one application less."""
    del bundle["applications"]["kubernetes-worker"]["expose"]


def add_a_worker(bundle: Body) -> None:
    """Add a unit. The model already has three."""
    bundle["applications"]["kubernetes-worker"]["num_units"] = 3
    bundle["applications"]["kubernetes-worker"]["to"].append("0")


CHANGES: dict[str, Callable[[Body], None]] = {
    "same": keep,
    "annotation": move_in_the_gui,
    "arch": name_the_architecture,
    "option": change_the_addresses,
    "relation": remove_a_relation,
    "removed": remove_an_application,
    "unexpose": end_an_exposure,
    "unit": add_a_worker,
}
MODEL_FILES = [*sorted(REDEPLOY.glob("*.json")), REDEPLOY / "bundle.yaml"]


def run_second_plan(site: Path, name: str, files: list[Path]) -> int:
    """Run ``botlab plan`` for a changed bundle against the recorded model."""
    bundle = yaml.safe_load((REDEPLOY / "bundle.yaml").read_text())
    CHANGES[name](bundle)
    path = site / "bundle.yaml"
    path.write_text(yaml.safe_dump(bundle, sort_keys=False))
    models = [argument for file in files for argument in ("--model", str(file))]
    maps = ["--map-machines=existing", "--model-constraints=arch=amd64"]
    return main(["plan", str(path), "--juju", "4.0", *models, *maps])


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_second_deploy_changes_what_juju_changes(
    name: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The files are a status, show-application, some configs, and the bundle deployed before."""
    assert run_second_plan(site, name, MODEL_FILES) == 0

    assert capsys.readouterr().out == (REDEPLOY / f"{name}.dry.out").read_text()


def test_facts_that_no_file_contains_are_notes(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the status is given. The plan does not change what it does not contain."""
    run_second_plan(site, "annotation", [REDEPLOY / "status.json"])

    captured = capsys.readouterr()
    notes = [line for line in captured.err.splitlines() if line.startswith("note: ")]
    assert [line.split(" of ")[0] for line in notes[1:]] == [
        "note: the constraints",
        "note: the options",
        "note: the annotations",
    ]
    assert "set constraints" not in captured.out
    assert "set annotations" not in captured.out
