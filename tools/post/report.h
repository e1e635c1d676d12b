/* report.h - a letter's result as text, JSON or CSV */
#pragma once

#include "post/post.h"

/* @line of the manifest; 0 when there is none. @more (NULL is fine): further columns or members,
 * each with its comma before it. */
void report_text(struct buf *out, uint64_t line, const struct fumi_result *r);
void report_json(struct buf *out, uint64_t line, const struct fumi_result *r,
                 const struct buf *more);
void report_csv_head(struct buf *out, const char *more);
void report_csv(struct buf *out, uint64_t line, const struct fumi_result *r,
                const struct buf *more);
/* One field as RFC 4180 has it. */
void report_csv_field(struct buf *out, const char *text);
/* One in the form that was asked for, on standard output. */
void report_show(struct cli *c, uint64_t line, const struct fumi_result *r, const struct buf *more);
/* CLI_DONE for a filed letter, CLI_FAILED for a refused one, CLI_INCOMPLETE for one that waits. */
int report_exit(const struct fumi_result *r);
