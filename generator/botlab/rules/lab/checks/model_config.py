"""Rules about the configuration of the model, which is not a part of a bundle."""

from __future__ import annotations

from collections.abc import Iterator

from ....findings import Severity
from ....site.proxy import LOCAL_HOSTS, model_config_command, proxy_command
from ..facts import WORKER, Facts
from ..rule import Violation, rule

# The charms that configure a container engine for a proxy.
_ENGINES = ("containerd", "docker", WORKER)
_KEYS = ("http_proxy", "https_proxy")


@rule("BL115", Severity.WARNING)
def proxy_without_model_config(facts: Facts) -> Iterator[Violation]:
    """Yield the proxies that only the container engine is configured for."""
    if facts.site:
        command = model_config_command(facts.site)
        if command:
            yield Violation(
                ("proxy",),
                "the section proxy configures only the container engine; agents, hooks, apt and"
                " snapd use the model's configuration",
                _fix(command),
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
                _fix(proxy_command(http, https, hosts)),
            )


def _fix(command: str) -> str:
    """Return the fix with the command, unless the command has a URL with a password."""
    if "@" in command:
        return "configure the model before the deployment; `botlab explain BL115` has the command"
    return f"run this before the deployment: {command}"
