"""The Secret of the gateway's certificate: self-signed, or a copy of the administrator's."""

import base64
import binascii
import time
from typing import Callable, Dict, List, Optional, Tuple

from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.tls import CertificateError, Facts, Pair
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labkube.client.api import Api

NAMESPACE = "istio-system"
_TYPE = "kubernetes.io/tls"
_COPIED_FROM = "app.lab-charms/copied-from"
_FILES = ("tls.crt", "tls.key", "ca.crt")
_Content = Dict[str, str]


class CertificateSecret:
    """The Secret that the gateway reads its certificate from.

    Args:
        api: The cluster.
        name: The Secret's name.
        source: Namespace and name of the Secret with the administrator's certificate; both empty
            for a self-signed one.
        now: Returns the time in seconds since 1970; passed in by tests.
    """

    def __init__(
        self,
        api: Api,
        name: str,
        source: Tuple[str, str] = ("", ""),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._api, self.name, self._now = api, name, now
        self._source = source

    @property
    def is_copy(self) -> bool:
        """Whether the certificate is the administrator's."""
        return self._source != ("", "")

    @property
    def source(self) -> str:
        """NAMESPACE/NAME of the administrator's Secret."""
        return "/".join(self._source)

    def desired(self, machine: Machine, names: List[str]) -> Optional[JsonObject]:
        """Return the Secret that the gateway should have; None while it has no name or address.

        The existing certificate stays as long as it covers the names and is valid for more than
        30 days; otherwise a new self-signed one replaces it. The administrator's certificate is
        copied.

        Args:
            machine: Where openssl runs.
            names: Host name and address of the gateway, as far as they are known.

        Raises:
            ApiError: When the cluster does not answer.
            CertificateError: When the administrator's certificate cannot be used, or none can be
                made.
        """
        live = self._api.get(self._reference())
        if self.is_copy:
            return self._manifest(live, self._read_source(machine), self.source)
        if not names:
            return None
        if live is not None and self._is_usable(machine, live, names):
            return self._manifest(live, _decode(live))
        pair = tls.self_signed(machine, names)
        return self._manifest(live, {"tls.crt": pair.certificate, "tls.key": pair.key})

    def facts(self, machine: Machine) -> Facts:
        """Return the names and the expiry time of the existing certificate.

        Raises:
            ApiError: When the cluster does not answer.
            CertificateError: When there is none, or it cannot be read.
        """
        content = _decode(self._api.get(self._reference()) or {})
        if not content.get("tls.crt"):
            message = f"the secret {NAMESPACE}/{self.name} does not contain a certificate yet"
            raise CertificateError(message)
        return tls.read(machine, content["tls.crt"])

    def days_left(self, facts: Facts) -> float:
        """Return the number of days for which a certificate is still valid."""
        return tls.days_left(facts, self._now())

    def trusted_pem(self) -> str:
        """Return the PEM that clients verify the gateway with; empty without a certificate.

        Raises:
            ApiError: When the cluster does not answer.
        """
        content = _decode(self._api.get(self._reference()) or {})
        texts = [content.get(name, "").strip() for name in ("tls.crt", "ca.crt")]
        return "".join(text + "\n" for text in texts if text)

    def _reference(self) -> JsonObject:
        return _secret(NAMESPACE, self.name)

    def _read_source(self, machine: Machine) -> _Content:
        """Return the administrator's certificate and key."""
        option = f"option tls-secret: {self.source}"
        live = self._api.get(_secret(*self._source))
        if live is None:
            raise CertificateError(f"{option} does not exist; create it, or clear the option")
        content = _decode(live)
        if not content.get("tls.crt") or not content.get("tls.key"):
            message = f"{option} must contain tls.crt and tls.key (kubernetes.io/tls)"
            raise CertificateError(message)
        try:
            matches = tls.is_pair(machine, Pair(content["tls.crt"], content["tls.key"]))
        except CertificateError as error:
            raise CertificateError(f"{option} cannot be used: {error}") from None
        if not matches:
            raise CertificateError(f"{option} contains the key of another certificate")
        return content

    def _is_usable(self, machine: Machine, live: JsonObject, names: List[str]) -> bool:
        """Return whether the existing certificate is self-signed, valid and for these names."""
        content = _decode(live)
        copied_from = (live["metadata"].get("annotations") or {}).get(_COPIED_FROM)
        if copied_from or not content.get("tls.key"):
            return False
        try:
            facts = tls.read(machine, content.get("tls.crt", ""))
            matches = tls.is_pair(machine, Pair(content["tls.crt"], content["tls.key"]))
        except (CertificateError, KeyError):
            return False
        is_valid = self.days_left(facts) > tls.RENEWAL_DAYS
        return matches and is_valid and not tls.missing_names(facts, names)

    def _manifest(
        self, live: Optional[JsonObject], content: _Content, source: str = ""
    ) -> JsonObject:
        manifest = self._reference()
        if source:
            manifest["metadata"]["annotations"] = {_COPIED_FROM: source}
        # A Secret's type cannot be changed, and the Secret that kfctl makes has another type.
        manifest["type"] = (live or {}).get("type") or _TYPE
        manifest["data"] = {
            name: base64.b64encode(content[name].encode()).decode()
            for name in _FILES
            if content.get(name)
        }
        return manifest


def _secret(namespace: str, name: str) -> JsonObject:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}


def _decode(live: JsonObject) -> _Content:
    """Return a Secret's strings; entries that are not text are omitted."""
    content = {}
    for name in _FILES:
        try:
            encoded = (live.get("data") or {}).get(name) or ""
            content[name] = base64.b64decode(encoded, validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            continue
    return content
