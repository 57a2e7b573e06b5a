from promptflow.core import tool


@tool
def step(text: str) -> str:
    return text + "."
