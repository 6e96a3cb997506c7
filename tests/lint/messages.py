#!/usr/bin/python3
"""Texts for people: both languages, the same arguments in both, each id once and used."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main, code_of, line_of

ENTRY = re.compile(r'^\s*MSG\(\s*(\w+)\s*,\s*((?:"(?:\\.|[^"\\])*"\s*)+),\s*((?:"(?:\\.|[^"\\])*"\s*)+)\)', re.MULTILINE)


def look(tree):
    where = {}
    for name in tree.files(r'^gateway/core/messages/.*\.def$'):
        text = tree.text(name)
        whole = code_of(text, keep_strings=True)
        entries = list(ENTRY.finditer(whole))
        if len(entries) != len(re.findall(r'^\s*MSG\(', whole, re.MULTILINE)):
            yield f'{name}: an entry does not look like MSG(ID, "English", "Spanish")'
        for entry in entries:
            identity, english, spanish = entry.groups()
            place = f'{name}:{line_of(whole, entry.start(1))}'
            if identity in where:
                yield f'{place}: {identity} stands in {where[identity]} too'
            where[identity] = place
            if not re.search(r'[^"\s]', english) or not re.search(r'[^"\s]', spanish):
                yield f'{place}: {identity} lacks a language'
            if set(re.findall(r'\{\d\}', english)) != set(re.findall(r'\{\d\}', spanish)):
                yield f'{place}: {identity} has other arguments in Spanish than in English'
    used = set()
    for name in tree.files(r'^gateway/.*\.([ch]|def)$', r'^tests/.*\.c$'):
        used.update(re.findall(r'\bMSG_(\w+)', tree.text(name)))
        used.update(re.findall(r'(?:^|[,(])\s*(\w+)\s*[,)]', tree.text(name)) if name.endswith('.c') else [])
    for identity in sorted(set(where) - used):
        yield f'{where[identity]}: {identity} is used nowhere'


main(__file__, 'messages stand in both languages and are used', look)
