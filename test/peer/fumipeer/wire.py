"""The connection (P1, P2): a DEALER under CURVE, requests by number, the same bytes again when no answer came."""
import os
import time

import zmq
import zmq.utils.z85

from . import canon, keys, spec

ANSWER_MOST = 10.0              # s, P2.3


class NoAnswer(Exception):
    pass


class Code(Exception):
    """The broker's refusal."""

    def __init__(self, answer):
        self.answer, self.code = answer, answer["code"]
        self.name = spec.OUTCOMES.get(self.code, str(self.code))
        super().__init__(f"{self.name} [{answer.get('where', '')}]")


class Connection:
    def __init__(self, trust, secret=None, endpoint=None):
        self.trust, self.endpoint = trust, endpoint or trust.endpoint
        self.secret = secret or os.urandom(32)
        self.context, self.socket, self.number, self.early = zmq.Context.instance(), None, 0, {}
        self.connect()

    def connect(self):
        self.close()
        s = self.socket = self.context.socket(zmq.DEALER)
        s.linger, s.heartbeat_ivl, s.heartbeat_timeout = 0, 15000, 30000
        s.reconnect_ivl, s.reconnect_ivl_max = 100, 5000
        s.maxmsgsize = spec.LIMITS["frame_most"]
        s.curve_serverkey = zmq.utils.z85.encode(self.trust.transport)
        s.curve_secretkey = zmq.utils.z85.encode(self.secret)
        s.curve_publickey = zmq.utils.z85.encode(keys.x25519(self.secret))
        s.connect(self.endpoint)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    # ---- bytes, for tests that say what no client says ----
    def send_bytes(self, data):
        self.socket.send(data)

    def receive(self, seconds):
        """The next answer, or None."""
        if not self.socket.poll(max(0, int(seconds * 1000))):
            return None
        return canon.read_answer(self.socket.recv())

    # ---- requests ----
    def send(self, verb, **fields):
        """Without waiting; gives number and bytes."""
        self.number += 1
        data = canon.request(spec.VERBS[verb], self.number, fields)
        self.send_bytes(data)
        return self.number, data

    def wait(self, number, seconds=ANSWER_MOST):
        """The answer of this number, whatever its code; others are kept for who waits for them."""
        end = time.monotonic() + seconds
        while number not in self.early:
            answer = self.receive(end - time.monotonic())
            if answer is None:
                raise NoAnswer(f"number {number}")
            self.early[answer["number"]] = answer
        return self.early.pop(number)

    def ask(self, verb, patience=ANSWER_MOST, tries=3, **fields):
        """The answer's fields when its code is 0; Code otherwise."""
        number, data = self.send(verb, **fields)
        for left in reversed(range(tries)):
            try:
                answer = self.wait(number, patience)
                break
            except NoAnswer:
                if not left:
                    raise
                self.connect()
                self.send_bytes(data)
        if answer["verb"] != spec.VERBS[verb]:
            raise NoAnswer("an answer to another verb")
        if answer["code"]:
            raise Code(answer)
        return answer
