#!/usr/bin/python3
"""What libgreenlane.so exports is what the public headers mark GLN_API, and nothing else."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import subprocess

from lint import main, code_of, BUILDDIR, SRCDIR

DECLARED = re.compile(r'\bGLN_API\b[^;{]*?\b(\w+)\s*\(')
LIBRARY = os.path.join(BUILDDIR, '.libs', 'libgreenlane.so')


def exported(tree):
    """The dynamic symbols that are defined; of a sample, the lines of its file "symbols"."""
    if tree.top != SRCDIR:
        return set(tree.text('symbols').split())
    done = subprocess.run(['nm', '-D', '--defined-only', LIBRARY], capture_output=True, text=True, check=True)
    return {line.split()[-1].split('@')[0] for line in done.stdout.splitlines()}


def look(tree):
    declared = {}
    for name in tree.files(r'^gateway/include/.*\.h$'):
        text = code_of(re.sub(r'^[ \t]*#.*(?:\\\n.*)*$', '', tree.text(name), flags=re.MULTILINE))
        declared.update({symbol: name for symbol in DECLARED.findall(text)})
    symbols = exported(tree)
    for symbol in sorted(symbols):
        if not symbol.startswith('gln_'):
            yield f'libgreenlane.so: {symbol} is exported and does not begin with gln_'
        elif symbol not in declared:
            yield f'libgreenlane.so: {symbol} is exported and no public header declares it'
    for symbol in sorted(set(declared) - symbols):
        yield f'{declared[symbol]}: {symbol} is declared GLN_API and libgreenlane.so does not export it'


main(__file__, 'libgreenlane.so exports what the public headers declare', look,
     skip=None if os.path.exists(LIBRARY) else 'libgreenlane.so is not built here')
