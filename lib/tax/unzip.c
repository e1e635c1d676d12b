/* unzip.c - certificates out of a ZIP (N4.6)
 *
 * A ZIP comes from anywhere. What it says of itself is not believed: entries are counted, read no
 * further than a certificate may be long, and all together no further than a collection may be
 * large, whatever sizes its folder of contents names. Nothing is written to disk. */
#include "tax/tax.h"

#include "base/fault.h"
#include "base/text.h"
#include "form/cp932.h"
#include "schemas/outcomes.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <zip.h>

enum { ENTRIES_MOST = 65535, PIECE = 65536 };

struct unzipping {
        fumi_tax *t;
        zip_t *zip;
        const char *path;
        struct buf name, bytes; /* of the entry in hand */
};

static int not_read(fumi_tax *t, const char *path, zip_error_t *e)
{
        int r = zip_error_code_zip(e) == ZIP_ER_MEMORY ? fault(-ENOMEM) : OUTCOME_TAX_NOT_READ;

        return tax_say(t, r, "%s: %s", path, zip_error_strerror(e));
}

/* Up to one byte more than a certificate may have. */
static int read_entry(struct unzipping *u, zip_file_t *f)
{
        zip_int64_t n;

        buf_clear(&u->bytes);
        do {
                uint8_t *at = buf_extend(&u->bytes, PIECE);

                if (!at)
                        return fault(-ENOMEM);
                n = zip_fread(f, at, PIECE);
                u->bytes.len -= n > 0 ? PIECE - (size_t)n : PIECE;
        } while (n > 0 && u->bytes.len <= JUDGE_BYTES_MOST);
        if (n < 0)
                return OUTCOME_TAX_NOT_READ;
        return u->bytes.len > JUDGE_BYTES_MOST ? OUTCOME_XML_TOO_LARGE : 0;
}

/* A locked or damaged entry is in the collection like a certificate that was refused. */
static int add_entry(struct unzipping *u, zip_uint64_t i, const char *name)
{
        zip_file_t *f = zip_fopen_index(u->zip, i, 0);
        struct tax_source s = { .name = name };
        int r = f ? read_entry(u, f) : OUTCOME_TAX_NOT_READ, charged;

        if (f)
                zip_fclose(f);
        if (r < 0)
                return r;
        charged = tax_charge(u->t, u->bytes.len);
        if (charged)
                return charged;
        s.refused = r;
        if (!r)
                s.bytes = buf_slice(&u->bytes);
        return tax_put(u->t, &s);
}

/* A character of CP932, none of which is beyond the basic plane. */
static void put_character(struct buf *out, uint32_t c)
{
        if (c == CP932_NONE)
                c = 0xfffd;
        if (c < 0x80) {
                buf_putc(out, (uint8_t)c);
                return;
        }
        if (c >= 0x800)
                buf_putc(out, (uint8_t)(0xe0 | c >> 12));
        buf_putc(out, (uint8_t)(c < 0x800 ? 0xc0 | c >> 6 : 0x80 | (c >> 6 & 0x3f)));
        buf_putc(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* In UTF-8, or as a ZIP made on Windows in Japan has it, whatever it says of its names. */
static bool take_name(struct unzipping *u, zip_uint64_t i)
{
        const char *name = zip_get_name(u->zip, i, ZIP_FL_ENC_RAW), *slash;
        size_t n = name ? strlen(name) : 0;
        struct slice rest;

        if (n <= 4 || strcasecmp(name + n - 4, ".xml") != 0)
                return false;
        slash = strrchr(name, '/');
        rest = slice_str(slash ? slash + 1 : name);
        buf_clear(&u->name);
        if (text_is_utf8(rest))
                buf_put(&u->name, rest);
        else
                while (rest.len)
                        put_character(&u->name, cp932_next(&rest));
        return true;
}

static int add_all(struct unzipping *u)
{
        zip_int64_t count = zip_get_num_entries(u->zip, 0);
        int r = 0;

        if (count > ENTRIES_MOST)
                r = tax_say(u->t, OUTCOME_TAX_TOO_MUCH, "%s: more than %d entries", u->path,
                            ENTRIES_MOST);
        for (zip_int64_t i = 0; i < count && !r; i++) {
                const char *name;

                buf_clear(&u->bytes);
                if (!take_name(u, (zip_uint64_t)i))
                        continue;
                name = buf_cstr(&u->name);
                r = buf_fault(&u->name);
                if (!r)
                        r = add_entry(u, (zip_uint64_t)i, name);
        }
        buf_free(&u->bytes);
        buf_free(&u->name);
        zip_discard(u->zip);
        return r;
}

int unzip_file(fumi_tax *t, const char *path)
{
        struct unzipping u = { .t = t, .path = path };
        zip_error_t e;
        int code = 0, r;

        u.zip = zip_open(path, ZIP_RDONLY, &code);
        if (u.zip)
                return add_all(&u);
        zip_error_init_with_code(&e, code);
        r = not_read(t, path, &e);
        zip_error_fini(&e);
        return r;
}

int unzip_bytes(fumi_tax *t, const char *name, struct slice bytes)
{
        struct unzipping u = { .t = t, .path = name };
        size_t count = t->count, before = t->bytes;
        zip_source_t *source;
        zip_error_t e;
        int r;

        zip_error_init(&e);
        source = zip_source_buffer_create(bytes.at, bytes.len, 0, &e);
        if (source)
                u.zip = zip_open_from_source(source, ZIP_RDONLY, &e);
        if (!u.zip && source)
                zip_source_free(source);
        r = u.zip ? add_all(&u) : not_read(t, name, &e);
        zip_error_fini(&e);
        if (r)
                tax_back(t, count, before);
        return r;
}
