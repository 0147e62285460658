"""One object written, on servers of any age: applied by the server, or merged by us.

Below the version that applies by itself it is created, or brought to what is wanted by a
three-way merge with what was applied last. What the server calls immutable is made anew, for the
kinds where that harms nothing.
"""

from typing import Callable

from labkube.apply.last_applied import last_applied, note_for, note_of, with_note
from labkube.apply.patch import covers, merge_patch, removals
from labkube.client.api import Api, ApiError, Object, Version

SERVER_SIDE = (1, 22)
# Only by deletion can these be changed where the server calls a field immutable.
RECREATED = ("StorageClass", "ClusterRoleBinding", "RoleBinding", "DaemonSet", "Deployment", "Job")


def is_as(wanted: Object, live: Object) -> bool:
    """Tell whether an object of the cluster is as wanted, so that there is nothing to write."""
    return note_of(live) == note_for(wanted) and covers(live, wanted)


class Writer:
    """Writes objects as a charm's.

    Args:
        api: The cluster.
        charm: Name of the charm; the field manager.
        server_side: From which version on the server does the applying.
        sleep: Waits.
    """

    def __init__(
        self, api: Api, charm: str, server_side: Version, sleep: Callable[[float], None]
    ) -> None:
        self._api, self._charm, self._server_side = api, charm, server_side
        self._sleep = sleep

    def create(self, wanted: Object) -> None:
        """Make an object that is not there."""
        if self._applies():
            self._api.apply(with_note(wanted), self._charm)
        else:
            self._api.create(with_note(wanted))

    def change(self, wanted: Object, live: Object) -> None:
        """Bring an object that is there to what is wanted."""
        try:
            if self._applies():
                self._apply(wanted, live)
            else:
                self._merge(wanted, live)
        except ApiError as error:
            immutable = error.status == 422 and wanted["kind"] in RECREATED
            if not immutable:
                raise
            self._recreate(wanted)

    def _applies(self) -> bool:
        return self._api.version() >= self._server_side

    def _apply(self, wanted: Object, live: Object) -> None:
        # The server removes what this manager applied before and no longer does. What was merged
        # while the server was older has another manager, so it is removed by name.
        gone = removals(merge_patch(last_applied(live), live, with_note(wanted)))
        if gone:
            self._api.patch(wanted, gone)
        self._api.apply(with_note(wanted), self._charm)

    def _merge(self, wanted: Object, live: Object) -> None:
        noted = with_note(wanted)
        if note_of(live).startswith("sha256:"):
            # What it was is not kept, so it is put in its place as a whole.
            version = live["metadata"].get("resourceVersion")
            noted["metadata"] = dict(noted["metadata"], resourceVersion=version)
            self._api.replace(noted)
        else:
            self._api.patch(wanted, merge_patch(last_applied(live), live, noted))

    def _recreate(self, wanted: Object) -> None:
        self._api.delete(wanted)
        for _ in range(60):
            if self._api.get(wanted) is None:
                break
            self._sleep(0.5)
        self._api.create(with_note(wanted))
