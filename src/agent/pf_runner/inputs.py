"""Inputs of a flow and of one node: defaults, missing ones, unknown ones, as `pf flow test` treats them."""

from promptflow.contracts.flow import InputValueType
from promptflow.exceptions import UserErrorException

from pf_runner.errors import INPUT


def of_flow(flow, given, history):
    """(values, unknown ones among them). `history` names a chat flow's history, which may be absent."""
    left = dict(given or {})
    values, missing = {}, []
    for name, definition in flow.inputs.items():
        if name in left:
            values[name] = left.pop(name)
        elif definition.default is not None:
            values[name] = definition.default
        elif history and name == history:
            values[name] = []
        else:
            missing.append(name)
    _complain(missing, "flow")
    values.update(left)
    return values, left


def of_node(flow, node, given):
    """(flow inputs, {node: output} of what it depends on, unknown ones)."""
    left = dict(given or {})
    values, dependencies, missing = {}, {}, []
    for name, assigned in node.inputs.items():
        if assigned.value_type == InputValueType.NODE_REFERENCE:
            path = [assigned.value, assigned.section] + ([assigned.property] if assigned.property else [])
            key = _first(left, ".".join(path), name)
            if key is None:
                missing.append(name)
            else:
                _depend(dependencies, assigned, left.pop(key))
        elif assigned.value_type == InputValueType.FLOW_INPUT:
            key = _first(left, "%s%s" % (assigned.prefix, assigned.value), name)
            value = left.pop(key) if key is not None else flow.inputs[assigned.value].default
            if value is None and key is None:
                missing.append(name)
            else:
                values[assigned.value] = value
        else:
            values[name] = left.pop(name) if name in left else assigned.value
    _complain(missing, node.name)
    values.update(left)
    return values, dependencies, left


def _depend(dependencies, assigned, value):
    if not assigned.property:
        dependencies[assigned.value] = value
        return
    outputs = dependencies.setdefault(assigned.value, {})
    if isinstance(value, dict) and assigned.property in value:
        outputs[assigned.property] = value[assigned.property]
    elif value:
        outputs[assigned.property] = value


def _first(values, *names):
    return next((name for name in names if name in values), None)


def _complain(missing, whose):
    if missing:
        error = UserErrorException('Required input(s) %s are missing for "%s".' % (missing, whose))
        setattr(error, INPUT, missing[0])
        raise error
