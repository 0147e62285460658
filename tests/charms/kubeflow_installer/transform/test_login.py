"""The login has the site's user and secrets."""

from __future__ import annotations

import re

import pytest
import yaml

from helpers.kubeflow.generated import SHIPPED_HASH, SHIPPED_USER
from helpers.kubeflow.transform_cases import (
    HASH,
    SITE,
    UPSTREAM,
    USER,
    config_map,
    container_of,
    manifest_of,
    workload,
)
from kubeflow_installer.transform.normalize import decode_secret
from kubeflow_installer.transform.transform import (
    SETTINGS_ANNOTATION,
    transform_object,
)
from labcharm.json_types import JsonObject

DEX = f"""\
issuer: https://lab/dex
# a remark
enablePasswordDB: true
staticPasswords:
- email: user@example.com
  hash: {SHIPPED_HASH}
  username: user
  userID: "15841185641784"
- email: second@example.com
  hash: {SHIPPED_HASH}
staticClients:
- id: kubeflow
  secret: shipped
- idEnv: OIDC_CLIENT_ID
  secretEnv: OIDC_CLIENT_SECRET
"""


def dex(text: str, namespace: str = "auth") -> JsonObject:
    """Return dex's transformed settings."""
    transformed = transform_object(config_map("dex", namespace, **{"config.yaml": text}), SITE)
    return dict(yaml.safe_load(transformed["data"]["config.yaml"]))


@pytest.mark.parametrize("namespace", ["auth", "kubeflow"])
def test_dex_has_only_the_sites_user(namespace: str) -> None:
    """It keeps upstream's user id, so that a new password keeps what the user has."""
    config = dex(DEX, namespace)

    assert config["staticPasswords"] == [
        {"email": USER, "hash": HASH, "username": "user", "userID": "15841185641784"}
    ]
    assert config["staticClients"][0]["secret"] == SITE.login.secret("client")
    assert config["staticClients"][1] == {
        "idEnv": "OIDC_CLIENT_ID", "secretEnv": "OIDC_CLIENT_SECRET",
    }  # fmt: skip
    assert config["issuer"] == "https://lab/dex"


def test_dex_may_read_the_hash_from_a_secret() -> None:
    """From 1.9 on the hash is not in the ConfigMap."""
    config = dex(DEX.replace(f"hash: {SHIPPED_HASH}\n  username", "hashFromEnv: IT\n  username"))

    assert config["staticPasswords"] == [
        {"email": USER, "hashFromEnv": "IT", "username": "user", "userID": "15841185641784"}
    ]


def test_dex_without_a_user_gets_one() -> None:
    """Kfctl 0.6 leaves the user out when it got none."""
    config = dex("issuer: x\nenablePasswordDB: true\nstaticPasswords:\n")

    assert [entry["email"] for entry in config["staticPasswords"]] == [USER]
    assert config["staticPasswords"][0]["hash"] == HASH
    assert "staticPasswords" not in dex("issuer: x\nconnectors: [ldap]\n")


@pytest.mark.parametrize("text", ["a: [", "- just\n- a list\n", "word"])
def test_unreadable_dex_settings_stay(text: str) -> None:
    """The charm does not repair them."""
    manifest = config_map("dex", "auth", **{"config.yaml": text})

    assert transform_object(manifest, SITE) is manifest


def test_kfctl_parameters_are_the_sites() -> None:
    """Kfctl keeps its parameters in ConfigMaps beside dex and its client."""
    parameters = {"static_email": "admin@kubeflow.org", "static_password_hash": SHIPPED_HASH,
            "application_secret": "shipped", "client_id": "ldapdexapp"}  # fmt: skip
    secret = SITE.login.secret("client")

    assert transform_object(config_map("dex-parameters", "auth", **parameters), SITE)["data"] == {
        "static_email": USER, "static_password_hash": HASH, "application_secret": secret,
        "client_id": "ldapdexapp",
    }  # fmt: skip
    variables = [{"name": "CLIENT_SECRET", "value": "shipped"}, {"name": "PORT", "value": "8080"}]
    manifest = workload(
        "StatefulSet", "authservice", {"image": "a/b", "env": variables}, "istio-system"
    )
    assert container_of(transform_object(manifest, UPSTREAM))["env"] == [
        {"name": "CLIENT_SECRET", "value": secret}, {"name": "PORT", "value": "8080"},
    ]  # fmt: skip


def secret_of(name: str, **data: str) -> dict[str, str]:
    """Return a Secret's decoded values after the transformation."""
    transformed = transform_object(
        manifest_of("Secret", name, stringData=data, type="Opaque"), SITE
    )
    assert "stringData" not in transformed
    return {key: decode_secret(value) for key, value in transformed["data"].items()}


