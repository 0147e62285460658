"""A release's objects as upstream has them, kept on the cluster beside the state.

What is on the cluster was made to fit, and Secrets and large objects do not tell there what was
applied. With these every leader knows the whole of an installation, and makes it fit anew, also
where other files are at hand, or none. Secrets of kube-system hold them, since some are Secrets.
"""

import base64
import hashlib
import json
import zlib
from typing import Any, Dict, List, Optional, Tuple

from labkube.apply.objects import Objects
from labkube.client.api import Api, Object

# Bytes. A Secret holds 1 MiB (core/v1, MaxSecretSize); the 11 MB of YAML of 26.03 take 0.64 MB.
PART = 800 * 1024


class Book:
    """Keeps and gives them.

    Args:
        api: The cluster.
        objects: The application's objects.
        name: What the Secrets are called, a number after it.
        part: How many bytes one Secret holds; handed in for tests.
    """

    def __init__(self, api: Api, objects: Objects, name: str, part: int = PART) -> None:
        self._api, self._objects, self._name, self._part = api, objects, name, part

    def read(self) -> Optional[List[Object]]:
        """Return the objects; None where none are kept, or not all of them."""
        digest, parts = self._parts()
        if not parts or None in parts:
            return None
        try:
            text = zlib.decompress(b"".join(part or b"" for part in parts))
        except zlib.error:
            return None
        return list(json.loads(text.decode("utf-8"))) if _digest(text) == digest else None

    def holds(self, found: List[Object]) -> bool:
        """Tell whether just these are kept. Compressed bytes differ by machine, so none count."""
        digest, parts = self._parts()
        return bool(parts) and None not in parts and digest == _digest(_text(found))

    def write(self, found: List[Object]) -> None:
        """Keep these in place of those before.

        Raises:
            ApiError: When the server does not take them.
        """
        text = _text(found)
        body = zlib.compress(text, 9)
        pieces = [body[start : start + self._part] for start in range(0, len(body), self._part)]
        secrets = [
            self._secret(
                number,
                {"digest": _digest(text), "parts": str(len(pieces)).encode(), "part": piece},
            )
            for number, piece in enumerate(pieces)
        ]
        self._objects.apply(secrets, prune=False)
        over = len(pieces)
        while self._api.delete(self._secret(over, {})):
            over += 1

    def is_it(self, found: Object) -> bool:
        """Tell whether an object is one of the book's."""
        metadata = found["metadata"]
        place = (found["kind"], metadata.get("namespace"))
        return place == ("Secret", "kube-system") and metadata["name"].startswith(self._name + "-")

    def _parts(self) -> Tuple[bytes, List[Optional[bytes]]]:
        """Return the digest, and the parts of it; None for each that is not there."""
        first = self._data(0)
        digest, count = first.get("digest", b""), first.get("parts", b"0")
        rest = [self._data(number) for number in range(1, int(count))]
        known = [first, *rest] if first else []
        return digest, [one.get("part") if one.get("digest") == digest else None for one in known]

    def _data(self, number: int) -> Dict[str, bytes]:
        live = self._api.get(self._secret(number, {}))
        if live is None or not self._objects.owns(live):
            return {}
        data: Dict[str, str] = live.get("data") or {}
        return {key: base64.b64decode(value) for key, value in data.items()}

    def _secret(self, number: int, data: Dict[str, bytes]) -> Object:
        found: Dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque"}
        found["metadata"] = {
            "name": "%s-%d" % (self._name, number),
            "namespace": "kube-system",
        }
        found["data"] = {key: base64.b64encode(one).decode("ascii") for key, one in data.items()}
        return found


def _text(found: List[Object]) -> bytes:
    return json.dumps(found, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode("ascii")
