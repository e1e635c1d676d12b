/* trust.c - the trust file: whom a client believes
 *
 *      fumibako trust v1
 *      broker post.example tcp://post.example:7733 <base64 CurveZMQ key>
 *      attest <vkey>  log <vkey>  registrar <vkey>         one each or more, a line for each
 *      witness, group, quorum                              a policy, or none: evidence/policy.h
 *
 * Everything a client checks, it checks against this file, so that a mistake in it is named with
 * its line instead of showing up later as a signature that does not verify. Empty lines are fine;
 * "#" at the beginning of a line or behind a space begins a comment. */
#include "letter/trust.h"

#include "base/file.h"
#include "base/text.h"
#include "letter/name.h"

#include <stdio.h>

enum { TRUST_MOST = 65536 };

static const char title[] = "fumibako trust v1";

/* One line without its comment and the spaces around it. */
static struct slice strip(struct slice line)
{
        for (size_t i = 0; i < line.len; i++)
                if (line.at[i] == '#' && (i == 0 || line.at[i - 1] == ' '))
                        line.len = i;
        while (line.len && line.at[line.len - 1] == ' ')
                line.len--;
        while (line.len && line.at[0] == ' ')
                line = slice_from(line, 1);
        return line;
}

/* The next word of @line, which is stripped; the empty slice at the end. */
static struct slice word_of(struct slice *line)
{
        struct slice word;

        if (!slice_split(line, ' ', &word)) {
                word = *line;
                *line = slice_from(*line, line->len);
        }
        *line = strip(*line);
        return word;
}

static bool printable(struct slice s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.at[i] <= ' ' || s.at[i] > '~')
                        return false;
        return s.len > 0;
}

static const char *read_broker(struct trust *t, struct slice line)
{
        struct slice name = word_of(&line), endpoint = word_of(&line), key = word_of(&line);

        if (t->broker[0])
                return "a second broker line";
        if (!name_party_ok(name))
                return "not a broker name";
        if (!printable(endpoint) || endpoint.len >= TRUST_ENDPOINT_MOST ||
            !memmem(endpoint.at, endpoint.len, "://", 3))
                return "not a ZeroMQ endpoint such as tcp://post.example:7733";
        if (line.len || !text_get_base64(key, t->curve.b, sizeof(t->curve.b)))
                return "the broker line does not end with the base64 of a 32-byte transport key";
        memcpy(t->broker, name.at, name.len);
        memcpy(t->endpoint, endpoint.at, endpoint.len);
        return NULL;
}

static const char *read_key(struct note_key *keys, size_t *count, struct slice line)
{
        if (*count == TRUST_KEYS_MOST)
                return "too many keys of this kind";
        if (!note_vkey_get(line, &keys[*count]))
                return "not a verifier key (name+id+base64)";
        ++*count;
        return NULL;
}

/* NULL, or what is wrong with the line. */
static const char *read_fact(struct trust *t, struct slice line)
{
        struct slice word = word_of(&line);
        const char *cause;

        if (slice_is(word, "broker"))
                return read_broker(t, line);
        if (slice_is(word, "attest"))
                return read_key(t->attest, &t->attests, line);
        if (slice_is(word, "log"))
                return read_key(t->log, &t->logs, line);
        if (slice_is(word, "registrar"))
                return read_key(t->registrar, &t->registrars, line);
        cause = policy_line(&t->policy, word, line);
        if (!cause || *cause)
                return cause;
        return "unknown word: expected broker, attest, log, registrar, witness, group or quorum";
}

static const char *missing(const struct trust *t)
{
        if (!t->broker[0])
                return "there is no broker line";
        if (!t->attests)
                return "there is no attest line";
        if (!t->logs)
                return "there is no log line";
        return t->registrars ? policy_end(&t->policy) : "there is no registrar line";
}

/* NULL, or what is wrong: with line @number, or with the whole when that is 0. */
static const char *read_all(struct trust *t, struct slice text, unsigned *number)
{
        bool titled = false;

        for (*number = 1; text.len; ++*number) {
                const char *cause = NULL;
                struct slice line;

                if (!slice_split(&text, '\n', &line)) {
                        line = text;
                        text = slice_from(text, text.len);
                }
                line = strip(line);
                if (line.len == 0)
                        continue;
                if (titled)
                        cause = read_fact(t, line);
                else if (!slice_is(line, title))
                        cause = "expected \"fumibako trust v1\"";
                if (cause)
                        return cause;
                titled = true;
        }
        *number = 0;
        return missing(t);
}

static int refuse(struct trust_why *why, int r, const char *path, unsigned line, const char *cause)
{
        if (line)
                snprintf(why->text, sizeof(why->text), "%s:%u: %s", path, line, cause);
        else
                snprintf(why->text, sizeof(why->text), "%s: %s", path, cause);
        return r;
}

int trust_of_text(struct trust *out, struct slice text, const char *path, struct trust_why *why)
{
        struct trust t = { 0 };
        unsigned line;
        const char *cause = read_all(&t, text, &line);

        if (cause)
                return refuse(why, TRUST_BAD, path, line, cause);
        *out = t;
        return 0;
}

int trust_read(struct trust *out, const char *path, struct trust_why *why)
{
        BUF_OWNED text = { 0 };
        int r = file_read(&text, path, TRUST_MOST);

        if (r == FILE_ABSENT)
                return refuse(why, TRUST_ABSENT, path, 0, "there is no such file");
        if (r == FILE_TOO_LARGE)
                return refuse(why, TRUST_BAD, path, 0, "larger than any trust file");
        if (r)
                return refuse(why, r, path, 0, strerror(-r));
        return trust_of_text(out, buf_slice(&text), path, why);
}

static void put_keys(struct buf *out, const char *word, const struct note_key *keys, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                buf_puts(out, word);
                buf_putc(out, ' ');
                note_vkey_put(out, &keys[i]);
                buf_putc(out, '\n');
        }
}

void trust_write(struct buf *out, const struct trust *t)
{
        buf_printf(out, "%s\nbroker %s %s ", title, t->broker, t->endpoint);
        text_put_base64(out, slice_of(t->curve.b, sizeof(t->curve.b)));
        buf_putc(out, '\n');
        put_keys(out, "attest", t->attest, t->attests);
        put_keys(out, "log", t->log, t->logs);
        put_keys(out, "registrar", t->registrar, t->registrars);
        policy_write(out, &t->policy);
}

const struct note_key *trust_log(const struct trust *t, const char *origin)
{
        for (size_t i = 0; i < t->logs; i++)
                if (strcmp(t->log[i].name, origin) == 0)
                        return &t->log[i];
        return NULL;
}
