"""sender - an insurer with fumibako-post, holders with addresses for it, and a bad line between it and the broker"""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import random
import socket
import subprocess
import threading
import time

import nacl.public
import nacl.signing

from holder import Holder, bech32, instant, sign
from world import BUILD, PATIENCE, check

ADMIN = BUILD / "tools" / "admin" / "fumibako-admin"
POST = BUILD / "tools" / "post" / "fumibako-post"
VERIFY = BUILD / "tools" / "verify" / "fumibako-verify"
SUBMIT, REGISTER, PUBLISH, LIST = 2, 7, 8, 9
NAME = "org.example-life"


def tool(*words, code=0, **options):
    p = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=4 * PATIENCE, **options)
    check(p.returncode == code, words[0], words[1], "ended with", p.returncode, p.stdout[-2000:], p.stderr[-2000:])
    return p.stdout


class Address:
    """An address of a holder; each call of publish() is its next epoch, with another seal key."""

    def __init__(self, holder, client):
        self.holder, self.client = holder, client
        self.key = nacl.signing.SigningKey.generate()
        public = bytes(self.key.verify_key)
        self.name = bech32("fumi", b"\x01" + hashlib.sha256(public).digest()[:20])
        self.epoch, self.previous = 0, b""
        self.publish()

    def publish(self):
        now = int(time.time())
        self.epoch += 1
        self.seal = nacl.public.PrivateKey.generate()
        note = sign(
            f"fumibako address v1\naddress {self.name}\nkey {base64.b64encode(bytes(self.key.verify_key)).decode()}\n"
            f"epoch {self.epoch}\n"
            + (f"previous {base64.b64encode(self.previous).decode()}\n" if self.epoch > 1 else "")
            + f"accepts {NAME} certificate,notice\nseal {bech32('age', bytes(self.seal.public_key))}\n"
            f"valid {instant(now - 3600)} {instant(now + 86400)}\n", self.name, self.key)
        self.previous = hashlib.sha256(note.encode()).digest()
        bind = self.holder.key.sign(f"fumibako bind v1\n{self.holder.mailbox}\n".encode() + self.previous).signature
        answer = self.client.ask(PUBLISH, {4: note, 5: self.holder.mailbox, 6: bind})
        check(answer[2] == 0, "publish", answer)


class Box:
    """A mailbox with one address, and what the broker lists in it."""

    def __init__(self, w):
        self.holder = Holder()
        self.client = w.client(self.holder.transport)
        check(self.client.ask(REGISTER, {4: self.holder.statement})[2] == 0, "register")
        self.address = Address(self.holder, self.client)

    def letters(self):
        found, after = [], 0
        while True:
            answer = self.client.ask(LIST, {4: self.holder.mailbox, 5: after, 6: 256})
            check(answer[2] == 0, answer)
            if not answer.get(4):
                check(answer[5] == len(found), "count", answer[5], "but", len(found), "listed")
                return found
            found += answer[4]
            after = answer[4][-1][1]


