#!/usr/bin/python3
"""shellcheck over all shell scripts, known by their first line; scripts of the tests are executable and well named."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main, run_tool

SCENARIO = re.compile(r'^tests/scenario/[bcdefghijkmnpqrxa]\d{4}-[a-z0-9-]+\.sh$')


def is_shell(tree, name):
    with open(tree.path(name), 'rb') as file:
        return re.match(rb'#!\s*(/usr/bin/env\s+|/bin/|/usr/bin/)(ba|da)?sh\b', file.read(64)) is not None


def look(tree):
    names = [name for name in tree.files(r'.') if is_shell(tree, name)]
    for name in names:
        if not os.access(tree.path(name), os.X_OK):
            yield f'{name}: is not executable'
    for name in tree.files(r'^tests/scenario/[^/]*\.sh$'):
        if not SCENARIO.match(name):
            yield f'{name}: is not named <letter><4 digits>-<what>.sh'
    if names:
        yield from run_tool(tree, ['shellcheck', '-x', '-f', 'gcc', '-S', 'warning'], names, per_call=40)


main(__file__, 'shellcheck finds nothing', look, needs='shellcheck')
