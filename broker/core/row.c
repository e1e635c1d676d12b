/* row.c - keys and maps of the rows
 *
 * The one place that knows under which key a row lies; the keys are those of rows.toml. */
#include "core/row.h"

#include "base/fault.h"

#include <errno.h>

struct key {
        uint8_t b[STORE_KEY_MOST];
        size_t len;
};

static struct slice of(const struct key *k)
{
        return slice_of(k->b, k->len);
}

static void put_bytes(struct key *k, struct slice s)
{
        size_t n = s.len < sizeof(k->b) - k->len ? s.len : sizeof(k->b) - k->len;

        memcpy(k->b + k->len, s.at, n);
        k->len += n;
}

static void put_u64(struct key *k, uint64_t v)
{
        put_be64(k->b + k->len, v);
        k->len += 8;
}

/* An optional letter that keeps rows of one table apart, then a number. */
static const struct key *key_number(struct key *k, char kind, uint64_t number)
{
        k->len = 0;
        if (kind)
                k->b[k->len++] = (uint8_t)kind;
        put_u64(k, number);
        return k;
}

static const struct key *key_numbers(struct key *k, uint64_t first, uint64_t second)
{
        k->len = 0;
        put_u64(k, first);
        put_u64(k, second);
        return k;
}

static const struct key *key_piece(struct key *k, uint64_t arrival, uint64_t piece)
{
        k->len = 0;
        put_u64(k, arrival);
        put_be32(k->b + k->len, (uint32_t)piece);
        k->len += 4;
        return k;
}

static const struct key *key_tile(struct key *k, unsigned level, uint64_t n)
{
        k->b[0] = (uint8_t)level;
        k->len = 1;
        put_u64(k, n);
        return k;
}

static const struct key *key_bytes(struct key *k, char kind, struct slice s)
{
        k->len = 0;
        if (kind)
                k->b[k->len++] = (uint8_t)kind;
        put_bytes(k, s);
        return k;
}

static const struct key *key_nonce(struct key *k, uint64_t sender, const uint8_t *nonce)
{
        k->len = 0;
        put_u64(k, sender);
        put_bytes(k, slice_of(nonce, 16));
        return k;
}

static int get(struct rows *t, enum store_table table, struct slice key,
               const struct field_table *fields, void *out)
{
        struct slice value;
        int r = store_get(t->txn, table, key, &value);

        if (r)
                return r;
        return field_read(fields, value, out, NULL) ? fault(-EBADMSG) : 0;
}

/* The row's bytes in the scratch buffer, or a fault. */
static int written(struct rows *t, const struct field_table *fields, const void *in)
{
        buf_clear(&t->scratch);
        field_write(fields, &t->scratch, in);
        return buf_fault(&t->scratch) ? fault(buf_fault(&t->scratch)) : 0;
}

static int put(struct rows *t, enum store_table table, struct slice key,
               const struct field_table *fields, const void *in)
{
        int r = written(t, fields, in);

        return r ? r : store_put(t->txn, table, key, buf_slice(&t->scratch));
}

static int append(struct rows *t, enum store_table table, struct slice key,
                  const struct field_table *fields, const void *in)
{
        int r = written(t, fields, in);

        return r ? r : store_append(t->txn, table, key, buf_slice(&t->scratch));
}

int row_get_founding(struct rows *t, struct row_founding *out)
{
        return get(t, TABLE_META, slice_str("founding"), &row_founding_table, out);
}

int row_put_founding(struct rows *t, const struct row_founding *in)
{
        return put(t, TABLE_META, slice_str("founding"), &row_founding_table, in);
}

int row_get_log(struct rows *t, struct row_log *out)
{
        return get(t, TABLE_META, slice_str("log"), &row_log_table, out);
}

int row_put_log(struct rows *t, const struct row_log *in)
{
        return put(t, TABLE_META, slice_str("log"), &row_log_table, in);
}

int row_get_counters(struct rows *t, struct row_counters *out)
{
        return get(t, TABLE_META, slice_str("counters"), &row_counters_table, out);
}

int row_put_counters(struct rows *t, const struct row_counters *in)
{
        return put(t, TABLE_META, slice_str("counters"), &row_counters_table, in);
}

int row_put_checkpoint(struct rows *t, uint64_t size, struct slice note)
{
        struct row_checkpoint row = { .note = note };
        struct key k;

        return put(t, TABLE_EVENT, of(key_number(&k, 'c', size)), &row_checkpoint_table, &row);
}

