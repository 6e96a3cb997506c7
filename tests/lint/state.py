#!/usr/bin/python3
"""No variable of the library can change, but for those tests/lint/state.allow names with their reason."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import glob
import subprocess

from lint import main, BUILDDIR, SRCDIR

SECTIONS = re.compile(r'\s(\.data|\.bss|\.tdata|\.tbss)(\.(?!rel\.ro)\S*)?\s')


def allowed():
    with open(os.path.join(SRCDIR, 'tests', 'lint', 'state.allow'), encoding='utf-8') as file:
        return {line.split()[0] for line in file if line.strip() and not line.startswith('#')}


def objects(tree):
    """Symbol tables: of the build, or of a sample, where they lie as text."""
    if tree.top != SRCDIR:
        for name in tree.files(r'\.symbols$'):
            yield name, tree.text(name)
        return
    sources = {os.path.splitext(name)[0]: name for name in tree.files(r'^gateway/.*\.c$')}
    for path in sorted(glob.glob(os.path.join(BUILDDIR, 'gateway', '*', '.libs', '*.o'))):
        room, base = path.split(os.sep)[-3], os.path.splitext(os.path.basename(path))[0]
        source = sources.get(f'gateway/{room}/{base}')
        if source is not None:
            yield source, subprocess.run(['objdump', '-t', path], capture_output=True, text=True, check=True).stdout


def look(tree):
    names = allowed()
    for source, table in objects(tree):
        for line in table.splitlines():
            fields = line.split()
            if not SECTIONS.search(line) or ' d ' in line or len(fields) < 4 or fields[-1].startswith('.'):
                continue
            symbol = re.sub(r'\.\d+$', '', fields[-1])
            if symbol not in names and not symbol.startswith('__gcov') and not symbol.startswith('__odr_asan'):
                yield f'{source}: {symbol} is a variable that lives as long as the process; hand it in, or make it const'


main(__file__, 'no globals that hold state', look, needs='objdump')
