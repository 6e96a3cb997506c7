/*
 * Whether two names are one company's: the same, so near that a person should look, or another's.
 *
 * Aside are case, accents, punctuation, blanks, "and" in a few languages, and the legal form at the end; two different forms, a letter
 * or two, a missing word and another order of the words are near. Letters of another alphabet are never taken for the Latin ones they
 * look like: a name that holds some within a Latin word is another's.
 *
 * Owns nothing; nothing here asks a locale. A name longer than fits is compared by what fits, which no register holds.
 */
#include "trust/decide.h"

#include <string.h>

#include "util/str.h"

enum { MAX_LETTERS = 240, MAX_WORDS = 40, MAX_FORM = 64, FORM_WORDS = 7 };

struct word {
    size_t at, len; /* in letters */
};
struct folded {
    uint32_t letters[MAX_LETTERS];
    size_t count;
    struct word words[MAX_WORDS];
    size_t word_count;
    const char *form; /* of the table; NULL: none said */
    bool strange;     /* a word that mixes alphabets, or a sign that cannot be seen */
    bool two_ways;    /* it holds a letter that is also spelled with two */
};

static bool ascii_letter(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The second letter German and Nordic spelling writes a letter with; 0: none. */
static char second_letter(uint32_t c)
{
    if (c == 0xDF || c == 0x1E9E) /* sharp s */
        return 'S';
    switch (c | 0x20) {
    case 0xE4: /* a, o, u with two dots; ae; o with a stroke */
    case 0xF6:
    case 0xFC:
    case 0xE6:
    case 0xF8:
        return 'E';
    case 0xE5:
        return 'A';
    default:
        return 0;
    }
}

enum sign { SIGN_LETTER, SIGN_NOTHING, SIGN_GAP, SIGN_FOREIGN, SIGN_HIDDEN };

/* Above ASCII, by range: accents written after their letter and apostrophes are nothing, signs that cannot be seen are told. */
static const struct {
    uint32_t from, to;
    enum sign sign;
} ranges[] = {
    {0x80, 0xAC, SIGN_GAP},         {0xAD, 0xAD, SIGN_HIDDEN},     {0xAE, 0xB3, SIGN_GAP},
    {0xB4, 0xB4, SIGN_NOTHING},     {0xB5, 0xBF, SIGN_GAP},        {0x300, 0x36F, SIGN_NOTHING},
    {0x2000, 0x200A, SIGN_GAP},     {0x200B, 0x200F, SIGN_HIDDEN}, {0x2010, 0x2017, SIGN_GAP},
    {0x2018, 0x2019, SIGN_NOTHING}, {0x201A, 0x2029, SIGN_GAP},    {0x202A, 0x202E, SIGN_HIDDEN},
    {0x202F, 0x205F, SIGN_GAP},     {0x2060, 0x206F, SIGN_HIDDEN}, {0x3000, 0x3002, SIGN_GAP},
    {0xFEFF, 0xFEFF, SIGN_HIDDEN},  {0xFFFD, 0xFFFD, SIGN_HIDDEN},
};

/* The letter a code point stands for, if it is a Latin one; itself otherwise. */
static uint32_t latin(uint32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) /* full width */
        c -= 0xFEE0;
    c = letter_unaccented(c);
    return c < 0x80 ? (unsigned char)str_upper((char)c) : c;
}

/* What a code point is in a name; *c becomes the letter. */
static enum sign sign_of(uint32_t *c)
{
    *c = *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c < 0x80 ? *c : latin(*c);
    if (*c < 0x80) {
        if (ascii_letter(*c))
            return SIGN_LETTER;
        return strchr(".'", (int)*c) != NULL ? SIGN_NOTHING : SIGN_GAP;
    }
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (*c >= ranges[i].from && *c <= ranges[i].to)
            return ranges[i].sign;
    return SIGN_FOREIGN;
}

struct folding {
    struct folded *f;
    size_t start;        /* of the word at hand */
    bool latin, foreign; /* what it holds */
};

static void put_letter(struct folding *g, uint32_t c)
{
    if (g->f->count < MAX_LETTERS)
        g->f->letters[g->f->count++] = c;
}

