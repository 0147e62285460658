"""What the action `verify` tries: the server, a mount, the objects, a claim and a pod."""

import os
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import nfs_clients
from labcharm.machine import CommandError, Machine
from labcharm.verify import Check
from labcharm.words import some
from labkube import actions
from labkube.api import Api
from labkube.trials import last_words, take_away
from nfs_cluster import Storage, Wish
from nfs_serving import Serving
from nfs_shares import Share

_PREFIX = "nfs-verify-"
_SILENT = "nobody said anything of it"
_LOOPBACK = "127.0.0.1"
_LOOPBACK_RULES = "rw,sync,no_subtree_check,no_root_squash,insecure"
# A claim's trial is one wait for all of these.
_MOST_NODES = 16
_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
# Writes, reads back and removes one file; the folder's name comes as its first argument.
_ROUND = 'set -e; f="$1/file-$$"; echo lab > "$f"; test "$(cat "$f")" = lab; rm "$f"'
Trial = NamedTuple("Trial", [("image", str), ("namespace", str), ("timeout", float)])


def attempted(name: str, trial: Callable[[], List[Check]]) -> List[Check]:
    """Return what a trial finds; one that the machine ends is a failed check of this name."""
    try:
        return trial()
    except OSError as error:
        return [Check(name, False, "%s: %s" % (error.filename or name, error.strerror or error))]
    except CommandError as error:
        return [Check(name, False, str(error))]


def server_checks(serving: Serving, shares: Sequence[Share]) -> List[Check]:
    """Look at the service and at the kernel's table of exports."""
    active = serving.server.is_active()
    checks = [Check("service", active, "nfs-server " + ("runs" if active else "does not run"))]
    return checks + attempted(
        "exports", lambda: [actions.as_check("exports", serving.exports.compare(shares), "meant")]
    )


def configured_checks(
    machine: Machine, root: Share, address: Optional[str], options: Sequence[str]
) -> List[Check]:
    """Mount the export root by the rules that it is exported by, where they admit this machine.

    Args:
        machine: The machine.
        root: The share.
        address: The machine's own, by which it mounts; None where it has none yet.
        options: What clients mount with.
    """
    untried = _untried(root, address)
    if untried or address is None:
        return [Check("configured", True, "not tried: %s" % untried)]
    return attempted("configured", lambda: [_configured(machine, root, address, options)])


def _untried(root: Share, address: Optional[str]) -> str:
    if address is None:
        return "the binding has no address yet"
    if not nfs_clients.covers([*root.clients, *root.trusted], address):
        return "this machine (%s) is no client; `exports` compares the rules" % address
    if any(one.startswith("sec=") and "sys" not in one for one in root.options):
        return "sec= asks for Kerberos, which this machine may not have as a client"
    return ""


def _configured(machine: Machine, root: Share, address: str, options: Sequence[str]) -> Check:
    place, writes = "%s:%s" % (_in_brackets(address), root.path), "ro" not in root.options
    # Made on the server itself: its root may be squashed there.
    folder = tempfile.mkdtemp(prefix="." + _PREFIX, dir=machine.path(root.path))
    try:
        machine.check(["chmod", "0777", folder])
        with _mount(machine, place, ",".join(options)) as (point, problem):
            if problem:
                return Check("configured", False, problem)
            inner = os.path.join(point, os.path.basename(folder))
            found = _written(machine, "nobody", _NOBODY, inner)
    finally:
        machine.run(["rmdir", folder])
    if found.ok is not writes:
        told = found.message if writes else "nobody wrote, though the share is ro"
        return Check("configured", False, "%s: %s" % (place, told))
    told = "%s is mounted by the configured rules, and %s as nobody"
    return Check("configured", True, told % (place, "written" if writes else "not written (ro)"))


def mount_checks(machine: Machine, root: Share, options: Sequence[str]) -> List[Check]:
    """Mount the export root from this machine, and write as root and as nobody.

    For this it is exported to loopback, by rules that are not the configured ones; reading the
    files again takes that back.
    """
    return attempted("mount", lambda: _by_loopback(machine, root, options))


