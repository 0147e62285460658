"""Objects of every release are made to fit a site, and nothing of upstream's secrets is left."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
import yaml

from helpers.kubeflow import generated
from helpers.kubeflow.generated import SHIPPED_COOKIE, SHIPPED_HASH, SHIPPED_SECRET, SHIPPED_USER
from kubeflow_installer.releases import inventory
from kubeflow_installer.transform import identity, normalize
from kubeflow_installer.transform.normalize import decoded, quantity
from kubeflow_installer.transform.transform import (
    SETTINGS,
    Fitting,
    Toleration,
    fit,
    images_of,
    placed,
)

Object = dict[str, Any]
REGISTRY = "reg.lab:5000/mirror"
USER = "me@lab.example"
HASH = "$2b$10$" + "ours" * 13 + "o"
PLAIN = Fitting("", "none", (), USER, HASH, "")
SITE = Fitting(
    REGISTRY, "amd.com/gpu", (Toleration("gpu", "yes", "NoSchedule"),), USER, HASH, "kf.lab"
)
RELEASES = (
    "0.6.2", "0.7.1", "1.0.2", "1.2.0", "1.7.0", "1.8.1", "1.9.1", "1.10.2", "1.11.0", "26.03",
)  # fmt: skip
WITHOUT_TOLERATIONS = RELEASES[:3]


def one(kind: str, name: str, namespace: str = "kubeflow", api: str = "v1", **more: Any) -> Object:
    """Return an object."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def config(name: str, namespace: str = "kubeflow", **data: str) -> Object:
    """Return a ConfigMap."""
    return one("ConfigMap", name, namespace, data=data)


def pods(kind: str, name: str, container: Object, namespace: str = "kubeflow") -> Object:
    """Return a workload with one container."""
    spec = {"template": {"spec": {"containers": [{"name": "main", **container}]}}}
    return one(kind, name, namespace, "apps/v1", spec=spec)


def container_of(found: Object) -> Object:
    """Return a workload's container."""
    return dict(found["spec"]["template"]["spec"]["containers"][0])


def texts(found: Any) -> str:
    """Return everything that an object holds, Secrets decoded."""
    data = (found.get("data") or {}) if found["kind"] == "Secret" else {}
    return json.dumps(found) + " ".join(decoded(value) for value in data.values())


# Of all objects of a release.


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("fitting", [PLAIN, SITE], ids=["plain", "site"])
def test_fitting_again_changes_nothing(release: str, fitting: Fitting) -> None:
    """And what is given stays as it is."""
    objects = generated.objects(release)
    before = copy.deepcopy(objects)
    fitted = [fit(found, fitting) for found in objects]

    assert objects == before
    assert [fit(found, fitting) for found in fitted] == fitted
    assert [fit(found, fitting) for found in json.loads(json.dumps(fitted))] == fitted


@pytest.mark.parametrize("release", RELEASES)
def test_no_secret_of_upstreams_is_left(release: str) -> None:
    """Neither hash, nor user, nor what clients and cookies are signed with."""
    fitted = [fit(found, SITE) for found in generated.objects(release)]
    left = [
        (found["kind"], found["metadata"]["name"], word)
        for found in fitted
        for word in (SHIPPED_HASH, SHIPPED_USER, SHIPPED_SECRET, SHIPPED_COOKIE,
                     "admin@kubeflow.org")
        if word in texts(found)
    ]  # fmt: skip

    assert left == []
    assert any(HASH in texts(found) for found in fitted)
    assert any(USER in texts(found) for found in fitted)


@pytest.mark.parametrize("release", RELEASES)
def test_no_image_is_left_without_the_registry(release: str) -> None:
    """Wherever it stands; no two become one."""
    objects = generated.objects(release)
    fitted = [fit(found, SITE) for found in objects]
    images = images_of(objects)

    assert images_of(fitted) == sorted(placed(image, REGISTRY) for image in images)
    # Each workload has one, so all of the inventory are there that there are workloads for.
    shown = [container_of(found)["image"] for found in objects if found["apiVersion"] == "apps/v1"]
    assert set(shown) <= set(images)
    assert {"busybox:1.36", "quay.io/helpers/helper:v1", "kserve/agent:v0.1.2"} <= set(images)
    hosts = re.compile(r"(?<![\w./-])(docker\.io|gcr\.io|ghcr\.io|quay\.io)/")
    assert [found["metadata"]["name"] for found in fitted if hosts.search(json.dumps(found))] == []


@pytest.mark.parametrize("release", RELEASES)
def test_without_wishes_just_what_must_be_is_changed(release: str) -> None:
    """What needs nothing comes back as the very object."""
    objects = generated.objects(release)
    changed = {
        (found["kind"], found["metadata"]["name"])
        for found in objects
        if fit(found, PLAIN) is not found
    }
    kinds = {kind for kind, _ in changed}

    # Quantities; nulls; place for certificates; collected rules; plain text of Secrets.
    expected = {
        "Deployment", "StatefulSet", "DaemonSet", "PersistentVolumeClaim", "ConfigMap",
        "CustomResourceDefinition", "MutatingWebhookConfiguration", "ClusterRole", "Secret",
        "ValidatingWebhookConfiguration", "Service", "Gateway", "Profile",
    }  # fmt: skip
    assert kinds <= expected
    assert {name for kind, name in changed if kind == "Service"} == {"istio-ingressgateway"}
    names = {name for kind, name in changed if kind == "ConfigMap"}
    assert names <= {"dex", "dex-parameters", "default-install-config-9h2h2b6hbk"}
    roles = [found for found in objects if found["kind"] == "ClusterRole"]
    assert len([name for kind, name in changed if kind == "ClusterRole"]) == len(roles) // 10


