"""Rules about the configuration of the model, which is not a part of a bundle."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity, path_text, suggest
from ....juju import Juju
from ....model_arguments import model_config_command
from ....site.proxy import LOCAL_HOSTS, proxy_options, setting_text
from ....site.text_format import TextFormat
from ....site_model_options import model_options
from ..facts import WORKER, Facts
from ..model_config_keys import (
    AUTHORIZED_KEYS,
    FIXED_KEYS,
    LEGACY_PROXY_KEYS,
    PROXY_URL_KEYS,
    known_keys,
    releases_with,
)
from ..model_config_values import value_problem
from ..rule import Violation, rule

# The charms that configure a container engine for a proxy.
_ENGINES = ("containerd", "docker", WORKER)
_KEYS = ("http_proxy", "https_proxy")
_PROXY_URL = TextFormat(
    r"^([A-Za-z][A-Za-z0-9+.-]*://[^\s/]\S*)?$",
    "the URL of a proxy",
    "write http://HOST:PORT, also where the proxy is for HTTPS",
)


@rule("BL115", Severity.WARNING)
def proxy_without_model_config(facts: Facts) -> Iterator[Violation]:
    """Yield the proxies that only the container engine is configured for."""
    if facts.site:
        if facts.site.proxy and facts.site.proxy.is_used:
            options = model_options(facts.site, facts.profile)
            yield Violation(
                ("proxy",),
                "the section proxy configures only the container engine; agents, hooks, apt and"
                " snapd use the model's configuration",
                _fix(model_config_command(options, facts.site.site, facts.juju)),
                in_site=True,
            )
        return
    for name, application in facts.applications_of(*_ENGINES):
        http, https = (str(application.options.get(key) or "") for key in _KEYS)
        if http or https:
            exceptions = str(application.options.get("no_proxy") or "").replace(" ", "")
            hosts = [*LOCAL_HOSTS, *filter(None, exceptions.split(","))]
            yield Violation(
                ("applications", name, "options", _KEYS[0] if http else _KEYS[1]),
                f"the options of {name} configure only the container engine for the proxy; agents,"
                " hooks, apt and snapd use the model's configuration",
                _fix(model_config_command(proxy_options(http, https, hosts), "", facts.juju)),
            )


def _fix(command: str) -> str:
    """Return the fix with the command, unless the command has a URL with a password."""
    if "@" in command:
        return "configure the model before the deployment; `botlab explain BL115` has the command"
    return f"run this before the deployment: {command}"


@rule("BL148", Severity.ERROR)
def refused_model_config(facts: Facts) -> Iterator[Violation]:
    """Yield the options of the model that Juju refuses to set."""
    for key in facts.site.configuration if facts.site else ():
        path = ("model-config", key)
        if key in FIXED_KEYS:
            yield Violation(
                path,
                f"Juju does not change {key} of a model that exists",
                _fixed_key_advice(key),
                in_site=True,
            )
        elif key == AUTHORIZED_KEYS and facts.juju >= Juju.V3_6:
            yield Violation(
                path,
                f"Juju {facts.juju.value} does not set {key} in a model that exists",
                "remove the key, and add each key by the command `juju add-ssh-key`",
                in_site=True,
            )
        elif key in LEGACY_PROXY_KEYS and _has_juju_proxy(facts):
            yield Violation(
                path,
                f"Juju refuses {key} beside the keys juju-http-proxy and juju-https-proxy",
                "use the section proxy for all of it, and remove this key",
                in_site=True,
            )


def _fixed_key_advice(key: str) -> str:
    if key == "agent-version":
        return "remove the key; the command for another version is upgrade-model"
    return f"remove the key; `juju add-model --config {key}=...` sets it for a new model"


def _has_juju_proxy(facts: Facts) -> bool:
    site = facts.site
    if site is None:
        return False
    has_section = site.proxy is not None and site.proxy.is_used
    return has_section or any(f"juju-{key}" in site.configuration for key in LEGACY_PROXY_KEYS)


@rule("BL149", Severity.WARNING)
def unknown_model_config(facts: Facts) -> Iterator[Violation]:
    """Yield the options of the model that the site's Juju does not know."""
    keys = known_keys(facts.juju)
    for key in facts.site.configuration if facts.site else ():
        if key not in keys:
            path = ("model-config", key)
            yield Violation(
                path,
                f"{path_text(path)} is not an option that Juju {facts.juju.value} knows, so it has"
                " no effect",
                _unknown_key_advice(key, sorted(keys)),
                in_site=True,
            )


def _unknown_key_advice(key: str, keys: list[str]) -> str:
    releases = [juju.value for juju in releases_with(key)]
    if releases:
        return f"remove the key, which is for Juju {', '.join(releases)}"
    return suggest(key, keys, "`juju model-config` lists the options")


@rule("BL165", Severity.ERROR)
def wrong_model_config(facts: Facts) -> Iterator[Violation]:
    """Yield the options of the model whose values Juju refuses."""
    for key, setting in facts.site.configuration.items() if facts.site else ():
        problem = value_problem(key, setting_text(setting), facts.juju)
        if problem:
            yield Violation(("model-config", key), problem.message, problem.fix, in_site=True)


@rule("BL170", Severity.WARNING)
def proxy_without_scheme(facts: Facts) -> Iterator[Violation]:
    """Yield the proxies of the model that are no URLs, which Juju accepts.

    Juju only completes those for apt, and with https:// for HTTPS (``addSchemeIfMissing`` in
    juju/juju environs/config/config.go).
    """
    for key, setting in facts.site.configuration.items() if facts.site else ():
        text = setting_text(setting).strip()
        if key in PROXY_URL_KEYS and not _PROXY_URL.fits(text):
            path = ("model-config", key)
            shown = "" if "@" in text else f" is {text!r}, which"
            yield Violation(
                path,
                f"{path_text(path)}{shown} is {_PROXY_URL.problem}",
                _PROXY_URL.advice,
                in_site=True,
            )
