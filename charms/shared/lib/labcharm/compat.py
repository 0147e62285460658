"""The one place that knows how Juju and ops differ by age."""

import os
from typing import Any, Callable, Dict, List, Mapping, Optional

_PROXIES = {
    "JUJU_CHARM_HTTP_PROXY": "http_proxy",
    "JUJU_CHARM_HTTPS_PROXY": "https_proxy",
    "JUJU_CHARM_NO_PROXY": "no_proxy",
}


def proxies() -> Dict[str, str]:
    """Return the model's proxies as programs read them.

    Juju hands them to hooks as JUJU_CHARM_*_PROXY and sets no other variable (model settings
    juju-http-proxy, juju-https-proxy and juju-no-proxy).
    """
    found = {name: os.environ.get(key, "") for key, name in _PROXIES.items()}
    lower = {name: value for name, value in found.items() if value}
    return dict(lower, **{name.upper(): value for name, value in lower.items()})


def hook_name() -> str:
    """Return the hook or action that runs, as `hooks/NAME` or `actions/NAME`."""
    return os.environ.get("JUJU_DISPATCH_PATH", "")


def relations(charm: Any, name: str, event: Any = None) -> List[Any]:
    """Return an endpoint's relations without the one that is being broken.

    ops 1.5 keeps a broken relation in the model during its own event; ops 2 and later do not.
    """
    broken = getattr(event, "relation", None) if "Broken" in type(event).__name__ else None
    found = charm.model.relations[name]
    return [relation for relation in found if broken is None or relation.id != broken.id]


def secret_reader(charm: Any) -> Optional[Callable[[str], Mapping[str, str]]]:
    """Return what reads a Juju secret by its id; None where Juju or ops has no secrets.

    Secrets are there from Juju 3.0.3 and ops 2.0 on. What is not granted raises LookupError.
    """
    version = os.environ.get("JUJU_VERSION", "2").split(".")[0]
    get = getattr(charm.model, "get_secret", None)
    if get is None or not version.isdigit() or int(version) < 3:
        return None

    def read(name: str) -> Mapping[str, str]:
        try:
            found = get(id=name if name.startswith("secret:") else "secret:" + name)
            return dict(found.get_content(refresh=True))
        except Exception as error:  # ops' errors differ by version, and may quote the secret
            raise LookupError(type(error).__name__) from None

    return read


def identity(charm: Any) -> str:
    """Return what an application's objects on a cluster are known by, among all models on it.

    A label's value holds 63 characters; eight of the model's UUID tell models apart.
    """
    model = os.environ.get("JUJU_MODEL_UUID", "")[:8]
    return ("%s.%s" % (charm.app.name[:54], model)).rstrip(".")


def planned_units(charm: Any) -> int:
    """Return how many units the application shall have, dying ones not counted.

    Juju's goal state says so from 2.4 on; where it does not answer, one is assumed.
    """
    try:
        return int(charm.app.planned_units())
    except Exception:  # what it raises differs by ops
        return 1


def leaving(charm: Any) -> bool:
    """Tell whether the whole application is being removed, not just this unit.

    Where Juju does not say so, nothing is taken away.
    """
    return planned_units(charm) == 0
