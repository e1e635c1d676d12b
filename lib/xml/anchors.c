/* anchors.c - certificates and revocation lists out of files */
#include "xml/anchors.h"

#include "base/fault.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/stat.h>

enum { FILE_MOST = 64 << 20, FILES_MOST = 10000 }; /* lists of large authorities are long */

static int add_certificate(X509_STORE *store, X509 *c)
{
        int ok = c && X509_STORE_add_cert(store, c);

        X509_free(c);
        return ok;
}

static int add_list(X509_STORE *store, X509_CRL *l)
{
        int ok = l && X509_STORE_add_crl(store, l);

        X509_CRL_free(l);
        return ok;
}

/* Everything of @kind in a PEM file; other things in it are passed over. */
static size_t load_pem(X509_STORE *store, struct slice bytes, enum anchors_kind kind)
{
        BIO *bio = BIO_new_mem_buf(bytes.at, (int)bytes.len);
        size_t count = 0;
        bool more = bio != NULL;

        while (more) {
                more = kind == ANCHORS_LISTS
                               ? add_list(store, PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL))
                               : add_certificate(store, PEM_read_bio_X509(bio, NULL, NULL, NULL));
                count += more;
        }
        BIO_free(bio);
        return count;
}

static size_t load_der(X509_STORE *store, struct slice bytes, enum anchors_kind kind)
{
        const unsigned char *at = bytes.at;

        return (size_t)(kind == ANCHORS_LISTS
                                ? add_list(store, d2i_X509_CRL(NULL, &at, (long)bytes.len))
                                : add_certificate(store, d2i_X509(NULL, &at, (long)bytes.len)));
}

static int load_file(size_t *count, X509_STORE *store, const char *path, enum anchors_kind kind)
{
        BUF_OWNED bytes = { 0 };
        int r = file_read(&bytes, path, FILE_MOST);

        if (r)
                return r < 0 ? r : r == FILE_ABSENT ? -ENOENT : -EFBIG;
        if (!bytes.len)
                return 0;
        if (memmem(bytes.at, bytes.len, "-----BEGIN ", 11))
                *count += load_pem(store, buf_slice(&bytes), kind);
        else
                *count += load_der(store, buf_slice(&bytes), kind);
        ERR_clear_error();
        return 0;
}

static int load_folder(size_t *count, X509_STORE *store, const char *path, enum anchors_kind kind)
{
        DIR *dir = opendir(path);
        unsigned files = 0;
        struct dirent *e;
        int r = 0;

        if (!dir)
                return fault(-errno);
        while (!r && (e = readdir(dir)) != NULL) {
                char name[PATH_MAX];
                struct stat st;

                if (e->d_name[0] == '.' ||
                    snprintf(name, sizeof(name), "%s/%s", path, e->d_name) >= (int)sizeof(name) ||
                    stat(name, &st) < 0 || !S_ISREG(st.st_mode))
                        continue;
                r = ++files > FILES_MOST ? -EFBIG : load_file(count, store, name, kind);
        }
        closedir(dir);
        return r;
}

int anchors_load(X509_STORE *store, const char *path, enum anchors_kind kind,
                 char why[static JUDGE_WHY])
{
        size_t count = 0;
        struct stat st;
        int r;

        if (stat(path, &st) < 0)
                r = -errno;
        else
                r = S_ISDIR(st.st_mode) ? load_folder(&count, store, path, kind)
                                        : load_file(&count, store, path, kind);
        if (r < 0) {
                snprintf(why, JUDGE_WHY, "%s: %s", path, strerror(-r));
                return r;
        }
        if (!count) {
                snprintf(why, JUDGE_WHY, "%s: %s", path,
                         kind == ANCHORS_LISTS ? "no revocation list (CRL) in it"
                                               : "no certificate in it");
                return -EINVAL;
        }
        return 0;
}
