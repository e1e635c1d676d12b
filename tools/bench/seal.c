/* seal.c - how fast one core seals and signs letters, without any broker */
#include "bench/bench.h"

#include "base/clock.h"
#include "base/secret.h"
#include "letter/seal.h"

#include <stdlib.h>

static int count_bytes(void *ctx, struct slice sealed)
{
        *(uint64_t *)ctx += sealed.len;
        return 0;
}

int bench_seal(struct cli *c)
{
        uint64_t letters = cli_number(c, "letters", 1, 10000000, 10000),
                 size = cli_number(c, "size", 1, 1 << 26, 4096);
        SECRET_OWNED struct sign_sec *sec = secret_new(sizeof(*sec));
        struct address_statement to = { .epoch = 1, .seals = 1 };
        struct sign_pub pub;
        uint8_t nonce[16] = { 0 }, *bytes = malloc(size);
        struct slice part = slice_of(bytes, size);
        struct seal_part parts[1];
        struct seal_letter letter = {
                .from = slice_str("bench.example"),
                .sign = sec,
                .to = &to,
                .class = CLASS_CERTIFICATE,
                .type = "bench.letter",
                .title = "bench",
                .issued = "2026-01-01T00:00:00Z",
                .part = parts,
                .parts = 1,
                .created = clock_now(),
                .grade = 1,
                .nonce = nonce,
        };
        SECRET_OWNED struct seal_sec *seal_sec = secret_new(sizeof(*seal_sec));
        uint64_t sealed = 0;
        BUF_OWNED header = { 0 };
        char where[96];
        int64_t began;
        double seconds;
        int r = 0;

        if (!bytes)
                return cli_fail(c, "no memory for a letter of that size");
        keys_random(bytes, size);
        keys_sign_new(&pub, sec);
        keys_seal_new(&to.seal[0].to, seal_sec);
        name_address_of(&to.address, &pub);
        parts[0] = seal_part_of_bytes("part", "application/octet-stream", &part);
        began = clock_mono_us();
        for (uint64_t i = 0; i < letters && !r; i++) {
                put_be64(nonce, i);
                buf_clear(&header);
                r = seal_compose(&header, &letter, count_bytes, &sealed, where);
        }
        seconds = (double)(clock_mono_us() - began) / 1e6;
        free(bytes);
        if (r)
                return cli_fail(c, "sealing failed (%d, %s)", r, where);
        printf(cli_json(c) ? "{\"sealed\":%llu,\"size\":%llu,\"rate\":%.0f,\"sealed_bytes\":%llu}\n"
                           : "%llu letters of %llu bytes sealed and signed on one core\n  sealed   "
                             "           %.0f letters/s, "
                             "%llu bytes in all\n",
               (unsigned long long)letters, (unsigned long long)size, (double)letters / seconds,
               (unsigned long long)sealed);
        return CLI_DONE;
}
