"""The completion scripts, in the shells that they are for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from botlab.cli import main

# The last word is the one to complete.
COMPLETIONS = {
    "botlab vali": {"validate"},
    "botlab validate lab": {"lab.yaml"},
    "botlab validate --juju ": {"2.6", "2.9", "3.6", "4.0"},
    "botlab validate lab.yaml --maas lab": {"lab.yaml"},
    "botlab init lab --maas lab": {"lab.yaml"},
    "botlab init lab --tag": {"--tag", "--tag-script"},
    "botlab init lab --tag-script lab": {"lab.yaml"},
    "botlab validate lab.yaml --layer lab": {"lab.yaml"},
    "botlab validate --format ": {"text", "json", "github"},
    "botlab render lab.yaml --format ": {"bundle", "terraform"},
    "botlab init lab --profile can": {"canonical-k8s"},
    "botlab explain BL11": {"BL113", "BL114", "BL115", "BL118"},
    "botlab explain charmed": {"charmed-k8s"},
    "botlab explain kubef": {"kubeflow"},
}
_BASH = """
source ./script
COMP_WORDS=("$@")
[[ $LINE == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
$(complete -p botlab | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "${COMPREPLY[@]}"
"""
_FISH = "source ./script; complete -C $LINE | string replace -r '\\t.*' ''; true"


def script(directory: Path, shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Write the completion script for a shell, and a site file beside it."""
    assert main(["completion", shell]) == 0
    (directory / "script").write_text(capsys.readouterr().out, encoding="utf-8")
    (directory / "lab.yaml").touch()


def completed(directory: Path, line: str, *command: str) -> set[str]:
    """Return what a shell offers for a line."""
    shell = shutil.which(command[0])
    if shell is None:
        pytest.skip(f"{command[0]} is not installed")
    environment = {"LINE": line, "PATH": "/usr/bin:/bin", "HOME": str(directory)}
    process = subprocess.run(
        [shell, *command[1:]], cwd=directory, env=environment, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return {word for word in process.stdout.splitlines() if word}


@pytest.mark.parametrize("line", COMPLETIONS)
def test_bash_completes(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script(tmp_path, "bash", capsys)

    assert completed(tmp_path, line, "bash", "-c", _BASH, "-", *line.split()) >= COMPLETIONS[line]


@pytest.mark.parametrize("line", COMPLETIONS)
def test_fish_completes(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script(tmp_path, "fish", capsys)

    assert completed(tmp_path, line, "fish", "--no-config", "-c", _FISH) >= COMPLETIONS[line]


def test_zsh_reads_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its completion needs a terminal, so only the definition is tested."""
    script(tmp_path, "zsh", capsys)
    command = 'autoload -U compinit; compinit -D; eval "$(cat script)"; print ${_comps[botlab]}'

    assert completed(tmp_path, "", "zsh", "-f", "-c", command) == {"_shtab_botlab"}


def test_help_says_how_to_install_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["completion", "--help"])

    text = " ".join(capsys.readouterr().out.split())
    assert 'eval "$(botlab completion bash)" to ~/.bashrc' in text
    assert "~/.config/fish/completions/botlab.fish" in text
    assert "source ~/.botlab.tcsh to ~/.tcshrc" in text
