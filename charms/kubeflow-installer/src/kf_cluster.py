"""Kubeflow of one application on a cluster: how far it is, and one step further.

Every step can be done again. What is known of an installation lies on the cluster (`kf_state`), so
a crash, a reboot or another leader goes on where the last one stopped.
"""

import json
import time
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

import kf_apply
import kf_diagnosis
import kf_fit
import kf_inventory
import kf_leaving
import kf_match
import kf_methods
import kf_releases
import kf_stages
import kf_state
from kf_credentials import Credentials
from kf_gateway import Gateway
from kf_methods import MethodError, Request
from kf_options import Options
from kf_preconditions import Preconditions, Problem
from kf_releases import Release
from kf_sources import SourceError, Sources
from kf_state import INSTALLED, INSTALLING, NOTHING, UNINSTALLING, State
from kf_uninstall import Outcome, Uninstall
from labcharm.machine import Machine
from labcharm.words import some
from labkube.access import Access
from labkube.api import Api, Object
from labkube.kinds import in_order
from labkube.names import name_of, ref_of
from labkube.notes import APPLIED
from labkube.objects import Objects

CHARM = "kubeflow-installer"
_LOST = (
    "the Secrets of kube-system that hold the release's objects are gone, so options and"
    " credentials are not applied: attach the files that it was made from, or run upgrade"
)
_MISFIT = (
    "Kubeflow %s is installed, which fits Kubernetes %d.%d to %d.%d and not %d.%d; it stays as it"
    " is and is not looked after: take the control plane back, or %s one that fits: %s"
)
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
# Seconds that one hook may take; the agent has other hooks to run.
PATIENCE = 150.0

Site = NamedTuple(
    "Site",
    [
        ("machine", Machine),
        ("home", str),
        ("options", Options),
        ("sources", Sources),
        ("access", Access),
        # What tells the application from others on the cluster.
        ("application", str),
        # Makes them where they are not there yet.
        ("credentials", Callable[[], Credentials]),
    ],
)


class BlockedError(Exception):
    """What a person must act on, in words for the status."""


class WaitingError(Exception):
    """What goes by itself or by the next hook, in words for the status."""


class GoneError(Exception):
    """An uninstallation that was under way is done."""


