#!/usr/bin/python3
"""example_tax.py - the same tax package as example_tax_package.c, from Python with ctypes and nothing else

    example_tax.py ANCHORS MAILBOX YEAR [FILE|FOLDER|ZIP...] <passphrase

The structures are those of fumibako.h and fumibako_tax.h, field by field: a field of this class is one of that struct. New
fields come only with a new major version of the library.
"""
import ctypes
import sys
from ctypes import (CFUNCTYPE, POINTER, Structure, byref, c_bool, c_char_p, c_int, c_int64, c_size_t, c_ubyte, c_uint, c_void_p,
                    create_string_buffer)

fumibako = ctypes.CDLL("libfumibako.so.0")
tax = ctypes.CDLL("libfumibako-tax.so.0")


class Outcome(Structure):
    _fields_ = [("code", c_int), ("name", c_char_p), ("english", c_char_p), ("japanese", c_char_p),
                ("next_english", c_char_p), ("next_japanese", c_char_p), ("retry", c_bool)]


class Trust(Structure):
    _fields_ = [("anchors", c_char_p), ("crls", c_char_p), ("at", c_int64)]


class Finding(Structure):
    _fields_ = [("code", c_int), ("warning", c_bool), ("line", c_uint), ("where", c_char_p), ("detail", c_char_p)]


class Entry(Structure):
    _fields_ = [("year", c_int), ("year_assumed", c_bool), ("number", c_char_p), ("label", c_char_p), ("issuer", c_char_p),
                ("category", c_char_p), ("category_name", c_char_p), ("deduction", c_bool), ("has_declared", c_bool),
                ("has_projected", c_bool), ("declared", c_int64), ("projected", c_int64), ("carried", c_int64),
                ("state", c_int), ("why", c_int), ("by", c_void_p)]


class Certificate(Structure):
    _fields_ = [("number", c_size_t), ("name", c_char_p), ("letter", c_void_p), ("sender_name", c_char_p),
                ("from_name", c_char_p), ("bytes", c_void_p), ("size", c_size_t), ("sha256", c_ubyte * 32),
                ("form", c_char_p), ("form_name", c_char_p), ("version", c_char_p), ("id", c_char_p), ("issuer", c_char_p),
                ("issuer_number", c_char_p), ("person", c_char_p), ("unique", c_char_p), ("issued", c_int), ("made", c_int),
                ("refused", c_int), ("valid", c_bool), ("integrity", c_int), ("issuer_trust", c_int), ("revocation", c_int),
                ("sender", c_int), ("signer", c_char_p), ("signer_name", c_char_p), ("finding", POINTER(Finding)),
                ("findings", c_size_t), ("state", c_int), ("why", c_int), ("by", c_void_p), ("entry", POINTER(Entry)),
                ("entries", c_size_t)]


class Total(Structure):
    _fields_ = [("category", c_char_p), ("category_name", c_char_p), ("deduction", c_bool), ("entries", c_size_t),
                ("declared", c_int64), ("projected", c_int64), ("carried", c_int64)]


OnCertificate = CFUNCTYPE(c_int, c_void_p, POINTER(Certificate))
OnTotal = CFUNCTYPE(c_int, c_void_p, POINTER(Total))
OnRefused = CFUNCTYPE(None, c_void_p, c_void_p, c_int)
COUNTS = 0

fumibako.fumi_outcome.restype = POINTER(Outcome)
fumibako.fumi_box_open.argtypes = [POINTER(c_void_p), c_char_p, c_char_p, c_size_t, c_char_p]
fumibako.fumi_box_close.argtypes = [c_void_p]
tax.fumi_tax_open.argtypes = [POINTER(c_void_p), POINTER(Trust), c_char_p]
tax.fumi_tax_close.argtypes = [c_void_p]
tax.fumi_tax_error.argtypes = [c_void_p]
tax.fumi_tax_error.restype = c_char_p
tax.fumi_tax_add_box.argtypes = [c_void_p, c_void_p, OnRefused, c_void_p]
tax.fumi_tax_add_path.argtypes = [c_void_p, c_char_p]
tax.fumi_tax_each.argtypes = [c_void_p, c_int, OnCertificate, c_void_p]
tax.fumi_tax_totals.argtypes = [c_void_p, c_int, OnTotal, c_void_p]


def name_of(code):
    outcome = fumibako.fumi_outcome(code)
    return outcome.contents.name.decode() if outcome else "?"


def must(result, what, why):
    if result:
        sys.exit(f"{what}: {why.decode()} ({name_of(result) if result > 0 else result})")


class Collection:
    """A fumi_tax. What callbacks are handed is read at once: it is the library's."""

    def __init__(self, anchors):
        why = create_string_buffer(512)
        self.t = c_void_p()
        must(tax.fumi_tax_open(byref(self.t), byref(Trust(anchors.encode(), None, 0)), why), "open", why.value)

    def take_mailbox(self, folder, passphrase):
        why, box = create_string_buffer(512), c_void_p()
        secret = create_string_buffer(passphrase)      # which the library wipes
        must(fumibako.fumi_box_open(byref(box), folder.encode(), secret, len(passphrase), why), folder, why.value)
        on_refused = OnRefused(lambda ctx, letter, result: print("a letter that does not open:", result, file=sys.stderr))
        must(tax.fumi_tax_add_box(self.t, box, on_refused, None), folder, tax.fumi_tax_error(self.t))
        fumibako.fumi_box_close(box)

    def take(self, path):
        must(tax.fumi_tax_add_path(self.t, path.encode()), path, tax.fumi_tax_error(self.t))

    def each(self, year, on):
        """Call on(certificate) for each of a year; 0: for every one."""
        must(tax.fumi_tax_each(self.t, year, OnCertificate(lambda ctx, c: on(c.contents) or 0), None), "entries",
             tax.fumi_tax_error(self.t))

    def totals(self, year, on):
        must(tax.fumi_tax_totals(self.t, year, OnTotal(lambda ctx, t: on(t.contents) or 0), None), "totals",
             tax.fumi_tax_error(self.t))

    def close(self):
        tax.fumi_tax_close(self.t)


def main(anchors, mailbox, year, *paths):
    year = int(year)

    def fill_in(c):
        for e in c.entry[:c.entries]:
            if e.year == year and e.state == COUNTS:
                print(f"fill in  {e.category.decode():18} {e.carried:12}  {c.form.decode()}  {e.issuer.decode()}  "
                      f"{e.number.decode()}{'  (check the year)' if e.year_assumed else ''}")

    def total(t):
        print(f"total    {t.category.decode():18} {t.carried:12}  of {t.entries}{'' if t.deduction else '  (no deduction)'}")

    def rest(c):
        for e in c.entry[:c.entries]:
            if e.year == year and e.state != COUNTS:
                print(f"left out {e.category.decode():18} {e.carried:12}  {c.form.decode()}  {e.number.decode()}: {name_of(e.why)}")
        if c.refused:
            print(f"refused  {c.name.decode()}: {name_of(c.refused)}")
        for f in c.finding[:c.findings]:
            if f.warning:
                print(f"remark   {c.name.decode()}: {name_of(f.code)}")

    if fumibako.fumi_start():
        sys.exit("no crypto library")
    collection = Collection(anchors)
    collection.take_mailbox(mailbox, sys.stdin.readline().rstrip("\n").encode())
    for path in paths:
        collection.take(path)
    collection.each(year, fill_in)
    collection.totals(year, total)
    collection.each(0, rest)
    collection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
