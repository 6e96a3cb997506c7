/*
 * Log lines (core/log.h): one sink function for the whole process' use of an engine; the ready sink writes one line with
 * one write(2), so that lines of several threads and processes do not mix.
 * Owns nothing. A line that cannot be written is lost, for there is nowhere left to say so; nothing here is fatal.
 */
#include "core/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/json.h"

static const char *const level_name[] = {"alert", "error", "notice", "debug"};

void log_write(const struct log_sink *sink, enum log_level level, const char *room, const char *subject,
               const char *fmt, ...)
{
    if (sink == NULL || sink->write == NULL || (int)level > sink->threshold)
        return;
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    sink->write(sink->arg, level, room, subject, text);
}

void log_file_write(void *arg, int level, const char *room, const char *subject, const char *text)
{
    const struct log_file *file = arg;
    struct buf line = BUF_INIT;
    char now[25];
    time_format(now, clock_wall_ms(NULL));
    if (file->json) {
        struct json_out j;
        json_begin(&j, &line);
        json_open_object(&j, NULL);
        json_str(&j, "time", now);
        json_str(&j, "level", level_name[level]);
        json_str(&j, "room", room);
        if (subject != NULL)
            json_str(&j, "subject", subject);
        json_str(&j, "text", text);
        json_end_object(&j);
    } else {
        buf_printf(&line, "%s %s %s%s%s: ", now, level_name[level], room, subject != NULL ? " " : "",
                   subject != NULL ? subject : "");
        /* one entry, one line: a control character cannot forge a second one */
        for (const char *p = text; *p != '\0'; p++)
            buf_putc(&line, (unsigned char)*p < 0x20 ? ' ' : *p);
    }
    buf_putc(&line, '\n');
    if (!line.failed && write(file->fd, line.data, line.len) < 0) {
        /* nowhere left to say so */
    }
    buf_free(&line);
}