def test_without_a_hash_nothing_is_fitted() -> None:
    """Upstream's password must not get through by a mistake."""
    with pytest.raises(ValueError, match="never with upstream's"):
        fit(config("any"), PLAIN._replace(password_hash=""))


# Images.


@pytest.mark.parametrize(
    ("image", "path"),
    [
        ("docker.io/istio/pilot:1.1.6", "istio/pilot:1.1.6"),
        ("argoproj/argoui:v2.3.0", "argoproj/argoui:v2.3.0"),
        ("busybox", "library/busybox"),
        ("mysql:8.0.29", "library/mysql:8.0.29"),
        ("docker.io/ubuntu:xenial", "library/ubuntu:xenial"),
        ("registry.k8s.io/busybox", "busybox"),
        ("localhost/a/b:1", "a/b:1"),
        ("localhost:5000/a:1", "a:1"),
        ("public.ecr.aws/docker/library/python:3.12", "docker/library/python:3.12"),
        (f"gcr.io/knative-releases/cmd/queue@sha256:{'0a' * 32}",
         f"knative-releases/cmd/queue@sha256:{'0a' * 32}"),
        (f"gcr.io/a/b:v1@sha256:{'0a' * 32}", f"a/b:v1@sha256:{'0a' * 32}"),
    ],
)  # fmt: skip
def test_an_image_keeps_its_own_path(image: str, path: str) -> None:
    """It is asked for under the registry, tag and digest as they were."""
    assert placed(image, REGISTRY) == f"{REGISTRY}/{path}"
    assert placed(image, REGISTRY + "/") == f"{REGISTRY}/{path}"
    assert placed(f"{REGISTRY}/{path}", REGISTRY) == f"{REGISTRY}/{path}"
    assert placed(image, "") == image


@pytest.mark.parametrize(
    "found",
    [
        pods("Deployment", "x", {"image": "IMAGE"}),
        pods("Job", "x", {"image": "IMAGE"}),
        one("Pod", "x", spec={"initContainers": [{"name": "a", "image": "IMAGE"}]}),
        one("CronJob", "x", api="batch/v1beta1", spec={"jobTemplate": {"spec": {"template": {
            "spec": {"containers": [{"image": "IMAGE"}]}}}}}),
        one("Image", "queue-proxy", api="caching.internal.knative.dev/v1alpha1",
            spec={"image": "IMAGE"}),
        one("ClusterTrainingRuntime", "x", api="trainer.kubeflow.org/v1alpha1",
            spec={"template": {"spec": {"replicatedJobs": [{"template": {"spec": {"template": {
                "spec": {"containers": [{"image": "IMAGE"}]}}}}}]}}}),
    ],
    ids=lambda found: found["kind"],
)  # fmt: skip
@pytest.mark.parametrize("image", ["busybox", "mysql:8", "quay.io/a/b:v1", "a/b"])
def test_the_images_of_kinds(found: Object, image: str) -> None:
    """A key `image` is one, even where it is a bare word."""
    found = json.loads(json.dumps(found).replace("IMAGE", image))
    text = json.dumps(fit(found, SITE))

    assert json.dumps(placed(image, REGISTRY)) in text
    assert images_of([found]) == [image]
    assert images_of([fit(found, SITE)]) == [placed(image, REGISTRY)]


@pytest.mark.parametrize("image", ["", "auto", "$(REGISTRY)/a:1", "{{ .Values.hub }}/a"])
def test_what_is_filled_in_later_stays(image: str) -> None:
    """Istio fills in `auto`, and variables are the container's."""
    found = pods("Deployment", "x", {"image": image})

    assert container_of(fit(found, SITE))["image"] == image
    assert images_of([found]) == []


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        ("--acme-solver-image=quay.io/jetstack/s:v1", "--acme-solver-image=R/jetstack/s:v1"),
        ("--init-image=alpine:3.10", "--init-image=R/library/alpine:3.10"),
        ("--image-pull-policy=Always", "--image-pull-policy=Always"),
        ("--url=https://quay.io/a/b", "--url=https://quay.io/a/b"),
        ("run gcr.io/a/b:v1 and quit", "run R/a/b:v1 and quit"),
        ("--port=8080:8080", "--port=8080:8080"),
        ("--name=a/b:c", "--name=a/b:c"),
        ("--image=", "--image="),
    ],
)  # fmt: skip
def test_images_in_arguments(word: str, changed: str) -> None:
    """By the flag's name, or by a public registry's."""
    found = pods("Deployment", "x", {"image": "a/b", "args": [word]})

    assert container_of(fit(found, SITE))["args"] == [changed.replace("R/", REGISTRY + "/")]


