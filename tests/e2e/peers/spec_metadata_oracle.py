"""Answers the questions of spec-metadata.test.ts with what importlib.metadata, packaging and pip say. JSON in, JSON out."""

import email
import importlib.metadata._adapters
import json
import sys

from packaging.metadata import parse_email
from pip._internal.metadata._json import msg_to_json
from pip._internal.metadata.base import BaseDistribution
from pip._internal.models.direct_url import DirectUrl, DirectUrlValidationError


def messages(texts):
    answers = []
    for text in texts:
        message = importlib.metadata._adapters.Message(email.message_from_string(text))
        raw, unparsed = parse_email(text)
        answers.append({"json": list(msg_to_json(message).items()), "raw": raw, "unparsed": sorted(unparsed)})
    return answers


class Egg:
    def __init__(self, text):
        self.text = text

    def read_text(self, path):
        return self.text

    _iter_requires_txt_entries = BaseDistribution._iter_requires_txt_entries
    requires = BaseDistribution._iter_egg_info_dependencies
    extras = BaseDistribution._iter_egg_info_extras


def eggs(texts):
    return [{"requires": list(Egg(text).requires()), "extras": list(Egg(text).extras())} for text in texts]


def direct_urls(texts):
    answers = []
    for text in texts:
        try:
            answers.append(DirectUrl.from_json(text).to_json())
        except (DirectUrlValidationError, ValueError, TypeError, AttributeError):
            answers.append(None)
    return answers


questions = json.load(sys.stdin)
json.dump(
    {
        "messages": messages(questions["messages"]),
        "eggs": eggs(questions["eggs"]),
        "directUrls": direct_urls(questions["directUrls"]),
    },
    sys.stdout,
)
