#!/usr/bin/python3
"""Each .c of the gateway opens with its contract, 5 to 20 lines; each header opens with a Doxygen @file comment."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main

LEAST = 5
MOST = 20


def look(tree):
    for name in tree.files(r'^gateway/.*\.c$'):
        text = tree.text(name)
        end = text.find('*/')
        if not text.startswith('/*') or end < 0:
            yield f'{name}:1: does not open with its contract: what it does, what it owns, what is fatal'
            continue
        lines = text.count('\n', 0, end) + 1
        if not LEAST <= lines <= MOST:
            yield f'{name}:1: its contract has {lines} lines ({LEAST} to {MOST})'
    for name in tree.files(r'^gateway/.*\.h$'):
        text = tree.text(name)
        end = text.find('*/')
        if not text.startswith('/**') or '@file' not in text[:max(end, 0)]:
            yield f'{name}:1: does not open with a comment /** @file ... */'


main(__file__, 'files say what they are for', look)
