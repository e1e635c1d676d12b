"""Statements: what their lines say and in which order (E5), written and read."""
import datetime
import re

from . import agefile, keys, notes

CLASSES = {"certificate": 1, "notice": 2, "referral": 3, "application": 4, "decision": 5, "record": 6, "message": 7}
NAME = re.compile(r"[a-z][a-z0-9./-]{0,127}")                   # E2.5
DEVICE = re.compile(r"[a-z0-9-]{1,32}")                         # E2.8
UTC = datetime.timezone.utc

# word, least, most; what is between them and in that order is the statement
ADDRESS = [("address", 1, 1), ("key", 1, 1), ("epoch", 1, 1), ("previous", 0, 1), ("accepts", 0, 64), ("seal", 0, 16),
           ("valid", 1, 1), ("closed", 0, 1)]
MAILBOX = [("mailbox", 1, 1), ("key", 1, 1), ("epoch", 1, 1), ("previous", 0, 1), ("device", 1, 32), ("valid", 1, 1)]
ENROLMENT = [("mailbox", 1, 1), ("key", 1, 1), ("level", 1, 1), ("valid", 1, 1)]
SENDER = [("sender", 1, 1), ("name", 1, 1), ("number", 1, 1), ("classes", 1, 1), ("key", 1, 1), ("transport", 1, 1),
          ("epoch", 1, 1), ("previous", 0, 1), ("valid", 1, 1)]
ATTESTATION = [("address", 1, 1), ("statement", 1, 1), ("level", 1, 1), ("time", 1, 1)]
LETTER = [("from", 1, 1), ("to", 1, 1), ("class", 1, 1), ("type", 1, 1), ("title", 1, 1), ("issued", 1, 1),
          ("part", 0, 64)]


class BadStatement(ValueError):
    pass


# ---- small things on lines ----
def instant(ms):
    return datetime.datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_instant(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.A) or text < "1970":
        raise BadStatement("not an instant")
    return int(datetime.datetime.fromisoformat(text[:-1] + "+00:00").timestamp()) * 1000


def number(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,19}", text) or int(text) >= 2**64:
        raise BadStatement("not a number")
    return int(text)


def classes(text):
    words = text.split(",")
    if any(w not in CLASSES for w in words) or sorted(set(words), key=CLASSES.get) != words:
        raise BadStatement("not a list of classes")
    return words


def valid(text):
    words = text.split(" ")
    if len(words) != 2:
        raise BadStatement("not a time of validity")
    return tuple(map(read_instant, words))


def is_valid(statement, now):
    return statement["valid"][0] <= now < statement["valid"][1]


def hash_of(note):
    return keys.sha256(note.encode())


# ---- the sequence of lines ----
def lines(text, title, grammar):
    """The rest of each line by its word: a list for each."""
    rows = text.split("\n")
    if rows[0] != title or rows.pop() != "":
        raise BadStatement(f"not a {title}")
    found, at = {word: [] for word, _, _ in grammar}, 1
    for word, least, most in grammar:
        while at < len(rows) and rows[at].startswith(word + " ") and len(rows[at]) > len(word) + 1:
            found[word].append(rows[at][len(word) + 1:])
            at += 1
        if not least <= len(found[word]) <= most:
            raise BadStatement(f"{word} is missing or repeated")
    if at != len(rows):
        raise BadStatement(f"an unknown line: {rows[at]}")
    return found


def read_common(found):
    """What several statements share, decoded."""
    out = {"found": found}
    for word, size in (("key", 32), ("transport", 32), ("previous", 32), ("statement", 32)):
        if found.get(word):
            out[word] = keys.unb64(found[word][0], size)
    for word in ("epoch", "level"):
        if found.get(word):
            out[word] = number(found[word][0])
    if "valid" in found:
        out["valid"] = valid(found["valid"][0])
    if "epoch" in out and (out["epoch"] < 1 or ("previous" in out) != (out["epoch"] > 1)):
        raise BadStatement("epoch and previous do not fit")
    if out.get("level", 0) > 3:
        raise BadStatement("no such level")
    return out


# ---- address statements (E5.1) ----
def write_address(sign_seed, epoch, seals, accepts, begin, end, previous=None, closed=None):
    """`seals`: age recipients, each with its options behind it if any; `accepts`: (sender, [class])."""
    key = keys.public(sign_seed)
    address = keys.name_of("fumi", key)
    text = f"fumibako address v1\naddress {address}\nkey {keys.b64(key)}\nepoch {epoch}\n"
    text += f"previous {keys.b64(previous)}\n" if previous else ""
    text += "".join(f"accepts {sender} {','.join(granted)}\n" for sender, granted in accepts)
    text += "".join(f"seal {seal}\n" for seal in seals)
    text += f"valid {instant(begin)} {instant(end)}\n"
    text += f"closed {instant(closed)}\n" if closed else ""
    return notes.sign(text, address, sign_seed)


