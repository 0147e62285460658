"""The script that sets the options of a site's model."""

from __future__ import annotations

import json
import shlex

from ..site.model import Site
from ..site.proxy import model_settings
from .marker import add_mark

_SHELL = "#!/bin/sh\n"
_HEAD = """\
# It sets the options of the Juju model {site}, or of the model that its argument names. Run it
# after `juju add-model` and before the deployment. It can be repeated.
"""
_PROXY_NOTE = """\
# Add the controller's address to juju-no-proxy, unless it is in one of the networks there: write
# it in the site file, as proxy.no-proxy.
"""
_COMMAND = """\
set -eu
exec juju model-config -m "${{1:-{site}}}"{settings}
"""


def model_script(site: Site) -> str:
    """Return a script of the POSIX shell that sets the options of a site's model, with its mark.

    The values are in single quotes, in which the shell replaces nothing.

    Args:
        site: The site.

    Returns:
        The script; empty when the site needs no options.
    """
    settings = model_settings(site)
    if not settings:
        return ""
    words = "".join(f" \\\n    {_quoted(f'{key}={text}')}" for key, text in settings.items())
    note = _PROXY_NOTE if "juju-no-proxy" in settings else ""
    # A site's name has only lower-case letters, digits and hyphens.
    command = _COMMAND.format(site=site.site, settings=words)
    body = f"{_HEAD.format(site=site.site)}{note}{command}"
    return _SHELL + add_mark(body, json.dumps([site.site, settings]))


def _quoted(word: str) -> str:
    """Return a word in single quotes, also where the shell would not need them."""
    quoted = shlex.quote(word)
    return quoted if quoted != word else f"'{word}'"
