"""Reads the number, the dates and the sums out of the text of an invoice."""

import re

from dateutil import parser

DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2} [A-Z][a-z]+ \d{4}")
LINE = re.compile(r"(\d+) x ([a-z ]+?) (\d+\.\d\d)")


def read_invoice(text: str = "") -> dict:
    number = re.search(r"Invoice ([\w-]+)", text)
    total = re.search(r"Total (\d+\.\d\d)", text)
    lines = [{"count": int(n), "what": what, "each": float(each)} for n, what, each in LINE.findall(text)]
    computed = round(sum(line["count"] * line["each"] for line in lines), 2)
    return {
        "number": number.group(1) if number else None,
        "dates": [parser.parse(found, dayfirst=True).date().isoformat() for found in DATE.findall(text)],
        "lines": lines,
        "total": float(total.group(1)) if total else None,
        "adds_up": bool(total) and abs(float(total.group(1)) - computed) < 0.005,
    }
