"""Run by the layer's Python: what is installed, as JSON on stdout.

stdin: null, or {name: version} of packages as they would be: then the conflicts that this would bring, as lines.
"""

import sys

if __name__ == "__main__":
    # The folder of this file is no place to import from.
    sys.path.pop(0)

import json  # noqa: E402
import re  # noqa: E402
from importlib import metadata  # noqa: E402


def packaging():
    """pip's copy of `packaging`, or the package itself; None: markers cannot be evaluated."""
    try:
        from pip._vendor.packaging import requirements
    except ImportError:
        try:
            from packaging import requirements
        except ImportError:
            return None
    return requirements.Requirement


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(distribution, requirement_type):
    """Requirements of a distribution that hold here, as (name, specifier or None)."""
    for text in distribution.requires or ():
        if requirement_type is None:
            if "extra" not in text.partition(";")[2]:
                yield normalised(re.match(r"[\w.-]+", text.strip()).group(0)), None
            continue
        try:
            requirement = requirement_type(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield normalised(requirement.name), requirement.specifier
        except Exception:
            continue


def visible():
    """The distributions that imports find: the first of a name."""
    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(normalised(name), distribution)
    return found


def listed(found, requirement_type):
    return [
        {
            "name": distribution.metadata["Name"],
            "version": distribution.version,
            "location": str(distribution.locate_file("")),
            "requires": sorted({name for name, _ in needed(distribution, requirement_type)}),
        }
        for _, distribution in sorted(found.items())
    ]


def conflicts(found, planned, requirement_type):
    """In pip's own words."""
    if requirement_type is None:
        return []
    planned = {normalised(name): version for name, version in planned.items()}
    lines = []
    for name, distribution in sorted(found.items()):
        if name in planned:
            continue
        for other, specifier in needed(distribution, requirement_type):
            version = planned.get(other)
            if version and not specifier.contains(version, prereleases=True):
                words = (distribution.metadata["Name"], distribution.version, other, specifier, other, version)
                lines.append("%s %s requires %s%s, but you would have %s %s which is incompatible." % words)
    return lines


def main():
    planned = json.load(sys.stdin)
    found, requirement_type = visible(), packaging()
    if planned is None:
        json.dump(listed(found, requirement_type), sys.stdout)
    else:
        json.dump(conflicts(found, planned, requirement_type), sys.stdout)


if __name__ == "__main__":
    main()
