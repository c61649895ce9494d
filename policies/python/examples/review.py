from typing import Any, List, Mapping

from podroute_policy import InvalidSetting, Policy

policy = Policy(memory_limit=256 << 20, deadline=5.0, cache=True)


def refusals(cluster: List[Mapping[str, Any]], node: Mapping[str, Any]) -> List[str]:
    """Why this node must not come into this cluster; empty if it may."""
    try:
        review = policy.review(cluster, [{"put": node}], {"routeLimit": 400})
    except InvalidSetting as error:
        return [f"{error.setting} cannot be used: {error}"]
    if review["verdict"] != "deny":
        return []
    return [f"{finding['rule']}: {finding['message']}" for finding in review["added"]]
