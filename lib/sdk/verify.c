/* verify.c - a receipt judged offline, for programs that have no sender or mailbox */
#include "sdk/fumibako.h"

#include "base/clock.h"
#include "letter/receipt.h"

#include <stdio.h>

enum { REASON = 256 };

int fumi_verify(const void *receipt, size_t size, const char *trust_file,
                enum fumi_verdict *verdict, char *reason)
{
        struct receipt_finding f = { .verdict = RECEIPT_OK };
        struct trust_why why = { "" };
        struct trust trust;
        int r = trust_read(&trust, trust_file, &why);

        if (r < 0)
                return r;
        if (r) {
                *verdict = FUMI_INCOMPLETE;
                if (reason)
                        snprintf(reason, REASON, "the trust file is missing: %.200s", why.text);
                return 0;
        }
        r = receipt_judge(&f, slice_of(receipt, size), &trust);
        if (r == 0) {
                *verdict = (enum fumi_verdict)f.verdict;
                if (reason)
                        snprintf(reason, REASON, "%s", f.reason);
        }
        receipt_finding_free(&f);
        return r;
}
