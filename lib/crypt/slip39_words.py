#!/usr/bin/python3
"""The word list as the inside of a C array: slip39_words.py WORDS.TXT > slip39_words.inc"""
import pathlib
import sys

words = pathlib.Path(sys.argv[1]).read_text(encoding="ascii").split()
if len(words) != 1024 or words != sorted(words) or len({w[:4] for w in words}) != 1024:
    sys.exit("not SLIP-0039's list: 1024 sorted words that differ in their first four letters")
print("\n".join(f'"{w}",' for w in words))
