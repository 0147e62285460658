"""Whether the manifests at hand are those of the release that they are installed as.

What is fetched is held against its digest; what people attach or pin may be a part of it.
"""

from typing import Collection

import kf_inventory
from kf_inventory import Row
from labcharm.words import some


def told_of(release: str, missing: Collection[Row]) -> str:
    """Say what objects of a release the manifests lack, and what to do; empty without any."""
    if not missing:
        return ""
    names = ["%s %s" % (kind, "/".join(place for place in places if place))
             for kind, *places in sorted(missing)]  # fmt: skip
    told = "the manifests at hand lack of Kubeflow %s: %s" % (release, some(names))
    gone = kf_inventory.components(release, missing)
    mend = "; take those of the release"
    if gone:
        mend += ", or where that is meant, put %s into excluded-components" % " ".join(gone)
    return told + mend
