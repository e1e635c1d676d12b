/* client.h - what the commands of `fumibako` share
 *
 * A command opens the mailbox folder, asks the SDK, and says what came of it: a table or sentences
 * for a person, one JSON object with --json. Whatever a stranger wrote goes through show_text()
 * before it reaches a terminal. */
#pragma once

#include "base/clock.h"
#include "cli/cli.h"
#include "sdk/box.h"

/* ---- the commands, one file each ---- */
int client_init(struct cli *c);
int client_register(struct cli *c);
int client_address_new(struct cli *c);
int client_address_list(struct cli *c);
int client_address_show(struct cli *c);
int client_address_renew(struct cli *c);
int client_address_close(struct cli *c);
int client_list(struct cli *c);
int client_get(struct cli *c);
int client_open(struct cli *c);
int client_export(struct cli *c);
int client_ack(struct cli *c);
int client_watch(struct cli *c);
int client_device_add(struct cli *c);
int client_device_remove(struct cli *c);
int client_device_list(struct cli *c);
int client_key_export(struct cli *c);
int client_key_recipient(struct cli *c);
int client_key_recovery_new(struct cli *c);
int client_recover(struct cli *c);
int client_tax_check(struct cli *c);
int client_tax_export(struct cli *c);
int client_tax_list(struct cli *c);
int client_tax_show(struct cli *c);

/* ---- mailbox.c ---- */

/* The folder that --box names, or the usual one. Exit code or 0. */
int mailbox_folder(struct cli *c, char out[static PATH_MAX]);
/* Ask for the pass-phrase and open the folder. Exit code or 0. */
int mailbox_open(struct cli *c, fumi_box **out);
static inline void mailbox_closep(fumi_box **b)
{
        fumi_box_close(*b);
}
#define MAILBOX_OWNED __attribute__((cleanup(mailbox_closep))) fumi_box
/* Say why @r, with the sentence that @b has. Returns the exit code. */
int mailbox_refuse(struct cli *c, const fumi_box *b, int r, const char *about);
/* Read a file that an option named. Exit code or 0. */
int mailbox_file(struct cli *c, const char *path, size_t most, struct buf *out);
/* An address of this mailbox by its text or its number. Exit code or 0. */
int mailbox_address(struct cli *c, fumi_box *b, const char *word, struct box_address *out);

/* ---- pick.c: SEQ or ID ---- */

struct picked {
        uint64_t seq; /* 0: not known on this device */
        fumi_id id;
        char label[32]; /* as the person named it, shortened */
};
/* Exit code or 0. The letter is on this device, or it is an error that says how to fetch it. */
int pick_here(struct cli *c, fumi_box *b, const char *word, struct picked *out);
/* The same for a letter that may still be with the broker only: its position. */
int pick_seq(struct cli *c, fumi_box *b, const char *word, struct picked *out);
/* Calls @on for each letter: those named as arguments from @first up to @end, or all on this device
 * with --all. Goes on after a letter that was refused; returns the worst exit code. */
int pick_each(struct cli *c, fumi_box *b, int first, int end,
              int (*on)(struct cli *c, fumi_box *b, const struct picked *p, void *ctx), void *ctx);

/* ---- tax_trust.c ---- */

/* What --anchors, --crls and --at say. Exit code or 0. */
struct judge_trust;
int tax_trust(struct cli *c, struct judge_trust *out);

/* ---- show.c ---- */

/* @text with everything replaced that a terminal or an eye could take for something else. */
void show_text(struct buf *out, struct slice text);
void show_string(struct buf *out, const char *text);
/* The same, filled up with spaces to @columns; East Asian characters are two wide. */
void show_column(struct buf *out, const char *text, size_t columns);
void show_time(struct buf *out, instant t); /* local, to the minute */
void show_size(struct buf *out, uint64_t bytes);
const char *show_class(const char *word); /* in the reader's language */
const char *show_pick(const char *english, const char *japanese);
void show_hex(struct buf *out, const fumi_id *id);
/* ,"name":"text" */
void show_json(struct buf *out, const char *name, struct slice text);
void show_json_time(struct buf *out, const char *name, instant t);
/* Print and look whether it could be. Exit code. */
int show_out(struct cli *c, const struct buf *out);

/* ---- qr.c ---- */
/* For the terminal; nothing when it cannot be drawn. */
void qr_put(struct buf *out, const char *text);
void qr_put_paper(struct buf *out, const char *text); /* black on white, for a file or a printer */

/* ---- statement.c ---- */
/* "open until 2027-11-23", "closed", "over", "not published" */
void statement_state(struct buf *out, const struct address_statement *s, instant now);
const char *statement_word(const struct address_statement *s, instant now); /* for JSON */
