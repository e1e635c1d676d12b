/* manifest.c - a run's manifest, read and checked */
#include "post/manifest.h"

#include "base/text.h"
#include "crypt/hash.h"
#include "letter/letter_note.h"
#include "letter/name.h"
#include "post/tally.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum column { ADDRESS, TYPE, TITLE, FILES, CLASS, KEY, COLUMNS, NEEDED = CLASS };

static const char *const names[COLUMNS] = { "address", "type", "title", "files", "class", "key" };

struct reading {
        struct manifest *m;
        struct sheet *sheet; /* that of @m */
        size_t cap;
        struct tally tally; /* of contents and keys so far */
};

/* ---- a line ---- */

static void check_text(struct reading *r, const struct csv_field *f, enum column c, size_t most)
{
        if (f->text.len == 0)
                SHEET_COMPLAIN(r->sheet, f, "%s is empty", names[c]);
        else if (f->text.len > most)
                SHEET_COMPLAIN(r->sheet, f, "%s has %zu bytes, more than %zu", names[c],
                               f->text.len, most);
        else if (!letter_note_text_ok(f->text, most))
                SHEET_COMPLAIN(r->sheet, f, "%s has a control character in it", names[c]);
}

static void check_type(struct reading *r, const struct csv_field *f)
{
        if (f->text.len && f->text.len <= SEAL_TYPE_MOST && !letter_note_type_ok(f->text))
                SHEET_COMPLAIN(r->sheet, f, "type is a dotted name such as jp.go.nta.TEG800");
}

/* Beside the manifest, unless it is absolute. */
static char *beside(const struct manifest *m, const char *name)
{
        const char *slash = strrchr(m->sheet.path, '/');
        char *path;

        if (*name == '/' || !slash)
                return strdup(name);
        if (asprintf(&path, "%.*s%s", (int)(slash - m->sheet.path + 1), m->sheet.path, name) < 0)
                return NULL;
        return path;
}

static void check_file(struct reading *r, const struct csv_field *f, const char *path)
{
        const char *slash = strrchr(path, '/');
        struct stat st;

        if (!letter_note_text_ok(slice_str(slash ? slash + 1 : path), SEAL_NAME_MOST))
                SHEET_COMPLAIN(r->sheet, f,
                               "%s: a part's name has 1 to %d bytes and no control character", path,
                               SEAL_NAME_MOST);

        if (stat(path, &st) < 0 || access(path, R_OK) < 0)
                SHEET_COMPLAIN(r->sheet, f, "%s: %s", path, strerror(errno));
        else if (!S_ISREG(st.st_mode))
                SHEET_COMPLAIN(r->sheet, f, "%s: not a file", path);
        else if ((uint64_t)st.st_size > SEAL_BODY_MOST)
                SHEET_COMPLAIN(r->sheet, f, "%s: larger than a letter may be (64 MiB)", path);
}

static int read_files(struct reading *r, struct manifest_row *row, const struct csv_field *f)
{
        char *name = strdup(sheet_string(f)), *rest = name, *one;

        if (!name)
                return -ENOMEM;
        row->file = calloc(MANIFEST_PARTS_MOST, sizeof(*row->file));
        while (row->file && (one = strsep(&rest, ";"))) {
                if (*one == 0)
                        continue;
                if (row->files == MANIFEST_PARTS_MOST) {
                        SHEET_COMPLAIN(r->sheet, f, "more than %d files in one letter",
                                       MANIFEST_PARTS_MOST);
                        break;
                }
                row->file[row->files] = beside(r->m, one);
                if (!row->file[row->files])
                        break;
                check_file(r, f, row->file[row->files++]);
        }
        free(name);
        if (!row->file)
                return -ENOMEM;
        if (row->files == 0)
                SHEET_COMPLAIN(r->sheet, f, "files is empty");
        return 0;
}

static int read_row(struct reading *r, const struct csv_field *field)
{
        struct manifest_row *row = &r->m->row[r->m->rows];
        const struct csv_field *address = &field[r->sheet->at[ADDRESS]],
                               *type = &field[r->sheet->at[TYPE]],
                               *title = &field[r->sheet->at[TITLE]];
        const struct csv_field *class =
                r->sheet->at[CLASS] < 0 ? NULL : &field[r->sheet->at[CLASS]];
        const struct csv_field *key = r->sheet->at[KEY] < 0 ? NULL : &field[r->sheet->at[KEY]];

        *row = (struct manifest_row){ .line = field[0].line, .letter_class = "certificate" };
        r->m->rows++;
        row->address = sheet_string(address);
        row->type = sheet_string(type);
        row->title = sheet_string(title);
        if (!name_address_get(address->text, NULL))
                SHEET_COMPLAIN(r->sheet, address, "'%.80s' is no address (fumi1...)%s",
                               row->address,
                               *row->address ? "; has a character been lost or changed?" : "");
        check_text(r, type, TYPE, SEAL_TYPE_MOST);
        check_type(r, type);
        check_text(r, title, TITLE, SEAL_TITLE_MOST);
        if (class && class->text.len) {
                row->letter_class = sheet_string(class);
                if (!name_class_get(class->text))
                        SHEET_COMPLAIN(r->sheet, class,
                                       "class '%.40s' is none of certificate, notice, referral, "
                                       "application, decision, record, message",
                                       row->letter_class);
        }
        if (key && key->text.len) {
                check_text(r, key, KEY, MANIFEST_KEY - 1);
                snprintf(row->key, sizeof(row->key), "%s", sheet_string(key));
        }
        return read_files(r, row, &field[r->sheet->at[FILES]]);
}

