/* cosign.c - C2SP tlog-cosignature v1
 *
 *      cosignature/v1                          what is signed: a line that no other signature has,
 *      time 1679315147                         the time, and then the checkpoint's whole text
 *      example.com/behind-the-sofa
 *      20852163
 *      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *      base64( key id, 4 bytes || time, 8 || Ed25519 signature, 64 )
 *
 * The key's name is not in what is signed, so one key is one witness. */
#include "evidence/cosign.h"

#include "base/text.h"

#include <errno.h>

enum { KEY_ID = 4, TIME = 8, SIGNED = KEY_ID + TIME + sizeof(struct signature) };

bool cosign_vkey_get(struct slice text, struct note_key *out)
{
        return note_vkey_get_as(text, NOTE_COSIGNATURE, out);
}

void cosign_vkey_put(struct buf *out, const struct note_key *key)
{
        note_vkey_put_as(out, NOTE_COSIGNATURE, key);
}

bool cosign_is_of(const struct note_line *line, const struct note_key *witness)
{
        return slice_is(line->name, witness->name) &&
               line->id == note_key_id(witness, NOTE_COSIGNATURE);
}

static void put_message(struct buf *out, uint64_t seconds, struct slice text)
{
        buf_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)seconds);
        buf_put(out, text);
}

void cosign_make(struct buf *out, struct slice text, const char *name, uint64_t seconds,
                 const struct sign_sec *sec)
{
        uint8_t stamped[TIME + sizeof(struct signature)];
        BUF_OWNED message = { 0 };
        struct note_key key = { "" };
        struct signature sig;

        if (!note_text_ok(text) || !note_name_ok(slice_str(name)) || seconds > INT64_MAX) {
                if (!out->fault)
                        out->fault = -EINVAL;
                return;
        }
        put_message(&message, seconds, text);
        if (buf_fault(&message)) {
                out->fault = buf_fault(&message);
                return;
        }
        memcpy(key.name, name, strlen(name));
        keys_sign_pub(&key.pub, sec);
        sign_make(&sig, buf_slice(&message), sec);
        put_be64(stamped, seconds);
        memcpy(stamped + TIME, sig.b, sizeof(sig.b));
        note_line_put(out, name, note_key_id(&key, NOTE_COSIGNATURE),
                      slice_of(stamped, sizeof(stamped)));
}

bool cosign_line_verify(const struct note_line *line, struct slice text,
                        const struct note_key *witness, uint64_t *seconds)
{
        BUF_OWNED message = { 0 };
        uint8_t bytes[SIGNED];
        struct signature sig;
        uint64_t time;

        if (!text_get_base64(line->signature, bytes, sizeof(bytes)))
                return false;
        time = get_be64(bytes + KEY_ID);
        if (time > INT64_MAX)
                return false;
        memcpy(sig.b, bytes + KEY_ID + TIME, sizeof(sig.b));
        put_message(&message, time, text);
        if (buf_fault(&message) || !sign_verify(&sig, buf_slice(&message), &witness->pub))
                return false;
        if (seconds)
                *seconds = time;
        return true;
}

int cosign_verify(const struct note *n, const struct note_key *witness)
{
        int r = NOTE_UNSIGNED;

        for (size_t i = 0; i < n->lines; i++) {
                if (!cosign_is_of(&n->line[i], witness))
                        continue;
                if (!cosign_line_verify(&n->line[i], n->text, witness, NULL))
                        return NOTE_FORGED;
                r = 0;
        }
        return r;
}

void cosign_strip(struct buf *out, const struct note *n,
                  bool (*keep)(void *ctx, const struct note_line *line), void *ctx)
{
        struct slice rest = slice_from(n->whole, n->text.len + 1), line;

        buf_put(out, n->text);
        buf_putc(out, '\n');
        for (size_t i = 0; i < n->lines && slice_split(&rest, '\n', &line); i++) {
                if (!keep(ctx, &n->line[i]))
                        continue;
                buf_put(out, line);
                buf_putc(out, '\n');
        }
}
