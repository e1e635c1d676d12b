/* wire_field.c - every table of the schemas through the one engine, right and wrong
 *
 * The tests visit all generated tables, so a new field is tested the moment it is written down.
 * Each wrong map is a right one with a single thing changed, and the refusal must name that thing.
 */
#include "help/any.h"
#include "schemas/rows.h"
#include "wire/mp.h"

#include <fcntl.h>
#include <msgpack.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROUNDS = 40 };

/* A map taken apart. */
struct parts {
        uint32_t count;
        uint64_t key[FIELD_KEYS_MOST + 1];
        struct slice value[FIELD_KEYS_MOST + 1];
};

/* One table on the bench: a struct with every optional field there, its bytes, and those in parts.
 */
struct bench {
        const struct field_table *t;
        struct any any;
        void *in;
        void *out;
        struct buf bytes;
        struct buf made; /* from changed parts; @out borrows from it */
        struct parts parts;
};

static void take_apart(struct parts *p, struct slice bytes)
{
        struct mp m = mp_of(bytes);

        p->count = mp_map(&m, FIELD_KEYS_MOST);
        for (uint32_t i = 0; i < p->count; i++) {
                p->key[i] = mp_u64(&m, UINT64_MAX);
                p->value[i] = mp_skip(&m);
        }
        assert_true(mp_end(&m));
}

static void put_together(struct buf *out, const struct parts *p)
{
        buf_clear(out);
        mp_put_map(out, p->count);
        for (uint32_t i = 0; i < p->count; i++) {
                mp_put_u64(out, p->key[i]);
                buf_put(out, p->value[i]);
        }
}

static void insert(struct parts *p, uint32_t at, uint64_t key, struct slice value)
{
        assert_true(p->count < FIELD_KEYS_MOST + 1);
        memmove(p->key + at + 1, p->key + at, (p->count - at) * sizeof(*p->key));
        memmove(p->value + at + 1, p->value + at, (p->count - at) * sizeof(*p->value));
        p->key[at] = key;
        p->value[at] = value;
        p->count++;
}

static void leave_out(struct parts *p, uint32_t at)
{
        p->count--;
        memmove(p->key + at, p->key + at + 1, (p->count - at) * sizeof(*p->key));
        memmove(p->value + at, p->value + at + 1, (p->count - at) * sizeof(*p->value));
}

static void bench_begin(struct bench *b, const struct field_table *t, uint64_t seed, bool all)
{
        *b = (struct bench){ .t = t, .in = calloc(1, t->size), .out = calloc(1, t->size) };
        any_begin(&b->any, seed);
        any_fill(&b->any, t, b->in, all);
        field_write(t, &b->bytes, b->in);
        assert_int_equal(buf_fault(&b->bytes), 0);
        take_apart(&b->parts, buf_slice(&b->bytes));
}

static void bench_end(struct bench *b)
{
        any_end(&b->any);
        buf_free(&b->bytes);
        buf_free(&b->made);
        free(b->in);
        free(b->out);
}

static void check_refused(struct bench *b, const struct parts *p, const char *where)
{
        struct field_trouble why;

        put_together(&b->made, p);
        if (field_read(b->t, buf_slice(&b->made), b->out, &why) != FIELD_MALFORMED)
                fail_msg("%s was accepted with a wrong %s", b->t->name, where);
        if (strcmp(why.where, where) != 0)
                fail_msg("%s: \"%s\" is blamed for a wrong %s", b->t->name, why.where, where);
        assert_int_equal(field_read(b->t, buf_slice(&b->made), b->out, NULL), FIELD_MALFORMED);
}

static void check_accepted(struct bench *b, const struct parts *p)
{
        struct field_trouble why;

        put_together(&b->made, p);
        if (field_read(b->t, buf_slice(&b->made), b->out, &why) != 0)
                fail_msg("%s: %s is blamed in a good record", b->t->name, why.where);
}

static const struct field_table *table_at(size_t i)
{
        if (i < MESSAGES_TABLES)
                return messages_tables[i];
        return i - MESSAGES_TABLES < ROWS_TABLES ? rows_tables[i - MESSAGES_TABLES] : NULL;
}

