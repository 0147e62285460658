"""The way into Kubeflow: its secret on real API servers, its login through dex and oauth2-proxy.

dex's server and oauth2-proxy are the real ones, built of Go's modules. Before them stands the
tests' own gateway in Envoy's place, and where oidc-authservice is needed, which Go's module proxy
does not serve, a stand-in that takes dex's real code to dex's real token endpoint.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from helpers.kube.builds import UnavailableError, bound, of_module, program
from helpers.kube.servers import ApiServer, _free_ports
from helpers.kubeflow.lab_gateway import (
    PASSWORD,
    USER,
    Ask,
    Authservice,
    Backend,
    Door,
    gateway,
    upstream,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import Gateway, check
from kubeflow_installer.ingress.login import login
from kubeflow_installer.releases import table
from kubeflow_installer.verify import checks, notebook
from labcharm.machine import Machine
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import MERGE, Api

KINDS = (("v1", "Secret"), ("apps/v1", "Deployment"))
ADDRESS, HOST = "10.64.0.100", "kubeflow.lab.example"
CLIENT, SECRET = "kubeflow-oidc-authservice", secrets.token_hex(16)
DAY = 86400


# The secret, on API servers.


@pytest.fixture
def api(control: ApiServer) -> Iterator[Api]:
    """Reach the server, with a gateway that has an address."""
    found = Api(Access(control.url, control.ca, control.token))
    with contextlib.closing(found):
        for one in ("istio-system", "lab"):
            put(found, "v1", "Namespace", one)
        spec = {"type": "LoadBalancer", "ports": [{"port": 443}]}
        service = put(found, "v1", "Service", "istio-ingressgateway", "istio-system", spec=spec)
        status = {"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}}
        found.request("PATCH", found.path_of(service) + "/status", status, MERGE)
        yield found
        found.delete(ref("v1", "Secret", "kubeflow-gateway-tls", "istio-system"))
        found.delete(ref("v1", "Secret", "istio-ingressgateway-certs", "istio-system"))


def ref(version: str, kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    """Make an object."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def put(api: Api, *args: Any, **more: Any) -> dict[str, Any]:
    """Create an object where it is not there yet."""
    wanted = ref(*args, **more)
    live = api.get(wanted) or api.create(wanted)
    return {**live, "apiVersion": wanted["apiVersion"], "kind": wanted["kind"]}


def objects(api: Api) -> Objects:
    """Apply objects as the charm does."""
    return Objects(api, "kubeflow-installer.00000000", "kubeflow-installer", KINDS)


def applied(api: Api, way: Gateway) -> int:
    """Apply the secret; return how many requests wrote."""
    wanted = way.tls_secret(Machine())
    assert wanted is not None
    before = api.writes
    objects(api).apply([wanted], prune=False)
    return api.writes - before


@pytest.mark.parametrize("release", ["0.6.2", "1.10.2"])
def test_the_secret_is_made_once_and_renewed(api: Api, release: str) -> None:
    """A second run writes nothing; thirty days before the end one request does."""
    now = [time.time()]
    way = Gateway(api, table.find(release), HOST, now=lambda: now[0])
    assert (way.address(), way.url()) == (ADDRESS, f"https://{HOST}")
    assert applied(api, way) == 1
    first = way.ca()
    assert tls.read(Machine(), first).names == (HOST, ADDRESS)
    assert applied(api, way) == 0
    now[0] += 368 * DAY
    assert applied(api, way) == 1
    assert way.ca() != first
    now[0] -= 368 * DAY
    assert applied(api, way) == 0


def test_a_given_secret_is_copied_followed_and_given_up(api: Api) -> None:
    """Whichever way the server applies, no trace of it is left then."""
    machine = Machine()
    release = table.find("1.10.2")
    for _ in range(2):
        pair = tls.self_signed(machine, [HOST])
        data = {
            "tls.crt": base64.b64encode(pair.certificate.encode()).decode(),
            "tls.key": base64.b64encode(pair.key.encode()).decode(),
        }
        given = ref("v1", "Secret", "cert", "lab", type="kubernetes.io/tls", data=data)
        api.delete(given)
        api.create(given)
        way = Gateway(api, release, HOST, ("lab", "cert"))
        assert applied(api, way) >= 1
        assert way.ca() == pair.certificate
        assert applied(api, way) == 0
    own = Gateway(api, release, HOST)
    assert applied(api, own) >= 1
    live = api.get(ref("v1", "Secret", own.secret, "istio-system"))
    assert live is not None
    assert own.ca() != pair.certificate
    assert "app.lab-charms/copied-from" not in live["metadata"]["annotations"]
    assert applied(api, own) == 0


