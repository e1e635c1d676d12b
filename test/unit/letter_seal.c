/* letter_seal.c - letters as seal_compose makes them, opened again by open.c and by the stock age
 */
#include "base/secret.h"
#include "crypt/age.h"
#include "crypt/bech32.h"
#include "crypt/hash.h"
#include "letter/submit.h"
#include "letter_world.h"
#include "wire/mp.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

static struct letter_world w;
static const uint8_t nonce[16] = "0123456789abcde";

static struct seal_letter letter_of(const struct seal_part *part, size_t parts)
{
        return (struct seal_letter){
                .from = w.registration.sender,
                .sign = w.sender,
                .to = &w.to,
                .class = CLASS_CERTIFICATE,
                .type = "jp.go.nta.TEG800",
                .title = "生命保険料控除証明書（令和8年分）",
                .issued = "2026-10-15T09:00:00+09:00",
                .part = part,
                .parts = parts,
                .created = WORLD_NOW,
                .assurance = 2,
                .grade = 1,
                .nonce = nonce,
        };
}

static int compose(struct letter *out, const struct seal_letter *l, char where[static 96])
{
        int r;

        letter_free(out);
        memset(where, 0, 96);
        r = seal_compose(&out->header, l, letter_sink, out, where);
        if (r == 0)
                letter_envelope(out, &w);
        return r;
}

/* Bytes in which no two places look alike. */
static void fill(struct buf *b, size_t len, uint32_t seed)
{
        uint8_t *at = buf_extend(b, len);

        for (size_t i = 0; i < len; i++) {
                seed = seed * 1664525 + 1013904223;
                at[i] = (uint8_t)(seed >> 24);
        }
}

static void check_round_trip(const size_t *sizes, size_t parts)
{
        struct buf bytes[SEAL_PARTS_MOST] = { 0 };
        struct slice slices[SEAL_PARTS_MOST];
        struct seal_part part[SEAL_PARTS_MOST];
        char names[SEAL_PARTS_MOST][64], where[96];
        struct letter letter = { 0 };
        struct opened o = { 0 };
        struct seal_letter l = letter_of(part, parts);

        for (size_t i = 0; i < parts; i++) {
                fill(&bytes[i], sizes[i], (uint32_t)i + 1);
                slices[i] = buf_slice(&bytes[i]);
                snprintf(names[i], sizeof(names[i]), "明細 書 %zu.pdf", i);
                part[i] = seal_part_of_bytes(names[i], "application/pdf", &slices[i]);
        }
        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 0, 4096), 0);
        assert_int_equal(o.notes, 1);
        assert_true(slice_is(buf_slice(&o.title), l.title));
        for (size_t i = 0; i < parts; i++)
                assert_true(slice_eq(buf_slice(&o.part[i]), slices[i]));
        for (size_t i = parts; i < SEAL_PARTS_MOST; i++)
                assert_int_equal(o.part[i].len, 0);
        if (parts == 0)
                assert_int_equal(o.calls, 0);
        for (size_t i = 0; i < parts; i++)
                buf_free(&bytes[i]);
        opened_free(&o);
        letter_free(&letter);
}

static void letters_of_no_one_and_many_parts_come_out_as_they_went_in(void **state)
{
        size_t many[SEAL_PARTS_MOST];

        for (size_t i = 0; i < SEAL_PARTS_MOST; i++)
                many[i] = i * 37 % 400;
        check_round_trip(NULL, 0);
        check_round_trip((size_t[]){ 0 }, 1);
        check_round_trip((size_t[]){ 1 }, 1);
        check_round_trip((size_t[]){ 0, 5, 0, 0, 7, 0 }, 6);
        check_round_trip(many, 15);
        check_round_trip(many, 16);
        check_round_trip(many, SEAL_PARTS_MOST);
}

