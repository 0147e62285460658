"""The model's proxies: read once, and used by every download and API call of every charm.

Juju passes the model settings juju-http-proxy, juju-https-proxy and juju-no-proxy to hooks as
JUJU_CHARM_*_PROXY. It passes the older settings http-proxy, https-proxy and no-proxy as
HTTP_PROXY, HTTPS_PROXY and NO_PROXY, and in lower case; it refuses to set both kinds (Juju,
environs/config, `validateProxySettings`). Libraries that read the environment themselves see only
the second kind, and each has its own rules for no_proxy.
"""

import base64
from typing import Dict, Mapping, NamedTuple, Optional
from urllib.parse import unquote, urlsplit

from labcharm.errors import BlockedError
from labcharm.no_proxy import destination, is_exempt, split_entries

_NAMES = ("http_proxy", "https_proxy", "no_proxy")
# Every variable that a program may read a proxy from.
VARIABLES = tuple(
    spelling for name in (*_NAMES, "all_proxy", "ftp_proxy") for spelling in (name, name.upper())
)


class ProxyError(BlockedError):
    """A proxy that cannot be used.

    Attributes:
        scheme: The scheme of the URLs that it is for, http or https.
    """

    def __init__(self, scheme: str, proxy: str) -> None:
        # What stands before the @ is a user name and a password.
        shown = proxy.rpartition("@")[2]
        super().__init__(
            f"model setting juju-{scheme}-proxy: {shown} is not http://HOST:PORT; correct it with"
            " juju model-config"
        )
        self.scheme = scheme


class Proxy(NamedTuple):
    """A proxy.

    Attributes:
        host: Its host name or address, without brackets.
        port: Its port.
        authorization: The value of the header Proxy-Authorization, a secret; empty without one.
    """

    host: str
    port: int
    authorization: str = ""

    def __repr__(self) -> str:
        return f"Proxy({self.name!r})"

    @property
    def name(self) -> str:
        """HOST:PORT, for messages and URLs."""
        return f"{bracketed(self.host)}:{self.port}"

    def headers(self) -> Dict[str, str]:
        """Return the headers for the proxy itself."""
        return {"Proxy-Authorization": self.authorization} if self.authorization else {}


class ProxySettings(NamedTuple):
    """The proxy settings of a model; without arguments, everything is reached directly.

    Attributes:
        http: The proxy for http URLs, http://[USER:PASSWORD@]HOST[:PORT]; empty without one.
        https: The proxy for https URLs, in the same form.
        no_proxy: The hosts that are reached directly (`no_proxy.is_exempt`).
    """

    http: str = ""
    https: str = ""
    no_proxy: str = ""

    def __repr__(self) -> str:
        return f"ProxySettings(no_proxy={self.no_proxy!r})"  # the others may hold a password

    def proxy_for(self, url: str) -> Optional[Proxy]:
        """Return the proxy for a URL; None where it is reached directly.

        Args:
            url: The URL; only scheme, host and port matter.

        Raises:
            ProxyError: When the proxy for its scheme cannot be used.
            ValueError: When the text is not a URL.
        """
        parts = urlsplit(url)
        setting = {"http": self.http, "https": self.https}.get(parts.scheme, "")
        target = destination(parts.scheme, parts.hostname or "", parts.port)
        if not setting or is_exempt(target, self.no_proxy):
            return None
        return _parse(parts.scheme, setting)

    def environment(self) -> Dict[str, str]:
        """Return the settings as the variables that programs read, in lower and in upper case.

        Settings that are empty are left out. Not every program accepts spaces in no_proxy.
        """
        entries = ",".join(split_entries(self.no_proxy))
        lower = dict(zip(_NAMES, (self.http, self.https, entries)))
        lower = {name: text for name, text in lower.items() if text}
        return dict(lower, **{name.upper(): text for name, text in lower.items()})


DIRECT = ProxySettings()


def read_settings(environment: Mapping[str, str]) -> ProxySettings:
    """Return the proxy settings that Juju passes to a hook.

    Args:
        environment: The hook's environment.
    """
    of_charms = [environment.get(f"JUJU_CHARM_{name.upper()}", "").strip() for name in _NAMES]
    if any(of_charms[:2]):
        return ProxySettings(*of_charms)
    legacy = [environment.get(name) or environment.get(name.upper()) or "" for name in _NAMES]
    return ProxySettings(*(text.strip() for text in legacy))


def bracketed(host: str) -> str:
    """Return a host as a URL has it: an IPv6 address stands in brackets."""
    return f"[{host}]" if ":" in host else host


def _parse(scheme: str, setting: str) -> Proxy:
    url = setting if "://" in setting else f"http://{setting}"
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        raise ProxyError(scheme, setting) from None
    if parts.scheme != "http" or not parts.hostname:
        raise ProxyError(scheme, setting)
    return Proxy(parts.hostname, port, _authorization(parts.username, parts.password))


def _authorization(user: Optional[str], password: Optional[str]) -> str:
    if not user:
        return ""
    credentials = f"{unquote(user)}:{unquote(password or '')}".encode()
    return "Basic " + base64.b64encode(credentials).decode("ascii")
