"""The queue whose known phrases are nearest to the ticket's words."""

from promptflow.core import tool
from rapidfuzz import fuzz, process

QUEUES = {
    "billing": ["charged twice", "refund my money", "invoice is wrong", "cancel my subscription"],
    "delivery": ["parcel did not arrive", "wrong address", "track my order"],
    "account": ["cannot sign in", "reset my password", "change my e-mail address"],
}


@tool
def match_queue(ticket: str, confidence: float) -> dict:
    phrases = {phrase: queue for queue, known in QUEUES.items() for phrase in known}
    found = process.extract(ticket.lower(), list(phrases), scorer=fuzz.token_set_ratio, limit=3)
    best, score, _ = found[0]
    return {
        "queue": phrases[best] if score >= confidence else "a person",
        "score": round(score, 1),
        "candidates": [{"phrase": phrase, "queue": phrases[phrase], "score": round(s, 1)} for phrase, s, _ in found],
    }
