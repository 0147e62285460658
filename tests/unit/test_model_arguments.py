"""The arguments of `juju model-config`."""

from __future__ import annotations

import shlex

import pytest
import yaml

from botlab.juju import Juju
from botlab.model_arguments import model_arguments, model_config_command

USER_DATA = "packages: [jq]\npostruncmd:\n  - \"echo 'a' > /etc/b\"\n"
TEXTS = [
    USER_DATA,
    "{postruncmd: [echo a]}",
    "[a]",
    "*",
    "",
    "a: b",
    "two\nlines",
    "'",
    "@x",
    "~",
    "{a: \U0001f600}",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9])
def test_juju_2_reads_the_text_again_from_the_yaml_of_the_argument(juju: Juju, text: str) -> None:
    """Its client reads YAML, where a mapping would not be a text."""
    (argument,) = model_arguments({"cloudinit-userdata": text}, juju)
    key, _, value = argument.partition("=")

    assert (key, yaml.safe_load(value)) == ("cloudinit-userdata", text)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("juju", [Juju.V3_6, Juju.V4_0])
def test_later_releases_get_the_text_itself(juju: Juju, text: str) -> None:
    assert model_arguments({"key": text}, juju) == [f"key={text}"]


@pytest.mark.parametrize("text", ["http://10.0.0.1:3128", "a,b,::1", "true", "17", "90s", "<r>=x"])
def test_usual_values_are_the_same_for_each_release(text: str) -> None:
    assert {argument for juju in Juju for argument in model_arguments({"key": text}, juju)} == {
        f"key={text}"
    }


@pytest.mark.parametrize("juju", list(Juju))
def test_command_is_one_line_that_a_shell_splits_into_the_arguments(juju: Juju) -> None:
    options = {"a": "{b: 'c d'}", "e": "f"}
    command = model_config_command(options, "lab", juju)

    arguments = model_arguments(options, juju)
    assert shlex.split(command) == ["juju", "model-config", "-m", "lab", *arguments]
    assert model_config_command({}, "lab", juju) == ""
