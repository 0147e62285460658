"""The charm's options, validated all at once."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.charm_projects import default_options
from labcharm.text import STATUS_LIMIT
from labcharm.validators import OptionsError
from nvidia_runtime.options import Options, read_options

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----"


DEFAULTS = Options(
    driver="auto",
    kernel_modules="auto",
    hold_driver=False,
    toolkit="auto",
    source="",
    key="",
    packages=(),
    pins=(),
    default_runtime=True,
    path="",
    args=(),
    allow_restart=True,
    device_plugin="auto",
    registry="",
    node_labels=(),
)


def test_defaults_are_those_of_charmcraft_yaml() -> None:
    """An empty configuration is valid."""
    assert read_options({}) == DEFAULTS
    assert read_options(default_options("nvidia-runtime")) == DEFAULTS


@pytest.mark.parametrize(
    ("config", "changes"),
    [
        ({"driver": " none ", "hold-driver": True}, {"driver": "none", "hold_driver": True}),
        ({"kernel-modules": "open"}, {"kernel_modules": "open"}),
        ({"default-runtime": False, "allow-restart": False},
         {"default_runtime": False, "allow_restart": False}),
        ({"pins": "nvidia-docker2=2.0.3+docker18.09.1-1  libx=5:1~2"},
         {"pins": (("nvidia-docker2", "2.0.3+docker18.09.1-1"), ("libx", "5:1~2"))}),
        ({"toolkit": "distribution", "toolkit-packages": "ab c-d=1"},
         {"toolkit": "distribution", "packages": (("ab", ""), ("c-d", "1"))}),
        ({"runtime-path": "/opt/x", "runtime-args": " --debug  -v "},
         {"path": "/opt/x", "args": ("--debug", "-v")}),
        ({"device-plugin": "1.0.0-beta4", "image-registry": "m:5000/x"},
         {"device_plugin": "1.0.0-beta4", "registry": "m:5000/x"}),
        ({"node-labels": "rack=7 lab.example/row=b"},
         {"node_labels": (("rack", "7"), ("lab.example/row", "b"))}),
        ({"toolkit": "custom", "toolkit-source": "deb [trusted=yes] https://m/deb /"},
         {"toolkit": "custom", "source": "deb [trusted=yes] https://m/deb /"}),
        ({"toolkit": "custom", "toolkit-source": "deb https://m/deb /", "toolkit-key": KEY},
         {"toolkit": "custom", "source": "deb https://m/deb /", "key": KEY}),
    ],
)  # fmt: skip
def test_options_are_read(config: dict[str, Any], changes: dict[str, Any]) -> None:
    assert read_options(config) == DEFAULTS._replace(**changes)


def test_every_bad_option_is_named_with_its_fix() -> None:
    """One message holds all problems, and never the text of a key."""
    bad = {
        "driver": "no such thing",
        "kernel-modules": "both",
        "toolkit": "shop",
        "toolkit-source": "http://mirror",
        "toolkit-key": "secret words",
        "toolkit-packages": "Upper lower=",
        "pins": "nvidia-docker2",
        "runtime-path": "bin/x",
        "device-plugin": "latest",
        "image-registry": "https://x",
        "node-labels": "rack",
    }
    with pytest.raises(OptionsError) as raised:
        read_options(bad)

    problems = [str(problem) for problem in raised.value.problems]
    assert all(len(problem) <= STATUS_LIMIT for problem in problems)
    (registry,) = (text for text in problems if text.startswith("image-registry "))
    problems.remove(registry)
    package_fix = "write PACKAGE or PACKAGE=VERSION"
    assert problems == [
        "driver is 'no such thing'; use auto, host, none, or PACKAGE[=VERSION] such as"
        " nvidia-headless-535-server",
        "kernel-modules is 'both'; use one of auto, open, proprietary",
        "toolkit is 'shop'; use one of auto, host, nvidia, bionic-2019, distribution, custom,"
        " resource",
        "toolkit-source is 'http://mirror'; write one apt line: deb URL SUITE COMPONENT..., or"
        " deb URL /",
        "toolkit-key is not a public key; use an armoured key, URL#sha256=DIGEST or"
        " URL#fingerprint=FINGERPRINT",
        f"toolkit-packages contains 'Upper'; {package_fix}",
        f"toolkit-packages contains 'lower='; {package_fix}",
        "pins contains 'nvidia-docker2'; write PACKAGE=VERSION",
        "runtime-path is 'bin/x'; write an absolute path without spaces",
        "device-plugin is 'latest'; use auto, none, or a version such as v0.20.0",
        "node-labels contains 'rack'; write KEY=VALUE in the form that Kubernetes accepts",
        "kernel-modules is both, but driver is no such thing; set it to auto: the package decides",
    ]


@pytest.mark.parametrize(
    ("option", "text", "fix"),
    [
        ("toolkit-source", "deb https://user:hunter2@m/deb /",
         "write them to /etc/apt/auth.conf.d on each machine"),
        ("toolkit-source", "https://hunter2@m/deb",
         "write them to /etc/apt/auth.conf.d on each machine"),
        ("toolkit-key", "https://user:hunter2@m/key", "set the text of the key itself"),
        ("image-registry", "user:hunter2@m:5000",
         "set them in the container engine of each node instead"),
    ],
)  # fmt: skip
def test_credentials_in_a_url_are_refused_and_not_shown(option: str, text: str, fix: str) -> None:
    """The message fits into the status line."""
    with pytest.raises(OptionsError) as raised:
        read_options({"toolkit-key": KEY, option: text})

    assert str(raised.value) == f"{option} contains a user or a password; {fix}"
    assert len(str(raised.value)) <= 110


@pytest.mark.parametrize("driver", ["", "a", "abc=", "abc=1 2", "=1"])
def test_driver_must_be_a_package(driver: str) -> None:
    with pytest.raises(OptionsError, match=f"driver is '{driver}'"):
        read_options({"driver": driver})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"toolkit": "custom"},
            "toolkit is custom, but toolkit-source is empty; write the apt line",
        ),
        (
            {"toolkit-source": "deb http://m/deb /"},
            "toolkit-source is set without toolkit-key, so apt would refuse its packages;"
            " set toolkit-key",
        ),
        (
            {"driver": "nvidia-headless-580-server", "kernel-modules": "open"},
            "kernel-modules is open, but driver is nvidia-headless-580-server; set it to auto:"
            " the package decides",
        ),
        (
            {"toolkit": "distribution"},
            "toolkit is distribution, but toolkit-packages is empty; name the packages",
        ),
    ],
)
def test_missing_companion_of_an_option_is_named(config: dict[str, str], message: str) -> None:
    """Some options need another one."""
    with pytest.raises(OptionsError) as raised:
        read_options(config)
    assert [str(problem) for problem in raised.value.problems] == [message]


@pytest.mark.parametrize(
    "config",
    [
        {"toolkit-source": "deb [arch=amd64] https://m.example/deb/amd64 /", "toolkit-key": KEY},
        {"toolkit-source": "deb https://m.example/u jammy main", "toolkit-key":
         "https://m.example/key#sha256=" + "0" * 64},
        {"driver": "nvidia-headless-535-server=535.1-0ubuntu1~22.04"},
        {"pins": "libnvidia-container1=1.13.5-1 nvidia-docker2=2.0.3+docker18.09.1-1"},
    ],
)  # fmt: skip
def test_usual_options_are_valid(config: dict[str, str]) -> None:
    """These are options as labs write them."""
    read_options(config)
