"""The charm's options, validated all at once."""

from __future__ import annotations

import pytest

from labcharm.validators import OptionsError
from nvidia_runtime.options import read_options

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----"


def test_defaults_are_those_of_config_yaml() -> None:
    """An empty configuration is valid."""
    options = read_options({})

    assert (options.driver, options.toolkit, options.default_runtime) == ("auto", "auto", True)


def test_every_bad_option_is_named_with_its_fix() -> None:
    """One message holds all problems, and never the text of a key."""
    bad = {
        "driver": "no such thing",
        "toolkit": "shop",
        "toolkit-source": "http://mirror",
        "toolkit-key": "secret words",
        "toolkit-packages": "Upper",
        "pins": "nvidia-docker2",
        "runtime-path": "bin/x",
        "device-plugin": "latest",
        "image-registry": "https://x",
        "node-labels": "rack",
    }
    with pytest.raises(OptionsError) as raised:
        read_options(bad)

    problems = raised.value.problems
    for name in bad:
        assert any(problem.startswith(f"{name} ") for problem in problems), name
    assert "secret words" not in str(raised.value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"toolkit": "custom"}, "toolkit-source is empty"),
        ({"toolkit-source": "deb http://m/deb /"}, "without toolkit-key"),
        ({"toolkit": "distribution"}, "toolkit-packages is empty"),
    ],
)
def test_missing_companion_of_an_option_is_named(config: dict[str, str], message: str) -> None:
    """Some options need another one."""
    with pytest.raises(OptionsError, match=message):
        read_options(config)


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
