/* profile.c - opening the sender's folder, and what every command does with a refusal */
#include "post/post.h"

int post_open(struct cli *c, fumi_sender **out)
{
        const char *profile = cli_get(c, "profile");
        char why[512] = "";
        int r = fumi_sender_open(out, profile ? profile : ".", why);

        return r ? cli_fail(c, "%s%s", *why ? why : strerror(-r),
                            profile ? "" : " (--profile names the sender's folder)")
                 : 0;
}

int post_refuse(struct cli *c, const fumi_sender *s, int result)
{
        return cli_refuse(c, result, fumi_sender_name(s), fumi_sender_error(s));
}

bool post_instant(struct cli *c, const char *option, int64_t *out)
{
        const char *text = cli_get(c, option);

        *out = 0;
        if (!text || clock_parse(slice_str(text), out))
                return true;
        cli_wrong(c, "--%s takes an instant such as 2026-11-23T00:00:00Z, not '%s'", option, text);
        return false;
}

int64_t post_timeout(struct cli *c)
{
        return (int64_t)cli_number(c, "timeout", 1, 86400, POST_TIMEOUT) * 1000;
}
