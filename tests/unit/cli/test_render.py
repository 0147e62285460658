"""The command `botlab render` for a site with a proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.cli import main
from helpers.rule_pages import example_site

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


@pytest.mark.parametrize("output", ["bundle.yaml", "-"])
def test_command_that_configures_the_model_is_printed_after_the_bundle(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To standard error, so that the bundle can be redirected."""
    target = output if output == "-" else str(tmp_path / output)
    assert main(["render", str(site_file(tmp_path, PROXY)), "-o", target]) == 0

    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1] == COMMAND
    assert captured.err.startswith("# Run this before the deployment.")
    assert "model-config" not in captured.out
    assert (tmp_path / "bundle.yaml").exists() is (output != "-")


def test_site_without_a_proxy_needs_no_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed to standard error."""
    assert main(["render", str(site_file(tmp_path, "")), "-o", "-"]) == 0

    assert capsys.readouterr().err == ""
