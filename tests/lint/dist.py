#!/usr/bin/python3
"""Every file of the repository is in the distribution, so that what is released is what was tested."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import subprocess

from lint import main, BUILDDIR, SRCDIR, Tree

NOT_RELEASED = re.compile(r'^\.(ci/|gitignore$)|(^|/)\.keep$')


def distributed(tree):
    """What make knows as DISTFILES: files, and folders that go whole."""
    if tree.top != SRCDIR:
        return tree.text('distfiles').split()
    question = 'include Makefile\nlint-distfiles:\n\t@printf "%s\\n" $(DISTFILES)\n'
    done = subprocess.run(['make', '-s', '--no-print-directory', '-f', '-', 'lint-distfiles'], cwd=BUILDDIR, input=question,
                          capture_output=True, text=True, check=True, env=dict(os.environ, MAKEFLAGS=''))
    top = os.path.relpath(SRCDIR, BUILDDIR) + '/'
    return [name[len(top):] if name.startswith(top) else name for name in done.stdout.split()]


def look(tree):
    known = distributed(tree)
    folders = tuple(name + '/' for name in known if os.path.isdir(tree.path(name)))
    known = set(known)
    for name in tree.all:
        if name not in known and not name.startswith(folders) and not NOT_RELEASED.search(name) \
                and name not in ('expect', 'distfiles'):
            yield f'{name}: is in no Makefile.inc, so a release would lack it'


WHY = None
if Tree(SRCDIR).git is None:
    WHY = 'this is a distribution, not the repository'
elif not os.path.exists(os.path.join(BUILDDIR, 'Makefile')):
    WHY = 'nothing is configured here'
main(__file__, 'the distribution is complete', look, skip=WHY)
