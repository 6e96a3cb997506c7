#!/usr/bin/python3
"""The sources look as .clang-format says."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main, run_tool


def look(tree):
    names = tree.files(r'^(gateway|tests|examples)/.*\.[ch]$')
    if names:
        yield from run_tool(tree, ['clang-format', '--dry-run', '-Werror', '--ferror-limit=1'], names)


main(__file__, 'clang-format has nothing to change', look, needs='clang-format')
