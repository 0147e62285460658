"""Differences of bindings, constraints, exposures, offers, options and the model's options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from botlab.bundle.model import Application, Bundle, Exposure, Offer
from botlab.juju import Juju
from botlab.live.comparison.bindings import binding_differences
from botlab.live.comparison.constraints import constraint_differences
from botlab.live.comparison.differences import Difference
from botlab.live.comparison.exposure import exposure_differences
from botlab.live.comparison.model_options import model_option_differences
from botlab.live.comparison.offers import offer_differences, remote_differences
from botlab.live.comparison.options import option_differences
from botlab.live.status.model import MachineStatus, ModelStatus, UnitStatus

EVERYWHERE = {"expose-to-cidrs": ["0.0.0.0/0", "::/0"]}


def _result(differences: Iterable[Difference]) -> tuple[list[str], list[str]]:
    entries = list(differences)
    commands = {command.text(): None for entry in entries for command in entry.commands}
    return [str(entry.delta) for entry in entries], list(commands)


class TestBindings:
    """The spaces of endpoints."""

    def _compare(
        self, bindings: dict[str, str], current: dict[str, str], juju: Juju = Juju.V3_6
    ) -> tuple[list[str], list[str]]:
        application = Application(bindings=bindings)
        details = {"endpoint-bindings": current}
        return _result(binding_differences("web", application, details, juju))

    def test_bundle_without_bindings_leaves_the_choice_to_juju(self) -> None:
        assert self._compare({}, {"": "lab", "db": "storage"}) == ([], [])

    def test_default_counts_for_all_endpoints_that_the_bundle_does_not_name(self) -> None:
        bindings = {"": "lab", "db": "storage"}
        assert self._compare(bindings, {"": "lab", "db": "storage", "web": "lab"}) == ([], [])
        assert self._compare(bindings, {"": "alpha", "db": "storage", "web": "alpha"}) == (
            ["application web: bindings (default)=alpha web=alpha -> (default)=lab web=lab"],
            ["juju bind web lab web=lab"],
        )

    def test_endpoint_of_another_space_is_bound(self) -> None:
        assert self._compare({"db": "storage"}, {"": "lab", "db": "lab"}) == (
            ["application web: bindings db=lab -> db=storage"],
            ["juju bind web db=storage"],
        )

    def test_juju_2_6_cannot_change_bindings(self) -> None:
        deltas, commands = self._compare({"db": "storage"}, {"db": "lab"}, Juju.V2_6)
        assert (len(deltas), commands) == (1, [])


class TestConstraints:
    """The constraints of applications."""

    def _compare(self, constraints: str, current: dict[str, Any]) -> tuple[list[str], list[str]]:
        status = ModelStatus(
            "lab",
            machines={"0": MachineStatus("0", hardware={"arch": "amd64"})},
            units={"web/0": UnitStatus("web/0", "web", machine="0")},
        )
        application = Application(constraints=constraints)
        details = {"constraints": current}
        return _result(constraint_differences("web", application, details, status))

    def test_same_amount_in_another_unit_does_not_differ(self) -> None:
        assert self._compare("mem=4G cores=2", {"cores": 2, "mem": 4096}) == ([], [])

    def test_architecture_that_juju_sets_by_itself_does_not_differ(self) -> None:
        assert self._compare("", {"arch": "amd64"}) == ([], [])
        assert self._compare("", {"arch": "arm64"}) == (
            ["application web: constraints arch=arm64 -> (none)"],
            ["juju set-constraints web"],
        )

    def test_lists_are_compared_and_printed(self) -> None:
        assert self._compare("tags=a,b", {"tags": ["a"]}) == (
            ["application web: constraints tags=a -> tags=a,b"],
            ["juju set-constraints web tags=a,b"],
        )


class TestExposure:
    """The exposure of single endpoints."""

    def _compare(
        self, application: Application, endpoints: dict[str, Any] | None
    ) -> tuple[list[str], list[str]]:
        details = {"exposed": bool(endpoints), "exposed-endpoints": endpoints or {}}
        return _result(
            exposure_differences(
                "web", application, details, is_exposed=bool(endpoints), juju=Juju.V3_6
            )
        )

    def test_exposure_of_all_endpoints_has_two_forms(self) -> None:
        assert self._compare(Application(expose=True), {"": EVERYWHERE}) == ([], [])
        explicit = {"": Exposure(cidrs=["::/0", "0.0.0.0/0"])}
        assert self._compare(Application(exposed_endpoints=explicit), {"": EVERYWHERE}) == ([], [])

    def test_single_endpoint_replaces_the_exposure_of_all(self) -> None:
        endpoints = {"site": Exposure(["lab"], ["10.0.0.0/8"])}
        application = Application(exposed_endpoints=endpoints)
        assert self._compare(application, {"": EVERYWHERE}) == (
            ["application web: expose true -> site to lab, 10.0.0.0/8"],
            [
                "juju unexpose web",
                "juju expose web --endpoints site --to-spaces lab --to-cidrs 10.0.0.0/8",
            ],
        )

    def test_surplus_endpoint_alone_is_unexposed(self) -> None:
        application = Application(exposed_endpoints={"site": Exposure()})
        current = {"site": EVERYWHERE, "admin": EVERYWHERE}
        assert self._compare(application, current)[1] == ["juju unexpose web --endpoints admin"]


class TestOffers:
    """Offers of the model, and offers that it consumes."""

    BUNDLE = Bundle(
        applications={"store": Application(offers={"sql": Offer(["db", "admin"])})},
        saas={"remote": "ctrl:admin/other.remote"},
    )
    OFFER = {"application": "store", "endpoints": {"admin": {}, "db": {}}}

    def test_same_offers_do_not_differ(self) -> None:
        document = {"offers": {"sql": self.OFFER}, "application-endpoints": {"remote": {}}}
        assert list(offer_differences(self.BUNDLE, document)) == []
        assert list(remote_differences(self.BUNDLE, document)) == []

    def test_missing_offers_are_made_and_consumed(self) -> None:
        assert _result(offer_differences(self.BUNDLE, {})) == (
            ["offer sql"],
            ["juju offer store:admin,db sql"],
        )
        assert _result(remote_differences(self.BUNDLE, {})) == (
            ["saas remote"],
            ["juju consume ctrl:admin/other.remote remote"],
        )

    def test_surplus_offers_are_removed(self) -> None:
        document = {"offers": {"sql": self.OFFER}, "application-endpoints": {"remote": {}}}
        assert _result(offer_differences(Bundle(), document)) == (
            ["offer sql"],
            ["juju remove-offer sql"],
        )
        assert _result(remote_differences(Bundle(), document)) == (
            ["saas remote"],
            ["juju remove-saas remote"],
        )


class TestOptions:
    """Values that Juju converts to the type of the option."""

    @pytest.mark.parametrize(
        ("desired", "current"),
        [
            (5, 5),
            ("5", 5),
            (5, 5.0),
            (True, True),
            ("True", True),
            (0.5, 0.5),
            ("text", "text"),
            ("", None),
        ],
    )
    def test_same_value_in_another_form_does_not_differ(
        self, desired: object, current: object
    ) -> None:
        settings = {"size": {"value": current, "source": "user"}}
        application = Application(options={"size": desired})
        assert list(option_differences("web", application, settings)) == []

    @pytest.mark.parametrize(
        "setting",
        [
            {"value": 3, "default": 3, "source": "user"},
            {"value": 3, "default": 3, "source": "default"},
            {"value": "", "source": "user"},
            {"source": "unset"},
        ],
    )
    def test_default_that_somebody_set_is_not_reset(self, setting: dict[str, Any]) -> None:
        assert list(option_differences("web", Application(), {"size": setting})) == []

    def test_false_is_another_value_than_an_empty_text(self) -> None:
        settings = {"fast": {"value": False, "default": True, "source": "user"}}
        assert _result(option_differences("web", Application(), settings)) == (
            ["application web: options.fast false -> true"],
            ["juju config web --reset fast"],
        )


class TestModelOptions:
    """The options of the model that a proxy needs."""

    def test_list_may_have_more_entries_in_the_model(self) -> None:
        desired = {"juju-http-proxy": "http://10.0.0.1:3128", "juju-no-proxy": "a,b"}
        document = {
            "juju-http-proxy": {"Value": "http://10.0.0.1:3128", "Source": "model"},
            "juju-no-proxy": {"Value": "b,controller,a", "Source": "model"},
        }
        assert list(model_option_differences(desired, document)) == []

    def test_entries_of_the_model_are_kept(self) -> None:
        document = {"juju-no-proxy": {"Value": "controller", "Source": "model"}}
        assert _result(model_option_differences({"juju-no-proxy": "a,b"}, document)) == (
            ["model config: juju-no-proxy controller -> a,b,controller"],
            ["juju model-config juju-no-proxy=a,b,controller"],
        )

    def test_password_is_neither_shown_nor_an_argument(self) -> None:
        desired = {"juju-http-proxy": "http://user:hunter2@10.0.0.1:3128"}
        (difference,) = model_option_differences(desired, {})
        assert "hunter2" not in str(difference)
        assert difference.commands == ()
        assert difference.advice == (
            "it contains a password; run the command that botlab render prints"
        )
