"""A plan is written only where OpenTofu and Terraform read it, and as the only plan."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from botlab.cli import main
from helpers.rendered import EXAMPLES

PLAN = (EXAMPLES / "modern-store/main.tf").read_text(encoding="utf-8")
MARK = PLAN.splitlines(keepends=True)[0]
BODY = PLAN.removeprefix(MARK)
WITHOUT_PLAN = "locals {\n  a = 1\n}\n"
OWN_CHANGES = 'resource "juju_model" "lab" {\n  credential = "mine"\n}\n'
JSON_PLANS = (
    {"resource": {"juju_model": {"lab": {"name": "a"}}}},
    {"resource": [{"juju_machine": {}}, {"juju_model": [{"lab": [{"name": "a"}]}]}]},
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Copy the site of the example."""
    return Path(shutil.copy(EXAMPLES / "modern-store/site.yaml", tmp_path))


def render(*arguments: object) -> int:
    """Run the command."""
    return main(["render", *map(str, arguments), "--format", "terraform"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("other.tf", PLAN),
        ("other.tf", f"{PLAN}# edited\n"),
        ("other.tf", f"# Our lab\n\n{PLAN}"),
        ("other.tf", PLAN.replace("\n", "\r\n")),
        ("other.tf", f"\ufeff{PLAN}"),
        ("other.tf", BODY),
        ("other.tofu", PLAN),
        ("x_override.tf", PLAN),
        *(("other.tf.json", json.dumps(plan)) for plan in JSON_PLANS),
        ("other.tofu.json", json.dumps(JSON_PLANS[0])),
    ],
)
def test_second_plan_in_a_directory_is_refused(
    site: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    """Every resource would exist twice."""
    site.with_name(name).write_bytes(text.encode())

    assert render(site) == 2
    assert capsys.readouterr().err.endswith(
        f"main.tf: OpenTofu and Terraform would read this plan and that in {name} as one, which"
        f" would have the model twice; remove {name}, or name a file in another directory with"
        " --output\n"
    )
    assert not site.with_name("main.tf").exists()
    (site.parent / "plan").mkdir()
    assert render(site, "-o", site.parent / "plan/main.tf") == 0


@pytest.mark.parametrize(
    ("target", "is_refused"),
    [("plans/lab.tf", True), ("plans/lab.txt", False), ("plans/old.tf", False), ("lab.tf", True)],
)
def test_link_does_not_lead_a_plan_to_another_plan(
    site: Path, capsys: pytest.CaptureFixture[str], target: str, *, is_refused: bool
) -> None:
    """The file of a link may be read together with a plan, or with the link itself."""
    directory = site.parent / "plans"
    directory.mkdir()
    (directory / "old.tf").write_text(PLAN, encoding="utf-8")
    site.with_name("main.tf").symlink_to(target)

    assert render(site) == (2 if is_refused else 0)
    assert ("main.tf: is a link to " in capsys.readouterr().err) == is_refused
    assert (site.parent / target).exists() == (not is_refused)


@pytest.mark.parametrize("name", [".old.tf", "old.tf~", "#old.tf#", "main.tf.orig", "old.TF"])
def test_file_that_the_programs_ignore_may_stand_beside_a_plan(site: Path, name: str) -> None:
    site.with_name(name).write_text(PLAN, encoding="utf-8")
    assert render(site) == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.tf", b"# mine \xff\n"),
        ("mine.tf", WITHOUT_PLAN.encode()),
        ("mine.tf", f"# {OWN_CHANGES}".encode()),
        ("override.tf", OWN_CHANGES.encode()),
        ("mine_override.tf", OWN_CHANGES.encode()),
        ("mine_override.tf.json", json.dumps(JSON_PLANS[0]).encode()),
        ("mine.tf.json", b'{"resource": {"juju_model": {"other": {}}}}'),
        ("mine.tf.json", b"[1"),
    ],
)
def test_files_of_the_user_may_stand_beside_a_plan(site: Path, name: str, content: bytes) -> None:
    site.with_name(name).write_bytes(content)
    assert render(site) == 0
    assert render(site) == 0


def test_pipe_beside_a_plan_is_not_read(site: Path) -> None:
    os.mkfifo(site.with_name("pipe.tf"))
    assert render(site) == 0


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("main.tf.json", "only read files whose names end in .tf"),
        ("main.tofu", "only read files whose names end in .tf"),
        (".tf", "ignore files whose names begin with a point"),
        (".main.tf", "ignore files whose names begin with a point"),
        ("override.tf", "read a file of this name as changes to the plan in another file"),
        ("my_override.tf", "read a file of this name as changes to the plan in another file"),
    ],
)
def test_plan_has_a_name_that_the_programs_read_as_a_plan(
    site: Path, capsys: pytest.CaptureFixture[str], name: str, problem: str
) -> None:
    assert render(site, "-o", site.with_name(name)) == 2

    error = capsys.readouterr().err
    assert f"{name}: OpenTofu and Terraform {problem}" in error
    assert "--output" in error
    assert not site.with_name(name).exists()


def test_plan_that_opentofu_would_not_read_is_refused(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It reads NAME.tofu instead of NAME.tf."""
    site.with_name("main.tofu").write_text(WITHOUT_PLAN, encoding="utf-8")

    assert render(site) == 2
    assert "OpenTofu would read main.tofu instead; remove main.tofu" in capsys.readouterr().err
    assert render(site, "-o", site.with_name("lab.tf")) == 0


@pytest.mark.parametrize("name", ["lab.tf", "lab.tf.json", "lab.tofu"])
def test_bundle_has_no_name_of_a_plan(
    site: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["render", str(site), "-o", str(site.with_name(name))]) == 2
    assert "would be read as a Terraform plan" in capsys.readouterr().err
