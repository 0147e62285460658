"""A fake Juju controller: the API over TLS and a websocket, as far as botlab uses it.

It speaks the facades of 2.9 and of 3.6 that python-libjuju calls, and keeps a small model in
memory. It is a fake: it deploys nothing, and what it answers was written from Juju's sources
(rpc/params and the facades of apiserver at 2.9 and 3.6), not recorded.

    with FakeController("3.6.11", state) as controller:
        environment = controller.environment()
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODEL_UUID = "3c0ffee0-0000-4000-8000-000000000001"
CONTROLLER_UUID = "3c0ffee0-0000-4000-8000-000000000002"
USER, PASSWORD = "admin", "a-secret-password"

_FACADES = {
    "2.9": {
        "Action": [2, 3, 4, 5, 6, 7],
        "Admin": [3],
        "AllWatcher": [1, 2],
        "Annotations": [2],
        "Application": [13, 14, 15],
        "Bundle": [4, 5, 6],
        "Charms": [4, 5],
        "Client": [1, 2, 3, 4, 5, 6],
        "KeyManager": [1],
        "MachineManager": [6, 7],
        "ModelConfig": [2, 3],
        "ModelManager": [8, 9],
        "Pinger": [1],
    },
    "3.6": {
        "Action": [7],
        "Admin": [3],
        "AllWatcher": [3, 4],
        "Annotations": [2],
        "Application": [15, 16, 17, 18, 19, 20],
        "Bundle": [6, 7],
        "Charms": [5, 6, 7],
        "Client": [6, 7, 8],
        "KeyManager": [1],
        "MachineManager": [10],
        "ModelConfig": [3],
        "ModelManager": [9, 10],
        "Pinger": [1],
    },
}


@dataclass
class ControllerState:
    """What the controller knows and how it answers.

    Attributes:
        status: The answer of ``Client.FullStatus``.
        options: The options of each application, as ``Application.Get`` gives them.
        applications: The answers of ``Application.ApplicationsInfo`` by application.
        model_options: The options of the model.
        constraints: The constraints of the model.
        keys: The SSH keys.
        actions: The entry of ``Actions`` by unit and action; ``run`` for a command.
        polls: How often an action is still running before it has ended.
        plan: The answer of ``Bundle.GetChangesMapArgs``.
        hangs: Calls that get no answer, such as ``Client.FullStatus``.
        closes: Calls at which the connection ends.
        refuses: The errors of calls: a message and a code.
        calls: The calls that were made: facade, method and parameters.
    """

    status: dict[str, Any] = field(default_factory=dict[str, Any])
    options: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    applications: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    model_options: dict[str, Any] = field(default_factory=dict[str, Any])
    constraints: dict[str, Any] = field(default_factory=dict[str, Any])
    keys: list[str] = field(default_factory=list[str])
    actions: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict[tuple[str, str], dict[str, Any]]
    )
    polls: int = 1
    plan: dict[str, Any] = field(default_factory=lambda: {"changes": [], "errors": []})
    hangs: set[str] = field(default_factory=set[str])
    closes: set[str] = field(default_factory=set[str])
    refuses: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    calls: list[tuple[str, str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, str, dict[str, Any]]]
    )

    def calls_of(self, facade: str, method: str) -> list[dict[str, Any]]:
        """Return the parameters of the calls of a method."""
        return [
            params for name, request, params in self.calls if (name, request) == (facade, method)
        ]


class FakeController:
    """A controller that listens on a port of this computer.

    Args:
        version: Its version, such as ``3.6.11``.
        state: What it knows.
        directory: Where it may write its certificate and password.
    """

    def __init__(self, version: str, state: ControllerState, directory: Path) -> None:
        self.version = version
        self.state = state
        self._directory = directory
        self._line = "2.9" if version.startswith("2.9") else "3.6"
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._port = 0
        self._queue: dict[str, dict[str, Any]] = {}
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> FakeController:
        _make_certificate(self._directory)
        (self._directory / "password").write_text(f"{PASSWORD}\n")
        self._thread.start()
        assert self._ready.wait(10), "the fake controller did not start"
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close all connections and the port."""
        if self._thread.is_alive() and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def environment(self) -> dict[str, str]:
        """Return the variables of the environment that lead to this controller."""
        return {
            "BOTLAB_JUJU_ENDPOINTS": f"127.0.0.1:{self._port}",
            "BOTLAB_JUJU_MODEL_UUID": MODEL_UUID,
            "BOTLAB_JUJU_CA_FILE": str(self._directory / "ca.pem"),
            "BOTLAB_JUJU_USER": USER,
            "BOTLAB_JUJU_PASSWORD_FILE": str(self._directory / "password"),
        }

    def client_files(self, home: Path, model: str) -> dict[str, str]:
        """Write the files of a juju client, and return the variable that names them."""
        data = home / "juju"
        data.mkdir(parents=True)
        ca_cert = (self._directory / "ca.pem").read_text()
        endpoint = f"127.0.0.1:{self._port}"
        controller = {"uuid": CONTROLLER_UUID, "api-endpoints": [endpoint], "ca-cert": ca_cert}
        account = {"user": USER, "password": PASSWORD}
        models = {"models": {f"admin/{model}": {"uuid": MODEL_UUID, "type": "iaas"}}}
        files = {
            "controllers.yaml": {"controllers": {"lab": controller}, "current-controller": "lab"},
            "accounts.yaml": {"controllers": {"lab": account}},
            "models.yaml": {"controllers": {"lab": {**models, "current-model": f"admin/{model}"}}},
        }
        for name, content in files.items():
            (data / name).write_text(json.dumps(content))
        (data / "cookies").mkdir()
        (data / "cookies/lab.json").write_text("[]")
        return {"JUJU_DATA": str(data)}

    async def _serve(self) -> None:
        import websockets

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / "cert.pem", self._directory / "key.pem")
        async with websockets.serve(
            self._converse, "127.0.0.1", 0, ssl=context, close_timeout=1
        ) as server:
            self._port = next(iter(server.sockets)).getsockname()[1]
            self._ready.set()
            await self._stop.wait()

    async def _converse(self, socket: Any, *path: str) -> None:
        """Answer the messages of one connection."""
        import websockets

        del path
        pending: set[asyncio.Task[None]] = set()
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in socket:
                task = asyncio.create_task(self._answer(socket, json.loads(text)))
                pending.add(task)
                task.add_done_callback(pending.discard)
        for task in pending:
            task.cancel()

    async def _answer(self, socket: Any, message: dict[str, Any]) -> None:
        facade, method = message["type"], message["request"]
        name = f"{facade}.{method}"
        self.state.calls.append((facade, method, message.get("params", {})))
        if name in self.state.hangs or (name == "AllWatcher.Next" and self._has_first(socket)):
            await asyncio.sleep(3600)
        if name in self.state.closes:
            await socket.close()
            return
        answer: dict[str, Any] = {"request-id": message["request-id"], "response": {}}
        if name in self.state.refuses:
            answer["error"], answer["error-code"] = self.state.refuses[name]
        else:
            handler: Callable[[dict[str, Any]], dict[str, Any]] | None = getattr(
                self, f"_{facade}_{method}", None
            )
            if handler is None:
                answer["error"] = f"the fake controller has no {name} ({message['version']})"
            else:
                try:
                    answer["response"] = handler(message.get("params", {}))
                except _RefusedError as error:
                    answer["error"], answer["error-code"] = str(error), error.code
        await socket.send(json.dumps(answer))

    def _has_first(self, socket: Any) -> bool:
        """Return whether a connection has had the first answer of its watcher."""
        had = getattr(socket, "botlab_had_first", False)
        socket.botlab_had_first = True
        return had

    # The methods of the facades, named FACADE_METHOD.

    def _Admin_Login(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if (params.get("auth-tag"), params.get("credentials")) != (f"user-{USER}", PASSWORD):
            raise _RefusedError("invalid entity name or password", "unauthorized access")
        facades = [
            {"name": name, "versions": versions} for name, versions in _FACADES[self._line].items()
        ]
        return {
            "servers": [],
            "model-tag": f"model-{MODEL_UUID}",
            "controller-tag": f"controller-{CONTROLLER_UUID}",
            "server-version": self.version,
            "facades": facades,
            "user-info": {"identity": f"user-{USER}", "display-name": USER},
        }

    def _Pinger_Ping(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _Client_WatchAll(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"watcher-id": "1"}

    def _AllWatcher_Next(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"deltas": []}

    def _AllWatcher_Stop(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _Client_ModelInfo(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self._model_info()

    def _ModelManager_ModelInfo(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"results": [{"result": self._model_info()}]}

    def _model_info(self) -> dict[str, Any]:
        return {
            "name": "lab",
            "type": "iaas",
            "uuid": MODEL_UUID,
            "controller-uuid": CONTROLLER_UUID,
            "cloud-tag": "cloud-maas",
            "owner-tag": f"user-{USER}",
            "life": "alive",
            "agent-version": self.version,
            "machines": [],
            "users": [],
        }

    def _Client_FullStatus(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self.state.status

    def _Application_Get(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = params["application"]
        if name not in self.state.options:
            raise _RefusedError(f'application "{name}" not found', "not found")
        return {"application": name, "charm": name, "config": self.state.options[name]}

    def _Application_ApplicationsInfo(  # noqa: N802
        self, params: dict[str, Any]
    ) -> dict[str, Any]:
        tags = [entity["tag"] for entity in params["entities"]]
        infos = [self.state.applications[tag.removeprefix("application-")] for tag in tags]
        return {
            "results": [
                {"result": {"tag": tag, **info}} for tag, info in zip(tags, infos, strict=True)
            ]
        }

    def _Application_SetConfigs(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"results": [{}]}

    def _Application_UnsetApplicationsConfig(  # noqa: N802
        self, params: dict[str, Any]
    ) -> dict[str, Any]:
        return {"results": [{}]}

    def _Application_AddRelation(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"endpoints": {}}

    def _ModelConfig_ModelGet(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"config": self.state.model_options}

    def _ModelConfig_ModelSet(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _ModelConfig_GetModelConstraints(  # noqa: N802
        self, params: dict[str, Any]
    ) -> dict[str, Any]:
        return {"constraints": self.state.constraints}

    _Client_GetModelConstraints = _ModelConfig_GetModelConstraints

    def _KeyManager_ListKeys(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"results": [{"result": self.state.keys}]}

    def _Action_Enqueue(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"results": [{"action": self._queued(params["actions"][0])}]}

    def _Action_EnqueueOperation(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "operation": "operation-1",
            "actions": [{"action": self._queued(params["actions"][0])}],
        }

    def _Action_Run(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        unit = params["units"][0].replace("/", "-")
        action = self._queued({"receiver": f"unit-{unit}", "name": "run"})
        key = "actions" if self._line == "3.6" else "results"
        return {key: [{"action": action}]}

    def _queued(self, action: dict[str, Any]) -> dict[str, Any]:
        application, _, number = action["receiver"].removeprefix("unit-").rpartition("-")
        entry = self.state.actions.get((f"{application}/{number}", action["name"]))
        if entry is None:
            message = f'action "{action["name"]}" not defined on unit "{application}/{number}"'
            raise _RefusedError(message, "not found")
        tag = f"action-{len(self._queue) + 1}"
        self._queue[tag] = {"polls": self.state.polls, "entry": entry}
        return {**action, "tag": tag}

    def _Action_Actions(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        queued = self._queue[params["entities"][0]["tag"]]
        queued["polls"] -= 1
        running = {"status": "running", "started": time.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return {"results": [queued["entry"] if queued["polls"] < 0 else running]}

    def _Bundle_GetChangesMapArgs(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return self.state.plan

    _Bundle_GetChanges = _Bundle_GetChangesMapArgs

    def _MachineManager_AddMachines(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"machines": [{"machine": str(n)} for n in range(len(params["params"]))]}

    _Client_AddMachines = _MachineManager_AddMachines


class _RefusedError(Exception):
    """A call that the controller refuses.

    Args:
        message: The message.
        code: The code.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def _make_certificate(directory: Path) -> None:
    """Write a CA (ca.pem), and a certificate that it signed for a controller (cert.pem, key.pem).

    Clients of Juju ask for the host ``juju-apiserver`` or the address.
    """
    subject = ["-subj", "/CN=juju-apiserver"]
    names = [
        "-addext",
        "subjectAltName=DNS:juju-apiserver,DNS:juju-app,DNS:localhost,IP:127.0.0.1",
    ]
    constraints = ["-addext", "basicConstraints=critical,CA:TRUE"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    output = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem")]
    subprocess.run([*command, *names, *constraints, *output], check=True, capture_output=True)
    (directory / "ca.pem").write_bytes((directory / "cert.pem").read_bytes())
