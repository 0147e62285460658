"""Access to a cluster, read from the data bags of Charmed Kubernetes of 2019 and of today.

Sources: interfaces kube-control, tls-certificates and http; samples in this package's tests. The
bags are read directly and tolerantly, since the published requirer library refuses a provider of
1.13, which has no `api-endpoints`.
"""

from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from labcharm.documents import parse_json
from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonMapping, JsonValue
from labkube.client.identity import Identity

# The relation data of one unit.
Databag = Mapping[str, str]
# What the charm k8s publishes as its registry (canonical/k8s-operator, kube_control.py configure).
_REGISTRY_OF_K8S = "ghcr.io/canonical/cdk"
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


class MissingRelationError(IncompleteAccessError, BlockedError):
    """Access that lacks a relation, which only the administrator can add."""


class _Piece(NamedTuple):
    """A piece of the access, or the sentence that says why it is missing.

    Attributes:
        text: The piece; empty when it is missing.
        missing: Why it is missing; empty when it is not.
        lacks_relation: Whether it is missing because an endpoint is not related.
    """

    text: str
    missing: str = ""
    lacks_relation: bool = False


class Tokens(NamedTuple):
    """The tokens that a control plane publishes for a user (see the module `identity`).

    Attributes:
        client: `client_token`.
        kubelet: `kubelet_token`; empty where the control plane publishes none.
    """

    client: str
    kubelet: str


def client_token(tokens: Tokens) -> str:
    """Return the token of an identity that was requested as an administrator's."""
    return tokens.client


def narrow_token(tokens: Tokens) -> str:
    """Return the token that belongs to the requested group."""
    return tokens.kubelet or tokens.client


def attached_admin_token(tokens: Tokens) -> str:
    """Return the administrator's token that comes with a narrow one; empty without one."""
    return tokens.client if tokens.kubelet else ""


def kube_control_request(identity: Identity, reads_secrets: bool = False) -> Dict[str, str]:
    """Return what a unit publishes on kube-control to be given a token.

    Args:
        identity: The user and the group that the token is for.
        reads_secrets: Whether the unit can read Juju secrets. Only then is schema 1, which uses
            them, offered.
    """
    bag = {"kubelet_user": identity.user, "auth_group": identity.group}
    if reads_secrets:
        bag["schema_vers"] = "[0, 1]"
    return bag


def read_access(
    user: str,
    kube_control: Optional[List[Databag]],
    certificates: Optional[List[Databag]],
    http: Optional[List[Databag]] = None,
    secret_reader: Optional[SecretReader] = None,
    choose: Callable[[Tokens], str] = client_token,
) -> Access:
    """Return a user's access, read from what the related units publish.

    Args:
        user: The user that was requested.
        kube_control: Bags of the control plane's units; None without that relation.
        certificates: Bags of the certificate authority's units; None without that relation.
        http: Bags of the units that publish the API's address; None without that relation.
        secret_reader: Reads a Juju secret by its id; None where secrets cannot be read.
        choose: Returns the token to use; empty where it is not among those of the user.

    Raises:
        MissingRelationError: With every piece that is missing, when one of them will not come
            without another relation.
        IncompleteAccessError: The same, when all of them may come later.
    """
    control_plane = kube_control or []
    token = _token(user, kube_control, secret_reader, choose)
    url = _url(control_plane, http)
    ca = _ca(control_plane, certificates, secret_reader)
    pieces = (token, url, ca)
    missing = [piece.missing for piece in pieces if piece.missing]
    if missing:
        # Until the control plane has given the token, the address and the CA may come from it too.
        is_final = any(piece.lacks_relation for piece in pieces if token.text or piece is token)
        raise (MissingRelationError if is_final else IncompleteAccessError)(missing)
    return Access(url.text, ca.text, token.text)


def _token(
    user: str,
    bags: Optional[List[Databag]],
    secret_reader: Optional[SecretReader],
    choose: Callable[[Tokens], str],
) -> _Piece:
    if bags is None:
        return _Piece("", "kube-control is not related to the control plane", True)
    missing = "no credentials from kube-control yet"
    for bag in bags:
        # Only the leader of a control plane of 1.13 publishes credentials.
        credentials = _as_mapping(_as_mapping(_parse(bag.get("creds"))).get(user))
        content, unreadable = _read_secret(credentials, "secret-id", "client-token", secret_reader)
        token = choose(_tokens(credentials, content))
        if token:
            return _Piece(token)
        missing = unreadable or missing
    return _Piece("", missing)


def _tokens(credentials: JsonMapping, content: Mapping[str, str]) -> Tokens:
    """Return a user's tokens: from the content of a secret, else from the credentials."""
    client, kubelet = (
        _as_text(content.get(f"{name}-token")) or _as_text(credentials.get(f"{name}_token"))
        for name in ("client", "kubelet")
    )
    return Tokens(client, kubelet)


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
        return _Piece("", "on Kubernetes before 1.22 also relate kube-api-endpoint", True)
    return _Piece("", "kube-api-endpoint holds no address of the API yet")


def _ca(
    control_plane: List[Databag],
    certificates: Optional[List[Databag]],
    secret_reader: Optional[SecretReader],
) -> _Piece:
    unreadable = ""
    for bag in control_plane:
        content, missing = _read_secret(
            bag, "ca-certificate-secret-id", "ca-certificate", secret_reader
        )
        ca = _as_text(content.get("ca-certificate"))
        if _is_pem(ca):
            return _Piece(ca)
        unreadable = missing or unreadable
    for bag in certificates or []:
        if _is_pem(bag.get("ca", "")):
            return _Piece(bag["ca"].strip() + "\n")
    if unreadable:
        return _Piece("", unreadable)
    return _Piece("", _missing_ca(control_plane, certificates), certificates is None)


def _missing_ca(control_plane: List[Databag], certificates: Optional[List[Databag]]) -> str:
    """Return what to do about a missing CA certificate.

    Canonical Kubernetes has no certificate authority to relate. It gives its CA only to relations
    of its first deployment (canonical/k8s-operator#950).
    """
    if certificates is not None:
        return "certificates holds no CA certificate yet"
    if _is_canonical(control_plane):
        return (
            "no CA certificate from kube-control; set the option kubeconfig (action get-kubeconfig"
            " of k8s)"
        )
    return "no CA certificate; relate certificates to the certificate authority"


def _is_canonical(control_plane: List[Databag]) -> bool:
    """Return whether the control plane is the charm k8s, judged by what it has published.

    Unlike kubernetes-control-plane, it publishes no keys of snap cohorts, and one registry.
    """
    return any(
        bag.get("registry-location") == _REGISTRY_OF_K8S and "cohort-keys" not in bag
        for bag in control_plane
    )


def _read_secret(
    bag: JsonValue, key: str, field: str, secret_reader: Optional[SecretReader]
) -> Tuple[Mapping[str, str], str]:
    """Return the content of the secret whose id a bag holds, or why it cannot be read.

    Both are empty where the bag holds no id.
    """
    secret_id = _as_text(_as_mapping(bag).get(key))
    if not secret_id or secret_reader is None:
        return {}, ""
    try:
        return secret_reader(secret_id), ""
    except LookupError:
        return {}, (
            f"kube-control's secret {field} is revoked or not granted yet; if it stays so, relate"
            " kube-control again"
        )


def _parse(text: Optional[str]) -> JsonValue:
    try:
        return parse_json(text) if text else None
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
