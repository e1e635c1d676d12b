/* log.h - one structured line per event on standard error
 *
 * text:  2026-11-23T09:00:00.123Z info keeper: listening endpoint="tcp://127.0.0.1:7733"
 * json:  {"time":"…","level":"info","room":"keeper","event":"listening","endpoint":"…"}
 *
 * @event is a short fixed phrase. Fields follow as key, format, value… in the form
 * log_info("listening", "endpoint", "%s", ep), at most one formatted field a call; further facts go
 * into the same format string. Never log a title, a body, a name of a person or a secret.
 * Safe from every thread: a line leaves in one write(2). */
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_QUIET };
enum log_form { LOG_TEXT, LOG_JSON };

/* Set once at start, before threads. @room names the process: "front", "keeper", "parent". */
void log_open(const char *room, enum log_level least, enum log_form form);
int log_level_parse(const char *word); /* -1 for an unknown word */

void log_say(enum log_level level, const char *event, const char *key, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

#define log_debug(event, key, ...) log_say(LOG_DEBUG, event, key, __VA_ARGS__)
#define log_info(event, key, ...)  log_say(LOG_INFO, event, key, __VA_ARGS__)
#define log_warn(event, key, ...)  log_say(LOG_WARN, event, key, __VA_ARGS__)
#define log_error(event, key, ...) log_say(LOG_ERROR, event, key, __VA_ARGS__)