static bool word_is(const struct folded *f, const struct word *w, const char *text)
{
    size_t n = strlen(text);
    if (w->len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (f->letters[w->at + i] != (unsigned char)text[i])
            return false;
    return true;
}

static void end_word(struct folding *g)
{
    static const char *const ands[] = {"AND", "Y", "UND", "ET"};
    struct folded *f = g->f;
    struct word w = {g->start, f->count - g->start};
    f->strange = f->strange || (g->latin && g->foreign);
    g->latin = g->foreign = false;
    for (size_t i = 0; w.len <= 3 && i < sizeof ands / sizeof ands[0]; i++)
        if (word_is(f, &w, ands[i]))
            f->count = g->start;
    w.len = f->count - g->start;
    g->start = f->count;
    if (w.len == 0)
        return;
    if (f->word_count < MAX_WORDS)
        f->words[f->word_count++] = w;
}

/* S. A. is SA: single letters in a row are one word. */
static void join_singles(struct folded *f)
{
    size_t kept = 0;
    bool open = false; /* the last kept word is a run of single letters */
    for (size_t i = 0; i < f->word_count; i++) {
        bool single = f->words[i].len == 1 && f->letters[f->words[i].at] > '9';
        if (single && open)
            f->words[kept - 1].len += 1;
        else
            f->words[kept++] = f->words[i];
        open = single;
    }
    f->word_count = kept;
}

/* The last words with a blank between them, at most FORM_WORDS and never all; what is longer than any form goes on the left. */
static size_t last_words(const struct folded *f, char text[MAX_FORM])
{
    size_t at = MAX_FORM;
    for (size_t i = f->word_count; i > 1 && i + FORM_WORDS > f->word_count; i--) {
        const struct word *w = &f->words[i - 1];
        if (w->len + 1 > at)
            break;
        for (size_t k = w->len; k > 0; k--) {
            uint32_t c = f->letters[w->at + k - 1];
            text[--at] = (char)(c < 0x80 ? c : '?');
        }
        text[--at] = ' ';
    }
    return at;
}

/* The longest form the name ends in goes; the name itself never does. */
static void take_form(struct folded *f)
{
    static const struct {
        const char *words; /* with a blank in front, so that it begins where a word does */
        size_t len;
        const char *form;
    } forms[] = {
#define FORM(word, form) {" " word, sizeof(" " word) - 1, form},
#include "trust/legal_forms.def"
#undef FORM
    };
    char text[MAX_FORM];
    size_t room = MAX_FORM - last_words(f, text), most = 0, words = 0;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t n = forms[i].len;
        if (n <= most || n > room || memcmp(text + MAX_FORM - n, forms[i].words, n) != 0)
            continue;
        most = n;
        f->form = forms[i].form;
    }
    for (size_t i = 0; i < most; i++)
        words += text[MAX_FORM - most + i] == ' ';
    f->word_count -= words;
}

/* Letters of the words that are left, without gaps. */
static void close_up(struct folded *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->word_count; i++) {
        struct word *w = &f->words[i];
        memmove(&f->letters[n], &f->letters[w->at], w->len * sizeof f->letters[0]);
        w->at = n;
        n += w->len;
    }
    f->count = n;
}

static void fold(struct folded *f, const char *name, bool spelled_out)
{
    const char *p = name, *end = name + strlen(name);
    struct folding g = {.f = f};
    f->count = f->word_count = 0;
    f->form = NULL;
    f->strange = f->two_ways = false;
    while (p < end) {
        uint32_t c = (unsigned char)*p < 0x80 ? (unsigned char)*p++ : utf8_next(&p, end);
        char second = c < 0x80 ? '\0' : second_letter(c);
        f->two_ways = f->two_ways || second != '\0';
        switch (sign_of(&c)) {
        case SIGN_LETTER:
            g.latin = true;
            put_letter(&g, c);
            if (spelled_out && second != '\0')
                put_letter(&g, (unsigned char)second);
            break;
        case SIGN_FOREIGN:
            g.foreign = true;
            put_letter(&g, c);
            break;
        case SIGN_HIDDEN:
            f->strange = true;
            break;
        case SIGN_NOTHING:
            break;
        default:
            end_word(&g);
        }
    }
    end_word(&g);
    join_singles(f);
    take_form(f);
    close_up(f);
}

static bool same_letters(const struct folded *a, const struct folded *b)
{
    return a->count == b->count && memcmp(a->letters, b->letters, a->count * sizeof a->letters[0]) == 0;
}

/* How many of these letters are of no Latin alphabet. */
static size_t foreign_letters(const struct folded *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++)
        n += f->letters[i] >= 0x80;
    return n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Some letters of a name: one word, or all of it. */
struct span {
    const uint32_t *letters;
    size_t count;
};

/* What two spans begin and end with alike goes: it is the same letters at no cost in every best way. */
static void cut_alike(struct span *a, struct span *b)
{
    while (a->count > 0 && b->count > 0 && a->letters[0] == b->letters[0]) {
        *a = (struct span){a->letters + 1, a->count - 1};
        *b = (struct span){b->letters + 1, b->count - 1};
    }
    while (a->count > 0 && b->count > 0 && a->letters[a->count - 1] == b->letters[b->count - 1]) {
        a->count--;
        b->count--;
    }
}

