/* config.h - what the operator says: a file of "key = value" lines, and flags that override it
 *
 *      # comment
 *      name = post.example
 *      listen = tcp://0.0.0.0:7733
 *
 * A key that may be given several times says so in its help. Relative paths in the file are
 * relative to the file's folder. Every trouble is reported with path and line, not only the first.
 */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "evidence/note.h"

enum {
        CONFIG_PATH_MOST = 1024,
        CONFIG_LISTENS_MOST = 4,
        CONFIG_REGISTRARS_MOST = 16,
        CONFIG_WITNESSES_MOST = 16,
        CONFIG_THREADS_MOST = 8,
};

enum config_sandbox { CONFIG_SANDBOX_YES, CONFIG_SANDBOX_WEAK, CONFIG_SANDBOX_NO };

struct config {
        char file[CONFIG_PATH_MOST]; /* that was read; empty: none */
        char name[NOTE_NAME_MOST + 1];
        char listen[CONFIG_LISTENS_MOST][128];
        size_t listens;
        char store[CONFIG_PATH_MOST];
        uint64_t engine; /* config_engines */
        char run[CONFIG_PATH_MOST];
        char keys[CONFIG_PATH_MOST];
        struct note_key registrar[CONFIG_REGISTRARS_MOST];
        size_t registrars;
        struct note_key witness[CONFIG_WITNESSES_MOST];
        size_t witnesses;
        bool self_enrol;
        char user[64];      /* empty: stay who we are */
        unsigned user_line; /* of the file; 0: a flag gave it */
        uint64_t log;       /* enum log_level */
        uint64_t log_form;  /* enum log_form */
        uint64_t box_bytes;
        uint64_t map_most;
        uint64_t threads;
        uint64_t rate;
        uint64_t commit_bytes;
        uint64_t clock_window; /* seconds */
        uint64_t uploads_most;
        uint64_t restarts_most; /* of front and keeper in a minute */
        uint64_t sandbox;       /* enum config_sandbox */
};

extern const char *const config_engines[]; /* "lmdb", "mem" */

/* One key as the help shows it. */
struct config_key {
        const char *name, *value, *help;
};
const struct config_key *config_keys(size_t *count);

enum config_outcome { CONFIG_BAD = 1 };

void config_defaults(struct config *c);

/* Read the file into @c. CONFIG_BAD: @why has one line "path:line: ..." for each trouble. */
int config_read(struct config *c, const char *path, struct buf *why);

/* A flag: replaces what the file said; a key that may be given several times replaces with its
 * first flag and appends with the next ones (@again). CONFIG_BAD: @why has the reason, without a
 * path. */
int config_set(struct config *c, const char *key, const char *value, bool again, struct buf *why);

/* Where the user was given, "path:line: user" or "--user": whether there is such a user only shows
 * later. */
void config_where_user(const struct config *c, struct buf *out);

/* What only shows when everything is read: keys that are needed and missing. */
int config_complete(const struct config *c, struct buf *why);
