/* lmdb_peek.c - a look at the format of a store that is not opened
 *
 * For an operator who asks whether a broker would start. No lock is taken and no byte written, so
 * the store may be in use meanwhile; and LMDB trusts what it reads, so a damaged file may end the
 * process: whoever asks does so in a process that may be lost. */
#include "store/lmdb_env.h"

#include "base/fault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A page beyond the end of the file would be a bus error (lmdb_check.c). */
static bool is_long_enough(MDB_env *env)
{
        MDB_envinfo info;
        MDB_stat st;
        struct stat file;
        int fd;

        mdb_env_info(env, &info);
        mdb_env_stat(env, &st);
        return mdb_env_get_fd(env, &fd) == 0 && fstat(fd, &file) == 0 &&
               (uint64_t)file.st_size / st.ms_psize > info.me_last_pgno;
}

static int peek(struct lmdb_store *s, struct store_why *why)
{
        struct stat file;
        MDB_txn *txn;
        int rc, r;

        if (stat(s->file, &file) < 0)
                return errno == ENOENT ? STORE_ABSENT : fault(-errno);
        if (file.st_size == 0) {
                store_explain(why, "%s is no store: it is empty", s->file);
                return STORE_FOREIGN;
        }
        mdb_env_set_maxdbs(s->env, 1);
        rc = mdb_env_open(s->env, s->file, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS, 0);
        r = lmdb_env_opened(s, rc, why);
        if (r || !is_long_enough(s->env))
                return r;
        r = lmdb_env_word(mdb_txn_begin(s->env, NULL, MDB_RDONLY, &txn));
        if (r)
                return r;
        r = lmdb_env_check_format(s, txn, why);
        mdb_txn_abort(txn);
        return r;
}

int lmdb_peek_store(const char *folder, struct store_why *why)
{
        struct lmdb_store s = { 0 };
        int r;

        if (asprintf(&s.file, "%s/data.mdb", folder) < 0)
                return fault(-ENOMEM);
        r = lmdb_env_word(mdb_env_create(&s.env));
        if (!r) {
                r = peek(&s, why);
                mdb_env_close(s.env);
        }
        free(s.file);
        return r;
}
