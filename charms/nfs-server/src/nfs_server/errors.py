"""What may go wrong, and how the status or an action's failure says it."""

from labcharm.machine import CommandError
from labcharm.validators import OptionsError
from labkube.apply.objects import ForeignObjectError
from labkube.charm.releases import ReleaseError
from labkube.client.access import MissingError
from labkube.client.api import ApiError
from labkube.client.kubeconfig import KubeconfigError
from nfs_server.cluster.relocation import InTheWayError
from nfs_server.cluster.storage import LeftBehindError, NoDefaultError
from nfs_server.server.directories import FolderError
from nfs_server.server.exports import ExportsError, HandMadeError
from nfs_server.server.service import ServerError
from nfs_server.server.serving import ServingError

_FOREIGN = "%s; remove it, or take it over with sync-objects adopt=true"
_BY_HAND = "%s; take the line out, or set adopt=true to take it over"
_BEHIND = (
    "nobody could delete the volumes of these claims any more: %s; keep storage-class and"
    " provisioner-name while they are there, or set these volumes' reclaim policy to Retain"
)
# What does not go by waiting: somebody has to mend it.
USER = (
    OptionsError, KubeconfigError, ReleaseError, FolderError, HandMadeError, ExportsError,
    ServerError, ServingError, ForeignObjectError, LeftBehindError, NoDefaultError,
)  # fmt: skip
ANY = (*USER, InTheWayError, MissingError, ApiError, CommandError, OSError)


def told(error: Exception) -> str:
    """Put an error into words, with what mends it."""
    if isinstance(error, ForeignObjectError):
        return _FOREIGN % error
    if isinstance(error, LeftBehindError):
        return _BEHIND % error
    if isinstance(error, HandMadeError):
        return _BY_HAND % error
    return str(error)
