"""Runs a flow that is a function or a class of the person's own, and a prompty."""


def run(job):
    raise NotImplementedError


def run_prompty(job):
    raise NotImplementedError