static void sizes_around_the_borders_of_heads_and_chunks_come_out_as_they_went_in(void **state)
{
        static const size_t sizes[] = { 255, 256, 65535, 65536, 65537, 131072, 300000 };

        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
                check_round_trip(&sizes[i], 1);
        /* The content before the part is some 700 bytes: slide its end over the border of a chunk.
         */
        for (size_t i = 0; i < 40; i++)
                check_round_trip((size_t[]){ 64 + 1024 * i, AGE_CHUNK - 1024 * i - 700 + i }, 2);
}

static void the_size_of_the_pieces_fed_makes_no_difference(void **state)
{
        BUF_OWNED bytes = { 0 };
        struct slice s;
        struct seal_part part;
        struct seal_letter l;
        struct letter letter = { 0 };
        struct opened o = { 0 };
        char where[96];

        fill(&bytes, 70000, 9);
        s = buf_slice(&bytes);
        part = seal_part_of_bytes("a", "text/plain", &s);
        l = letter_of(&part, 1);
        assert_int_equal(compose(&letter, &l, where), 0);
        for (size_t piece = 1; piece < 200000; piece = piece * 3 + 1) {
                assert_int_equal(letter_open(&o, &letter, &w, 0, piece), 0);
                assert_true(slice_eq(buf_slice(&o.part[0]), s));
        }
        opened_free(&o);
        letter_free(&letter);
}

static void the_header_says_what_the_letter_says(void **state)
{
        static const struct hash earlier = { { 7, 7 } };
        struct letter letter = { 0 };
        struct seal_letter l = letter_of(NULL, 0);
        struct header h;
        struct hash digest;
        char where[96];

        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(field_read(&header_table, buf_slice(&letter.header), &h, NULL), 0);
        assert_false(h.has_not_before || h.has_expires || h.has_reply_to || h.has_reminders);

        l.not_before = WORLD_NOW + 5;
        l.expires = WORLD_NOW + 9;
        l.reply_to = &earlier;
        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(field_read(&header_table, buf_slice(&letter.header), &h, NULL), 0);
        assert_int_equal(h.version, 1);
        assert_int_equal(h.suite, 1);
        assert_true(slice_eq(h.from, l.from));
        assert_true(slice_is(h.to, w.to.address.s));
        assert_int_equal(h.class, CLASS_CERTIFICATE);
        assert_int_equal(h.created, WORLD_NOW);
        assert_true(h.has_not_before && h.not_before == (uint64_t)WORLD_NOW + 5);
        assert_true(h.has_expires && h.expires == (uint64_t)WORLD_NOW + 9);
        assert_true(h.has_reply_to && hash_eq(&h.reply_to, &earlier));
        assert_int_equal(h.assurance, 2);
        assert_int_equal(h.grade, 1);
        assert_memory_equal(h.nonce, nonce, sizeof(nonce));
        assert_true(hash_eq(&h.statement, &w.to.hash));
        hash_sha256(&digest, buf_slice(&letter.body));
        assert_true(hash_eq(&h.digest, &digest));
        assert_int_equal(h.size, letter.body.len);
        letter_free(&letter);
}

static void every_recipient_opens_it_alone_and_nobody_else(void **state)
{
        struct letter letter = { 0 };
        struct seal_letter l = letter_of(NULL, 0);
        struct opened o = { 0 };
        char where[96];

        w.to.seals = 2;
        letter_world_publish(&w);
        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 0, 100), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 1, 100), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 2, 100), OUTCOME_NOT_FOR_US);
        assert_int_equal(o.notes, 0);
        w.to.seals = 1;
        letter_world_publish(&w);
        opened_free(&o);
        letter_free(&letter);
}

