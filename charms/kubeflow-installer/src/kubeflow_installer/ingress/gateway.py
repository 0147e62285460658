"""The gateway that serves the dashboard: its address, its certificate, and its first page."""

import hashlib
import time
from typing import Callable, List, Optional, Tuple

from kubeflow_installer.ingress import login as login_module
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.certificate_secret import NAMESPACE, CertificateSecret
from kubeflow_installer.ingress.https_client import (
    DEX_PORT,
    HttpsClient,
    HttpsError,
    Page,
)
from kubeflow_installer.ingress.tls import CertificateError, Facts
from kubeflow_installer.releases.table import KFCTL, Release
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labcharm.proxies import DIRECT, ProxySettings
from labcharm.text import summarize
from labcharm.urls import redact_url
from labkube.client.api import Api
from labkube.client.references import name_of
from labkube.inspect.readiness import load_balancer_entries

NAME = "istio-ingressgateway"
# Up to Istio 1.3 the gateway mounts the certificate's Secret as files; later gateways read the
# Secret that `credentialName` names.
MOUNTED_SECRET, CREDENTIAL_SECRET = "istio-ingressgateway-certs", "kubeflow-gateway-tls"
_CERTIFICATE_DIGEST = "app.lab-charms/certificate"
_NOT_READY = (502, 503, 504)
_NO_ADDRESS = "the gateway has no address yet"


class Gateway:
    """The gateway of a release.

    Args:
        api: The cluster.
        release: The release.
        hostname: The name that people use; empty if they use the address.
        tls_secret: Namespace and name of the Secret with the administrator's certificate; both
            empty for a self-signed one.
        now: Returns the time in seconds since 1970; passed in by tests.
        proxies: The model's proxy settings.
    """

    def __init__(
        self,
        api: Api,
        release: Release,
        hostname: str = "",
        tls_secret: Tuple[str, str] = ("", ""),
        now: Callable[[], float] = time.time,
        proxies: ProxySettings = DIRECT,
    ) -> None:
        self._api, self._hostname, self._proxies = api, hostname, proxies
        self.secret = MOUNTED_SECRET if release.method == KFCTL else CREDENTIAL_SECRET
        self._certificate = CertificateSecret(api, self.secret, tls_secret, now)

    def address(self) -> str:
        """Return the address or host name that the load balancer assigned; empty without one.

        Raises:
            ApiError: When the cluster does not answer.
        """
        metadata = {"name": NAME, "namespace": NAMESPACE}
        service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
        entries = load_balancer_entries(self._api.get(service))
        # As kfctl does: the first entry, and its host name before its address.
        first = entries[0] if entries else {}
        return str(first.get("hostname") or first.get("ip") or "")

    def url(self) -> str:
        """Return https://HOST of the dashboard; empty while there is no address.

        Raises:
            ApiError: When the cluster does not answer.
        """
        address = self.address()
        return f"https://{_bracketed(self._hostname or address)}" if address else ""

    # The certificate.

    def tls_secret(self, machine: Machine) -> Optional[JsonObject]:
        """Return the Secret of the certificate; None while the gateway has no name or address.

        Args:
            machine: Where openssl runs.

        Raises:
            ApiError: When the cluster does not answer.
            CertificateError: When the administrator's certificate cannot be used, or none can be
                made.
        """
        names = [name for name in (self._hostname, self.address()) if name]
        return self._certificate.desired(machine, names)

    def describe_certificate(self, machine: Machine) -> str:
        """Return the names of the certificate, and for how long it is valid.

        Raises:
            ApiError: When the cluster does not answer.
            CertificateError: When there is none, or it cannot be read.
        """
        facts = self._certificate.facts(machine)
        days = self._certificate.days_left(facts)
        return f"the certificate is for {_names(facts)}, and valid for {int(days)} more days"

    def certificate_concern(self, machine: Machine) -> str:
        """Return why the certificate is wrong now or expires soon; empty if neither is the case.

        The gateway presents the administrator's certificate even then.

        Raises:
            ApiError: When the cluster does not answer.
        """
        try:
            facts = self._certificate.facts(machine)
        except CertificateError as error:
            return str(error)
        host = self._hostname or self.address()
        if host and tls.missing_names(facts, [host]):
            return f"the certificate is for {_names(facts)}, not for {host}; {self._renewal()}"
        days = self._certificate.days_left(facts)
        if days <= tls.RENEWAL_DAYS:
            end = "has expired" if days <= 0 else f"expires in {int(days)} days"
            return f"the certificate {end}; {self._renewal()}"
        return ""

    def _renewal(self) -> str:
        if self._certificate.is_copy:
            return f"put a new certificate into the secret {self._certificate.source}"
        return "the next hook creates a new one"

    def ca(self) -> str:
        """Return the certificate that the gateway presents, as PEM, for clients to verify it with.

        It is empty while there is no certificate.

        Raises:
            ApiError: When the cluster does not answer.
        """
        return self._certificate.trusted_pem()

    def restart_readers(self, owns: Callable[[JsonObject], bool] = bool) -> List[str]:
        """Restart the Deployments that read an earlier certificate from a file; name them.

        The gateway's proxy up to Istio 1.3, and authservice in 0.6.2, read the file when they
        start. A digest of it in the annotations of their pods causes the rollout. Later gateways
        receive a new certificate from istiod.

        Args:
            owns: Returns whether an object is the application's (`Objects.owns`); others are not
                restarted. By default all that mount the Secret are.

        Raises:
            ApiError: When the cluster does not answer.
        """
        text = self.ca() if self.secret == MOUNTED_SECRET else ""
        if not text:
            return []
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        restarted = []
        for live in self._api.list("apps/v1", "Deployment"):
            if _mounts(live, self.secret) and owns(live) and _digest_of(live) != digest:
                self._api.patch(live, _digest_patch(digest))
                restarted.append(name_of(live))
        return restarted

    # The dashboard.

    def check(self, seconds: float = 20.0) -> str:
        """Request the dashboard as a browser without cookies does, and judge the answer.

        Expected is a redirect to dex (authservice, up to 1.8; in 0.6.2 on port 5556), or the page
        of oauth2-proxy with the status 403 (from 1.9 on). The certificate must be the stored one.

        Args:
            seconds: The time limit of the answer.

        Returns:
            What is wrong; empty if nothing is.

        Raises:
            ApiError: When the cluster does not answer.
        """
        url = self.url()
        if not url:
            return _NO_ADDRESS
        return check(url, self.ca(), self.address(), seconds=seconds, proxies=self._proxies)

    def login(self, user: str, password: str, seconds: float = 60.0) -> str:
        """Log in; return why that failed, or an empty string (`ingress.login.login`).

        Raises:
            ApiError: When the cluster does not answer.
        """
        url = self.url()
        if not url:
            return _NO_ADDRESS
        return login_module.login(
            url, user, password, self.ca(), self.address(), seconds=seconds, proxies=self._proxies
        )


