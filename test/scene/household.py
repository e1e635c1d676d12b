"""household - a registrar, an insurer and citizens around a broker, all by the real programs

    with household() as h:
        ada = h.citizen("ada")
        address = ada.address()
        h.post(address, "letter.txt")
        ada("get", "--all")
"""
import contextlib
import json
import os
import subprocess

from world import BUILD, PATIENCE, check, world

ADMIN = BUILD / "tools" / "admin" / "fumibako-admin"
POST = BUILD / "tools" / "post" / "fumibako-post"
VERIFY = BUILD / "tools" / "verify" / "fumibako-verify"
CLIENT = BUILD / "client" / "fumibako"
SENDER = "org.example-life"
PASSPHRASE = "correct horse battery staple"


def call(*argv, code=0, timeout=PATIENCE, **more):
    """A program to its end; stdout, once its exit code is as wanted."""
    p = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=timeout,
                       stdin=subprocess.DEVNULL, **more)
    check(p.returncode == code, argv, "gave", p.returncode, p.stdout, p.stderr)
    return p.stdout


class Citizen:
    """A mailbox folder. Calling it runs a command there."""

    def __init__(self, home, name):
        self.home = home
        self.folder = home.folder / name
        self.passphrase = PASSPHRASE

    def start(self, *argv, passphrase=None, **more):
        """A command that goes on; the caller waits for it."""
        read, write = os.pipe()
        os.write(write, ((passphrase or self.passphrase) + "\n").encode())
        os.close(write)
        try:
            return subprocess.Popen([str(a) for a in (CLIENT, *argv, "--box", self.folder, "--passphrase-fd", read)],
                                    pass_fds=[read], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True, **more)
        finally:
            os.close(read)

    def run(self, *argv, timeout=PATIENCE, **more):
        """Exit code, stdout, stderr."""
        p = self.start(*argv, **more)
        try:
            out, err = p.communicate(timeout=timeout)
        finally:
            p.kill()
        return p.returncode, out, err

    def __call__(self, *argv, code=0, **more):
        got, out, err = self.run(*argv, **more)
        check(got == code, argv, "gave", got, out, err)
        return out

    def json(self, *argv, **more):
        return json.loads(self(*argv, "--json", **more))

    def init(self, *more):
        self("init", "--trust", self.home.trust, "--work", 10, *more)
        return self

    def register(self, level=2):
        enrolment = self.home.folder / (self.folder.name + ".enrolment")
        call(ADMIN, "registrar", "enrol", self.folder / "mailbox", "--registrar", self.home.registrar,
             "--level", level, "--out", enrolment)
        self("register", "--enrolment", enrolment)
        return self

    def address(self, sender=SENDER):
        return self("address", "new", "--for", sender, "--quiet").strip()


class Household:
    def __init__(self, w):
        self.world = w
        self.folder = w.folder
        self.registrar = self.folder / "registrar" / "registrar.key"
        self.trust = self.folder / "trust"
        self.insurer = self.folder / "insurer"
        self.vkey = call(ADMIN, "registrar", "init", self.folder / "registrar", "--name", "registrar.example").strip()
        w.write_config(registrar=self.vkey)
        w.start()
        self.write_trust()
        call(POST, "init", self.insurer, "--name", SENDER, "--trust", self.trust)
        call(ADMIN, "registrar", "sender", self.insurer / "sender.request", "--registrar", self.registrar,
             "--organisation", "エグザンプル生命保険株式会社", "--number", "houjin:9234567890123",
             "--classes", "certificate,notice", "--out", self.insurer / "statement")
        call(ADMIN, "enlist", self.insurer / "statement", "--trust", self.trust)

    def write_trust(self):
        call(ADMIN, "trust", "--broker-key", self.world.seed, "--name", "post.example", "--endpoint",
             self.world.endpoint, "--registrar", self.vkey, "--out", self.trust)

    def citizen(self, name="citizen"):
        return Citizen(self, name).init().register()

    def post(self, address, *files, title="お知らせ", type="example.notice", letter_class="notice", more=(), code=0):
        return call(POST, "send", "--profile", self.insurer, "--to", address, "--class", letter_class, "--type", type,
                    "--title", title, *more, *files, code=code)

    def file(self, name, content):
        path = self.folder / "files" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path


@contextlib.contextmanager
def household(**keys):
    with world(**keys) as w:
        yield Household(w)
