"""Address, certificate and first page of the gateway, with an API that is a dictionary.

On real API servers this runs in tests/kube/test_kubeflow_gateway.py.
"""

from __future__ import annotations

import base64
import copy
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from helpers.kubeflow.lab_gateway import (
    PASSWORD,
    USER,
    Ask,
    Authservice,
    Dex,
    Door,
    OAuth2Proxy,
    Reply,
    gateway,
    page,
    redirect,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import MOUNTED, NAMED, Gateway, check
from kubeflow_installer.ingress.tls import CertificateError, Pair
from labcharm.machine import Machine

HOST, ADDRESS = "kubeflow.lab.example", "10.64.0.100"
DAY = 86400


class Release(NamedTuple):
    """What is asked of a release."""

    name: str
    method: str


OLD, NEW = Release("0.6.2", "kfctl"), Release("1.10.2", "manifests")


class FakeApi:
    """Objects by kind, namespace and name."""

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.there = {self._key(one): copy.deepcopy(one) for one in objects}
        self.patched: list[str] = []

    @staticmethod
    def _key(found: dict[str, Any]) -> tuple[str, str, str]:
        return found["kind"], found["metadata"]["namespace"], found["metadata"]["name"]

    def get(self, found: dict[str, Any]) -> Any:
        """Return an object."""
        return copy.deepcopy(self.there.get(self._key(found)))

    def put(self, found: dict[str, Any]) -> None:
        """Write an object."""
        self.there[self._key(found)] = copy.deepcopy(found)

    def list(self, _: str, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        return [copy.deepcopy(one) for key, one in self.there.items() if key[0] == kind]

    def patch(self, found: dict[str, Any], body: dict[str, Any]) -> None:
        """Note annotations of a pod template."""
        live = self.there[self._key(found)]["spec"]["template"]
        noted = body["spec"]["template"]["metadata"]["annotations"]
        live.setdefault("metadata", {}).setdefault("annotations", {}).update(noted)
        self.patched.append(found["metadata"]["name"])


def service(*ingress: dict[str, str]) -> dict[str, Any]:
    """Make the gateway's service."""
    metadata = {"name": "istio-ingressgateway", "namespace": "istio-system"}
    status = {"loadBalancer": {"ingress": list(ingress)}} if ingress else {"loadBalancer": {}}
    return {"kind": "Service", "apiVersion": "v1", "metadata": metadata, "status": status}


def secret(namespace: str, name: str, **texts: str) -> dict[str, Any]:
    """Make a secret; `crt` stands for tls.crt and so on."""
    names = {"crt": "tls.crt", "key": "tls.key", "ca": "ca.crt"}
    data = {names[key]: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    metadata = {"name": name, "namespace": namespace}
    return {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": data}


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Make certificates: of address and name, and of another name."""
    machine = Machine()
    return [
        tls.self_signed(machine, [HOST, ADDRESS, "127.0.0.1"]),
        tls.self_signed(machine, ["other.lab.example"]),
    ]


@pytest.mark.parametrize(
    ("ingress", "hostname", "address", "url"),
    [
        ([{"ip": ADDRESS}], "", ADDRESS, f"https://{ADDRESS}"),
        ([{"ip": ADDRESS}], HOST, ADDRESS, f"https://{HOST}"),
        ([{"hostname": "lb.example", "ip": ADDRESS}], "", "lb.example", "https://lb.example"),
        ([{"ip": "fd00::1"}], "", "fd00::1", "https://[fd00::1]"),
        ([{"ip": ADDRESS}, {"ip": "10.0.0.1"}], "", ADDRESS, f"https://{ADDRESS}"),
        ([], HOST, "", ""),
    ],
)
def test_address_and_url(
    ingress: list[dict[str, str]], hostname: str, address: str, url: str
) -> None:
    """The first entry counts; a host name is no use without an address."""
    found = Gateway(FakeApi(service(*ingress)), NEW, hostname)
    assert (found.address(), found.url()) == (address, url)


def test_no_service_yet() -> None:
    """Before the installation."""
    found = Gateway(FakeApi(), OLD)
    assert (found.address(), found.url(), found.ca()) == ("", "", "")
    assert found.tls_secret(Machine()) is None
    assert found.check() == "the gateway has no address yet"
    assert found.login("a", "b") == "the gateway has no address yet"


@pytest.mark.parametrize(("release", "name"), [(OLD, MOUNTED), (NEW, NAMED)])
def test_made_kept_and_renewed(release: Release, name: str) -> None:
    """It stays to the byte until it has 30 days left."""
    api, machine = FakeApi(service({"ip": ADDRESS})), Machine()
    now = [time.time()]
    found = Gateway(api, release, HOST, now=lambda: now[0])
    made = found.tls_secret(machine)
    assert made is not None
    assert made["metadata"] == {"name": name, "namespace": "istio-system"}
    assert made["type"] == "kubernetes.io/tls"
    assert sorted(made["data"]) == ["tls.crt", "tls.key"]
    api.put(made)
    assert tls.read(machine, found.ca()).names == (HOST, ADDRESS)
    assert found.tls_secret(machine) == made
    now[0] += 366 * DAY
    assert found.tls_secret(machine) == made
    assert found.doubt(machine) == ""
    now[0] += 1.5 * DAY
    assert found.doubt(machine) == "the certificate ends in 29 days; the next hook makes another"
    renewed = found.tls_secret(machine)
    assert renewed is not None
    assert renewed["data"] != made["data"]


def test_made_again_for_another_name() -> None:
    """A host name that is set later, an address that has changed."""
    api, machine = FakeApi(service({"ip": ADDRESS})), Machine()
    first = Gateway(api, NEW).tls_secret(machine)
    assert first is not None
    api.put(first)
    second = Gateway(api, NEW, HOST).tls_secret(machine)
    assert second is not None
    assert second["data"] != first["data"]
    api.put(second)
    assert Gateway(api, NEW).tls_secret(machine) == second, "it still covers the address"
    api.put(service({"ip": "10.64.0.101"}))
    third = Gateway(api, NEW).tls_secret(machine)
    assert third is not None
    assert third["data"] != second["data"]


def test_the_one_that_kfctl_made_is_kept(pairs: list[Pair]) -> None:
    """Its type too, which a server lets nobody change."""
    there = dict(secret("istio-system", MOUNTED, crt=pairs[0][0], key=pairs[0][1]), type="Opaque")
    api = FakeApi(service({"ip": ADDRESS}), there)
    assert Gateway(api, OLD, HOST).tls_secret(Machine()) == there
    api.put(service({"ip": "10.0.0.9"}))
    other = Gateway(api, OLD, HOST).tls_secret(Machine())
    assert other is not None
    assert other["data"] != there["data"]
    assert other["type"] == "Opaque"


@pytest.mark.parametrize("broken", ["no key", "no certificate", "no pair", "no base64", "no data"])
def test_one_that_is_broken_is_made_again(pairs: list[Pair], broken: str) -> None:
    """Whatever is wrong with it."""
    there = secret("istio-system", NAMED, crt=pairs[0][0], key=pairs[0][1])
    if broken == "no data":
        del there["data"]
    elif broken == "no base64":
        there["data"]["tls.crt"] = "%%%"
    elif broken == "no certificate":
        there["data"]["tls.crt"] = base64.b64encode(b"x").decode()
    elif broken == "no pair":
        there["data"]["tls.key"] = base64.b64encode(pairs[1].key.encode()).decode()
    else:
        del there["data"]["tls.key"]
    made = Gateway(FakeApi(service({"ip": ADDRESS}), there), NEW).tls_secret(Machine())
    assert made is not None
    assert tls.is_pair(
        Machine(),
        Pair(*(base64.b64decode(made["data"][one]).decode() for one in ("tls.crt", "tls.key"))),
    )


def test_a_given_one_is_copied_and_followed(pairs: list[Pair]) -> None:
    """With its authority; given up, it is no longer shown."""
    given = secret("lab", "cert", crt=pairs[0][0], key=pairs[0][1], ca=pairs[1][0])
    api, machine = FakeApi(service({"ip": ADDRESS}), given), Machine()
    found = Gateway(api, NEW, HOST, ("lab", "cert"))
    made = found.tls_secret(machine)
    assert made is not None
    assert made["data"] == given["data"]
    assert made["metadata"]["annotations"] == {"app.lab-charms/copied-from": "lab/cert"}
    api.put(made)
    assert found.ca() == pairs[0].certificate + pairs[1].certificate
    assert found.doubt(machine) == ""
    assert found.certificate(machine) == (
        f"the certificate is for {HOST}, {ADDRESS}, 127.0.0.1, for 396 more days"
    )
    own = Gateway(api, NEW, HOST).tls_secret(machine)
    assert own is not None
    assert own["data"]["tls.crt"] != given["data"]["tls.crt"]
    assert "annotations" not in own["metadata"]


def test_a_given_one_for_other_names_is_shown_and_told(pairs: list[Pair]) -> None:
    """It is the administrator's."""
    given = secret("lab", "cert", crt=pairs[1][0], key=pairs[1][1])
    api, machine = FakeApi(service({"ip": ADDRESS}), given), Machine()
    found = Gateway(api, NEW, HOST, ("lab", "cert"))
    made = found.tls_secret(machine)
    assert made is not None
    api.put(made)
    assert found.doubt(machine) == (
        f"the certificate is for other.lab.example, not for {HOST};"
        " give another in the secret lab/cert"
    )


def test_given_ones_that_cannot_be_used(pairs: list[Pair]) -> None:
    """Named by the option, with the reason."""
    api = FakeApi(service({"ip": ADDRESS}))
    found = Gateway(api, NEW, HOST, ("lab", "cert"))
    for there, told in (
        (None, "option tls-secret: lab/cert is not there; make it, or empty the option"),
        (secret("lab", "cert", crt=pairs[0][0]), "option tls-secret: lab/cert must hold tls.crt"),
        (secret("lab", "cert", crt=pairs[0][0], key=pairs[1][1]), "holds a key of another"),
        (secret("lab", "cert", crt="x", key="y"), "lab/cert cannot be used: no certificate"),
        (
            secret("lab", "cert", crt=pairs[0][0], key="y"),
            "its key is no PEM, or under a password",
        ),
    ):
        if there is not None:
            api.put(there)
        with pytest.raises(CertificateError) as error:
            found.tls_secret(Machine())
        assert told in str(error.value)
        assert pairs[1].key[40:80] not in str(error.value)
    assert found.doubt(Machine()) == (
        "the secret istio-system/kubeflow-gateway-tls holds no certificate yet"
    )


def deployment(name: str, secret_name: str, namespace: str = "istio-system") -> dict[str, Any]:
    """Make a deployment that mounts a secret."""
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", "secret": {"secretName": secret_name}}]
    return {
        "kind": "Deployment", "apiVersion": "apps/v1",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"spec": {"volumes": volumes}}},
    }  # fmt: skip


def test_who_has_read_another_certificate_starts_anew(pairs: list[Pair]) -> None:
    """Those of 0.6.2 that mount it and are ours, once for each certificate."""
    api = FakeApi(
        secret("istio-system", MOUNTED, crt=pairs[0][0], key=pairs[0][1]),
        deployment("istio-ingressgateway", MOUNTED), deployment("authservice", MOUNTED),
        deployment("somebody", MOUNTED, "other"), deployment("pilot", "istio.pilot"),
        deployment("foreign", MOUNTED),
    )  # fmt: skip

    def owns(found: Any) -> bool:
        return bool(found["metadata"]["name"] != "foreign")

    found = Gateway(api, OLD)
    told = ["Deployment istio-system/istio-ingressgateway", "Deployment istio-system/authservice"]
    assert found.follow(owns) == told
    assert found.follow(owns) == []
    api.put(secret("istio-system", MOUNTED, crt=pairs[1][0], key=pairs[1][1]))
    assert found.follow(owns) == told
    assert Gateway(api, NEW).follow(owns) == [], "they are told by name"
    assert api.patched == ["istio-ingressgateway", "authservice"] * 2


@pytest.fixture
def door(pairs: list[Pair]) -> Iterator[Door]:
    """Open a gateway with a second port for dex."""
    with Door(*pairs[0], doors=2) as door:
        yield door


def looked(door: Door, pairs: list[Pair]) -> str:
    """Look at it."""
    return check(door.url(), pairs[0].certificate, port=door.ports[1])


def test_first_page_of_authservice_stand_in(door: Door, pairs: list[Pair]) -> None:
    """A redirect to dex, on this port or dex's own; dex itself is left alone."""
    dex = Dex()
    for auth in ("/dex/auth", f"https://127.0.0.1:{door.ports[1]}/dex/auth"):
        door.answer = gateway(Authservice(auth, dex.redeem), [("/dex/", dex)])
        assert looked(door, pairs) == ""
    assert door.asked() == ["GET /", "GET /"]


def test_first_page_of_oauth2_proxy_stand_in(door: Door, pairs: list[Pair]) -> None:
    """Its sign-in page, with the status 403."""
    door.answer = gateway(OAuth2Proxy(Dex().redeem))
    assert looked(door, pairs) == ""
    assert "cookie" not in door.seen[0].headers


def test_first_page_of_others(door: Door, pairs: list[Pair]) -> None:
    """Each told by what it is."""
    url = door.url()
    for reply, told in (
        (page("dashboard"), f"{url} answers without asking for a login"),
        (Reply(404), f"{url} answers 404, and not with the login"),
        (
            Reply(503, body="OIDC Setup is not complete yet."),
            f"{url} answers 503, and not with the login; what is behind it does not answer yet",
        ),
        (page("RBAC: access denied", 403), f"{url} answers 403, and not with the login"),
        (redirect("/login?next=/"), f"{url} leads to {url}/login, and not to dex's login"),
        (
            redirect("https://10.64.0.9:5556/dex/auth?client_id=x"),
            "leads to https://10.64.0.9:5556/dex/auth, away from https://127.0.0.1",
        ),
    ):

        def answer(ask: Ask, reply: Reply = reply) -> Reply:
            return reply

        door.answer = answer
        assert looked(door, pairs) == told


def test_another_certificate_than_the_one_that_is_kept(door: Door, pairs: list[Pair]) -> None:
    """As a gateway shows that has not taken the new one yet."""
    told = check(door.url(), pairs[1].certificate)
    assert "shows another certificate than it should" in told
    assert door.seen == []


def test_a_certificate_of_an_authority_that_is_not_known(tmp_path: Path) -> None:
    """The one that is shown is trusted by itself, and no other that its authority signed."""
    signed = [_signed(tmp_path, name) for name in ("127.0.0.1", "127.0.0.1")]
    with Door(*signed[0]) as door:
        door.answer = gateway(OAuth2Proxy(Dex().redeem))
        assert check(door.url(), signed[0].certificate) == ""
        assert "shows another certificate" in check(door.url(), signed[1].certificate)
        assert check(door.url(), (tmp_path / "ca.crt").read_text()) == ""


def _signed(folder: Path, address: str) -> Pair:
    """Let an authority sign a certificate."""
    if not (folder / "ca.crt").exists():
        _openssl(
            folder, "req -x509 -newkey rsa:2048 -nodes -subj /CN=lab -days 2 -keyout ca.key"
            " -out ca.crt -addext keyUsage=critical,keyCertSign",
        )  # fmt: skip
    names = f"subjectAltName=IP:{address}\nauthorityKeyIdentifier=keyid\n"
    (folder / "ext").write_text(names)
    _openssl(folder, "req -newkey rsa:2048 -nodes -subj /CN=x -keyout key -out csr")
    _openssl(
        folder, "x509 -req -in csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext"
        " -out crt",
    )  # fmt: skip
    return Pair((folder / "crt").read_text(), (folder / "key").read_text())


def _openssl(folder: Path, line: str) -> None:
    subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)


def test_check_and_login_by_the_address(door: Door, pairs: list[Pair]) -> None:
    """The host name need not be known to this machine's resolver."""
    api = FakeApi(
        service({"ip": "127.0.0.1"}),
        secret("istio-system", NAMED, crt=pairs[0][0], key=pairs[0][1]),
    )

    class Local(Gateway):
        """One that answers on the door's port."""

        def url(self) -> str:
            return door.url(HOST)

    found = Local(api, NEW, HOST)
    dex = Dex()
    guard = OAuth2Proxy(dex.redeem)
    door.answer = gateway(guard, [("/dex/", dex), ("/oauth2/", guard)])
    assert found.check() == ""
    assert found.login(USER, PASSWORD) == ""
    assert "refuses the user" in found.login(USER, "other")
