"""The check of the storage classes: exactly one is the default."""

from __future__ import annotations

from collections.abc import Sequence

from ..advice import model_command
from ..cluster.model import StorageClass
from ..lab import Lab
from ..status.model import ModelStatus
from .report import Check

_NAME = "storage-class"
_STORAGE_CHARM = "nfs-server"


def storage_check(classes: Sequence[StorageClass], lab: Lab, status: ModelStatus) -> Check:
    """Return the check that exactly one storage class is the default."""
    defaults = [entry.name for entry in classes if entry.is_default]
    if len(defaults) == 1:
        return Check(_NAME, True, f"the default storage class is {defaults[0]}")
    if defaults:
        return Check(
            _NAME,
            False,
            f"{len(defaults)} storage classes are the default: {', '.join(defaults)}; keep one:"
            " kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class-",
        )
    charms = [lab.charm_name(name) for name in lab.applications]
    if not classes and _STORAGE_CHARM not in charms:
        return Check(_NAME, True, "the bundle deploys no storage, and the cluster has no class")
    return Check(_NAME, False, f"no storage class is the default; {_advice(lab, status, charms)}")


def _advice(lab: Lab, status: ModelStatus, charms: list[str]) -> str:
    if _STORAGE_CHARM not in charms:
        return "annotate one: storageclass.kubernetes.io/is-default-class=true"
    name = list(lab.applications)[charms.index(_STORAGE_CHARM)]
    command = model_command(status, "config", name, "default-class=true")
    return f"run {command}, and see {model_command(status, 'status', name)}"
