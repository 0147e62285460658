"""Why a request to the API failed, with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..fields import shortened
from .access import ClusterError

_LONGEST_MESSAGE = 300
_ADVICE = {
    401: "its token or certificate is wrong or has expired; fetch it anew with botlab kubeconfig",
    403: "use a kubeconfig of an administrator of the cluster",
    429: "the API has too many requests; try again",
    503: "the API is not ready; try again in a minute",
}


def connection_error(server: str, error: Exception) -> ClusterError:
    """Return the error for a connection that failed.

    Args:
        server: The URL of the API.
        error: The error of urllib3 or of the operating system.
    """
    reason = _reason(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason or "certificate verify failed" in reason:
        return ClusterError(
            f"{server}: its certificate is not trusted ({reason}); if the cluster was deployed"
            " anew, fetch its kubeconfig with botlab kubeconfig"
        )
    if type(error).__name__ == "ProxyError":
        return ClusterError(
            f"{server}: the proxy of HTTPS_PROXY does not connect to it ({reason}); add the"
            " address of the API to NO_PROXY if this machine reaches it directly"
        )
    return ClusterError(
        f"{server}: cannot be reached from this machine ({reason}); run the command on a machine"
        " in the network of the lab, or give a kubeconfig with another address with --kubeconfig"
    )


def answer_error(server: str, status: int, document: Mapping[str, Any] | None) -> ClusterError:
    """Return the error for an answer with a status other than 200.

    Args:
        server: The URL of the API.
        status: The HTTP status.
        document: The document of the answer; None if it is not JSON.
    """
    message = (document or {}).get("message")
    said = (
        f" ({shortened(message, _LONGEST_MESSAGE)})"
        if isinstance(message, str) and message
        else ""
    )
    advice = _ADVICE.get(status, "check the address of the API and the proxies in between")
    return ClusterError(f"{server}: answers with status {status}{said}; {advice}")


def _reason(error: Exception) -> str:
    """Return the innermost reason of an error, without the addresses of Python objects."""
    inner = getattr(error, "original_error", None) or getattr(error, "reason", None) or error
    text = re.sub(r"<[^>]*>:? ?|^[A-Za-z]+Connection\([^)]*\): ", "", str(inner))
    return shortened(text, _LONGEST_MESSAGE) or type(error).__name__
