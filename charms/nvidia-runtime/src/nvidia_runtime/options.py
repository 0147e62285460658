"""The charm's options, judged in one place and all at once."""

import re
from typing import Any, List, Mapping, NamedTuple, Tuple

from labcharm.validators import OptionsError

TOOLKITS = ("auto", "host", "nvidia", "bionic-2019", "distribution", "custom", "resource")
# Debian Policy 5.6.1 and 5.6.12: what a package and a version may be called.
_PACKAGE = re.compile(r"^[a-z0-9][a-z0-9+.-]+$")
_VERSION = re.compile(r"^[A-Za-z0-9.+~:-]+$")
_SOURCE = re.compile(r"^deb( \[[^\]\n]+\])? [a-z+]+:/?/?\S+ \S+( \S+)*$")
_KEY_URL = re.compile(r"^https?://\S+#(sha256=[0-9a-f]{64}|fingerprint=[0-9A-F]{40})$")
# Kubernetes, "Labels and Selectors": an optional DNS prefix, then 63 characters at most.
_LABEL_KEY = re.compile(
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$"
)
_LABEL_VALUE = re.compile(r"^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$")
_ARMOUR = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

Package = Tuple[str, str]
Options = NamedTuple(
    "Options",
    [
        ("driver", str),
        ("hold_driver", bool),
        ("toolkit", str),
        ("source", str),
        ("key", str),
        ("packages", Tuple[Package, ...]),
        ("pins", Tuple[Package, ...]),
        ("default_runtime", bool),
        ("path", str),
        ("args", Tuple[str, ...]),
        ("allow_restart", bool),
        ("device_plugin", str),
        ("registry", str),
        ("node_labels", Tuple[Package, ...]),
    ],
)


def read_options(config: Mapping[str, Any]) -> Options:
    """Judge the charm's configuration.

    Raises:
        OptionsError: With everything that is wrong.
    """
    problems: List[str] = []
    options = Options(
        driver=_driver(str(config.get("driver", "auto")).strip(), problems),
        hold_driver=bool(config.get("hold-driver", False)),
        toolkit=_toolkit(str(config.get("toolkit", "auto")).strip(), problems),
        source=_source(str(config.get("toolkit-source", "")).strip(), problems),
        key=_key(str(config.get("toolkit-key", "")).strip(), problems),
        packages=_packages("toolkit-packages", config, problems),
        pins=_packages("pins", config, problems, pinned=True),
        default_runtime=bool(config.get("default-runtime", True)),
        path=_path(str(config.get("runtime-path", "")).strip(), problems),
        args=tuple(str(config.get("runtime-args", "")).split()),
        allow_restart=bool(config.get("allow-restart", True)),
        device_plugin=_device_plugin(str(config.get("device-plugin", "auto")).strip(), problems),
        registry=_registry(str(config.get("image-registry", "")), problems),
        node_labels=_labels(str(config.get("node-labels", "")), problems),
    )
    _together(options, problems)
    if problems:
        raise OptionsError(problems)
    return options


def _driver(value: str, problems: List[str]) -> str:
    name, equals, version = value.partition("=")
    if not _PACKAGE.match(name) or (equals and not _VERSION.match(version)):
        problems.append(
            "driver is %r; use auto, host, none, or a package such as"
            " nvidia-headless-535-server, with =VERSION if wanted" % value
        )
    return value


def _toolkit(value: str, problems: List[str]) -> str:
    if value not in TOOLKITS:
        problems.append("toolkit is %r; use one of %s" % (value, ", ".join(TOOLKITS)))
    return value


def _source(value: str, problems: List[str]) -> str:
    if value and not _SOURCE.match(value):
        problems.append(
            "toolkit-source is %r; write one apt line: deb URL SUITE COMPONENT..., or deb URL /"
            % value
        )
    return value


def _key(value: str, problems: List[str]) -> str:
    if value and not value.startswith(_ARMOUR) and not _KEY_URL.match(value):
        problems.append(
            "toolkit-key is neither an armoured public key (%s) nor"
            " URL#sha256=DIGEST nor URL#fingerprint=FINGERPRINT" % _ARMOUR
        )
    return value


def _packages(
    name: str, config: Mapping[str, Any], problems: List[str], pinned: bool = False
) -> Tuple[Package, ...]:
    found = []
    for word in str(config.get(name, "")).split():
        package, equals, version = word.partition("=")
        wrong = equals and not _VERSION.match(version)
        if not _PACKAGE.match(package) or wrong or (pinned and not equals):
            form = "PACKAGE=VERSION" if pinned else "PACKAGE or PACKAGE=VERSION"
            problems.append("%s holds %r; write %s" % (name, word, form))
        found.append((package, version))
    return tuple(found)


def _device_plugin(value: str, problems: List[str]) -> str:
    if value not in ("auto", "none") and not re.match(r"^v?\d+\.\d+\.\d+[A-Za-z0-9.-]*$", value):
        problems.append(
            "device-plugin is %r; use auto, none, or a version such as v0.20.0" % value
        )
    return value


def _registry(text: str, problems: List[str]) -> str:
    value = text.strip().rstrip("/")
    if "://" in value or re.search(r"\s", value):
        problems.append("image-registry is %r; write HOST:PORT/PATH without a scheme" % value)
    return value


def _labels(text: str, problems: List[str]) -> Tuple[Package, ...]:
    found = []
    for word in text.split():
        key, equals, value = word.partition("=")
        if not equals or not _LABEL_KEY.match(key) or not _LABEL_VALUE.match(value):
            problems.append(
                "node-labels holds %r; write KEY=VALUE as Kubernetes takes them" % word
            )
        found.append((key, value))
    return tuple(found)


def _path(value: str, problems: List[str]) -> str:
    if value and not re.match(r"^/[^\s\0]+$", value):
        problems.append("runtime-path is %r; write an absolute path without spaces" % value)
    return value


def _together(options: Options, problems: List[str]) -> None:
    if options.toolkit == "custom" and not options.source:
        problems.append("toolkit is custom, but toolkit-source is empty; write the apt line")
    if options.source and not options.key and "trusted=yes" not in options.source:
        problems.append("toolkit-source is set without toolkit-key; apt would refuse its packages")
    if options.toolkit == "distribution" and not options.packages:
        problems.append("toolkit is distribution, but toolkit-packages names none")