static void a_proxy_for_other_classes_or_of_the_past_is_not_sealed_to(void **state)
{
        struct letter letter = { 0 };
        struct seal_letter l = letter_of(NULL, 0);
        struct opened o = { 0 };
        char where[96];

        w.to.seals = 3;
        w.to.seal[1].classes = 1u << CLASS_NOTICE;
        w.to.seal[2].until = WORLD_NOW;
        letter_world_publish(&w);
        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 0, 100), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 1, 100), OUTCOME_NOT_FOR_US);
        assert_int_equal(letter_open(&o, &letter, &w, 2, 100), OUTCOME_NOT_FOR_US);

        l.class = CLASS_NOTICE;
        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 1, 100), 0);

        w.to.seal[0].classes = 1u << CLASS_NOTICE;
        l.class = CLASS_CERTIFICATE;
        assert_int_equal(compose(&letter, &l, where), SEAL_NO_RECIPIENT);
        assert_int_equal(letter.body.len, 0);
        assert_int_equal(letter.header.len, 0);

        w.to.seals = 1;
        for (size_t i = 0; i < WORLD_SEALS; i++)
                w.to.seal[i].classes = 0, w.to.seal[i].until = 0;
        letter_world_publish(&w);
        opened_free(&o);
        letter_free(&letter);
}

static void padding_follows_padme(void **state)
{
        static const uint64_t pairs[][2] = {
                { 0, 0 },
                { 1, 1 },
                { 2, 2 },
                { 7, 7 },
                { 8, 8 },
                { 9, 10 },
                { 10, 10 },
                { 15, 16 },
                { 63, 64 },
                { 64, 64 },
                { 65, 72 },
                { 1000, 1024 },
                { 1024, 1024 },
                { 1025, 1088 },
                { 65537, 67584 },
                { 1000000, 1015808 },
                { 67108864, 67108864 },
                { 67108865, 69206016 },
        };

        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
                assert_int_equal(seal_padded(pairs[i][0]), pairs[i][1]);
        for (uint64_t len = 2; len < 70000; len++) {
                uint64_t padded = seal_padded(len);

                assert_true(padded >= len && (padded - len) * 100 <= len * 12);
                assert_true(seal_padded(padded) == padded && seal_padded(len - 1) <= padded);
        }
}

static void letters_of_like_length_have_sealed_bytes_of_the_same_length(void **state)
{
        BUF_OWNED bytes = { 0 };
        struct slice a, b;
        struct seal_part part;
        struct letter one = { 0 }, two = { 0 };
        struct seal_letter l;
        char where[96];

        fill(&bytes, 100000, 1);
        a = slice_upto(buf_slice(&bytes), 99000);
        b = slice_upto(buf_slice(&bytes), 99100);
        part = seal_part_of_bytes("a", "text/plain", &a);
        l = letter_of(&part, 1);
        assert_int_equal(compose(&one, &l, where), 0);
        part = seal_part_of_bytes("a", "text/plain", &b);
        assert_int_equal(compose(&two, &l, where), 0);
        assert_int_equal(one.body.len, two.body.len);
        letter_free(&one);
        letter_free(&two);
}

static void text_that_no_reader_takes_is_named_and_nothing_is_sealed(void **state)
{
        static const struct slice bytes = { (const uint8_t *)"x", 1 };
        char title[SEAL_TITLE_MOST + 2], where[96];
        struct seal_part part[2];
        struct letter letter = { 0 };
        struct seal_letter l;

#define REFUSED(change, what)                                                                      \
        do {                                                                                       \
                part[0] = part[1] = seal_part_of_bytes("a.xml", "text/xml", &bytes);               \
                l = letter_of(part, 2);                                                            \
                change;                                                                            \
                assert_int_equal(compose(&letter, &l, where), SEAL_BAD_TEXT);                      \
                assert_string_equal(where, what);                                                  \
                assert_int_equal(letter.body.len, 0);                                              \
                assert_int_equal(letter.header.len, 0);                                            \
        } while (0)

        memset(title, 'a', sizeof(title));
        title[sizeof(title) - 1] = 0;
        REFUSED(l.title = "", "title");
        REFUSED(l.title = title, "title");
        REFUSED(l.title = "a\nb", "title");
        REFUSED(l.title = "\xff", "title");
        REFUSED(l.title = "\xc2\x85", "title");
        REFUSED(l.type = "", "type");
        REFUSED(l.type = "jp go", "type");
        REFUSED(l.type = "jp..go", "type");
        REFUSED(l.type = "jp.", "type");
        REFUSED(l.issued = "15 October", "issued");
        REFUSED(l.class = 0, "class");
        REFUSED(l.class = CLASS_LAST + 1, "class");
        REFUSED(l.from = slice_str("Example Life"), "from");
        REFUSED(l.grade = 0, "grade");
        REFUSED(l.grade = 4, "grade");
        REFUSED(l.assurance = 4, "assurance");
        REFUSED(l.created = -1, "created");
        REFUSED(l.expires = INT64_MAX, "expires");
        REFUSED(l.parts = SEAL_PARTS_MOST + 1, "parts");
        REFUSED(part[1].name = "", "part 2 name");
        REFUSED(part[1].name = "a\x7f", "part 2 name");
        REFUSED(part[0].media = "text", "part 1 media");
        REFUSED(part[0].media = "text/ xml", "part 1 media");
        title[SEAL_TITLE_MOST] = 0;
        l = letter_of(NULL, 0);
        l.title = title;
        assert_int_equal(compose(&letter, &l, where), 0);
        letter_free(&letter);
}