def test_both_sides_of_the_login_share_one_secret() -> None:
    """It is derived, so that objects agree whenever and wherever they are transformed."""
    derived = SITE.login.secret("client")
    client = {"OIDC_CLIENT_SECRET": "shipped", "OIDC_CLIENT_ID": "it"}
    own_secret = {"CLIENT_SECRET": "mine"}
    proxy = secret_of("oauth2-proxy-h675gf55ht", **{
        "client-id": "kubeflow", "client-secret": "shipped", "cookie-secret": "shipped",
    })  # fmt: skip

    assert secret_of("dex-oidc-client", **client) == {
        "OIDC_CLIENT_SECRET": derived, "OIDC_CLIENT_ID": "it",
    }  # fmt: skip
    assert secret_of("oidc-authservice-client", **own_secret)["CLIENT_SECRET"] == derived
    assert proxy["client-secret"] == derived
    assert proxy["client-id"] == "kubeflow"
    # oauth2-proxy takes 16, 24 or 32 bytes.
    assert len(proxy["cookie-secret"]) == 32
    assert proxy["cookie-secret"] != derived
    assert secret_of("dex-passwords", DEX_USER_PASSWORD=SHIPPED_HASH)["DEX_USER_PASSWORD"] == HASH
    # A secret of the same key that is something else.
    assert secret_of("my-oauth2-client", **own_secret) == own_secret


def test_secrets_cannot_be_computed_from_what_is_on_the_cluster() -> None:
    """The hash of the password is in dex's ConfigMap, which many may read."""
    other = SITE._replace(password_hash=HASH[:-1] + "x")
    manifest = manifest_of("Secret", "oauth2-proxy", data={"cookie-secret": "eA=="})
    assert transform_object(manifest, other) == transform_object(manifest, SITE)
    texts = [
        SITE.password_hash,
        SITE.user,
        SITE.login.secret("client"),
        SITE.login.secret("digest"),
    ]
    for text in texts:
        assert SITE.login.secret("cookie") != SITE._replace(login_key=text).login.secret("cookie")


def test_new_key_changes_every_secret_and_restarts_its_readers() -> None:
    """Earlier sessions are invalid then."""
    after = SITE._replace(login_key="another-key")
    manifest = manifest_of("Secret", "oauth2-proxy", data={"cookie-secret": "eA=="})
    program = workload("Deployment", "oauth2-proxy", {"image": "a/b"})

    assert (
        transform_object(transform_object(manifest, SITE), after)
        == transform_object(manifest, after)
        != transform_object(manifest, SITE)
    )
    assert (
        transform_object(transform_object(program, SITE), after)
        == transform_object(program, after)
        != transform_object(program, SITE)
    )


@pytest.mark.parametrize(
    ("kind", "name", "namespace"),
    [
        ("Deployment", "dex", "auth"),
        ("Deployment", "dex", "kubeflow"),
        ("Deployment", "authservice", "istio-system"),
        ("StatefulSet", "oidc-authservice", "istio-system"),
        ("Deployment", "oauth2-proxy", "oauth2-proxy"),
    ],
)
def test_readers_of_the_login_carry_a_digest(kind: str, name: str, namespace: str) -> None:
    """They read the settings when they start; the digest reveals nothing of the hash."""
    manifest = workload(kind, name, {"image": "a/b"}, namespace)
    annotations = transform_object(manifest, SITE)["spec"]["template"]["metadata"]["annotations"]

    assert list(annotations) == [SETTINGS_ANNOTATION]
    assert re.fullmatch(r"[0-9a-f]{16}", annotations[SETTINGS_ANNOTATION])
    changed = transform_object(manifest, SITE._replace(user="other@lab.example"))
    assert changed["spec"]["template"]["metadata"]["annotations"] != annotations


@pytest.mark.parametrize(("namespace", "follows"), [("kubeflow", True), ("auth", False)])
def test_dex_of_0_6_restarts_for_another_host_name(namespace: str, follows: bool) -> None:
    """Its issuer has the host name; later releases have an issuer within the cluster."""
    manifest = workload("Deployment", "dex", {"image": "a/b"}, namespace)
    assert (
        transform_object(manifest, SITE._replace(hostname="other.lab"))
        != transform_object(manifest, SITE)
    ) is follows


def test_profile_belongs_to_the_sites_user() -> None:
    """A Profile of a service account stays."""
    api = "kubeflow.org/v1beta1"
    manifest = manifest_of(
        "Profile", "p", api=api, spec={"owner": {"kind": "User", "name": SHIPPED_USER}}
    )
    assert transform_object(manifest, SITE)["spec"]["owner"] == {"kind": "User", "name": USER}
    manifest["spec"]["owner"] = {"kind": "ServiceAccount", "name": "robot"}
    assert transform_object(manifest, SITE) is manifest