def test_the_secret_that_kfctl_makes_is_kept_and_renewed(api: Api) -> None:
    """Its type cannot be changed, and is not."""
    pair = tls.self_signed(Machine(), [ADDRESS])
    texts = (("tls.crt", pair.certificate), ("tls.key", pair.key))
    data = {name: base64.b64encode(text.encode()).decode() for name, text in texts}
    made = ref("v1", "Secret", "istio-ingressgateway-certs", "istio-system", data=data)
    objects(api).apply([made], prune=False)
    now = [time.time()]
    way = Gateway(api, table.find("0.6.2"), now=lambda: now[0])
    assert applied(api, way) <= 1
    assert way.ca() == pair.certificate
    assert applied(api, way) == 0
    now[0] += 368 * DAY
    assert applied(api, way) >= 1
    assert way.ca() != pair.certificate
    live = api.get(made)
    assert live is not None
    assert live["type"] == "Opaque"


def mounting(name: str, secret: str) -> dict[str, Any]:
    """Make a deployment that mounts a secret."""
    labels = {"app": name}
    volumes = [{"name": "certs", "secret": {"secretName": secret, "optional": True}}]
    containers = [{"name": "main", "image": "lab/none"}]
    pod = {"metadata": {"labels": labels}, "spec": {"containers": containers, "volumes": volumes}}
    spec = {"selector": {"matchLabels": labels}, "template": pod}
    return ref("apps/v1", "Deployment", name, "istio-system", spec=spec)


def test_who_reads_it_from_a_file_starts_anew(api: Api) -> None:
    """Once for a certificate; to the applier they are as wanted after that."""
    ours, applier = mounting("istio-ingressgateway", "istio-ingressgateway-certs"), objects(api)
    foreign = mounting("foreign", "istio-ingressgateway-certs")
    api.create(foreign)
    way = Gateway(api, table.find("0.6.2"))
    assert way.follow(applier.owns) == []
    applied(api, way)
    applier.apply([ours], prune=False)
    assert way.follow(applier.owns) == ["Deployment istio-system/istio-ingressgateway"]
    live = api.get(ours)
    assert live is not None
    assert live["metadata"]["generation"] == 2
    assert way.follow(applier.owns) == []
    assert applier.compare([ours]).correct == ["Deployment istio-system/istio-ingressgateway"]
    before = api.writes
    applier.apply([ours], prune=False)
    assert api.writes == before
    for one in (ours, foreign):
        api.delete(one)


def definition(kind: str, scope: str) -> dict[str, Any]:
    """Define a kind of kubeflow.org in v1beta1 alone, of any content."""
    plural = kind.lower() + "s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1beta1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema},
    }  # fmt: skip
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": kind + "List"}
    spec = {"group": "kubeflow.org", "scope": scope, "names": names, "versions": [version]}
    crd = "CustomResourceDefinition"
    return ref("apiextensions.k8s.io/v1", crd, plural + ".kubeflow.org", spec=spec)


def test_a_notebook_is_made_and_taken_away(api: Api) -> None:
    """In the version that is there. No controller runs here, so it does not start: told."""
    trial = notebook.Trial("lab/none", "nvidia.com/gpu", (), 1.0)
    nobody = notebook.Notebook(api, trial).check(USER)
    assert nobody.message == f"the user {USER} has no profile yet"
    kinds = [definition("Profile", "Cluster"), definition("Notebook", "Namespaced")]
    objects(api).apply(kinds, prune=False)
    owner = {"owner": {"kind": "User", "name": USER}}
    put(api, "kubeflow.org/v1beta1", "Profile", "lab", spec=owner)
    found = notebook.Notebook(api, trial).check(USER)
    assert (found.ok, found.message) == (
        False,
        "a notebook with one nvidia.com/gpu does not run after 1 s: nobody said anything of it",
    )
    assert api.list("kubeflow.org/v1beta1", "Notebook") == []
    for one in kinds:
        api.delete(one)