/* A part that reads as it is told. */
struct trick {
        uint64_t passes, ends, limit;
        bool changes;
        int64_t fault;
};

static int64_t read_trick(void *ctx, uint64_t offset, uint8_t *to, size_t room)
{
        struct trick *t = ctx;
        uint64_t n = offset < t->ends ? t->ends - offset : 0;

        if (offset == 0)
                t->passes++;
        if (t->passes == t->limit && t->fault)
                return t->fault;
        if (n > room)
                n = room;
        memset(to, t->changes && t->passes == t->limit ? 'b' : 'a', n);
        return (int64_t)n;
}

static void a_part_that_changes_shrinks_or_fails_between_the_passes_is_refused(void **state)
{
        struct seal_part part = {
                .name = "a", .media = "text/plain", .size = 10, .read = read_trick
        };
        struct trick t;
        struct letter letter = { 0 };
        struct seal_letter l = letter_of(&part, 1);
        char where[96];

        part.ctx = &t;
        t = (struct trick){ .ends = 10, .limit = 2, .changes = true };
        assert_int_equal(compose(&letter, &l, where), SEAL_CHANGED);
        assert_string_equal(where, "part 1");
        assert_int_equal(letter.header.len, 0);

        t = (struct trick){ .ends = 9 };
        assert_int_equal(compose(&letter, &l, where), SEAL_CHANGED);
        assert_int_equal(letter.body.len, 0);

        t = (struct trick){ .ends = 10, .limit = 1, .fault = -5 };
        assert_int_equal(compose(&letter, &l, where), -5);
        t = (struct trick){ .ends = 10, .limit = 2, .fault = -5 };
        assert_int_equal(compose(&letter, &l, where), -5);
        assert_int_equal(letter.header.len, 0);
        letter_free(&letter);
}

static int sink_that_is_full(void *ctx, struct slice sealed)
{
        return -28;
}

static void a_fault_of_the_sink_ends_the_sealing_and_leaves_the_header_alone(void **state)
{
        struct seal_letter l = letter_of(NULL, 0);
        BUF_OWNED header = { 0 };

        buf_puts(&header, "before");
        assert_int_equal(seal_compose(&header, &l, sink_that_is_full, NULL, NULL), -28);
        assert_true(slice_is(buf_slice(&header), "before"));
}

/* ---- memory ---- */

static size_t heap_before, heap_peak;

static void look_at_heap(void)
{
        struct mallinfo2 m = mallinfo2();

        if (m.uordblks + m.hblkhd > heap_peak)
                heap_peak = m.uordblks + m.hblkhd;
}

static int64_t read_zeros(void *ctx, uint64_t offset, uint8_t *to, size_t room)
{
        look_at_heap();
        memset(to, 0, room);
        return (int64_t)room;
}

static int sink_to_file(void *ctx, struct slice sealed)
{
        look_at_heap();
        return write(*(int *)ctx, sealed.at, sealed.len) == (ssize_t)sealed.len ? 0 : -5;
}

