/* cctv_age.c - our age reader against the CCTV test vectors
 *
 *      cctv_age FOLDER         (or the folder in FUMIBAKO_CCTV_AGE; without one the test is
 * skipped)
 *
 * The folder holds what cctv_unpack.mjs wrote. A vector is a head of "key: value" lines, an empty
 * line, and an age file; the head says what must come of reading it. All that the reader lets out
 * is compared too, also before a failure. Skipped are vectors for what we do not read, and nothing
 * else. */
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypt/age.h"
#include "crypt/bech32.h"
#include "crypt/hash.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { SKIPPED_TEST = 77, FILE_MOST = 64 << 20, AT_LEAST = 90 };

enum verdict { HELD, BROKEN, ARMORED, OTHER_IDENTITY, VERDICTS };
static const char *const verdict_name[VERDICTS] = { "held", "BROKEN", "armored",
                                                    "identity of a type we do not have" };

struct vector {
        struct slice expect, payload, passphrase;
        struct age_reader *reader;
        struct slice file;
};

/* A reader with the vector's keys, and what the head says. */
static enum verdict get_head(struct vector *v, struct slice whole, struct seal_sec *sec)
{
        struct slice line;

        while (slice_split(&whole, '\n', &line)) {
                struct slice value, key;

                if (line.len == 0) {
                        v->file = whole;
                        return HELD;
                }
                value = line;
                if (!slice_split(&value, ':', &key) || value.len == 0)
                        return BROKEN;
                value = slice_from(value, 1);
                if (slice_is(key, "expect"))
                        v->expect = value;
                else if (slice_is(key, "payload"))
                        v->payload = value;
                else if (slice_is(key, "armored"))
                        return ARMORED;
                else if (slice_is(key, "passphrase")) {
                        if (age_reader_set_passphrase(v->reader, value))
                                return BROKEN;
                } else if (slice_is(key, "identity")) {
                        if (!bech32_get_identity(value, sec))
                                return OTHER_IDENTITY;
                        if (age_reader_add_identity(v->reader, sec))
                                return BROKEN;
                } else if (!slice_is(key, "file key") && !slice_is(key, "comment"))
                        return BROKEN; /* also "compressed": unpack with cctv_unpack.mjs */
        }
        return BROKEN;
}

static const char *outcome_name(int r)
{
        switch (r) {
        case 0:
                return "success";
        case AGE_BAD_HEADER:
        case AGE_WORK_TOO_HIGH: /* which CCTV does not tell apart */
                return "header failure";
        case AGE_NO_MATCH:
                return "no match";
        case AGE_BAD_MAC:
                return "HMAC failure";
        case AGE_BAD_PAYLOAD:
                return "payload failure";
        default:
                return "fault";
        }
}

/* Without a payload line, nothing may come out. */
static bool payload_holds(const struct vector *v, const struct buf *plain)
{
        struct hash want, is;

        if (v->payload.len == 0)
                return plain->len == 0;
        hash_sha256(&is, buf_slice(plain));
        return text_get_hex(v->payload, want.b, sizeof(want.b)) && hash_eq(&want, &is);
}

static enum verdict check(const char *name, struct slice whole, size_t step, struct seal_sec *sec)
{
        struct vector v = { .reader = age_reader_new() };
        BUF_OWNED plain = { 0 };
        enum verdict is = v.reader ? get_head(&v, whole, sec) : BROKEN;
        int r = 0;

        if (is == HELD) {
                for (struct slice s = v.file; s.len && r == 0; s = slice_from(s, step))
                        r = age_read(v.reader, slice_upto(s, step), &plain);
                r = age_read_end(v.reader, &plain);
                if (!slice_is(v.expect, outcome_name(r)) || !payload_holds(&v, &plain))
                        is = BROKEN;
        }
        if (is == BROKEN)
                printf("%s (in steps of %zu): expected %.*s, got %s and %zu bytes\n", name, step,
                       (int)v.expect.len, (const char *)v.expect.at, outcome_name(r), plain.len);
        age_reader_free(v.reader);
        return is;
}

static enum verdict check_file(const char *folder, const char *name, struct seal_sec *sec)
{
        BUF_OWNED path = { 0 };
        BUF_OWNED whole = { 0 };
        enum verdict is;

        buf_printf(&path, "%s/%s", folder, name);
        if (file_read(&whole, buf_cstr(&path), FILE_MOST) != 0) {
                printf("%s: cannot be read\n", name);
                return BROKEN;
        }
        is = check(name, buf_slice(&whole), SIZE_MAX, sec);
        if (is != HELD)
                return is;
        return check(name, buf_slice(&whole), whole.len < 10000 ? 1 : 4099, sec);
}

int main(int argc, char **argv)
{
        const char *folder = argc > 1 ? argv[1] : getenv("FUMIBAKO_CCTV_AGE");
        size_t count[VERDICTS] = { 0 };
        DIR *dir = folder && *folder ? opendir(folder) : NULL;
        struct seal_sec *sec;

        if (!dir) {
                printf("skipped: FUMIBAKO_CCTV_AGE names no folder with the vectors\n");
                return SKIPPED_TEST;
        }
        if (secret_init())
                return EXIT_FAILURE;
        sec = secret_new(sizeof(*sec));
        if (!sec)
                return EXIT_FAILURE;
        for (struct dirent *e = readdir(dir); e; e = readdir(dir))
                if (e->d_name[0] != '.')
                        count[check_file(folder, e->d_name, sec)]++;
        closedir(dir);
        secret_free(sec);
        for (size_t i = 0; i < VERDICTS; i++)
                printf("%4zu %s\n", count[i], verdict_name[i]);
        if (count[HELD] < AT_LEAST)
                printf("too few vectors: at least %d are known\n", AT_LEAST);
        return count[BROKEN] || count[HELD] < AT_LEAST ? EXIT_FAILURE : EXIT_SUCCESS;
}