/* On every table, @rounds times with other contents. */
static void on_every_table(void (*check)(struct bench *b), unsigned rounds, bool all)
{
        const struct field_table *t;

        for (size_t i = 0; (t = table_at(i)); i++)
                for (unsigned round = 0; round < rounds; round++) {
                        struct bench b;

                        bench_begin(&b, t, i * 1000 + round, all);
                        check(&b);
                        bench_end(&b);
                }
}

/* On every field of every table, which there is number @i of the parts. */
static void (*check_field)(struct bench *b, uint32_t i);

static void walk_fields(struct bench *b)
{
        for (uint32_t i = 0; i < b->t->count; i++)
                check_field(b, i);
}

static void on_every_field(void (*check)(struct bench *b, uint32_t i))
{
        check_field = check;
        on_every_table(walk_fields, 3, true);
}

/* ---- right ---- */

static void check_round_trip(struct bench *b)
{
        BUF_OWNED again = { 0 };

        check_accepted(b, &b->parts);
        assert_int_equal(field_read(b->t, buf_slice(&b->bytes), b->out, NULL), 0);
        assert_true(any_same(b->t, b->in, b->out));
        field_write(b->t, &again, b->out);
        assert_true(slice_eq(buf_slice(&again), buf_slice(&b->bytes)));
}

static void every_table_gives_back_what_was_written(void **state)
{
        on_every_table(check_round_trip, ROUNDS, false);
        on_every_table(check_round_trip, ROUNDS, true);
}

static bool means(const msgpack_object *o, const struct field_entry *f, const uint8_t *at)
{
        struct field_numbers n;
        uint64_t v;

        switch ((enum field_type)f->type) {
        case FIELD_U64:
                return o->type == MSGPACK_OBJECT_POSITIVE_INTEGER &&
                       o->via.u64 == *(const uint64_t *)at;
        case FIELD_BOOL:
                return o->type == MSGPACK_OBJECT_BOOLEAN && o->via.boolean == *(const bool *)at;
        case FIELD_STR:
        case FIELD_TEXT:
                return o->type == MSGPACK_OBJECT_STR &&
                       slice_eq(slice_of(o->via.str.ptr, o->via.str.size),
                                *(const struct slice *)at);
        case FIELD_BIN:
        case FIELD_HASHES:
                return o->type == MSGPACK_OBJECT_BIN &&
                       slice_eq(slice_of(o->via.bin.ptr, o->via.bin.size),
                                *(const struct slice *)at);
        case FIELD_FIXED:
        case FIELD_HASH:
                return o->type == MSGPACK_OBJECT_BIN && o->via.bin.size == f->most &&
                       memcmp(o->via.bin.ptr, at, f->most) == 0;
        case FIELD_NUMBERS:
                n = *(const struct field_numbers *)at;
                if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size != n.count)
                        return false;
                for (uint32_t i = 0; field_numbers_next(&n, &v); i++)
                        if (o->via.array.ptr[i].via.u64 != v)
                                return false;
                return true;
        case FIELD_RECORD:
                return o->type == MSGPACK_OBJECT_MAP;
        case FIELD_LIST:
                return o->type == MSGPACK_OBJECT_ARRAY &&
                       o->via.array.size == ((const struct field_list *)at)->count;
        }
        return false;
}

static void check_meaning(struct bench *b)
{
        msgpack_unpacked u;
        size_t len = 0;

        msgpack_unpacked_init(&u);
        assert_int_equal(msgpack_unpack_next(&u, (const char *)b->bytes.at, b->bytes.len, &len),
                         MSGPACK_UNPACK_SUCCESS);
        assert_int_equal(len, b->bytes.len);
        assert_int_equal(u.data.type, MSGPACK_OBJECT_MAP);
        assert_int_equal(u.data.via.map.size, b->t->count);
        for (uint32_t i = 0; i < b->t->count; i++) {
                const msgpack_object_kv *kv = &u.data.via.map.ptr[i];
                const struct field_entry *f = &b->t->fields[i];

                assert_int_equal(kv->key.via.u64, f->key);
                assert_true(means(&kv->val, f, (const uint8_t *)b->in + f->at));
        }
        msgpack_unpacked_destroy(&u);
}

static void msgpack_c_reads_what_every_table_writes(void **state)
{
        on_every_table(check_meaning, ROUNDS, true);
}

