#!/usr/bin/python3
"""Nothing unfinished and nothing of one machine stands in the project."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main

# Written so that this file does not match itself.
WORDS = [
    (re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b'), 'marks unfinished work'),
    (re.compile(r'\b(st' r'ub(s|bed)?|not impl' r'emented)\b', re.IGNORECASE), 'speaks of unfinished work'),
    (re.compile(r'(?<![\w.$}])/(wo' r'rk|ro' r'ot|fa' r'rm|ho' r'me/\w+)/'), 'is a path of one machine'),
    (re.compile(r'/tmp/(w' r't|g' r'l|c' r'i-)\b'), 'is a path of one machine'),
    (re.compile(r'\.\./sha' r'red/'), 'names what is not in the project'),
]
EXEMPT = re.compile(r'^(LICENSE$|tests/lint/words\.py$|tests/data/|tests/fuzz/corpus/)')
# The one place that may know where the test corpus of the project lies.
KNOWS_CORPUS = '.ci/run'


def look(tree):
    for name in tree.files(r'.'):
        if EXEMPT.match(name) or name == 'expect' or not tree.is_text(name):
            continue
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            for pattern, why in WORDS:
                match = pattern.search(line)
                if match and not (name == KNOWS_CORPUS and 'corpus' in line):
                    yield f'{name}:{number}: "{match.group(0)}" {why}'


def make_bad(folder):
    with open(os.path.join(folder, 'a.c'), 'w', encoding='utf-8') as file:
        file.write('int a; /* TO' 'DO */\n')
    return ('a.c:1: .* marks unfinished work',)


main(__file__, 'nothing unfinished, no path of one machine', look, make_bad)
