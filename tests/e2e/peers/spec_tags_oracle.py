"""Answers the questions of spec-tags.test.ts with the tags that packaging and pip give. JSON in, JSON out.

Called with "here" as its argument by any Python (2.7 too): what that Python itself says of its markers and, where packaging runs, its tags.
"""

import json
import sys


def here(packages):
    import os
    import platform
    import sysconfig

    implementation = getattr(sys, "implementation", None)
    name = implementation.name if implementation else platform.python_implementation().lower()
    info = implementation.version if implementation else sys.version_info
    version = "%d.%d.%d" % tuple(info[:3]) + ("" if info[3] == "final" else info[3][0] + str(info[4]))
    answer = {
        "markers": {
            "implementation_name": name,
            "implementation_version": version,
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_python_implementation": platform.python_implementation(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "python_version": ".".join(platform.python_version_tuple()[:2]),
            "sys_platform": sys.platform,
        },
        "wide": sys.maxunicode > 0xFFFF,
        "platform": sysconfig.get_platform(),
        "tags": None,
    }
    if sys.version_info >= (3, 9):
        sys.path.insert(0, packages)
        from packaging.markers import default_environment
        from packaging.tags import sys_tags

        answer["tags"] = [str(tag) for tag in sys_tags()]
        answer["markers"] = default_environment()
    return answer


def platforms(tags, manylinux, musllinux, facts):
    platform = facts["platform"]
    if platform == "darwin":
        arch = tags._mac_arch(facts["machine"], facts["bits"] == 32)
        return list(tags.mac_platforms((facts["macos"]["major"], facts["macos"]["minor"]), arch))
    if platform == "ios":
        return list(tags.ios_platforms((facts["ios"]["major"], facts["ios"]["minor"]), facts["ios"]["multiarch"]))
    if platform == "android":
        return list(tags.android_platforms(facts["android"]["apiLevel"], facts["android"]["abi"]))
    variables = {"PYEMSCRIPTEN_PLATFORM_VERSION": facts.get("pyemscripten")}
    tags._get_config_var = lambda name, warn=False: variables.get(name)
    tags.sysconfig.get_config_var = variables.get
    if platform == "emscripten":
        tags.sysconfig.get_platform = lambda: facts["sysconfigPlatform"]
        return list(tags._emscripten_platforms())
    if platform == "linux":
        libc = facts.get("libc") or {"kind": None}
        glibc = (libc["major"], libc["minor"]) if libc["kind"] == "glibc" else (-1, -1)
        manylinux._get_glibc_version = lambda: manylinux._GLibCVersion(*glibc)
        manylinux._is_linux_armhf = lambda executable: facts["bits"] == 32 and facts.get("hardFloat") is True
        manylinux._is_linux_i686 = lambda executable: facts["bits"] == 32
        manylinux._get_manylinux_module = lambda: policy(facts.get("manylinux"))
        musl = musllinux._MuslVersion(libc["major"], libc["minor"]) if libc["kind"] == "musl" else None
        musllinux._get_musl_version = lambda executable: musl
        tags.sysconfig.get_platform = lambda: "linux-" + facts["machine"]
        return list(tags._linux_platforms(facts["bits"] == 32))
    tags.sysconfig.get_platform = lambda: facts["sysconfigPlatform"]
    return list(tags._generic_platforms())


def policy(said):
    if said is None:
        return None

    class Module:
        pass

    if said.get("all") is False:
        Module.manylinux_compatible = staticmethod(lambda major, minor, arch: False)
    for name in ("manylinux1", "manylinux2010", "manylinux2014"):
        if name in said:
            setattr(Module, name + "_compatible", said[name])
    return Module


def system_tags(case):
    from packaging import _manylinux, _musllinux, tags

    answers = []
    for facts in case:
        named = platforms(tags, _manylinux, _musllinux, facts)
        if not named:
            answers.append(None)
            continue
        version = (facts["version"]["major"], facts["version"]["minor"])
        flags = facts["abiFlags"]
        variables = {
            "Py_DEBUG": 1 if facts["debug"] else 0,
            "Py_GIL_DISABLED": 1 if facts["freeThreaded"] else 0,
            "WITH_PYMALLOC": 1 if "m" in flags else 0,
            "Py_UNICODE_SIZE": 4 if "u" in flags else 2,
            "EXT_SUFFIX": ".%s.so" % facts["soabi"] if facts.get("soabi") else ".so",
        }
        tags._get_config_var = lambda name, warn=False: variables.get(name)
        short = tags.INTERPRETER_SHORT_NAMES.get(facts["implementation"], facts["implementation"])
        nodot = "".join(map(str, version))
        if short == "cp":
            found = list(tags.cpython_tags(version, None, named))
        else:
            found = list(tags.generic_tags(short + nodot, None, named))
        pure = "pp3" if short == "pp" else "cp" + nodot if short == "cp" else None
        found += tags.compatible_tags(version, pure, named)
        answers.append([str(tag) for tag in found])
    return answers


def custom_tags(case):
    try:
        from pip._internal.utils.compatibility_tags import get_supported
    except ImportError:
        return None
    return [
        [str(tag) for tag in get_supported(one["version"], one["platforms"], one["implementation"], one["abis"])] for one in case
    ]


if sys.argv[1:2] == ["here"]:
    sys.stdout.write("\n" + json.dumps(here(sys.argv[2])))
else:
    questions = json.load(sys.stdin)
    # pip's own answers first: the others turn packaging into something for other machines.
    custom = custom_tags(questions["custom"])
    sys.stdout.write(json.dumps({"custom": custom, "system": system_tags(questions["system"])}))
