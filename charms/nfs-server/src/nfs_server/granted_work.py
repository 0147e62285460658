"""The work of the serving unit on the cluster, with the rights of the charm's roles."""

from typing import Callable, ContextManager, List, TypeVar

from labkube.charm.cluster import Cluster
from labkube.charm.privileges import Privileges
from labkube.charm.roles import Roles
from labkube.client.access import Access
from labkube.client.api import Api
from nfs_server import rights
from nfs_server.cluster.cluster_storage import CHARM, ClusterStorage, DesiredState
from nfs_server.framework import Event

T = TypeVar("T")


class GrantedWork:
    """The work of a unit on its cluster.

    Args:
        cluster: The charm's access to the cluster.
        application: The identity of the application among others on the cluster.
        connect: Connects to the cluster, such as `Cluster.connect`.
    """

    def __init__(
        self, cluster: Cluster, application: str, connect: Callable[[Access], ContextManager[Api]]
    ) -> None:
        self._application = application
        self._privileges = Privileges(cluster, True, connect)

    def run(
        self,
        access: Access,
        desired_state: Callable[[ClusterStorage], DesiredState],
        work: Callable[[ClusterStorage], T],
        event: Event,
    ) -> T:
        """Return the outcome of work that applies objects (see `Privileges.run`).

        Args:
            access: The unit's access.
            desired_state: Returns the desired state, on which the unit's rights depend.
            work: The work. It may run again.
            event: The event that is being handled.
        """

        def roles(api: Api) -> Roles:
            desired = desired_state(self._storage(api))
            grants = rights.grants(desired.storage_class, desired.objects)
            return Roles(self._application, CHARM, grants)

        def work_on(api: Api) -> T:
            return work(self._storage(api))

        return self._privileges.run(access, roles, work_on, work_on, event)

    def remove(
        self,
        access: Access,
        is_last: bool,
        remove_trials: Callable[[ClusterStorage], None],
    ) -> List[str]:
        """Remove the objects, and then the roles; return what remains of the objects.

        Args:
            access: The unit's access.
            is_last: Whether the roles are deleted although objects remain.
            remove_trials: Removes the objects of killed trials, while the provisioner runs.
        """

        def remove(api: Api) -> List[str]:
            remove_trials(self._storage(api))
            remaining = self._storage(api).remove()
            if not remaining or is_last:
                Roles(self._application, CHARM, []).revoke(api)
            return remaining

        return self._privileges.run_once(access, remove)

    def _storage(self, api: Api) -> ClusterStorage:
        return ClusterStorage(api, self._application)
