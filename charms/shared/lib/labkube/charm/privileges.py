"""The work of a unit on a cluster with a narrow identity, to which the leader grants its roles.

Only the leader requests an administrator's credentials, and only when the server refuses the
narrow identity or the roles differ from those of the charm's revision.
"""

import logging
import re
import time
from contextlib import suppress
from typing import Any, Callable, ContextManager, List, Tuple, TypeVar

from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labkube.charm.cluster import Cluster
from labkube.charm.roles import Roles
from labkube.client.access import Access
from labkube.client.api import Api, ApiError

# Charms and events are objects of ops 1.5 to 3, which this package does not import.
Event = Any
T = TypeVar("T")
_log = logging.getLogger(__name__)
# The texts of the server's authorizer (apiserver, responsewriters.forbiddenMessage) and of the
# check against the escalation of rights (rbac/validation). Admission uses the same status.
_LACKS_RIGHT = re.compile(r'User ".*" cannot |attempting to grant RBAC permissions')
# A server notices new roles by its watch.
_GRANT_SECONDS = 5.0
_MAY_DO_EVERYTHING: JsonObject = {
    "apiVersion": "authorization.k8s.io/v1",
    "kind": "SelfSubjectAccessReview",
    "metadata": {},
    "spec": {"resourceAttributes": {"verb": "*", "group": "*", "resource": "*"}},
}


class Privileges:
    """The work of a unit, with as few rights as it needs.

    Args:
        cluster: The cluster, with `is_narrow`.
        administers: Whether the unit may work as an administrator: the leader may, or the unit
            that serves.
        connect: Connects to the cluster, such as `Cluster.connect`.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        cluster: Cluster,
        administers: bool,
        connect: Callable[[Access], ContextManager[Api]],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cluster, self._administers = cluster, administers
        self._connect, self._sleep = connect, sleep

    def run(
        self,
        access: Access,
        roles: Callable[[Api], Roles],
        work: Callable[[Api], T],
        apply_as_admin: Callable[[Api], Any],
        event: Event = None,
    ) -> T:
        """Return the outcome of some work; if it lacks rights, they are granted before.

        Args:
            access: The unit's access. The rights of the option `kubeconfig` are the
                administrator's decision: nothing is granted to it.
            roles: Returns the roles, which are checked before the work.
            work: The work. It may run again.
            apply_as_admin: Applies what the roles give no right to apply.
            event: The event that is being handled.

        Raises:
            WaitingError: When the leader has yet to grant the roles, or the control plane has yet
                to answer the leader's request.
            BlockedError: When the roles do not reach the unit's credentials.
        """
        try:
            return self._work(access, roles, work, event)
        except ApiError as error:
            if access.is_option or not _may_need_roles(error):
                raise
            if not self._administers:
                raise _waiting_for_leader(error) from None

        def grant(api: Api) -> None:
            apply_as_admin(api)
            roles(api).grant(api)

        self._administer(grant, event)
        return self._work_once_granted(access, roles, work, event)

    def run_once(self, access: Access, work: Callable[[Api], T], event: Event = None) -> T:
        """Return the outcome of some work; without the rights for it, as an administrator.

        It is for work that ends with the roles: none are granted.

        Args:
            access: The unit's access.
            work: The work. It may run again.
            event: The event that is being handled.

        Raises:
            WaitingError: When the control plane has yet to answer the leader's request.
        """
        try:
            with self._connect(access) as api:
                return work(api)
        except ApiError as error:
            if access.is_option or not self._administers or not _may_need_roles(error):
                raise
        return self._administer(work, event)

    def _administer(self, work: Callable[[Api], T], event: Event) -> T:
        is_refused = False
        with self._connect(self._cluster.admin_access(event)) as api:
            try:
                return work(api)
            except ApiError as error:
                is_refused = error.status == 401
                raise
            finally:
                # Credentials that an earlier request brought may be revoked; only a request brings
                # new ones.
                if is_refused:
                    self._cluster.request_admin(event)
                else:
                    self._cluster.withdraw_admin_request(event)

    def _work(
        self,
        access: Access,
        roles: Callable[[Api], Roles],
        work: Callable[[Api], T],
        event: Event,
    ) -> T:
        with self._connect(access) as api:
            if self._administers and not access.is_option:
                roles(api).check(api)
            outcome = work(api)
        if not access.is_option:
            self._cluster.withdraw_admin_request(event)
        return outcome

    def _work_once_granted(
        self,
        access: Access,
        roles: Callable[[Api], Roles],
        work: Callable[[Api], T],
        event: Event,
    ) -> T:
        errors: List[ApiError] = []

        def try_work() -> Tuple[T, ...]:
            try:
                return (self._work(access, roles, work, event),)
            except ApiError as error:
                if not _may_need_roles(error):
                    raise
                errors.append(error)
                return ()

        for outcome in wait_until(try_work, _GRANT_SECONDS, 0.2, self._sleep):
            self._warn_of_excess(access)
            return outcome
        if errors[-1].status == 401:
            raise errors[-1]
        _log.warning("the API refuses what our roles allow: %s", errors[-1])
        raise BlockedError(
            "kube-control's credentials lack the rights of our roles; set the option kubeconfig"
        )

    def _warn_of_excess(self, access: Access) -> None:
        """Log it if the unit's credentials, or a server without RBAC, allow everything."""
        with suppress(ApiError), self._connect(access) as api:
            review = api.create(_MAY_DO_EVERYTHING)
            if review.get("status", {}).get("allowed"):
                _log.warning(
                    "kube-control's credentials for %s may do everything on the cluster", access
                )


def _may_need_roles(error: ApiError) -> bool:
    """Return whether roles, or the time to create a token, may be what a request lacks."""
    if error.status == 403:
        return error.reason == "RolesOutdated" or bool(_LACKS_RIGHT.search(str(error)))
    return error.status == 401


def _waiting_for_leader(error: ApiError) -> WaitingError:
    if error.status == 401:
        return error
    return WaitingError("the leader unit has yet to grant this unit's rights on the cluster")
