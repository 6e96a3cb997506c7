/** @file
 * Log lines: severity, room, declaration, text. A sink is a function; the default sink drops everything (a library
 * does not print). The daemon and the command set theirs.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

/** Four severities: ALERT wants a person now; ERROR lost something or stopped; NOTICE is business; DEBUG is for us. */
enum log_level { LOG_LEVEL_ALERT, LOG_LEVEL_ERROR, LOG_LEVEL_NOTICE, LOG_LEVEL_DEBUG };

struct log_sink {
    void (*write)(void *arg, int level, const char *room, const char *subject,
                  const char *text); /**< level: enum log_level; the type is gln_log_fn of <greenlane.h> */
    void *arg;
    _Atomic int threshold; /**< enum log_level; may be changed while others log */
};

/** `room` is the room's name, `subject` the declaration or filing id or NULL. `sink` may be NULL. */
void log_write(const struct log_sink *sink, enum log_level level, const char *room, const char *subject,
               const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/** A ready sink: JSON lines or text to a FILE descriptor; arg is a struct log_file. */
struct log_file {
    int fd;
    _Atomic int json; /**< 0 text, 1 JSON lines; may be changed while others log */
};
void log_file_write(void *arg, int level, const char *room, const char *subject, const char *text);

#endif
