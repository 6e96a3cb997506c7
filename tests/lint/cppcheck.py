#!/usr/bin/python3
"""cppcheck over the sources. Results are kept in the build folder, so that only what changed is read again."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

# slow
# timeout: 900
import tempfile

from lint import main, run_tool, BUILDDIR, SRCDIR

SUPPRESSED = os.path.join(SRCDIR, 'tests', 'lint', 'cppcheck.suppress')


def look(tree):
    names = tree.files(r'^(gateway|examples)/.*\.c$')
    if not names:
        return
    with tempfile.TemporaryDirectory() as folder:
        if tree.top == SRCDIR:
            folder = os.path.join(BUILDDIR, 'cppcheck')
            os.makedirs(folder, exist_ok=True)
        command = ['cppcheck', '-q', '-j', str(os.cpu_count()), '--cppcheck-build-dir=' + folder, '--std=c11',
                   '--platform=unix64', '--enable=warning,performance,portability', '--inline-suppr',
                   '--suppressions-list=' + SUPPRESSED, '--error-exitcode=1', '--max-configs=1', '-D_GNU_SOURCE',
                   '-DGLN_API=', '-I', 'gateway/include', '-I', 'gateway', '--template={file}:{line}: {id}: {message}']
        yield from run_tool(tree, command, names, per_call=100000)


main(__file__, 'cppcheck finds nothing', look, needs='cppcheck')
