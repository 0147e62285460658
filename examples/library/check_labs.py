"""Check the site files of a directory, and show what their deployments would change.

Run: python check_labs.py DIRECTORY
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from botlab.api import BotlabError, Severity, load_site, plan, render, validate


def report(file: Path) -> Iterator[str]:
    """Yield the lines about one site: its errors, or its machines and the size of its plan."""
    try:
        lab = load_site(file)
    except BotlabError as error:
        yield f"{file.name}: {error}"
        return
    errors = [f for f in validate(lab).findings if f.severity is Severity.ERROR]
    for finding in errors:
        yield f"{finding.file}:{finding.line}: {finding.id} {finding.message}"
    bundle = render(lab).bundle
    if bundle is not None:
        changes = plan(lab).changes
        machines = [change for change in changes if change.method == "addMachines"]
        yield f"{file.name}: {len(changes)} changes, {len(machines)} machines and containers"
        yield f"  applications: {', '.join(bundle.applications)}"


if __name__ == "__main__":
    for site_file in sorted(Path(sys.argv[1]).glob("*.yaml")):
        for line in report(site_file):
            print(line)
