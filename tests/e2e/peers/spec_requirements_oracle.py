"""Answers the questions of spec-requirements.test.ts with what packaging says. JSON in, JSON out."""

import json
import sys

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


def requirements(texts):
    answers = []
    for text in texts:
        try:
            found = Requirement(text)
            marker = None if found.marker is None else str(found.marker)
        except (InvalidRequirement, ValueError):
            answers.append(None)
            continue
        answers.append(
            {
                "name": found.name,
                "extras": sorted({canonicalize_name(extra) for extra in found.extras}),
                "specifiers": sorted({str(one) for one in found.specifier}),
                "url": found.url,
                "marker": marker,
            }
        )
    return answers


def evaluation(marker, environment, extra):
    environment = {**environment, "extra": extra, "extras": {extra} - {""}, "dependency_groups": {"dev", "doc-s"}}
    try:
        return "1" if marker.evaluate(environment, context="lock_file") else "0"
    except (UndefinedComparison, UndefinedEnvironmentName):
        return "x"


def markers(case):
    answers = []
    for text in case["texts"]:
        try:
            marker = Marker(text)
        except (InvalidMarker, ValueError):
            answers.append(None)
            continue
        try:
            normal = str(marker)
        except ValueError:
            normal = None
        answers.append(
            {
                "text": normal,
                "holds": "".join(
                    evaluation(marker, environment, extra) for environment in case["environments"] for extra in case["extras"]
                ),
            }
        )
    return answers


questions = json.load(sys.stdin)
json.dump(
    {
        "requirements": requirements(questions["requirements"]),
        "markers": markers(questions["markers"]),
    },
    sys.stdout,
)
