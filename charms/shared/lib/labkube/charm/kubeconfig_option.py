"""The option `kubeconfig`: a kubeconfig, or the id of a Juju secret that holds one."""

from typing import Callable, Optional

from labcharm.json_types import JsonValue
from labkube.client import kubeconfig
from labkube.client.access import Access, SecretReader
from labkube.client.kubeconfig import KubeconfigError

# The key of the secret.
KEY = "kubeconfig"
_SCHEME = "secret:"
_TOO_OLD = "a secret needs Juju 3.3 and Ubuntu 22.04 or later; set the kubeconfig's text"


def read_option(
    option: str,
    application: str,
    load_yaml: Callable[[str], JsonValue],
    secret_reader: Optional[SecretReader],
) -> Access:
    """Return the access that the option gives.

    Args:
        option: The option's value, which is not empty.
        application: The application's name, for the command in a message.
        load_yaml: Parses YAML.
        secret_reader: Reads a user's secret by its id; None where Juju or ops has none
            (`labcharm.compat.user_secret_reader`).

    Raises:
        KubeconfigError: When the kubeconfig cannot be used, or the secret cannot be read.
    """
    text = option
    if option.startswith(_SCHEME):
        text = _read_secret(option, application, secret_reader)
    access = kubeconfig.read(text, load_yaml)
    access.is_option = True
    return access


def _read_secret(secret_id: str, application: str, secret_reader: Optional[SecretReader]) -> str:
    if secret_reader is None:
        raise KubeconfigError(_TOO_OLD)
    try:
        content = secret_reader(secret_id)
    except LookupError:  # it does not exist, or it is not granted
        name = secret_id[len(_SCHEME) :]
        command = f"juju grant-secret {name} {application}"
        raise KubeconfigError(f"cannot read the secret; run: {command}") from None
    if not content.get(KEY):
        raise KubeconfigError(
            f"the secret has no key {KEY}; run: juju update-secret ID {KEY}#file=FILE"
        )
    return content[KEY]
