#!/usr/bin/python3
"""Links between the documents lead somewhere, and XML files are well-formed."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import xml.sax

from lint import main

LINK = re.compile(r'\[[^\]\n]*\]\(([^)\s#]+)[^)\s]*\)')


def look(tree):
    for name in tree.files(r'\.md$'):
        folder = os.path.dirname(name)
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            for target in LINK.findall(line):
                if not re.match(r'[a-z]+:', target) and not tree.has(os.path.normpath(os.path.join(folder, target))):
                    yield f'{name}:{number}: {target} is not there'
    for name in tree.files(r'^(transforms|schemas|docs)/.*\.(xml|xsl|xsd|sch|svg)$'):
        if '/invalid/' in name:
            continue
        try:
            xml.sax.parse(tree.path(name), xml.sax.ContentHandler())
        except xml.sax.SAXParseException as error:
            yield f'{name}:{error.getLineNumber()}: {error.getMessage()}'


main(__file__, 'links lead somewhere, XML is well-formed', look)
