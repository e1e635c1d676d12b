/* fumibako.h - send letters to and take letters out of a Fumibako postbox
 *
 * THREADS. A fumi_sender or fumi_box is used by one thread at a time; different ones are independent.
 * Nothing is global but what fumi_start() sets up. Callbacks run on the calling thread and must not call
 * back into the same object.
 *
 * OWNERSHIP. Strings and bytes handed in are copied. What a callback is handed is valid until it returns.
 * Every fumi_..._open has its fumi_..._close, which takes NULL.
 *
 * RESULTS. 0: done. Positive: an outcome with a stable number, the same as in the protocol document;
 * fumi_outcome() gives its name, a sentence for a person in English or Japanese, what to do next and
 * whether a retry can help. Negative: -errno, something on this machine broke. fumi_error() on the object
 * says more, naming the file, line, letter or field.
 *
 * NOTHING IS LOST. fumi_compose() puts a letter's exact bytes into the spool; fumi_send() makes the spool durable
 * before the first byte leaves, and a letter stays in it until its receipt is in there as well. After a
 * crash, a lost answer or a restart, calling fumi_send() again sends what has no receipt yet; the broker
 * answers a letter that it already has with the same receipt.
 *
 * Sizes are bytes, times are milliseconds since 1970-01-01T00:00:00Z unless said otherwise. */
#ifndef FUMIBAKO_H
#define FUMIBAKO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FUMI_API __attribute__((visibility("default")))
#define FUMI_VERSION 0x000100           /* 0.1.0 */

/* Once per process, before anything else and before threads: starts the crypto library and forbids core
 * files. Calling it again is harmless. */
FUMI_API int fumi_start(void);
FUMI_API unsigned fumi_version(void);

struct fumi_outcome {
        int code;
        const char *name;               /* "NONCE_CONFLICT" */
        const char *english, *japanese; /* a sentence for a person */
        const char *next_english, *next_japanese;
        bool retry;
};
/* NULL for a number that is none. Static memory. */
FUMI_API const struct fumi_outcome *fumi_outcome(int code);

typedef struct { uint8_t b[32]; } fumi_id;      /* letter id, E3.1 */

/* ---- senders --------------------------------------------------------------------------------- */

typedef struct fumi_sender fumi_sender;

/* A profile folder holds sender.key (name and keys), trust, statement (the registrar's answer) and spool/;
 * `fumibako-post init` makes it. The spool is locked: a second opener gets -EBUSY. Titles and paths of letters that
 * wait lie in it in the clear. @why, if not NULL, takes a sentence (512 bytes). */
FUMI_API int fumi_sender_open(fumi_sender **out, const char *profile, char *why);
FUMI_API void fumi_sender_close(fumi_sender *s);
FUMI_API const char *fumi_sender_name(const fumi_sender *s);
FUMI_API const char *fumi_sender_error(const fumi_sender *s);

struct fumi_part {
        const char *name;               /* as the recipient sees it; NULL: the file's own name */
        const char *media;              /* "application/xml"; NULL: by the name's ending */
        const char *file;               /* read from here, or */
        const void *bytes;              /* from memory */
        size_t size;
};

struct fumi_letter {
        const char *to;                 /* fumi1... */
        const char *letter_class;       /* "certificate", "notice", ... */
        const char *type;               /* "jp.go.nta.TEG800" */
        const char *title;
        const struct fumi_part *part;
        size_t parts;
        const char *issued;             /* RFC 3339; NULL: now */
        int64_t not_before, expires;    /* 0: none */
        int assurance;                  /* least level of the recipient, 0-3 */
        int grade;                      /* 1 filed, 2 handed-over, 3 accepted; 0 means 1 */
        const fumi_id *reply_to;        /* NULL: none */
        const char *key;                /* the caller's own key for this letter, up to 200 bytes; composing a
                                         * second letter under a key whose letter waits or is filed is no new
                                         * letter: the first one's id is given, or KEY_IN_USE when what it says
                                         * is not the same (parts by their bytes, not their names). After a
                                         * refusal it is one, in the refused one's place. NULL: every call is a
                                         * new letter. */
};

