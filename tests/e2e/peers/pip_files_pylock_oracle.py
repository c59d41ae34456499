"""Answers what packaging makes of lock files, dependency groups and script metadata. JSON in, JSON out."""

import json
import re
import sys

try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib

from packaging.dependency_groups import DependencyGroupResolver
from packaging.pylock import Pylock
from packaging.tags import parse_tag
from pip._internal.utils.pylock import _package_dist_url

SCRIPT = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"


def whole(lock):
    data = json.loads(json.dumps(lock.to_dict(), default=str))
    data["packages"].sort(key=lambda package: json.dumps(package, sort_keys=True))
    for package in data["packages"]:
        if package.get("wheels"):
            package["wheels"].sort(key=lambda wheel: json.dumps(wheel, sort_keys=True))
    for key in ("extras", "dependency-groups", "default-groups"):
        if key in data:
            data[key].sort()
            # An empty list says what an absent one says.
            if not data[key]:
                del data[key]
    if not data.get("environments"):
        data.pop("environments", None)
    return data


def kind_of(source):
    return type(source).__name__.removeprefix("Package").lower()


def lock_file(case, environment, tags):
    try:
        lock = Pylock.from_dict(tomllib.loads(case["text"]))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    answer = {"packages": [package.name for package in lock.packages]}
    if case["written"] is not None:
        answer["same"] = whole(lock) == whole(Pylock.from_dict(tomllib.loads(case["written"])))
    try:
        chosen = lock.select(
            environment=environment,
            tags=tags,
            extras=case["extras"],
            dependency_groups=case["groups"],
            prefer_sdist_predicate=lambda name: name in case["sdists"],
        )
        answer["selected"] = [
            [package.name, kind_of(source), getattr(source, "filename", None)] for package, source in chosen
        ]
    except Exception as error:
        answer["refused"] = f"{type(error).__name__}: {error}"
    return answer


def group(case):
    try:
        resolver = DependencyGroupResolver(tomllib.loads(case["text"])["dependency-groups"])
        return sorted(str(requirement) for requirement in resolver.resolve(case["group"]))
    except Exception:
        return None


def script(text):
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return [
        [
            match.group("type"),
            "".join(
                line[2:] if line.startswith("# ") else line[1:]
                for line in re.findall(r"[^\n]*\n", match.group("content"))
            ),
        ]
        for match in re.finditer(SCRIPT, text)
    ]


def url(case):
    try:
        return _package_dist_url(case["lock"], case["path"], case["url"])
    except Exception:
        return None


def main():
    questions = json.load(sys.stdin)
    tags = [tag for text in questions["tags"] for tag in parse_tag(text)]
    json.dump(
        {
            "locks": [lock_file(case, questions["environment"], tags) for case in questions["locks"]],
            "groups": [group(case) for case in questions["groups"]],
            "urls": [url(case) for case in questions["urls"]],
            "scripts": [script(text) for text in questions["scripts"]],
        },
        sys.stdout,
    )


main()