class Kubeflow:
    """Kubeflow of one application.

    Args:
        api: The cluster.
        site: What is wanted, and where this unit is.
        sleep: Waits; handed in for tests.
    """

    def __init__(self, api: Api, site: Site, sleep: Callable[[float], None] = time.sleep) -> None:
        self.api, self.site, self._sleep = api, site, sleep
        self.objects = Objects(api, site.application, CHARM, (), sleep)
        self.keeper = kf_state.Keeper(api, self.objects, site.application)
        # What was last seen of ours that is not wanted and stays, by kf_leaving.
        self.left: List[str] = []

    # What is there.

    def release(self, state: State) -> Release:
        """Return the release that is installed, or the one that would be.

        Raises:
            kf_releases.ReleaseError: When the option's does not fit the server.
        """
        if state.release:
            return kf_releases.find(state.release)
        return kf_releases.choose(self.api.version(), self.site.options.version)

    def gateway(self, release: Release) -> Gateway:
        """Return the way in."""
        options = self.site.options
        return Gateway(self.api, release, options.hostname, options.tls_secret)

    def everything(self) -> Objects:
        """Return ours among all kinds that the server has."""
        site = self.site
        return Objects(self.api, site.application, CHARM, self.api.kinds(), self._sleep)

    def owned(self) -> List[Object]:
        """Return every object of ours but the state's own."""
        return [one for one in self.everything().owned() if not self.keeper.is_it(one)]

    # One step further.

    def go_on(self, adopt: bool = False, force: bool = False) -> str:
        """Bring the cluster one step nearer to what is wanted.

        Args:
            adopt: Whether objects of others are taken over.
            force: Whether missing preconditions do not count.

        Returns:
            The dashboard's address, and what else there is to say: everything is as wanted.

        Raises:
            BlockedError, WaitingError: With what is in the way, or not there yet.
            GoneError: When it was being uninstalled, and that is done.
            ForeignObjectError: When objects of others are in the way.
            CertificateError: When a given certificate cannot be used.
            kf_releases.ReleaseError: When no release fits.
            ApiError: When a request fails; the next hook goes on.
        """
        state = self.keeper.read()
        if state.phase == UNINSTALLING:
            self._go_on_leaving(state)
        release = self.release(state)
        self._refuse_misfit(release, state)
        looks = not (state.phase or force)
        request = self.request(release, state, looks, adopt)
        if looks:
            self._refuse_others(request, state)
        begins = begun(release.name, adopt, request.first_user)
        now = state._replace(adopt=adopt or state.adopt) if state.phase else begins
        if now != state:
            state = now
            self.keeper.write(state)
        made = self._made(request, state)
        wanted = self.kept() if made is None else self._fitted(request, made)
        self._apply(request, state, wanted)
        if made is not None and not _is_settled(request, state):
            self._note(request, state, wanted, made)
        remark = _not_applied(request, state, made is None)
        return self._serving(release, wanted, state.adopt, remark)

    def _refuse_misfit(self, release: Release, state: State) -> None:
        """Look whether the server left the release behind since it was installed.

        Raises:
            BlockedError: When it lacks API versions of the release's objects.
        """
        server = self.api.version()
        if state.phase and not kf_releases.fits(release, server):
            newest = release.newest or server
            fitting = ", ".join(kf_releases.fitting(server)) or "none"
            moves = release.method != kf_releases.KFCTL
            way = "upgrade to" if moves else "uninstall (volumes are kept) and install"
            told = (release.name, *release.oldest, *newest, *server, way, fitting)
            raise BlockedError(_MISFIT % told)

    def check_following(self) -> None:
        """Look whether other credentials would reach the objects, before they are made.

        Raises:
            BlockedError, WaitingError: When they would not, or not now.
        """
        state = self.keeper.read()
        if state.phase == UNINSTALLING:
            raise BlockedError("Kubeflow is being uninstalled")
        if state.phase:
            release = self.release(state)
            self._refuse_misfit(release, state)
            request = self.request(release, state, looks=False)
            if self._made(request, state) is None:
                raise BlockedError(_LOST)

    def request(self, release: Release, state: State, looks: bool, adopt: bool = False) -> Request:
        """Put together what an installation is made from.

        What is installed goes on without its files: they are needed for a change alone.

        Args:
            release: The release.
            state: How far it is.
            looks: Whether the preconditions are looked at.
            adopt: Whether objects of others are none of them.

        Raises:
            BlockedError, WaitingError: With everything that is missing.
        """
        files, problems, passes = self._files(release)
        missing = ""
        if state.phase == INSTALLED:
            missing = "; ".join("%s: %s" % one for one in problems if one.name == "files")
            problems = [one for one in problems if one.name != "files"]
        if looks:
            found = self.problems(release, files, adopt)
            problems, passes = problems + found, passes and not found
        if problems:
            told = "; ".join("%s: %s" % problem for problem in problems)
            raise (WaitingError if passes else BlockedError)(told)
        site, credentials = self.site, self.site.credentials()
        return Request(
            release, files, missing, site.sources.digest(release), site.options, credentials,
            state.user or credentials.user, self._fitting(release, credentials), site.access,
            site.application,
        )  # fmt: skip

    def _files(self, release: Release) -> Tuple[Dict[str, str], List[Problem], bool]:
        """Return the files, or why they cannot be had and whether that passes."""
        try:
            kf_methods.check(release, self.site.options)
            return self.site.sources.files(release), [], True
        except MethodError as error:
            return {}, [Problem("options", str(error))], False
        except SourceError as error:
            return {}, [Problem("files", str(error))], error.passes

    def problems(self, release: Release, files: Mapping[str, str], adopt: bool) -> List[Problem]:
        """Look at the cluster, and at the files that the site gives, before a release comes.

        Args:
            release: The release.
            files: Those at hand.
            adopt: Whether objects of others are none of the problems.
        """
        skipped = self.site.options.skipped
        found = self._preconditions(release).problems(skipped, adopt)
        path = files.get("manifests", "")
        if path and self.site.sources.is_given("manifests") and "manifests" not in skipped:
            told = kf_match.of_archive(path, release)
            found += [Problem("manifests", told)] if told else []
        return found

    def strange(self, found: List[Object], release: Release) -> List[Problem]:
        """Look whether what manifests hold is the release, before any of it is applied."""
        options = self.site.options
        if release.method == kf_releases.KFCTL or "manifests" in options.skipped:
            return []
        told = kf_match.of_objects(found, release.name, options.excluded)
        return [Problem("manifests", told)] if told else []

    def _refuse_others(self, request: Request, state: State) -> None:
        """Look at what is built, where it is built before it is applied.

        Raises:
            BlockedError: When it is not the release.
        """
        if request.release.method != kf_releases.KFCTL:
            for problem in self.strange(self._built(request, state), request.release):
                raise BlockedError("%s: %s" % problem)

    def _preconditions(self, release: Release) -> Preconditions:
        inventory = kf_inventory.load(release.name)
        return Preconditions(
            self.api, self.objects, release, inventory, self.site.machine, self._sleep
        )

    def _fitting(self, release: Release, credentials: Credentials) -> kf_fit.Fitting:
        options = self.site.options
        # Up to Istio 1.3, which kfctl brings, the gateway reads its certificate from files.
        credential = "" if release.method == kf_releases.KFCTL else kf_fit.CREDENTIAL
        return kf_fit.Fitting(
            options.registry, options.gpu_vendor, options.tolerations, credentials.user,
            credentials.password_hash, options.hostname, credential,
        )  # fmt: skip

    def wanted(self, request: Request, state: State) -> List[Object]:
        """Return everything that shall be there, as the site wants it, but the certificate.

        Raises:
            BlockedError, WaitingError: When it is not known yet.
        """
        made = self._made(request, state)
        return self.kept() if made is None else self._fitted(request, made)

    def _fitted(self, request: Request, made: List[Object]) -> List[Object]:
        secret = ref_of(self._secret(request.release))
        found = [one for one in made if ref_of(one) != secret]
        return kf_stages.scoped(kf_fit.fit(one, request.fitting) for one in found)

    def _made(self, request: Request, state: State) -> Optional[List[Object]]:
        """Return the release's objects as upstream has them; None where nobody has them now.

        They are those of the book where other files are at hand, which the action upgrade takes
        and no hook; where none are; and where kfctl ran on another unit.
        """
        if _is_settled(request, state):
            return self.keeper.book.read()
        if not self._ran_elsewhere(request, state):
            return self._built(request, state)
        return self.keeper.book.read() or self._built(request, state)

    def _ran_elsewhere(self, request: Request, state: State) -> bool:
        """Tell whether kfctl made what is installed, for this very request, on another unit."""
        if request.release.method != kf_releases.KFCTL or state.phase != INSTALLED:
            return False
        if state.made != kf_methods.made_by(request):
            return False
        return not kf_methods.is_recorded(self.site.machine, self.site.home, request)

    def _built(self, request: Request, state: State) -> List[Object]:
        site = self.site
        try:
            built = kf_methods.build(site.machine, site.home, request, state.adopt)
        except MethodError as error:
            raise (WaitingError if error.passes else BlockedError)(str(error)) from None
        if built.objects is None:
            raise WaitingError("%s: %s" % (_titled(request.release), built.waiting))
        return built.objects

    def kept(self) -> List[Object]:
        """Return what was applied, by the objects' annotations, where the book is lost.

        Secrets and large objects are not kept there; and it was made to fit as it was wanted then.
        """
        found = [_as_applied(one) for one in self.owned()]
        return [one for one in found if one is not None]

    def _apply(self, request: Request, state: State, wanted: List[Object]) -> None:
        """Apply.

        Raises:
            WaitingError: When not all of it is there.
        """
        known = self.objects.look(wanted)
        done = kf_apply.apply(self.objects, wanted, known, PATIENCE, state.adopt)
        if not kf_apply.is_done(done):
            titled = _titled(request.release)
            told = "%s: %d of %d objects applied" % (titled, done.right, done.total)
            refused = "; not taken yet: %s" % some(done.refused, 2) if done.refused else ""
            raise WaitingError(told + refused)

    def _note(
        self, request: Request, state: State, wanted: List[Object], made: List[Object]
    ) -> None:
        """Keep what is installed now, once what is over has gone: a run that is cut does it again.

        Args:
            request: What it was made from.
            state: What was kept before.
            wanted: What is applied.
            made: The same as upstream has it.
        """
        now = State(
            request.release.name, INSTALLED, request.digest, kf_methods.made_by(request),
            request.first_user, state.adopt, False,
        )  # fmt: skip
        if now != state or not self.keeper.book.holds(made):
            self._prune([*wanted, self._secret(request.release)])
            self.keeper.book.write(made)
            self.keeper.write(now)

    def beyond(self, wanted: List[Object]) -> List[Object]:
        """Return what is ours and goes, as it is not among these; name what stays in `left`."""
        kept = {ref_of(one) for one in wanted}
        over = [one for one in self.owned() if ref_of(one) not in kept]
        stay = [one for one in over if kf_leaving.stays(self.api, self.objects.owns, one)]
        self.left = [name_of(one) for one in stay]
        return [one for one in over if one not in stay]

    def _prune(self, wanted: List[Object]) -> None:
        for found in reversed(in_order(self.beyond(wanted))):
            self.api.delete(found)

    def _secret(self, release: Release) -> Object:
        """Return the gateway's certificate, without its content."""
        metadata = {"name": self.gateway(release).secret, "namespace": "istio-system"}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}

    def _serving(self, release: Release, wanted: List[Object], adopt: bool, remark: str) -> str:
        """Look at what is applied: address, certificate, workloads, and the dashboard's answer.

        Args:
            release: The release.
            wanted: What is applied.
            adopt: Whether a certificate of others is taken over, as kfctl by hand leaves one.
            remark: What there is to say beside the address.
        """
        titled, gateway = _titled(release), self.gateway(release)
        secret = gateway.tls_secret(self.site.machine)
        if secret is None or not gateway.address():
            raise WaitingError("%s: the gateway has no address yet" % titled)
        self.objects.apply([secret], adopt, prune=False)
        gateway.follow(self.objects.owns)
        self._hand_over(wanted)
        workloads = [one for one in wanted if one["kind"] in _WORKLOADS]
        waiting = self.objects.not_ready(workloads, self.objects.look(workloads))
        if waiting:
            raise WaitingError("%s: %s" % (titled, self._why(workloads, waiting)))
        trouble = gateway.check()
        if trouble:
            raise WaitingError("%s: %s" % (titled, trouble))
        remarks = (self._remark(release), gateway.doubt(self.site.machine), remark)
        return "; ".join([gateway.url(), *(one for one in remarks if one)])

    def _hand_over(self, wanted: List[Object]) -> None:
        """Let the namespaces of our Profiles follow where the user is another than before.

        Its controller serves no Profile whose namespace has another owner (profile_controller.go).
        """
        for profile in (one for one in wanted if one["kind"] == "Profile"):
            owner = profile.get("spec", {}).get("owner", {}).get("name", "")
            metadata = {"name": profile["metadata"]["name"]}
            live = self.api.get({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
            noted = ((live or {}).get("metadata", {}).get("annotations") or {}).get("owner", "")
            if live is not None and noted and noted != owner:
                found = dict(live, apiVersion="v1", kind="Namespace")
                self.api.patch(found, {"metadata": {"annotations": {"owner": owner}}})

    def _why(self, workloads: List[Object], waiting: List[str]) -> str:
        ready = len(workloads) - len(waiting)
        told = "%d of %d workloads ready; %s" % (ready, len(workloads), some(waiting, 2))
        late = [_workload(one) for one in workloads if _is_among(one, waiting)]
        return "; ".join([told, *kf_diagnosis.diagnose(self.api, late)])

    def _remark(self, release: Release) -> str:
        """Say what is as it is and yet worth knowing."""
        wish = self.site.options.version.lstrip("v")
        if wish and wish != release.name:
            return "Kubeflow %s is installed; run upgrade for version %s" % (release.name, wish)
        return kf_releases.doubt(release, self.api.version())

    # Away.

    def uninstall(self, seconds: float, delete_data: bool = False) -> Outcome:
        """Take everything away, as far as the time goes; call it again while it is not done.

        Raises:
            ApiError: When the API is not reached or refuses us.
        """
        state = self.keeper.read()
        if state == NOTHING:
            return self._go_away(state._replace(delete_data=delete_data), seconds, record=False)
        leaving = state._replace(phase=UNINSTALLING, delete_data=delete_data)
        self.keeper.write(leaving)
        return self._go_away(leaving, seconds)

    def _go_away(self, state: State, seconds: float, record: bool = True) -> Outcome:
        """Go on with it; objects that are older than the record were there before us."""
        kf_methods.stop(self.site.machine, self.site.home)
        # What is labelled goes, also of a release that this charm does not know.
        kept = kf_inventory.is_kept(state.release)
        inventory = kf_inventory.load(state.release) if kept else kf_inventory.NOTHING
        known = self.keeper.record() if record else None
        way = Uninstall(self.api, self.everything(), inventory, self._sleep, known)
        found = way.run(seconds, state.delete_data)
        if found.done:
            self.keeper.forget()
        return found

    def _go_on_leaving(self, state: State) -> None:
        found = self._go_away(state, PATIENCE)
        if found.done:
            raise GoneError
        raise WaitingError("being uninstalled: %s" % some(found.left))


def begun(release: str, adopt: bool, user: str = "") -> State:
    """Return the state of a release that is about to be installed."""
    return State(release, INSTALLING, "", "", user, adopt, False)


def _is_settled(request: Request, state: State) -> bool:
    """Tell whether an installation stays what it is, since its files are not at hand."""
    if state.phase != INSTALLED:
        return False
    return not request.files or request.digest != state.files


def _not_applied(request: Request, state: State, lost: bool) -> str:
    """Say what of the wishes is not so yet, and what for; empty where all is.

    Args:
        request: The wishes.
        state: What is installed.
        lost: Whether the book is.
    """
    if not _is_settled(request, state):
        return ""
    told: List[str] = [_LOST] if lost else []
    changed = _changed(state.made, kf_methods.made_by(request))
    if request.files:
        files = "other files are at hand than Kubeflow %s was made from; upgrade takes them"
        told.append(files % request.release.name + "".join(", and " + one for one in changed))
    elif changed:
        told.append("%s is not applied, as it needs %s" % (" and ".join(changed), request.missing))
    return "; ".join(told)


def _changed(before: str, now: str) -> List[str]:
    """Name the options of `kf_methods.made_by` that are others now; none where none are known."""
    known = before.split()
    return [one.partition("=")[0] for one in now.split() if known and one not in known]


def _titled(release: Release) -> str:
    return "Kubeflow %s" % release.name


def _workload(found: Object) -> Tuple[str, str, str]:
    metadata = found["metadata"]
    return found["kind"], metadata.get("namespace", ""), metadata["name"]


def _is_among(found: Object, waiting: List[str]) -> bool:
    return any(text.startswith(name_of(found) + " ") for text in waiting)


def _as_applied(live: Object) -> Optional[Object]:
    """Return what was applied of a live object, by its annotation; None where it is not kept."""
    text = (live["metadata"].get("annotations") or {}).get(APPLIED, "")
    return dict(json.loads(text)) if text.startswith("{") else None
