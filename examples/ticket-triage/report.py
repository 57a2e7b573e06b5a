from promptflow.core import tool
from tabulate import tabulate


@tool
def report(candidates: list) -> str:
    return tabulate(candidates, headers="keys", tablefmt="simple")
