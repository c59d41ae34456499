"""Answers what pip makes of requirements files. Reads questions as JSON from standard input, writes answers as JSON."""

import base64
import io
import json
import logging
import os
import sys
from types import SimpleNamespace

from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.format_control import FormatControl
from pip._internal.models.release_control import ReleaseControl
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req import req_file
from pip._internal.req.req_file import parse_requirements
from pip._internal.req.req_install import check_invalid_constraint_type
from pip._vendor.packaging.utils import canonicalize_name

logging.disable(logging.CRITICAL)


def with_own_default(make):
    """pip keeps one list of features for the whole process; here each line starts with an empty one."""
    return lambda: make.func(*make.args, **{**make.keywords, "default": []})


req_file.SUPPORTED_OPTIONS = [
    with_own_default(make) if "--use-feature" in getattr(make, "args", ()) else make
    for make in req_file.SUPPORTED_OPTIONS
]


files = {}


def open_here(path, mode):
    """The files of a case are in memory: thousands of real ones take half a minute."""
    assert mode == "rb"
    if path not in files:
        raise FileNotFoundError(path)
    return io.BytesIO(files[path])


req_file.open = open_here


class Session:
    def __init__(self, pages):
        self.pages = pages
        self.hosts = []

    def get(self, url):
        if url not in self.pages:
            raise OSError("no such page")
        return SimpleNamespace(url=url, text=self.pages[url], status_code=200, reason="OK")

    def update_index_urls(self, urls):
        pass

    def add_trusted_host(self, host, source=None):
        self.hosts.append(host)


def line_of(ireq):
    place, _, number = ireq.comes_from.rpartition(" (line ")
    return {
        "name": canonicalize_name(ireq.req.name) if ireq.req else None,
        "specifiers": sorted(str(one) for one in ireq.req.specifier) if ireq.req else [],
        "extras": sorted(canonicalize_name(extra) for extra in ireq.extras),
        "link": ireq.link.url if ireq.link else None,
        "marker": str(ireq.markers) if ireq.markers else None,
        "editable": ireq.editable,
        "constraint": ireq.constraint,
        "hashes": sorted([name, digest] for name, many in ireq.hash_options.items() for digest in many),
        "settings": ireq.config_settings or {},
        "file": place[3:],
        "line": int(number[:-1]),
    }


def requirements(case, pages):
    session = Session(pages)
    finder = PackageFinder.create(
        link_collector=LinkCollector(
            session=session,
            search_scope=SearchScope.create(find_links=[], index_urls=["DEFAULT"], no_index=False),
        ),
        selection_prefs=SelectionPreferences(
            allow_yanked=False,
            format_control=FormatControl(set(), set()),
            release_control=ReleaseControl(),
        ),
    )
    options = SimpleNamespace(require_hashes=False, no_require_hashes=False, features_enabled=[])
    lines = []
    files.clear()
    files.update({path: base64.b64decode(content) for path, content in case["files"].items()})
    try:
        for parsed in parse_requirements(
            case["entry"], session=session, finder=finder, options=options, constraint=case["constraint"]
        ):
            settings = parsed.options.get("config_settings") if parsed.options else None
            ireq = install_req_from_parsed_requirement(parsed, user_supplied=True, config_settings=settings)
            if ireq.constraint and check_invalid_constraint_type(ireq):
                raise ValueError("constraint")
            lines.append(line_of(ireq))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    control = finder.release_control
    return {
        "lines": lines,
        "options": {
            "indexes": finder.index_urls,
            "noIndex": finder.search_scope.no_index,
            "findLinks": finder.find_links,
            "noBinary": sorted(finder.format_control.no_binary),
            "onlyBinary": sorted(finder.format_control.only_binary),
            "allReleases": sorted(control.all_releases),
            "onlyFinal": sorted(control.only_final),
            "preferBinary": finder.prefer_binary,
            "trustedHosts": session.hosts,
            "requireHashes": options.require_hashes,
            "noRequireHashes": options.no_require_hashes,
            "features": options.features_enabled,
        },
    }


def main():
    questions = json.load(sys.stdin)
    os.chdir(questions["directory"])
    answers = [requirements(case, questions["pages"]) for case in questions["cases"]]
    json.dump(answers, sys.stdout)


main()
