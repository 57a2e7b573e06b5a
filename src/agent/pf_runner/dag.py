"""Runs a flow made of nodes, whole or one node of it, in the order and with the words of `pf flow test`."""

import json

from promptflow._utils.flow_utils import is_executable_chat_flow
from promptflow.contracts.flow import Flow
from promptflow.core._utils import update_dict_value_with_connections
from promptflow.exceptions import UserErrorException
from promptflow.executor.flow_executor import FlowExecutor
from promptflow.tracing._utils import serialize

from pf_runner import connections, errors, inputs, variants


def run(job):
    job.merge(job.data.get("additional_includes"))
    data = variants.resolve(job.data, job.args.get("variant"))
    job.sources.update((node["name"], (node.get("source") or {}).get("path", "")) for node in data["nodes"])
    job.enter()
    given = job.args.get("environment") or {}
    set_environment(job, Flow.deserialize(dict(data)), given)
    flow = Flow._from_dict(flow_data=data, working_dir=job.code)
    if job.args.get("node"):
        return _run_node(job, flow, data)
    connections.require(flow.get_connection_names(), job.connections)
    connections.provide(job.connections)
    executor = FlowExecutor._create_from_flow(
        flow=flow,
        flow_file=job.flow_file,
        connections=job.connections,
        working_dir=job.code,
        storage=job.storage(),
        raise_ex=False,
    )
    executor.enable_streaming_for_llm_flow(lambda: False)
    _, history, _ = is_executable_chat_flow(flow)
    values, unknown = inputs.of_flow(flow, job.args.get("inputs"), history)
    if unknown:
        job.note("Unknown input(s) of flow: %s" % unknown)
    return _execute(job, executor, values)


def set_environment(job, flow, given):
    """The flow file's environment variables, those of the request over them; `${connection.key}` becomes its value."""
    environment = flow.get_environment_variables_with_overrides(environment_variables_overrides=given)
    update_dict_value_with_connections(job.connections, environment)
    job.set_environment(environment)


def _execute(job, executor, values):
    result = executor.exec_line(values, index=0, run_id=job.run_id)
    metrics = {}
    if result.aggregation_inputs:
        aggregated = executor.exec_aggregation(
            {name: [value] for name, value in values.items()},
            aggregation_inputs={name: [value] for name, value in result.aggregation_inputs.items()},
            run_id=job.run_id,
        )
        metrics = aggregated.metrics
    return outcome(job, result.run_info, metrics)


def outcome(job, info, metrics=None):
    error = None
    if info.error:
        error = job.tap.describe(info)
    return {
        "status": info.status.value,
        "inputs": serialize(info.inputs) or {},
        "output": serialize(info.output),
        "metrics": serialize(metrics) or {},
        "error": error,
    }


def _run_node(job, flow, data):
    name = job.args["node"]
    node = flow.get_node(name)
    if node is None:
        error = UserErrorException("Cannot find %s in the flow." % name)
        setattr(error, errors.HINT, "Name one of its nodes: %s" % ", ".join(each.name for each in flow.nodes))
        raise error
    values, dependencies, unknown = inputs.of_node(flow, node, job.args.get("inputs"))
    if unknown:
        job.note("Unknown input(s) of %s: %s" % (name, unknown))
    only = dict(data, nodes=[each for each in data["nodes"] if each["name"] == name])
    lone = Flow._from_dict(flow_data=only, working_dir=job.code)
    connections.require(lone.get_connection_names(), job.connections)
    connections.provide(job.connections)
    resolved = job.scratch("flow.dag.json", json.dumps(serialize(dict(data))))
    info = FlowExecutor.load_and_exec_node(
        resolved,
        name,
        flow_inputs=values,
        dependency_nodes_outputs=dependencies,
        connections=job.connections,
        working_dir=job.code,
        storage=job.storage(),
    )
    return outcome(job, info)