def read_seal(rest):
    found = re.fullmatch(r"(age1[a-z0-9]+)(?: classes=(\S+))?(?: until=(\S+))?", rest)
    if not found:
        raise BadStatement("not a seal line")
    agefile.read_recipient(found[1])
    return found[1], classes(found[2]) if found[2] else None, read_instant(found[3]) if found[3] else None


def read_address(note):
    """An address statement whose key is the address's and signed it."""
    found = lines(notes.split(note)[0], "fumibako address v1", ADDRESS)
    out = read_common(found)
    out["address"] = found["address"][0]
    if keys.name_of("fumi", out["key"]) != out["address"]:
        raise BadStatement("KEY_MISMATCH")
    notes.verify(note, [(out["address"], out["key"])])
    out["accepts"] = [(a, classes(b)) for a, b in (r.split(" ", 1) for r in found["accepts"])]
    out["seals"] = [read_seal(r) for r in found["seal"]]
    out["closed"] = read_instant(found["closed"][0]) if found["closed"] else None
    if (out["closed"] is None) != bool(out["seals"]):
        raise BadStatement("closed or seal lines, never both")
    out["hash"] = hash_of(note)
    return out


def usable(statement, sender, kind, now, seen_epoch=0):
    """Why a sender does not use it (E5.1), or None."""
    if not is_valid(statement, now):
        return "STATEMENT_EXPIRED"
    if statement["closed"] is not None:
        return "ADDRESS_CLOSED"
    if statement["epoch"] < seen_epoch:
        return "EPOCH_CONFLICT"
    if not any(name == sender and kind in granted for name, granted in statement["accepts"]):
        return "NOT_ACCEPTED"
    return None


def recipients(statement, kind, now):
    return [r for r, only, until in statement["seals"] if (only is None or kind in only)
            and (until is None or until > now)]


# ---- the others ----
def write_mailbox(sign_seed, epoch, devices, begin, end, previous=None):
    """`devices`: (CurveZMQ key, name)."""
    key = keys.public(sign_seed)
    mailbox = keys.name_of("fumibox", key)
    text = f"fumibako mailbox v1\nmailbox {mailbox}\nkey {keys.b64(key)}\nepoch {epoch}\n"
    text += f"previous {keys.b64(previous)}\n" if previous else ""
    text += "".join(f"device {keys.b64(device)} {name}\n" for device, name in devices)
    return notes.sign(text + f"valid {instant(begin)} {instant(end)}\n", mailbox, sign_seed)


def write_enrolment(registrar, sign_seed, mailbox_key, level, begin, end):
    mailbox = keys.name_of("fumibox", mailbox_key)
    return notes.sign(f"fumibako enrolment v1\nmailbox {mailbox}\nkey {keys.b64(mailbox_key)}\nlevel {level}\n"
                      f"valid {instant(begin)} {instant(end)}\n", registrar, sign_seed)


def write_sender(registrar, sign_seed, sender, title, granted, key, transport, epoch, begin, end, previous=None,
                 houjin="none"):
    text = (f"fumibako sender v1\nsender {sender}\nname {title}\nnumber {houjin}\nclasses {','.join(granted)}\n"
            f"key {keys.b64(key)}\ntransport {keys.b64(transport)}\nepoch {epoch}\n")
    text += f"previous {keys.b64(previous)}\n" if previous else ""
    return notes.sign(text + f"valid {instant(begin)} {instant(end)}\n", registrar, sign_seed)


def read_sender(note, registrars):
    """A registration (E5.5) that one of these registrars signed."""
    text, by = notes.verify(note, registrars)
    found = lines(text, "fumibako sender v1", SENDER)
    out = read_common(found)
    if not NAME.fullmatch(found["sender"][0]) or not re.fullmatch(r"houjin \d{13}|dantai \d{6}|none", found["number"][0]):
        raise BadStatement("not a sender's name or number")
    if len(found["name"][0].encode()) > 256:
        raise BadStatement("a name too long")
    return out | {"sender": found["sender"][0], "name": found["name"][0], "classes": classes(found["classes"][0]),
                  "registrar": by[0], "hash": hash_of(note)}


def read_attestation(note, trusted):
    text, _ = notes.verify(note, trusted)
    found = lines(text, "fumibako attestation v1", ATTESTATION)
    return read_common(found) | {"address": found["address"][0], "time": read_instant(found["time"][0])}
