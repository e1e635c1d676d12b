"""world - a broker in a temporary folder, for scenes that drive the real programs

    with world() as w:
        w.start()
        answer = w.client().ask(1)

Everything is stopped by process id and removed at the end. A client here is deliberately not the
project's own: raw msgpack over python3-zmq, so that a scene can also say what no client of ours would.
"""
import base64
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import msgpack
import nacl.encoding
import nacl.public
import zmq
import zmq.utils.z85

SOURCE = pathlib.Path(os.environ.get("FUMIBAKO_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("FUMIBAKO_BUILD", "build"))
DAEMON = BUILD / "broker" / "fumibakod"
SANITIZED = os.environ.get("FUMIBAKO_SANITIZE", "none") != "none"
PATIENCE = float(os.environ.get("FUMIBAKO_PATIENCE", "30"))     # longest wait for anything, s


class Failure(AssertionError):
    pass


def check(truth, *what):
    if not truth:
        raise Failure(" ".join(str(w) for w in what))


class Skip(Exception):
    pass


def skip(unless, why):
    """Leave the scene, saying why, unless the machine and the user allow it."""
    if not unless:
        raise Skip(why)


def until(truth, what, patience=PATIENCE):
    """Wait until truth() says something true, and return it. The one place that waits for time to pass."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = truth()
        if found:
            return found
        time.sleep(0.01)
    raise Failure(f"waited {patience} s in vain: {what}")


class World:
    def __init__(self, folder, **keys):
        self.folder = pathlib.Path(folder)
        self.process = None
        self.keys = {"name": "post.example", "listen": "tcp://127.0.0.1:*", "store": "store", "run": "run",
                     "keys": "broker.key", "self_enrol": "yes", "restarts_most": "10000"}
        self.keys.update({k: str(v) for k, v in keys.items()})
        self.config = self.folder / "fumibakod.conf"
        self.seed = self.folder / "broker.key"
        self.seed.write_text("fumibako broker key v1\nseed " + base64.b64encode(os.urandom(32)).decode() + "\n")
        self.seed.chmod(0o600)
        self.clients = []
        self.zmq = zmq.Context()
        self.write_config()

    def write_config(self, **keys):
        self.keys.update({k: str(v) for k, v in keys.items()})
        self.config.write_text("".join(f"{k} = {v}\n" for k, v in self.keys.items()))

    # ---- the broker ----
    def run(self, *flags, timeout=PATIENCE):
        """fumibakod to its end; gives exit code, stdout, stderr."""
        p = subprocess.run([DAEMON, "--config", self.config, *flags], capture_output=True, text=True, timeout=timeout)
        return p.returncode, p.stdout, p.stderr

    @property
    def log_path(self):
        return self.folder / "log"

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def start(self, *flags, wait=True):
        check(self.process is None, "already started")
        self.endpoint_path.unlink(missing_ok=True)      # of a broker that was killed
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([DAEMON, "--config", self.config, *flags], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        if wait:
            until(lambda: self.endpoint_path.exists() or self.process.poll() is not None, "broker ready")
            check(self.process.poll() is None, "the broker ended:", self.log())
        return self

    @property
    def endpoint_path(self):
        return self.folder / "run" / "endpoint"

    @property
    def endpoint(self):
        return self.endpoint_path.read_text().split()[0]

    def wait_end(self):
        """The exit code, once the broker has ended by itself."""
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def stop(self, sig=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(sig)
        return self.wait_end()

    def counters(self, json=False):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(PATIENCE)
            s.connect(str(self.folder / "run" / "counters.sock"))
            if json:
                s.sendall(b"json\n")
            s.shutdown(socket.SHUT_WR)
            text = b""
            while piece := s.recv(65536):
                text += piece
        if json:
            return text.decode()
        return {k: int(v) for k, v in (line.split() for line in text.decode().splitlines())}

    def counter(self, name):
        return self.counters()[name]

    def pid(self, room):
        return self.counter(f"{room}_pid")

    def memory(self, room):
        """Resident bytes of a process, without pages of files (the store's map)."""
        for line in pathlib.Path(f"/proc/{self.pid(room)}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise Failure("no RssAnon")

    def public_key(self):
        """The broker's transport key, as the trust file has it."""
        code, out, err = self.run("--print-trust")
        check(code == 0, err)
        return base64.b64decode(out.splitlines()[1].split()[3])

    def client(self, secret=None):
        c = Client(self.zmq, self.endpoint, self.public_key(), secret or os.urandom(32))
        self.clients.append(c)
        return c

    def end(self):
        for c in self.clients:
            c.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.zmq.term()


class Client:
    """One DEALER. What it sends is the scene's business."""

    def __init__(self, context, endpoint, broker, secret):
        key = nacl.public.PrivateKey(secret)
        self.public = bytes(key.public_key)
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_secretkey = zmq.utils.z85.encode(secret)
        self.socket.curve_publickey = zmq.utils.z85.encode(self.public)
        self.socket.curve_serverkey = zmq.utils.z85.encode(broker)
        self.socket.connect(endpoint)
        self.number = 0

    def send(self, *parts):
        self.socket.send_multipart(parts)

    def receive(self, patience=PATIENCE):
        """The next answer as a map, or None."""
        if not self.socket.poll(int(patience * 1000)):
            return None
        return msgpack.unpackb(self.socket.recv(), strict_map_key=False)

    def ask(self, verb, fields=None, patience=PATIENCE):
        self.number += 1
        self.send(message(verb, self.number, fields))
        answer = self.receive(patience)
        check(answer is not None, f"no answer to verb {verb}")
        check(answer[0] == verb and answer[1] == self.number, "an answer to something else:", answer)
        return answer

    def close(self):
        self.socket.close()


def message(verb, number, fields=None):
    return msgpack.packb({0: verb, 1: number, **dict(sorted((fields or {}).items()))}, use_bin_type=True)


@contextlib.contextmanager
def world(**keys):
    folder = tempfile.mkdtemp(prefix="fumibako-scene-")
    w = World(folder, **keys)
    try:
        yield w
    except BaseException:
        print(f"---- log of the broker\n{w.log()[-20000:]}----")
        raise
    finally:
        w.end()
        shutil.rmtree(folder, ignore_errors=True)


def play(names):
    """Run the scenes of a file, its public functions; or those named on the command line. The exit code
    says whether all were fine."""
    failed = 0
    scenes = [f for f in names.values() if callable(f) and getattr(f, "__module__", "") == "__main__"
              and not isinstance(f, type) and not f.__name__.startswith("_")]
    for scene in [f for f in scenes if f.__name__ in sys.argv[1:]] or scenes:
        began = time.monotonic()
        try:
            scene()
            print(f"ok   {scene.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Skip as why:
            print(f"SKIP {scene.__name__}: {why}", flush=True)
        except Exception as trouble:
            failed += 1
            print(f"FAIL {scene.__name__}: {type(trouble).__name__}: {trouble}", flush=True)
    return 1 if failed else 0
