"""The commands of the `juju` client that have other names or options in other releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..juju import Juju
from ..shell import juju_command

# The client of Juju 3 and later stops waiting for an action after a minute by itself.
PATIENCE = "--wait=10m"
# What the actions `verify` and `remove-objects` of this project's charms end with, among others.
SUCCESS = '...ok: "true"'


@dataclass(frozen=True, slots=True)
class JujuCommands:
    """The commands of one Juju release.

    Attributes:
        juju: The release.
    """

    juju: Juju

    @property
    def is_juju_2(self) -> bool:
        """Whether the release is older than Juju 3, which renamed many commands."""
        return self.juju < Juju.V3_6

    def action(self, unit: str, name: str, parameters: Mapping[str, str] | None = None) -> str:
        """Return the command that runs an action and waits for its result.

        Args:
            unit: The unit, such as ``etcd/0`` or ``etcd/leader``.
            name: The action.
            parameters: Its parameters.
        """
        pairs = [f"{key}={value}" for key, value in (parameters or {}).items()]
        if self.is_juju_2:
            return juju_command("run-action", unit, name, *pairs, options=("--wait",))
        return juju_command("run", unit, name, *pairs, options=(PATIENCE,))

    def refresh(self, application: str, *options: str) -> str:
        """Return the command that upgrades the charm of an application.

        Args:
            application: The application.
            options: The options and their arguments.
        """
        # The command refresh exists from Juju 2.8 on.
        verb = "refresh" if self.juju >= Juju.V2_9 else "upgrade-charm"
        return juju_command(verb, application, options=options)

    def download(self, unit: str, path: str) -> str:
        """Return the command that copies a file of a unit into the current directory."""
        return juju_command("scp", f"{unit}:{path}", ".")

    @property
    def has_export(self) -> bool:
        """Whether the release can print a model as a bundle.

        Juju 4 answers with ``Juju 4.0 doesn't support exporting bundles``.
        """
        return self.juju < Juju.V4_0

    @property
    def has_controller_backup(self) -> bool:
        """Whether the release can back up its controller.

        The controller of Juju 4.0 answers with ``Dqlite-based backups not implemented``
        (apiserver/facades/client/backups/create.go).
        """
        return self.juju < Juju.V4_0