static int ignore_note(void *ctx, const struct open_note *n)
{
        return 0;
}

static int count_bytes(void *ctx, size_t index, struct slice bytes)
{
        look_at_heap();
        *(uint64_t *)ctx += bytes.len;
        return 0;
}

static const uint64_t largest = UINT64_C(64) << 20;

static void the_largest_letter_goes_through_memory_that_does_not_grow(void **state)
{
        struct seal_part part = {
                .name = "scan.tiff", .media = "image/tiff", .size = largest, .read = read_zeros
        };
        struct seal_letter l = letter_of(&part, 1);
        const struct open_keys keys = letter_keys(&w, 0);
        int file = memfd_create("body", 0);
        struct letter letter = { 0 };
        struct open_letter *o = NULL;
        uint64_t seen = 0;
        const struct open_sink sink = { .note = ignore_note, .part = count_bytes, .ctx = &seen };
        uint8_t *body;
        size_t size;

        heap_before = mallinfo2().uordblks + mallinfo2().hblkhd;
        assert_int_equal(seal_compose(&letter.header, &l, sink_to_file, &file, NULL), 0);
        letter_envelope(&letter, &w);
        size = (size_t)lseek(file, 0, SEEK_CUR);
        assert_true(size <= SEAL_BODY_MOST && size > largest);
        body = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
        assert_ptr_not_equal(body, MAP_FAILED);
        assert_int_equal(open_begin(&o, buf_slice(&letter.header), buf_slice(&letter.envelope),
                                    &keys, &sink),
                         0);
        assert_int_equal(open_feed(o, slice_of(body, size)), 0);
        assert_int_equal(open_end(o), 0);
        assert_int_equal(seen, largest);
        assert_true(heap_peak < heap_before + (1 << 20));
        open_free(o);
        munmap(body, size);
        close(file);
        letter_free(&letter);
}

static void a_letter_that_would_be_too_large_is_refused_before_it_is_sealed(void **state)
{
        struct seal_part part = {
                .name = "a", .media = "image/tiff", .size = largest + (2 << 20), .read = read_zeros
        };
        struct letter letter = { 0 };
        struct seal_letter l = letter_of(&part, 1);
        char where[96];

        assert_int_equal(compose(&letter, &l, where), SEAL_TOO_LARGE);
        assert_int_equal(letter.body.len, 0);
        part.size = UINT64_MAX;
        assert_int_equal(compose(&letter, &l, where), SEAL_TOO_LARGE);
        assert_string_equal(where, "part 1");
        letter_free(&letter);
}

/* ---- the stock tool ---- */

static char folder[] = "/tmp/letter_seal.XXXXXX";

static void write_file(const char *name, struct slice s)
{
        char path[128];
        FILE *f;

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(s.at, 1, s.len, f), s.len);
        assert_int_equal(fclose(f), 0);
}

static void read_file(const char *name, struct buf *out)
{
        char path[128];
        FILE *f;
        int c;

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        f = fopen(path, "r");
        assert_non_null(f);
        while ((c = getc(f)) != EOF)
                buf_putc(out, (uint8_t)c);
        fclose(f);
}

static bool age_is_here(void)
{
        return system("age --version >/dev/null 2>&1") == 0;
}

static int run_in_folder(const char *command)
{
        char line[512];

        snprintf(line, sizeof(line), "cd %s && %s", folder, command);
        return system(line);
}

