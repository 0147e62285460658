"""Charm URLs as each Juju release parses them."""

from __future__ import annotations

import pytest

from botlab.bundle.charm_url import (
    CharmUrl,
    CharmUrlError,
    charmhub_name,
    parse_charm_url,
    schema_error,
)
from botlab.juju import Juju


@pytest.mark.parametrize(
    ("text", "juju", "url"),
    [
        ("bionic/db-3", Juju.V2_6, CharmUrl("cs", "db", "", "bionic", 3)),
        ("cs:~user/jammy/x-4", Juju.V2_9, CharmUrl("cs", "x", "user", "jammy", 4)),
        ("http://host/u/me/x/jammy/3", Juju.V2_9, CharmUrl("cs", "x", "me", "jammy", 3)),
        ("ch:amd64/jammy/x", Juju.V3_6, CharmUrl("ch", "x", "", "jammy", -1, "amd64")),
        ("ch:jammy/x", Juju.V3_6, CharmUrl("ch", "x", "", "jammy")),
        ("ch:jammy/x", Juju.V2_9, CharmUrl("ch", "x", "", "", -1, "jammy")),
        ("%78", Juju.V2_6, CharmUrl("cs", "x")),
        ("local:1x/x", Juju.V4_0, CharmUrl("local", "x", "", "1x")),
        ("https://host/x", Juju.V3_6, CharmUrl("ch", "x")),
        ("x-1y-12", Juju.V3_6, CharmUrl("ch", "x-1y", "", "", 12)),
    ],
)
def test_url_has_the_parts_that_the_juju_release_sees(
    text: str, juju: Juju, url: CharmUrl
) -> None:
    """A missing schema means the store of the release."""
    assert parse_charm_url(text, juju) == url


@pytest.mark.parametrize(
    ("text", "juju", "message"),
    [
        ("cs:~u/x", Juju.V2_9, 'charm or bundle URL has invalid user name: "cs:~u/x"'),
        ("~u/x", Juju.V2_6, 'charm or bundle URL has invalid user name: "~u/x"'),
        ("<<", Juju.V2_6, 'cannot parse URL "%3C%3C": name "<<" not valid'),
        (
            "<<",
            Juju.V3_6,
            'cannot parse name and/or revision in URL "%3C%3C": name "<<" not valid',
        ),
        ("CS:<<", Juju.V2_6, 'cannot parse URL "cs:<<": name "<<" not valid'),
        ("%zz", Juju.V3_6, 'cannot parse charm or bundle URL: "%zz"'),
        ("x?y", Juju.V3_6, 'charm or bundle URL "x?y" has unrecognized parts'),
        ("1x/x", Juju.V3_6, 'in URL "1x/x": series name "1x" not valid'),
        (
            "x-\u0663",
            Juju.V2_9,
            'cannot parse name and/or revision in URL "x-%D9%A3": name "x-\u0663" not valid',
        ),
        ("%0Ax-3", Juju.V2_6, 'cannot parse URL "%0Ax-3": name "\\nx" not valid'),
        ("cs:x", Juju.V4_0, 'cannot parse URL "cs:x": schema "cs" not valid'),
    ],
)
def test_invalid_url_has_the_message_of_the_juju_release(
    text: str, juju: Juju, message: str
) -> None:
    """Some messages show the URL as Go prints it."""
    with pytest.raises(CharmUrlError) as error:
        parse_charm_url(text, juju)

    assert str(error.value) == message


def test_client_since_3_does_not_deploy_from_web_addresses() -> None:
    """The grammar accepts them in every release."""
    assert schema_error("https://host/x", Juju.V2_9) == ""
    assert schema_error("https://host/x", Juju.V3_6) == 'schema "https" not valid'
    assert schema_error("x", Juju.V4_0) == ""


@pytest.mark.parametrize(
    ("charm", "juju", "name"),
    [
        ("etcd", Juju.V3_6, "etcd"),
        ("ch:amd64/etcd-5", Juju.V3_6, "etcd"),
        ("cs:~containers/etcd-5", Juju.V2_9, ""),
        ("./etcd", Juju.V3_6, ""),
        ("/charms/etcd.charm", Juju.V3_6, ""),
        ("local:etcd", Juju.V3_6, ""),
        ("", Juju.V3_6, ""),
    ],
)
def test_name_in_charmhub_is_that_of_charms_there(charm: str, juju: Juju, name: str) -> None:
    assert charmhub_name(charm, juju) == name
