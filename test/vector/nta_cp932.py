#!/usr/bin/python3
"""Code page 932 against Python's codec, and against the C library's where those two agree (N1.2)

    nta_cp932.py PROGRAM        PROGRAM is nta_values

Every sequence of one byte, and of two. Bytes that Microsoft leaves open (80, A0, FD-FF) are no characters here, though
Python has something for them.
"""
import subprocess
import sys

OPEN = {0x80, 0xA0, 0xFD, 0xFE, 0xFF}


def python(sequence):
    """The code point; None when these bytes are no character together."""
    if sequence[0] in OPEN:
        return None
    try:
        text = sequence.decode("cp932")
    except UnicodeDecodeError:
        return None
    return text if len(text) == 1 else None


def c_library(sequences):
    """What iconv makes of all of them, one a line."""
    done = subprocess.run(["iconv", "-c", "-f", "CP932", "-t", "UTF-8"], input=b"\n".join(sequences), capture_output=True)
    lines = done.stdout.decode().split("\n")
    return lines if len(lines) == len(sequences) else None


def main():
    said = dict(line.split() for line in subprocess.run([sys.argv[1], "cp932"], capture_output=True, text=True,
                                                        check=True).stdout.splitlines())
    assert len(said) == 256 + 65536, len(said)
    wrong, characters, users = [], 0, 0
    for name, got in said.items():
        sequence = bytes.fromhex(name)
        want = python(sequence)
        if len(sequence) == 2 and python(sequence[:1]):
            want, want_said = None, "short"     # the first is a character by itself
        elif want is None:
            want_said = "-"
        else:
            want_said = f"{ord(want):04X}"
        if got != want_said and not (got == "short" and want_said == "-"):
            wrong.append(f"{name}: {got}, not {want_said}")
        characters += want is not None
        users += want is not None and 0xE000 <= ord(want) <= 0xE757
    for name, want in (("8160", "FF5E"), ("817C", "FF0D"), ("8161", "2225"), ("81CA", "FFE2"), ("5C", "005C"), ("7E", "007E"),
                       ("8740", "2460"), ("878A", "3231"), ("FBFC", "9AD9"), ("FAB1", "FA11"), ("F040", "E000"),
                       ("F9FC", "E757"), ("EEFC", "FF02"), ("FC4B", "9ED1"), ("A6", "FF66"), ("FC4C", "-"), ("8640", "-")):
        if said[name] != want:
            wrong.append(f"{name}: {said[name]}, not {want}")

    both = [s for s in map(bytes.fromhex, said) if python(s) and s not in (b"\n", b"\r") and len(s) == 2]
    theirs = c_library(both)
    agree = 0
    for sequence, text in zip(both, theirs or []):
        if text == python(sequence):
            agree += 1
            if said[sequence.hex().upper()] != f"{ord(text):04X}":
                wrong.append(f"{sequence.hex()}: the C library and Python say {text}")
    print(*wrong[:40], sep="\n")
    print(f"{characters} characters, {users} of them users' own; the C library agrees on {agree}")
    return 1 if wrong or characters != 9795 or users != 1880 or agree < 9000 else 0


sys.exit(main())
