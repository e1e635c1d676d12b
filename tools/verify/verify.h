/* verify.h - the two things that fumibako-verify judges: receipts (main.c) and forks */
#pragma once

#include "cli/cli.h"
#include "letter/trust.h"

/* --fork: one file of evidence, or two of checkpoints or receipts. @no_trust: why there is no trust
 * file, or NULL. The exit code: 0 the fork is proved, 1 it is not, 3 something is missing. */
int fork_verify(struct cli *c, const struct trust *trust, const char *no_trust);
