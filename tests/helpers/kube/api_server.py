"""A real Kubernetes API for the tests: etcd and kube-apiserver on loopback.

This needs no root. There is no node, and a scheduler or a controller manager only on request.
Without them, objects are stored, defaulted, validated and guarded by RBAC, and nothing else
happens: the aggregated roles (view, edit, admin) are empty, a deleted namespace stays
`Terminating`, and no namespace gets the service account `default`, without which pods are refused.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.kube.builds import UnavailableError, bound, last_error
from helpers.kube.token_reviews import TokenReviews

ADMIN = "admin"
POWERLESS = "powerless"
# Including those of endpoints, whose objects carry the labels of the Service, as on every cluster.
CONTROLLERS = "namespace,serviceaccount,garbagecollector,endpoint,endpointslice"
# Strict enough for clients that check certificates against RFC 5280, as Python 3.13 does.
_OPENSSL = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = lab
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[serving]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = IP:127.0.0.1,IP:10.152.183.1,DNS:localhost,DNS:kubernetes.default.svc
"""


class KubectlError(Exception):
    """kubectl failed; the message is its output."""


class ApiServer:
    """One Kubernetes API with its own etcd, certificates and users.

    It can be stopped and started again. Its objects, certificates and tokens stay the same, its
    port changes. Do not share the directory. With setpriv installed, the processes are killed with
    the thread that started them, so start the server in a thread that lives long enough.

    Args:
        programs: The directory with the programs (see `helpers.kube.builds`).
        folder: The directory for data, keys and logs.
        manager: Whether to run a controller manager, which empties namespaces, creates service
            accounts and endpoints, and collects garbage.
        gates: Feature gates of the API server, as NAME=BOOLEAN,NAME=BOOLEAN.
        privileged: Whether the API server accepts privileged containers.
    """

    def __init__(
        self,
        programs: Path,
        folder: Path,
        manager: bool = False,
        gates: str = "",
        privileged: bool = True,
    ) -> None:
        self.folder = folder
        self.url = ""
        self.token = secrets.token_hex(16)
        self.powerless_token = secrets.token_hex(16)
        self.ca = ""
        self._programs = programs
        self._manager = manager
        self._gates = [f"--feature-gates={gates}"] if gates else []
        self._privileged = f"--allow-privileged={str(privileged).lower()}"
        self._reviews = TokenReviews()
        self._running: list[subprocess.Popen[bytes]] = []

    def token_of(self, user: str, group: str) -> str:
        """Return the token of a user of a group, as the charm of a control plane makes it."""
        return self._reviews.token_of(user, group)

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig file for the users `ADMIN` (the default) and `POWERLESS`."""
        return self.folder / "kubeconfig"

    @property
    def pids(self) -> list[int]:
        """The process ids of the running programs."""
        return [process.pid for process in self._running]

    def start(
        self,
        controllers: str = CONTROLLERS,
        scheduler: bool = False,
    ) -> ApiServer:
        """Start the server and wait until it is ready.

        Args:
            controllers: The controllers that the controller manager runs, if there is one.
            scheduler: Whether to run a scheduler.

        Raises:
            UnavailableError: When it does not become ready.
        """
        assert not self._running, "is running"
        if not self.ca:
            self._make_credentials()
        for attempt in range(3):
            try:
                self._start()
                self._start_others(controllers, scheduler)
            except BaseException as error:
                self.stop()
                # Another process may take a free port before it is used here.
                if attempt == 2 or "address already in use" not in str(error):
                    raise
            else:
                break
        return self

    def stop(self) -> None:
        """Stop the processes, and kill those that do not end."""
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
            finally:
                process.kill()
                process.wait()
        self._running = []
        self._reviews.stop()

    def kubectl(self, *args: str, stdin: str = "") -> str:
        """Run kubectl as `ADMIN`, unless `--user` is given, and return its output.

        Raises:
            KubectlError: When kubectl fails.
        """
        done = subprocess.run(
            [str(self._programs / "kubectl"), *args],
            input=stdin,
            capture_output=True,
            text=True,
            env=self._env() | {"KUBECONFIG": str(self.kubeconfig)},
            cwd=self.folder,
            timeout=120,
        )
        if done.returncode:
            raise KubectlError(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def _env(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def _make_credentials(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        users = (
            f"{self.token},{ADMIN},{ADMIN},system:masters\n"
            f"{self.powerless_token},{POWERLESS},{POWERLESS}\n"
        )
        self._write("tokens.csv", users)
        self._write("openssl.cnf", _OPENSSL)
        new = "req -config openssl.cnf -newkey rsa:2048 -nodes"
        sign = f"x509 -req -CA ca.crt -CAkey ca.key -set_serial {secrets.randbits(63)}"
        for line in (
            f"{new} -x509 -extensions ca -days 30 -subj /CN=lab-ca -keyout ca.key -out ca.crt",
            f"{new} -subj /CN=kube-apiserver -keyout serving.key -out serving.csr",
            f"{sign} -in serving.csr -days 30 -extfile openssl.cnf -extensions serving"
            " -out serving.crt",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out accounts.key",
            "pkey -in accounts.key -pubout -out accounts.pub",
        ):
            self._openssl(line.split())
        self.ca = (self.folder / "ca.crt").read_text(encoding="ascii")

    def _openssl(self, args: Sequence[str]) -> None:
        program = shutil.which("openssl")
        if program is None:
            raise UnavailableError("needs openssl to make certificates")
        done = subprocess.run([program, *args], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise UnavailableError(f"openssl {args[0]}: {last_error(done.stderr)}")

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")

    def _start(self) -> None:
        client, peer, secure = free_ports(3)
        self.url = f"https://127.0.0.1:{secure}"
        self._write("kubeconfig", self._kubeconfig())
        self._write("token-reviews", self._reviews.start())
        etcd, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
        self._run(
            "etcd", "--unsafe-no-fsync", "--data-dir=etcd", "--name=lab",
            f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=lab={peers}",
        )  # fmt: skip
        self._wait("etcd", 30, lambda: _listens(client))
        self._run(
            "kube-apiserver", f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1", f"--secure-port={secure}",
            # Otherwise it looks for a default route, and the host's address becomes an endpoint.
            "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            "--cert-dir=certs",
            "--tls-cert-file=serving.crt", "--tls-private-key-file=serving.key",
            "--token-auth-file=tokens.csv",
            "--authentication-token-webhook-config-file=token-reviews",
            "--authorization-mode=RBAC", self._privileged,
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=accounts.pub",
            "--service-account-signing-key-file=accounts.key",
            "--service-cluster-ip-range=10.152.183.0/24", *self._gates,
        )  # fmt: skip
        self._wait("kube-apiserver", 90, lambda: self._answers(secure, "/readyz"))
        # A loop of the server creates this namespace; /readyz does not wait for it.
        default = "/api/v1/namespaces/default"
        self._wait("kube-apiserver", 30, lambda: self._answers(secure, default))

    def _start_others(self, controllers: str, scheduler: bool) -> None:
        old = ["--port=0"] if self._manager and self._is_old() else []
        if self._manager:
            self._run(
                "kube-controller-manager", f"--kubeconfig={self.kubeconfig}",
                f"--controllers={controllers}", "--leader-elect=false", "--secure-port=0",
                "--service-account-private-key-file=accounts.key", "--root-ca-file=ca.crt",
                "--concurrent-gc-syncs=2", *old,
            )  # fmt: skip
        if scheduler:
            self._run(
                "kube-scheduler", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false",
                "--secure-port=0", *old,
            )  # fmt: skip

    def _is_old(self) -> bool:
        """Return whether this is 1.20, whose programs also serve on an insecure port."""
        return json.loads(self.kubectl("get", "--raw", "/version"))["minor"].startswith("20")

    def _kubeconfig(self) -> str:
        """Return the text of the kubeconfig file, as JSON, which is valid YAML."""
        users = {ADMIN: self.token, POWERLESS: self.powerless_token}
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "ca.crt")}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": name, "user": {"token": users[name]}} for name in users],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": ADMIN}}],
            "current-context": "lab",
        }
        return json.dumps(content, indent=1)

    def _run(self, name: str, *flags: str) -> None:
        """Start a program; it ends with the thread that starts it at the latest."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [*bound(), str(self._programs / name), *flags],
                cwd=self.folder,
                env=self._env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)

    def _wait(self, name: str, seconds: float, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while not ready():
            ended = any(process.poll() is not None for process in self._running)
            if ended or time.monotonic() > end:
                log = (self.folder / f"{name}.log").read_text(errors="replace")
                problem = "ended" if ended else f"is not ready after {seconds} s"
                raise UnavailableError(f"{name} {problem}: {last_error(log)}")
            time.sleep(0.05)

    def _answers(self, port: int, path: str) -> bool:
        trust = ssl.create_default_context(cadata=self.ca)
        link = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trust)
        try:
            link.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            return link.getresponse().status == 200
        except OSError:
            return False
        finally:
            link.close()


def free_ports(count: int) -> list[int]:
    """Return different free ports of loopback."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0