static void check_skipping(struct bench *b)
{
        struct parts p = b->parts;

        /* { 1: [nil, -5, 1.0, ext] } */
        insert(&p, p.count, 100, slice_of("\x81\x01\x94\xc0\xfb\xca\x3f\x80\0\0\xd4\x05x", 13));
        check_accepted(b, &p);
        assert_true(any_same(b->t, b->in, b->out));
        p.value[p.count - 1] = slice_of("\xc1", 1);
        check_refused(b, &p, "100");
}

static void an_unknown_key_from_32_on_is_skipped(void **state)
{
        on_every_table(check_skipping, ROUNDS, true);
}

/* ---- wrong ---- */

static void check_missing(struct bench *b, uint32_t i)
{
        const struct field_entry *f = &b->t->fields[i];
        struct parts p = b->parts;

        leave_out(&p, i);
        if (!f->has) {
                check_refused(b, &p, f->name);
                return;
        }
        check_accepted(b, &p);
        assert_false(*((const bool *)b->out + f->has));
        *((bool *)b->in + f->has) = false;
        assert_true(any_same(b->t, b->in, b->out));
        *((bool *)b->in + f->has) = true;
}

static void a_missing_field_is_named_unless_it_is_optional(void **state)
{
        on_every_field(check_missing);
}

static void check_type(struct bench *b, uint32_t i)
{
        static const struct slice other[] = {
                { (const uint8_t *)"\xc0", 1 },         { (const uint8_t *)"\xff", 1 },
                { (const uint8_t *)"\xca\0\0\0\0", 5 }, { (const uint8_t *)"\xd4\x01x", 3 },
                { (const uint8_t *)"\xc1", 1 },         { (const uint8_t *)"\xcc\x01", 2 },
        };
        struct parts p = b->parts;

        for (size_t k = 0; k < sizeof(other) / sizeof(other[0]); k++) {
                p.value[i] = other[k];
                check_refused(b, &p, b->t->fields[i].name);
        }
        /* One of another type of ours. */
        p.value[i] = b->t->fields[i].type == FIELD_BOOL ? slice_of("\x01", 1) : slice_of("\xc3", 1);
        check_refused(b, &p, b->t->fields[i].name);
}

static void a_field_of_another_type_is_named(void **state)
{
        on_every_field(check_type);
}

/* A value of the field's type with @size bytes or items. */
static void put_sized(struct bench *b, struct buf *out, const struct field_entry *f, uint64_t size)
{
        size_t len = f->type == FIELD_HASHES ? size * sizeof(struct hash) : size;
        uint8_t *bytes = any_bytes(&b->any, f->type == FIELD_U64 ? 0 : len);

        switch ((enum field_type)f->type) {
        case FIELD_U64:
                mp_put_u64(out, size);
                break;
        case FIELD_STR:
        case FIELD_TEXT:
                memset(bytes, 'x', len);
                mp_put_str(out, slice_of(bytes, len));
                break;
        case FIELD_NUMBERS:
                mp_put_array(out, (uint32_t)size);
                while (size--)
                        mp_put_u64(out, size);
                break;
        case FIELD_LIST: {
                void *item = calloc(1, f->of->size);

                mp_put_array(out, (uint32_t)size);
                while (size--) {
                        any_fill(&b->any, f->of, item, false);
                        field_write(f->of, out, item);
                }
                free(item);
                break;
        }
        default:
                mp_put_bin(out, slice_of(bytes, len));
                break;
        }
}

static void check_size(struct bench *b, uint32_t i)
{
        const struct field_entry *f = &b->t->fields[i];
        struct parts p = b->parts;
        BUF_OWNED value = { 0 };

        if (f->type == FIELD_BOOL || f->type == FIELD_RECORD)
                return;
        put_sized(b, &value, f, f->type == FIELD_U64 ? f->most : f->most ? f->most : 1);
        p.value[i] = buf_slice(&value);
        check_accepted(b, &p);
        if (f->most < UINT64_MAX) {
                buf_clear(&value);
                put_sized(b, &value, f, f->most + 1);
                p.value[i] = buf_slice(&value);
                check_refused(b, &p, f->name);
        }
        if (f->least || f->type == FIELD_FIXED || f->type == FIELD_HASH) {
                buf_clear(&value);
                put_sized(b, &value, f, f->least ? f->least - 1 : f->most - 1);
                p.value[i] = buf_slice(&value);
                check_refused(b, &p, f->name);
        }
}