def test_an_image_after_its_flag() -> None:
    """As argo's controller has it."""
    words = ["--configmap", "a/b:c", "--executor-image", "argoproj/argoexec:v2", "--image", "-x"]
    found = pods("Deployment", "x", {"image": "a/b", "command": words})

    assert container_of(fit(found, SITE))["command"] == [
        "--configmap", "a/b:c", "--executor-image", f"{REGISTRY}/argoproj/argoexec:v2", "--image",
        "-x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("VOLUME_VIEWER_IMAGE", "filebrowser/filebrowser:v2", "filebrowser/filebrowser:v2"),
        ("ENGINE_CONTAINER_IMAGE_AND_VERSION", "docker.io/seldonio/e:1", "seldonio/e:1"),
        ("RA", "gcr.io/a/b@sha256:" + "0" * 64, "a/b@sha256:" + "0" * 64),
        ("IMAGE_PULL_POLICY", "Always", ""),
        ("WITH_IMAGE", "true", ""),
        ("HOST", "ml-pipeline.kubeflow:8888", ""),
    ],
)
def test_images_in_variables(name: str, value: str, path: str) -> None:
    """By the variable's name, or by a public registry's."""
    container = {"image": "a/b", "env": [{"name": name, "value": value}, {"name": "OTHER"}]}
    found = container_of(fit(pods("Deployment", "x", container), SITE))

    assert found["env"][0]["value"] == (f"{REGISTRY}/{path}" if path else value)