class Sender:
    def __init__(self, w):
        self.w = w
        self.folder = w.folder / "insurer"
        self.trust = w.folder / "trust"
        registrar = tool(ADMIN, "registrar", "init", w.folder / "registrar", "--name", "registrar.example").strip()
        w.write_config(registrar=registrar)
        w.start()
        self.write_trust(registrar)
        tool(POST, "init", self.folder, "--name", NAME, "--trust", self.trust)
        tool(ADMIN, "registrar", "sender", self.folder / "sender.request", "--registrar",
             w.folder / "registrar" / "registrar.key", "--organisation", "例示生命保険相互会社", "--classes",
             "certificate,notice", "--out", self.folder / "statement")
        tool(ADMIN, "enlist", self.folder / "statement", "--trust", self.trust)

    def write_trust(self, registrar):
        code, out, err = self.w.run("--print-trust")
        check(code == 0, err)
        lines = [line for line in out.splitlines() if not line.startswith("registrar ")]
        lines = [line.replace("tcp://127.0.0.1:*", self.w.endpoint) for line in lines]
        self.trust.write_text("\n".join(lines) + f"\nregistrar {registrar}\n")

    def through(self, endpoint):
        """From now on the sender reaches the broker there."""
        path = self.folder / "trust"
        words = [line.split() for line in path.read_text().splitlines()]
        for line in words:
            if line[0] == "broker":
                line[2] = endpoint
        path.write_text("\n".join(" ".join(line) for line in words) + "\n")

    def post(self, command, *words, code=0):
        return tool(POST, command, *words, "--profile", self.folder, code=code)

    def start(self, command, *words):
        """A process, to be killed."""
        return subprocess.Popen([POST, command, *[str(w) for w in words], "--profile", self.folder],
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def results(self):
        return [json.loads(line) for line in self.post("results", "--json").splitlines()]

    def submit(self, client, letters):
        """A batch of (header, body) by hand (E3.4), signed with the sender's key (E2.1, E2.7)."""
        seed = base64.b64decode((self.folder / "sender.key").read_text().splitlines()[2].split()[1])
        extracted = hmac.digest(b"\0" * 32, seed, "sha256")
        key = nacl.signing.SigningKey(hmac.digest(extracted, b"fumibako sender sign 0\x01", "sha256"))
        check(len(letters) == 1, "one letter: its leaf is the root")
        letter = hashlib.sha256(b"fumibako letter v1\n" + letters[0][0]).digest()
        root = hashlib.sha256(b"\0" + letter).digest()
        signature = key.sign(b"fumibako submit v1\n" + NAME.encode() + root).signature
        return client.ask(SUBMIT, {4: NAME, 5: signature, 6: [{1: letters[0][0], 2: letters[0][1]}]})

    def receipt(self, letter):
        path = self.w.folder / "receipt"
        self.post("receipt", letter["id"], "--out", path)
        return path.read_bytes()

    def judge(self, receipt):
        path = self.w.folder / "judged"
        path.write_bytes(receipt)
        return tool(VERIFY, path, "--trust", self.trust)


def manifest(folder, name, boxes, lines):
    """A manifest of so many lines to these boxes in turn, with a file for each."""
    folder = pathlib.Path(folder)
    text = ["address,type,title,files"]
    for i in range(lines):
        (folder / f"{name}-{i}.xml").write_text(f"<TEG800>{name} {i}</TEG800>\n")
        text.append(f'{boxes[i % len(boxes)].address.name},jp.go.nta.TEG800,"証明書, {name}",{name}-{i}.xml')
    path = folder / f"{name}.csv"
    path.write_text("\n".join(text) + "\n")
    return path


class Line:
    """A TCP line to the broker that counts bytes and ends connections as it is told."""

    def __init__(self, endpoint):
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        self.to = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.sent = 0                   # bytes from sender to broker
        self.cuts = 0
        self.cut_answers = 0.0          # chance that an answer and its connection are lost
        self.cut_after = None           # bytes from the sender after which a connection ends, once
        self.dice = random.Random(int(os.environ.get("FUMIBAKO_SEED", "1")))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.to)
            except OSError:
                return
            for come, go, way in ((near, far, self._question), (far, near, self._answer)):
                threading.Thread(target=self._carry, args=(come, go, way), daemon=True).start()

    def _carry(self, come, go, way):
        try:
            passed = 0
            while piece := come.recv(65536):
                passed += len(piece)
                if way(passed, len(piece)):
                    self.cuts += 1
                    break
                go.sendall(piece)
        except OSError:
            pass
        for s in (come, go):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _question(self, passed, size):
        self.sent += size
        if self.cut_after is not None and passed > self.cut_after:
            self.cut_after = None
            return True
        return False

    def _answer(self, passed, size):
        handshake = 600                 # greeting, WELCOME, READY: without them nothing is asked
        return passed > handshake and self.dice.random() < self.cut_answers

    def close(self):
        self.listener.close()
