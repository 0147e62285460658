"""Objects on a cluster: applied, pruned, compared and taken away, on servers of any age.

An object that is as wanted is only read. Objects carry labels of the application and charm that
made them; what has no such label is somebody else's and never written or removed unasked. A
Secret's content is wanted as `data`, not as `stringData`, which the server never gives back.
"""

import time
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional

from labcharm.errors import BlockedError
from labcharm.text import some
from labkube.apply.kinds import defined_by, in_order
from labkube.apply.owned import Ours
from labkube.apply.writer import SERVER_SIDE, Writer, is_as
from labkube.client.api import Api, ApiError, Object, UnknownKindError, Version
from labkube.client.references import DEFINITION, Kind, Ref, name_of, ref_of
from labkube.inspect.readiness import not_deleted_reason, not_ready_reason

Applied = NamedTuple(
    "Applied",
    [("created", List[str]), ("changed", List[str]), ("same", int), ("pruned", List[str])],
)
Comparison = NamedTuple(
    "Comparison",
    [
        ("correct", List[str]),
        ("changed", List[str]),
        ("missing", List[str]),
        ("extra", List[str]),
    ],
)


class ForeignObjectError(BlockedError):
    """Objects that exist already and that another application or a person created.

    Attributes:
        names: Their names, such as "ConfigMap kube-system/config".
        fix: What the administrator can do, for the message.
    """

    def __init__(self, names: List[str], fix: str = "") -> None:
        message = f"not made by this application: {some(names)}"
        super().__init__(f"{message}; {fix}" if fix else message)
        self.names, self.fix = names, fix


