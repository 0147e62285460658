"""URLs of offers."""

from __future__ import annotations

import pytest

from botlab.bundle.offer_url import is_offer_url
from botlab.juju import Juju

UP_TO_3_6 = (Juju.V2_9, Juju.V3_6)
ROWS: list[tuple[str, bool, bool]] = [
    ("lab.db", True, True),
    ("admin/lab.db", True, True),
    ("/admin/lab.db", True, True),
    ("controller:admin/lab.db", True, True),
    ("controller:admin/lab.db:ep", True, True),
    ("admin/lab.db:ep", True, True),
    ("me@example.com/lab.db", True, True),
    ("admin/lab", False, False),
    ("lab", False, False),
    ("lab.", False, False),
    (".db", False, False),
    (":admin/lab.db", False, False),
    ("admin/lab.d/b", False, False),
    ("admin/Lab.db", False, False),
    ("admin/lab.Db", False, False),
    ("x y.z", False, False),
    ("u/m.o", False, True),
    ("-a/m.o", False, True),
    ("admin/lab.db:ep-1", False, True),
    ("a:b:c:d/e.f", False, True),
]


@pytest.mark.parametrize(
    ("text", "juju", "is_valid"),
    [
        *((text, juju, old) for text, old, _ in ROWS for juju in UP_TO_3_6),
        *((text, Juju.V4_0, new) for text, _, new in ROWS),
    ],
)
def test_offer_url_is_judged_as_by_the_juju_release(text: str, juju: Juju, is_valid: bool) -> None:
    """Juju 4.0 leaves the check of the owner to the controller."""
    assert is_offer_url(text, juju) is is_valid