int row_get_checkpoint(struct rows *t, uint64_t size, struct row_checkpoint *out)
{
        struct key k;

        return get(t, TABLE_EVENT, of(key_number(&k, 'c', size)), &row_checkpoint_table, out);
}

struct first {
        struct key key;
        bool found;
};

static int keep_first(void *ctx, struct slice key, struct slice value)
{
        struct first *f = ctx;

        key_bytes(&f->key, 0, key);
        f->found = true;
        return 1;
}

int row_get_checkpoint_of(struct rows *t, uint64_t leaf, struct row_checkpoint *out)
{
        struct first first = { 0 };
        struct key from;
        int r;

        key_number(&from, 'c', leaf + 1);
        r = store_range(t->txn, TABLE_EVENT, slice_str("c"), of(&from), false, keep_first, &first);
        if (r)
                return r;
        if (!first.found)
                return STORE_ABSENT;
        return get(t, TABLE_EVENT, of(&first.key), &row_checkpoint_table, out);
}

int row_get_cosignatures(struct rows *t, uint64_t size, struct row_cosignatures *out)
{
        struct key k;

        return get(t, TABLE_EVENT, of(key_number(&k, 'b', size)), &row_cosignatures_table, out);
}

int row_put_cosignatures(struct rows *t, uint64_t size, struct slice lines)
{
        struct row_cosignatures row = { .lines = lines };
        struct key k;

        return put(t, TABLE_EVENT, of(key_number(&k, 'b', size)), &row_cosignatures_table, &row);
}

struct cosigned {
        uint64_t least, size, looked;
        int result;
};

static int look_at_cosigned(void *ctx, struct slice key, struct slice value)
{
        struct cosigned *c = ctx;
        struct row_cosignatures row;
        uint64_t lines = 0;

        if (key.len != 9 || field_read(&row_cosignatures_table, value, &row, NULL))
                return fault(-EBADMSG);
        for (size_t i = 0; i < row.lines.len; i++)
                lines += row.lines.at[i] == '\n';
        c->size = get_be64(key.at + 1);
        if (lines >= c->least)
                c->result = 0;
        else if (++c->looked == ROW_LOOK_MOST)
                c->result = ROW_FURTHER;
        return c->result != STORE_ABSENT;
}

int row_find_cosignatures(struct rows *t, uint64_t from, uint64_t least, uint64_t *size)
{
        struct cosigned c = { .least = least, .result = STORE_ABSENT };
        struct key k;
        int r;

        key_number(&k, 'b', from);
        r = store_range(t->txn, TABLE_EVENT, slice_str("b"), of(&k), false, look_at_cosigned, &c);
        if (r || c.result == STORE_ABSENT)
                return r ? r : STORE_ABSENT;
        *size = c.size + (c.result == ROW_FURTHER);
        return c.result;
}

int row_append_event(struct rows *t, uint64_t leaf, const struct row_event *in)
{
        struct key k;

        return append(t, TABLE_EVENT, of(key_number(&k, 'e', leaf)), &row_event_table, in);
}

int row_get_event(struct rows *t, uint64_t leaf, struct row_event *out)
{
        struct key k;

        return get(t, TABLE_EVENT, of(key_number(&k, 'e', leaf)), &row_event_table, out);
}

int row_get_tile(struct rows *t, unsigned level, uint64_t n, struct slice *hashes)
{
        struct key k;

        return store_get(t->txn, TABLE_TILE, of(key_tile(&k, level, n)), hashes);
}

int row_put_tile(struct rows *t, unsigned level, uint64_t n, struct slice hashes)
{
        struct key k;

        return store_put(t->txn, TABLE_TILE, of(key_tile(&k, level, n)), hashes);
}

int row_get_sender(struct rows *t, struct slice name, struct row_sender *out)
{
        return get(t, TABLE_SENDER, name, &row_sender_table, out);
}

int row_put_sender(struct rows *t, struct slice name, const struct row_sender *in)
{
        return put(t, TABLE_SENDER, name, &row_sender_table, in);
}

int row_get_mailbox(struct rows *t, struct slice name, struct row_mailbox *out)
{
        return get(t, TABLE_MAILBOX, name, &row_mailbox_table, out);
}

int row_put_mailbox(struct rows *t, struct slice name, const struct row_mailbox *in)
{
        return put(t, TABLE_MAILBOX, name, &row_mailbox_table, in);
}

