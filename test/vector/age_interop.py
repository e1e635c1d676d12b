#!/usr/bin/env python3
"""Our age files and those of the stock tool `age`, each read by the other.

    age_interop.py AGE_TOOL

Skipped (77) where there is no age. It asks for pass-phrases on the terminal only, so it gets one of its own.
"""
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

SIZES = [0, 1, 2048, 65535, 65536, 65537, 3 * 65536, 1_000_003]
NO_MATCH = 2
PASSPHRASE = b"correct horse battery staple"


def run(argv, data):
    return subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def must(argv, data=b""):
    done = run(argv, data)
    if done.returncode != 0:
        sys.exit(f"{argv[0]} {argv[1]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def age_with_passphrase(argv, answers):
    """Run age on a terminal of its own and answer its questions."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(argv[0], argv)
    said, end = b"", time.monotonic() + 60
    for answer in range(answers):
        while said.count(b":") <= answer:
            if time.monotonic() > end or not select.select([terminal], [], [], 1)[0]:
                if time.monotonic() > end:
                    sys.exit(f"age asked nothing: {said!r}")
                continue
            said += os.read(terminal, 1000)
        os.write(terminal, PASSPHRASE + b"\n")
    while True:
        try:
            if not os.read(terminal, 1000):
                break
        except OSError:         # the other side has closed the terminal
            break
    os.close(terminal)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        sys.exit(f"{argv} failed: {said!r}")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def check(good, what):
    if not good:
        sys.exit(f"broken: {what}")


def recipients(tool, folder):
    keys = [os.path.join(folder, f"key{i}") for i in range(3)]
    for key in keys:
        must(["age-keygen", "-o", key])
    public = [must(["age-keygen", "-y", key]).decode().strip() for key in keys]
    for size in SIZES:
        plain = os.urandom(size)
        ours = must([tool, "seal", public[0], public[1]], plain)
        theirs = must(["age", "-r", public[0], "-r", public[1]], plain)
        check(len(ours) == len(theirs), f"{size} bytes seal to the same length as by age")
        for key in keys[:2]:
            check(must(["age", "-d", "-i", key], ours) == plain, f"age opens our {size} bytes")
            check(must([tool, "open", key], theirs) == plain, f"we open age's {size} bytes")
        done = run([tool, "open", keys[2]], theirs)
        check(done.returncode == NO_MATCH and not done.stdout, "a stranger's key opens nothing of age's")
        check(run(["age", "-d", "-i", keys[2]], ours).returncode != 0, "a stranger's key opens nothing of ours")


def passphrases(tool, folder):
    phrase, plain, ours, theirs, back = (os.path.join(folder, n) for n in ("phrase", "plain", "ours", "theirs", "back"))
    with open(phrase, "wb") as f:
        f.write(PASSPHRASE)
    with open(plain, "wb") as f:
        f.write(os.urandom(70_000))
    with open(ours, "wb") as f:
        f.write(must([tool, "seal-pass", phrase], read(plain)))
    age_with_passphrase(["age", "-d", "-o", back, ours], 1)
    check(read(back) == read(plain), "age opens our pass-phrase file")
    age_with_passphrase(["age", "-p", "-o", theirs, plain], 2)
    check(must([tool, "open-pass", phrase], read(theirs)) == read(plain), "we open age's pass-phrase file")


def main():
    if not shutil.which("age") or not shutil.which("age-keygen"):
        print("skipped: age is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        recipients(sys.argv[1], folder)
        passphrases(sys.argv[1], folder)
    print("age and we read each other")
    return 0


if __name__ == "__main__":
    sys.exit(main())
