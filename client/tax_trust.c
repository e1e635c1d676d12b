/* tax_trust.c - whom the reader of a certificate trusts, from the options of the tax commands */
#include "client/client.h"

#include "xml/judge.h"

#include <stdio.h>

/* An instant, or a day: noon in Japan. */
static int take_time(struct cli *c, const char *given, instant *out)
{
        char noon[64];

        if (!given || clock_parse(slice_str(given), out))
                return 0;
        snprintf(noon, sizeof(noon), "%.20sT12:00:00+09:00", given);
        if (clock_parse(slice_str(noon), out))
                return 0;
        return cli_wrong(c, "--at takes a day, 2026-11-02, or an instant, "
                            "2026-11-02T09:00:00+09:00");
}

int tax_trust(struct cli *c, struct judge_trust *out)
{
        *out = (struct judge_trust){ .anchors = cli_get(c, "anchors"), .crls = cli_get(c, "crls") };
        if (out->crls && !out->anchors)
                return cli_wrong(c, "--crls needs --anchors: a list counts when its authority "
                                    "is trusted");
        return take_time(c, cli_get(c, "at"), &out->at);
}
