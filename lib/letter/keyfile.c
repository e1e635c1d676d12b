/* keyfile.c - the key files of brokers, registrars and senders (E7.4) */
#include "letter/keyfile.h"

#include "base/fault.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "evidence/note.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEYFILE_MOST = 1024 };

/* The text itself holds the seed: it is read into secret memory and parsed there. */
static bool parse(struct keyfile *out, struct slice text, const char *kind)
{
        struct note_text t = note_text_of(text);
        struct slice name, seed;
        char head[64];

        snprintf(head, sizeof(head), "fumibako %s key v1", kind);
        note_text_line(&t, head);
        if (note_text_field_if(&t, "name", &name)) {
                if (!name_party_ok(name))
                        return false;
                memcpy(out->name, name.at, name.len);
                out->name[name.len] = 0;
        }
        seed = note_text_field(&t, "seed");
        return note_text_end(&t) && text_get_base64(seed, out->seed->b, sizeof(out->seed->b));
}

int keyfile_read(struct keyfile *out, const char *path, const char *kind)
{
        SECRET_OWNED uint8_t *text = NULL;
        struct keyfile k = { .seed = NULL };
        struct stat st;
        size_t len;
        int r;

        if (stat(path, &st) < 0)
                return errno == ENOENT ? KEYFILE_ABSENT : fault(-errno);
        if ((st.st_mode & 077) || (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0))
                return KEYFILE_MODE;
        r = file_read_secret(&text, &len, path, KEYFILE_MOST);
        if (r)
                return r < 0 ? r : r == FILE_ABSENT ? KEYFILE_ABSENT : KEYFILE_BAD;
        k.seed = secret_new(sizeof(*k.seed));
        if (!k.seed)
                return fault(-ENOMEM);
        if (!parse(&k, slice_of(text, len), kind)) {
                keyfile_free(&k);
                return KEYFILE_BAD;
        }
        *out = k;
        return 0;
}

int keyfile_create(struct keyfile *out, const char *path, const char *kind, const char *name)
{
        BUF_OWNED coded = { 0 };
        SECRET_OWNED char *text = secret_new(KEYFILE_MOST);
        struct keyfile k = { .seed = secret_new(sizeof(*k.seed)) };
        int n, r;

        if (!text || !k.seed) {
                keyfile_free(&k);
                return fault(-ENOMEM);
        }
        keys_random(k.seed->b, sizeof(k.seed->b));
        text_put_base64(&coded, slice_of(k.seed->b, sizeof(k.seed->b)));
        n = snprintf(text, KEYFILE_MOST, "fumibako %s key v1\n%s%s%sseed %s\n", kind,
                     name ? "name " : "", name ? name : "", name ? "\n" : "", buf_cstr(&coded));
        secret_wipe(coded.at, coded.cap);
        if (name)
                snprintf(k.name, sizeof(k.name), "%s", name);
        r = file_create(path, slice_of(text, (size_t)n), 0600);
        if (r) {
                keyfile_free(&k);
                return r == FILE_EXISTS ? KEYFILE_EXISTS : r;
        }
        *out = k;
        return 0;
}

void keyfile_free(struct keyfile *k)
{
        secret_free(k->seed);
        k->seed = NULL;
}

void keyfile_why(char out[static 512], int outcome, const char *path, const char *kind)
{
        switch (outcome) {
        case KEYFILE_ABSENT:
                snprintf(out, 512, "%s: there is no such key file", path);
                break;
        case KEYFILE_BAD:
                snprintf(out, 512, "%s: not a %s key file", path, kind);
                break;
        case KEYFILE_MODE:
                snprintf(out, 512,
                         "%s: must belong to this user and be closed to others (chmod 600)", path);
                break;
        case KEYFILE_EXISTS:
                snprintf(out, 512, "%s: is there already; a key is never overwritten", path);
                break;
        default:
                snprintf(out, 512, "%s: %s", path, strerror(-outcome));
        }
}
