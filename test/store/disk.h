/* disk.h - the disk as the engine meets it, before the C library: it can fail, and be remembered
 *
 * The test program's own pwrite, writev and fdatasync stand before the C library's. They do what
 * those do, until told otherwise. */
#pragma once

#include "base/bytes.h"

enum disk_manner {
        DISK_ONCE, /* one call fails and does nothing */
        DISK_LATE, /* one call does its work and fails all the same */
        DISK_EVER, /* as once, and so does every later call */
};

/* From now on the @nth call (from 1) fails with @error. */
void disk_fail(unsigned nth, int error, enum disk_manner manner);
void disk_heal(void);
unsigned disk_calls(void); /* since disk_fail or disk_heal */
bool disk_failed(void);    /* a call has been failed since disk_fail */

/* What was done to the two files, in order, while recording; a sync stands where it ended. */
enum { DISK_DATA, DISK_JOURNAL, DISK_FILES };
struct disk_event {
        enum { DISK_WRITE, DISK_SYNC } what;
        int file;
        bool synced;   /* the write was on disk when it returned */
        size_t covers; /* the sync: events of this file before that one */
        uint64_t at;
        size_t len;
        uint8_t *bytes;
};

void disk_record(bool on); /* on: forgets what was recorded before */
const struct disk_event *disk_events(size_t *n);
