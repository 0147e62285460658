"""The charm's options, validated in one place and all at once."""

import re
from typing import List, Mapping, NamedTuple, Tuple, Union

from labcharm.validators import (
    OptionProblem,
    OptionsError,
    read_label,
    read_registry,
    refuse_credentials,
)

KERNEL_MODULES = ("auto", "open", "proprietary")
TOOLKITS = ("auto", "host", "nvidia", "bionic-2019", "distribution", "custom", "resource")
# Debian Policy 5.6.1 and 5.6.12: the names of packages and of versions.
_PACKAGE = re.compile(r"^[a-z0-9][a-z0-9+.-]+$")
_VERSION = re.compile(r"^[A-Za-z0-9.+~:-]+$")
_SOURCE = re.compile(r"^deb( \[[^\]\n]+\])? [a-z+]+:/?/?\S+ \S+( \S+)*$")
_KEY_URL = re.compile(r"^https?://\S+#(sha256=[0-9a-f]{64}|fingerprint=[0-9A-F]{40})$")
_PLUGIN_VERSION = re.compile(r"^v?\d+\.\d+\.\d+[A-Za-z0-9.-]*$")
_ABSOLUTE_PATH = re.compile(r"^/[^\s\0]+$")
# Where apt reads a user and a password for a host (apt_auth.conf(5), from Ubuntu 18.04 on).
APT_CREDENTIALS = "/etc/apt/auth.conf.d"
_ARMOUR = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

Pair = Tuple[str, str]
# The charm's configuration as Juju hands it over.
Config = Mapping[str, Union[str, int, float, bool]]


class Options(NamedTuple):
    """The options, validated; config.yaml describes each.

    Attributes:
        driver: auto, host, none, or PACKAGE[=VERSION].
        kernel_modules: One of KERNEL_MODULES.
        hold_driver: Whether the driver's packages are held.
        toolkit: One of TOOLKITS.
        source: An apt source line; empty without one.
        key: The key of the source; empty without one.
        packages: The toolkit's packages with their versions; empty for those of `toolkit`.
        pins: Packages with their versions.
        default_runtime: Whether nvidia is the default runtime.
        path: The path of the runtime; empty to search for it.
        args: The runtime's arguments.
        allow_restart: Whether the engine may be restarted.
        device_plugin: auto, none, or a version.
        registry: The registry of the device plugin's image; empty for NVIDIA's.
        node_labels: Additional labels for the node.
    """

    driver: str
    kernel_modules: str
    hold_driver: bool
    toolkit: str
    source: str
    key: str
    packages: Tuple[Pair, ...]
    pins: Tuple[Pair, ...]
    default_runtime: bool
    path: str
    args: Tuple[str, ...]
    allow_restart: bool
    device_plugin: str
    registry: str
    node_labels: Tuple[Pair, ...]


def read_options(config: Config) -> Options:
    """Validate the charm's configuration.

    Raises:
        OptionsError: With every problem.
    """
    problems: List[str] = []
    options = Options(
        driver=_driver(_text(config, "driver", "auto"), problems),
        kernel_modules=_kernel_modules(_text(config, "kernel-modules", "auto"), problems),
        hold_driver=bool(config.get("hold-driver", False)),
        toolkit=_toolkit(_text(config, "toolkit", "auto"), problems),
        source=_source(_text(config, "toolkit-source"), problems),
        key=_key(_text(config, "toolkit-key"), problems),
        packages=_packages(config, problems),
        pins=_pins(config, problems),
        default_runtime=bool(config.get("default-runtime", True)),
        path=_path(_text(config, "runtime-path"), problems),
        args=tuple(_text(config, "runtime-args").split()),
        allow_restart=bool(config.get("allow-restart", True)),
        device_plugin=_device_plugin(_text(config, "device-plugin", "auto"), problems),
        registry=read_registry(_text(config, "image-registry"), problems),
        node_labels=_labels(_text(config, "node-labels"), problems),
    )
    problems += _combination_problems(options)
    if problems:
        raise OptionsError(problems)
    return options


def _text(config: Config, name: str, default: str = "") -> str:
    return str(config.get(name, default)).strip()


def _driver(text: str, problems: List[str]) -> str:
    name, equals, version = text.partition("=")
    if not _PACKAGE.match(name) or (equals and not _VERSION.match(version)):
        fix = "use auto, host, none, or PACKAGE[=VERSION] such as nvidia-headless-535-server"
        problems.append(OptionProblem("driver", f"is {text!r}", fix))
    return text


