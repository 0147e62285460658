"""Admin access to a cluster, read from the data bags of Charmed Kubernetes of 2019 and of today.

Sources: interfaces kube-control, tls-certificates and http; samples in this package's tests. The
bags are read directly and tolerantly, since the published requirer library refuses a provider of
1.13, which has no `api-endpoints`.
"""

import json
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional

from labcharm.errors import WaitingError
from labcharm.json_types import JsonMapping, JsonValue

# The relation data of one unit.
Databag = Mapping[str, str]
# Reads a Juju secret by its id; raises LookupError when it is not granted.
SecretReader = Callable[[str], Mapping[str, str]]


class Access:
    """What a client needs. Its representation shows the URL alone: token and key are secrets.

    Args:
        url: https://HOST:PORT.
        ca: PEM text of the CA that signed the server's certificate.
        token: Bearer token; empty where a client certificate is used.
        certificate: PEM text of a client certificate.
        key: PEM text of its key.
        is_option: Whether the administrator set the credentials by an option, so that only the
            administrator can replace them.
    """

    def __init__(
        self,
        url: str,
        ca: str,
        token: str = "",
        certificate: str = "",
        key: str = "",
        is_option: bool = False,
    ) -> None:
        self.url, self.ca, self.token = url, ca, token
        self.certificate, self.key = certificate, key
        self.is_option = is_option

    def __repr__(self) -> str:
        return f"Access({self.url!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Access) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(sorted(vars(self).items())))


class IncompleteAccessError(WaitingError):
    """Access that is not complete yet.

    Attributes:
        pieces: A sentence about each missing piece, with the relation that provides it.
    """

    def __init__(self, pieces: List[str]) -> None:
        super().__init__("; ".join(pieces))
        self.pieces = pieces


class _Piece(NamedTuple):
    """A piece of the access, or the sentence that says why it is missing."""

    text: str
    missing: str = ""


def kube_control_request(unit: str, reads_secrets: bool = False) -> Dict[str, str]:
    """Return what a unit publishes on kube-control to be given an admin's token.

    A provider of 1.13 gives the admin's token to whoever asks for anything; one of today gives it
    to members of the group that the request names.

    Args:
        unit: The unit's name.
        reads_secrets: Whether the unit can read Juju secrets. Only then is schema 1, which uses
            them, offered.
    """
    bag = {"kubelet_user": unit, "auth_group": "system:masters"}
    if reads_secrets:
        bag["schema_vers"] = "[0, 1]"
    return bag


def read_access(
    unit: str,
    kube_control: Optional[List[Databag]],
    certificates: Optional[List[Databag]],
    http: Optional[List[Databag]] = None,
    secret_reader: Optional[SecretReader] = None,
) -> Access:
    """Return a unit's access, read from what the related units publish.

    Args:
        unit: The name of the unit that the credentials are for.
        kube_control: Bags of the control plane's units; None without that relation.
        certificates: Bags of the certificate authority's units; None without that relation.
        http: Bags of the units that publish the API's address; None without that relation.
        secret_reader: Reads a Juju secret by its id; None where secrets cannot be read.

    Raises:
        IncompleteAccessError: With every piece that is missing.
    """
    control_plane = kube_control or []
    token = _token(unit, kube_control, secret_reader)
    url = _url(control_plane, http)
    ca = _ca(control_plane, certificates, secret_reader)
    missing = [piece.missing for piece in (token, url, ca) if piece.missing]
    if missing:
        raise IncompleteAccessError(missing)
    return Access(url.text, ca.text, token.text)


def _token(
    unit: str, bags: Optional[List[Databag]], secret_reader: Optional[SecretReader]
) -> _Piece:
    if bags is None:
        return _Piece("", "kube-control is not related to the control plane")
    missing = "no credentials from kube-control yet"
    for bag in bags:
        # Only the leader of a control plane of 1.13 publishes credentials.
        credentials = _as_mapping(_parse(bag.get("creds"))).get(unit)
        secret = _read_secret(credentials, "secret-id", "client-token", secret_reader)
        token = secret.text or _as_text(_as_mapping(credentials).get("client_token"))
        if token:
            return _Piece(token)
        missing = secret.missing or missing
    return _Piece("", missing)


def _url(control_plane: List[Databag], http: Optional[List[Databag]]) -> _Piece:
    for bag in control_plane:
        endpoints = _parse(bag.get("api-endpoints"))
        for url in endpoints if isinstance(endpoints, list) else []:
            if _as_text(url).startswith("https://"):
                return _Piece(url)
    for bag in http or []:
        host = bag.get("hostname") or bag.get("private-address") or ""
        if host and bag.get("port"):
            return _Piece(f"https://{_in_brackets(host)}:{bag['port']}")
    if http is None:  # from 1.22 on kube-control names the endpoints
        return _Piece("", "on Kubernetes before 1.22 also relate kube-api-endpoint")
    return _Piece("", "kube-api-endpoint holds no address of the API yet")


def _ca(
    control_plane: List[Databag],
    certificates: Optional[List[Databag]],
    secret_reader: Optional[SecretReader],
) -> _Piece:
    unreadable = ""
    for bag in control_plane:
        secret = _read_secret(bag, "ca-certificate-secret-id", "ca-certificate", secret_reader)
        if _is_pem(secret.text):
            return _Piece(secret.text)
        unreadable = secret.missing or unreadable
    for bag in certificates or []:
        if _is_pem(bag.get("ca", "")):
            return _Piece(bag["ca"].strip() + "\n")
    if unreadable:
        return _Piece("", unreadable)
    if certificates is None:
        return _Piece("", "no CA certificate; relate certificates to the certificate authority")
    return _Piece("", "certificates holds no CA certificate yet")


def _read_secret(
    bag: JsonValue, key: str, field: str, secret_reader: Optional[SecretReader]
) -> _Piece:
    """Return a field of the secret whose id a bag holds; an empty piece where there is no id."""
    secret_id = _as_text(_as_mapping(bag).get(key))
    if not secret_id or secret_reader is None:
        return _Piece("")
    try:
        return _Piece(_as_text(secret_reader(secret_id).get(field)))
    except LookupError:
        return _Piece(
            "",
            f"kube-control's secret {field} is revoked or not granted yet; if it stays so, relate"
            " kube-control again",
        )


def _parse(text: Optional[str]) -> JsonValue:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _as_mapping(document: JsonValue) -> JsonMapping:
    return document if isinstance(document, Mapping) else {}


def _as_text(document: JsonValue) -> str:
    return document if isinstance(document, str) else ""


def _is_pem(text: str) -> bool:
    return "-----BEGIN CERTIFICATE-----" in text


def _in_brackets(host: str) -> str:
    """Return a host as a URL has it: an IPv6 address stands in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
