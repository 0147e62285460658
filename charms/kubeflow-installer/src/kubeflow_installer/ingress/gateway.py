"""Where the dashboard answers: the gateway's address, its certificate, and what it says there."""

import base64
import binascii
import hashlib
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from kubeflow_installer.ingress import login as login_module
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.browser import DEX, Browser, BrowserError, where
from kubeflow_installer.ingress.tls import CertificateError, Facts, Pair
from labcharm.machine import Machine
from labcharm.text import some
from labkube.apply.references import name_of
from labkube.client.api import Api, Object

NAMESPACE, NAME = "istio-system", "istio-ingressgateway"
# Mounted as files by the gateway up to Istio 1.3; later ones are told by `credentialName`.
MOUNTED, NAMED = "istio-ingressgateway-certs", "kubeflow-gateway-tls"
_TYPE = "kubernetes.io/tls"
_COPIED = "app.lab-charms/copied-from"
_SHOWN = "app.lab-charms/certificate"
_FILES = ("tls.crt", "tls.key", "ca.crt")
_UNREADY = (502, 503, 504)
_Content = Dict[str, str]


class Gateway:
    """The gateway of a release.

    Args:
        api: The cluster.
        release: The release (`name`, `method`).
        hostname: The name that people use; empty where they use the address.
        given: Namespace and name of the secret with the given certificate; both empty without one.
        now: The time in seconds since 1970; handed in for tests.
    """

    def __init__(
        self,
        api: Api,
        release: Any,
        hostname: str = "",
        given: Tuple[str, str] = ("", ""),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api, self._release = api, release
        self._hostname, self._given, self._now = hostname, given, now
        self.secret = MOUNTED if release.method == "kfctl" else NAMED

    def address(self) -> str:
        """Return the address or host name that the LoadBalancer gave; empty while there is none.

        Raises:
            ApiError: When the cluster does not say.
        """
        live = self._api.get(_ref("v1", "Service", NAMESPACE, NAME)) or {}
        entries = (live.get("status") or {}).get("loadBalancer", {}).get("ingress") or []
        # As kfctl takes them: the first entry, its name before its number.
        first = entries[0] if entries else {}
        return str(first.get("hostname") or first.get("ip") or "")

    def url(self) -> str:
        """Return https://HOST of the dashboard; empty while there is no address.

        Raises:
            ApiError: When the cluster does not say.
        """
        address = self.address()
        return "https://" + _bracketed(self._hostname or address) if address else ""

    def tls_secret(self, machine: Machine) -> Optional[Object]:
        """Return the secret that the gateway shall show; None while it is not known for whom.

        It is the one that is there as long as it is for the host name and the address and has more
        than 30 days left; else a new self-signed one. A given certificate is copied.

        Args:
            machine: Where openssl runs.

        Raises:
            ApiError: When the cluster does not answer.
            CertificateError: When a given certificate cannot be used, with the reason; or none
                can be made.
        """
        live = self._api.get(self._ref())
        if self._given != ("", ""):
            return self._wanted(live, self._copy(machine), "%s/%s" % self._given)
        names = [name for name in (self._hostname, self.address()) if name]
        if not names:
            return None
        if live is not None and self._fits(machine, live, names):
            return self._wanted(live, _content(live))
        made = tls.self_signed(machine, names)
        return self._wanted(live, {"tls.crt": made.certificate, "tls.key": made.key})

    def certificate(self, machine: Machine) -> str:
        """Return for whom the certificate is that is shown, and for how long, in words.

        Raises:
            ApiError: When the cluster does not answer.
            CertificateError: When there is none, or it cannot be read.
        """
        facts = self._shown(machine)
        left = tls.days_left(facts, self._now())
        return "the certificate is for %s, for %d more days" % (_listed(facts), left)

    def doubt(self, machine: Machine) -> str:
        """Say why the certificate that is shown will not do, now or soon; empty where it does.

        One that is given is shown even so: it is the administrator's.

        Raises:
            ApiError: When the cluster does not answer.
        """
        try:
            facts = self._shown(machine)
        except CertificateError as error:
            return str(error)
        mend = "give another in the secret %s/%s" % self._given
        if self._given == ("", ""):
            mend = "the next hook makes another"
        host = self._hostname or self.address()
        if host and tls.missing_names(facts, [host]):
            return "the certificate is for %s, not for %s; %s" % (_listed(facts), host, mend)
        left = tls.days_left(facts, self._now())
        if left <= tls.RENEWED:
            ends = "has ended" if left <= 0 else "ends in %d days" % left
            return "the certificate %s; %s" % (ends, mend)
        return ""

    def ca(self) -> str:
        """Return what clients verify the gateway by, as PEM: the certificate that it shows.

        Empty while there is none.

        Raises:
            ApiError: When the cluster does not answer.
        """
        content = _content(self._api.get(self._ref()) or {})
        texts = [content.get(name, "").strip() for name in ("tls.crt", "ca.crt")]
        return "".join(text + "\n" for text in texts if text)

    def follow(self, owns: Callable[[Object], bool] = bool) -> List[str]:
        """Let those start anew that have read another certificate from a file; name them.

        The gateway's proxy up to Istio 1.3, and authservice in 0.6.2, read it as they start; a
        digest of it in their pods' annotations makes the rollout. Later gateways are told of a
        new one by istiod.

        Args:
            owns: Tells whether an object is ours (`Objects.owns`); others are left alone. By
                itself all that mount the secret are taken for ours.

        Raises:
            ApiError: When the cluster does not answer.
        """
        text = self.ca() if self.secret == MOUNTED else ""
        if not text:
            return []
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        told = []
        for found in self._api.list("apps/v1", "Deployment"):
            if _mounts(found, self.secret) and owns(found) and _noted(found) != digest:
                self._api.patch(found, _note(digest))
                told.append(name_of(found))
        return told

    def check(self, seconds: float = 20.0) -> str:
        """Ask for the dashboard as a browser without cookies does, and judge the answer.

        Right is a redirect to dex (authservice, up to 1.8; in 0.6.2 on port 5556), or the page of
        oauth2-proxy with the status 403 (from 1.9 on). The certificate must be the one that is
        kept.

        Args:
            seconds: How long the answer may take.

        Returns:
            What is wrong; empty where nothing.

        Raises:
            ApiError: When the cluster does not answer.
        """
        url = self.url()
        if not url:
            return "the gateway has no address yet"
        return check(url, self.ca(), self.address(), seconds=seconds)

    def login(self, user: str, password: str, seconds: float = 60.0) -> str:
        """Log in; return why not, or an empty text (`ingress.login.login`).

        Raises:
            ApiError: When the cluster does not answer.
        """
        url = self.url()
        if not url:
            return "the gateway has no address yet"
        return login_module.login(url, user, password, self.ca(), self.address(), seconds=seconds)

    def _ref(self) -> Object:
        return _ref("v1", "Secret", NAMESPACE, self.secret)

    def _shown(self, machine: Machine) -> Facts:
        content = _content(self._api.get(self._ref()) or {})
        if not content.get("tls.crt"):
            told = "the secret %s/%s holds no certificate yet"
            raise CertificateError(told % (NAMESPACE, self.secret))
        return tls.read(machine, content["tls.crt"])

    def _copy(self, machine: Machine) -> _Content:
        """Return the given certificate and key."""
        told = "option tls-secret: %s/%s " % self._given
        live = self._api.get(_ref("v1", "Secret", *self._given))
        if live is None:
            raise CertificateError(told + "is not there; make it, or empty the option")
        content = _content(live)
        if not content.get("tls.crt") or not content.get("tls.key"):
            raise CertificateError(told + "must hold tls.crt and tls.key (kubernetes.io/tls)")
        try:
            matches = tls.is_pair(machine, Pair(content["tls.crt"], content["tls.key"]))
        except CertificateError as error:
            raise CertificateError(told + "cannot be used: %s" % error) from None
        if not matches:
            raise CertificateError(told + "holds a key of another certificate")
        return content

    def _fits(self, machine: Machine, live: Object, names: List[str]) -> bool:
        content = _content(live)
        copied = (live["metadata"].get("annotations") or {}).get(_COPIED)
        if copied or not content.get("tls.key"):
            return False
        try:
            facts = tls.read(machine, content.get("tls.crt", ""))
            pair = Pair(content["tls.crt"], content["tls.key"])
            matches = tls.is_pair(machine, pair)
        except (CertificateError, KeyError):
            return False
        lasts = tls.days_left(facts, self._now()) > tls.RENEWED
        return matches and lasts and not tls.missing_names(facts, names)

    def _wanted(self, live: Optional[Object], content: _Content, source: str = "") -> Object:
        found = self._ref()
        if source:
            found["metadata"]["annotations"] = {_COPIED: source}
        # A secret's type cannot be changed, and kfctl's own has another.
        found["type"] = (live or {}).get("type") or _TYPE
        found["data"] = {
            name: base64.b64encode(content[name].encode()).decode()
            for name in _FILES
            if content.get(name)
        }
        return found


def check(url: str, ca: str, address: str = "", port: int = DEX, seconds: float = 20.0) -> str:
    """Ask a gateway for its first page without cookies; return what is wrong (`Gateway.check`).

    Args:
        url: https://HOST.
        ca: PEM of the certificate that it shows, or of who signed it.
        address: Where the host is; empty asks the resolver for its name.
        port: dex's own, where the release has one.
        seconds: How long the answer may take.
    """
    try:
        browser = Browser(url, ca, address, (port,), seconds)
        page = browser.get(url + "/")
        if page.location:
            browser.refuse_others(page.location)
        if login_module.asks_for_login(page):
            return ""
    except BrowserError as error:
        return str(error)
    if page.location:
        return "%s leads to %s, and not to dex's login" % (url, where(page.location))
    if page.status == 200:
        return "%s answers without asking for a login" % url
    later = "; what is behind it does not answer yet" if page.status in _UNREADY else ""
    return "%s answers %d, and not with the login%s" % (url, page.status, later)


def _ref(api_version: str, kind: str, namespace: str, name: str) -> Object:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _bracketed(host: str) -> str:
    return "[%s]" % host if ":" in host else host


def _content(live: Object) -> _Content:
    """Return a secret's texts; what is none is left out."""
    found = {}
    for name in _FILES:
        try:
            text = base64.b64decode((live.get("data") or {}).get(name) or "", validate=True)
            found[name] = text.decode("ascii")
        except (binascii.Error, ValueError):
            continue
    return found


def _listed(facts: Facts) -> str:
    return some(facts.names) or "nothing"


def _pod(found: Object) -> Object:
    return dict(found.get("spec", {}).get("template") or {})


def _mounts(found: Object, secret: str) -> bool:
    volumes = (_pod(found).get("spec") or {}).get("volumes") or []
    names = [(one.get("secret") or {}).get("secretName") for one in volumes]
    return found["metadata"].get("namespace") == NAMESPACE and secret in names


def _noted(found: Object) -> str:
    annotations = (_pod(found).get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(_SHOWN, ""))


def _note(digest: str) -> Object:
    return {"spec": {"template": {"metadata": {"annotations": {_SHOWN: digest}}}}}
