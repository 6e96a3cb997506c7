#!/usr/bin/python3
"""The layer rule of gateway/LAYERS: what a file may include, and which rooms may name an outside library."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main, code_of

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


class Rule:
    def __init__(self, text):
        self.floor, self.allowed, self.public, self.library, self.fence = {}, set(), {}, {}, {}
        self.trouble = []
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split('#')[0].split()
            if not words:
                continue
            if words[0] == 'floor':
                self.floor.update({room: int(words[1]) for room in words[2:]})
            elif words[0] == 'allow' and len(words) == 3:
                self.allowed.add((words[1], words[2]))
            elif words[0] == 'public':
                self.public[words[1]] = words[2]
            elif words[0] == 'library':
                self.library[words[1]] = tuple(words[2:])
            elif words[0] == 'fence':
                self.fence[words[1]] = words[2:]
            else:
                self.trouble.append(f'gateway/LAYERS:{number}: "{line}" is no rule')

    def library_of(self, header):
        return next((name for name, heads in self.library.items() if header.startswith(heads)), None)


def public_header(header):
    return header == 'greenlane.h' or header.startswith('greenlane/')


def may_see(rule, room, target):
    if room == target or (room, target) in rule.allowed:
        return True
    return rule.floor[target] < rule.floor[room]


def judge_own(rule, tree, room, header):
    """A header of ours: why the room may not include it, or None."""
    if public_header(header):
        if rule.public.get(room) == 'greenlane.h' and header.startswith('greenlane/sys'):
            return 'is for extenders; this room sees what embedders see'
        return None
    if '/' not in header:
        return 'is not a full path from gateway/'
    if not tree.has('gateway/' + header):
        return 'is not there'
    target = header.split('/')[0]
    if target not in rule.floor:
        return f'is in room {target}, which stands on no floor'
    if room == 'include':
        return 'is not public'
    if room in rule.public and target != room:
        return f'is not public; this room sees {rule.public[room]} only'
    if not may_see(rule, room, target):
        return f'is in room {target}, which {room} does not see'
    return None


def look(tree):
    rule = Rule(tree.text('gateway/LAYERS'))
    yield from rule.trouble
    for name in tree.files(r'^gateway/.*\.[ch]$'):
        room = name.split('/')[1]
        if room not in rule.floor and room != 'include':
            yield f'{name}: room {room} stands on no floor of gateway/LAYERS'
            continue
        text = code_of(tree.text(name), keep_strings=True)
        for match in INCLUDE.finditer(text):
            where = f'{name}:{text.count(chr(10), 0, match.start()) + 1}'
            header = match.group(2)
            library = rule.library_of(header)
            why = None
            if library is not None:
                if room not in rule.fence.get(library, []):
                    why = f'belongs to {library}, which is fenced into {" ".join(rule.fence.get(library, []))}'
            elif match.group(1) == '"' or public_header(header):
                why = judge_own(rule, tree, room, header)
            if why is not None:
                yield f'{where}: {header} {why}'


main(__file__, 'rooms see lower floors only, outside libraries stay in their rooms', look)
