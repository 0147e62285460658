"""Admin access to a cluster, read from the data bags of Charmed Kubernetes of 2019 and of today.

Sources: interfaces kube-control, tls-certificates and http; samples in this package's tests. The
bags are read directly and tolerantly, since the published requirer library refuses a provider of
1.13, which has no `api-endpoints`.
"""

import json
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from labcharm.errors import WaitingError

Bag = Mapping[str, str]
Secret = Callable[[str], Mapping[str, str]]


class Access:
    """What a client needs. Its texts name the URL alone: token and key are secrets.

    Args:
        url: https://HOST:PORT.
        ca: PEM text of the CA that signed the server's certificate.
        token: Bearer token; empty where a client certificate is used.
        certificate: PEM text of a client certificate.
        key: PEM text of its key.
    """

    def __init__(
        self, url: str, ca: str, token: str = "", certificate: str = "", key: str = ""
    ) -> None:
        self.url, self.ca, self.token = url, ca, token
        self.certificate, self.key = certificate, key

    def __repr__(self) -> str:
        return "Access(%r)" % self.url

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Access) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(sorted(vars(self).items())))


class MissingError(WaitingError):
    """Access that is not complete yet.

    Attributes:
        pieces: A sentence about each missing piece, with the relation that brings it.
    """

    def __init__(self, pieces: List[str]) -> None:
        super().__init__("; ".join(pieces))
        self.pieces = pieces


Found = NamedTuple("Found", [("value", str), ("missing", str)])


def request(unit: str, reads_secrets: bool = False) -> Dict[str, str]:
    """Return what a unit publishes on kube-control to be given the admin's token.

    A provider of 1.13 gives the admin's token to whoever asks for anything, one of today to the
    group that is named. Schema 1 (Juju secrets) is offered only by who can read them.
    """
    bag = {"kubelet_user": unit, "auth_group": "system:masters"}
    if reads_secrets:
        bag["schema_vers"] = "[0, 1]"
    return bag


def find_access(
    unit: str,
    kube_control: Optional[List[Bag]],
    certificates: Optional[List[Bag]],
    http: Optional[List[Bag]] = None,
    secret: Optional[Secret] = None,
) -> Access:
    """Put a unit's access together from what the related units publish.

    Args:
        unit: Our unit, which the credentials are looked up for.
        kube_control: Bags of the control plane's units; None without that relation.
        certificates: Bags of the certificate authority's units; None without.
        http: Bags of the units that say where the API is; None without.
        secret: Reads a Juju secret by its id; None where secrets cannot be read.

    Raises:
        MissingError: With every piece that is not there, at once.
    """
    control = kube_control or []
    token = _token(unit, kube_control, secret)
    url = _url(control, http)
    ca = _ca(control, certificates, secret)
    missing = [piece.missing for piece in (token, url, ca) if piece.missing]
    if missing:
        raise MissingError(missing)
    return Access(url.value, ca.value, token.value)


def _token(unit: str, bags: Optional[List[Bag]], secret: Optional[Secret]) -> Found:
    if bags is None:
        return Found("", "kube-control is not related to the control plane")
    for bag in bags:
        # Only the leader of a control plane of 1.13 publishes credentials; the others have none.
        entry = _mapping(_json(bag.get("creds"))).get(unit)
        value = _of_secret(entry, "secret-id", "client-token", secret)
        value = value or _text(_mapping(entry).get("client_token"))
        if value:
            return Found(value, "")
    return Found("", "kube-control holds no credentials for %s yet" % unit)


def _url(control: List[Bag], http: Optional[List[Bag]]) -> Found:
    for bag in control:
        endpoints = _json(bag.get("api-endpoints"))
        for url in endpoints if isinstance(endpoints, list) else []:
            if _text(url).startswith("https://"):
                return Found(url, "")
    for bag in http or []:
        host = bag.get("hostname") or bag.get("private-address") or ""
        if host and bag.get("port"):
            return Found("https://%s:%s" % (_bracketed(host), bag["port"]), "")
    if http is None:
        told = (
            "kube-control names no API endpoint (it does from 1.22 on); relate kube-api-endpoint"
        )
        return Found("", told)
    return Found("", "kube-api-endpoint says no address of the API yet")


def _ca(control: List[Bag], certificates: Optional[List[Bag]], secret: Optional[Secret]) -> Found:
    for bag in control:
        value = _of_secret(bag, "ca-certificate-secret-id", "ca-certificate", secret)
        if _is_pem(value):
            return Found(value, "")
    for bag in certificates or []:
        if _is_pem(bag.get("ca", "")):
            return Found(bag["ca"].strip() + "\n", "")
    if certificates is None:
        return Found("", "no CA certificate; relate certificates to the certificate authority")
    return Found("", "certificates holds no CA certificate yet")


def _of_secret(bag: Any, key: str, field: str, secret: Optional[Secret]) -> str:
    name = _text(_mapping(bag).get(key))
    if not name or secret is None:
        return ""
    try:
        return _text(secret(name).get(field))
    except LookupError:
        return ""  # not granted yet: another piece that is missing


def _json(text: Optional[str]) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _is_pem(text: str) -> bool:
    return "-----BEGIN CERTIFICATE-----" in text


def _bracketed(host: str) -> str:
    return "[%s]" % host if ":" in host and not host.startswith("[") else host
