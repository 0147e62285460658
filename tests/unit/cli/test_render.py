"""What the command `botlab render` prints beside the bundle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from botlab.cli import main
from botlab.site_model_options import limit_commands
from helpers.rule_pages import example_site

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
PROXY = 'proxy: {http: "http://10.0.0.1:3128", no-proxy: [10.0.0.0/24]}\n'
COMMAND = (
    "juju model-config -m lab juju-http-proxy=http://10.0.0.1:3128"
    " apt-http-proxy=http://10.0.0.1:3128 snap-http-proxy=http://10.0.0.1:3128"
    " juju-no-proxy=127.0.0.1,localhost,::1,10.0.0.0/24,10.152.183.0/24,10.1.0.0/16"
)


def site_file(directory: Path, proxy: str) -> Path:
    """Write the example site with a section `proxy`."""
    file = directory / "site.yaml"
    file.write_text(example_site() + proxy, encoding="utf-8")
    return file


def test_command_that_configures_the_model_is_printed_beside_a_printed_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To standard error, so that the bundle can be redirected."""
    assert main(["render", str(site_file(tmp_path, PROXY)), "-o", "-"]) == 0

    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1] == COMMAND
    assert captured.err.startswith("# Run this before the deployment.")
    assert "model-config" not in captured.out
    assert not (tmp_path / "bundle.yaml").exists()


@pytest.mark.parametrize(
    ("section", "command", "hint"),
    [
        (PROXY, COMMAND, "# Add the controller's address to juju-no-proxy in the command below"),
        (
            "model-config: {apt-mirror: http://m}\n",
            "juju model-config -m lab apt-mirror=http://m",
            "",
        ),
    ],
)
def test_model_is_configured_after_it_exists_and_before_the_deployment(
    section: str, command: str, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", str(site_file(tmp_path, section))]) == 0

    captured = capsys.readouterr()
    steps = [line.strip() for line in captured.out.splitlines()]
    number = steps.index(command)
    assert steps[number - 1] == "juju add-model lab"
    assert steps[number + 1].startswith("juju deploy ")
    assert captured.err[: len(hint)] == hint
    assert bool(captured.err) is bool(hint)


def test_site_without_a_proxy_needs_no_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed to standard error."""
    assert main(["render", str(site_file(tmp_path, "")), "-o", "-"]) == 0

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("example", "commands"),
    [
        (
            "botlab",
            [
                "botlab charms CHARMS",
                "juju add-model botlab",
                """juju model-config -m botlab 'cloudinit-userdata="{postruncmd: ["""
                f"{', '.join(limit_commands())}]}}\"'",
                "juju deploy BUNDLE",
                "botlab wait SITE",
                "juju run-action nfs-server/0 verify --wait",
                "juju run-action metallb/0 verify --wait",
                "juju run-action kubeflow-installer/0 verify --wait",
            ],
        ),
        (
            "modern",
            [
                "botlab charms CHARMS",
                "juju add-model modern",
                "juju deploy BUNDLE",
                "botlab wait SITE",
                "juju run nfs-server/0 verify --wait=10m",
                "juju run metallb/0 verify --wait=10m",
                "juju run kubeflow-installer/0 verify --wait=10m",
            ],
        ),
        (
            "existing-cluster",
            [
                "botlab charms CHARMS",
                "juju switch existing-cluster",
                "juju deploy BUNDLE",
                "juju grant-secret secret:d2k3rbjmp25c7t4m2vvg"
                " nfs-server,metallb,kubeflow-installer",
                "botlab wait SITE",
                "juju run nfs-server/0 verify --wait=10m",
                "juju run metallb/0 verify --wait=10m",
                "juju run kubeflow-installer/0 verify --wait=10m",
            ],
        ),
    ],
)
def test_next_commands_follow_the_bundle(
    example: str, commands: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the syntax of the site's release of Juju, with the units of the bundle."""
    site = EXAMPLES / example / "site.yaml"
    target = tmp_path / "bundle.yaml"

    assert main(["render", str(site), "-o", str(target)]) == 0

    _, _, steps = capsys.readouterr().out.partition("Next:\n")
    text = steps.replace(str(target), "BUNDLE").replace(str(site), "SITE")
    text = text.replace(str(site.with_name("charms")), "CHARMS")
    assert [line.strip() for line in text.splitlines()] == commands


@pytest.mark.parametrize("format_", ["bundle", "terraform"])
def test_next_commands_have_the_layers_and_overlays(
    format_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The layer of an unpacked kit is needed to read the same lab again."""
    site, layer, overlay = (tmp_path / name for name in ("site.yaml", "l.yaml", "o.yaml"))
    site.write_text((EXAMPLES / "modern-store/site.yaml").read_text(encoding="utf-8"))
    layer.write_text("nfs: {reclaim-policy: Retain}\n")
    overlay.write_text("applications: {etcd: {options: {port: 2380}}}\n")
    files = ["--layer", str(layer), "--overlay", str(overlay)]

    assert main(["render", str(site), *files, "--format", format_]) == 0

    output = capsys.readouterr().out
    assert f"\n  botlab wait {site} --layer {layer} --overlay {overlay}\n" in output


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("site.yaml", "site.yaml: is read by this command; name another file with --output"),
        ("./x/../site.yaml", "is read by this command; name another file with --output"),
        ("layer.yaml", "layer.yaml: is read by this command; name another file with --output"),
        ("main.tf", "main.tf: would be read as a Terraform plan; add --format terraform, or name"),
    ],
)
def test_bundle_does_not_replace_an_input_or_a_plan(
    output: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not even with --force, whose advice would cost the site file."""
    monkeypatch.chdir(tmp_path)
    site = site_file(tmp_path, "")
    Path("layer.yaml").write_text("description: x\n", encoding="utf-8")
    text = site.read_text(encoding="utf-8")

    arguments = ["render", "site.yaml", "--layer", "layer.yaml", "--force", "-o", output]
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
    assert site.read_text(encoding="utf-8") == text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layer.yaml", "site.yaml"]


@pytest.mark.parametrize("juju", [[], ["--juju", "3.6"]])
def test_bundle_is_not_rendered(
    juju: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With and without the release of Juju that other commands need for a bundle."""
    bundle = EXAMPLES / "modern" / "bundle.yaml"

    assert main(["render", str(bundle), *juju, "-o", str(tmp_path / "b.yaml")]) == 2
    assert capsys.readouterr().err == (
        f"botlab: {bundle}: is a bundle already; render needs a site file\n"
    )


COUNTING = """
import sys
from botlab.cli import main
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
assert main(["render", sys.argv[1]]) == 0
print(opened.count(sys.argv[1]), file=sys.stderr)
"""


def test_site_is_read_once(tmp_path: Path) -> None:
    """An editor that saves the file meanwhile cannot give the command two versions of it."""
    site = str(site_file(tmp_path, PROXY))
    command = [sys.executable, "-c", COUNTING, site]
    variables = {**os.environ, "PYTHONPATH": str(EXAMPLES.with_name("generator"))}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)

    assert done.stderr.splitlines()[-1] == "1"
