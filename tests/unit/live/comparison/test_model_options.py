"""The options of the model that a proxy needs."""

from __future__ import annotations

from botlab.juju import Juju
from botlab.live.comparison.model_options import model_option_differences
from helpers.live_differences import summary


def test_list_may_have_more_entries_in_the_model() -> None:
    desired = {"juju-http-proxy": "http://10.0.0.1:3128", "juju-no-proxy": "a,b"}
    document = {
        "juju-http-proxy": {"Value": "http://10.0.0.1:3128", "Source": "model"},
        "juju-no-proxy": {"Value": "b,controller,a", "Source": "model"},
    }
    assert list(model_option_differences(desired, document, Juju.V3_6)) == []


def test_entries_of_the_model_are_kept() -> None:
    document = {"juju-no-proxy": {"Value": "controller", "Source": "model"}}
    assert summary(model_option_differences({"juju-no-proxy": "a,b"}, document, Juju.V3_6)) == (
        ["model config: juju-no-proxy controller -> a,b,controller"],
        ["juju model-config juju-no-proxy=a,b,controller"],
    )


def test_password_is_neither_shown_nor_an_argument() -> None:
    desired = {"juju-http-proxy": "http://user:hunter2@10.0.0.1:3128"}
    (difference,) = model_option_differences(desired, {}, Juju.V3_6)
    assert "hunter2" not in str(difference)
    assert difference.commands == ()
    assert difference.advice == (
        "it contains a password; run the command that botlab render prints"
    )


def test_text_that_yaml_reads_as_a_mapping_is_quoted_for_juju_2() -> None:
    desired = {"cloudinit-userdata": "{postruncmd: [echo a]}"}

    assert {
        juju: summary(model_option_differences(desired, {}, juju))[1]
        for juju in (Juju.V2_9, Juju.V3_6)
    } == {
        Juju.V2_9: ["""juju model-config 'cloudinit-userdata="{postruncmd: [echo a]}"'"""],
        Juju.V3_6: ["juju model-config 'cloudinit-userdata={postruncmd: [echo a]}'"],
    }
