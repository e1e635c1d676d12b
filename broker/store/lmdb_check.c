/* lmdb_check.c - is the data file as long as its pages say?
 *
 * LMDB reads through a map: a page beyond the end of the file would be a bus error, long after
 * open. So a file that is shorter than the last page it names is looked at here. It may be good all
 * the same: pages taken and given back within one batch are counted and never written. Such pages
 * stand in LMDB's list of free pages, its database 0; if every missing page does, nothing is
 * missing. To read the list safely the file is lengthened with a hole, which LMDB knows for no page
 * of its own, and cut again. */
#include "store/lmdb_env.h"

#include "base/fault.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many free pages have numbers in [from, to). Each record of the list: a count, then page
 * numbers. */
static int count_free(MDB_env *env, uint64_t from, uint64_t to, uint64_t *out)
{
        MDB_cursor *c;
        MDB_txn *txn;
        MDB_val k, v;
        uint64_t n = 0;
        int rc;

        rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
        if (rc)
                return rc;
        rc = mdb_cursor_open(txn, 0, &c);
        if (rc) {
                mdb_txn_abort(txn);
                return rc;
        }
        while (!(rc = mdb_cursor_get(c, &k, &v, MDB_NEXT))) {
                const size_t *list = v.mv_data;

                for (size_t i = 1; i < v.mv_size / sizeof(*list) && i <= list[0]; i++)
                        n += list[i] >= from && list[i] < to;
        }
        mdb_cursor_close(c);
        mdb_txn_abort(txn);
        *out = n;
        return rc == MDB_NOTFOUND ? 0 : rc;
}

int lmdb_check_length(struct lmdb_store *s, struct store_why *why)
{
        MDB_envinfo info;
        MDB_stat st;
        struct stat file;
        uint64_t there, pages, found = 0;
        int fd, rc;

        mdb_env_info(s->env, &info);
        mdb_env_stat(s->env, &st);
        if (mdb_env_get_fd(s->env, &fd) || fstat(fd, &file) < 0)
                return fault(-EIO);
        there = (uint64_t)file.st_size / st.ms_psize;
        pages = (uint64_t)info.me_last_pgno + 1;
        if (there >= pages)
                return 0;
        if (ftruncate(fd, (off_t)(pages * st.ms_psize)) < 0)
                return fault(-errno);
        rc = count_free(s->env, there, pages, &found);
        if (ftruncate(fd, file.st_size) < 0)
                return fault(-errno);
        if (!rc && found == pages - there)
                return 0;
        store_explain(why, "%s is damaged: it was cut short at %llu bytes", s->file,
                      (unsigned long long)file.st_size);
        return STORE_FOREIGN;
}
