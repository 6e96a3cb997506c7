"""What the lints share: the files of a tree, the TAP output, and the proof that a lint sees what it should.

A lint is a script tests/lint/<name>.py with a function look(tree) that yields one line of text per finding:

    from lint import main
    main(__file__, 'includes go downwards only', look)

The first test looks at the sources. Each folder tests/lint/bad/<name>/<case>/ is a little tree that must be refused:
one test each; its file "expect" holds a regular expression that one of the findings must match. A lint whose bad sample
may not lie in the sources gives a function that writes it: make_bad(folder) -> expressions that must all be met.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

SRCDIR = os.path.abspath(os.environ.get('GREENLANE_SRCDIR', os.path.join(os.path.dirname(__file__), '..', '..', '..')))
BUILDDIR = os.path.abspath(os.environ.get('GREENLANE_BUILDDIR', SRCDIR))
BAD = 'tests/lint/bad/'
NOT_OURS = re.compile(r'^(\.git|b|b-.*|build|build-.*|m4|autom4te\.cache|_build|_inst|greenlane-[\d.]+)$')
PRODUCTS = re.compile(r'(\.(o|lo|la|so|a|pyc)|/\.dirstamp)$|/\.(deps|libs)/|^(config\.(h|h\.in|log|status)|configure'
                      r'|Makefile|Makefile\.in|libtool|aclocal\.m4|stamp-h1|greenlane\.pc)$')


class Tree:
    """A source tree: the repository, a distribution without git, or a bad sample."""

    def __init__(self, top):
        self.top = os.path.abspath(top)
        self.git = self._git_files()
        self.all = self.git if self.git is not None else self._walk()

    def _git_files(self):
        command = ['git', '-c', 'safe.directory=*', '-C', self.top]
        try:
            top = subprocess.run(command + ['rev-parse', '--show-toplevel'], capture_output=True, text=True, check=True)
            if os.path.realpath(top.stdout.strip()) != os.path.realpath(self.top):
                return None
            listed = subprocess.run(command + ['ls-files', '-z', '-c', '-o', '--exclude-standard'],
                                    capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return None
        return sorted({name for name in listed.split('\0')
                       if name and not name.startswith(BAD) and os.path.isfile(os.path.join(self.top, name))})

    def _walk(self):
        found = []
        for folder, folders, names in os.walk(self.top):
            here = os.path.relpath(folder, self.top)
            if here == '.':
                folders[:] = [name for name in folders if not NOT_OURS.match(name)]
            folders[:] = [name for name in folders if name not in ('.deps', '.libs', '__pycache__')]
            for name in names:
                path = os.path.normpath(os.path.join(here, name))
                if not path.startswith(BAD) and not PRODUCTS.search(path):
                    found.append(path)
        return sorted(found)

    def files(self, *patterns):
        """Names, from the top, of the files that match one of the expressions."""
        return [name for name in self.all if any(re.search(pattern, name) for pattern in patterns)]

    def path(self, name):
        return os.path.join(self.top, name)

    def has(self, name):
        return os.path.exists(self.path(name))

    def text(self, name):
        with open(self.path(name), encoding='utf-8', errors='replace') as file:
            return file.read()

    def is_text(self, name):
        with open(self.path(name), 'rb') as file:
            return b'\0' not in file.read(8192)


def code_of(text, keep_strings=False):
    """C source with comments, and strings unless wanted, blanked out; the lines stay where they are."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def blank(match):
        found = match.group(0)
        if found[0] in '"\'':
            return found if keep_strings else found[0] + found[-1]
        return re.sub(r'[^\n]', ' ', found)
    return pattern.sub(blank, text)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def run_tool(tree, command, names, per_call=200):
    """Runs a tool over files, from the top of the tree; gives the lines it printed when it was not content."""
    for start in range(0, len(names), per_call):
        done = subprocess.run(command + names[start:start + per_call], cwd=tree.top, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', check=False)
        if done.returncode != 0:
            lines = done.stdout.splitlines()
            yield from lines or [f'{command[0]}: exit status {done.returncode}']


def refused(look, top, *expected):
    findings = list(look(Tree(top)))
    for expect in expected:
        if not any(re.search(expect, finding) for finding in findings):
            return [f'no finding matches "{expect}"; there were {len(findings)}'] + findings
    return []


class Tap:
    def __init__(self):
        self.count = 0
        self.bad = 0

    def test(self, text, findings):
        self.count += 1
        findings = list(findings)
        if findings:
            self.bad += 1
        print(f'{"not ok" if findings else "ok"} {self.count} - {text}')
        for finding in findings[:200]:
            print(f'# {finding}')
        if len(findings) > 200:
            print(f'# and {len(findings) - 200} more')
        sys.stdout.flush()

    def skip(self, text, why):
        self.count += 1
        print(f'ok {self.count} - {text} # SKIP {why}')

    def end(self):
        print(f'1..{self.count}')
        sys.exit(1 if self.bad else 0)


def main(script, text, look, make_bad=None, needs=None, skip=None):
    """Runs the lint on the sources and on its bad samples; never returns."""
    name = os.path.splitext(os.path.basename(script))[0]
    tap = Tap()
    if needs is not None and shutil.which(needs) is None:
        tap.skip(f'{name}: {text}', f'{needs} is not installed')
        tap.end()
    if skip is not None:
        tap.skip(f'{name}: {text}', skip)
    else:
        tap.test(f'{name}: {text}', look(Tree(SRCDIR)))
    folder = os.path.join(SRCDIR, BAD, name)
    cases = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for case in cases:
        top = os.path.join(folder, case)
        with open(os.path.join(top, 'expect'), encoding='utf-8') as file:
            expect = file.read().strip()
        tap.test(f'{name}: refuses {case}', refused(look, top, expect))
    if make_bad is not None:
        with tempfile.TemporaryDirectory() as top:
            tap.test(f'{name}: refuses a sample made for it', refused(look, top, *make_bad(top)))
    elif not cases:
        tap.test(f'{name}: has a sample it must refuse', [f'nothing lies in {BAD}{name}'])
    tap.end()
