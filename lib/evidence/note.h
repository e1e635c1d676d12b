/* note.h - C2SP signed notes: a text and the lines of those who signed it
 *
 * One parser for every statement of the project: letter notes, address statements, registrations,
 * checkpoints. Only Ed25519 (signature type 0x01) is made and verified here; lines of other types or
 * unknown keys are kept and ignored, as the specification asks. Cosignatures (type 0x04) are
 * evidence/cosign.h's. */
#pragma once

#include "base/buf.h"
#include "crypt/keys.h"

enum {
        NOTE_MOST = 65536,              /* bytes of a whole note */
        NOTE_SIGNATURES_MOST = 32,
        NOTE_NAME_MOST = 255,
};

/* What a key is used for; a part of its id, so that a line of one use is never taken for another's. */
enum note_type { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

/* Who signs: name and key together give the key id. */
struct note_key {
        char name[NOTE_NAME_MOST + 1];
        struct sign_pub pub;
};

/* C2SP signed-note, "Verifier keys". False for a malformed vkey, wrong id or another type. */
bool note_vkey_get(struct slice text, struct note_key *out);
void note_vkey_put(struct buf *out, const struct note_key *key);
/* The same for keys of another use. */
bool note_vkey_get_as(struct slice text, enum note_type type, struct note_key *out);
void note_vkey_put_as(struct buf *out, enum note_type type, const struct note_key *key);
uint32_t note_key_id(const struct note_key *key, uint8_t type);
/* UTF-8, no spaces, no plus, no controls, not empty, at most NOTE_NAME_MOST bytes. */
bool note_name_ok(struct slice name);

struct note_line {
        struct slice name;
        uint32_t id;
        struct slice signature;         /* base64 as it stands, of key id and signature: see note.c */
};

/* A parsed note. Slices borrow from the bytes it was read from. */
struct note {
        struct slice whole;
        struct slice text;              /* with its final newline: what the signatures cover */
        struct note_line line[NOTE_SIGNATURES_MOST];
        size_t lines;
};

enum note_outcome {
        NOTE_MALFORMED = 1,
        NOTE_UNSIGNED = 2,              /* no line of that key */
        NOTE_FORGED = 3,                /* a line of that key that does not verify */
};

/* NOTE_MALFORMED, or 0. Says nothing about signatures. */
int note_read(struct note *out, struct slice bytes);
/* Must say 0 before any of the text is believed. */
int note_verify(const struct note *n, const struct note_key *key);

/* Append @text, the blank line and one signature line to @out. A text or a name that no reader would
 * take (note_text_ok, note_name_ok, NOTE_MOST) leaves the fault -EINVAL in @out: whoever writes down
 * what others typed asks before, or looks at buf_fault() after. */
void note_sign(struct buf *out, struct slice text, const char *name, const struct sign_sec *sec);
/* Append one more signature line to a note that is already in @out; refuses as note_sign. */
void note_cosign(struct buf *out, struct slice text, const char *name, const struct sign_sec *sec);

/* Append a line whose signature, of whatever type, was made elsewhere. A name that no reader would take leaves -EINVAL. */
void note_line_put(struct buf *out, const char *name, uint32_t id, struct slice signature);

/* Fit to be signed: UTF-8, no ASCII controls but newline, ends with a newline. */
bool note_text_ok(struct slice text);

/* ---- reading the text: lines of "word rest" ---- */
struct note_text {
        struct slice rest;
        bool trouble;                   /* sticky: one check at the end, with note_text_end() */
};
struct note_text note_text_of(struct slice text);
/* The next line must be exactly @line. */
void note_text_line(struct note_text *t, const char *line);
/* The next line must begin with @word and a space; gives what follows (not empty). */
struct slice note_text_field(struct note_text *t, const char *word);
/* The same when the line may be missing: false and nothing consumed when the next line has another word. */
bool note_text_field_if(struct note_text *t, const char *word, struct slice *out);
/* A field of 32 bytes in base64. Zero after trouble. */
struct hash note_text_hash(struct note_text *t, const char *word);
bool note_text_end(struct note_text *t);        /* everything read, no trouble */