def _kernel_modules(text: str, problems: List[str]) -> str:
    if text not in KERNEL_MODULES:
        fix = f"use one of {', '.join(KERNEL_MODULES)}"
        problems.append(OptionProblem("kernel-modules", f"is {text!r}", fix))
    return text


def _toolkit(text: str, problems: List[str]) -> str:
    if text not in TOOLKITS:
        fix = f"use one of {', '.join(TOOLKITS)}"
        problems.append(OptionProblem("toolkit", f"is {text!r}", fix))
    return text


def _source(text: str, problems: List[str]) -> str:
    fix = f"write them to {APT_CREDENTIALS} on each machine"
    if refuse_credentials("toolkit-source", text, fix, problems):
        return text
    if text and not _SOURCE.match(text):
        fix = "write one apt line: deb URL SUITE COMPONENT..., or deb URL /"
        problems.append(OptionProblem("toolkit-source", f"is {text!r}", fix))
    return text


def _key(text: str, problems: List[str]) -> str:
    if text.startswith(_ARMOUR):
        return text
    if refuse_credentials("toolkit-key", text, "set the text of the key itself", problems):
        return text
    if text and not _KEY_URL.match(text):
        fix = "use an armoured key, URL#sha256=DIGEST or URL#fingerprint=FINGERPRINT"
        problems.append(OptionProblem("toolkit-key", "is not a public key", fix))
    return text


def _packages(config: Config, problems: List[str]) -> Tuple[Pair, ...]:
    pairs = []
    for word in _text(config, "toolkit-packages").split():
        package, equals, version = word.partition("=")
        if not _PACKAGE.match(package) or (equals and not _VERSION.match(version)):
            fix = "write PACKAGE or PACKAGE=VERSION"
            problems.append(OptionProblem("toolkit-packages", f"contains {word!r}", fix))
        pairs.append((package, version))
    return tuple(pairs)


def _pins(config: Config, problems: List[str]) -> Tuple[Pair, ...]:
    pairs = []
    for word in _text(config, "pins").split():
        package, _, version = word.partition("=")
        if not _PACKAGE.match(package) or not _VERSION.match(version):
            fix = "write PACKAGE=VERSION"
            problems.append(OptionProblem("pins", f"contains {word!r}", fix))
        pairs.append((package, version))
    return tuple(pairs)


def _device_plugin(text: str, problems: List[str]) -> str:
    if text not in ("auto", "none") and not _PLUGIN_VERSION.match(text):
        fix = "use auto, none, or a version such as v0.20.0"
        problems.append(OptionProblem("device-plugin", f"is {text!r}", fix))
    return text


def _labels(text: str, problems: List[str]) -> Tuple[Pair, ...]:
    pairs: List[Pair] = []
    for word in text.split():
        label = read_label(word)
        if label is None:
            fix = "write KEY=VALUE in the form that Kubernetes accepts"
            problems.append(OptionProblem("node-labels", f"contains {word!r}", fix))
        else:
            pairs.append(label)
    return tuple(pairs)


def _path(text: str, problems: List[str]) -> str:
    if text and not _ABSOLUTE_PATH.match(text):
        fix = "write an absolute path without spaces"
        problems.append(OptionProblem("runtime-path", f"is {text!r}", fix))
    return text


def _combination_problems(options: Options) -> List[str]:
    """Return the problems of options that need each other."""
    problems: List[str] = []
    if options.kernel_modules != "auto" and options.driver != "auto":
        rule = f"is {options.kernel_modules}, but driver is {options.driver}"
        fix = "set it to auto: the package decides"
        problems.append(OptionProblem("kernel-modules", rule, fix))
    if options.toolkit == "custom" and not options.source:
        rule = "is custom, but toolkit-source is empty"
        problems.append(OptionProblem("toolkit", rule, "write the apt line"))
    if options.source and not options.key and "trusted=yes" not in options.source:
        rule = "is set without toolkit-key, so apt would refuse its packages"
        problems.append(OptionProblem("toolkit-source", rule, "set toolkit-key"))
    if options.toolkit == "distribution" and not options.packages:
        rule = "is distribution, but toolkit-packages is empty"
        problems.append(OptionProblem("toolkit", rule, "name the packages"))
    return problems
