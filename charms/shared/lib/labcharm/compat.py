"""The only module that knows how Juju and ops differ by version."""

import json
import os
import subprocess
from contextlib import contextmanager
from typing import Callable, Dict, Iterator, List, Mapping, MutableMapping, Optional, Tuple

from ops.charm import CharmBase
from ops.framework import BoundEvent, EventBase
from ops.model import Relation, RelationNotFoundError

from labcharm.documents import parse_object
from labcharm.errors import WaitingError

# Reads a Juju secret by its id.
SecretReader = Callable[[str], Mapping[str, str]]


def relations(charm: CharmBase, name: str, event: Optional[EventBase] = None) -> List[Relation]:
    """Return the relations of an endpoint without the one that is being broken.

    ops 1.5 keeps a broken relation in the model during its own event; ops 2 and later do not.

    Args:
        charm: The charm.
        name: The endpoint's name.
        event: The event that is being handled.
    """
    broken = getattr(event, "relation", None) if "Broken" in type(event).__name__ else None
    endpoint = charm.model.relations[name]
    return [relation for relation in endpoint if broken is None or relation.id != broken.id]


def publish(bag: MutableMapping[str, str], values: Mapping[str, str]) -> None:
    """Write values into a data bag; those that it has already are not written again.

    After `juju remove-relation --force` an agent lists the relation until it restarts, but cannot
    write to it (seen on Juju 4.0.15). Then nobody reads the bag, and nothing is written.

    Args:
        bag: The unit's data bag of a relation, or the application's.
        values: The values by name; an empty value removes its name.
    """
    for name, text in values.items():
        if bag.get(name, "") == text:
            continue
        try:
            bag[name] = text
        except RelationNotFoundError:
            return


def secret_reader(charm: CharmBase) -> Optional[SecretReader]:
    """Return a function that reads a Juju secret by its id; None if Juju has no secrets.

    Secrets exist from Juju 3.0.3 and ops 2.0 on. The function raises LookupError when the secret
    does not exist or is not granted to the application.
    """
    get_secret = getattr(charm.model, "get_secret", None)
    if get_secret is None or _juju_version("2") < (3,):
        return None

    def read(secret_id: str) -> Mapping[str, str]:
        try:
            secret = get_secret(id=_with_scheme(secret_id))
            return dict(secret.get_content(refresh=True))
        except Exception as error:  # ops' errors differ by version, and may quote the secret
            raise LookupError(type(error).__name__) from None

    return read


def user_secret_reader(charm: CharmBase) -> Optional[SecretReader]:
    """Return a function that reads a secret that a user added and granted to the application.

    It is None where Juju or ops has no such secrets: they exist from Juju 3.3 and ops 2.0 on. The
    function raises LookupError as that of `secret_reader` does.
    """
    return secret_reader(charm) if _juju_version("2") >= (3, 3) else None


def secret_changed_events(charm: CharmBase) -> List[BoundEvent]:
    """Return the event of a new revision of a secret that the unit reads; none before ops 2."""
    event = getattr(charm.on, "secret_changed", None)
    return [] if event is None else [event]


def secret_remove_events(charm: CharmBase) -> List[BoundEvent]:
    """Return the event of a revision that nobody reads any more; none before ops 2."""
    event = getattr(charm.on, "secret_remove", None)
    return [] if event is None else [event]


def remove_secret_revision(event: EventBase) -> None:
    """Delete the revision that an event of `secret_remove_events` names.

    Raises:
        WaitingError: When Juju refuses it, as to a unit that is no longer the leader.
    """
    with _secret_errors("a revision of a secret"):
        event.secret.remove_revision(event.revision)  # pyright: ignore - ops 1.5 has no such event


@contextmanager
def _secret_errors(subject: str) -> Iterator[None]:
    """Turn an error of ops in the removal of a secret into a WaitingError.

    A secret that does not exist any more counts as removed.
    """
    try:
        yield
    except Exception as error:  # ops' errors differ by version, and may quote the secret
        if type(error).__name__ != "SecretNotFoundError":
            message = f"{subject} cannot be removed: {type(error).__name__}"
            raise WaitingError(message) from None


def _with_scheme(secret_id: str) -> str:
    return secret_id if secret_id.startswith("secret:") else f"secret:{secret_id}"


def identity(charm: CharmBase) -> str:
    """Return a name for the application that is unique among the models that share a cluster.

    It is the value of a label, which holds 63 characters at most: the application's name, and
    eight characters of the model's UUID.
    """
    model = os.environ.get("JUJU_MODEL_UUID", "")[:8]
    return f"{charm.app.name[:54]}.{model}".rstrip(".")


def unit_networks(charm: CharmBase, endpoint: str) -> List[str]:
    """Return the networks of the unit's machine that Juju binds an endpoint to, as ADDRESS/BITS.

    If Juju does not answer, there are none.
    """
    try:
        interfaces = charm.model.get_binding(endpoint).network.interfaces
        return [str(interface.subnet) for interface in interfaces if interface.subnet]
    except Exception:  # the exception's class differs by version of ops
        return []


def planned_units(charm: CharmBase) -> int:
    """Return how many units the application will have; units that are being removed do not count.

    The number comes from Juju's goal state, which exists from Juju 2.4 on. If Juju does not
    answer, the number is 1.
    """
    try:
        return int(charm.app.planned_units())
    except Exception:  # the exception's class differs by version of ops
        return 1


def is_being_removed(charm: CharmBase) -> bool:
    """Return whether the whole application is being removed, and not only this unit.

    Juju reports the removal of an application's only unit in the same way; adding another unit
    first avoids that. If Juju does not answer, the result is False.
    """
    return planned_units(charm) == 0


