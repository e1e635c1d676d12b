/* clock.c - instants in milliseconds, and RFC 3339 text */
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static instant fixed_time;

instant clock_now(void)
{
        struct timespec ts;

        if (fixed_time)
                return fixed_time;
        clock_gettime(CLOCK_REALTIME, &ts);
        return (instant)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_set(instant fixed)
{
        fixed_time = fixed;
}

int64_t clock_mono_us(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void split(instant t, struct tm *tm, int *ms)
{
        int64_t s = t / 1000;
        time_t tt;

        *ms = (int)(t % 1000);
        if (*ms < 0) {
                *ms += 1000;
                s--;
        }
        tt = (time_t)s;
        if (!gmtime_r(&tt, tm) || tm->tm_year + 1900 > 9999 || tm->tm_year + 1900 < 0)
                abort(); /* instants outside years 0-9999 are refused where they are read */
}

void clock_rfc3339(char out[static CLOCK_RFC3339], instant t)
{
        struct tm tm;
        int ms;

        split(t, &tm, &ms);
        strftime(out, CLOCK_RFC3339, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void clock_rfc3339_ms(char out[static CLOCK_RFC3339_MS], instant t)
{
        struct tm tm;
        size_t n;
        int ms;

        split(t, &tm, &ms);
        n = strftime(out, CLOCK_RFC3339_MS, "%Y-%m-%dT%H:%M:%S", &tm);
        snprintf(out + n, CLOCK_RFC3339_MS - n, ".%03dZ", ms);
}

/* @n digits at @p as a number, or -1. */
static int digits(const uint8_t *p, int n)
{
        int v = 0;

        for (int i = 0; i < n; i++) {
                if (p[i] < '0' || p[i] > '9')
                        return -1;
                v = v * 10 + (p[i] - '0');
        }
        return v;
}

/* "Z", "+09:00" or "-03:30" to minutes; false when it is none of these. */
static bool parse_offset(struct slice s, int *minutes)
{
        int h, m;

        if (slice_is(s, "Z")) {
                *minutes = 0;
                return true;
        }
        if (s.len != 6 || (s.at[0] != '+' && s.at[0] != '-') || s.at[3] != ':')
                return false;
        h = digits(s.at + 1, 2);
        m = digits(s.at + 4, 2);
        if (h < 0 || h > 23 || m < 0 || m > 59)
                return false;
        *minutes = (s.at[0] == '-' ? -1 : 1) * (h * 60 + m);
        return true;
}

bool clock_parse(struct slice text, instant *out)
{
        const uint8_t *p = text.at;
        struct tm tm = { 0 }, back;
        int ms = 0, scale = 100, offset;
        size_t at = 19;
        time_t tt;

        if (text.len < 20 || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' ||
            p[16] != ':')
                return false;
        tm.tm_year = digits(p, 4) - 1900;
        tm.tm_mon = digits(p + 5, 2) - 1;
        tm.tm_mday = digits(p + 8, 2);
        tm.tm_hour = digits(p + 11, 2);
        tm.tm_min = digits(p + 14, 2);
        tm.tm_sec = digits(p + 17, 2);
        if (tm.tm_year < 0 || tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_hour < 0 ||
            tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 59)
                return false;
        if (p[at] == '.') {
                at++;
                if (at >= text.len || digits(p + at, 1) < 0)
                        return false;
                for (; at < text.len && digits(p + at, 1) >= 0; at++, scale /= 10)
                        ms += digits(p + at, 1) * scale;
        }
        if (!parse_offset(slice_from(text, at), &offset))
                return false;
        back = tm;
        tt = timegm(&back);
        if (back.tm_mday != tm.tm_mday || back.tm_mon != tm.tm_mon)
                return false; /* 31 February and its like */
        *out = ((instant)tt - offset * 60) * 1000 + ms;
        return true;
}
