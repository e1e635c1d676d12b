/* post.h - what the commands of fumibako-post share */
#pragma once

#include "base/clock.h"
#include "cli/cli.h"
#include "sdk/fumibako.h"

enum { POST_TIMEOUT = 60 }; /* seconds without any answer after which sending gives up */

int post_init(struct cli *c);
int post_send(struct cli *c);
int post_run(struct cli *c);
int post_status(struct cli *c);
int post_results(struct cli *c);
int post_receipt(struct cli *c);
int post_forget(struct cli *c);
int nta_convert(struct cli *c);
int nta_run(struct cli *c);

/* Open the profile of --profile (default: this folder). 0, or an exit code after saying why. */
int post_open(struct cli *c, fumi_sender **out);
/* Say what a call on @s refused; the exit code. */
int post_refuse(struct cli *c, const fumi_sender *s, int result);
/* An option as an instant; 0 when it was not given. False after saying that it is none. */
bool post_instant(struct cli *c, const char *option, int64_t *out);
/* --timeout in milliseconds. */
int64_t post_timeout(struct cli *c);
