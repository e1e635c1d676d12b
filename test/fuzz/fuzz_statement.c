/* fuzz_statement.c - any text as a statement
 *
 * The text is signed here by the key that should have signed it, so that the grammar is all there
 * is to get through. What is taken has one spelling: written again it is the same bytes. Unsigned,
 * as it comes, no text is ever taken. */
#include "base/secret.h"
#include "letter/statement.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sign_sec sec; /* of address, mailbox, registrar and broker alike */
static struct note_key party = { .name = "registrar.example" };
static struct address address;
static struct mailbox mailbox;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        const struct seed seed = { "a seed for fuzzing statements..." };

        if (secret_init())
                abort();
        keys_derive_sign(&sec, &seed, "mailbox sign", 0);
        keys_sign_pub(&party.pub, &sec);
        name_address_of(&address, &party.pub);
        name_mailbox_of(&mailbox, &party.pub);
        return 0;
}

static void check_same(struct slice note, const struct buf *again)
{
        assert(slice_eq(note, buf_slice(again)));
}

static void as_address(struct slice note)
{
        BUF_OWNED again = { 0 };
        struct address_statement s;
        struct hash before;

        if (statement_read_address(&s, note))
                return;
        before = s.hash;
        statement_write_address(&again, &s, &sec);
        check_same(note, &again);
        assert(hash_eq(&before, &s.hash));
}

static void as_mailbox(struct slice note)
{
        BUF_OWNED again = { 0 };
        struct mailbox_statement s;

        if (statement_read_mailbox(&s, note))
                return;
        statement_write_mailbox(&again, &s, &sec);
        check_same(note, &again);
}

static void as_sender(struct slice note)
{
        BUF_OWNED again = { 0 };
        struct sender_statement s;

        if (statement_read_sender(&s, note, &party, 1, NULL))
                return;
        statement_write_sender(&again, &s, &party, &sec);
        check_same(note, &again);
}

static void as_enrolment(struct slice note)
{
        BUF_OWNED again = { 0 };
        struct enrolment e;

        if (statement_read_enrolment(&e, note, &party, 1, NULL))
                return;
        statement_write_enrolment(&again, &e, &party, &sec);
        check_same(note, &again);
}

static void as_attestation(struct slice note)
{
        BUF_OWNED again = { 0 };
        struct attestation a;

        if (statement_read_attestation(&a, note, &party))
                return;
        statement_write_attestation(&again, &a, party.name, &sec);
        check_same(note, &again);
}

static void unsigned_as_it_comes(struct slice note)
{
        struct address_statement a;
        struct mailbox_statement m;
        struct sender_statement s;
        struct enrolment e;
        struct attestation t;

        assert(statement_read_address(&a, note) > 0);
        assert(statement_read_mailbox(&m, note) > 0);
        assert(statement_read_sender(&s, note, &party, 1, NULL) > 0);
        assert(statement_read_enrolment(&e, note, &party, 1, NULL) > 0);
        assert(statement_read_attestation(&t, note, &party) > 0);
}

static void signed_under(const char *name, struct slice text, void (*as)(struct slice))
{
        BUF_OWNED note = { 0 };

        note_sign(&note, text, name, &sec);
        if (!buf_fault(&note))
                as(buf_slice(&note));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct {
                const char *title;
                const char *name;
                void (*as)(struct slice);
        } kinds[] = {
                { "fumibako address v1\n", address.s, as_address },
                { "fumibako mailbox v1\n", mailbox.s, as_mailbox },
                { "fumibako sender v1\n", party.name, as_sender },
                { "fumibako enrolment v1\n", party.name, as_enrolment },
                { "fumibako attestation v1\n", party.name, as_attestation },
        };
        struct slice text = slice_of(data, size);

        unsigned_as_it_comes(text);
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (slice_is(slice_upto(text, strlen(kinds[i].title)), kinds[i].title))
                        signed_under(kinds[i].name, text, kinds[i].as);
        return 0;
}
