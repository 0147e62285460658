"""The errors that carry more than their message. Every other problem is a plain BlockedError."""

from typing import List, Sequence

from labcharm.errors import BlockedError
from labcharm.text import summarize
from labkube.apply.objects import ForeignObjectError


class ForeignExportsError(BlockedError):
    """Files of the administrator export directories of this application.

    Args:
        lines: "FILE line NUMBER exports DIRECTORY" for each such line.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(f"{summarize(lines, 1)}; remove it, or set adopt=true to take it over")
        self.lines: List[str] = list(lines)


class OrphanedVolumesError(BlockedError):
    """A change would leave volumes that no provisioner could delete any more.

    Args:
        claims: The claims of these volumes, each with its class and provisioner.
    """

    def __init__(self, claims: Sequence[str]) -> None:
        super().__init__(
            "volumes would be orphaned; keep storage-class and provisioner-name, or retain them:"
            f" {summarize(claims)}"
        )
        self.claims: List[str] = list(claims)


def foreign_objects_text(error: ForeignObjectError) -> str:
    """Return the status for foreign objects: the fix comes before their long names."""
    return f"foreign objects; {error.fix}: {summarize(error.names)}"