static void a_sealed_letter_opens_with_the_stock_age_tool(void **state)
{
        BUF_OWNED bytes = { 0 };
        BUF_OWNED want = { 0 };
        BUF_OWNED got = { 0 };
        struct slice s;
        struct seal_part part;
        struct seal_letter l;
        struct letter letter = { 0 };
        struct opened o = { 0 };
        char where[96], *key = secret_new(BECH32_AGE_SECRET);

        if (!age_is_here()) {
                secret_free(key);
                skip();
        }
        fill(&bytes, 70000, 3);
        s = buf_slice(&bytes);
        part = seal_part_of_bytes("控除 証明書.xml", "application/xml", &s);
        l = letter_of(&part, 1);
        assert_int_equal(compose(&letter, &l, where), 0);
        assert_int_equal(letter_open(&o, &letter, &w, 0, 4096), 0);
        bech32_put_identity(key, &w.seal[0]);
        write_file("key", slice_str(key));
        write_file("body.age", buf_slice(&letter.body));
        assert_int_equal(run_in_folder("age -d -i key -o content body.age"), 0);
        read_file("content", &got);

        mp_put_map(&want, 2);
        mp_put_u64(&want, 1);
        mp_put_str(&want, buf_slice(&o.note));
        mp_put_u64(&want, 2);
        mp_put_array(&want, 1);
        mp_put_bin(&want, s);
        while (want.len < got.len)
                buf_putc(&want, 0);
        assert_true(slice_eq(buf_slice(&got), buf_slice(&want)));
        assert_int_equal(got.len, 71680); /* 35 times 2^11 */
        secret_free(key);
        opened_free(&o);
        letter_free(&letter);
}

static void a_letter_sealed_by_the_stock_age_tool_opens(void **state)
{
        BUF_OWNED to = { 0 };
        BUF_OWNED command = { 0 };
        struct craft c;
        struct opened o = { 0 };

        if (!age_is_here())
                skip();
        craft_new(&c, &w);
        craft_body(&c); /* for its content; the body is made anew */
        write_file("content", buf_slice(&c.content));
        bech32_put_recipient(&to, &w.to.seal[0].to);
        buf_printf(&command, "age -r %s -o made.age content", buf_cstr(&to));
        assert_int_equal(run_in_folder(buf_cstr(&command)), 0);
        buf_clear(&c.letter.body);
        read_file("made.age", &c.letter.body);
        craft_all(&c);
        assert_int_equal(letter_open(&o, &c.letter, &w, 0, 4096), 0);
        assert_true(slice_eq(buf_slice(&o.part[0]), c.part[0]));
        assert_true(slice_eq(buf_slice(&o.part[1]), c.part[1]));
        opened_free(&o);
        craft_free(&c);
}

static int move_in(void **state)
{
        letter_world_new(&w);
        return mkdtemp(folder) ? 0 : -1;
}

static int move_out(void **state)
{
        letter_world_free(&w);
        return run_in_folder("rm -f key body.age content made.age") || rmdir(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(letters_of_no_one_and_many_parts_come_out_as_they_went_in),
                cmocka_unit_test(
                        sizes_around_the_borders_of_heads_and_chunks_come_out_as_they_went_in),
                cmocka_unit_test(the_size_of_the_pieces_fed_makes_no_difference),
                cmocka_unit_test(the_header_says_what_the_letter_says),
                cmocka_unit_test(every_recipient_opens_it_alone_and_nobody_else),
                cmocka_unit_test(a_proxy_for_other_classes_or_of_the_past_is_not_sealed_to),
                cmocka_unit_test(padding_follows_padme),
                cmocka_unit_test(letters_of_like_length_have_sealed_bytes_of_the_same_length),
                cmocka_unit_test(text_that_no_reader_takes_is_named_and_nothing_is_sealed),
                cmocka_unit_test(
                        a_part_that_changes_shrinks_or_fails_between_the_passes_is_refused),
                cmocka_unit_test(a_fault_of_the_sink_ends_the_sealing_and_leaves_the_header_alone),
                cmocka_unit_test(the_largest_letter_goes_through_memory_that_does_not_grow),
                cmocka_unit_test(a_letter_that_would_be_too_large_is_refused_before_it_is_sealed),
                cmocka_unit_test(a_sealed_letter_opens_with_the_stock_age_tool),
                cmocka_unit_test(a_letter_sealed_by_the_stock_age_tool_opens),
        };

        return secret_init() ? EXIT_FAILURE : cmocka_run_group_tests(tests, move_in, move_out);
}
