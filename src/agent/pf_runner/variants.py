"""Puts the chosen or default variant of each node in the node's place, as `pf` does before anything else."""

from pf_runner.errors import InvalidFlowError


def resolve(data, chosen):
    """The flow's data with plain nodes. `chosen`: {"node", "variant"} or None."""
    names = {node["name"] for node in data["nodes"]}
    variants = data.get("node_variants", {})
    if chosen:
        if chosen["node"] not in names:
            raise InvalidFlowError("Node %s not found in flow" % chosen["node"])
        try:
            variants[chosen["node"]]["variants"][chosen["variant"]]
        except KeyError as error:
            raise InvalidFlowError("Variant %(variant)s not found for node %(node)s" % chosen) from error
    try:
        data["nodes"] = [_resolved(node, variants, chosen) for node in data.get("nodes", [])]
    except KeyError as error:
        raise InvalidFlowError("Failed to overwrite tuning node with variant") from error
    return data


def _resolved(node, variants, chosen):
    if not node.get("use_variants", False):
        return node
    name = node["name"]
    if name not in variants:
        raise InvalidFlowError("No variant for the node %s." % name)
    variant = chosen["variant"] if chosen and chosen["node"] == name else None
    if not variant:
        if "default_variant_id" not in variants[name]:
            raise InvalidFlowError("Default variant id is not specified for %s." % name)
        variant = variants[name]["default_variant_id"]
    if variant not in variants[name].get("variants", {}):
        raise InvalidFlowError("Cannot find the variant %s for %s." % (variant, name))
    return dict({"name": name}, **variants[name]["variants"][variant]["node"])
