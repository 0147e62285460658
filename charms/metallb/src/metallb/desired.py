"""What is wanted of MetalLB on a server: its release, pools and objects, judged."""

import base64
import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from labkube.client.api import Api
from metallb.config import resources, validate
from metallb.config.decode import GrammarError, decode
from metallb.config.validate import Pool
from metallb.options import Options
from metallb.upstream import manifest as manifest_module
from metallb.upstream import objects as objects_module
from metallb.upstream.objects import NAMESPACE, Object
from metallb.upstream.releases import Release, by_resources, choose

_PSP, _PSP_LAST = ("policy/v1beta1", "PodSecurityPolicy"), (1, 24)
_POD_SECURITY = (1, 23)


class WishError(Exception):
    """What the options ask for cannot be: every problem."""

    def __init__(self, problems: List[str]) -> None:
        super().__init__("; ".join(problem.replace("\n  ", " ") for problem in problems))
        self.problems = problems


Wish = NamedTuple(
    "Wish",
    [
        ("release", Release),
        ("pools", List[Pool]),
        ("objects", List[Object]),
        ("configuration", List[Object]),
    ],
)


class Wisher:
    """Works out what is wanted.

    Args:
        api: The cluster.
        owns: Tells whether an object of the cluster is ours.
        options: What is asked for.
        manifest: Returns upstream's manifest of a release, "" for what is attached or nothing.
    """

    def __init__(
        self,
        api: Api,
        owns: Callable[[Object], bool],
        options: Options,
        manifest: Callable[[Optional[Release]], str],
    ) -> None:
        self._api, self._owns = api, owns
        self._options, self._manifest = options, manifest

    def wish(self) -> Wish:
        """Return what is wanted on this server.

        Raises:
            WishError: When the options cannot be had, with every problem.
            upstream.releases.ReleaseError: When no release fits.
            upstream.manifest.ManifestError: When upstream's manifest cannot be had.
            ApiError: When the API does not answer.
        """
        attached = self._manifest(None)
        release = self._release(attached)
        data = self._judged(release)
        pools = validate.pools(data, release.number)
        configuration = resources.configuration(release, data)
        objects = self._objects_of(release, attached) + self._memberlist(release)
        return Wish(release, pools, objects, configuration)

    def _release(self, attached: str) -> Release:
        if attached and not self._options.version:
            return choose(self._api.version(), manifest_module.release_of(attached).name)
        return choose(self._api.version(), self._options.version)

    def _judged(self, release: Release) -> Dict[str, Any]:
        option = self._options.option
        try:
            data = decode(self._options.text, release.number)
        except GrammarError as error:
            raise WishError(["%s: MetalLB %s: %s" % (option, release.name, error)]) from None
        problems = [
            "%s: MetalLB %s: %s" % (option, release.name, problem)
            for problem in validate.judge(data, release.number)
        ]
        ours = validate.unserved(data, release.number)
        if by_resources(release):
            ours += resources.unnameable(data)
        elif self._options.settings.log_level != "info" and release.number < (0, 11, 0):
            ours.append("log-level: MetalLB %s has none; leave it at info" % release.name)
        if not data.get("address-pools"):
            ours.append("%s: no address pool; add one" % option)
        problems += ours
        if problems:
            raise WishError(problems)
        return data

    def _objects_of(self, release: Release, attached: str) -> List[Object]:
        server, settings = self._api.version(), self._options.settings
        if not by_resources(release):
            return objects_module.objects(release, settings, server >= _POD_SECURITY)
        text = attached or self._manifest(release)
        found = manifest_module.release_of(text)
        if found.name != release.name:
            told = "the manifest is of %s, and version asks for %s; make them agree"
            raise manifest_module.ManifestError(told % (found.name, release.name))
        psp = server <= _PSP_LAST and self._api.has(*_PSP)
        return manifest_module.fitted(manifest_module.read(text), settings, release, psp)

    def _memberlist(self, release: Release) -> List[Object]:
        """Return the secret of the speakers' gossip: made once, then kept as it is."""
        metadata = {"name": "memberlist", "namespace": NAMESPACE}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        live = self._api.get(secret)
        if live is not None and self._owns(live):
            return [dict(secret, data=live.get("data") or {})]
        if live is not None or not objects_module.needs_memberlist(release):
            return []
        # As MetalLB's guide has it: openssl rand -base64 128.
        key = base64.b64encode(base64.b64encode(os.urandom(128))).decode("ascii")
        return [dict(secret, data={"secretkey": key})]