/* P3.3 */
static void a_field_beyond_its_bounds_is_named(void **state)
{
        check_field = check_size;
        on_every_table(walk_fields, 1, true);
}

static void check_broken_hash(struct bench *b, uint32_t i)
{
        struct parts p = b->parts;

        if (b->t->fields[i].type != FIELD_HASHES)
                return;
        p.value[i] = slice_of("\xc4\x03xyz", 5);
        check_refused(b, &p, b->t->fields[i].name);
}

static void hashes_that_end_amid_one_are_refused(void **state)
{
        on_every_field(check_broken_hash);
}

static void check_control(struct bench *b, uint32_t i)
{
        const struct field_entry *f = &b->t->fields[i];
        struct parts p = b->parts;
        char value[3] = "\xa1";

        if ((f->type != FIELD_STR && f->type != FIELD_TEXT) || f->most < 1)
                return;
        p.value[i] = slice_of(value, 2);
        for (int c = 0; c < 0x80; c++) {
                bool newline = c == '\n' && f->type == FIELD_TEXT;

                value[1] = (char)c;
                if ((c >= 0x20 && c != 0x7f) || newline)
                        check_accepted(b, &p);
                else
                        check_refused(b, &p, f->name);
        }
        value[1] = (char)0xff;
        check_refused(b, &p, f->name);
}

/* P3.3 */
static void control_characters_are_refused_and_newlines_only_in_text_allowed(void **state)
{
        check_field = check_control;
        on_every_table(walk_fields, 1, true);
}

static void check_twice(struct bench *b, uint32_t i)
{
        struct parts p = b->parts;

        insert(&p, i, p.key[i], p.value[i]);
        check_refused(b, &p, b->t->fields[i].name);
}

static void a_field_that_comes_twice_is_named(void **state)
{
        on_every_field(check_twice);
}

static void check_order(struct bench *b, uint32_t i)
{
        struct parts p = b->parts;

        if (i + 1 == p.count)
                return;
        leave_out(&p, i);
        insert(&p, i + 1, b->parts.key[i], b->parts.value[i]);
        check_refused(b, &p, b->t->fields[i].name);
}

/* P3.1 */
static void fields_out_of_order_are_refused(void **state)
{
        on_every_field(check_order);
}

static void check_unknown(struct bench *b)
{
        struct parts p = b->parts;
        uint32_t at = 0;

        while (at < p.count && p.key[at] < 31)
                at++;
        if (at < p.count && p.key[at] == 31)
                return;
        insert(&p, at, 31, slice_of("\xc3", 1));
        check_refused(b, &p, "31");
        /* In a message, keys below 4 belong to the frame; in a record, to nobody. */
        p = b->parts;
        insert(&p, 0, 0, slice_of("\xc3", 1));
        check_refused(b, &p, "0");
}

static void an_unknown_key_below_32_is_refused(void **state)
{
        on_every_table(check_unknown, 1, true);
}

static void check_head(struct bench *b)
{
        BUF_OWNED bytes = { 0 };
        struct field_trouble why = { "left over" };

        buf_put(&bytes, buf_slice(&b->bytes));
        buf_putc(&bytes, 0xc0);
        assert_int_equal(field_read(b->t, buf_slice(&bytes), b->out, &why), FIELD_MALFORMED);
        assert_string_equal(why.where, "");
        assert_int_equal(field_read(b->t, slice_of("\x90", 1), b->out, &why), FIELD_MALFORMED);
        assert_int_equal(field_read(b->t, slice_of(NULL, 0), b->out, &why), FIELD_MALFORMED);
        assert_int_equal(field_read(b->t, slice_of("\x81\xa1x\x01", 4), b->out, &why),
                         FIELD_MALFORMED);
}

static void trailing_bytes_and_things_that_are_no_map_are_refused(void **state)
{
        on_every_table(check_head, 1, true);
}

static void check_key_count(struct bench *b)
{
        struct parts p = b->parts;

        while (p.count < FIELD_KEYS_MOST)
                insert(&p, p.count, 200 + p.count, slice_of("\x01", 1));
        check_accepted(b, &p);
        insert(&p, p.count, 999, slice_of("\x01", 1));
        check_refused(b, &p, "");
}

/* P3.1 */
static void a_map_of_more_keys_than_allowed_is_refused(void **state)
{
        on_every_table(check_key_count, 1, true);
}

