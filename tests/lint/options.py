#!/usr/bin/python3
"""Every option of the one table, and every command and switch the help names, is in the manual pages."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import subprocess

from lint import main, BUILDDIR, SRCDIR

OPTION = re.compile(r'^OPTION\(\s*\w+\s*,\s*"([^"]+)"', re.MULTILINE)
COMMAND = os.path.join(BUILDDIR, 'greenlane')


def manual(tree):
    """The manual pages as one text, roff's escapes taken out; with what the build made of the option table."""
    text = ''
    for name in tree.files(r'^docs/man/.*\.[1-8]$'):
        text += tree.text(name)
    if tree.top == SRCDIR:
        made = os.path.join(BUILDDIR, 'docs', 'man', 'greenlane.xml.5')
        if os.path.exists(made):
            with open(made, encoding='utf-8') as file:
                text += file.read()
    return re.sub(r'\\f.|\\', '', text)


def help_text(tree):
    if tree.top != SRCDIR:
        return tree.text('help') if tree.has('help') else ''
    if not os.path.exists(COMMAND):
        return ''
    return subprocess.run([COMMAND, '--help'], capture_output=True, text=True, check=False, timeout=60).stdout


def look(tree):
    text = manual(tree)
    for name in OPTION.findall(tree.text('gateway/core/options.def')):
        if not re.search(rf'^\.B {re.escape(name)}$', text, re.MULTILINE):
            yield f'gateway/core/options.def: {name} is in no manual page'
    for word in sorted(set(re.findall(r'(?<![\w-])--[a-z][a-z-]+', help_text(tree)))):
        if not re.search(rf'{re.escape(word)}(?![\w-])', text):
            yield f'greenlane --help: {word} is in no manual page'
    # A command has one word or two; what it takes is in capitals, brackets or dashes.
    for words in re.findall(r'^  ([a-z][a-z-]+(?: [a-z][a-z-]+)?)(?: |$)', help_text(tree), re.MULTILINE):
        if not re.search(rf'(?:\bgreenlane |^\.[BIT]\w? ){re.escape(words)}(?![\w-])', text, re.MULTILINE):
            yield f'greenlane --help: the command {words} is in no manual page'


main(__file__, 'every option and command is in the manual', look)