int row_get_address(struct rows *t, struct slice name, struct row_address *out, struct slice *bytes)
{
        struct slice value;
        int r = store_get(t->txn, TABLE_ADDRESS, name, &value);

        if (r)
                return r;
        if (field_read(&row_address_table, value, out, NULL))
                return fault(-EBADMSG);
        if (bytes)
                *bytes = value;
        return 0;
}

int row_put_address(struct rows *t, struct slice name, const struct row_address *in)
{
        return put(t, TABLE_ADDRESS, name, &row_address_table, in);
}

int row_get_statement(struct rows *t, const struct hash *hash, struct row_statement *out)
{
        return get(t, TABLE_STATEMENT, slice_hash(hash), &row_statement_table, out);
}

int row_put_statement(struct rows *t, const struct hash *hash, const struct row_statement *in)
{
        return put(t, TABLE_STATEMENT, slice_hash(hash), &row_statement_table, in);
}

int row_del_statement(struct rows *t, const struct hash *hash)
{
        return store_del(t->txn, TABLE_STATEMENT, slice_hash(hash));
}

int row_get_device(struct rows *t, const struct curve_pub *key, enum row_device *kind,
                   struct slice *name)
{
        struct slice value;
        int r = store_get(t->txn, TABLE_DEVICE, slice_of(key->b, sizeof(key->b)), &value);

        if (r)
                return r;
        if (value.len < 2)
                return fault(-EBADMSG);
        *kind = value.at[0];
        *name = slice_from(value, 1);
        return 0;
}

int row_put_device(struct rows *t, const struct curve_pub *key, enum row_device kind,
                   struct slice name)
{
        buf_clear(&t->scratch);
        buf_putc(&t->scratch, (uint8_t)kind);
        buf_put(&t->scratch, name);
        if (buf_fault(&t->scratch))
                return fault(buf_fault(&t->scratch));
        return store_put(t->txn, TABLE_DEVICE, slice_of(key->b, sizeof(key->b)),
                         buf_slice(&t->scratch));
}

int row_del_device(struct rows *t, const struct curve_pub *key)
{
        return store_del(t->txn, TABLE_DEVICE, slice_of(key->b, sizeof(key->b)));
}

int row_get_box(struct rows *t, uint64_t box, struct row_box *out)
{
        struct key k;

        return get(t, TABLE_BOX, of(key_numbers(&k, box, 0)), &row_box_table, out);
}

int row_put_box(struct rows *t, uint64_t box, const struct row_box *in)
{
        struct key k;

        return put(t, TABLE_BOX, of(key_numbers(&k, box, 0)), &row_box_table, in);
}

int row_get_slot(struct rows *t, uint64_t box, uint64_t seq, struct row_slot *out)
{
        struct key k;

        if (seq == 0)
                return STORE_ABSENT; /* the box itself lies there */
        return get(t, TABLE_BOX, of(key_numbers(&k, box, seq)), &row_slot_table, out);
}

int row_put_slot(struct rows *t, uint64_t box, uint64_t seq, const struct row_slot *in)
{
        struct key k;

        return put(t, TABLE_BOX, of(key_numbers(&k, box, seq)), &row_slot_table, in);
}

struct slots {
        size_t most;
        size_t count;
        uint64_t *seq;
        struct row_slot *slot;
};

static int keep_slot(void *ctx, struct slice key, struct slice value)
{
        struct slots *s = ctx;

        if (s->count == s->most)
                return 1;
        if (key.len != 16 || field_read(&row_slot_table, value, &s->slot[s->count], NULL))
                return fault(-EBADMSG);
        s->seq[s->count++] = get_be64(key.at + 8);
        return 0;
}

int row_list_slots(struct rows *t, uint64_t box, uint64_t after, size_t most, uint64_t *seq,
                   struct row_slot *slot, size_t *count)
{
        struct slots slots = { .most = most, .seq = seq, .slot = slot };
        struct key prefix, from;
        int r;

        key_number(&prefix, 0, box);
        key_numbers(&from, box, after + 1);
        r = store_range(t->txn, TABLE_BOX, of(&prefix), of(&from), false, keep_slot, &slots);
        if (!r)
                *count = slots.count;
        return r;
}

int row_get_letter(struct rows *t, uint64_t arrival, struct row_letter *out)
{
        struct key k;

        return get(t, TABLE_LETTER, of(key_number(&k, 0, arrival)), &row_letter_table, out);
}

