/* tax_finding.h - what is wrong with a certificate, for a person */
#pragma once

#include "client/client.h"
#include "xml/judge.h"

/* A line or three: '!' or, when it may be used in spite of that, '?'; where in the file, with the
 * form's own name for the element (@d may be NULL); what, and what to do. */
void tax_finding_put(struct buf *out, const struct doc *d, const struct judge_finding *f);

/* Its second half alone: the sentence of an outcome and, unless it is a @warning, what to do. */
void tax_finding_put_outcome(struct buf *out, int code, bool warning, const char *detail);
