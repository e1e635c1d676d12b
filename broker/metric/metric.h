/* metric.h - the broker's counters: one page that parent, front and keeper share
 *
 * The page is mapped before the processes part, so counting is one relaxed addition and a process
 * that dies leaves what it counted. Names and meanings: schemas/metrics.toml. Safe from every
 * thread. */
#pragma once

#include "base/buf.h"
#include "schemas/metrics.h"

int metric_map(void); /* once, before fork; until then the page is this process's own */

void metric_add(enum metric which, uint64_t n);
void metric_set(enum metric which, uint64_t value);
void metric_raise(enum metric which, uint64_t value); /* to the highest seen */
uint64_t metric_get(enum metric which);

void metric_put_text(struct buf *out); /* lines "name value" */
void metric_put_json(struct buf *out); /* one object, one line */
