"""Texts of a site file that try to get out of their values, in all that `botlab render` writes."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.cli import main
from helpers.rule_pages import example_site

Captured = pytest.CaptureFixture[str]

TEXTS = [
    "a\nrelations: []\n",
    "a: b #c",
    "'\"\\",
    "\u202eb\u2066",
    "a\u2028b\u2029",
    "{{ site.site }}{% raw %}",
    "\x1b[2J\x07",
    "\U0001f600\u00a0x",
    "!!python/none x",
    "*a",
    "- x",
    "\ttab ",
    "1e3",
    ".nan",
    "~",
    "$(id);`id`",
    "\ufeff\uffff",
    "a\x85b",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_a_site_stays_one_value_of_the_bundle(
    text: str, tmp_path: Path, capsys: Captured
) -> None:
    """In a value and a description. The bundle has the same sections as without the text."""
    documents: list[dict[str, Any]] = []
    for value in ("plain", text):
        site = tmp_path / "site.yaml"
        options = {"applications": {"etcd": {"options": {"nagios_context": value}}}}
        layer = tmp_path / "layer.yaml"
        site.write_text(example_site(), encoding="utf-8")
        layer.write_text(yaml.safe_dump({**options, "description": value}), encoding="utf-8")

        assert main(["render", str(site), "--layer", str(layer), "-o", "-"]) == 0

        output = capsys.readouterr().out
        assert [line for line in output.split("\n") if not line.isprintable()] == []
        documents.append(yaml.safe_load(output))
    plain, hostile = (document["applications"]["etcd"]["options"] for document in documents)
    assert hostile == {**plain, "nagios_context": text}
    assert documents[1].keys() == documents[0].keys()


@pytest.mark.parametrize("text", TEXTS)
def test_command_for_a_proxy_is_one_line_with_the_text_as_one_argument(
    text: str, tmp_path: Path, capsys: Captured
) -> None:
    """The text is a name that is reached without the proxy. A proxy itself is a URL."""
    site = tmp_path / "site.yaml"
    proxy = yaml.safe_dump({"proxy": {"http": "http://squid:3128", "no-proxy": [text]}})
    site.write_text(f"{example_site()}{proxy}", encoding="utf-8")

    assert main(["render", str(site), "-o", str(tmp_path / "bundle.yaml")]) == 0

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    (command,) = (line for line in lines if line.startswith("juju model-config"))
    script = f"set -- {command.removeprefix('juju ')}; printf '%s\\0' \"$@\""
    variables = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    process = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=True, env=variables
    )
    arguments = process.stdout.decode().split("\0")
    assert command.isprintable()
    assert "juju-http-proxy=http://squid:3128" in arguments
    (exceptions,) = (entry for entry in arguments if entry.startswith("juju-no-proxy="))
    # The site is for Juju 2.9, which reads the value as YAML.
    assert text.strip() in yaml.safe_load(exceptions.partition("=")[2])
    assert shlex.split(command)[:4] == ["juju", "model-config", "-m", "lab"]
