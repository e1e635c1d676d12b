"""office - a world with a registrar, a registered sender and prepared mailboxes; and the drivers that use it

    with office(mailboxes=12) as o:
        o.drive("post", "a")
"""
import contextlib
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess

import nearby  # noqa: F401
from fumipeer import keys, notes
from world import BUILD, PATIENCE, check, play, until, world  # noqa: F401

SENDER = "org.example-life"
CLASSES = "certificate,notice"


def tool(path, *words, given=None, fine=(0,), **kind):
    """A program of ours to its end; gives what it said."""
    p = subprocess.run([BUILD / path, *map(str, words)], capture_output=True, text=True, timeout=4 * PATIENCE,
                       input=given, **kind)
    check(p.returncode in fine, path, *words, "ended with", p.returncode, p.stdout, p.stderr)
    return p.stdout


def admin(*words):
    return tool("tools/admin/fumibako-admin", *words)


def free_port():
    """A port that is still free when the broker comes back: none that a client's connection may take meanwhile."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Place:
    """One prepared mailbox: its names, and the transport key that may read it."""

    def __init__(self, seed, number, address, statement):
        self.address, self.statement = address, statement
        self.sign = keys.derive(seed, "bench mailbox", number)
        self.name = keys.name_of("fumibox", keys.public(self.sign))
        self.transport = keys.derive(seed, "bench transport", number)


class Office:
    def __init__(self, w):
        self.w = w
        self.folder = w.folder
        self.drivers = {}
        self.profile = self.folder / "insurer"
        self.registrar = admin("registrar", "init", self.folder / "registrar", "--name", "registrar.example").strip()
        self.registrar_key = self.folder / "registrar" / "registrar.key"
        w.write_config(registrar=self.registrar)

    def open(self, mailboxes):
        """Start the broker, register the sender, prepare the mailboxes."""
        w = self.w
        w.start()
        self.trust = self.folder / "trust"
        admin("trust", "--broker-key", w.seed, "--name", w.keys["name"], "--endpoint", w.endpoint, "--registrar",
              self.registrar, "--out", self.trust)
        self.log_key = next(notes.read_vkey(line.split()[1]) for line in self.trust.read_text().splitlines()
                            if line.startswith("log "))
        tool("tools/post/fumibako-post", "init", self.profile, "--name", SENDER, "--trust", self.trust)
        admin("registrar", "sender", self.profile / "sender.request", "--registrar", self.registrar_key,
              "--organisation", "Example Life", "--number", "houjin:9234567890123", "--classes", CLASSES, "--out",
              self.profile / "statement")
        admin("enlist", self.profile / "statement", "--trust", self.trust)
        if mailboxes:
            tool("tools/bench/fumibako-bench", "prep", self.profile / "places", "--mailboxes", mailboxes, "--profile",
                 self.profile, "--registrar", self.registrar_key)
            self.places = list(self._places())

    def _places(self):
        data = (self.profile / "places").read_bytes()
        count, seed = struct.unpack_from("=8xQ32s", data)
        for n in range(count):
            address, statement = struct.unpack_from("48s32s", data, 48 + 80 * n)
            yield Place(seed, n, address.rstrip(b"\0").decode(), statement)

    # ---- drivers ----
    def drive(self, kind, name):
        def hold():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})     # until the driver can hear it
        with open(self.folder / f"{name}.said", "ab") as said:
            self.drivers[name] = kind, subprocess.Popen([BUILD / "test/fault/driver", kind, self.profile, name],
                                                        stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                                        preexec_fn=hold)

    def said(self, name):
        return (self.folder / f"{name}.said").read_text()

    def check_drivers(self):
        for name, (_, p) in self.drivers.items():
            check(p.poll() is None, "driver", name, "ended with", p.returncode, self.said(name))

    def kill_driver(self, name):
        kind, p = self.drivers[name]
        p.kill()
        p.wait()
        self.drive(kind, name)

    def end_driver(self, name):
        """Nothing new from this one; it waits for every answer that it is owed."""
        _, p = self.drivers.pop(name)
        p.send_signal(signal.SIGTERM)
        check(p.wait(4 * PATIENCE) == 0, "driver", name, "ended with", p.returncode, self.said(name))

    def journal(self, name):
        """(kind, serial, payload) of everything that a driver wrote; a torn end left out."""
        path = self.profile / f"{name}.journal"
        data = path.read_bytes() if path.exists() else b""
        at = 0
        while len(data) - at >= 13:
            size, kind, serial = struct.unpack_from(">IcQ", data, at)
            if len(data) - at - 13 < size:
                return
            yield kind, serial, data[at + 13:at + 13 + size]
            at += 13 + size

    def journal_size(self):
        return sum(p.stat().st_size for p in self.profile.glob("*.journal"))

    def kill_room(self, room):
        """kill -9 of front or keeper, whichever life of it is running."""
        def try_it():
            try:
                pid = self.w.pid(room)
                if pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] != str(self.w.process.pid):
                    return False
                os.kill(pid, signal.SIGKILL)
                return True
            except (OSError, KeyError, ValueError):
                return False                    # between two lives
        until(try_it, f"a {room} to kill")

    def kill_parent(self):
        """kill -9 of the whole broker, which takes front and keeper with it, and a new one."""
        pid = self.w.process.pid
        left = [pathlib.Path("/proc", child) for child in
                pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        self.w.process.kill()
        self.w.wait_end()
        until(lambda: not any(n.exists() for n in left), "front and keeper to end with their parent")
        self.w.start()

    def end(self):
        for _, p in self.drivers.values():
            p.kill()
            p.wait()


@contextlib.contextmanager
def office(mailboxes=12, before=None, **settings):
    """@before(folder) is called before the broker is started for the first time."""
    with world(listen=f"tcp://127.0.0.1:{free_port()}", **settings) as w:
        if before:
            before(w.folder)
        o = Office(w)
        try:
            o.open(mailboxes)
            yield o
        except BaseException:
            for said in o.folder.glob("*.said"):
                print(said.name, said.read_text()[-2000:])
            raise
        finally:
            o.end()
