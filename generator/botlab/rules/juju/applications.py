"""Juju's rules about each application: charm, series, constraints, resources, exposure."""

from __future__ import annotations

import ipaddress
import os.path
from pathlib import Path as FilePath

from ...bundle.bases import is_base
from ...bundle.charm_url import SERIES, CharmUrl, CharmUrlError, is_local_path, parse_charm_url
from ...bundle.constraints import constraint_error
from ...bundle.directives import DEVICE_NAME, STORAGE_NAME, device_error, storage_error
from ...bundle.go_text import quote
from ...bundle.model import Application
from ...bundle.relation import APPLICATION_NAME, RELATION_NAME
from ...findings import KeyPath
from ...juju import Juju
from .bundle import KUBERNETES
from .placements import check_placements
from .report import Report


def check_applications(report: Report) -> None:
    """Check every application, in the bundle's order."""
    if not report.bundle.applications:
        report.add("J013", ("applications",), "at least one application must be specified")
        return
    for name, application in report.bundle.applications.items():
        path: KeyPath = ("applications", name)
        if application is None:
            text = f"bundle application for key {quote(name)} is undefined"
            report.add("J014", path, text)
            continue
        _check_one(report, name, application, path)


def _check_one(report: Report, name: str, application: Application, path: KeyPath) -> None:
    if name in report.bundle.saas:
        text = f"SAAS {quote(name)} already exists with application {quote(name)} name"
        report.add("J042", path, text)
    url = _check_charm(report, name, application, path)
    if url is not None:
        _check_revision(report, name, application, url, path)
    _check_series(report, name, application, path)
    _check_constraints(report, name, application, path)
    _check_storage(report, name, application, path)
    _check_offers(report, name, application, path)
    _check_resources(report, name, application, path)
    if application.num_units < 0:
        text = f"negative number of units specified on application {quote(name)}"
        report.add("J040", (*path, "num_units"), text)
    check_placements(report, name, application, path)
    _check_exposure(report, name, application, path)


def _check_charm(
    report: Report, name: str, application: Application, path: KeyPath
) -> CharmUrl | None:
    charm, at = application.charm, (*path, "charm")
    if not charm:
        report.add("J030", at, "empty charm path")
    if is_local_path(charm):
        where = os.path.normpath(os.path.join(report.bundle.directory, charm))  # noqa: PTH118 - joined as Go's filepath.Join does
        if not FilePath(where).exists():
            text = f"charm path in application {quote(name)} does not exist: {where}"
            report.add("J031", at, text)
        return None
    try:
        url = parse_charm_url(charm, report.juju)
    except CharmUrlError as error:
        report.add("J032", at, f"invalid charm URL in application {quote(name)}: {error}")
        return None
    if url.series and application.series and url.series != application.series:
        text = (
            f"the charm URL for application {quote(name)} has a series which does not match,"
            " please remove the series from the URL"
        )
        report.add("J033", (*path, "series"), text)
    return url


def _check_revision(
    report: Report, name: str, application: Application, url: CharmUrl, path: KeyPath
) -> None:
    if report.juju < Juju.V2_9:
        return
    at, shown = (*path, "revision"), quote(name)
    if url.schema == "ch" and url.revision != -1:
        text = f"cannot specify revision in {quote(str(url))}, please use revision"
        report.add("J034", (*path, "charm"), text)
    revision = application.revision
    if revision is None:
        return
    if url.schema == "cs" and url.revision not in (-1, revision):
        text = f"application {shown} has 2 different revisions specified, please choose 1"
        report.add("J034", at, text)
    if url.schema == "ch" and not application.channel:
        text = (
            f"application {shown} with a revision requires a channel for future upgrades,"
            " please use channel"
        )
        report.add("J034", at, text)
    if revision < 0:
        report.add("J035", at, f"the revision for application {shown} must be zero or greater")


