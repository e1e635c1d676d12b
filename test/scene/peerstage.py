"""peerstage - a broker with a registrar, for scenes of the second client (test/peer)

    with stage() as s:
        holder = s.holder()
        sender = s.sender()
        letter = s.letter(sender, holder)

Everything that speaks to the broker here is the second client; s.run() starts the real programs.
"""
import contextlib
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "peer"))

from fumipeer import holder, keys, letters, notes, sender, statements, trust, wire      # noqa: E402
from world import BUILD, PATIENCE, check, world                               # noqa: E402

PHRASE = b"correct horse battery staple"
PROGRAMS = {"fumibako": BUILD / "client", "fumibako-post": BUILD / "tools" / "post",
            "fumibako-admin": BUILD / "tools" / "admin", "fumibako-verify": BUILD / "tools" / "verify"}
SENDER = "org.example-life"


def key_file(kind, name):
    """A new one, by E7.4."""
    return f"fumibako {kind} key v1\nname {name}\nseed {keys.b64(os.urandom(32))}\n"


class Stage:
    def __init__(self, w, registrar_text):
        self.world, self.folder = w, w.folder
        self.registrar = holder.Registrar(registrar_text)
        self.registrar_file = self.write("registrar.key", registrar_text)
        self.trust_file = self.write("trust", w.run("--print-trust")[1])
        self.trust = trust.read(self.trust_file)
        self.anyone = wire.Connection(self.trust)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        path.chmod(0o600)
        return path

    # ---- people ----
    def sender(self, name=SENDER, granted=("certificate", "notice"), key_text=None, **more):
        one = sender.Sender(self.trust, key_text or key_file("sender", name))
        self.anyone.ask("enlist", statement=self.registration(one, granted, **more))
        return one

    def registration(self, one, granted=("certificate", "notice"), **more):
        return self.registrar.register_sender(one.name, keys.public(one.sign_seed), keys.x25519(one.transport),
                                              list(granted), **more)

    def holder(self, accepts=((SENDER, ["certificate", "notice"]),), level=2):
        """A mailbox with one address, number 1."""
        one = holder.Holder(self.trust, os.urandom(32))
        one.register(self.registrar.enrol(one.key, level))
        one.publish(1, one.address_statement(1, accepts))
        return one

    def letter(self, author, reader, title="A letter", parts=(("text/plain", "a.txt", b"hello"),), **more):
        """Sealed by the statement that the reader published last, whatever it says."""
        statement = statements.read_address(reader.statements[1][-1])
        return author.letter(statement, "certificate", title, list(parts), **more)

    # ---- the real programs ----
    def run(self, program, *args, code=0):
        p = subprocess.run([PROGRAMS[program] / program, *map(str, args)], capture_output=True, timeout=PATIENCE,
                           cwd=self.folder, text=True)
        check(p.returncode == code, program, *args, "ended with", p.returncode, p.stdout, p.stderr)
        return p.stdout

    phrase = PHRASE

    def box_tries(self, command, *args):
        """The mailbox client, with its pass-phrase; whatever comes of it."""
        read, write = os.pipe()
        os.write(write, PHRASE + b"\n")
        os.close(write)
        try:
            return subprocess.run([PROGRAMS["fumibako"] / "fumibako", *command.split(), *map(str, args), "--box", "citizen",
                                   "--passphrase-fd", str(read)], capture_output=True, timeout=PATIENCE, pass_fds=[read],
                                  cwd=self.folder, text=True)
        finally:
            os.close(read)

    def box(self, command, *args):
        p = self.box_tries(command, *args)
        check(p.returncode == 0, "fumibako", command, *args, "ended with", p.returncode, p.stdout, p.stderr)
        return p.stdout

    def judge(self, receipt, *args, code=0):
        """fumibako-verify on this text."""
        self.write("judged.tlog-proof", receipt)
        return self.run("fumibako-verify", "--trust", self.trust_file, *args, "judged.tlog-proof", code=code)


def citizen(s):
    """A mailbox of the real client, enrolled at level 3, with an address for SENDER; gives the address."""
    s.box("init", "--trust", s.trust_file, "--work", "12")
    s.run("fumibako-admin", "registrar", "enrol", "citizen/mailbox", "--registrar", s.registrar_file, "--level", "3",
          "--out", "enrolment")
    s.box("register", "--enrolment", "enrolment")
    return s.box("address new", "--for", SENDER, "--classes", "certificate,notice", "--quiet").strip()


@contextlib.contextmanager
def stage(**keys_of_broker):
    text = key_file("registrar", "registrar.example")
    registrar = holder.Registrar(text)
    vkey = notes.vkey(registrar.name, keys.public(registrar.sign_seed))
    with world(registrar=vkey, self_enrol="no", **keys_of_broker) as w:
        w.start()
        yield Stage(w, text)


def refused(name, what, /, *args, where=None, **fields):
    """what(...) is refused by the broker with this code, and `where` if given."""
    try:
        found = what(*args, **fields)
    except wire.Code as e:
        check(e.name == name, f"{e.name} in place of {name}")
        check(where is None or e.answer.get("where") == where, f"{e.answer.get('where')} in place of {where}")
        return e.answer
    check(False, f"no {name} but", found)
