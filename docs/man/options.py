#!/usr/bin/python3
"""Fills the options into a manual page: options.py gateway/core/options.def PAGE.in > PAGE

The line "@OPTIONS@" of the page becomes one paragraph per option of the table: name, type, default, range, text.
"""

import re
import sys

ENTRY = re.compile(r'^OPTION\(\s*\w+\s*,(.*?)\)\s*$', re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[^\s,"]+|,')
TYPES = {'TEXT': 'text', 'PATH': 'path', 'INT': 'whole number', 'SIZE': 'size: bytes, or with KiB, MiB, GiB',
         'MS': 'time: milliseconds, or with ms, s, min, h, d', 'BOOL': '\\fBon\\fR or \\fBoff\\fR', 'CHOICE': 'one of'}


def fields(text):
    """The comma-separated arguments of one entry; neighbouring strings are joined, as C does."""
    out, now = [], ''
    for token in TOKEN.findall(text):
        if token == ',':
            out.append(now)
            now = ''
        elif token.startswith('"'):
            now += re.sub(r'\\(.)', r'\1', token[1:-1])
        else:
            now += token
    return out + [now]


def roff(text):
    text = text.replace('\\', '\\e').replace('-', '\\-').replace("'", '\\(aq')
    return '\\&' + text if text.startswith('.') else text


def paragraph(entry):
    name, kind, default, least, most, unit, english = entry[:7]
    yield '.TP'
    yield f'.B {roff(name)}'
    yield f'{roff(english[0].upper() + english[1:])}.'
    about = TYPES.get(kind, 'text')
    if kind == 'CHOICE':
        about += ' ' + ', '.join(f'\\fB{roff(choice)}\\fR' for choice in unit.split('|'))
    elif kind not in ('INT', 'SIZE', 'MS', 'BOOL') and unit:
        about = roff(unit)
    elif kind == 'INT' and unit:
        about += f', {roff(unit)}'
    if kind in ('INT', 'SIZE', 'MS') and (least, most) != ('0', '0'):
        about += f', {least} to {most}'
    yield '.br'
    yield f'{about[0].upper() + about[1:] if about[0] != chr(92) else about}; default ' \
          + (f'\\fB{roff(default)}\\fR.' if default else 'empty.')


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        table = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.DOTALL)
    entries = [fields(match.group(1)) for match in ENTRY.finditer(table)]
    if not entries or len(entries) != table.count('OPTION('):
        sys.exit(f'{sys.argv[1]}: an entry does not look like OPTION(ID, name, TYPE, default, min, max, unit, en, es)')
    with open(sys.argv[2], encoding='utf-8') as file:
        for line in file:
            if line.strip() == '@OPTIONS@':
                for entry in entries:
                    print('\n'.join(paragraph(entry)))
            else:
                print(line, end='')


if __name__ == '__main__':
    main()