static void check_truncations(struct bench *b)
{
        /* An exact copy, so that a sanitizer sees any look beyond the end. */
        for (size_t len = 0; len < b->bytes.len; len += 1 + len / 64) {
                uint8_t *cut = malloc(len ? len : 1);

                memcpy(cut, b->bytes.at, len);
                assert_int_equal(field_read(b->t, slice_of(cut, len), b->out, NULL),
                                 FIELD_MALFORMED);
                free(cut);
        }
}

static void no_truncated_record_is_accepted(void **state)
{
        on_every_table(check_truncations, 4, false);
}

static void check_flips(struct bench *b)
{
        size_t step = 1 + b->bytes.len / 256;

        for (size_t i = 0; i < b->bytes.len; i += step) {
                BUF_OWNED bytes = { 0 };
                BUF_OWNED again = { 0 };

                buf_put(&bytes, buf_slice(&b->bytes));
                bytes.at[i] ^= (uint8_t)(1 + any_u64(&b->any, 254));
                if (field_read(b->t, buf_slice(&bytes), b->out, NULL))
                        continue;
                field_write(b->t, &again, b->out);
                /* Shorter where a flip made a field into one that is skipped. */
                if (again.len == bytes.len)
                        assert_memory_equal(again.at, bytes.at, again.len);
                else
                        assert_true(again.len < bytes.len);
        }
}

static void what_is_accepted_would_be_written_in_the_same_bytes(void **state)
{
        on_every_table(check_flips, 8, false);
}

/* ---- messages ---- */

/* A submission of three letters. */
static void submission(struct buf *out, struct buf *items, struct slice second)
{
        struct letter_in letter = { .header = slice_str("header"),
                                    .body = slice_str("body"),
                                    .has_body = true };
        struct ask_submit ask = { .sender = slice_str("org.example"), .letters.count = 3 };

        field_write(&letter_in_table, items, &letter);
        buf_put(items, second);
        field_write(&letter_in_table, items, &letter);
        ask.letters.items = buf_slice(items);
        frame_write_ask(out, VERB_SUBMIT, 7, &ask_submit_table, &ask);
}

static void every_truncation_of_a_submission_is_refused(void **state)
{
        BUF_OWNED bytes = { 0 };
        BUF_OWNED items = { 0 };
        struct ask_submit ask;

        submission(&bytes, &items, slice_of("\x81\x01\xc4\x01h", 5));
        assert_int_equal(field_read_message(&ask_submit_table, buf_slice(&bytes), &ask, NULL), 0);
        assert_int_equal(ask.letters.count, 3);
        for (size_t len = 0; len < bytes.len; len++)
                assert_int_equal(field_read_message(&ask_submit_table,
                                                    slice_upto(buf_slice(&bytes), len), &ask, NULL),
                                 FIELD_MALFORMED);
        assert_int_equal(field_read(&ask_submit_table, buf_slice(&bytes), &ask, NULL),
                         FIELD_MALFORMED);
}

/* P3.6 */
static void trouble_inside_a_list_is_named_by_item_and_field(void **state)
{
        static const struct {
                const char *item;
                size_t len;
                const char *where;
        } wrong[] = {
                { "\x81\x01\xc4\x00", 4, "letters[1].header" },
                { "\x81\x02\xc4\x01x", 5, "letters[1].header" },
                { "\x82\x01\xc4\x01x\x02\x07", 7, "letters[1].body" },
                { "\x82\x01\xc4\x01x\x07\x07", 7, "letters[1].7" },
                { "\xc0", 1, "letters[1]" },
        };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                BUF_OWNED bytes = { 0 };
                BUF_OWNED items = { 0 };
                struct field_trouble why;
                struct ask_submit ask;

                submission(&bytes, &items, slice_of(wrong[i].item, wrong[i].len));
                assert_int_equal(
                        field_read_message(&ask_submit_table, buf_slice(&bytes), &ask, &why),
                        FIELD_MALFORMED);
                assert_string_equal(why.where, wrong[i].where);
        }
}

static void trouble_inside_a_record_is_named_by_both(void **state)
{
        struct answer_status answer = { 0 };
        struct field_trouble why;

        assert_int_equal(field_read(&answer_status_table, slice_of("\x81\x05\x81\x02\xa0", 5),
                                    &answer, &why),
                         FIELD_MALFORMED);
        assert_string_equal(why.where, "filed.code");
}

