"""Answers the questions of spec.test.ts with what Python itself, packaging, pip and python-discovery say. JSON in, JSON out."""

import configparser
import csv
import email.parser
import email.policy
import importlib.metadata
import io
import json
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import (
    InvalidName,
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    canonicalize_version,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version


def versions(texts):
    parsed = []
    for text in texts:
        try:
            parsed.append(Version(text))
        except (InvalidVersion, ValueError):
            parsed.append(None)
    order = sorted({version for version in parsed if version is not None})
    rank = {version: index for index, version in enumerate(order)}
    return [
        None
        if version is None
        else {
            "text": str(version),
            "public": version.public,
            "canonical": canonicalize_version(version),
            "rank": rank[version],
            "prerelease": version.is_prerelease,
        }
        for version in parsed
    ]


def specifiers(case):
    candidates = case["candidates"]
    answers = []
    for text in case["sets"]:
        try:
            found = SpecifierSet(text)
        except InvalidSpecifier:
            answers.append(None)
            continue
        answers.append(
            {
                "text": str(found),
                "any": "".join(str(int(found.contains(one))) for one in candidates),
                "final": "".join(str(int(found.contains(one, prereleases=False))) for one in candidates),
                "filter": list(found.filter(candidates[: case["filtered"]])),
            }
        )
    return answers


def names(texts):
    answers = []
    for text in texts:
        try:
            answers.append(canonicalize_name(text, validate=True))
        except InvalidName:
            answers.append(None)
    return answers


def wheels(texts):
    answers = []
    for text in texts:
        try:
            name, version, build, tags = parse_wheel_filename(text)
        except InvalidWheelFilename:
            answers.append(None)
            continue
        answers.append({"name": name, "version": str(version), "build": list(build), "tags": sorted(map(str, tags))})
    return answers


def sdists(texts):
    answers = []
    for text in texts:
        try:
            name, version = parse_sdist_filename(text)
        except InvalidSdistFilename:
            answers.append(None)
            continue
        answers.append({"name": name, "version": str(version)})
    return answers


def inis(texts):
    answers = []
    for text in texts:
        parser = configparser.RawConfigParser()
        try:
            parser.read_file(io.StringIO(text, newline=None))
        except configparser.Error:
            answers.append(None)
            continue
        answers.append(
            {
                "sections": [[name, list(parser._sections[name].items())] for name in parser.sections()],
                "defaults": list(parser.defaults().items()),
            }
        )
    return answers


def messages(texts):
    answers = []
    for text in texts:
        message = email.parser.Parser(policy=email.policy.compat32).parsestr(text)
        answers.append({"headers": [list(map(str, pair)) for pair in message.items()], "body": message.get_payload()})
    return answers


def tables(texts):
    return [[row for row in csv.reader(io.StringIO(text, newline="")) if row] for text in texts]


def rows(lists):
    answers = []
    for fields in lists:
        target = io.StringIO(newline="")
        csv.writer(target, lineterminator="\n").writerow(fields)
        answers.append(target.getvalue())
    return answers


def entry_points(texts):
    answers = []
    for text in texts:
        found = []
        for point in importlib.metadata.EntryPoints._from_text(text):
            match = point.pattern.match(point.value)
            reference = None if match is None else [match.group("module"), match.group("attr")]
            found.append([point.group, point.name, point.value, reference])
        answers.append(found)
    return answers


def strings(texts):
    return [{"repr": repr(text), "strip": text.strip(), "lines": text.splitlines()} for text in texts]


def requests(texts):
    try:
        from python_discovery import PythonSpec
    except ImportError:
        return None
    answers = []
    for text in texts:
        try:
            spec = PythonSpec.from_string_spec(text)
        except ValueError:
            answers.append(None)
            continue
        answers.append(
            {
                "path": spec.path,
                "implementation": spec.implementation,
                "release": [part for part in (spec.major, spec.minor, spec.micro) if part is not None],
                "bits": spec.architecture,
                "machine": spec.machine,
                "freeThreaded": spec.free_threaded,
                "debug": spec.debug,
                "specifiers": None if spec.version_specifier is None else str(spec.version_specifier),
            }
        )
    return answers


def pages(cases):
    try:
        from pip._internal.index.collector import IndexContent, parse_links
    except ImportError:
        return None
    answers = []
    for case in cases:
        content = IndexContent(case["text"].encode(), case["type"], "utf-8", case["url"], cache_link_parsing=False)
        answers.append(
            [
                {
                    "filename": link.filename,
                    "url": link.url_without_fragment,
                    "requiresPython": link.requires_python,
                    "yanked": link.yanked_reason,
                    "hash": [link.hash_name, link.hash] if link.hash_name else None,
                    "metadata": None if link.metadata_file_data is None else (link.metadata_file_data.hashes or True),
                }
                for link in parse_links(content)
            ]
        )
    return answers


questions = json.load(sys.stdin)
answer = {
    "versions": versions(questions["versions"]),
    "specifiers": specifiers(questions["specifiers"]),
    "names": names(questions["names"]),
    "wheels": wheels(questions["wheels"]),
    "sdists": sdists(questions["sdists"]),
    "inis": inis(questions["inis"]),
    "messages": messages(questions["messages"]),
    "tables": tables(questions["tables"]),
    "rows": rows(questions["rows"]),
    "entryPoints": entry_points(questions["entryPoints"]),
    "strings": strings(questions["strings"]),
    "requests": requests(questions["requests"]),
    "pages": pages(questions["pages"]),
}
json.dump(answer, sys.stdout)
