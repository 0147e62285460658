"""The login: replaces upstream's user, and the secrets that the login's programs share.

Upstream ships one user with a password that everybody knows, one secret between dex and its
client, and from 1.9 on one secret for the cookies of sessions, with which sessions can be forged.
"""

import copy
import hashlib
import hmac
import json
import re
from typing import NamedTuple

import yaml

from kubeflow_installer.transform.normalize import decode_secret, encode_secret
from labcharm.documents import DocumentError, parse_yaml
from labcharm.json_types import JsonObject

_BCRYPT = re.compile(r"\$2[abxy]?\$\d\d\$")
# Keys of Secrets, and the purpose that each value is derived for.
_CLIENT, _COOKIE = "client", "cookie"
_DIGEST = "digest"  # what pods show of the key, which it cannot be computed from
_DERIVED = {
    "OIDC_CLIENT_SECRET": _CLIENT,
    "CLIENT_SECRET": _CLIENT,
    "client-secret": _CLIENT,
    "cookie-secret": _COOKIE,
}
_INSTALL_CONFIG = "default-install-config"  # where the manifests keep the first user's name
_SECRET_NAMES = re.compile(
    r"(dex-oidc-client|oidc-authservice-client|oauth2-proxy)(-[a-z0-9]+)?\Z"
)
# The programs that read what is changed here, when they start.
_READERS = ("dex", "authservice", "oidc-authservice", "oauth2-proxy")
_READER_KINDS = ("Deployment", "StatefulSet")
_USER_ID = "08a8684b-db88-4b73-90a9-3cd1661f5466"  # upstream's; dex identifies users by it


class SiteLogin(NamedTuple):
    """The login of a site.

    Attributes:
        user: The first user's e-mail address.
        password_hash: The password's bcrypt hash.
        key: The key that the secrets of the login's programs are derived from, so that all objects
            agree. It is never on the cluster, unlike the hash, which is in dex's ConfigMap.
    """

    user: str
    password_hash: str
    key: str

    def secret(self, purpose: str) -> str:
        """Return a secret of 32 characters; oauth2-proxy takes 16, 24 or 32 for its cookies."""
        key = self.key.encode("utf-8")
        return hmac.new(key, purpose.encode("utf-8"), hashlib.sha256).hexdigest()[:32]


def use_site_login(manifest: JsonObject, login: SiteLogin) -> None:
    """Replace upstream's user and secrets with the site's, in place.

    Args:
        manifest: An object of dex or of the authentication proxy, or a Profile; others stay as
            they are. A Secret must have its values in `data`.
        login: The site's login.
    """
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if kind == "ConfigMap":
        _change_config_map(manifest.get("data") or {}, name, login)
    elif kind == "Secret":
        _change_secret(manifest.get("data") or {}, name, login)
    elif kind == "Profile":
        owner = (manifest.get("spec") or {}).get("owner") or {}
        if owner.get("kind") == "User":
            owner["name"] = login.user
    elif reads_login(manifest):
        _change_program(manifest, login)


def reads_login(manifest: JsonObject) -> bool:
    """Return whether an object's pods read the login's settings, so that they must restart."""
    return manifest["kind"] in _READER_KINDS and manifest["metadata"]["name"] in _READERS


def reads_hostname(manifest: JsonObject) -> bool:
    """Return whether an object's pods read the host name when they start, as dex of 0.6 does.

    kfctl writes it into the issuer in dex's ConfigMap (deployment/existing/auth_oidc of
    kubeflow/kubeflow v0.6.2); later releases have an issuer within the cluster.
    """
    metadata = manifest["metadata"]
    key = (metadata.get("namespace"), metadata["name"])
    return reads_login(manifest) and key == ("kubeflow", "dex")


def login_digest(login: SiteLogin, hostname: str = "") -> str:
    """Return a digest of the login, and of the host name where that is read."""
    settings = [login.user, login.password_hash, login.secret(_DIGEST)]
    text = json.dumps(settings + ([hostname] if hostname else []))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _change_config_map(settings: JsonObject, name: str, login: SiteLogin) -> None:
    for key, setting in settings.items():
        if name == "dex" and key == "config.yaml":
            settings[key] = _dex_config(str(setting), login)
        elif _BCRYPT.match(str(setting)):
            settings[key] = login.password_hash
        elif key == "static_email" or (key == "user" and name.startswith(_INSTALL_CONFIG)):
            settings[key] = login.user
        elif key == "application_secret":
            settings[key] = login.secret(_CLIENT)


def _change_secret(secrets: JsonObject, name: str, login: SiteLogin) -> None:
    for key, secret in secrets.items():
        if _BCRYPT.match(decode_secret(secret)):
            secrets[key] = encode_secret(login.password_hash)
        elif key in _DERIVED and _SECRET_NAMES.match(name):
            secrets[key] = encode_secret(login.secret(_DERIVED[key]))


def _change_program(manifest: JsonObject, login: SiteLogin) -> None:
    for container in manifest["spec"]["template"]["spec"].get("containers") or []:
        for variable in container.get("env") or []:
            if variable.get("name") == "CLIENT_SECRET" and "value" in variable:
                variable["value"] = login.secret(_CLIENT)


def _dex_config(text: str, login: SiteLogin) -> str:
    try:
        config = parse_yaml(yaml.safe_load, text, "dex's config.yaml")
    except DocumentError:
        return text
    if not isinstance(config, dict):
        return text
    before = copy.deepcopy(config)
    if config.get("enablePasswordDB") or config.get("staticPasswords"):
        config["staticPasswords"] = [_dex_user(config, login)]
    for client in config.get("staticClients") or []:
        if "secret" in client:
            client["secret"] = login.secret(_CLIENT)
    if config == before:
        return text
    return str(yaml.safe_dump(config, default_flow_style=False, sort_keys=False))


def _dex_user(config: JsonObject, login: SiteLogin) -> JsonObject:
    """Return the only user: upstream's entry with the site's values.

    kfctl 0.6 may have left the entry out.
    """
    shipped = (config.get("staticPasswords") or [{}])[0]
    entry = dict(shipped or {"username": login.user.partition("@")[0], "userID": _USER_ID})
    entry["email"] = login.user
    if "hashFromEnv" not in entry:
        entry["hash"] = login.password_hash
    return entry
