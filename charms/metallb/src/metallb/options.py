"""The charm's options, read and checked in one place.

What depends on the release is checked later, with the desired state.
"""

import re
from typing import List, NamedTuple, Tuple

import yaml

from labcharm import validators
from labcharm.json_types import JsonMapping
from labcharm.validators import TAINT_EFFECTS, OptionProblem, OptionsError
from metallb.config.addresses import Network, parse_cidr
from metallb.config.errors import RefusedError
from metallb.manifests.settings import Label, Settings, Toleration
from metallb.manifests.sources import PinnedUrl

_LOG_LEVELS = ("all", "debug", "info", "warn", "error", "none")


class ConfigurationText(NamedTuple):
    """MetalLB's configuration as YAML, and the charm option that it comes from."""

    option: str
    text: str


class Options(NamedTuple):
    """The options.

    Attributes:
        version: MetalLB's release; empty for the one that fits the server.
        configuration: MetalLB's configuration.
        settings: The settings of the pods.
        pinned_manifest: The manifest that the site names; its URL is empty for upstream's.
        reserved_networks: The networks that no pool may overlap.
    """

    version: str
    configuration: ConfigurationText
    settings: Settings
    pinned_manifest: PinnedUrl
    reserved_networks: Tuple[Network, ...]


def read_options(config: JsonMapping) -> Options:
    """Return the options of a charm's configuration.

    Raises:
        OptionsError: With every problem.
    """
    problems: List[str] = []
    options = Options(
        version=_text(config, "version").strip(),
        configuration=_read_configuration(config, problems),
        settings=Settings(
            registry=validators.read_registry(_text(config, "image-registry"), problems),
            node_selector=_read_node_selector(_text(config, "node-selector"), problems),
            tolerations=_read_tolerations(_text(config, "tolerations"), problems),
            log_level=_read_log_level(_text(config, "log-level") or "info", problems),
        ),
        pinned_manifest=PinnedUrl(
            *validators.read_pinned_url("manifest-url", _text(config, "manifest-url"), problems)
        ),
        reserved_networks=_read_networks(_text(config, "reserved-networks"), problems),
    )
    if problems:
        raise OptionsError(problems)
    return options


def _text(config: JsonMapping, option: str) -> str:
    return str(config.get(option) or "")


def _read_configuration(config: JsonMapping, problems: List[str]) -> ConfigurationText:
    addresses, pools = _text(config, "addresses").strip(), _text(config, "pools")
    if addresses and pools.strip():
        problems.append(OptionProblem("addresses", "and pools are both set", "keep one of them"))
    if pools.strip():
        return ConfigurationText("pools", _document_of_list(pools) if _is_list(pools) else pools)
    if not addresses:
        problems.append("no address pool; set addresses, such as 192.168.1.240-192.168.1.250")
    return ConfigurationText("addresses", _document_of_addresses(addresses))


def _is_list(text: str) -> bool:
    """Return whether a text is a list in block or in flow style."""
    try:
        return isinstance(yaml.safe_load(text), list)
    except (yaml.YAMLError, ValueError, RecursionError):  # MetalLB's own message follows
        return text.lstrip().startswith(("-", "["))


def _document_of_list(pools: str) -> str:
    """Return a configuration with a list of pools.

    The added line shifts the line numbers in MetalLB's messages by one.
    """
    body = re.sub(r"^---[ \t]*$", "#", pools, count=1, flags=re.MULTILINE)
    return "address-pools:\n" + "".join(f" {line}" for line in body.splitlines(True))


def _document_of_addresses(addresses: str) -> str:
    """Return a configuration with one layer-2 pool of addresses."""
    entries = re.findall(r"[^\s,]+(?:\s*-\s*[^\s,]+)?", addresses)
    pool = {
        "name": "default",
        "protocol": "layer2",
        "addresses": [re.sub(r"\s*-\s*", "-", entry) for entry in entries],
    }
    return yaml.safe_dump({"address-pools": [pool]}, default_flow_style=False)


def _words(text: str) -> List[str]:
    """Return the words of an option; commas and spaces separate them."""
    return text.replace(",", " ").split()


def _read_node_selector(text: str, problems: List[str]) -> Tuple[Label, ...]:
    labels = []
    for word in _words(text):
        label = validators.read_label(word)
        if label is None:
            fix = "write KEY=VALUE of node labels"
            problems.append(OptionProblem("node-selector", f"contains {word!r}", fix))
            continue
        labels.append(label)
    return tuple(labels)


def _read_tolerations(text: str, problems: List[str]) -> Tuple[Toleration, ...]:
    """Return tolerations of taints in kubectl's form: KEY=VALUE:EFFECT, KEY:EFFECT, KEY or *."""
    tolerations = []
    for word in _words(text):
        if word == "*":
            tolerations.append((("operator", "Exists"),))
            continue
        taint = validators.read_taint(word)
        if taint is None:
            fix = f"write KEY=VALUE:EFFECT, KEY:EFFECT or *, with {TAINT_EFFECTS[0]} as an effect"
            problems.append(OptionProblem("tolerations", f"contains {word!r}", fix))
            continue
        tolerations.append(_toleration(taint))
    return tuple(tolerations)


def _toleration(taint: validators.Taint) -> Toleration:
    has_value = taint.value is not None
    fields = [("key", taint.key), ("operator", "Equal" if has_value else "Exists")]
    if has_value:
        fields.append(("value", taint.value or ""))
    if taint.effect:
        fields.append(("effect", taint.effect))
    return tuple(fields)


def _read_log_level(text: str, problems: List[str]) -> str:
    level = text.strip()
    if level not in _LOG_LEVELS:
        fix = f"use one of {', '.join(_LOG_LEVELS)}"
        problems.append(OptionProblem("log-level", f"is {level!r}", fix))
    return level


def _read_networks(text: str, problems: List[str]) -> Tuple[Network, ...]:
    networks = []
    for word in _words(text):
        try:
            networks.append(parse_cidr(word))
        except RefusedError:
            fix = "write networks such as 10.1.0.0/16"
            problems.append(OptionProblem("reserved-networks", f"contains {word!r}", fix))
    return tuple(networks)
