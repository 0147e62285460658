"""The node selectors of BGP peers, as Kubernetes evaluates label selectors."""

from labcharm.json_types import JsonMapping, JsonObject


def selects(peer: JsonObject, labels: JsonMapping) -> bool:
    """Return whether a peer is for a node: one of its selectors matches, or it has none.

    Args:
        peer: The peer, as MetalLB's configuration has it.
        labels: The node's labels.
    """
    selectors = peer.get("node-selectors") or [{}]
    return any(_matches(selector or {}, labels) for selector in selectors)


def _matches(selector: JsonObject, labels: JsonMapping) -> bool:
    pairs = (selector.get("match-labels") or {}).items()
    return all(labels.get(key) == text for key, text in pairs) and all(
        _expression_matches(expression, labels)
        for expression in selector.get("match-expressions") or []
    )


def _expression_matches(expression: JsonObject, labels: JsonMapping) -> bool:
    key, operator = expression.get("key", ""), expression.get("operator")
    is_listed = labels.get(key) in (expression.get("values") or [])
    if operator == "In":
        return is_listed
    if operator == "NotIn":
        return not is_listed
    return (key in labels) == (operator == "Exists")
