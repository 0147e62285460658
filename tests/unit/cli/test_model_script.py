"""The script of `botlab render --model-config-script`, run by a real shell."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from botlab.cli import main
from botlab.site_model_options import limit_commands
from helpers.rule_pages import example_site

HOSTILE = 'a\'b $(touch x) `touch x` \\ "c" ; *\nsecond line'
# Prints each of its arguments on lines of their own.
JUJU = "#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n"


def site_file(directory: Path, *lines: str) -> Path:
    """Write the example site with further lines."""
    file = directory / "site.yaml"
    file.write_text(example_site() + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def render(site: Path, *options: str) -> int:
    """Run the command with a script beside the site; return its exit status."""
    script = str(site.with_name("model.sh"))
    return main(["render", str(site), "--model-config-script", script, *options])


def arguments(directory: Path, *words: str, shell: str = "sh") -> str:
    """Return the arguments that the script gives to `juju`."""
    (directory / "juju").write_text(JUJU, encoding="utf-8")
    (directory / "juju").chmod(0o755)
    environment = {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"}
    command = [shell, str(directory / "model.sh"), *words]
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, cwd=directory
    )
    return run.stdout


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_script_gives_juju_the_values_as_the_site_has_them(shell: str, tmp_path: Path) -> None:
    """The shell replaces nothing in them."""
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    text = HOSTILE.replace("\n", "\n    ")
    site = site_file(
        tmp_path, "model-config:", "  test-mode: true", "  extra-info: |-", f"    {text}"
    )

    assert render(site) == 0

    head = "<model-config>\n<-m>\n<lab>\n<test-mode=true>\n<extra-info="
    output = arguments(tmp_path, shell=shell)
    assert output.startswith(head)
    # Juju 2.9 reads YAML.
    assert yaml.safe_load(output.removeprefix(head).removesuffix(">\n")) == HOSTILE
    assert not (tmp_path / "x").exists()


def test_script_takes_the_name_of_another_model(tmp_path: Path) -> None:
    site = site_file(tmp_path, "model-config: {test-mode: true}")
    assert render(site) == 0

    assert arguments(tmp_path, "blue") == "<model-config>\n<-m>\n<blue>\n<test-mode=true>\n"


def test_script_has_the_proxy_and_only_its_owner_can_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The URL of a proxy may have a password; the next commands name the script instead."""
    site = site_file(tmp_path, 'proxy: {http: "http://u:hunter2@10.0.0.1:3128"}')
    assert render(site) == 0

    script = tmp_path / "model.sh"
    assert "'juju-http-proxy=http://u:hunter2@10.0.0.1:3128'" in script.read_text("utf-8")
    assert script.stat().st_mode & 0o777 == 0o700
    captured = capsys.readouterr()
    assert "hunter2" not in captured.out + captured.err
    assert f"sh {script}\n" in captured.out


def test_script_is_written_again_unless_it_was_edited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = site_file(tmp_path, "model-config: {test-mode: true}")
    script = tmp_path / "model.sh"
    assert render(site) == 0
    first = script.read_text("utf-8")
    site_file(tmp_path, "model-config: {test-mode: false}")
    assert render(site) == 0
    second = script.read_text("utf-8")
    script.write_text(f"{second}echo edited\n", encoding="utf-8")
    capsys.readouterr()

    assert render(site) == 2

    assert second == first.replace("test-mode=true", "test-mode=false").replace(
        first.splitlines()[1], second.splitlines()[1]
    )
    assert "name another file with --model-config-script" in capsys.readouterr().err
    assert render(site, "--force") == 0
    assert script.read_text("utf-8") == second
    assert (tmp_path / "model.sh.orig").read_text("utf-8").endswith("echo edited\n")


def test_site_without_options_gets_no_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(site_file(tmp_path)) == 0

    assert not (tmp_path / "model.sh").exists()
    assert "not written, because the site sets no options" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model-config-script", "-"], "the script needs a file"),
        (["--model-config-script", "{site}"], "is read by this command; name another file with"),
        (["--model-config-script", "{directory}/bundle.yaml"], "is the bundle"),
        (["--model-config-script", "{directory}"], "is not a regular file; name another file"),
        (["--model-config-script", "s", "--format", "terraform"], "sets the options itself"),
    ],
)
def test_script_without_a_file_of_its_own_is_refused(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is written."""
    site = site_file(tmp_path, "model-config: {test-mode: true}")
    words = [option.format(site=site, directory=tmp_path) for option in options]

    assert main(["render", str(site), *words]) == 2

    error = capsys.readouterr().err
    assert message in error
    assert "--model-config-script" in error
    assert [file.name for file in tmp_path.iterdir()] == ["site.yaml"]


def test_script_has_the_limits_for_kubeflow_in_the_form_of_the_site_s_juju(tmp_path: Path) -> None:
    """Juju 2 reads the value as YAML, and needs it in quotes."""
    site = site_file(tmp_path, "kubeflow:")

    assert render(site) == 0

    value = arguments(tmp_path).splitlines()[-1].removeprefix("<cloudinit-userdata=").rstrip(">")
    assert yaml.safe_load(yaml.safe_load(value))["postruncmd"] == limit_commands()
