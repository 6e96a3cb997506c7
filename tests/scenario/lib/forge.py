"""forge.py LEDGER WHAT: somebody who knows how the chain is made changes a row in the middle, makes every link after it anew and takes out
the heads that are no longer true. WHAT is a table, a row's number, a column and its new content. Digests as docs/ledger.md says."""
import hashlib
import sqlite3
import sys


def number(value):
    return (value & (2**64 - 1)).to_bytes(8, 'big')


def cell(value):
    if value is None:
        return b'n' + number(0)
    if isinstance(value, int):
        return b'i' + number(value)
    if isinstance(value, str):
        return b't' + number(len(value.encode())) + value.encode()
    return b'b' + number(len(value)) + hashlib.sha256(value).digest()


def forge(path, table, row, column, content):
    with sqlite3.connect(path) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER {name}')
        old, = db.execute(f'SELECT {column} FROM {table} WHERE id = ?', (row,)).fetchone()
        db.execute(f'UPDATE {table} SET {column} = ? WHERE id = ?', (content.encode() if isinstance(old, bytes) else content, row))
        seq, = db.execute('SELECT seq FROM chain WHERE tbl = ? AND row = ?', (table, row)).fetchone()
        before, = db.execute('SELECT hash FROM chain WHERE seq = ?', (seq - 1,)).fetchone()
        links = db.execute('SELECT seq, tbl, row, digest FROM chain WHERE seq >= ? ORDER BY seq', (seq,)).fetchall()
        for at, name, id_, digest in links:
            if at == seq:
                cells = db.execute(f'SELECT * FROM {table} WHERE id = ?', (row,)).fetchone()[1:]
                digest = hashlib.sha256(table.encode() + b'\0' + number(row) + b''.join(map(cell, cells))).digest()
            before = hashlib.sha256(before + number(at) + name.encode() + b'\0' + number(id_) + digest).digest()
            db.execute('UPDATE chain SET digest = ?, hash = ? WHERE seq = ?', (digest, before, at))
        db.execute('DELETE FROM heads WHERE seq >= ?', (seq,))


forge(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
