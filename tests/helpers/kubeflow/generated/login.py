"""Generated objects of the login and of the form for notebooks."""

from __future__ import annotations

import yaml

from helpers.kubeflow.generated.manifest import (
    KFCTL,
    SHIPPED_COOKIE,
    SHIPPED_HASH,
    SHIPPED_SECRET,
    SHIPPED_USER,
    manifest_of,
    secret_of,
)
from kubeflow_installer.releases.inventory import Inventory
from labcharm.json_types import JsonObject


def login(inventory: Inventory) -> list[JsonObject]:
    """Return the objects of the login, as the release has them."""
    release = inventory.release
    if release in KFCTL:
        namespace = "kubeflow" if release == "0.6.2" else "auth"
        manifests = [_dex(namespace, {"email": "admin@kubeflow.org", "hash": SHIPPED_HASH})]
        if release != "0.6.2":
            data = {"static_email": "admin@kubeflow.org", "static_password_hash": SHIPPED_HASH}
            manifests.append(
                manifest_of("v1", "ConfigMap", "dex-parameters", namespace, data=data)
            )
        return manifests
    client = {"OIDC_CLIENT_ID": "kubeflow", "OIDC_CLIENT_SECRET": SHIPPED_SECRET}
    manifests = [secret_of("dex-oidc-client", "auth", stringData=client)]
    data = {"profile-name": "kubeflow-user-example-com", "user": SHIPPED_USER}
    manifests.append(
        manifest_of("v1", "ConfigMap", "default-install-config-9h2h2b6hbk", data=data)
    )
    if release in ("1.7.0", "1.8.1"):
        manifests.append(_dex("auth", {"email": SHIPPED_USER, "hash": SHIPPED_HASH}))
        client = {"CLIENT_ID": "kubeflow", "CLIENT_SECRET": SHIPPED_SECRET}
        manifests.append(secret_of("oidc-authservice-client", "istio-system", stringData=client))
        return manifests
    manifests.append(_dex("auth", {"email": SHIPPED_USER, "hashFromEnv": "DEX_USER_PASSWORD"}))
    password = {"DEX_USER_PASSWORD": SHIPPED_HASH}
    manifests.append(secret_of("dex-passwords", "auth", stringData=password))
    proxy = {"client-id": "kubeflow", "client-secret": SHIPPED_SECRET}
    proxy["cookie-secret"] = SHIPPED_COOKIE
    manifests.append(secret_of("oauth2-proxy-h675gf55ht", "oauth2-proxy", stringData=proxy))
    return manifests


def _dex(namespace: str, password: JsonObject) -> JsonObject:
    config = {
        "issuer": "http://dex.auth.svc.cluster.local:5556/dex",
        "enablePasswordDB": True,
        "staticPasswords": [dict(password, username="user", userID="15841185641784")],
        "staticClients": [{"id": "kubeflow", "name": "Dex", "secret": SHIPPED_SECRET}],
    }
    text = yaml.safe_dump(config, sort_keys=False)
    return manifest_of("v1", "ConfigMap", "dex", namespace, data={"config.yaml": text})


def notebook_form(inventory: Inventory) -> list[JsonObject]:
    """Return the settings of the form for new notebooks."""
    images = [image for image in inventory.images if "jupyter-" in image] or list(inventory.images)
    defaults: JsonObject = {"image": {"value": images[0], "options": images[:3]}}
    if inventory.release in ("0.6.2", "0.7.1"):
        defaults["extraResources"] = {"value": "{}", "readOnly": False}
    else:
        vendors = [
            {"limitsKey": "nvidia.com/gpu", "uiName": "NVIDIA"},
            {"limitsKey": "amd.com/gpu", "uiName": "AMD"},
        ]
        gpus = {"vendor": "", "vendors": vendors, "num": "none"}
        defaults["gpus"] = {"readOnly": False, "value": gpus}
    if inventory.release == "1.2.0" or inventory.release not in KFCTL:
        defaults["tolerationGroup"] = {"readOnly": False, "value": "", "options": []}
    text = yaml.safe_dump({"spawnerFormDefaults": defaults}, sort_keys=False)
    name = "jupyter-web-app-config-9c2fbg2gdc"
    data = {"spawner_ui_config.yaml": text}
    return [manifest_of("v1", "ConfigMap", name, "kubeflow", data=data)]
