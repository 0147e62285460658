"""Juju's rules about each application: its charm, series, constraints, storage and exposure."""

from __future__ import annotations

import ipaddress
import os

from ...bundle.bases import is_base
from ...bundle.charm_url import SERIES, CharmUrl, CharmUrlError, is_local_path, parse_charm_url
from ...bundle.constraints import constraint_error
from ...bundle.directives import DEVICE_NAME, STORAGE_NAME, device_error, storage_error
from ...bundle.go_path import join_path
from ...bundle.go_text import quote
from ...bundle.model import KUBERNETES, Application, Bundle
from ...bundle.relation import APPLICATION_NAME, RELATION_NAME
from ...findings import KeyPath
from ...juju import Juju
from .placements import check_placements
from .report import Report


def check_applications(report: Report) -> None:
    """Check all applications, in the order of the bundle."""
    if not report.bundle.applications:
        report.add("J013", ("applications",), "at least one application must be specified")
        return
    for name, application in report.bundle.applications.items():
        path: KeyPath = ("applications", name)
        if application is None and report.juju < Juju.V2_9:
            continue  # Juju 2.6 has crashed before.
        if application is None:
            report.add("J014", path, f"bundle application for key {quote(name)} is undefined")
        else:
            _check_application(report, name, application, path)


def _check_application(report: Report, name: str, application: Application, path: KeyPath) -> None:
    if name in report.bundle.saas:
        message = f"SAAS {quote(name)} already exists with application {quote(name)} name"
        report.add("J042", path, message)
    url = _check_charm(report, name, application, path)
    if url is not None and report.juju >= Juju.V2_9:
        _check_revision(report, name, application, url, path)
    _check_series(report, name, application, path)
    _check_constraints(report, name, application, path)
    _check_storage(report, name, application, path)
    _check_devices(report, name, application, path)
    _check_offers(report, name, application, path)
    _check_resources(report, name, application, path)
    if application.num_units < 0:
        message = f"negative number of units specified on application {quote(name)}"
        report.add("J040", (*path, "num_units"), message)
    check_placements(report, name, application, path)
    _check_exposure(report, name, application, path)


def absolute_charm(bundle: Bundle, charm: str) -> str:
    """Return a charm's absolute path, if the charm is a path, as Go's filepath.Join makes it."""
    if not is_local_path(charm):
        return charm
    return join_path(bundle.directory, charm)


def _check_charm(
    report: Report, name: str, application: Application, path: KeyPath
) -> CharmUrl | None:
    charm, charm_path = application.charm, (*path, "charm")
    if not charm:
        report.add("J030", charm_path, "empty charm path")
    if is_local_path(charm):
        file = absolute_charm(report.bundle, charm)
        problem = _charm_path_error(name, file)
        if problem:
            report.add("J031", charm_path, problem)
        return None
    try:
        url = parse_charm_url(charm, report.juju)
    except CharmUrlError as error:
        message = f"invalid charm URL in application {quote(name)}: {error}"
        report.add("J032", charm_path, message)
        return None
    series = application.series
    is_checked = report.juju < Juju.V4_0 and url.series and series
    if is_checked and url.series != series:
        message = (
            f"the charm URL for application {quote(name)} has a series which does not match,"
            " please remove the series from the URL"
        )
        report.add("J033", (*path, "series"), message)
    return url


def _charm_path_error(name: str, file: str) -> str:
    """Return Juju's message for a path of a charm that ``os.Stat`` refuses; empty for others."""
    try:
        os.stat(file)  # noqa: PTH116 - a path of any length gives an OSError
    except FileNotFoundError:
        return f"charm path in application {quote(name)} does not exist: {file}"
    except OSError as error:
        reason = (error.strerror or "").lower()
    except ValueError:  # a null character in the path
        reason = "invalid argument"
    else:
        return ""
    return f"invalid charm path in application {quote(name)}: stat {file}: {reason}"


def _check_revision(
    report: Report, name: str, application: Application, url: CharmUrl, path: KeyPath
) -> None:
    revision_path = (*path, "revision")
    if url.schema == "ch" and url.revision != -1:
        message = f"cannot specify revision in {quote(str(url))}, please use revision"
        report.add("J034", (*path, "charm"), message)
    revision = application.revision
    if revision is None:
        return
    if url.schema == "cs" and url.revision not in (-1, revision):
        message = f"application {quote(name)} has 2 different revisions specified, please choose 1"
        report.add("J034", revision_path, message)
    if url.schema == "ch" and not application.channel:
        message = (
            f"application {quote(name)} with a revision requires a channel for future upgrades,"
            " please use channel"
        )
        report.add("J034", revision_path, message)
    if revision < 0:
        message = f"the revision for application {quote(name)} must be zero or greater"
        report.add("J035", revision_path, message)


