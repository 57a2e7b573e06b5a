"""What `pf flow test` gives for one flow: the call that the command makes, in a fresh process, with nothing replaced.

Reads {"flow", "inputs", "node", "variant", "environment", "connections"} on stdin, writes the answer to the path given.
"""

import json
import logging
import os
import sys


def main(target):
    asked = json.load(sys.stdin)
    answer = {"error": None, "detail": None}
    logging.disable(logging.CRITICAL)
    from promptflow.client import PFClient

    client = PFClient()
    make_connections(client, asked["connections"])
    variant = asked["variant"] and "${%(node)s.%(variant)s}" % asked["variant"]
    detail = os.path.join(os.path.dirname(target), "detail")
    try:
        client.flows.test(
            flow=asked["flow"],
            inputs=asked["inputs"],
            environment_variables=asked["environment"],
            variant=variant,
            node=asked["node"],
            allow_generator_output=False,
            stream_output=False,
            dump_test_result=True,
            output_path=detail,
            init={},
        )
    except Exception as error:
        answer["error"] = {"type": type(error).__name__, "message": str(error)}
    for name in os.listdir(detail) if os.path.isdir(detail) else ():
        if name.endswith("detail.json"):
            with open(os.path.join(detail, name), encoding="utf-8") as file:
                answer["detail"] = json.load(file)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    sys.stdout.flush()
    os._exit(0)


def make_connections(client, connections):
    from promptflow.entities import CustomConnection

    for name, given in connections.items():
        secrets = {key: given["value"][key] for key in given["secret_keys"]}
        configs = {key: value for key, value in given["value"].items() if key not in secrets}
        client.connections.create_or_update(CustomConnection(name=name, secrets=secrets, configs=configs))


if __name__ == "__main__":
    main(sys.argv[1])
