"""Asks pip what it would install. Run by the Python of an environment; standard input is a list of command lines, and so is the answer:
of each what would be installed, or null where pip refuses.

The first argument is the directory that pip is imported from, the second one a scratch directory."""

import contextlib
import io
import json
import os
import sys

source, scratch = sys.argv[1:]
sys.path.append(source)

from pip._internal.cli.main import main  # noqa: E402

answers = []
for number, arguments in enumerate(json.load(sys.stdin)):
    report = os.path.join(scratch, f"{number}.json")
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = main(["install", "--dry-run", "--quiet", "--report", report, *arguments])
    if code != 0:
        answers.append({"refused": told.getvalue()})
        continue
    with open(report, encoding="utf-8") as file:
        installs = json.load(file)["install"]
    answers.append(
        {
            "installs": sorted(
                [
                    one["metadata"]["name"],
                    one["metadata"]["version"],
                    one["requested"],
                    sorted(one.get("requested_extras", [])),
                    one["is_direct"],
                    one["is_yanked"],
                ]
                for one in installs
            )
        }
    )
json.dump(answers, sys.stdout)
