"""The commands that let applications read the secrets in their options."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ...errors import BotlabError
from ...json_text import load_json
from ...json_values import mapping_of
from ...juju import Juju
from ...plan.secret_grants import secret_grants
from ..comparison import JujuCommand
from ..comparison.differences import Stage
from ..errors import CommandFailedError, UnsupportedError
from ..fields import mappings_at, text_at
from ..lab import Lab
from ..live_model import LiveModel

_WHY = "the applications read this secret"
# The application in the tag of an access (juju/names ApplicationTag).
_TARGET = "application-"


@dataclass(frozen=True, slots=True)
class Grants:
    """The commands that grant secrets.

    Attributes:
        missing: For the applications that Juju does not show among those with access.
        unknown: For the secrets that Juju does not show. To grant one again changes nothing.
    """

    missing: tuple[JujuCommand, ...] = ()
    unknown: tuple[JujuCommand, ...] = ()


def grants_of(live: LiveModel, lab: Lab, juju: Juju) -> Grants:
    """Return the commands for the secrets in the options of a lab.

    Args:
        live: The model.
        lab: The lab.
        juju: The release of the controller.

    Raises:
        LiveError: When the controller or the model cannot be used.
    """
    missing: list[JujuCommand] = []
    unknown: list[JujuCommand] = []
    for secret, applications in secret_grants(lab.bundle, juju).items():
        readers = _readers(live, secret)
        if readers is None:
            unknown.append(_command(secret, applications))
            continue
        without = [name for name in applications if name not in readers]
        missing += [_command(secret, without)] if without else []
    return Grants(tuple(missing), tuple(unknown))


def _command(secret: str, applications: Collection[str]) -> JujuCommand:
    return JujuCommand(Stage.SETTINGS, "grant-secret", (secret, ",".join(applications)), (), _WHY)


def _readers(live: LiveModel, secret: str) -> set[str] | None:
    """Return the applications with access to a secret; None if Juju does not show it."""
    try:
        output = live.run_client(["show-secret", secret, "--format", "json"])
    except (CommandFailedError, UnsupportedError):
        return None
    try:
        return set(_targets(load_json(output.stdout, "juju show-secret")))
    except BotlabError:  # the output is not JSON
        return None


def _targets(document: object) -> Iterator[str]:
    """Yield the applications with access (cmd/juju/secrets/list.go ``secretDisplayDetails``)."""
    for secret in mapping_of(document).values():
        for access in mappings_at(mapping_of(secret), "access"):
            target = text_at(access, "target")
            if target.startswith(_TARGET):
                yield target.removeprefix(_TARGET)
