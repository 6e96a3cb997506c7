#!/usr/bin/python3
"""Functions that must not be called: unsafe ones anywhere, and in the library what belongs to the host process."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

from lint import main, code_of, line_of

ANYWHERE = {
    'strcpy': 'snprintf or util/buf.h', 'strcat': 'snprintf or util/buf.h', 'sprintf': 'snprintf',
    'vsprintf': 'vsnprintf', 'strncpy': 'memcpy with the length known', 'strncat': 'util/buf.h', 'gets': 'getline',
    'strtok': 'strcspn', 'atoi': 'util/num.h', 'atol': 'util/num.h', 'atoll': 'util/num.h', 'atof': 'util/decimal.h',
    'alloca': 'malloc', 'tmpnam': 'mkstemp', 'mktemp': 'mkstemp', 'rand': 'crypto', 'srand': 'crypto',
    'localtime': 'gmtime_r', 'gmtime': 'gmtime_r', 'ctime': 'strftime', 'asctime': 'strftime',
    'system': 'posix_spawn', 'popen': 'posix_spawn', 'setenv': 'an argument', 'putenv': 'an argument',
}
IN_LIBRARY = {
    'exit': 'return a status', '_exit': 'return a status', 'abort': 'return a status', 'printf': 'the context',
    'puts': 'the context', 'putchar': 'the context', 'perror': 'the context', 'signal': 'leave it to the host',
    'sigaction': 'leave it to the host', 'setlocale': 'leave it to the host', 'atexit': 'gln_shutdown',
    'xmlCleanupParser': 'leave it to the host', 'xsltCleanupGlobals': 'leave it to the host',
    'curl_global_cleanup': 'leave it to the host', 'OPENSSL_cleanup': 'leave it to the host',
}
PROGRAMS = ('gateway/cli/', 'gateway/relay/', 'gateway/sandbox/')


def look(tree):
    for name in tree.files(r'^(gateway|examples)/.*\.[ch]$', r'^tests/.*\.[ch]$'):
        banned = dict(ANYWHERE)
        if name.startswith('gateway/') and not name.startswith(PROGRAMS):
            banned.update(IN_LIBRARY)
        if name.startswith('tests/'):
            banned = {word: instead for word, instead in banned.items() if word not in ('setenv', 'system', 'popen')}
        text = code_of(tree.text(name))
        for match in re.finditer(r'(?<![\w.>])(\w+)\s*\(', text):
            if match.group(1) in banned:
                yield f'{name}:{line_of(text, match.start())}: {match.group(1)}() is not used here: {banned[match.group(1)]}'
        if name.startswith('gateway/') and not name.startswith(PROGRAMS):
            for match in re.finditer(r'(?<!\w)(stdout|stderr)\b', text):
                yield f'{name}:{line_of(text, match.start())}: {match.group(1)} belongs to the host process'


main(__file__, 'no unsafe function, and the library leaves the process alone', look)
