"""The objects of an application: applied, pruned, compared and removed, on servers of any version.

An object that is in its desired state is only read. Objects carry labels of their application and
charm; an object without these labels is foreign, and is neither written nor removed unless the
caller says so. A Secret's content must be given as `data`, not as `stringData`, which the server
does not return.
"""

import time
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional

from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.polling import wait_until
from labcharm.text import summarize
from labkube.apply.kinds import in_apply_order, kinds_defined_by
from labkube.apply.owned import OwnedObjects, Snapshot
from labkube.apply.writer import SERVER_SIDE, Writer, is_up_to_date
from labkube.client.api import Api, ApiError, UnknownKindError, Version
from labkube.client.references import DEFINITION, Kind, Ref, name_of, ref_of
from labkube.inspect.readiness import not_deleted_reason, not_ready_reason

# Live objects by their references.
Observed = Mapping[Ref, JsonObject]


class Applied(NamedTuple):
    """The result of applying objects: names, and the number of the objects that were only read."""

    created: List[str]
    changed: List[str]
    same: int
    pruned: List[str]


def merge_runs(runs: Iterable[Applied], last: Applied) -> Applied:
    """Return what several runs did together.

    Args:
        runs: What each run has written, also one that failed (`Objects.written`).
        last: The result of the last run, which succeeded.
    """
    everything = [*runs, last]
    created = list(dict.fromkeys(name for run in everything for name in run.created))
    changed = dict.fromkeys(name for run in everything for name in run.changed)
    pruned = dict.fromkeys(name for run in everything for name in run.pruned)
    only_changed = [name for name in changed if name not in created]
    total = len(last.created) + len(last.changed) + last.same
    same = max(0, total - len(created) - len(only_changed))
    return Applied(created, only_changed, same, list(pruned))


class Comparison(NamedTuple):
    """The names of objects by how they compare with their desired state.

    Attributes:
        correct: Those that are in their desired state.
        changed: Those that differ from it.
        missing: Those that do not exist.
        extra: Those that the application owns but that are not desired.
    """

    correct: List[str]
    changed: List[str]
    missing: List[str]
    extra: List[str]


class ForeignObjectError(BlockedError):
    """Objects that exist already and that another application or a person created.

    Attributes:
        names: Their names, such as "ConfigMap kube-system/config".
        fix: What the administrator can do, for the message.
    """

    def __init__(self, names: List[str], fix: str = "") -> None:
        message = f"not made by this application: {summarize(names)}"
        super().__init__(f"{message}; {fix}" if fix else message)
        self.names, self.fix = names, fix


