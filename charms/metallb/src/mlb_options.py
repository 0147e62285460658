"""The charm's options, judged in one place; what depends on the release is judged later."""

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

import yaml
from labcharm.options import OptionsError
from mlb_addresses import AddressError, Network, parse_cidr
from mlb_objects import Settings

Options = NamedTuple(
    "Options",
    [
        ("version", str),
        ("text", str),
        ("option", str),
        ("settings", Settings),
        ("manifest_url", str),
        ("digest", str),
        ("reserved", Tuple[Network, ...]),
    ],
)
_LEVELS = ("all", "debug", "info", "warn", "error", "none")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_LABEL = re.compile(r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([\w.-]{0,61}\w)?$")
_VALUE = re.compile(r"^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$")
_REGISTRY = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$")
_URL = re.compile(r"^(https?://\S+)#sha256=([0-9a-f]{64})$")


def read_options(config: Mapping[str, Any]) -> Options:
    """Read the options.

    Raises:
        OptionsError: With every problem.
    """
    problems: List[str] = []
    text, option = _pools(config, problems)
    url, digest = _manifest(str(config.get("manifest-url") or "").strip(), problems)
    options = Options(
        version=str(config.get("version") or "").strip(),
        text=text,
        option=option,
        settings=Settings(
            _registry(str(config.get("image-registry") or ""), problems),
            _selector(str(config.get("node-selector") or ""), problems),
            _tolerations(str(config.get("tolerations") or ""), problems),
            _level(str(config.get("log-level") or "info").strip(), problems),
        ),
        manifest_url=url,
        digest=digest,
        reserved=_reserved(str(config.get("reserved-networks") or ""), problems),
    )
    if problems:
        raise OptionsError(problems)
    return options


def _pools(config: Mapping[str, Any], problems: List[str]) -> Tuple[str, str]:
    """Return MetalLB's configuration as text, and the option that it comes from."""
    simple = str(config.get("addresses") or "").strip()
    full = str(config.get("pools") or "")
    if simple and full.strip():
        problems.append("addresses and pools are both set; keep one of them")
    if full.strip():
        # A list of pools alone is as clear as MetalLB's own document around it.
        return (_document(full) if full.lstrip().startswith("-") else full), "pools"
    if not simple:
        problems.append("no address pool; set addresses, such as 192.168.1.240-192.168.1.250")
        return "", "addresses"
    pool: Dict[str, Any] = {"name": "default", "protocol": "layer2"}
    pool["addresses"] = re.findall(r"[^\s,]+(?:\s*-\s*[^\s,]+)?", simple)
    pool["addresses"] = [re.sub(r"\s*-\s*", "-", entry) for entry in pool["addresses"]]
    return yaml.safe_dump({"address-pools": [pool]}, default_flow_style=False), "addresses"


def _document(text: str) -> str:
    # One line is added, so a line that MetalLB's decoder names is one beyond the option's.
    return "address-pools:\n" + text


def _registry(text: str, problems: List[str]) -> str:
    value = text.strip().rstrip("/")
    if value and ("://" in value or not _REGISTRY.match(value)):
        problems.append("image-registry is %r; write HOST:PORT/PATH without a scheme" % value)
    return value


def _selector(text: str, problems: List[str]) -> Tuple[Tuple[str, str], ...]:
    found = []
    for word in text.replace(",", " ").split():
        key, equals, value = word.partition("=")
        if not equals or not _LABEL.match(key) or not _VALUE.match(value):
            problems.append("node-selector holds %r; write KEY=VALUE of node labels" % word)
        found.append((key, value))
    return tuple(found)


def _tolerations(text: str, problems: List[str]) -> Tuple[Tuple[Tuple[str, str], ...], ...]:
    """Read taints as kubectl writes them: KEY=VALUE:EFFECT, KEY:EFFECT, KEY, or * for all."""
    found = []
    for word in text.replace(",", " ").split():
        if word == "*":
            found.append((("operator", "Exists"),))
            continue
        left, colon, effect = word.partition(":")
        key, equals, value = left.partition("=")
        if not _LABEL.match(key) or not _VALUE.match(value) or (colon and effect not in _EFFECTS):
            problems.append(
                "tolerations holds %r; write taints as KEY=VALUE:EFFECT, KEY:EFFECT or *, with an"
                " effect of %s" % (word, ", ".join(_EFFECTS))
            )
        entry = [("key", key), ("operator", "Equal" if equals else "Exists")]
        entry += [("value", value)] if equals else []
        found.append(tuple(entry + ([("effect", effect)] if colon else [])))
    return tuple(found)


def _level(value: str, problems: List[str]) -> str:
    if value not in _LEVELS:
        problems.append("log-level is %r; use one of %s" % (value, ", ".join(_LEVELS)))
    return value


def _manifest(value: str, problems: List[str]) -> Tuple[str, str]:
    if not value:
        return "", ""
    found = _URL.match(value)
    if found is None:
        problems.append("manifest-url is %r; write URL#sha256=DIGEST (64 hex digits)" % value)
        return "", ""
    return found.group(1), found.group(2)


def _reserved(text: str, problems: List[str]) -> Tuple[Network, ...]:
    found = []
    for word in text.replace(",", " ").split():
        try:
            found.append(parse_cidr(word))
        except AddressError:
            problems.append(
                "reserved-networks holds %r; write networks such as 10.1.0.0/16" % word
            )
    return tuple(found)