static void lists_are_walked_to_their_end_and_no_further(void **state)
{
        BUF_OWNED bytes = { 0 };
        BUF_OWNED items = { 0 };
        struct letter_in letter;
        struct ask_submit ask;

        submission(&bytes, &items, slice_of("\x81\x01\xc4\x01h", 5));
        assert_int_equal(field_read_message(&ask_submit_table, buf_slice(&bytes), &ask, NULL), 0);
        assert_true(field_list_next(&ask.letters, &letter_in_table, &letter));
        assert_true(slice_is(letter.body, "body"));
        assert_true(field_list_next(&ask.letters, &letter_in_table, &letter));
        assert_true(slice_is(letter.header, "h"));
        assert_false(letter.has_body);
        assert_int_equal(letter.body.len, 0);
        assert_true(field_list_next(&ask.letters, &letter_in_table, &letter));
        assert_false(field_list_next(&ask.letters, &letter_in_table, &letter));
}

static void numbers_are_written_and_walked_in_order(void **state)
{
        struct field_numbers n = { 0 };
        BUF_OWNED items = { 0 };
        uint64_t v;

        for (uint64_t i = 0; i < FIELD_NUMBERS_MOST; i++)
                field_numbers_put(&n, &items, i * i * i);
        assert_int_equal(n.count, FIELD_NUMBERS_MOST);
        for (uint64_t i = 0; i < FIELD_NUMBERS_MOST; i++) {
                assert_true(field_numbers_next(&n, &v));
                assert_true(v == i * i * i);
        }
        assert_false(field_numbers_next(&n, &v));
}

/* Would writing @in end the process? */
static bool dies(const struct field_table *t, const void *in)
{
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
                BUF_OWNED out = { 0 };

                signal(SIGABRT, SIG_DFL);
                dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
                field_write(t, &out, in);
                _exit(0);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void what_the_reader_would_refuse_is_never_written(void **state)
{
        static const char *const bad[] = { "a\nb", "a\x7f", "a\x1b[1m", "\xff" };
        static char longer[130];
        struct ask_watch ask = { .mailbox = slice_str("fumibox1"), .seconds = 300 };
        struct letter_in letter = { 0 };

        assert_false(dies(&ask_watch_table, &ask));
        ask.seconds = 301;
        assert_true(dies(&ask_watch_table, &ask));
        ask.seconds = 300;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                ask.mailbox = slice_str(bad[i]);
                assert_true(dies(&ask_watch_table, &ask));
        }
        memset(longer, 'x', 129);
        ask.mailbox = slice_str(longer);
        assert_true(dies(&ask_watch_table, &ask));
        assert_true(dies(&letter_in_table, &letter));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_table_gives_back_what_was_written),
                cmocka_unit_test(msgpack_c_reads_what_every_table_writes),
                cmocka_unit_test(an_unknown_key_from_32_on_is_skipped),
                cmocka_unit_test(a_missing_field_is_named_unless_it_is_optional),
                cmocka_unit_test(a_field_of_another_type_is_named),
                cmocka_unit_test(a_field_beyond_its_bounds_is_named),
                cmocka_unit_test(hashes_that_end_amid_one_are_refused),
                cmocka_unit_test(control_characters_are_refused_and_newlines_only_in_text_allowed),
                cmocka_unit_test(a_field_that_comes_twice_is_named),
                cmocka_unit_test(fields_out_of_order_are_refused),
                cmocka_unit_test(an_unknown_key_below_32_is_refused),
                cmocka_unit_test(trailing_bytes_and_things_that_are_no_map_are_refused),
                cmocka_unit_test(a_map_of_more_keys_than_allowed_is_refused),
                cmocka_unit_test(no_truncated_record_is_accepted),
                cmocka_unit_test(what_is_accepted_would_be_written_in_the_same_bytes),
                cmocka_unit_test(every_truncation_of_a_submission_is_refused),
                cmocka_unit_test(trouble_inside_a_list_is_named_by_item_and_field),
                cmocka_unit_test(trouble_inside_a_record_is_named_by_both),
                cmocka_unit_test(lists_are_walked_to_their_end_and_no_further),
                cmocka_unit_test(numbers_are_written_and_walked_in_order),
                cmocka_unit_test(what_the_reader_would_refuse_is_never_written),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
