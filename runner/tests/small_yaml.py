"""Reads back the YAML that the runner writes: maps, lists of maps, and scalars that are JSON."""

import json


def parsed_yaml(text):
    lines = [(len(line) - len(line.lstrip()), line.lstrip()) for line in text.splitlines()]

    def block(at, indent):
        if lines[at][1].startswith("- "):
            items = []
            while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
                lines[at] = (indent + 2, lines[at][1][2:])
                item, at = block(at, indent + 2) if ": " in lines[at][1] else (json.loads(lines[at][1]), at + 1)
                items.append(item)
            return items, at
        found = {}
        while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("- "):
            key, _, value = lines[at][1].partition(":")
            if value.strip():
                found[key], at = json.loads(value), at + 1
            else:
                found[key], at = block(at + 1, lines[at + 1][0])
        return found, at

    return block(0, 0)[0]