def test_workloads_and_claims_as_the_server_has_them(api: Api) -> None:
    """What no controller looks at is not ready; a claim waits."""
    ours = mounting("alone", "none")
    api.create(ours)
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    put(api, "v1", "PersistentVolumeClaim", "mysql", "lab", spec=claim)
    rows = [("Deployment", "istio-system", "alone"), ("StatefulSet", "lab", "none")]
    assert checks.workloads_check(api, rows).message == (
        "Deployment istio-system/alone is not looked at yet, StatefulSet lab/none is missing"
    )
    status = {"status": {"observedGeneration": 1, "replicas": 1, "readyReplicas": 1}}
    api.request("PATCH", api.path_of(ours) + "/status", status, MERGE)
    assert checks.workloads_check(api, rows[:1]).ok
    assert checks.claims_check(api, [("lab", "mysql")]).message == (
        "lab/mysql is Pending; nobody said anything of it"
    )
    assert checks.namespaces_check(api, ["lab", "istio-system"]).ok
    for one in (ours, ref("v1", "PersistentVolumeClaim", "mysql", "lab")):
        api.delete(one)


# The login, through the real dex and the real oauth2-proxy.


@pytest.fixture(scope="module")
def programs() -> tuple[Path, Path]:
    """Return dex and oauth2-proxy."""
    try:
        return (
            program("dex") / "dex",
            of_module("oauth2-proxy", "github.com/oauth2-proxy/oauth2-proxy/v7") / "oauth2-proxy",
        )
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def digest() -> str:
    """Return the hash that the charm makes of the password."""
    pytest.importorskip("passlib")
    from kubeflow_installer.state.credentials import bcrypt_hash

    return bcrypt_hash(PASSWORD)


@pytest.fixture(scope="module")
def pair() -> tls.Pair:
    """Make a certificate."""
    return tls.self_signed(Machine(), [HOST, "127.0.0.1"])


@pytest.fixture
def door(pair: tls.Pair) -> Iterator[Door]:
    """Open a gateway with a second port for dex."""
    with Door(*pair, doors=2) as door:
        yield door


Start = Callable[[list[str], str, int, str], None]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start programs that end with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(command: list[str], stdin: str, port: int, ready: str) -> None:
        with (tmp_path / f"{port}.log").open("wb") as log:
            one = subprocess.Popen(
                [*bound(), *command], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        running.append(one)
        assert one.stdin
        one.stdin.write(stdin.encode())
        one.stdin.close()
        end = time.monotonic() + 20
        while not answers(port, ready):
            assert one.poll() is None, (tmp_path / f"{port}.log").read_text()
            assert time.monotonic() < end, (tmp_path / f"{port}.log").read_text()
            time.sleep(0.05)

    yield begin
    for one in running:
        one.terminate()
        one.wait(10)


def answers(port: int, path: str) -> bool:
    """Tell whether a program is ready."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status == 200
    except OSError:
        return False
    finally:
        link.close()


class Dex:
    """dex's own server.

    Args:
        issuer: Its URL for browsers; empty for the one within the cluster.
        redirect: Where it sends them back to.
    """

    def __init__(
        self,
        start: Start,
        binary: Path,
        digest: str,
        redirect: str,
        issuer: str = "",
        approval: bool = False,
    ) -> None:
        self.port = _free_ports(1)[0]
        self.issuer = issuer or f"http://127.0.0.1:{self.port}/dex"
        self._redirect = redirect
        wish = {
            "listen": f"127.0.0.1:{self.port}", "issuer": self.issuer, "client": CLIENT,
            "secret": SECRET, "redirect": redirect, "email": USER, "hash": digest,
            "approval": approval,
        }  # fmt: skip
        start([str(binary)], json.dumps(wish), self.port, "/dex/keys")
        self.users: list[str] = []

    def redeem(self, code: str) -> bool:
        """Take a code back as authservice does, and note whose it was."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        wish = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect}
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {login}",
        }  # fmt: skip
        with contextlib.closing(link):
            link.request("POST", "/dex/token", urlencode(wish), headers)
            answer = link.getresponse()
            found = json.loads(answer.read())
        if answer.status != 200:
            return False
        claims = found["id_token"].split(".")[1]
        self.users.append(json.loads(base64.urlsafe_b64decode(claims + "=="))["email"])
        return True