int row_put_letter(struct rows *t, uint64_t arrival, const struct row_letter *in)
{
        struct key k;

        return put(t, TABLE_LETTER, of(key_number(&k, 0, arrival)), &row_letter_table, in);
}

int row_get_nonce(struct rows *t, uint64_t sender, const uint8_t nonce[static 16],
                  struct row_nonce *out)
{
        struct key k;

        return get(t, TABLE_NONCE, of(key_nonce(&k, sender, nonce)), &row_nonce_table, out);
}

int row_put_nonce(struct rows *t, uint64_t sender, const uint8_t nonce[static 16],
                  const struct row_nonce *in)
{
        struct key k;

        return put(t, TABLE_NONCE, of(key_nonce(&k, sender, nonce)), &row_nonce_table, in);
}

int row_del_nonce(struct rows *t, uint64_t sender, const uint8_t nonce[static 16])
{
        struct key k;

        return store_del(t->txn, TABLE_NONCE, of(key_nonce(&k, sender, nonce)));
}

int row_get_batch(struct rows *t, uint64_t batch, struct row_batch *out)
{
        struct key k;

        return get(t, TABLE_BATCH, of(key_number(&k, 0, batch)), &row_batch_table, out);
}

int row_append_batch(struct rows *t, uint64_t batch, const struct row_batch *in)
{
        struct key k;

        return append(t, TABLE_BATCH, of(key_number(&k, 0, batch)), &row_batch_table, in);
}

int row_put_body(struct rows *t, uint64_t arrival, uint64_t piece, struct slice bytes, bool last)
{
        struct key k;

        key_piece(&k, arrival, piece);
        if (last)
                return store_append(t->txn, TABLE_BODY, of(&k), bytes);
        return store_put(t->txn, TABLE_BODY, of(&k), bytes);
}

int row_get_body(struct rows *t, uint64_t arrival, uint64_t piece, struct slice *bytes)
{
        struct key k;

        return store_get(t->txn, TABLE_BODY, of(key_piece(&k, arrival, piece)), bytes);
}

int row_del_body(struct rows *t, uint64_t arrival, uint64_t piece)
{
        struct key k;

        return store_del(t->txn, TABLE_BODY, of(key_piece(&k, arrival, piece)));
}

int row_get_upload(struct rows *t, const struct hash *letter, struct row_upload *out)
{
        struct key k;

        return get(t, TABLE_UPLOAD, of(key_bytes(&k, 'u', slice_hash(letter))), &row_upload_table,
                   out);
}

int row_put_upload(struct rows *t, const struct hash *letter, const struct row_upload *in)
{
        struct key k;

        return put(t, TABLE_UPLOAD, of(key_bytes(&k, 'u', slice_hash(letter))), &row_upload_table,
                   in);
}

int row_del_upload(struct rows *t, const struct hash *letter)
{
        struct key k;

        return store_del(t->txn, TABLE_UPLOAD, of(key_bytes(&k, 'u', slice_hash(letter))));
}

int row_put_age(struct rows *t, uint64_t arrival, const struct hash *letter)
{
        struct key k;

        return store_put(t->txn, TABLE_UPLOAD, of(key_number(&k, 'a', arrival)),
                         slice_hash(letter));
}

int row_del_age(struct rows *t, uint64_t arrival)
{
        struct key k;

        return store_del(t->txn, TABLE_UPLOAD, of(key_number(&k, 'a', arrival)));
}

int row_get_oldest(struct rows *t, struct hash *letter)
{
        struct first first = { 0 };
        struct slice value;
        int r;

        r = store_range(t->txn, TABLE_UPLOAD, slice_str("a"), slice_str("a"), false, keep_first,
                        &first);
        if (!r && !first.found)
                return STORE_ABSENT;
        if (!r)
                r = store_get(t->txn, TABLE_UPLOAD, of(&first.key), &value);
        if (r)
                return r;
        if (value.len != sizeof(letter->b))
                return fault(-EBADMSG);
        memcpy(letter->b, value.at, sizeof(letter->b));
        return 0;
}

int row_get_pending(struct rows *t, uint64_t sender, struct row_pending *out)
{
        struct key k;

        return get(t, TABLE_UPLOAD, of(key_number(&k, 's', sender)), &row_pending_table, out);
}

int row_put_pending(struct rows *t, uint64_t sender, const struct row_pending *in)
{
        struct key k;

        return put(t, TABLE_UPLOAD, of(key_number(&k, 's', sender)), &row_pending_table, in);
}
