"""Answers the questions of spec-requirements.test.ts with what packaging says. JSON in, JSON out."""

import json
import sys

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version


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
                "specifiers": str(found.specifier),
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


def ranges(case):
    """What packaging's own algebra says of pairs of specifier sets, and of versions against what it makes of them."""
    candidates = [Version(text) for text in case["versions"]]
    answers = []
    for left, right in case["pairs"]:
        a, b = SpecifierSet(left, prereleases=True), SpecifierSet(right, prereleases=True)
        ranges = (a.to_range() | b.to_range(), a.to_range() & b.to_range(), ~a.to_range())
        answers.append(
            {
                "empty": (a & b).is_unsatisfiable(),
                "subset": a.is_subset(b),
                "disjoint": a.is_disjoint(b),
                "members": ["".join("1" if one in made else "0" for one in candidates) for made in ranges],
            }
        )
    return answers


questions = json.load(sys.stdin)
json.dump(
    {
        "requirements": requirements(questions["requirements"]),
        "markers": markers(questions["markers"]),
        "ranges": ranges(questions["ranges"]),
    },
    sys.stdout,
)
