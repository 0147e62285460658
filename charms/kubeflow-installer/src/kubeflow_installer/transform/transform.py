"""Make objects of Kubeflow fit a site: images, gateway, login, notebooks.

What an object needs is decided by the object itself (kind, name, keys), so one function serves all
releases, those of kfctl and those of kustomize.
"""

import copy
from typing import List, NamedTuple, Tuple

from kubeflow_installer.transform import gateway, images, login, normalize, notebooks, storage
from kubeflow_installer.transform.login import SiteLogin
from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.transform.site_images import Overrides, SiteImages
from kubeflow_installer.transform.storage import Passwords
from labcharm.documents import form_errors
from labcharm.json_types import JsonObject
from labkube.client.references import name_of

# The Secret in istio-system that holds the certificate from 1.8 on.
GATEWAY_SECRET = "kubeflow-gateway-tls"  # noqa: S105 - a name
# An annotation of pods: it changes with settings that the pods read when they start.
SETTINGS_ANNOTATION = "app.lab-charms/settings"
_DEFINITION = "CustomResourceDefinition"


class SiteSettings(NamedTuple):
    """What a site changes in a release's objects.

    Attributes:
        registry: HOST:PORT/PATH of the images; empty keeps upstream's.
        gpu_vendor: The GPU resource that notebooks are offered first; "none" keeps upstream's.
        tolerations: The taints that users may let a notebook tolerate.
        user: The first user, an e-mail address.
        password_hash: The password's bcrypt hash.
        login_key: The key of the secrets that the login's programs share (`transform.login`).
        hostname: The host name of the dashboard.
        storage: The passwords of the object store and the databases (`transform.storage`).
        overrides: Single images that are pulled from elsewhere (`transform.site_images`).
        credential: The Secret from which Istio's gateway reads its certificate by itself. It must
            be empty for releases by kfctl, whose Istio reads the mounted
            istio-ingressgateway-certs.
    """

    registry: str
    gpu_vendor: str
    tolerations: Tuple[Toleration, ...]
    user: str
    password_hash: str
    login_key: str
    hostname: str
    credential: str = GATEWAY_SECRET
    overrides: Overrides = ()
    storage: Passwords = ()

    @property
    def login(self) -> SiteLogin:
        """The login of the site."""
        return SiteLogin(self.user, self.password_hash, self.login_key)

    def for_objects(self, manifests: List[JsonObject]) -> "SiteSettings":
        """Return the settings for a release's objects, without passwords that no Secret holds.

        Such a password would be generated anew in every hook, and the pods would restart with it.
        """
        secrets = storage.secrets_among(manifests)
        passwords = tuple(entry for entry in self.storage if entry[0] in secrets)
        return self._replace(storage=passwords)


def transform_object(manifest: JsonObject, settings: SiteSettings) -> JsonObject:
    """Return an object as a site needs it.

    - Images are those of the site (`transform.site_images`; `transform.images` says where they are
      named).
    - Service istio-system/istio-ingressgateway is a LoadBalancer, and Gateway
      kubeflow/kubeflow-gateway serves HTTPS (`transform.gateway`).
    - The user, the password's hash and the secrets of the login are the site's
      (`transform.login`): dex's ConfigMap or Secret, its client's, the Profile's owner.
    - The passwords of the object store and the databases are the site's (`transform.storage`).
    - The notebooks' form offers the site's GPU and tolerations (`transform.notebooks`).
    - Pods that read any of these settings when they start carry a digest of them, so that they
      restart.
    - What the server and upstream's programs write differently is brought into their form, or left
      to them (`transform.normalize`).

    The host name changes only such a digest: the Gateway serves every name, and kfctl writes the
    host name into the addresses of dex and its client.

    Args:
        manifest: The object, as upstream has it or as this function returned it for the same site.
            An object that was transformed for another registry cannot be distinguished from
            upstream's, so callers must keep upstream's object.
        settings: The site's settings.

    Returns:
        A changed copy, or the object itself where nothing changes; transforming it again changes
        nothing.

    Raises:
        ValueError: When there is no password hash or no key: upstream's password and secrets must
            never get through.
        DocumentError: When a field of the object is not what its kind has there.
    """
    if not settings.password_hash or not settings.login_key:
        raise ValueError("objects need the site's password hash and key, never upstream's")
    with form_errors(f"{name_of(manifest)} of the manifests"):
        changed = _transformed(manifest, settings)
    return manifest if changed == manifest else changed


def _transformed(manifest: JsonObject, settings: SiteSettings) -> JsonObject:
    changed = _copy(manifest)
    normalize.normalize(changed)
    if manifest["kind"] != _DEFINITION:
        images.use_site_images(changed, SiteImages(settings.registry, settings.overrides))
        gateway.expose_gateway(changed, settings.credential)
        login.use_site_login(changed, settings.login)
        storage.use_passwords(changed, settings.storage)
        _adapt_notebook_form(changed, settings)
        _annotate_settings(changed, settings)
    return changed


def _copy(manifest: JsonObject) -> JsonObject:
    """Return a copy of all that may be changed; a definition's schema is large and stays.

    `normalize` copies what is below the first level of all other objects.
    """
    if manifest["kind"] != _DEFINITION:
        return dict(manifest)
    spec = dict(manifest["spec"])
    if "conversion" in spec:
        spec["conversion"] = copy.deepcopy(spec["conversion"])
    return dict(manifest, metadata=dict(manifest["metadata"]), spec=spec)


def _adapt_notebook_form(manifest: JsonObject, settings: SiteSettings) -> None:
    texts = manifest.get("data") if manifest["kind"] == "ConfigMap" else None
    if texts and notebooks.KEY in texts:
        texts[notebooks.KEY] = notebooks.adapt_form(
            str(texts[notebooks.KEY]), settings.gpu_vendor, settings.tolerations, str
        )


def _annotate_settings(manifest: JsonObject, settings: SiteSettings) -> None:
    """Annotate the pods with a digest of the settings that they read when they start."""
    digest = ""
    if login.reads_login(manifest):
        hostname = settings.hostname if login.reads_hostname(manifest) else ""
        digest = login.login_digest(settings.login, hostname)
    elif (manifest["kind"], manifest["metadata"]["name"]) == ("Deployment", notebooks.DEPLOYMENT):
        digest = notebooks.form_digest(settings.gpu_vendor, settings.tolerations)
    else:
        digest = storage.digest_for(manifest, settings.storage)
    if digest:
        metadata = manifest["spec"]["template"].setdefault("metadata", {})
        metadata.setdefault("annotations", {})[SETTINGS_ANNOTATION] = digest