/* Letters to put in, take out, replace or swap, to make one of the other; `most` and one if they are more than that. */
static size_t distance(struct span a, struct span b, size_t most)
{
    uint16_t rows[3][MAX_LETTERS + 1];
    uint16_t *before = rows[0], *last = rows[1], *now = rows[2];
    size_t fewest = 0; /* of a row: two in a row beyond `most` and none after them comes back */
    cut_alike(&a, &b);
    if (least(a.count, b.count) + most < (a.count > b.count ? a.count : b.count))
        return most + 1;
    for (size_t k = 0; k <= b.count; k++)
        before[k] = last[k] = (uint16_t)k;
    for (size_t i = 1; i <= a.count; i++) {
        size_t fewest_before = fewest;
        fewest = now[0] = (uint16_t)i;
        for (size_t k = 1; k <= b.count; k++) {
            size_t other = a.letters[i - 1] != b.letters[k - 1];
            size_t edits = least(least(last[k], now[k - 1]) + 1U, last[k - 1] + other);
            if (i > 1 && k > 1 && a.letters[i - 1] == b.letters[k - 2] &&
                a.letters[i - 2] == b.letters[k - 1])
                edits = least(edits, before[k - 2] + 1U);
            now[k] = (uint16_t)edits;
            fewest = least(fewest, edits);
        }
        if (fewest > most && fewest_before > most)
            return most + 1;
        uint16_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return least(last[b.count], most + 1);
}

size_t name_edits(const char *a, const char *b, size_t most)
{
    uint32_t letters[2][MAX_LETTERS];
    const char *const texts[] = {a, b};
    struct span spans[2];
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(texts[i]);
        if (n > MAX_LETTERS)
            return most + 1;
        for (size_t k = 0; k < n; k++)
            letters[i][k] = (unsigned char)texts[i][k];
        spans[i] = (struct span){letters[i], n};
    }
    return distance(spans[0], spans[1], most);
}

static bool word_equal(const struct folded *a, size_t i, const struct folded *b, size_t k)
{
    return a->words[i].len == b->words[k].len &&
           memcmp(&a->letters[a->words[i].at], &b->letters[b->words[k].at],
                  a->words[i].len * sizeof a->letters[0]) == 0;
}

/* Words of `a` that have an equal of their own in `b`; *longest: letters of the longest of them. */
static size_t words_shared(const struct folded *a, const struct folded *b, size_t *longest)
{
    bool used[MAX_WORDS] = {false};
    size_t shared = 0;
    *longest = 0;
    for (size_t i = 0; i < a->word_count; i++)
        for (size_t k = 0; k < b->word_count; k++)
            if (!used[k] && word_equal(a, i, b, k)) {
                used[k] = true;
                shared++;
                *longest = a->words[i].len > *longest ? a->words[i].len : *longest;
                break;
            }
    return shared;
}

static struct span word_at(const struct folded *f, size_t i)
{
    return (struct span){&f->letters[f->words[i].at], f->words[i].len};
}

/* A slip of the pen: word by word one letter in those of four and more, two in those of nine and more, in two words at most. */
static bool misspelt(const struct folded *a, const struct folded *b)
{
    size_t wrong = 0;
    if (a->word_count != b->word_count)
        return least(a->count, b->count) >= 8 &&
               distance((struct span){a->letters, a->count}, (struct span){b->letters, b->count}, 1) <= 1;
    for (size_t i = 0; i < a->word_count; i++) {
        size_t shorter = least(a->words[i].len, b->words[i].len);
        size_t most = shorter < 4 ? 0 : shorter < 9 ? 1 : 2;
        size_t edits = distance(word_at(a, i), word_at(b, i), most);
        if (edits > most)
            return false;
        wrong += edits > 0;
    }
    return wrong <= 2;
}

static bool near(const struct folded *a, const struct folded *b)
{
    size_t longest, shared = words_shared(a, b, &longest), fewer = least(a->word_count, b->word_count);
    size_t more = a->word_count > b->word_count ? a->word_count : b->word_count;
    /* another order, or one word missing */
    if (shared == fewer && more - fewer <= 1 && longest >= 4)
        return true;
    return foreign_letters(a) == foreign_letters(b) && misspelt(a, b);
}

enum name_match name_compare(const char *a, const char *b)
{
    struct folded x, y;
    if (strcmp(a, b) == 0)
        return NAME_SAME;
    fold(&x, a, false);
    fold(&y, b, false);
    bool same = same_letters(&x, &y), strange = x.strange || y.strange;
    if (strange)
        return NAME_OTHER;
    if (!same && (x.two_ways || y.two_ways)) {
        struct folded s, t;
        fold(&s, a, true);
        fold(&t, b, true);
        same = same_letters(&s, &t);
    }
    if (same && x.form != NULL && y.form != NULL && strcmp(x.form, y.form) != 0)
        return NAME_NEAR;
    return same ? NAME_SAME : near(&x, &y) ? NAME_NEAR : NAME_OTHER;
}
