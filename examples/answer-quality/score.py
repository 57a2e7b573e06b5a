import re
from collections import Counter

from promptflow.core import tool


def words(text: str) -> list:
    return re.findall(r"\w+", text.lower())


@tool
def score(answer: str, truth: str) -> dict:
    got, wanted = Counter(words(answer)), Counter(words(truth))
    common = sum((got & wanted).values())
    precision = common / max(sum(got.values()), 1)
    recall = common / max(sum(wanted.values()), 1)
    f1 = 2 * precision * recall / (precision + recall) if common else 0.0
    return {"f1": round(f1, 3), "exact": words(answer) == words(truth)}
