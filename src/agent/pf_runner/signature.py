"""What a flex flow takes and gives: read off its code in a process of its own, so that the code is not loaded twice."""

import json
import os
import signal
import sys

from promptflow._core.tool_meta_generator import generate_flow_meta_dict_by_file
from promptflow._utils.context_utils import _change_working_dir, inject_sys_path
from promptflow.core._errors import GenerateFlowMetaJsonError

SECONDS = 60


def checked(job):
    """The flow file's data, checked by promptflow's schema. Without promptflow's SDK there is no such check."""
    try:
        from promptflow._sdk.entities._flows.flex import FlexFlow
    except ImportError:
        return job.data
    return dict(FlexFlow._load(path=job.flow_file, data=job.data)._data)


def complete(job, data):
    """Adds the inputs, outputs and init that the code has to `data`."""
    try:
        from promptflow._proxy import _python_inspector_proxy
        from promptflow._sdk._utilities.signature_utils import update_signatures
    except ImportError:
        return
    _python_inspector_proxy._generate_flow_meta = _generate
    update_signatures(code=job.origin, data=data)


def _generate(flow_directory, source_path, data, timeout, **_):
    def generate():
        with _change_working_dir(flow_directory), inject_sys_path(flow_directory):
            return generate_flow_meta_dict_by_file(path=source_path, data=data)

    meta, problems = _in_copy(generate)
    if problems:
        raise GenerateFlowMetaJsonError("Generate meta failed, detail error:\n" + str(problems))
    return meta


def _in_copy(work):
    """(result, problems) of `work` done by a forked copy of this process; here where a fork is not safe."""
    if sys.platform == "darwin":
        return _attempt(work)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            signal.alarm(SECONDS)
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            with open(writing, "w", encoding="utf-8") as answer:
                json.dump(_attempt(work), answer)
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else ({}, [])


def _attempt(work):
    try:
        return work(), []
    except Exception as error:
        return {}, [str(error)]
