#!/usr/bin/python3
"""Functions up to 80 lines and complexity 15 (pmccabe, a switch counts each case), files up to 800 lines."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import subprocess

from lint import main

LINES = 80
COMPLEXITY = 15
FILE_LINES = 800


def look(tree):
    names = tree.files(r'^(gateway|tests|examples)/.*\.[ch]$')
    for name in names:
        lines = tree.text(name).count('\n')
        if lines > FILE_LINES:
            yield f'{name}: {lines} lines (up to {FILE_LINES})'
    sources = [name for name in names if name.endswith('.c')]
    if not sources:
        return
    done = subprocess.run(['pmccabe'] + sources, cwd=tree.top, capture_output=True, text=True, errors='replace', check=False)
    for line in done.stdout.splitlines():
        fields = line.split('\t')
        complexity, length, where, function = int(fields[1]), int(fields[4]), fields[5].split('(')[0], fields[5].split()[-1]
        if length > LINES:
            yield f'{where}:{fields[3]}: {function} has {length} lines (up to {LINES})'
        if complexity > COMPLEXITY:
            yield f'{where}:{fields[3]}: {function} has complexity {complexity} (up to {COMPLEXITY})'


main(__file__, 'functions and files stay small', look, needs='pmccabe')