/* Seal and sign a letter into the spool. Asks the broker for the address statement when the one at hand is
 * older than an hour. Durable at the latest when fumi_send() begins. A part that is a file has to stay as it is until
 * the letter is filed. Outcomes: MALFORMED (fumi_sender_error() names the field), NO_SUCH_ADDRESS, NOT_ACCEPTED,
 * ADDRESS_CLOSED, STATEMENT_EXPIRED, ASSURANCE_TOO_LOW, TOO_LARGE, NO_ANSWER; KEY_MISMATCH, BAD_SIGNATURE,
 * KEY_IN_USE: nothing was composed; EPOCH_CONFLICT, NOT_TRUSTED: somebody exchanged or turned back what is known of the address; SENDER_NOT_VALID,
 * CLASS_NOT_GRANTED; SPOOL_FULL: letters composed since the last fumi_send() may have to be composed again. */
FUMI_API int fumi_compose(fumi_sender *s, const struct fumi_letter *l, fumi_id *id);

/* Ask for the statements of many addresses at once, so that composing to them need not wait for each. What is
 * wrong with one of them is said when a letter is composed to it. */
FUMI_API int fumi_ask_ahead(fumi_sender *s, const char *const *to, size_t count);

enum fumi_state {
        FUMI_WAITING = 0,               /* in the spool, no answer yet */
        FUMI_FILED = 1,                 /* acknowledged: durable at the broker and in its log */
        FUMI_REFUSED = 2,               /* for good: see code */
};
struct fumi_result {
        fumi_id id;
        fumi_id composed;               /* as fumi_compose() gave it: another than id when it had to be sealed again */
        const char *key;                /* NULL when none was given */
        const char *to;
        enum fumi_state state;
        int code;                       /* of a refusal, or of the last answer that asked for a retry */
        const char *where;              /* field that a refusal names, or "" */
        uint64_t leaf;                  /* index in the broker's log, when filed */
        int64_t time;                   /* when it was filed */
        uint64_t size;                  /* sealed bytes */
        bool duplicate;                 /* the broker had it already: an earlier answer was lost */
        const uint8_t *sha256;          /* of its first part, as it was composed: 32 bytes; NULL: not known */
};
typedef void (*fumi_on_result)(void *ctx, const struct fumi_result *r);

/* Send everything in the spool that has no answer, in batches, several in flight, until all have one or @timeout_ms
 * passed without any. Letters whose address statement was superseded are sealed again and sent as new letters
 * under the same key. @on_result hears of each letter once, after its result is durable in the spool.
 * 0: nothing waits any more. NO_ANSWER: some still do. UNKNOWN_SENDER, SENDER_NOT_VALID, BAD_SIGNATURE: the
 * broker does not take letters of this sender; they wait. RECEIPT_FORGED: it says that it filed letters and does not
 * prove it by a log of the trust file; they wait. */
FUMI_API int fumi_send(fumi_sender *s, int64_t timeout_ms, fumi_on_result on_result, void *ctx);

/* One letter, by any id it had. NO_SUCH_LETTER. */
FUMI_API int fumi_result(fumi_sender *s, const fumi_id *id, fumi_on_result on_result, void *ctx);
FUMI_API int fumi_result_by_key(fumi_sender *s, const char *key, fumi_on_result on_result, void *ctx);
/* Every letter of the spool, oldest first. */
FUMI_API int fumi_results(fumi_sender *s, fumi_on_result on_result, void *ctx);

struct fumi_counts { uint64_t waiting, filed, refused, bytes_waiting; };
FUMI_API int fumi_counts(fumi_sender *s, struct fumi_counts *out);

/* The receipt of a filed letter, as a .tlog-proof file (E6.3): proved against the broker's tiles once, then kept.
 * The bytes are the same at every call, but where the trust file asks for witnesses: until enough of them have cosigned,
 * each call looks for a checkpoint with more. */
FUMI_API int fumi_receipt(fumi_sender *s, const fumi_id *id,
                          void (*take)(void *ctx, const void *bytes, size_t size), void *ctx);
/* The same, waiting at most @wait_ms for enough witnesses. What there is by then is given out. */
FUMI_API int fumi_receipt_witnessed(fumi_sender *s, const fumi_id *id, int64_t wait_ms,
                                    void (*take)(void *ctx, const void *bytes, size_t size), void *ctx);
/* What became of it at the recipient: *@handed is when the device acknowledged it, 0 when it has not. */
FUMI_API int fumi_status(fumi_sender *s, const fumi_id *id, int64_t *handed);
/* Drop everything of letters filed before @before: their keys too, so that composing under one of them makes a new
 * letter. Bodies of filed letters go as soon as the result is durable; those that a crash or a full disk left are
 * dropped here. */