def _check_series(report: Report, name: str, application: Application, path: KeyPath) -> None:
    series = application.series
    is_kubernetes_2_6 = report.juju < Juju.V2_9 and report.bundle.type == KUBERNETES
    if is_kubernetes_2_6 and series not in ("", KUBERNETES):
        message = f"series for application {quote(name)} not valid for Kubernetes bundles"
        report.add("J015", (*path, "series"), message)
    is_checked = series and not is_kubernetes_2_6 and report.juju < Juju.V4_0
    if is_checked and not SERIES.fullmatch(series):
        message = f"application {quote(name)} declares an invalid series {quote(series)}"
        report.add("J011", (*path, "series"), message)
    if application.base and not is_base(application.base, report.juju):
        message = f"application {quote(name)} declares an invalid base {quote(application.base)}"
        report.add("J012", (*path, "base"), message)


def _check_constraints(report: Report, name: str, application: Application, path: KeyPath) -> None:
    problem = constraint_error(application.constraints, report.juju, in_base=report.in_base)
    if problem:
        message = (
            f"invalid constraints {quote(application.constraints)} in application {quote(name)}:"
            f" {problem}"
        )
        report.add("J022", (*path, "constraints"), message)


def _check_storage(report: Report, name: str, application: Application, path: KeyPath) -> None:
    for key, directive in application.storage.items():
        key_path = (*path, "storage", key)
        if not STORAGE_NAME.fullmatch(key):
            message = f"invalid storage name {quote(key)} in application {quote(name)}"
            report.add("J036", key_path, message)
        problem = storage_error(directive, report.juju)
        if problem:
            message = f"invalid storage {quote(key)} in application {quote(name)}: {problem}"
            report.add("J036", key_path, message)


def _check_devices(report: Report, name: str, application: Application, path: KeyPath) -> None:
    for key, directive in application.devices.items():
        key_path = (*path, "devices", key)
        if not DEVICE_NAME.fullmatch(key):
            message = f"invalid device name {quote(key)} in application {quote(name)}"
            report.add("J037", key_path, message)
        problem = device_error(directive)
        if problem:
            message = f"invalid device {quote(key)} in application {quote(name)}: {problem}"
            report.add("J037", key_path, message)


def _check_offers(report: Report, name: str, application: Application, path: KeyPath) -> None:
    for key, offer in application.offers.items():
        key_path = (*path, "offers", key)
        if not APPLICATION_NAME.fullmatch(key):
            message = f"invalid offer name {quote(key)} in application {quote(name)}"
            report.add("J038", key_path, message)
        for endpoint in offer.endpoints if offer else ():
            if not RELATION_NAME.fullmatch(endpoint):
                message = f"invalid endpoint name {quote(endpoint)} for offer {quote(key)}"
                report.add("J038", key_path, f"{message} in application {quote(name)}")


def _check_resources(report: Report, name: str, application: Application, path: KeyPath) -> None:
    for key, source in application.resources.items():
        key_path = (*path, "resources", key)
        if not key:
            message = f"missing resource name on application {quote(name)}"
            report.add("J039", key_path, message)
        # Go's int has 64 bits. Floats and booleans have other types.
        is_int = isinstance(source, int) and not isinstance(source, bool) and abs(source) < 2**63
        if not is_int and not isinstance(source, str):
            report.add("J039", key_path, f"resource revision {quote(name)} is not int or string")


def _check_exposure(report: Report, name: str, application: Application, path: KeyPath) -> None:
    endpoints_path = (*path, "exposed-endpoints")
    if application.exposed_endpoints and application.expose:
        message = (
            'exposed-endpoints cannot be specified together with "exposed:true" in application'
            f" {quote(name)} as this poses a security risk when deploying bundles to older"
            " controllers"
        )
        report.add("J041", endpoints_path, message)
        return
    for endpoint, exposure in application.exposed_endpoints.items():
        for cidr in exposure.cidrs:
            if not _is_cidr(cidr):
                message = (
                    f"invalid CIDR {quote(cidr)} for expose to CIDRs field for endpoint"
                    f" {quote(endpoint)} in application {quote(name)}"
                )
                report.add("J041", (*endpoints_path, endpoint), message)


def _is_cidr(text: str) -> bool:
    """Return whether Go's net.ParseCIDR accepts a text."""
    address, _, bits = text.partition("/")
    try:
        size = ipaddress.ip_address(address).max_prefixlen
    except ValueError:
        return False
    is_number = bits.isascii() and bits.isdigit() and "%" not in address
    return is_number and int(bits[:9]) <= size
