/*
 * Character classes of fixed columns, as CBP's batch and block chapter defines them: S blanks, A letters, N digits,
 * (S)N digits after leading blanks, AN letters, digits and blanks, D a date MMDDYY, X AN and the printable
 * specials. Upper case only, and ASCII only: the chapter's cent sign is left out, since no document says in which
 * character set it would travel.
 */
#include "codec/layout.h"

#include <string.h>

const enum message_id class_message[CLASS_COUNT] = {
#define FIELD_CLASS_MESSAGE(name, text, message) message,
    FIELD_CLASSES(FIELD_CLASS_MESSAGE)
#undef FIELD_CLASS_MESSAGE
};

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool fits(enum field_class cls, char c)
{
    switch (cls) {
    case CLASS_S:
        return c == ' ';
    case CLASS_A:
        return is_letter(c);
    case CLASS_N:
    case CLASS_SN:
    case CLASS_D:
        return is_digit(c);
    case CLASS_AN:
        return is_letter(c) || is_digit(c) || c == ' ';
    default:
        return c >= ' ' && c <= '~' && !(c >= 'a' && c <= 'z');
    }
}

/* MM and DD must be possible; which year MMDDYY means, and so 29 February, is the business of rules. */
static size_t date_misfit(const char *text, size_t length)
{
    int month, day;

    if (length != 6)
        return 0;
    month = (text[0] - '0') * 10 + text[1] - '0';
    day = (text[2] - '0') * 10 + text[3] - '0';
    if (month < 1 || month > 12)
        return 0;
    return day < 1 || day > 31 ? 2 : length;
}

size_t class_misfit(enum field_class cls, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!fits(cls, text[i]))
            return i;
    }
    return cls == CLASS_D && length != 0 ? date_misfit(text, length) : length;
}
