"""Answers the questions of osv.test.ts: the evaluation that the OSV schema describes, with packaging's versions. JSON in, JSON out."""

import json
import sys

from packaging.version import InvalidVersion, Version


def parse(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def in_range(version, events):
    """"The order of events is not guaranteed": they are sorted, and each turns the answer."""
    limits = [text for event in events for kind, text in event.items() if kind == "limit"]
    if limits and not any(text == "*" or version < Version(text) for text in limits):
        return False
    steps = [(kind, text) for event in events for kind, text in event.items() if kind != "limit"]
    lowest = [step for step in steps if step == ("introduced", "0")]
    steps = lowest + sorted((step for step in steps if step != ("introduced", "0")), key=lambda step: Version(step[1]))
    inside = False
    for kind, text in steps:
        if kind == "introduced" and (text == "0" or version >= Version(text)):
            inside = True
        elif kind == "fixed" and version >= Version(text):
            inside = False
        elif kind == "last_affected" and version > Version(text):
            inside = False
    return inside


def affected(case):
    exact = parse(case["version"])
    version = Version(exact.public)
    for text in case["versions"]:
        if parse(text) in (exact, version):
            return True
    return any(in_range(version, events) for events in case["ranges"])


json.dump([affected(case) for case in json.load(sys.stdin)], sys.stdout)