def check(
    url: str,
    ca: str,
    address: str = "",
    port: int = DEX_PORT,
    seconds: float = 20.0,
    proxies: ProxySettings = DIRECT,
) -> str:
    """Request a gateway's first page without cookies; return what is wrong (`Gateway.check`).

    Args:
        url: https://HOST.
        ca: PEM of the certificate that the gateway presents, or of its issuer.
        address: The host's address; when empty, the resolver is asked for the name.
        port: dex's own port, if the release has one.
        seconds: The time limit of the answer.
        proxies: The model's proxy settings.
    """
    try:
        client = HttpsClient(url, ca, address, (port,), seconds, proxies)
        page = client.get(url + "/")
        if page.location:
            client.check_target(page.location)
        return "" if login_module.asks_for_login(page) else _unexpected(url, page)
    except HttpsError as error:
        return str(error)


def _unexpected(url: str, page: Page) -> str:
    if page.location:
        return f"{url} redirects to {redact_url(page.location)} instead of dex's login"
    if page.status == 200:
        return f"{url} answers without asking for a login"
    message = f"{url} answers with status {page.status} instead of the login"
    if page.status in _NOT_READY:
        message += "; the service behind the gateway does not answer yet"
    return message


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _names(facts: Facts) -> str:
    return summarize(facts.names) or "nothing"


def _pod_template(deployment: JsonObject) -> JsonObject:
    return dict(deployment.get("spec", {}).get("template") or {})


def _mounts(deployment: JsonObject, secret: str) -> bool:
    volumes = (_pod_template(deployment).get("spec") or {}).get("volumes") or []
    names = [(volume.get("secret") or {}).get("secretName") for volume in volumes]
    return deployment["metadata"].get("namespace") == NAMESPACE and secret in names


def _digest_of(deployment: JsonObject) -> str:
    annotations = (_pod_template(deployment).get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(_CERTIFICATE_DIGEST, ""))


def _digest_patch(digest: str) -> JsonObject:
    annotations = {_CERTIFICATE_DIGEST: digest}
    return {"spec": {"template": {"metadata": {"annotations": annotations}}}}
