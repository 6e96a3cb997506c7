#!/usr/bin/python3
"""No private key lies in the project, in whatever clothes."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))

import subprocess

from lint import main

PEM = re.compile(r'-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s*\n\s*(?:[A-Za-z0-9+/=]{20,}|Proc-Type)')
NAMES = re.compile(r'\.(key|p12|pfx|jks|keystore)$', re.IGNORECASE)


def is_der_key(path):
    with open(path, 'rb') as file:
        if file.read(1) != b'\x30':
            return False
    for extra in ([], ['-passin', 'pass:none']):
        done = subprocess.run(['openssl', 'pkey', '-inform', 'DER', '-in', path, '-noout'] + extra,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        # A sealed key cannot be read, but OpenSSL says that it tried to open it.
        if done.returncode == 0 or 'bad decrypt' in done.stderr or 'maybe wrong password' in done.stderr.lower():
            return True
    return False


def look(tree):
    for name in tree.files(r'.'):
        if NAMES.search(name):
            yield f'{name}: has the name of a private key'
        elif PEM.search(tree.text(name)):
            yield f'{name}: holds a private key'
        elif not tree.is_text(name) and is_der_key(tree.path(name)):
            yield f'{name}: is a private key in DER'


def make_bad(folder):
    """A key made on the spot, plain in PEM under a harmless name and sealed in DER under another."""
    pem, der = os.path.join(folder, 'notes.txt'), os.path.join(folder, 'data.bin')
    subprocess.run(['openssl', 'genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', pem],
                   check=True, capture_output=True)
    subprocess.run(['openssl', 'pkcs8', '-topk8', '-in', pem, '-outform', 'DER', '-passout', 'pass:abc', '-out', der],
                   check=True, capture_output=True)
    return 'notes.txt: holds a private key', 'data.bin: is a private key in DER'


main(__file__, 'no private key', look, make_bad, needs='openssl')
