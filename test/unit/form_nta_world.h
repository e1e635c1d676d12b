/* form_nta_world.h - a sender's CSV for tests: records by column, and what was said about a file */
#pragma once

#include "base/buf.h"
#include "form/nta_csv.h"

/* A record of @form that passes, changed in columns: number, text, number, text ... 0. Text is
 * UTF-8 and goes into the file as CP932. @end follows the record. */
void world_put(struct buf *file, const char *form, const char *end, ...);
/* The same with one column's bytes as they are: anything but a comma or a quote. */
void world_put_raw(struct buf *file, const char *form, unsigned column, const char *bytes);
/* @text in CP932. */
void world_put_text(struct buf *file, const char *text);
/* From now on files are UTF-8, by mistake. */
void world_as_utf8(bool yes);

/* The findings, "CSV_MISSING 1.3 [value] detail" a line (record 1, column 3); "" when it passed.
 * Valid until the next call. */
const char *world_findings(const struct buf *file);

/* The file passes. */
struct nta_csv *world_open(const struct buf *file);
/* Certificate @i as "WCA00000=文箱 WCE00000( WCE00010=2026 ... )". Valid until the next call. */
const char *world_certificate(struct nta_csv *csv, size_t i);