def _by_loopback(machine: Machine, root: Share, options: Sequence[str]) -> List[Check]:
    place = "%s:%s" % (_LOOPBACK, root.path)
    opened = machine.run(["exportfs", "-o", _LOOPBACK_RULES, place])
    if opened.code:
        return [Check("mount", False, "exportfs: %s" % _last(opened.err))]
    try:
        with _mount(machine, place, ",".join(options)) as (point, problem):
            if problem:
                return [Check("mount", False, problem)]
            told = "%s is mounted from here, by rules of this trial (%s)"
            done = Check("mount", True, told % (place, _LOOPBACK_RULES))
            return [done, *attempted("write", lambda: _rounds(machine, point))]
    finally:
        machine.run(["exportfs", "-ra"])


@contextmanager
def _mount(machine: Machine, place: str, options: str) -> Iterator[Tuple[str, str]]:
    """Mount a share while this lasts; yield the folder, and what mount says against it."""
    point = tempfile.mkdtemp(prefix=_PREFIX)
    command = ["mount", "-t", "nfs", *(["-o", options] if options else []), place, point]
    try:
        tried = machine.run(command, timeout=60)
        yield point, "%s: %s" % (place, _last(tried.err)) if tried.code else ""
    finally:
        machine.run(["umount", "-l", point])
        # Never more than this: were it still mounted, the share's data would go.
        machine.remove_folder(point)


def _rounds(machine: Machine, point: str) -> List[Check]:
    folder = tempfile.mkdtemp(prefix="." + _PREFIX, dir=point)
    try:
        machine.check(["chmod", "0777", folder])
        return [
            _written(machine, "root", [], folder),
            _written(machine, "nobody", _NOBODY, folder),
        ]
    finally:
        machine.run(["rmdir", folder])


def _in_brackets(address: str) -> str:
    return "[%s]" % address if ":" in address else address


def _written(machine: Machine, who: str, prefix: List[str], folder: str) -> Check:
    tried = machine.run([*prefix, "sh", "-c", _ROUND, "sh", folder], timeout=60)
    told = "written, read and removed as %s" % who
    if tried.code:
        told = "as %s: %s" % (who, _last(tried.err))
    return Check("write-" + who, tried.code == 0, told)


def cluster_checks(storage: Storage, wish: Wish) -> List[Check]:
    """Compare the objects, look at the provisioner, and at other default classes."""
    waiting = storage.not_ready(wish)
    problem, _ = storage.class_problem(wish.kind)
    return [
        actions.as_check("objects", storage.compare(wish)),
        Check("provisioner", not waiting, some(waiting) if waiting else "ready"),
        Check("default-class", not problem, problem or "no other default StorageClass"),
    ]


