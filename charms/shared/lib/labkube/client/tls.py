"""TLS for an API server: its authority is verified, and a client certificate is presented."""

import os
import ssl

from labcharm.https_connection import client_context
from labkube.client import key_directories
from labkube.client.access import Access


def tls_context(access: Access) -> ssl.SSLContext:
    """Return the TLS context for a server.

    Raises:
        OSError, ValueError: When a certificate or key is not one.
    """
    key_directories.remove_stale()
    context = client_context(access.ca)
    if access.certificate:
        _load_certificate(context, access)
    return context


def _load_certificate(context: ssl.SSLContext, access: Access) -> None:
    """Load the client certificate; `ssl` reads it, and its key, only from files."""
    with key_directories.create() as directory:
        paths = [os.path.join(directory, name) for name in ("certificate", "key")]
        for path, text in zip(paths, (access.certificate, access.key)):
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(text)
        context.load_cert_chain(*paths)
