"""Runs a flow that is a function or a class of the person's own, and a prompty."""

import json

from promptflow._utils.flow_utils import is_executable_chat_flow
from promptflow.contracts.flow import Flow
from promptflow.core._utils import load_inputs_from_sample
from promptflow.executor._prompty_executor import PromptyExecutor
from promptflow.executor._script_executor import ScriptExecutor

from pf_runner import connections, dag, signature


def run(job):
    for name in ("variant", "node"):
        if job.args.get(name):
            job.note("variant and node are not supported for eager flow, will be ignored")
            break
    data = job.data = signature.checked(job)
    job.merge(data.get("additional_includes"))
    job.enter()
    signature.complete(job, data)
    resolved = job.scratch("flow.flex.yaml", json.dumps(data, default=str))
    dag.set_environment(job, Flow.deserialize(dict(data)), job.args.get("environment") or {})
    lone = Flow.from_yaml(resolved, working_dir=job.code)
    connections.require(lone.get_connection_names(), job.connections)
    connections.provide(job.connections)
    executor = ScriptExecutor(
        flow_file=resolved,
        connections=job.connections,
        working_dir=job.code,
        storage=job.storage(),
        init_kwargs=job.args.get("init") or None,
    )
    is_executable_chat_flow(lone)
    return _execute(job, executor, job.args.get("inputs"))


def run_prompty(job):
    from promptflow._sdk.entities._flows.prompty import Prompty

    flow = Prompty._load(path=job.flow_file)
    job.enter()
    job.set_environment(job.args.get("environment") or {})
    connections.provide(job.connections)
    executor = PromptyExecutor(flow_file=job.flow_file, working_dir=job.code, storage=job.storage())
    return _execute(job, executor, job.args.get("inputs") or load_inputs_from_sample(flow.sample))


def _execute(job, executor, values):
    result = executor.exec_line(values, index=0, run_id=job.run_id, allow_generator_output=False)
    return dag.outcome(job, result.run_info)