def through_oauth2_proxy(
    start: Start, programs: tuple[Path, Path], digest: str, folder: Path, approval: bool = False
) -> Backend:
    """Do as 1.9 and later, with the settings that Kubeflow gives oauth2-proxy."""
    dex = Dex(start, programs[0], digest, "/oauth2/callback", approval=approval)
    port = _free_ports(1)[0]
    settings = {
        "provider": "oidc", "oidc_issuer_url": dex.issuer, "skip_oidc_discovery": True,
        "login_url": "/dex/auth", "redeem_url": dex.issuer + "/token",
        "oidc_jwks_url": dex.issuer + "/keys", "scope": "profile email groups openid",
        "email_domains": ["*"], "upstreams": ["static://200"], "skip_auth_routes": ["^/dex/"],
        "api_routes": ["/api/", "/apis/", "^/ml_metadata"], "skip_provider_button": False,
        "prompt": "none", "set_authorization_header": True, "set_xauthrequest": True,
        "cookie_name": "oauth2_proxy_kubeflow", "cookie_expire": "24h",
        "code_challenge_method": "S256", "redirect_url": "/oauth2/callback",
        "relative_redirect_url": True, "http_address": f"127.0.0.1:{port}", "client_id": CLIENT,
        "client_secret": SECRET, "cookie_secret": secrets.token_hex(16), "cookie_secure": False,
    }  # fmt: skip
    path = folder / "oauth2_proxy.cfg"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    start([str(programs[1]), f"--config={path}"], "", port, "/ping")
    guard = upstream(port)
    return gateway(guard, [("/dex/", upstream(dex.port)), ("/oauth2/", guard)])


def tried(door: Door, pair: tls.Pair, password: str = PASSWORD) -> str:
    """Log in there."""
    return login(door.url(), USER, password, pair.certificate, ports=(door.ports[1],), seconds=30)


@pytest.mark.parametrize("approval", [False, True])
def test_login_through_real_dex_and_oauth2_proxy(
    door: Door,
    pair: tls.Pair,
    start: Start,
    programs: tuple[Path, Path],
    digest: str,
    tmp_path: Path,
    approval: bool,
) -> None:
    """As in 1.9 and later: with the hash that the charm makes, and with no other password."""
    door.answer = through_oauth2_proxy(start, programs, digest, tmp_path, approval)
    assert check(door.url(), pair.certificate) == ""
    assert tried(door, pair) == ""
    assert ("POST /dex/approval" in door.asked()) is approval
    door.seen.clear()
    assert tried(door, pair, PASSWORD + "x").endswith(
        f"refuses the user {USER} with this password"
    )
    assert not any(ask.path == "/oauth2/callback" for ask in door.seen)


def test_what_real_oauth2_proxy_answers_without_a_session(
    door: Door,
    pair: tls.Pair,
    start: Start,
    programs: tuple[Path, Path],
    digest: str,
    tmp_path: Path,
) -> None:
    """What the check goes by: behind the gateway it sees no Accept, so all get its page."""
    door.answer = through_oauth2_proxy(start, programs, digest, tmp_path)
    trust = ssl.create_default_context(cadata=pair.certificate)

    def ask(path: str, **headers: str) -> tuple[int, str]:
        link = http.client.HTTPSConnection("127.0.0.1", door.ports[0], context=trust, timeout=10)
        with contextlib.closing(link):
            link.request("GET", path, headers=headers)
            found = link.getresponse()
            return found.status, found.headers.get_content_type()

    assert ask("/", Accept="text/html") == (403, "text/html")
    assert ask("/", Accept="application/json") == (403, "text/html")
    assert ask("/", Cookie="oauth2_proxy_kubeflow=old") == (403, "text/html")
    assert ask("/pipeline/apis/x") == (401, "application/json")


def test_login_through_real_dex_and_an_authservice_stand_in(
    door: Door, pair: tls.Pair, start: Start, programs: tuple[Path, Path], digest: str
) -> None:
    """As in 0.7 to 1.8: dex below /dex, redirects without a host."""
    callback = "/authservice/oidc/callback"
    dex = Dex(start, programs[0], digest, callback)
    guard = Authservice("/dex/auth", dex.redeem, callback)
    door.answer = gateway(guard, [("/dex/", upstream(dex.port))])
    assert check(door.url(), pair.certificate) == ""
    assert tried(door, pair) == ""
    assert dex.users == [USER]
    assert "refuses the user" in tried(door, pair, "x")


def test_login_through_real_dex_on_its_own_port_and_an_authservice_stand_in(
    door: Door, pair: tls.Pair, start: Start, programs: tuple[Path, Path], digest: str
) -> None:
    """As in 0.6.2: dex behind TLS on another port of the gateway, all URLs with the host."""
    base = f"https://127.0.0.1:{door.ports[1]}/dex"
    dex = Dex(start, programs[0], digest, door.url() + "/login/oidc", base)
    first = gateway(Authservice(f"{base}/auth", dex.redeem, door.url() + "/login/oidc"))
    behind = upstream(dex.port)

    def answer(ask: Ask) -> Any:
        return behind(ask) if ask.port == door.ports[1] else first(ask)

    door.answer = answer
    assert check(door.url(), pair.certificate, port=door.ports[1]) == ""
    assert tried(door, pair) == ""
    assert dex.users == [USER]
