"""Why a call of python-libjuju failed, in the terms of the live layer."""

from __future__ import annotations

from ..errors import (
    CommandFailedError,
    ControllerMissingError,
    LiveError,
    LoginError,
    ModelMissingError,
    UnreachableError,
    UnsupportedError,
)
from .library import error_classes

_LOGIN_CODES = ("unauthorized access", "login expired", "invalid credential")
_NO_JUJU_4 = (
    "python-libjuju cannot serve this controller: Juju 4 has no AllWatcher, and other versions"
    " need the other release of python-libjuju (2.9.49.1 for Juju 2.9, 3.6.1.3 for Juju 3); use"
    " --backend client"
)


def live_error(call: str, error: Exception) -> LiveError:
    """Return the error of the live layer for an error of python-libjuju.

    Args:
        call: The call that failed.
        error: The error that it raised.
    """
    if isinstance(error, LiveError):
        return error
    text = _text(error)
    lowered = text.lower()
    if "not supported" in lowered and "server-version" in lowered:
        return UnsupportedError(f"{call}: {text}; {_NO_JUJU_4}")
    if _is_login(error, lowered):
        return LoginError(
            f"{call}: the controller refuses the login: {text}; log in with `juju login`, or set"
            " BOTLAB_JUJU_USER and BOTLAB_JUJU_PASSWORD_FILE"
        )
    if "model not found" in lowered or "no current model" in lowered:
        return ModelMissingError(
            "",
            f"{call}: {text}; name an existing model with --model, or create one: juju"
            " add-model NAME",
        )
    if lowered.startswith("controller ") and lowered.endswith(" not found"):
        return ControllerMissingError(f"{call}: {text}; name another one with --controller")
    if _is_unreachable(error):
        return UnreachableError(
            f"{call}: the controller does not answer: {text}; check that it is up and that this"
            " computer reaches it"
        )
    return CommandFailedError(call, 1, text)


def _text(error: Exception) -> str:
    message = getattr(error, "message", "") or str(error) or type(error).__name__
    return " ".join(str(message).split())


def _is_login(error: Exception, text: str) -> bool:
    code = str(getattr(error, "error_code", "") or "")
    (login,) = error_classes("JujuAuthError")
    return isinstance(error, login) or code in _LOGIN_CODES or "invalid entity name" in text


def _is_unreachable(error: Exception) -> bool:
    names = {base.__name__ for base in type(error).__mro__}
    is_closed = "ConnectionClosed" in names or "WebSocketException" in names
    # python-libjuju 2.9 reconnects in a way that Python 3.11 and later refuse.
    is_closed = is_closed or "Passing coroutines is forbidden" in str(error)
    is_of_network = isinstance(error, OSError | EOFError) and not getattr(error, "filename", None)
    return is_closed or is_of_network