class Objects:
    """The objects that an application has on a cluster.

    Args:
        api: The cluster.
        application: A name that is unique among the applications on the cluster
            (`compat.identity`).
        charm: Name of the charm, which is the field manager too.
        kinds: Every kind that any version of the charm applies, to find objects that it no longer
            applies.
        sleep: Waits for a number of seconds.
        server_side: The first server version with which server-side apply is used.
        foreign_fix: What the administrator can do about foreign objects, for the message of
            ForeignObjectError: "remove it, or take it over with sync-objects adopt=true".
        namespace: The namespace that all objects within namespaces are in; empty where there are
            several.

    Attributes:
        written: What was created, changed and pruned so far, also by a run that failed.
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
        namespace: str = "",
    ) -> None:
        self._api, self._sleep, self._foreign_fix = api, sleep, foreign_fix
        self._owned = OwnedObjects(api, application, charm, kinds, namespace)
        self._writer = Writer(api, charm, server_side, sleep)
        self.written = Applied([], [], 0, [])

    def apply(
        self,
        objects: Iterable[JsonObject],
        adopt: bool = False,
        prune: bool = True,
        observed: Optional[Observed] = None,
        wait_served: bool = True,
    ) -> Applied:
        """Create or change the given objects, and remove all other objects of the application.

        Args:
            objects: The desired objects.
            adopt: Whether foreign objects with these names are taken over; fields of theirs that
                the desired objects do not have stay.
            prune: Whether objects of the application that are not among them are removed.
            observed: Live objects, as `observe` or `read` returned them; all others are
                requested.
            wait_served: Whether to wait until new kinds are served (`wait_until_served`) before
                the objects that come after their definition.

        Raises:
            ForeignObjectError: Before anything is written, when there are foreign objects.
            ApiError: When a request fails; what was done stays, and the next run continues.
            UnknownKindError: When the server does not have a kind.
        """
        desired = [self._owned.labelled(manifest) for manifest in in_apply_order(objects)]
        snapshot = self.read() if prune else None
        if snapshot is not None and observed is None:
            observed = snapshot.by_ref(desired)
        live = [self._find(manifest, observed) for manifest in desired]
        if not adopt:
            self._refuse_foreign(desired, live)
        done = self._write_all(desired, live, wait_served)
        return done if snapshot is None else done._replace(pruned=self.prune(desired, snapshot))

    def _write_all(
        self, desired: List[JsonObject], live: List[Optional[JsonObject]], wait_served: bool
    ) -> Applied:
        done = Applied([], [], 0, [])
        written: List[JsonObject] = []
        for manifest, current in zip(desired, live):
            if wait_served and manifest["kind"] != DEFINITION:
                self.wait_until_served(written)
                written = []
            if current is not None and is_up_to_date(manifest, current):
                done = done._replace(same=done.same + 1)
                continue
            self._write(manifest, current, done)
            written.append(manifest)
        if wait_served:
            self.wait_until_served(written)
        return done

    def _write(self, manifest: JsonObject, live: Optional[JsonObject], done: Applied) -> None:
        name = name_of(manifest)
        if live is None:
            self._create(manifest)
            done.created.append(name)
            self.written.created.append(name)
        else:
            self._writer.change(manifest, live)
            done.changed.append(name)
            self.written.changed.append(name)

    def _create(self, manifest: JsonObject) -> None:
        try:
            self._writer.create(manifest)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            # Another hook, or an earlier request that seemed to fail, created it.
            live = self._api.get(manifest)
            if live is None:
                raise
            if not self.owns(live):
                raise ForeignObjectError([name_of(manifest)], self._foreign_fix) from None
            self._writer.change(manifest, live)

    def _find(self, manifest: JsonObject, observed: Optional[Observed]) -> Optional[JsonObject]:
        return (observed or {}).get(ref_of(manifest)) or self._api.get(manifest)

    def wait_until_served(self, applied: Iterable[JsonObject], seconds: float = 30.0) -> None:
        """Wait until the server serves all kinds that definitions among these objects add.

        Args:
            applied: Objects that were created or changed; only definitions matter.
            seconds: How long that may take. A kind that is not served by then raises no error
                here; the request that needs it will fail.
        """
        kinds = [kind for manifest in applied for kind in kinds_defined_by(manifest)]

        def all_served() -> bool:
            kinds[:] = [kind for kind in kinds if not self._api.serves(*kind)]
            return not kinds

        wait_until(all_served, seconds, 0.1, self._sleep)

    def observe(self, objects: Iterable[JsonObject]) -> Dict[Ref, JsonObject]:
        """Return the given objects that exist and are owned, read with one list per kind.

        One request per kind instead of one per object reads a set of hundreds in a second.
        """
        return self._owned.observe(objects)

    def read(self) -> Snapshot:
        """Return the application's objects of the charm's kinds, read with one list per kind."""
        return self._owned.read()

    def owns(self, live: JsonObject) -> bool:
        """Return whether a live object has the application's labels."""
        return self._owned.owns(live)

    def owned(self) -> List[JsonObject]:
        """Return every object that the application applied, of the charm's kinds, each once."""
        return self.read().applied()

    def refuse_foreign(self, objects: Iterable[JsonObject]) -> None:
        """Check for foreign objects with these names, before objects are applied in stages.

        Raises:
            ForeignObjectError: With all of them.
        """
        desired = list(objects)
        self._refuse_foreign(desired, [self._api.get(manifest) for manifest in desired])

    def _refuse_foreign(self, desired: List[JsonObject], live: List[Optional[JsonObject]]) -> None:
        foreign = [
            name_of(manifest)
            for manifest, current in zip(desired, live)
            if current and not self.owns(current)
        ]
        if foreign:
            raise ForeignObjectError(foreign, self._foreign_fix)

    def prune(self, keep: Iterable[JsonObject], snapshot: Optional[Snapshot] = None) -> List[str]:
        """Delete the application's objects that are not among these; return their names.

        Args:
            keep: The objects that stay.
            snapshot: The application's objects, as `read` returned them; None to read them now.
        """
        extra = (snapshot or self.read()).not_among(keep)
        pruned: List[str] = []
        for live in reversed(in_apply_order(extra)):
            if self._api.delete(live):
                pruned.append(name_of(live))
                self.written.pruned.append(name_of(live))
        return pruned

    def compare(
        self, objects: Iterable[JsonObject], observed: Optional[Observed] = None
    ) -> Comparison:
        """Compare the cluster with these objects.

        Args:
            objects: The desired objects.
            observed: Live objects, as `observe` returned them; all others are requested.
        """
        snapshot = self.read()
        desired = [self._owned.labelled(manifest) for manifest in in_apply_order(objects)]
        observed = snapshot.by_ref(desired) if observed is None else observed
        comparison = Comparison([], [], [], [])
        for manifest in desired:
            live = self._find_of_any_kind(manifest, observed)
            if live is None:
                comparison.missing.append(name_of(manifest))
            elif is_up_to_date(manifest, live):
                comparison.correct.append(name_of(manifest))
            else:
                comparison.changed.append(name_of(manifest))
        comparison.extra.extend(name_of(live) for live in snapshot.not_among(desired))
        return comparison

    def _find_of_any_kind(
        self, manifest: JsonObject, observed: Optional[Observed]
    ) -> Optional[JsonObject]:
        try:
            return self._find(manifest, observed)
        except UnknownKindError:
            return None

    def not_ready(
        self, objects: Iterable[JsonObject], observed: Optional[Observed] = None
    ) -> List[str]:
        """Return a sentence about each of these objects that does not serve yet.

        Args:
            objects: The objects.
            observed: Live objects, as `observe` returned them just now; all others are requested.
        """
        sentences: List[str] = []
        for manifest in objects:
            live = self._find(manifest, observed)
            reason = "is missing" if live is None else not_ready_reason(live)
            if reason:
                sentences.append(f"{name_of(manifest)} {reason}")
        return sentences

    def wait_until_ready(self, objects: Iterable[JsonObject], seconds: float) -> List[str]:
        """Wait until all of these objects serve.

        Args:
            objects: The objects.
            seconds: How long to wait at most.

        Returns:
            A sentence about each object that does not serve after that time.
        """
        watched = list(objects)
        not_ready: List[str] = []

        def all_ready() -> bool:
            not_ready[:] = self.not_ready(watched)
            return not not_ready

        wait_until(all_ready, seconds, 0.1, self._sleep)
        return not_ready

    def remove(self, seconds: float = 60.0, keep: Iterable[JsonObject] = ()) -> List[str]:
        """Delete every object of the application, and wait until they are gone.

        Args:
            seconds: How long that may take.
            keep: Objects that stay.

        Returns:
            A sentence about each object that still exists, with what holds it. Nothing is forced.
        """
        kept = list(keep)
        for live in reversed(in_apply_order(self.read().not_among(kept))):
            self._api.delete(live)
        remaining: List[JsonObject] = []

        def all_gone() -> bool:
            remaining[:] = self.read().not_among(kept)
            return not remaining

        wait_until(all_gone, seconds, 0.5, self._sleep)
        return [not_deleted_reason(live) for live in remaining]