class LeaderData:
    """Strings by name that the leader stores for all units, and so for the next leader.

    From Juju 2.7 on they are in the application's data bag of a peer relation, before that in the
    leader settings.

    Args:
        charm: The charm.
        peer: The name of its peer relation.
    """

    def __init__(self, charm: CharmBase, peer: str) -> None:
        self._charm, self._peer = charm, peer

    def read(self) -> Dict[str, str]:
        """Return everything that is stored."""
        if not _has_application_bags():
            return _read_leader_settings()
        values: Dict[str, str] = {}
        for relation in self._peer_relations():
            values.update(relation.data[self._charm.app])
        return values

    def check_writable(self) -> None:
        """Check that values can be stored, before creating something that must not be lost.

        Raises:
            WaitingError: When the peer relation does not exist yet.
        """
        if _has_application_bags():
            self._writable_relations()

    def write(self, values: Mapping[str, str]) -> None:
        """Store values by name; an empty value removes its name. Only the leader may do this.

        Raises:
            WaitingError: When the peer relation does not exist yet.
        """
        if not _has_application_bags():
            _write_leader_settings(values)
            return
        for relation in self._writable_relations():
            publish(relation.data[self._charm.app], values)

    def _writable_relations(self) -> List[Relation]:
        found = self._peer_relations()
        if not found:
            raise WaitingError(f"the peer relation {self._peer} does not exist yet")
        return found

    def _peer_relations(self) -> List[Relation]:
        """Return the peer relation, with its duplicates.

        Juju 3.6 adds another one if the application goes back to a revision without the peer and
        is refreshed again (juju issue 19631). All of them get the same values.
        """
        return list(self._charm.model.relations[self._peer])


class SecretData:
    """Strings by name that only the application itself may read.

    They are in a Juju secret where Juju and ops have secrets. Otherwise they are in the
    LeaderData, which Juju 2.x shows to no other application.

    Args:
        charm: The charm.
        leader_data: Where the strings, or the secret's id, are stored.
        name: The name under which they are stored there; also the secret's label.
    """

    def __init__(self, charm: CharmBase, leader_data: LeaderData, name: str) -> None:
        self._charm, self._leader_data, self._name = charm, leader_data, name

    def read(self) -> Dict[str, str]:
        """Return the stored strings; an empty mapping where nothing is stored.

        Raises:
            WaitingError: When there is a secret that cannot be read now.
        """
        stored = self._stored()
        if not stored.startswith("secret:"):
            return parse_object(stored) or {}  # strings that are damaged are lost
        reader = secret_reader(self._charm)
        if reader is None:
            raise WaitingError(f"this version of Juju cannot read the secret {self._name}")
        try:
            return dict(reader(stored))
        except LookupError as error:
            message = f"the secret {self._name} cannot be read: {error}"
            raise WaitingError(message) from None

    def write(self, values: Mapping[str, str]) -> None:
        """Store these strings in place of all earlier ones.

        Raises:
            WaitingError: When they cannot be stored yet.
        """
        self._leader_data.check_writable()
        if secret_reader(self._charm) is None:
            self._leader_data.write({self._name: json.dumps(dict(values), sort_keys=True)})
            return
        secret_id = self._stored() or self._find_by_label()
        if secret_id.startswith("secret:"):
            self._charm.model.get_secret(id=secret_id).set_content(dict(values))
        else:
            secret_id = str(self._charm.app.add_secret(dict(values), label=self._name).id)
        self._leader_data.write({self._name: secret_id})

    def remove(self) -> None:
        """Remove the stored strings, and the secret that held them.

        The secret is found by its label when the peer relation is gone: Juju 4 may break it before
        the hook `stop`.

        Raises:
            WaitingError: When Juju does not find out, or refuses it.
        """
        stored = self._stored()
        if secret_reader(self._charm) is not None:
            secret_id = stored or self._find_by_label()
            if secret_id.startswith("secret:"):
                with _secret_errors(f"the secret {self._name}"):
                    self._charm.model.get_secret(id=secret_id).remove_all_revisions()
        if stored:
            self._leader_data.write({self._name: ""})

    def _stored(self) -> str:
        return self._leader_data.read().get(self._name, "")

    def _find_by_label(self) -> str:
        """Return the id of a secret of this application whose id was not stored; empty if none.

        A label is unique within an application: Juju refuses a hook that adds it a second time.
        """
        try:
            return str(self._charm.model.get_secret(label=self._name).get_info().id)
        except Exception as error:  # SecretNotFoundError does not exist in ops 1.5
            if type(error).__name__ != "SecretNotFoundError":
                message = f"the secret {self._name} cannot be looked up"
                raise WaitingError(message) from None
            return ""


def _has_application_bags() -> bool:
    """Return whether Juju has application data bags: it does from 2.7 on."""
    return _juju_version("2.9") >= (2, 7)


def _juju_version(default: str) -> Tuple[int, ...]:
    """Return Juju's major and minor version, or the default where Juju does not name its own."""
    numbers = os.environ.get("JUJU_VERSION", default).split(".")[:2]
    return tuple(int(number) if number.isdigit() else 0 for number in numbers)


def _read_leader_settings() -> Dict[str, str]:
    # ops has no call for leader settings.
    output = subprocess.run(
        ["leader-get", "--format", "json"],  # noqa: S607
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    return parse_object(output) or {}


def _write_leader_settings(values: Mapping[str, str]) -> None:
    # By standard input, because arguments are visible to every user of the machine.
    subprocess.run(
        ["leader-set", "--file", "-"],  # noqa: S607
        input=json.dumps(dict(values)).encode("utf-8"),
        check=True,
    )