class Claim:
    """A claim of the class, made for the trial and taken away again.

    Args:
        machine: The server, where the claim's folder is.
        api: The cluster.
        trial: Where and how long.
        sleep: Waits; handed in for tests.
    """

    def __init__(
        self, machine: Machine, api: Api, trial: Trial, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._machine, self._api, self._trial, self._sleep = machine, api, trial, sleep

    def checks(self, wish: Wish, root: str) -> List[Check]:
        """Bind a claim, and write to it from a pod on each node that is ready."""
        claim = self._make(wish.kind.name)
        folder = ""
        try:
            volume = self._until(lambda: self._bound(claim))
            if not volume:
                return [
                    Check("claim", False, "not bound: %s" % last_words(self._api, claim, _SILENT))
                ]
            folder = volume["spec"].get("nfs", {}).get("path", "")
            told = "bound to %s" % folder
            return [Check("claim", True, told), *self._from_pods(claim)]
        finally:
            self._take_away(claim, folder, root)

    def _make(self, name: str) -> Any:
        spec = {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": name,
            "resources": {"requests": {"storage": "1Mi"}},
        }
        return self._create("PersistentVolumeClaim", spec)

    def _create(self, kind: str, spec: Any) -> Any:
        metadata = {"generateName": _PREFIX, "namespace": self._trial.namespace}
        body = {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}
        return dict(self._api.create(body), apiVersion="v1", kind=kind)

    def _bound(self, claim: Any) -> Optional[Any]:
        live = self._api.get(claim) or {}
        if (live.get("status") or {}).get("phase") != "Bound":
            return None
        metadata = {"name": live["spec"]["volumeName"]}
        return self._api.get(
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata}
        )

    def _from_pods(self, claim: Any) -> List[Check]:
        """Write to the claim from a pod on every node that takes some, up to a number of them."""
        nodes = sorted(
            str(node["metadata"]["name"])
            for node in self._api.list("v1", "Node")
            if _is_ready(node) and not node.get("spec", {}).get("unschedulable")
        )
        if not nodes:
            return []
        pods: Dict[str, Any] = {}
        try:
            for node in nodes[:_MOST_NODES]:
                pods[node] = self._create("Pod", self._pod_on(node, claim))
            self._until(lambda: all(self._ended(pod) for pod in pods.values()))
            return [self._judged(pods, nodes[_MOST_NODES:])]
        finally:
            self._take_pods_away(list(pods.values()))

    def _pod_on(self, node: str, claim: Any) -> Any:
        container = {
            "name": "write", "image": self._trial.image,
            "command": ["sh", "-c", _ROUND, "sh", "/claim"],
            "volumeMounts": [{"name": "claim", "mountPath": "/claim"}],
        }  # fmt: skip
        source = {"claimName": claim["metadata"]["name"]}
        return {
            "restartPolicy": "Never",
            "containers": [container],
            "volumes": [{"name": "claim", "persistentVolumeClaim": source}],
            # A node that is kept for some pods, for those with a GPU say, has to mount as well.
            "nodeName": node,
            "tolerations": [{"operator": "Exists"}],
        }

    def _judged(self, pods: Dict[str, Any], untried: List[str]) -> Check:
        phases = {node: self._ended(pod) or "not at its end" for node, pod in pods.items()}
        wrong = [
            "on %s the pod is %s: %s" % (node, phase, last_words(self._api, pods[node], _SILENT))
            for node, phase in phases.items()
            if phase != "Succeeded"
        ]
        told = "; ".join(wrong) or "pods on %s wrote to the claim" % ", ".join(pods)
        if untried:
            told += "; not tried on %s" % some(untried)
        return Check("pod", not wrong, told)

    def _take_pods_away(self, pods: List[Any]) -> None:
        """Delete them all, whatever becomes of one; then wait."""
        with ExitStack() as stack:
            for pod in pods:
                stack.callback(take_away, self._api, pod, self._sleep)
        self._until(lambda: not any(self._api.get(pod) for pod in pods))

    def _ended(self, pod: Any) -> str:
        phase = str(((self._api.get(pod) or {}).get("status") or {}).get("phase", ""))
        return phase if phase in ("Succeeded", "Failed") else ""

    def _until(self, seen: Callable[[], Any]) -> Any:
        end = time.monotonic() + self._trial.timeout
        found = seen()
        while not found and time.monotonic() < end:
            self._sleep(0.5)
            found = seen()
        return found

    def _take_away(self, claim: Any, folder: str, root: str) -> None:
        """Delete the claim, and the folder that the provisioner keeps of it."""
        volume = (self._api.get(claim) or {}).get("spec", {}).get("volumeName")
        take_away(self._api, claim, self._sleep)
        if volume:
            metadata = {"name": volume}
            kept = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata}
            self._until(lambda: self._gone(kept))
        above, _, name = folder.rpartition("/")
        if (above + "/").startswith(root + "/") and _PREFIX in name:  # which no one else has
            for one in (name, "archived-" + name):
                shutil.rmtree(self._machine.path("%s/%s" % (above, one)), ignore_errors=True)

    def _gone(self, volume: Any) -> bool:
        live = self._api.get(volume) or {}
        released = bool(live) and (live.get("status") or {}).get("phase") == "Released"
        if released and live["spec"].get("persistentVolumeReclaimPolicy") == "Retain":
            self._api.delete(volume)
        return not live


def _is_ready(node: Any) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["no word"])[-1]
