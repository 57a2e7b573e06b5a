"""One request in a child: what to run, where, with which surroundings; the answer is frames on the channel."""

import contextlib
import io
import itertools
import json
import os
import signal
import sys
import time
from pathlib import Path

from promptflow._core.connection_manager import ConnectionManager
from promptflow._utils.credential_scrubber import CredentialScrubber
from promptflow._utils.flow_utils import is_flex_flow, is_prompty_flow, resolve_flow_path
from promptflow._utils.yaml_utils import load_yaml_string

from pf_runner import connections, dag, errors, flex, frames, preload, report
from pf_runner.job import Job, Unfit

READ_SIZE = 256 * 1024
MODULES_BEFORE = len(sys.modules)
SAMPLE = """
inputs:
  text: {type: string, default: 'a'}
nodes:
- name: one
  inputs:
    text: ${inputs.text}
    more: "b"
  use: [1, true]
"""


def warm_up():
    """Reads a flow file once: the pages of memory it takes are this process's own by the time a run needs them."""
    with contextlib.suppress(Exception):
        load_yaml_string(SAMPLE)


def one(connection, read):
    """`read`: environment variables that packages loaded beforehand looked at; a run that sets one needs them anew."""
    request = _receive(connection)
    if request is None:
        return
    to = report.Report(connection)
    started = time.monotonic()
    job = None
    try:
        job = _job(request, to)
        job.read = read
        outcome = _outcome(job)
    except Unfit:
        to.send({"t": "unfit"})
        return
    except KeyboardInterrupt:
        outcome = {"status": "Canceled"}
    with _undisturbed():
        if job is not None:
            job.logs.flush_all()
            _flush_files(job.places.folder)
        _send(to, job, outcome, time.monotonic() - started)


def _receive(connection):
    incoming = frames.Frames()
    while True:
        data = connection.recv(READ_SIZE)
        if not data:
            return None
        for _, payload in incoming.feed(data):
            return json.loads(payload.decode("utf-8"))


def _job(request, to):
    args = request["run"]
    given = connections.given(args.get("connections"))
    secrets = ConnectionManager(given).get_secret_list()
    scrubber = CredentialScrubber()
    for secret in secrets:
        scrubber.add_str(secret)
    return Job(args, request["runId"], Path(request["runDir"]), given, to, report.Logs(to, scrubber.scrub))


def _outcome(job):
    """What becomes of the run. A flow that is wrong or fails is an outcome like any other."""
    try:
        run = _read(job)
        job.tap.install()
        return run(job)
    except Unfit:
        raise
    except KeyboardInterrupt:
        return {"status": "Canceled"}
    except SystemExit as error:
        return {"status": "Failed", "error": errors.describe_exit(error, job.places)}
    except BaseException as error:  # a tool may raise anything at all
        return {"status": "Failed", "error": errors.describe(error, job.places, job.sources)}


def _read(job):
    """Finds and reads the flow file; how to run it follows from what it is."""
    folder, name = resolve_flow_path(job.args["flowFile"])
    job.find(folder, name)
    job.sources = {errors.FLOW_FILE: name}
    if is_prompty_flow(job.flow_file):
        return flex.run_prompty
    with open(job.flow_file, encoding="utf-8") as file:
        job.data = load_yaml_string(file.read()) or {}
    return flex.run if is_flex_flow(yaml_dict=job.data) else dag.run


@contextlib.contextmanager
def _undisturbed():
    """A cancel that comes now is too late: the outcome goes out whole."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield


def _flush_files(folder):
    """Files that a flow's modules keep open: this process ends without Python's own way out."""
    for module in _newest_first(len(sys.modules) - MODULES_BEFORE):
        if str(getattr(module, "__file__", None) or "").startswith(os.path.join(folder, "")):
            for value in list(vars(module).values()):
                if isinstance(value, io.IOBase) and not value.closed:
                    with contextlib.suppress(Exception):
                        value.flush()
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()


def _newest_first(count):
    """The modules imported last. To look at all of them would copy a page of memory for each: 15 ms."""
    return list(itertools.islice(reversed(sys.modules.values()), max(count, 0)))


def _send(to, job, outcome, seconds):
    header = {"t": "result", "status": outcome["status"], "durationMs": round(seconds * 1000, 3)}
    header["order"] = job.tap.order if job else []
    if job and outcome["status"] == "Completed":
        header["imports"] = preload.imported(MODULES_BEFORE, job.places.folder)
    body = {"inputs": {}, "metrics": {}, "error": None}
    body.update((key, value) for key, value in outcome.items() if key in body)
    output = job.carry("output", outcome.get("output")) if job else b"null"
    header["artifacts"] = job.artifacts() if job else []
    to.send(header, report.with_value(body, "output", output))
