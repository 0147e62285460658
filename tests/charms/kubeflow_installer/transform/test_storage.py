"""The passwords of the object store and the databases replace those that everybody knows."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.kubeflow.transform_cases import SITE, UPSTREAM, manifest_of, workload
from kubeflow_installer.transform.normalize import decode_secret
from kubeflow_installer.transform.transform import (
    SETTINGS_ANNOTATION,
    SiteSettings,
    transform_object,
)
from labcharm.json_types import JsonObject

PASSWORDS = (
    ("mlpipeline-minio-artifact", "minio-key"), ("mysql-secret", "mysql-key"),
    ("katib-mysql-secrets", "katib-key"),
)  # fmt: skip
OURS = SITE._replace(storage=PASSWORDS)
# As upstream writes them, in 1.7.0 to 26.03.
SECRETS = {
    "mlpipeline-minio-artifact": {"accesskey": "minio", "secretkey": "minio123"},
    "mysql-secret": {"username": "root", "password": ""},
    "katib-mysql-secrets": {"MYSQL_ROOT_PASSWORD": "test"},
}


def secret_of(name: str) -> JsonObject:
    """Return one of upstream's Secrets."""
    return manifest_of("Secret", name, stringData=SECRETS[name])


def values_of(secret: JsonObject) -> dict[str, str]:
    """Return the decoded values of a Secret."""
    return {key: decode_secret(text) for key, text in secret["data"].items()}


def mysql(empty: bool = True) -> JsonObject:
    """Return a database, as upstream has it."""
    env = [{"name": "MYSQL_ALLOW_EMPTY_PASSWORD", "value": "true"}] if empty else []
    container = {"image": "mysql:8.4", "args": ["--datadir", "/var/lib/mysql"], "env": env}
    return workload("Deployment", "mysql", container)


def reader(secret: str) -> JsonObject:
    """Return a program that reads a password."""
    source = {"secretKeyRef": {"name": secret, "key": "any"}}
    env = [{"name": "PASSWORD", "valueFrom": source}]
    return workload("Deployment", "ml-pipeline", {"image": "a/b:1", "env": env})


def test_secrets_hold_the_passwords_of_the_site() -> None:
    values = {name: values_of(transform_object(secret_of(name), OURS)) for name in SECRETS}
    assert values["mlpipeline-minio-artifact"] == {"accesskey": "minio", "secretkey": "minio-key"}
    assert (values["mysql-secret"]["username"], values["mysql-secret"]["password"]) == (
        "root", "mysql-key",
    )  # fmt: skip
    assert values["katib-mysql-secrets"].items() >= {"MYSQL_ROOT_PASSWORD": "katib-key"}.items()
    assert "minio-key" not in str(values["mysql-secret"])


def test_store_without_a_password_of_its_own_stays_as_it_is() -> None:
    """An existing installation keeps working."""
    for name, shipped in SECRETS.items():
        assert values_of(transform_object(secret_of(name), SITE)) == shipped
    for manifest in (mysql(), reader("mysql-secret")):
        assert transform_object(manifest, UPSTREAM) is manifest


def test_database_requires_the_password_and_sets_it_at_every_start() -> None:
    changed = transform_object(mysql(), OURS)
    pod = changed["spec"]["template"]["spec"]
    container = pod["containers"][0]
    source = {"secretKeyRef": {"name": "mysql-secret", "key": "password"}}
    assert container["env"] == [{"name": "MYSQL_ROOT_PASSWORD", "valueFrom": source}]
    assert container["args"][-1] == "--init-file=/etc/lab-charms/set-password.sql"
    assert pod["volumes"][0]["secret"]["secretName"] == "mysql-secret"
    assert transform_object(changed, OURS) == changed
    assert "mysql-key" not in str(changed)


def test_readers_restart_for_another_password() -> None:
    """They read it when they start; others do not restart."""
    other = OURS._replace(storage=(("mysql-secret", "another"), PASSWORDS[2]))

    def digest(manifest: JsonObject, site: SiteSettings) -> str:
        template = transform_object(manifest, site)["spec"]["template"]
        annotations: dict[str, str] = template.get("metadata", {}).get("annotations", {})
        return annotations.get(SETTINGS_ANNOTATION, "")

    for manifest in (reader("mysql-secret"), mysql()):
        assert digest(manifest, OURS) != digest(manifest, other)
    katib = reader("katib-mysql-secrets")
    assert digest(katib, OURS) == digest(katib, other) != ""
    assert digest(reader("my-secret"), OURS) == ""


# A real server: MariaDB, which has the same statements.


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Callable[[str], Callable[[str], str]]]:
    """Return a function that starts the server with an init file, and ends an earlier one."""
    if not shutil.which("mariadbd") or not shutil.which("mariadb"):
        pytest.skip("needs mariadb-server-core and mariadb-client-core")
    data, socket = str(tmp_path / "data"), str(tmp_path / "s")
    command = ["mariadb-install-db", f"--datadir={data}", "--user=root", "--skip-test-db"]
    command += ["--auth-root-authentication-method=normal"]
    subprocess.run(command, check=True, capture_output=True)
    running: list[subprocess.Popen[bytes]] = []

    def query(password: str, statement: str = "SELECT 1") -> str:
        arguments = [f"--socket={socket}", "-uroot", f"-p{password}", "-Ne", statement]
        done = subprocess.run(["mariadb", *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr

    def start(init_file: str) -> Callable[[str], str]:
        stop()
        path = tmp_path / "init.sql"
        path.write_text(init_file)
        arguments = ["--user=root", f"--datadir={data}", f"--socket={socket}", "--skip-networking"]
        process = subprocess.Popen(
            ["mariadbd", *arguments, f"--init-file={path}"], stderr=subprocess.DEVNULL
        )
        running.append(process)
        deadline = time.monotonic() + 30
        while "Can't connect" in query("") and time.monotonic() < deadline:
            time.sleep(0.1)
        return query

    def stop() -> None:
        while running:
            process = running.pop()
            process.terminate()
            process.wait(30)

    yield start
    stop()


def test_init_file_sets_the_password_of_an_existing_database(
    database: Callable[[str], Callable[..., str]],
) -> None:
    """But not while the entrypoint creates the database, when only root@localhost exists."""

    def init_file(password: str) -> str:
        site = SITE._replace(storage=(("mysql-secret", password),))
        return values_of(transform_object(secret_of("mysql-secret"), site))["set-password.sql"]

    query = database(init_file("first"))
    assert query("") == "1"
    assert query("", "CREATE USER 'root'@'%'; GRANT ALL ON *.* TO 'root'@'%'; SELECT 2") == "2"
    for password in ("second", "third"):
        query = database(init_file(password))
        assert query(password) == "1"
        assert "Access denied" in query("first")
        assert "Access denied" in query("")
