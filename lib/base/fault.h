/* fault.h - the two kinds of "no"
 *
 * Negative results are faults: -errno, something below us broke (memory, disk, a library). They are
 * traced once, where they are born, and passed up unchanged. Positive results are outcomes: named
 * in the callee's header and handled on the caller's next line. What cannot happen is an assert,
 * and asserts stay on in release builds. */
#pragma once

/* Say at level debug where the fault @r (negative) was born, and return it unchanged. */
#define fault(r) fault_at((r), __FILE__, __LINE__)
int fault_at(int r, const char *file, int line);

#ifdef __clang_analyzer__
/* The analyzer reads one file at a time, and would believe that whoever says no may return 0. */
#define never_zero(r)                                                                              \
        __extension__({                                                                            \
                int never_zero_ = (r);                                                             \
                if (never_zero_ == 0)                                                              \
                        __builtin_unreachable();                                                   \
                never_zero_;                                                                       \
        })
#undef fault
#define fault(r) never_zero(r)
#endif
