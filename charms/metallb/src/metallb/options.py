"""The charm's options, judged in one place; what depends on the release is judged later."""

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

import yaml

from labcharm import validators as shared
from labcharm.validators import EFFECTS, LABEL_KEY, LABEL_VALUE, OptionsError
from metallb.config.addresses import AddressError, Network, parse_cidr
from metallb.upstream.objects import Settings

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


def read_options(config: Mapping[str, Any]) -> Options:
    """Read the options.

    Raises:
        OptionsError: With every problem.
    """
    problems: List[str] = []
    text, option = _pools(config, problems)
    manifest = str(config.get("manifest-url") or "")
    url, digest = shared.pinned("manifest-url", manifest, problems)
    options = Options(
        version=str(config.get("version") or "").strip(),
        text=text,
        option=option,
        settings=Settings(
            shared.registry(str(config.get("image-registry") or ""), problems),
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


def _selector(text: str, problems: List[str]) -> Tuple[Tuple[str, str], ...]:
    found = []
    for word in text.replace(",", " ").split():
        key, equals, value = word.partition("=")
        if not equals or not LABEL_KEY.match(key) or not LABEL_VALUE.match(value):
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
        taint = shared.taint(word)
        if taint is None:
            problems.append(
                "tolerations holds %r; write taints as KEY=VALUE:EFFECT, KEY:EFFECT or *, with an"
                " effect of %s" % (word, ", ".join(EFFECTS))
            )
            continue
        valued = taint.value is not None
        entry = [("key", taint.key), ("operator", "Equal" if valued else "Exists")]
        entry += [("value", taint.value or "")] if valued else []
        found.append(tuple(entry + ([("effect", taint.effect)] if taint.effect else [])))
    return tuple(found)


def _level(value: str, problems: List[str]) -> str:
    if value not in _LEVELS:
        problems.append("log-level is %r; use one of %s" % (value, ", ".join(_LEVELS)))
    return value


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
