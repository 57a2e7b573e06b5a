"""Where promptflow is tapped: nodes that start, nodes that end, what they print, the exceptions behind failures."""

import functools

from promptflow._core.log_manager import NodeLogManager, NodeLogWriter
from promptflow._core.run_tracker import RunTracker
from promptflow.storage._run_storage import DefaultRunStorage

from pf_runner import errors, report

FLEX_NODE = "Flex"  # the name promptflow gives the whole of a flex flow


class Tap:
    """One run's hooks. `errors_of[run id]` is the exception that ended that run of a node or flow."""

    def __init__(self, job):
        self._job = job
        self._report = job.report
        self._logs = job.logs
        self.errors_of = {}
        self.order = []

    def install(self):
        self._tap_tracker()
        self._tap_writer()

    def storage(self, run_folder, sub_folder):
        tap = self

        class Storage(DefaultRunStorage):
            def persist_node_run(self, run_info):
                super().persist_node_run(run_info)
                tap.node_ended(run_info)

        return Storage(base_dir=run_folder, sub_dir=sub_folder)

    def node_started(self, name):
        if name not in self.order:
            self.order.append(name)
        self._report.send({"t": "started", "node": name})

    def node_ended(self, info):
        if info.node not in self.order:
            self.order.append(info.node)
        duration = (info.system_metrics or {}).get("duration")
        header = {"t": "node", "node": info.node, "status": info.status.value}
        header["durationMs"] = None if duration is None else round(duration * 1000, 3)
        self._report.send(header, self._node_result(info, header))

    def describe(self, info):
        return errors.describe_failed(info.error, self.errors_of.get(info.run_id), self._job.places, self._job.sources)

    def _node_result(self, info, header):
        from promptflow.tracing._utils import serialize

        rest = {
            "name": info.node,
            "status": header["status"],
            "durationMs": header["durationMs"],
            "error": self.describe(info) if info.error else None,
            "stdout": self._logs.text(info.run_id, "stdout"),
            "stderr": self._logs.text(info.run_id, "stderr"),
        }
        return report.with_value(rest, "output", self._job.carry("node-" + info.node, serialize(info.output)))

    def _tap_tracker(self):
        tap = self
        start_node_run, end_run = RunTracker.start_node_run, RunTracker.end_run

        @functools.wraps(start_node_run)
        def start(self, node, *args, **kwargs):
            info = start_node_run(self, node, *args, **kwargs)
            tap.node_started(node)
            return info

        @functools.wraps(end_run)
        def end(self, run_id, **kwargs):
            error = kwargs.get("ex")
            if error is not None:
                tap.errors_of.setdefault(run_id, error)
                if run_id in self._node_runs and not hasattr(error, errors.NODE):
                    setattr(error, errors.NODE, self._node_runs[run_id].node)
            return end_run(self, run_id, **kwargs)

        RunTracker.start_node_run = start
        RunTracker.end_run = end

    def _tap_writer(self):
        tap = self

        def write(self, text):
            info = self._context.get()
            if info is None or not tap._report.is_own_process:
                self._prev_out.write(tap._logs.scrub(text))
            else:
                node = None if info.node_name == FLEX_NODE else info.node_name
                tap._logs.write(info.run_id, node, "stderr" if self._is_stderr else "stdout", text)

        def flush(self):
            info = self._context.get()
            if info is None or not tap._report.is_own_process:
                self._prev_out.flush()
            else:
                tap._logs.flush(info.run_id, "stderr" if self._is_stderr else "stdout")

        NodeLogWriter.write, NodeLogWriter.flush = write, flush
        NodeLogManager.get_logs = lambda self, run_id: {
            "stdout": tap._logs.text(run_id, "stdout"),
            "stderr": tap._logs.text(run_id, "stderr"),
        }
