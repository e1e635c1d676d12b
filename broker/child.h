/* child.h - what front and keeper do between fork and their room: give up rights, take keys, be
 * confined */
#pragma once

#include "config.h"

#include <sys/types.h>

/* How a child ends, for the parent. */
enum child_exit {
        CHILD_DONE = 0,
        CHILD_FAULT = 1,    /* starting again may help */
        CHILD_HOPELESS = 2, /* it does not: a store of another, no confinement, no key */
};

struct child_start {
        const struct config *config;
        pid_t parent;
        int channel;       /* this side's end */
        int ready;         /* to write one byte to once ready */
        int stop;          /* front: reads an end when it is time to stop */
        const int *listen; /* front */
        char (*endpoint)[128];
        size_t listens;
};

_Noreturn void child_front(const struct child_start *s);
_Noreturn void child_keeper(const struct child_start *s);