class Objects:
    """The objects that an application of a model has on a cluster.

    Args:
        api: The cluster.
        application: What tells the application from others on the cluster (`compat.identity`).
        charm: Name of the charm; the field manager too.
        kinds: Every kind that any version of the charm makes, for finding what it no longer does.
        sleep: Waits; handed in for tests.
        server_side: From which version on the server does the applying.
        foreign_fix: What the administrator can do about foreign objects, for the message of
            ForeignObjectError: "remove it, or take it over with sync-objects adopt=true".
    """

    def __init__(
        self,
        api: Api,
        application: str,
        charm: str,
        kinds: Iterable[Kind],
        sleep: Callable[[float], None] = time.sleep,
        server_side: Version = SERVER_SIDE,
        foreign_fix: str = "",
    ) -> None:
        self._api, self._sleep, self._foreign_fix = api, sleep, foreign_fix
        self._ours = Ours(api, application, charm, kinds)
        self._writer = Writer(api, charm, server_side, sleep)

    def apply(
        self,
        objects: Iterable[Object],
        adopt: bool = False,
        prune: bool = True,
        known: Optional[Mapping[Ref, Object]] = None,
        settle: bool = True,
    ) -> Applied:
        """Make the cluster have these objects, and of ours no others.

        Args:
            objects: What shall be there.
            adopt: Whether objects of others with these names are taken over; what they hold
                beyond ours stays.
            prune: Whether what is ours and not among them is removed.
            known: Live objects that `look` has seen; the others are asked for.
            settle: Whether what is defined is waited for (`settle`), before what comes after it.

        Raises:
            ForeignObjectError: Before anything is written, where somebody else's stand.
            ApiError: When a request fails; what was done stays and the next run goes on.
            UnknownKindError: When the server does not have a kind.
        """
        wanted = [self._ours.labelled(found) for found in in_order(objects)]
        live = [self._find(found, known) for found in wanted]
        if not adopt:
            self._refuse(wanted, live)
        done = self._brought(wanted, live, settle)
        return done._replace(pruned=self.prune(wanted) if prune else [])

    def _brought(
        self, wanted: List[Object], live: List[Optional[Object]], settle: bool
    ) -> Applied:
        done = Applied([], [], 0, [])
        written: List[Object] = []
        for found, there in zip(wanted, live):
            if settle and found["kind"] != DEFINITION:
                self.settle(written)
                written = []
            if there is not None and is_as(found, there):
                done = done._replace(same=done.same + 1)
                continue
            self._write(found, there, done)
            written.append(found)
        if settle:
            self.settle(written)
        return done

    def _write(self, wanted: Object, live: Optional[Object], done: Applied) -> None:
        if live is None:
            self._create(wanted)
            done.created.append(name_of(wanted))
        else:
            self._writer.change(wanted, live)
            done.changed.append(name_of(wanted))

    def _create(self, wanted: Object) -> None:
        try:
            self._writer.create(wanted)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            live = self._api.get(wanted)  # another hook's request that seemed to fail
            if live is None:
                raise
            if not self.owns(live):
                raise ForeignObjectError([name_of(wanted)], self._foreign_fix) from None
            self._writer.change(wanted, live)

    def _find(self, found: Object, known: Optional[Mapping[Ref, Object]]) -> Optional[Object]:
        return (known or {}).get(ref_of(found)) or self._api.get(found)

    def settle(self, applied: Iterable[Object], seconds: float = 30.0) -> None:
        """Wait until the server serves what was defined, all together.

        Args:
            applied: Objects that were created or changed; those that are no definitions are
                passed over.
            seconds: How long that may take. What needs a kind that is not served then, says so.
        """
        end = time.monotonic() + seconds
        left = [kind for found in applied for kind in defined_by(found)]
        while True:
            left = [kind for kind in left if not self._api.serves(*kind)]
            if not left or time.monotonic() > end:
                return
            self._sleep(0.1)

    def look(self, objects: Iterable[Object]) -> Dict[Ref, Object]:
        """Return those of these objects that are there and ours, by lists and not one by one.

        A list a kind instead of a request an object: a set of hundreds is seen in a second.
        """
        return self._ours.look(objects)

    def owns(self, live: Object) -> bool:
        """Tell whether an object of the cluster is ours."""
        return self._ours.owns(live)

    def owned(self) -> List[Object]:
        """Return every object that we applied, of the kinds that this charm makes, each once."""
        return self._ours.applied()

    def refuse_foreign(self, objects: Iterable[Object]) -> None:
        """Look for somebody else's objects of these names, where they are applied in stages.

        Raises:
            ForeignObjectError: With all of them.
        """
        wanted = list(objects)
        self._refuse(wanted, [self._api.get(found) for found in wanted])

    def _refuse(self, wanted: List[Object], live: List[Optional[Object]]) -> None:
        foreign = [
            name_of(found) for found, there in zip(wanted, live) if there and not self.owns(there)
        ]
        if foreign:
            raise ForeignObjectError(foreign, self._foreign_fix)

    def prune(self, keep: Iterable[Object]) -> List[str]:
        """Remove what is ours and not among these; return their names."""
        extra = self._ours.beyond(keep)
        return [name_of(found) for found in reversed(in_order(extra)) if self._api.delete(found)]

    def compare(
        self, objects: Iterable[Object], known: Optional[Mapping[Ref, Object]] = None
    ) -> Comparison:
        """Tell which objects are as wanted, changed, missing, and ours beyond these.

        Args:
            objects: What is wanted.
            known: Live objects that `look` has seen; the others are asked for.
        """
        result = Comparison([], [], [], [])
        wanted = [self._ours.labelled(found) for found in in_order(objects)]
        for found in wanted:
            try:
                live = self._find(found, known)
            except UnknownKindError:
                live = None
            right = live is not None and is_as(found, live)
            where = result.missing if live is None else result.correct if right else result.changed
            where.append(name_of(found))
        result.extra.extend(name_of(found) for found in self._ours.beyond(wanted))
        return result

    def not_ready(
        self, objects: Iterable[Object], known: Optional[Mapping[Ref, Object]] = None
    ) -> List[str]:
        """List which of these objects do not serve yet, and why.

        Args:
            objects: What is watched.
            known: Live objects that `look` has seen just now; the others are asked for.
        """
        told = []
        for found in objects:
            live = self._find(found, known)
            reason = "is missing" if live is None else not_ready_reason(live)
            if reason:
                told.append("%s %s" % (name_of(found), reason))
        return told

    def wait(self, objects: Iterable[Object], seconds: float) -> List[str]:
        """Wait until all of these serve; return what does not after that time."""
        end = time.monotonic() + seconds
        watched = list(objects)
        told = self.not_ready(watched)
        while told and time.monotonic() < end:
            self._sleep(0.1)
            told = self.not_ready(watched)
        return told

    def remove(self, seconds: float = 60.0, keep: Iterable[Object] = ()) -> List[str]:
        """Remove every object of ours.

        Args:
            seconds: How long they may take to go.
            keep: Which of them stay.

        Returns:
            What is still there after the wait, and what holds it; nothing is forced.
        """
        kept = list(keep)
        left = self._ours.beyond(kept)
        for found in reversed(in_order(left)):
            self._api.delete(found)
        end = time.monotonic() + seconds
        left = self._ours.beyond(kept)
        while left and time.monotonic() < end:
            self._sleep(0.5)
            left = self._ours.beyond(kept)
        return [not_deleted_reason(found) for found in left]
