"""The command that configures a model for the proxy of its site."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
import yaml

from botlab.juju import Juju
from botlab.model_arguments import model_config_command
from botlab.site.load import Layer, load_site
from botlab.site.proxy import model_settings, proxy_options
from helpers.rule_pages import example_site


def settings(**sections: Any) -> dict[str, str]:
    """Return the settings of the command for the example site with other sections."""
    text = yaml.safe_dump({**yaml.safe_load(example_site()), **sections})
    site = load_site([Layer(text, "site.yaml")]).site
    assert site is not None
    words = shlex.split(model_config_command(model_settings(site), site.site, Juju.V3_6))
    assert words[:4] == ["juju", "model-config", "-m", "lab"]
    return dict(word.split("=", 1) for word in words[4:])


def test_agents_apt_and_snapd_get_the_proxy() -> None:
    """Never the older keys, which Juju refuses beside the new ones."""
    http, https = "http://proxy:3128", "http://proxy:3129"
    pairs = settings(proxy={"http": http, "https": https})
    pairs.pop("juju-no-proxy")

    assert pairs == {
        f"{prefix}-{scheme}-proxy": url
        for prefix in ("juju", "apt", "snap")
        for scheme, url in (("http", http), ("https", https))
    }


def test_exceptions_are_this_host_the_lab_and_the_cluster() -> None:
    """Also the machines outside the LAN. Each exception is named once."""
    machines = yaml.safe_load(example_site())["machines"]
    machines["node3"]["addresses"] = ["10.9.0.13", "10.0.0.13"]
    proxy = {"http": "http://proxy:3128", "no-proxy": [".lab.example", "10.0.0.0/24", "localhost"]}

    assert settings(machines=machines, proxy=proxy)["juju-no-proxy"].split(",") == [
        "127.0.0.1",
        "localhost",
        "::1",
        ".lab.example",
        "10.0.0.0/24",
        "10.9.0.13",
        "10.152.183.0/24",
        "10.1.0.0/16",
    ]


def test_machines_are_exceptions_where_the_lan_is_not_known() -> None:
    """By their addresses."""
    exceptions = settings(networks={}, proxy={"https": "http://proxy:3128"})["juju-no-proxy"]

    assert {"10.0.0.10", "10.0.0.13"} <= set(exceptions.split(","))


@pytest.mark.parametrize("proxy", [None, {"no-proxy": ["10.0.0.0/8"]}])
def test_site_without_a_proxy_needs_no_command(proxy: dict[str, Any] | None) -> None:
    """Exceptions alone do not make one."""
    text = yaml.safe_dump({**yaml.safe_load(example_site()), "proxy": proxy})
    site = load_site([Layer(text, "site.yaml")]).site

    assert site is not None
    assert model_config_command(model_settings(site), site.site, Juju.V3_6) == ""


def test_shell_gets_each_setting_as_one_word() -> None:
    """A password may contain any character."""
    options = proxy_options("http://user:a&b c@proxy", "", ["*"])
    command = model_config_command(options, "", Juju.V3_6)

    assert shlex.split(command)[2:] == [
        "juju-http-proxy=http://user:a&b c@proxy",
        "apt-http-proxy=http://user:a&b c@proxy",
        "snap-http-proxy=http://user:a&b c@proxy",
        "juju-no-proxy=*",
    ]


def test_own_options_follow_those_of_the_proxy_and_override_them() -> None:
    """Also without a proxy. Booleans are written as Juju reads them."""
    own = {"apt-mirror": "http://mirror/ubuntu", "development": True, "num-provision-workers": 4}
    pairs = settings(**{"model-config": own})

    assert pairs == {
        "apt-mirror": "http://mirror/ubuntu",
        "development": "true",
        "num-provision-workers": "4",
    }
    both = {"model-config": {"apt-http-proxy": ""}, "proxy": {"http": "http://proxy:3128"}}
    pairs = settings(**both)
    assert (pairs["apt-http-proxy"], pairs["snap-http-proxy"]) == ("", "http://proxy:3128")
