"""The script that gives each machine of a site a tag of its own in MAAS.

Its commands are the same from MAAS 2.4 to 3.6 (``src/maasserver/api/tags.py`` TagHandler and
TagsHandler). MAAS lets only administrators create tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import BotlabError
from ..findings import listed
from .proposal import Proposal, ProposedMachine

# MAAS makes them of lower-case letters and digits (src/maasserver/models/node.py).
_ID = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_HEAD = """\
#!/bin/sh
# Written by botlab. It gives machines of the site {site} a tag of their own in MAAS. By this tag,
# Juju asks MAAS for exactly this machine. Only an administrator of MAAS can run it:
#
#     sh FILE PROFILE
#
# PROFILE is a profile of the maas command. The script can be repeated: tags that exist stay.
set -eu
profile=${{1:?is missing: run this script as sh FILE PROFILE}}

# pin NAME TAG SYSTEM_ID
pin() {{
    if ! maas "$profile" tag read "$2" >/dev/null 2>&1; then
        maas "$profile" tags create "name=$2" "comment=Selects one machine for Juju" >/dev/null
    fi
    maas "$profile" tag update-nodes "$2" "add=$3" >/dev/null
    echo "$1: has the tag $2"
}}

"""


def tag_script(site: str, proposal: Proposal) -> str:
    """Return a shell script that creates the tags which MAAS lacks.

    Args:
        site: The name of the site.
        proposal: The machines.

    Raises:
        BotlabError: When the dump lacks the id of a machine in MAAS.
    """
    machines = [machine for machine in proposal.machines if not machine.has_tag]
    nameless = [machine.name for machine in machines if not _ID.fullmatch(machine.system_id)]
    if nameless:
        raise BotlabError(
            "--tag-script: the list of machines has no valid system_id for"
            f" {listed(nameless)}; use the whole output of `maas PROFILE machines read`"
        )
    return _HEAD.format(site=site) + "".join(f"{line}\n" for line in _lines(machines))


def _lines(machines: list[ProposedMachine]) -> Iterator[str]:
    if not machines:
        yield "# Each machine has a tag of its own already."
    for machine in machines:
        # None of the three has a character that the shell would treat specially.
        yield f"pin {machine.name} {machine.tag} {machine.system_id}"