TEXTS = [
    # Istio's values, up to today's.
    ("values", '{"global":{"hub":"docker.io/istio","tag":"1.2","proxy":{"image":"proxyv2"},'
               '"enableCoreDumpImage":"ubuntu:xenial"}}',
     '{"global":{"hub":"R/istio","tag":"1.2","proxy":{"image":"proxyv2"},'
     '"enableCoreDumpImage":"R/library/ubuntu:xenial"}}'),
    # Istio 1.1's template.
    ("config", 'image: [[ annotation `proxyImage`  "docker.io/istio/proxyv2:1.1.6"  ]]',
     'image: [[ annotation `proxyImage`  "R/istio/proxyv2:1.1.6"  ]]'),
    ("config", 'image: "{{ annotation .ObjectMeta `proxyImage` .Values.global.hub }}"\n', ""),
    # kserve's, and what it was before.
    ("agent", '{\n  "image" : "kserve/agent:v0.15.0",\n  "memory": "100Mi"\n}',
     '{\n  "image" : "R/kserve/agent:v0.15.0",\n  "memory": "100Mi"\n}'),
    ("predictors", '{"sklearn": {"image": "gcr.io/kfserving/sklearnserver", "v": "v0.2"}}',
     '{"sklearn": {"image": "R/kfserving/sklearnserver", "v": "v0.2"}}'),
    # katib's.
    ("katib-config.yaml", "init:\n  - algorithm: tpe\n    image: docker.io/kubeflowkatib/s:v1\n",
     "init:\n  - algorithm: tpe\n    image: R/kubeflowkatib/s:v1\n"),
    # argo's, of releases by kfctl.
    ("config", "{\nexecutorImage: argoproj/argoexec:v2.3.0,\nartifactRepository: {}\n}",
     "{\nexecutorImage: R/argoproj/argoexec:v2.3.0,\nartifactRepository: {}\n}"),
    # The pipelines' program for namespaces.
    ("sync.py", 'image=os.environ.get("FRONTEND_IMAGE", "ghcr.io/kubeflow/kfp-frontend")\n',
     'image=os.environ.get("FRONTEND_IMAGE", "R/kubeflow/kfp-frontend")\n'),
    ("registry", "gcr.io/kfserving", "R/kfserving"),
    # Whole values.
    ("TENSORBOARD_IMAGE", "tensorflow/tensorflow:2.5.1", "R/tensorflow/tensorflow:2.5.1"),
    ("queue-sidecar-image", "gcr.io/knative/queue@sha256:" + "a" * 64,
     "R/knative/queue@sha256:" + "a" * 64),
    ("cacheImage", "registry.k8s.io/busybox", "R/busybox"),
    ("pytorchDefaultImage", "null", ""),
    # What only looks like one.
    ("note", "see https://quay.io/repository/a/b and https://github.com/a/b:c", ""),
    ("hosts", "minio-service.kubeflow:9000/bucket:x", ""),
    ("form", "image:\n  value: ''\n  options: []\n", ""),
    ("policy", "imagePullPolicy: Always\nimagePullSecrets: a/b:c\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("key", "text", "changed"), TEXTS)
@pytest.mark.parametrize("registry", [REGISTRY, "quay.io/ours", "reg.lab/gcr.io"])
def test_images_in_settings(key: str, text: str, changed: str, registry: str) -> None:
    """JSON, YAML, templates and programs, as upstream has them in ConfigMaps."""
    found = config("any", **{key: text})
    fitted = fit(found, SITE._replace(registry=registry))

    assert fitted["data"][key] == (changed or text).replace("R/", registry + "/")
    assert fit(fitted, SITE._replace(registry=registry)) == fitted
    if not changed:
        assert fitted is found


def test_definitions_and_secrets_name_no_images() -> None:
    """Their descriptions and values may look like it."""
    schema = {"description": "such as gcr.io/a/b:v1", "image": "quay.io/c/d"}
    definition = one("CustomResourceDefinition", "x", spec={"versions": [{"schema": schema}]})
    secret = one("Secret", "x", data={"image": "cXVheS5pby9hL2I="})

    assert images_of([definition, secret]) == []
    assert fit(definition, SITE) is definition
    assert fit(secret, SITE) is secret


PIPELINES = "gcr.io/ml-pipeline/api-server:2.0.5"


def test_what_programs_have_built_in_is_told_to_them() -> None:
    """Pipelines up to 2.3 name their driver and launcher nowhere but in the program."""
    found = pods("Deployment", "ml-pipeline", {"image": PIPELINES, "env": [{"name": "A"}]})
    told = container_of(fit(found, SITE))["env"]

    assert [one["name"] for one in told] == ["A", "V2_DRIVER_IMAGE", "V2_LAUNCHER_IMAGE"]
    assert told[1]["value"].startswith(f"{REGISTRY}/ml-pipeline/kfp-driver@sha256:8e60086b04d9")
    assert told[2]["value"].startswith(f"{REGISTRY}/ml-pipeline/kfp-launcher@sha256:80cf120abd12")
    assert [image.partition("@")[0] for image in images_of([found])] == [
        PIPELINES, "gcr.io/ml-pipeline/kfp-driver", "gcr.io/ml-pipeline/kfp-launcher",
    ]  # fmt: skip
    # Without a registry they are right as they are; where upstream tells them, it is upstream's.
    assert container_of(fit(found, PLAIN))["env"] == [{"name": "A"}]
    variables = [{"name": "V2_DRIVER_IMAGE", "value": "ghcr.io/a/driver:1"}]
    found = pods("Deployment", "ml-pipeline", {"image": PIPELINES, "env": variables})
    assert container_of(fit(found, SITE))["env"][0]["value"] == f"{REGISTRY}/a/driver:1"
    assert len(container_of(fit(found, SITE))["env"]) == 2
    found = pods("Deployment", "ml-pipeline", {"image": "ghcr.io/kubeflow/kfp-api-server:2.5.0"})
    assert "env" not in container_of(fit(found, SITE))


@pytest.mark.parametrize("tag", ["v1-5a5f92d", "v1-855e096"])
def test_the_training_operators_helpers(tag: str) -> None:
    """They are flags there."""
    image = f"kubeflow/training-operator:{tag}"
    found = pods("Deployment", "training-operator", {"image": image})

    assert container_of(fit(found, SITE))["args"] == [
        f"--pytorch-init-container-image={REGISTRY}/library/alpine:3.10",
        f"--mpi-kubectl-delivery-image={REGISTRY}/mpioperator/kubectl-delivery:latest",
    ]
    assert images_of([found]) == ["alpine:3.10", image, "mpioperator/kubectl-delivery:latest"]
    assert images_of([fit(found, SITE)]) == sorted(
        placed(one, REGISTRY) for one in images_of([found])
    )


def test_a_name_whose_tag_a_program_adds() -> None:
    """It is listed once, with the tag that a pod has."""
    program = config("code", **{"sync.py": 'get("X", "ghcr.io/kubeflow/kfp-frontend")'})
    pod = pods("Deployment", "ml-pipeline-ui", {"image": "ghcr.io/kubeflow/kfp-frontend:2.5.0"})

    assert images_of([program, pod]) == ["ghcr.io/kubeflow/kfp-frontend:2.5.0"]
    assert images_of([program]) == ["ghcr.io/kubeflow/kfp-frontend"]


# The way in.


def test_the_gateways_service_becomes_a_load_balancer() -> None:
    """Whatever type it has; the ports of nodes go, as they would clash."""
    ports = [{"name": "http2", "port": 80, "nodePort": 31380}, {"name": "x", "port": 15020}]
    spec = {"type": "NodePort", "ports": ports, "selector": {"istio": "ingressgateway"}}
    found = fit(one("Service", "istio-ingressgateway", "istio-system", spec=spec), SITE)

    assert found["spec"] == {
        "type": "LoadBalancer",
        "ports": [{"name": "http2", "port": 80}, {"name": "x", "port": 15020}],
        "selector": {"istio": "ingressgateway"},
    }
    for name, namespace in (("dex", "auth"), ("istio-ingressgateway", "other")):
        other = one("Service", name, namespace, spec=spec)
        assert fit(other, SITE) is other


HTTP = {"hosts": ["*"], "port": {"name": "http", "number": 80, "protocol": "HTTP"}}
FOLDER = "/etc/istio/ingressgateway-certs"


def gateway(*servers: Object, name: str = "kubeflow-gateway") -> Object:
    """Return the Gateway with these servers."""
    spec = {"selector": {"istio": "ingressgateway"}, "servers": copy.deepcopy(list(servers))}
    return one("Gateway", name, api="networking.istio.io/v1alpha3", spec=spec)


@pytest.mark.parametrize(
    ("credential", "tls"),
    [
        ("kubeflow-gateway-tls", {"credentialName": "kubeflow-gateway-tls"}),
        ("", {"serverCertificate": f"{FOLDER}/tls.crt", "privateKey": f"{FOLDER}/tls.key"}),
    ],
)
def test_https_with_http_redirected(credential: str, tls: Object) -> None:
    """By a secret that Istio reads itself, or by the files that its old releases have mounted."""
    fitted = fit(gateway(HTTP), SITE._replace(credential=credential))

    assert fitted["spec"]["servers"] == [
        {**HTTP, "tls": {"httpsRedirect": True}},
        {
            "hosts": ["*"],
            "port": {"name": "https-kubeflow", "number": 443, "protocol": "HTTPS"},
            "tls": {"mode": "SIMPLE", **tls},
        },
    ]


def test_another_way_to_the_certificate_later() -> None:
    """What was fitted for one is brought to the other: a move to another release."""
    old = fit(gateway(HTTP), SITE._replace(credential=""))

    assert fit(old, SITE) == fit(gateway(HTTP), SITE)


def test_the_gateway_of_kfctl_0_6_stays() -> None:
    """It serves dex and the rest over HTTPS already, by the same files."""
    tls = {"mode": "SIMPLE", "serverCertificate": f"{FOLDER}/tls.crt",
           "privateKey": f"{FOLDER}/tls.key"}  # fmt: skip
    servers = [
        {"hosts": ["*"], "port": {"name": name, "number": number, "protocol": "HTTPS"}, "tls": tls}
        for name, number in (("https-dex", 5556), ("https", 443))
    ]
    found = gateway(*servers)

    assert fit(found, SITE._replace(credential="")) is found


def test_other_gateways_stay() -> None:
    """Knative's are for within the cluster."""
    found = gateway(HTTP, name="cluster-local-gateway")

    assert fit(found, SITE) is found


# Who may log in.

DEX = """\
issuer: https://lab/dex
# a remark
enablePasswordDB: true
staticPasswords:
- email: user@example.com
  hash: %s
  username: user
  userID: "15841185641784"
- email: second@example.com
  hash: %s
staticClients:
- id: kubeflow
  secret: shipped
- idEnv: OIDC_CLIENT_ID
  secretEnv: OIDC_CLIENT_SECRET
""" % (SHIPPED_HASH, SHIPPED_HASH)  # noqa: UP031 - braces are YAML's


def dex(text: str, namespace: str = "auth") -> Object:
    """Return dex's settings after the fitting."""
    fitted = fit(config("dex", namespace, **{"config.yaml": text}), SITE)
    return dict(yaml.safe_load(fitted["data"]["config.yaml"]))


@pytest.mark.parametrize("namespace", ["auth", "kubeflow"])
def test_dex_has_one_user_the_sites(namespace: str) -> None:
    """With the id that upstream gives, so that a change of password keeps what the user has."""
    found = dex(DEX, namespace)

    assert found["staticPasswords"] == [
        {"email": USER, "hash": HASH, "username": "user", "userID": "15841185641784"}
    ]
    assert found["staticClients"][0]["secret"] == identity.derived(HASH, "client")
    assert found["staticClients"][1] == {
        "idEnv": "OIDC_CLIENT_ID", "secretEnv": "OIDC_CLIENT_SECRET",
    }  # fmt: skip
    assert found["issuer"] == "https://lab/dex"


def test_dex_reads_the_hash_from_its_secret() -> None:
    """From 1.9 on the hash is not in the settings."""
    found = dex(DEX.replace(f"hash: {SHIPPED_HASH}\n  username", "hashFromEnv: IT\n  username"))

    assert found["staticPasswords"] == [
        {"email": USER, "hashFromEnv": "IT", "username": "user", "userID": "15841185641784"}
    ]


def test_dex_without_a_user_gets_one() -> None:
    """Told of none, kfctl 0.6 leaves it out."""
    found = dex("issuer: x\nenablePasswordDB: true\nstaticPasswords:\n")

    assert [entry["email"] for entry in found["staticPasswords"]] == [USER]
    assert found["staticPasswords"][0]["hash"] == HASH
    assert "staticPasswords" not in dex("issuer: x\nconnectors: [ldap]\n")


@pytest.mark.parametrize("text", ["a: [", "- just\n- a list\n", "word"])
def test_what_is_no_setting_of_dex_stays(text: str) -> None:
    """It is not ours to mend."""
    found = config("dex", "auth", **{"config.yaml": text})

    assert fit(found, SITE) is found


def test_parameters_of_kfctl() -> None:
    """It keeps what it was told in ConfigMaps beside dex and its client."""
    data = {"static_email": "admin@kubeflow.org", "static_password_hash": SHIPPED_HASH,
            "application_secret": "shipped", "client_id": "ldapdexapp"}  # fmt: skip
    secret = identity.derived(HASH, "client")

    assert fit(config("dex-parameters", "auth", **data), SITE)["data"] == {
        "static_email": USER, "static_password_hash": HASH, "application_secret": secret,
        "client_id": "ldapdexapp",
    }  # fmt: skip
    variables = [{"name": "CLIENT_SECRET", "value": "shipped"}, {"name": "PORT", "value": "8080"}]
    found = pods("StatefulSet", "authservice", {"image": "a/b", "env": variables}, "istio-system")
    assert container_of(fit(found, PLAIN))["env"] == [
        {"name": "CLIENT_SECRET", "value": secret}, {"name": "PORT", "value": "8080"},
    ]  # fmt: skip


def secret_of(name: str, **data: str) -> dict[str, str]:
    """Return a Secret's values after the fitting, as what they mean."""
    fitted = fit(one("Secret", name, stringData=data, type="Opaque"), SITE)
    assert "stringData" not in fitted
    return {key: decoded(value) for key, value in fitted["data"].items()}


def test_both_sides_of_a_login_have_one_secret() -> None:
    """It is derived, so that the objects agree whenever and wherever they are fitted."""
    ours = identity.derived(HASH, "client")
    client = {"OIDC_CLIENT_SECRET": "shipped", "OIDC_CLIENT_ID": "it"}
    mine = {"CLIENT_SECRET": "mine"}
    proxy = secret_of("oauth2-proxy-h675gf55ht", **{
        "client-id": "kubeflow", "client-secret": "shipped", "cookie-secret": "shipped",
    })  # fmt: skip

    assert secret_of("dex-oidc-client", **client) == {
        "OIDC_CLIENT_SECRET": ours, "OIDC_CLIENT_ID": "it",
    }  # fmt: skip
    assert secret_of("oidc-authservice-client", **mine)["CLIENT_SECRET"] == ours
    assert proxy["client-secret"] == ours
    assert proxy["client-id"] == "kubeflow"
    # oauth2-proxy takes 16, 24 or 32 bytes.
    assert len(proxy["cookie-secret"]) == 32
    assert proxy["cookie-secret"] != ours
    assert secret_of("dex-passwords", DEX_USER_PASSWORD=SHIPPED_HASH)["DEX_USER_PASSWORD"] == HASH
    # A secret of the same key that is something else.
    assert secret_of("my-oauth2-client", **mine) == mine


def test_a_new_password_changes_every_secret_and_restarts_its_readers() -> None:
    """Sessions of before are void then."""
    after = SITE._replace(password_hash=HASH[:-1] + "x")
    found = one("Secret", "oauth2-proxy", data={"cookie-secret": "eA=="})
    program = pods("Deployment", "oauth2-proxy", {"image": "a/b"})

    assert fit(fit(found, SITE), after) == fit(found, after) != fit(found, SITE)
    assert fit(fit(program, SITE), after) == fit(program, after) != fit(program, SITE)


@pytest.mark.parametrize(
    ("kind", "name", "namespace"),
    [
        ("Deployment", "dex", "auth"),
        ("Deployment", "dex", "kubeflow"),
        ("Deployment", "authservice", "istio-system"),
        ("StatefulSet", "oidc-authservice", "istio-system"),
        ("Deployment", "oauth2-proxy", "oauth2-proxy"),
    ],
)
def test_who_reads_them_follows(kind: str, name: str, namespace: str) -> None:
    """These read them as they start; the digest tells nothing of the hash."""
    found = pods(kind, name, {"image": "a/b"}, namespace)
    annotations = fit(found, SITE)["spec"]["template"]["metadata"]["annotations"]

    assert list(annotations) == [SETTINGS]
    assert re.fullmatch(r"[0-9a-f]{16}", annotations[SETTINGS])
    other = fit(found, SITE._replace(user="other@lab.example"))
    assert other["spec"]["template"]["metadata"]["annotations"] != annotations


@pytest.mark.parametrize(("namespace", "follows"), [("kubeflow", True), ("auth", False)])
def test_dex_of_0_6_follows_the_host_name(namespace: str, follows: bool) -> None:
    """Its issuer has it; the issuer of later releases is within the cluster."""
    found = pods("Deployment", "dex", {"image": "a/b"}, namespace)
    assert (fit(found, SITE._replace(hostname="other.lab")) != fit(found, SITE)) is follows


def test_the_profile_is_the_users() -> None:
    """A Profile of a service account is none of a person."""
    api = "kubeflow.org/v1beta1"
    found = one("Profile", "p", api=api, spec={"owner": {"kind": "User", "name": SHIPPED_USER}})
    assert fit(found, SITE)["spec"]["owner"] == {"kind": "User", "name": USER}
    found["spec"]["owner"] = {"kind": "ServiceAccount", "name": "robot"}
    assert fit(found, SITE) is found


# The notebooks' form.


def form(release: str, fitting: Fitting) -> Object:
    """Return the form's defaults after the fitting."""
    found = next(one for one in generated.objects(release) if "jupyter-web-app-config-9c" in str(
        one["metadata"]["name"]))  # fmt: skip
    text = fit(found, fitting)["data"]["spawner_ui_config.yaml"]
    return dict(yaml.safe_load(text)["spawnerFormDefaults"])


@pytest.mark.parametrize("release", ["1.0.2", "1.2.0", "1.7.0", "1.8.1", "26.03"])
def test_the_gpu_comes_first_and_is_chosen(release: str) -> None:
    """The others stay behind it."""
    value = form(release, SITE)["gpus"]["value"]

    assert value["vendor"] == "amd.com/gpu"
    assert [one["limitsKey"] for one in value["vendors"]] == ["amd.com/gpu", "nvidia.com/gpu"]
    assert value["vendors"][0]["uiName"] == "AMD"
    assert value["num"] == "none"


def test_a_gpu_that_upstream_does_not_know() -> None:
    """It is named by itself."""
    value = form("1.10.2", SITE._replace(gpu_vendor="gpu.lab/card"))["gpus"]["value"]

    assert value["vendors"][0] == {"limitsKey": "gpu.lab/card", "uiName": "gpu.lab/card"}
    assert len(value["vendors"]) == 3


def test_each_toleration_is_a_choice() -> None:
    """Without a value it stands for every one."""
    wanted = (Toleration("gpu", "yes", "NoSchedule"), Toleration("big", "", "NoExecute"))
    group = form("1.10.2", SITE._replace(tolerations=wanted))["tolerationGroup"]

    assert group["options"] == [
        {
            "groupKey": "gpu=yes:NoSchedule",
            "displayName": "gpu=yes:NoSchedule",
            "tolerations": [
                {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}
            ],
        },
        {
            "groupKey": "big:NoExecute",
            "displayName": "big:NoExecute",
            "tolerations": [{"key": "big", "operator": "Exists", "effect": "NoExecute"}],
        },
    ]
    assert group["value"] == ""


@pytest.mark.parametrize("release", WITHOUT_TOLERATIONS)
def test_a_form_without_tolerations_gets_none(release: str) -> None:
    """Its program would not look at them; up to 0.7 a text field for GPUs stays too."""
    found = form(release, SITE)

    assert "tolerationGroup" not in found
    if release != "1.0.2":
        assert found["extraResources"] == {"value": "{}", "readOnly": False}
        assert "gpus" not in found


def test_the_forms_images_are_those_of_the_registry() -> None:
    """Also those of Docker Hub, which stand in a list without a word that says what they are."""
    text = """\
spawnerFormDefaults:
  image:
    value: kubeflownotebookswg/jupyter-scipy:v1.8.0
    options:
    - kubeflownotebookswg/jupyter-scipy:v1.8.0
    - ghcr.io/kubeflow/jupyter:v1
  imageGroupOne: {value: kubeflownotebookswg/code:v1, options: [kubeflownotebookswg/code:v1]}
  imagePullPolicy: {value: IfNotPresent}
  hideRegistry: true
"""
    found = config("jupyter-web-app-config", **{"spawner_ui_config.yaml": text})
    fitted = fit(found, SITE)
    shown = yaml.safe_load(fitted["data"]["spawner_ui_config.yaml"])["spawnerFormDefaults"]

    assert shown["image"] == {
        "value": f"{REGISTRY}/kubeflownotebookswg/jupyter-scipy:v1.8.0",
        "options": [
            f"{REGISTRY}/kubeflownotebookswg/jupyter-scipy:v1.8.0",
            f"{REGISTRY}/kubeflow/jupyter:v1",
        ],
    }  # fmt: skip
    assert shown["imageGroupOne"]["options"] == [f"{REGISTRY}/kubeflownotebookswg/code:v1"]
    assert shown["imagePullPolicy"] == {"value": "IfNotPresent"}
    assert images_of([found]) == [
        "ghcr.io/kubeflow/jupyter:v1", "kubeflownotebookswg/code:v1",
        "kubeflownotebookswg/jupyter-scipy:v1.8.0",
    ]  # fmt: skip
    assert fit(found, PLAIN) is found, "without wishes its remarks stay"


@pytest.mark.parametrize("text", ["a: [", "- a\n", "spawnerFormDefaults: none\n", "x: y\n"])
def test_what_is_no_form_stays(text: str) -> None:
    """It is not ours to mend."""
    found = config("it", **{"spawner_ui_config.yaml": text})

    assert fit(found, SITE) is found


def test_the_forms_program_follows() -> None:
    """Just where something is wished."""
    found = pods("Deployment", "jupyter-web-app-deployment", {"image": "a/b"})
    gpu = PLAIN._replace(gpu_vendor="nvidia.com/gpu")

    assert fit(found, PLAIN) is found
    assert SETTINGS in fit(found, gpu)["spec"]["template"]["metadata"]["annotations"]
    assert fit(found, gpu) != fit(found, SITE._replace(registry=""))


# The form in which things end up.


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1000m", "1"), ("1", "1"), (1, "1"), (2.5, "2500m"), ("0.1", "100m"), ("100m", "100m"),
        ("1500m", "1500m"), ("0.5Gi", "512Mi"), ("1024Mi", "1Gi"), ("2000Mi", "2000Mi"),
        ("1000Mi", "1000Mi"), ("10Gi", "10Gi"), ("1000", "1k"), ("1000k", "1M"), (0, "0"),
        ("0.5", "500m"), ("128974848", "128974848"), ("1e3", "1e3"), ("0Mi", "0"), ("1G", "1G"),
        ("0.0000000001", "1n"), ("1.5Mi", "1536Ki"), ("0.1Ki", "102400m"), ("", ""), ("x", "x"),
        (True, True), (None, None), ("1024Ei", "1024Ei"),
    ],
)  # fmt: skip
def test_quantities_as_the_server_writes_them(written: Any, kept: Any) -> None:
    """Held against real servers in tests/kube: a second run of all objects writes nothing."""
    assert quantity(written) == kept
    assert quantity(kept) == kept


