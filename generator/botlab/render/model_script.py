"""The script that sets the options of a site's model."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from ..juju import Juju
from ..model_arguments import model_arguments
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


def model_script(site: str, options: Mapping[str, str], juju: Juju) -> str:
    """Return a script of the POSIX shell that sets the options of a site's model, with its mark.

    The values are in single quotes, in which the shell replaces nothing.

    Args:
        site: The name of the site.
        options: The options of its model.
        juju: The release of Juju.

    Returns:
        The script; empty when the site needs no options.
    """
    if not options:
        return ""
    words = "".join(f" \\\n    {_quoted(word)}" for word in model_arguments(options, juju))
    note = _PROXY_NOTE if "juju-no-proxy" in options else ""
    # A site's name has only lower-case letters, digits and hyphens.
    command = _COMMAND.format(site=site, settings=words)
    body = f"{_HEAD.format(site=site)}{note}{command}"
    return _SHELL + add_mark(body, json.dumps([site, dict(options)]))


def _quoted(word: str) -> str:
    """Return a word in single quotes, also where the shell would not need them."""
    quoted = shlex.quote(word)
    return quoted if quoted != word else f"'{word}'"
