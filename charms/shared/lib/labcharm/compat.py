"""The one place that knows how Juju and ops differ by age."""

import json
import os
import subprocess
from typing import Any, Callable, Dict, List, Mapping, Optional

from ops.model import BlockedStatus, StatusBase, WaitingStatus

from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import CommandError

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

    Juju does not tell that from the removal of the only unit, which counts alike; a unit that is
    added first prevents it. Where Juju does not say so, nothing is taken away.
    """
    return planned_units(charm) == 0


def status_of(error: Exception) -> StatusBase:
    """Return the status of a unit whose hook ended with an error.

    A BlockedError means that the administrator must act; any other error may clear by itself.
    """
    if isinstance(error, BlockedError):
        return BlockedStatus(str(error))
    if isinstance(error, (CommandError, OSError)):
        return WaitingStatus(f"{error}; the next hook tries again")
    return WaitingStatus(str(error))


class KeepError(WaitingError):
    """Stored values that cannot be read or written now; a later hook may."""


class LeaderData:
    """What the leader keeps for the leaders after it: texts by name, read by every unit.

    From Juju 2.7 on it is the application's bag of a peer relation; before, the leader's settings.

    Args:
        charm: The charm.
        peer: Its peer relation.
    """

    def __init__(self, charm: Any, peer: str) -> None:
        self._charm, self._peer = charm, peer

    def read(self) -> Dict[str, str]:
        """Return everything that is kept."""
        if not _has_application_bags():
            return _leader_settings()
        relation = self._charm.model.get_relation(self._peer)
        return {} if relation is None else dict(relation.data[self._charm.app])

    def check(self) -> None:
        """Tell whether values can be kept, before what must not be made in vain.

        Raises:
            KeepError: When the peer relation is not there yet.
        """
        if _has_application_bags():
            self._relation()

    def write(self, values: Mapping[str, str]) -> None:
        """Keep values; an empty one is dropped. Only the leader may.

        Raises:
            KeepError: When the peer relation is not there yet.
        """
        if not _has_application_bags():
            _set_leader_settings(values)
            return
        bag = self._relation().data[self._charm.app]
        for name, value in values.items():
            if bag.get(name, "") != value:
                bag[name] = value

    def _relation(self) -> Any:
        relation = self._charm.model.get_relation(self._peer)
        if relation is None:
            raise KeepError("the peer relation %s is not there yet" % self._peer)
        return relation


class SecretData:
    """Texts that only the leader's application may read, kept among a LeaderData.

    A Juju secret holds them where Juju and ops have secrets; else they lie in the LeaderData
    itself, which Juju 2.x shows to no other application.

    Args:
        charm: The charm.
        data: Where they, or the secret's id, are kept.
        name: What they are called there.
    """

    def __init__(self, charm: Any, data: LeaderData, name: str) -> None:
        self._charm, self._data, self._name = charm, data, name

    def read(self) -> Dict[str, str]:
        """Return what is kept; nothing where nothing is.

        Raises:
            KeepError: When the secret is there and cannot be read now.
        """
        kept = self._data.read().get(self._name, "")
        if not kept.startswith("secret:"):
            return dict(json.loads(kept)) if kept else {}
        reader = secret_reader(self._charm)
        if reader is None:
            raise KeepError("this Juju does not read the secret %s" % self._name)
        try:
            return dict(reader(kept))
        except LookupError as error:
            raise KeepError("the secret %s cannot be read: %s" % (self._name, error)) from None

    def write(self, values: Mapping[str, str]) -> None:
        """Keep these values in place of those before.

        Raises:
            KeepError: When they cannot be kept yet.
        """
        self._data.check()
        if secret_reader(self._charm) is None:
            self._data.write({self._name: json.dumps(dict(values), sort_keys=True)})
            return
        kept = self._data.read().get(self._name, "") or self._by_label()
        if kept.startswith("secret:"):
            self._charm.model.get_secret(id=kept).set_content(dict(values))
        else:
            kept = self._charm.app.add_secret(dict(values), label=self._name).id
        self._data.write({self._name: kept})

    def _by_label(self) -> str:
        """Return the id of a secret of ours that none is kept of; empty where there is none.

        An application has a label once: Juju refuses the hook that adds it a second time.
        """
        try:
            found = self._charm.model.get_secret(label=self._name).get_info().id
        except Exception as error:  # ops' own, which this module does without
            if type(error).__name__ != "SecretNotFoundError":
                raise KeepError("the secret %s cannot be looked for" % self._name) from None
            return ""
        return str(found)

    def forget(self) -> None:
        """Drop what is kept."""
        kept = self._data.read().get(self._name, "")
        if kept.startswith("secret:") and secret_reader(self._charm) is not None:
            self._charm.model.get_secret(id=kept).remove_all_revisions()
        if kept:
            self._data.write({self._name: ""})


def _has_application_bags() -> bool:
    """Application data bags are there from Juju 2.7 on."""
    numbers = os.environ.get("JUJU_VERSION", "2.9").split(".")[:2]
    return tuple(int(one) if one.isdigit() else 0 for one in numbers) >= (2, 7)


def _leader_settings() -> Dict[str, str]:
    # ops has no call for them. What goes in is told by standard input, never by arguments.
    out = subprocess.run(
        ["leader-get", "--format", "json"],  # noqa: S607
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return dict(json.loads(out.decode("utf-8") or "null") or {})


def _set_leader_settings(values: Mapping[str, str]) -> None:
    subprocess.run(
        ["leader-set", "--file", "-"],  # noqa: S607
        input=json.dumps(dict(values)).encode("utf-8"),
        check=True,
    )
