"""The StorageClass of the options, and the export that it makes volumes in."""

from typing import NamedTuple, Tuple


class StorageClass(NamedTuple):
    """The StorageClass of the options.

    Attributes:
        name: Its name.
        is_default: Whether it is the cluster's default class.
        provisioner: The name of its provisioner, DOMAIN/NAME.
        reclaim_policy: What happens to a volume whose claim is deleted: Delete or Retain.
        archive_on_delete: Whether a deleted volume's directory is renamed to archived-NAME.
        on_delete: In place of archive_on_delete: delete or retain; empty without it.
        path_pattern: The name of a claim's directory; empty for the provisioner's own choice.
    """

    name: str
    is_default: bool
    provisioner: str
    reclaim_policy: str
    archive_on_delete: bool
    on_delete: str
    path_pattern: str

    @property
    def object_name(self) -> str:
        """The name of the objects: the provisioner's name without its domain."""
        return self.provisioner.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        """The namespace of the provisioner, which no other application and no user shares."""
        return f"{self.object_name}-system"


def trial_class_name(storage_class: StorageClass) -> str:
    """Return the name of the class of a trial on an external export (see external.trial)."""
    return f"{storage_class.object_name}-verify"


class ExportSource(NamedTuple):
    """The export that volumes are made in.

    Attributes:
        server: The server's address.
        path: The export root.
        mount_options: The options that it is mounted with.
    """

    server: str
    path: str
    mount_options: Tuple[str, ...]
