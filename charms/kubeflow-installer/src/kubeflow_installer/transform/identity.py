"""Who may log in, and the secrets between the programs that see to it: the site's, not upstream's.

Upstream ships one user with a password that everybody knows, one secret between dex and its
client, and from 1.9 on one for the cookies of sessions: with that one, sessions can be forged.
"""

import hashlib
import hmac
import json
import re
from typing import Any, Dict

import yaml

from kubeflow_installer.transform.normalize import decoded, encoded

Object = Dict[str, Any]

_BCRYPT = re.compile(r"\$2[abxy]?\$\d\d\$")
# Values of Secrets, and what each is derived for.
_CLIENT, _COOKIE = "client", "cookie"
_DERIVED = {
    "OIDC_CLIENT_SECRET": _CLIENT,
    "CLIENT_SECRET": _CLIENT,
    "client-secret": _CLIENT,
    "cookie-secret": _COOKIE,
}
_INSTALLED = "default-install-config"  # where the manifests keep the first user's name
_SECRETS = re.compile(r"(dex-oidc-client|oidc-authservice-client|oauth2-proxy)(-[a-z0-9]+)?\Z")
# Who reads what is changed here, and does so when it starts.
_READERS = ("dex", "authservice", "oidc-authservice", "oauth2-proxy")
_USER_ID = "08a8684b-db88-4b73-90a9-3cd1661f5466"  # upstream's; dex tells users apart by it


def identify(found: Object, user: str, password_hash: str) -> None:
    """Put the site's user and secrets in the place of upstream's, in an object where it stands.

    Args:
        found: One of dex's, the authentication proxy's, a Profile; others stay. A Secret has its
            values in `data`.
        user: The e-mail address.
        password_hash: Of bcrypt; the other secrets are derived from it, so that all objects agree
            and change together with it.
    """
    kind, name = found["kind"], found["metadata"]["name"]
    if kind == "ConfigMap":
        _identify_settings(found.get("data") or {}, name, user, password_hash)
    elif kind == "Secret":
        _identify_secret(found.get("data") or {}, name, password_hash)
    elif kind == "Profile":
        owner = (found.get("spec") or {}).get("owner") or {}
        if owner.get("kind") == "User":
            owner["name"] = user
    elif kind in ("Deployment", "StatefulSet") and name in _READERS:
        _identify_program(found, password_hash)


def reads(found: Object) -> bool:
    """Tell whether an object's pods read what is changed here, so that they must follow."""
    return found["kind"] in ("Deployment", "StatefulSet") and found["metadata"]["name"] in _READERS


def reads_host(found: Object) -> bool:
    """Tell whether an object's pods read the host name as they start: dex of 0.6 does.

    kfctl writes it into the issuer in dex's ConfigMap (deployment/existing/auth_oidc of
    kubeflow/kubeflow v0.6.2); later releases have an issuer within the cluster.
    """
    metadata = found["metadata"]
    return reads(found) and (metadata.get("namespace"), metadata["name"]) == ("kubeflow", "dex")


def digest(user: str, password_hash: str, hostname: str = "") -> str:
    """Return what changes with the user, the password and the host name, where that is read."""
    text = json.dumps([user, password_hash] + ([hostname] if hostname else []))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def derived(password_hash: str, purpose: str) -> str:
    """Return a secret of 32 characters, which oauth2-proxy takes for its cookies (16, 24, 32)."""
    key = password_hash.encode("utf-8")
    return hmac.new(key, purpose.encode("utf-8"), hashlib.sha256).hexdigest()[:32]


def _identify_settings(data: Object, name: str, user: str, password_hash: str) -> None:
    for key, value in data.items():
        if name == "dex" and key == "config.yaml":
            data[key] = _dex(str(value), user, password_hash)
        elif _BCRYPT.match(str(value)):
            data[key] = password_hash
        elif key == "static_email" or (key == "user" and name.startswith(_INSTALLED)):
            data[key] = user
        elif key == "application_secret":
            data[key] = derived(password_hash, _CLIENT)


def _identify_secret(data: Object, name: str, password_hash: str) -> None:
    for key, value in data.items():
        if _BCRYPT.match(decoded(value)):
            data[key] = encoded(password_hash)
        elif key in _DERIVED and _SECRETS.match(name):
            data[key] = encoded(derived(password_hash, _DERIVED[key]))


def _identify_program(found: Object, password_hash: str) -> None:
    for container in found["spec"]["template"]["spec"].get("containers") or []:
        for variable in container.get("env") or []:
            if variable.get("name") == "CLIENT_SECRET" and "value" in variable:
                variable["value"] = derived(password_hash, _CLIENT)


def _dex(text: str, user: str, password_hash: str) -> str:
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    if not isinstance(config, dict):
        return text
    before = json.dumps(config)
    if config.get("enablePasswordDB") or config.get("staticPasswords"):
        config["staticPasswords"] = [_entry(config, user, password_hash)]
    for client in config.get("staticClients") or []:
        if "secret" in client:
            client["secret"] = derived(password_hash, _CLIENT)
    if json.dumps(config) == before:
        return text
    return str(yaml.safe_dump(config, default_flow_style=False, sort_keys=False))


def _entry(config: Object, user: str, password_hash: str) -> Object:
    """Return the one user: upstream's entry with our values; kfctl 0.6 may have left it out."""
    shipped = (config.get("staticPasswords") or [{}])[0]
    entry = dict(shipped or {"username": user.partition("@")[0], "userID": _USER_ID})
    entry["email"] = user
    if "hashFromEnv" not in entry:
        entry["hash"] = password_hash
    return entry
