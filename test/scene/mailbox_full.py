#!/usr/bin/python3
"""An export to a disk that fills up leaves nothing half. The small disk takes a mount of its own: root, or a
user who may make namespaces."""
import os
import subprocess
import sys

from household import CLIENT, PASSPHRASE, household
from world import PATIENCE, check, play


def _export_to_a_small_disk(ada, folder, limit):
    """Exit code, what was said, and what is left in the folder."""
    folder.mkdir()
    script = f'mount -t tmpfs -o {limit} none "{folder}" && {{ "$@"; code=$?; ls -A "{folder}/out"; exit $code; }}'
    read, write = os.pipe()
    os.write(write, (PASSPHRASE + "\n").encode())
    os.close(write)
    p = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", CLIENT, "export", "1", folder / "out", "--box",
                        ada.folder, "--passphrase-fd", str(read)], pass_fds=[read], capture_output=True, text=True,
                       timeout=PATIENCE)
    os.close(read)
    return p.returncode, p.stderr, p.stdout.split()


def a_full_disk_leaves_nothing_half():
    with household() as h:
        ada = h.citizen()
        h.post(ada.address(), h.file("small.txt", b"small"), h.file("big.bin", os.urandom(3 << 20)))
        ada("get", "1")
        # No room for the bytes; then room for the bytes and for the first name only (root, folder, two files, a link).
        for limit in ("size=1m", "size=9m,nr_inodes=5"):
            code, err, left = _export_to_a_small_disk(ada, h.folder / limit, limit)
            check(code == 1 and "No space left" in err and not left, limit, code, err, left)
        code, err, left = _export_to_a_small_disk(ada, h.folder / "enough", "size=9m,nr_inodes=6")
        check(code == 0 and "small.txt" in left and "big.bin" in left, code, err, left)


if __name__ == "__main__":
    probe = subprocess.run(["unshare", "-rm", "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        print("skipped:", probe.stderr.strip())
        sys.exit(77)
    sys.exit(play(globals()))
