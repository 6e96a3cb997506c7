#!/usr/bin/python3
"""Spelling. Files in Spanish are left out: names with .es. in them, and what tests/lint/spelling.skip names."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main, run_tool, SRCDIR

HERE = os.path.join(SRCDIR, 'tests', 'lint')


def skipped(name):
    with open(os.path.join(HERE, 'spelling.skip'), encoding='utf-8') as file:
        expressions = [line.strip() for line in file if line.strip() and not line.startswith('#')]
    return '.es.' in name or any(re.search(expression, name) for expression in expressions)


def look(tree):
    names = [name for name in tree.files(r'.') if name != 'expect' and not skipped(name) and tree.is_text(name)]
    if names:
        yield from run_tool(tree, ['codespell', '--ignore-words', os.path.join(HERE, 'spelling.words')], names)


main(__file__, 'codespell knows the words', look, needs='codespell')
