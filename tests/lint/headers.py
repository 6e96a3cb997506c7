#!/usr/bin/python3
"""Every header compiles alone: the public ones as C11 and as C++17 and without any other library, ours as C11."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import shlex
import subprocess

from lint import main, code_of, BUILDDIR, SRCDIR

STANDARD = {'stddef.h', 'stdint.h', 'stdbool.h', 'stdarg.h'}
PUBLIC_FLAGS = ['-fsyntax-only', '-Wall', '-Wextra', '-pedantic', '-Werror', '-Wno-pragma-once-outside-header']
PACKAGES = ['libxml-2.0', 'libxslt', 'libexslt', 'openssl', 'xmlsec1-openssl', 'sqlite3', 'libcurl', 'libevent',
            'libevent_openssl', 'jansson', 'check']


def compile_alone(tree, name, compiler, flags):
    source = f'#include "{tree.path(name)}"\n#include "{tree.path(name)}"\n'
    done = subprocess.run(compiler + flags + ['-I', tree.path('gateway/include'), '-'], input=source,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield f'{name}: does not compile alone ({" ".join(flags[:2])})'
        yield from done.stderr.splitlines()[:5]


def foreign(tree, name):
    for header in re.findall(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', code_of(tree.text(name), True), re.MULTILINE):
        if header not in STANDARD and header != 'greenlane.h' and not header.startswith('greenlane/'):
            yield f'{name}: includes {header}; a public header knows plain C types only'


def internal_flags():
    config = os.path.join(BUILDDIR, 'config.h')
    flags = subprocess.run(['pkg-config', '--cflags'] + PACKAGES, capture_output=True, text=True, check=True).stdout
    return ['-std=c11', '-fsyntax-only', '-x', 'c', '-Wall', '-Wextra', '-Werror', '-include', config,
            '-I', os.path.join(SRCDIR, 'gateway'), '-I', os.path.join(SRCDIR, 'tests')] + shlex.split(flags)


def look(tree):
    cc = shlex.split(os.environ.get('CC', 'cc'))
    public = tree.files(r'^gateway/include/.*\.h$')
    for name in public:
        yield from foreign(tree, name)
        yield from compile_alone(tree, name, cc, ['-std=c11', '-xc'] + PUBLIC_FLAGS)
        yield from compile_alone(tree, name, ['c++'], ['-std=c++17', '-xc++'] + PUBLIC_FLAGS)
    if os.path.exists(os.path.join(BUILDDIR, 'config.h')):
        for name in tree.files(r'^gateway/(?!include/).*\.h$'):
            yield from compile_alone(tree, name, cc, internal_flags())


main(__file__, 'headers compile alone', look)