FUMI_API int fumi_forget(fumi_sender *s, int64_t before);

/* ---- recipients ------------------------------------------------------------------------------ */

typedef struct fumi_box fumi_box;

/* A mailbox folder holds identity.age, device, trust, addresses and letters/; `fumibako init` makes it.
 * The pass-phrase is wiped before return. */
FUMI_API int fumi_box_open(fumi_box **out, const char *folder, char *passphrase, size_t length, char *why);
FUMI_API void fumi_box_close(fumi_box *b);
FUMI_API const char *fumi_box_error(const fumi_box *b);

struct fumi_listed {
        uint64_t seq;
        fumi_id id;
        const char *from, *to, *letter_class;
        int64_t created, filed, handed; /* handed 0: not acknowledged */
        uint64_t size;                  /* sealed */
        int assurance, grade;
        int64_t not_before, expires;    /* 0: none. The broker hands it out from the one, until the other */
};
/* Letters behind @after (0: from the beginning), oldest first, at most @limit. *@next is the cursor to go on
 * with, *@more whether there are others. Listing has no legal effect. */
FUMI_API int fumi_list(fumi_box *b, uint64_t after, unsigned limit,
                       void (*on_letter)(void *ctx, const struct fumi_listed *l), void *ctx,
                       uint64_t *next, bool *more);

/* Fetch a letter's sealed bytes and proof into the folder's letters/ (E7.2), resuming what is there. */
FUMI_API int fumi_get(fumi_box *b, uint64_t seq, fumi_id *id);

struct fumi_opened_part { const char *name, *media; uint64_t size; uint8_t sha256[32]; };
struct fumi_opened {
        fumi_id id;
        const char *from, *from_name;   /* registered name and the organisation's own */
        const char *to, *letter_class, *type, *title, *issued;
        size_t parts;
        const struct fumi_opened_part *part;
        const char *note;               /* the signed note, whole */
        const char *from_number;        /* of the organisation: "houjin 9234567890123", "dantai ...", "" */
        int64_t filed;                  /* when, as the broker says */
        bool logged;                    /* and its log is proved to hold the filing; false: no proof lies here */
        unsigned witnesses;             /* of the trust file's that have cosigned that proof, */
        bool witnessed;                 /* and they are as many as it asks for; true also when it asks for none */
};
/* Open a fetched letter and check all of E4.4. @on_part is handed the bytes of each part as they come; they are to
 * be believed only when the call has returned 0, and @on_opened is called then. Either may be NULL. */
FUMI_API int fumi_open(fumi_box *b, const fumi_id *id,
                       void (*on_opened)(void *ctx, const struct fumi_opened *o),
                       int (*on_part)(void *ctx, size_t index, const void *bytes, size_t size), void *ctx);

/* Open and write each part to @folder under a safe name, whole or not at all; never over another file.
 * @on_file hears of each path written. */
FUMI_API int fumi_export(fumi_box *b, const fumi_id *id, const char *folder,
                         void (*on_file)(void *ctx, const char *path, const struct fumi_opened_part *p), void *ctx);

/* Every letter on this device, in order of its position in the box; no broker is needed. What the callback gives other
 * than 0 ends it and is given back. */
FUMI_API int fumi_letters(fumi_box *b, int (*on_letter)(void *ctx, const fumi_id *id), void *ctx);

/* Tell the broker that this device has the letters: evidence ContentHandover. */
FUMI_API int fumi_ack(fumi_box *b, const uint64_t *seqs, size_t count);
/* Wait until the box holds a letter behind @after, or @seconds passed; *@newest is its newest position. */
FUMI_API int fumi_watch(fumi_box *b, uint64_t after, unsigned seconds, uint64_t *newest);

/* ---- anyone ---------------------------------------------------------------------------------- */

enum fumi_verdict { FUMI_OK = 0, FUMI_FAIL = 1, FUMI_INCOMPLETE = 3 };
/* Judge a receipt offline under a trust file. @reason takes one sentence (256 bytes). */
FUMI_API int fumi_verify(const void *receipt, size_t size, const char *trust_file, enum fumi_verdict *verdict,
                         char *reason);

#ifdef __cplusplus
}
#endif
#endif