static int room(struct reading *r)
{
        struct manifest_row *more;

        if (r->m->rows < r->cap)
                return 0;
        r->cap = r->cap ? 2 * r->cap : 256;
        more = realloc(r->m->row, r->cap * sizeof(*more));
        if (!more)
                return -ENOMEM;
        r->m->row = more;
        return 0;
}

static int read_rows(struct reading *r)
{
        struct csv_field field[CSV_FIELDS_MOST];

        while (sheet_next(r->sheet, field) != CSV_END) {
                int res = room(r);

                if (!res)
                        res = read_row(r, field);
                if (res)
                        return res;
        }
        if (r->m->rows == 0 && r->sheet->errors == 0)
                sheet_complain(r->sheet, 2, 1, "no letters: only the header is there");
        return 0;
}

/* ---- keys ---- */

static int hash_file(struct hash *out, const char *path)
{
        uint8_t bytes[65536];
        struct hash_state st;
        FILE *f = fopen(path, "re");
        size_t n;
        int r;

        if (!f)
                return -errno;
        hash_begin(&st);
        while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
                hash_more(&st, slice_of(bytes, n));
        r = ferror(f) ? -EIO : 0;
        fclose(f);
        hash_end(&st, out);
        return r;
}

static int content_hash(struct reading *r, const struct manifest_row *row, struct hash *out)
{
        struct hash_state st;

        hash_begin(&st);
        hash_more_sized(&st, slice_str("fumibako manifest v1"));
        hash_more_sized(&st, slice_str(row->address));
        hash_more_sized(&st, slice_str(row->type));
        hash_more_sized(&st, slice_str(row->title));
        hash_more_sized(&st, slice_str(row->letter_class));
        for (size_t i = 0; i < row->files; i++) {
                struct hash digest;
                int res = hash_file(&digest, row->file[i]);

                if (res == -ENOMEM)
                        return res;
                if (res)
                        sheet_complain(r->sheet, row->line, 1, "%s: %s", row->file[i],
                                       strerror(-res));
                hash_more_sized(&st, slice_hash(&digest));
        }
        hash_end(&st, out);
        return 0;
}

/* "content hash-occurrence" */
static void content_key(struct reading *r, struct manifest_row *row, const struct hash *content)
{
        const struct tally_of *t = tally_add(&r->tally, content, row->line);
        BUF_OWNED hex = { 0 };

        if (t->count > 1)
                sheet_remark(r->sheet, row->line,
                             "says the same as line %u; it is sent as another letter", t->first);
        text_put_hex(&hex, slice_hash(content));
        snprintf(row->key, sizeof(row->key), "%s-%u", buf_cstr(&hex), t->count);
}

static void own_key(struct reading *r, const struct manifest_row *row)
{
        const struct tally_of *t;
        struct hash key;

        hash_sha256(&key, slice_str(row->key));
        t = tally_add(&r->tally, &key, row->line);
        if (t->count > 1)
                sheet_complain(r->sheet, row->line, 1, "key '%s' is that of line %u too", row->key,
                               t->first);
}

static int make_keys(struct reading *r)
{
        int res = tally_begin(&r->tally, r->m->rows);

        for (size_t i = 0; i < r->m->rows && !res; i++) {
                struct manifest_row *row = &r->m->row[i];
                struct hash content;

                row->own_key = *row->key != 0;
                if (row->own_key) {
                        own_key(r, row);
                        continue;
                }
                res = content_hash(r, row, &content);
                if (!res)
                        content_key(r, row, &content);
        }
        tally_free(&r->tally);
        return res;
}

/* ---- the file ---- */

int manifest_read(struct manifest *m, const char *path, sheet_say say, void *ctx)
{
        struct reading r = { .m = m, .sheet = &m->sheet };
        int res;

        *m = (struct manifest){
                .sheet = { .names = names,
                           .columns = COLUMNS,
                           .needed = NEEDED,
                           .say = say,
                           .ctx = ctx },
        };
        res = sheet_open(&m->sheet, path, MANIFEST_MOST);
        if (!res && !m->sheet.errors)
                res = read_rows(&r);
        if (!res && !m->sheet.errors)
                res = make_keys(&r);
        return res ? res : m->sheet.errors ? -EINVAL : 0;
}

void manifest_free(struct manifest *m)
{
        for (size_t i = 0; i < m->rows; i++) {
                for (size_t j = 0; j < m->row[i].files; j++)
                        free(m->row[i].file[j]);
                free(m->row[i].file);
        }
        free(m->row);
        sheet_free(&m->sheet);
        *m = (struct manifest){ 0 };
}