def test_where_quantities_are() -> None:
    """In pods and claims; a custom resource's are its own."""
    resources = {"requests": {"cpu": "1000m"}, "limits": {"memory": "0.5Gi", "nvidia.com/gpu": 1}}
    after = {"requests": {"cpu": "1"}, "limits": {"memory": "512Mi", "nvidia.com/gpu": "1"}}
    container = {"resources": resources, "livenessProbe": {"initialDelaySeconds": 0}}
    claim = {"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}
    found = pods("StatefulSet", "x", container)
    found["spec"]["volumeClaimTemplates"] = [claim]
    found["spec"]["template"]["spec"]["volumes"] = [{"emptyDir": {"sizeLimit": "1024Ki"}}]
    fitted = fit(found, PLAIN)

    assert container_of(fitted) == {"name": "main", "resources": after, "livenessProbe": {}}
    claims = fitted["spec"]["volumeClaimTemplates"]
    assert claims == [{"spec": {"resources": {"requests": {"storage": "1Gi"}}}}]
    assert fitted["spec"]["template"]["spec"]["volumes"] == [{"emptyDir": {"sizeLimit": "1Mi"}}]
    claim = one("PersistentVolumeClaim", "x", **copy.deepcopy(claim))
    assert fit(claim, PLAIN)["spec"]["resources"] == {"requests": {"storage": "1Gi"}}
    other = {"template": {"spec": {"containers": [{"resources": {"limits": {"cpu": "1000m"}}}]}}}
    runtime = one("ClusterServingRuntime", "x", api="serving.kserve.io/v1alpha1", spec=other)
    assert fit(runtime, PLAIN) is runtime


def test_the_place_of_a_certificate_is_left_to_who_serves() -> None:
    """Each run would else take away what katib, kserve or cert-manager wrote."""
    client = {"caBundle": "Cg==", "service": {"name": "webhook"}}
    hooks = [{"name": "a.kserve.io", "clientConfig": client, "failurePolicy": "Fail"}]
    found = one("ValidatingWebhookConfiguration", "x", webhooks=hooks)
    assert fit(found, PLAIN)["webhooks"] == [
        {"name": "a.kserve.io", "clientConfig": {"service": {"name": "webhook"}},
         "failurePolicy": "Fail"}
    ]  # fmt: skip
    spec = {"group": "x.org", "conversion": {"strategy": "Webhook", "webhook": {
        "clientConfig": dict(client)}}}  # fmt: skip
    found = one("CustomResourceDefinition", "x", spec=spec)
    assert fit(found, PLAIN)["spec"]["conversion"]["webhook"]["clientConfig"] == {
        "service": {"name": "webhook"}
    }
    assert spec["conversion"]["webhook"]["clientConfig"]["caBundle"] == "Cg=="
    found = one("APIService", "x", spec={"caBundle": "Cg==", "group": "x.org"})
    assert fit(found, PLAIN)["spec"] == {"group": "x.org"}


def test_what_programs_write_into_webhooks_is_left_to_them() -> None:
    """Knative writes its rules, Istio its policy as soon as it runs."""
    rules = [{"apiGroups": ["serving.knative.dev"], "resources": ["*"]}]
    name = "webhook.serving.knative.dev"
    found = one("MutatingWebhookConfiguration", name, webhooks=[{"name": name, "rules": rules}])
    assert fit(found, PLAIN)["webhooks"] == [{"name": name}]
    hook = {"name": "rev.validation.istio.io", "failurePolicy": "Ignore", "rules": rules}
    found = one("ValidatingWebhookConfiguration", "istio-validator-istio-system", webhooks=[hook])
    assert fit(found, PLAIN)["webhooks"] == [{"name": hook["name"], "rules": rules}]


def test_collected_rules_are_the_servers() -> None:
    """An empty list of ours would never be what is there."""
    found = one("ClusterRole", "x", aggregationRule={"clusterRoleSelectors": []}, rules=[])
    assert "rules" not in fit(found, PLAIN)
    found.pop("aggregationRule")
    assert fit(found, PLAIN) is found


def test_nulls_are_dropped_but_for_schemas() -> None:
    """The server drops them; a definition's schema is too large to look at each time."""
    found = config("x", a="b")
    found["metadata"].update(creationTimestamp=None, labels={"a": None, "b": "c"})
    found["extra"] = None
    assert fit(found, PLAIN) == config("x", a="b") | {
        "metadata": {"name": "x", "namespace": "kubeflow", "labels": {"b": "c"}}
    }
    definition = one("CustomResourceDefinition", "x", spec={"versions": [{"schema": None}]})
    definition["metadata"]["creationTimestamp"] = None
    fitted = fit(definition, PLAIN)
    assert "creationTimestamp" not in fitted["metadata"]
    assert fitted["spec"]["versions"] is definition["spec"]["versions"]


def test_secrets_are_wanted_as_the_server_gives_them() -> None:
    """Values in plain text win over the others, as on the server."""
    found = one("Secret", "x", data={"a": "eA==", "b": "eA=="}, stringData={"b": "y", "c": 1})
    assert fit(found, PLAIN)["data"] == {"a": "eA==", "b": "eQ==", "c": "MQ=="}
    assert normalize.decoded("////") == ""


def test_the_inventories_images_are_named_as_upstream_names_them() -> None:
    """None is missed by what finds them in text."""
    for release in RELEASES:
        for image in inventory.load(release).images:
            found = config("x", someImage=image, text=f'{{"image": "{image}"}}')
            bare = "/" not in image and ":" not in image
            assert images_of([found]) == ([] if bare else [image])