def _check_series(report: Report, name: str, application: Application, path: KeyPath) -> None:
    series, shown = application.series, quote(name)
    invalid = f"application {shown} declares an invalid series {quote(series)}"
    kubernetes_2_6 = report.juju < Juju.V2_9 and report.bundle.type == KUBERNETES
    if kubernetes_2_6 and series not in ("", KUBERNETES):
        text = f"series for application {shown} not valid for Kubernetes bundles"
        report.add("J015", (*path, "series"), text)
    judged = series and not kubernetes_2_6 and report.juju < Juju.V4_0
    if judged and not SERIES.fullmatch(series):
        report.add("J011", (*path, "series"), invalid)
    if application.base and not is_base(application.base):
        text = f"application {shown} declares an invalid base {quote(application.base)}"
        report.add("J012", (*path, "base"), text)


def _check_constraints(report: Report, name: str, application: Application, path: KeyPath) -> None:
    problem = constraint_error(application.constraints, report.juju)
    if problem:
        text = f"invalid constraints {quote(application.constraints)} in application {quote(name)}"
        report.add("J022", (*path, "constraints"), f"{text}: {problem}")


def _check_storage(report: Report, name: str, application: Application, path: KeyPath) -> None:
    shown = quote(name)
    for key, text in application.storage.items():
        at = (*path, "storage", key)
        if not STORAGE_NAME.fullmatch(key):
            report.add("J036", at, f"invalid storage name {quote(key)} in application {shown}")
        problem = storage_error(text, report.juju)
        if problem:
            said = f"invalid storage {quote(key)} in application {shown}: {problem}"
            report.add("J036", at, said)
    for key, text in application.devices.items():
        at = (*path, "devices", key)
        if not DEVICE_NAME.fullmatch(key):
            report.add("J037", at, f"invalid device name {quote(key)} in application {shown}")
        problem = device_error(text)
        if problem:
            said = f"invalid device {quote(key)} in application {shown}: {problem}"
            report.add("J037", at, said)


def _check_offers(report: Report, name: str, application: Application, path: KeyPath) -> None:
    for key, offer in application.offers.items():
        at = (*path, "offers", key)
        if not APPLICATION_NAME.fullmatch(key):
            text = f"invalid offer name {quote(key)} in application {quote(name)}"
            report.add("J038", at, text)
        for endpoint in offer.endpoints if offer else ():
            if not RELATION_NAME.fullmatch(endpoint):
                said = f"invalid endpoint name {quote(endpoint)} for offer {quote(key)}"
                report.add("J038", at, f"{said} in application {quote(name)}")


def _check_resources(report: Report, name: str, application: Application, path: KeyPath) -> None:
    for key, value in application.resources.items():
        at = (*path, "resources", key)
        if not key:
            report.add("J039", at, f"missing resource name on application {quote(name)}")
        # Go's int: a number beyond 64 bits, a float or a boolean is another type.
        whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        if not whole and not isinstance(value, str):
            report.add("J039", at, f"resource revision {quote(name)} is not int or string")


def _check_exposure(report: Report, name: str, application: Application, path: KeyPath) -> None:
    at = (*path, "exposed-endpoints")
    if application.exposed_endpoints and application.expose:
        text = (
            'exposed-endpoints cannot be specified together with "exposed:true" in application'
            f" {quote(name)} as this poses a security risk when deploying bundles to older"
            " controllers"
        )
        report.add("J041", at, text)
        return
    for endpoint, exposure in application.exposed_endpoints.items():
        for cidr in exposure.cidrs:
            if not _is_cidr(cidr):
                said = f"invalid CIDR {quote(cidr)} for expose to CIDRs field"
                where = f"for endpoint {quote(endpoint)} in application {quote(name)}"
                report.add("J041", (*at, endpoint), f"{said} {where}")


def _is_cidr(text: str) -> bool:
    address, slash, bits = text.partition("/")
    try:
        ipaddress.ip_interface(text)
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return bool(slash) and bits.isascii() and bits.isdigit() and str(int(bits)) == bits
