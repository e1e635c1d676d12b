/* report.h - a letter's result as text, JSON or CSV */
#pragma once

#include "post/post.h"

/* @line of the manifest; 0 when there is none. */
void report_text(struct buf *out, uint64_t line, const struct fumi_result *r);
void report_json(struct buf *out, uint64_t line, const struct fumi_result *r);
void report_csv_head(struct buf *out);
void report_csv(struct buf *out, uint64_t line, const struct fumi_result *r);
/* One in the form that was asked for, on standard output. */
void report_show(struct cli *c, uint64_t line, const struct fumi_result *r);
/* CLI_DONE for a filed letter, CLI_FAILED for a refused one, CLI_INCOMPLETE for one that waits. */
int report_exit(const struct fumi_result *r);
