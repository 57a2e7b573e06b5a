"""How long the pool takes for a run beyond the flow's own work, by its caller's clock. Prints medians as JSON.

`python3 test/bench/runner.py [--runs 30] [--minor 3.11]`: one node, five in a row, a flex function; idle memory.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "src", "agent"), os.path.join(ROOT, "test", "agent")]

import environments  # noqa: E402
from pf_agent.runner_pool import RunnerPool  # noqa: E402

TOOL = "from promptflow.core import tool\n\n\n@tool\ndef step(text: str) -> str:\n    return text + '.'\n"
NODE = '- name: n%d\n  type: python\n  source: {type: code, path: step.py}\n  inputs: {text: "${%s}"}\n'


def write_flow(folder, count):
    os.makedirs(folder)
    sources = ["inputs.text"] + ["n%d.output" % number for number in range(1, count)]
    nodes = "".join(
        NODE % (number + 1, source) for number, source in enumerate(sources)
    )
    head = "inputs:\n  text: {type: string, default: hello}\noutputs:\n"
    with open(os.path.join(folder, "flow.dag.yaml"), "w") as file:
        file.write(
            '%s  text: {type: string, reference: "${n%d.output}"}\nnodes:\n%s'
            % (head, count, nodes)
        )
    with open(os.path.join(folder, "step.py"), "w") as file:
        file.write(TOOL)
    return os.path.join(folder, "flow.dag.yaml")


def write_flex(folder):
    os.makedirs(folder)
    with open(os.path.join(folder, "flow.flex.yaml"), "w") as file:
        file.write("entry: hello:hello\n")
    with open(os.path.join(folder, "hello.py"), "w") as file:
        file.write("def hello(name: str = 'you') -> str:\n    return 'hello ' + name\n")
    return os.path.join(folder, "flow.flex.yaml")


def median_of(pool, flow, runs):
    times = []
    for _ in range(runs):
        args = {
            "flowFile": flow,
            "inputs": {},
            "environment": {},
            "connections": {},
            "network": {},
        }
        started = time.perf_counter()
        run = pool.run(args, lambda *_: None, threading.Event())
        times.append((time.perf_counter() - started) * 1000)
        assert run["status"] == "Completed", run["error"]
        time.sleep(0.1)
    return {
        "median": round(statistics.median(times), 1),
        "least": round(min(times), 1),
        "most": round(max(times), 1),
    }


def memory(pid):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return (
            int(next(line for line in file if line.startswith("Pss:")).split()[1])
            / 1024
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--minor", default="3.11")
    options = parser.parse_args()
    python = environments.ensure(options.minor)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON")
    }
    with tempfile.TemporaryDirectory() as folder:
        flows = {
            "oneNode": write_flow(os.path.join(folder, "one"), 1),
            "fiveNodes": write_flow(os.path.join(folder, "five"), 5),
            "flex": write_flex(os.path.join(folder, "flex")),
        }
        pool = RunnerPool(
            python=python,
            environment=environment,
            runtime_dir=folder,
            home=folder,
            runs_dir=os.path.join(folder, "runs"),
            log=lambda line: None,
            on_change=lambda: None,
        )
        pool.start()
        found = {
            name: median_of(pool, flow, options.runs) for name, flow in flows.items()
        }
        pids = pool.processes()
        found["memoryMiB"] = {str(pid): round(memory(pid), 1) for pid in pids}
        pool.stop()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
