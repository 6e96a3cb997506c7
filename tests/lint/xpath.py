#!/usr/bin/python3
"""Amounts are exact decimals: no XPath arithmetic, which computes in doubles, in stylesheets and rules."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import html

from lint import main, line_of

# Functions of XPath and XSLT that give or round doubles. Counting (count, position, string-length) is exact.
DOUBLES = ('sum', 'round', 'floor', 'ceiling', 'number', 'format-number')
COUNTS = ('position', 'last', 'count', 'string-length')
COUNTERS = re.compile(r'^\$(i|n|at|start|index|pos|position|count|length|size|line|number|sequence|width|depth)$')
TOKEN = re.compile(r'''"[^"]*"|'[^']*'|\d+(?:\.\d+)?|\.\d+|\$[\w.:-]+|[A-Za-z_][\w.-]*(?::[A-Za-z_*][\w.-]*)?'''
                   r'''|::|\.\.|//|!=|<=|>=|[()\[\]@,/|+=<>*.-]''')
ATTRIBUTE = re.compile(r'''\s(select|test|match|use|count|value|context|subject)\s*=\s*("[^"]*"|'[^']*')''')
TEMPLATE = re.compile(r'''\s[\w:-]+\s*=\s*("[^"]*"|'[^']*')''')
OPERATORS = {'+', '-', '*', 'div', 'mod'}


def operand_before(tokens, i):
    return i > 0 and (re.match(r'''["'\d$\w]|\)|\]|\.''', tokens[i - 1]) is not None or tokens[i - 1] == '*') \
        and tokens[i - 1] not in ('and', 'or', 'div', 'mod')


def is_count_left(tokens, i):
    """Does an exact whole number end right before token i?"""
    last = tokens[i - 1]
    if last.isdigit() or COUNTERS.match(last):
        return True
    if last != ')':
        return False
    depth = 0
    for k in range(i - 1, -1, -1):
        depth += {')': 1, '(': -1}.get(tokens[k], 0)
        if depth == 0:
            return k > 0 and tokens[k - 1] in COUNTS
    return False


def is_count_right(tokens, i):
    first = tokens[i + 1] if i + 1 < len(tokens) else ''
    return first.isdigit() or COUNTERS.match(first) is not None or first in COUNTS


def judge(expression):
    tokens = TOKEN.findall(expression)
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else ''
        if token in DOUBLES and following == '(':
            yield f'{token}() computes in doubles; use gln:sum, gln:round, gln:mul, gln:cmp'
        elif token in OPERATORS and operand_before(tokens, i) and following != '::' \
                and not (is_count_left(tokens, i) and is_count_right(tokens, i)):
            yield f'"{token}" computes in doubles; use gln:sum, gln:mul, gln:cmp'


def expressions(text):
    text = re.sub(r'<!--.*?-->', lambda match: re.sub(r'[^\n]', ' ', match.group(0)), text, flags=re.DOTALL)
    for match in ATTRIBUTE.finditer(text):
        yield match.start(2), match.group(2)[1:-1]
    for match in TEMPLATE.finditer(text):
        for part in re.finditer(r'(?<!\{)\{([^{}]+)\}', match.group(1)):
            yield match.start(1) + part.start(), part.group(1)


def look(tree):
    for name in tree.files(r'^(transforms|schemas)/.*\.(xsl|sch)$'):
        text = tree.text(name)
        for offset, expression in expressions(text):
            for finding in judge(html.unescape(expression)):
                yield f'{name}:{line_of(text, offset)}: {finding}'


main(__file__, 'no XPath arithmetic on amounts', look)
