"""The inputs of an installation: files, options, credentials and access."""

from typing import Dict, NamedTuple

from kubeflow_installer.options import Options
from kubeflow_installer.releases.table import Release
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.transform.transform import SiteSettings
from labkube.client.access import Access


class InstallRequest(NamedTuple):
    """What an installation is made from.

    Attributes:
        release: The release.
        files: The paths of its files, by name.
        missing_files: Why there are no files. An existing installation does not need them.
        digest: A digest of the files.
        options: The charm's options.
        credentials: The first user's credentials.
        first_user: The user that kfctl gets. kfctl names the Profile after the user, so another
            name would be another namespace. The current user is put into the objects afterwards,
            by their transformation.
        settings: What the site changes in the objects.
        access: The server's address and the credentials.
        application: What distinguishes this application from others on the cluster.
    """

    release: Release
    files: Dict[str, str]
    missing_files: str
    digest: str
    options: Options
    credentials: Credentials
    first_user: str
    settings: SiteSettings
    access: Access
    application: str
