/* Which filing of an entry number customs' words are for: answers by their action, notices by what is on file. */
#include "unit/main.h"

#include <string.h>

#include "unit/ledger_bed.h"
#include "util/str.h"

Suite *ledger_tie_suite(void);

/* A filing of the same number: its action, the states it went through from queued, its outcome, and what it was sent again as. */
struct one {
    const char *action;
    enum filing_state way[4]; /**< ends with FILING_ACCEPTED, which no step leads to */
    const char *outcome, *again;
};

#define NEVER                                                                                                \
    {                                                                                                        \
        FILING_ACCEPTED                                                                                      \
    }
#define SENT                                                                                                 \
    {                                                                                                        \
        FILING_SENDING, FILING_SENT                                                                          \
    }
#define ANSWERED                                                                                             \
    {                                                                                                        \
        FILING_SENDING, FILING_ANSWERED                                                                      \
    }
#define ENDED                                                                                                \
    {                                                                                                        \
        FILING_SENDING, FILING_ANSWERED, FILING_CLOSED                                                       \
    }
#define DOUBT                                                                                                \
    {                                                                                                        \
        FILING_SENDING, FILING_IN_DOUBT                                                                      \
    }

static const struct {
    const char *what;
    struct one filings[3];
    const char *action;
    bool notice;
    int tied; /**< index, or -1 */
} ties[] = {
    {"a release after a rejected replacement",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", ENDED, "rejected", NULL}},
     "",
     true,
     0},
    {"after one that was not looked at",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", ENDED, "not-processed", NULL}},
     "",
     true,
     0},
    {"after an accepted replacement",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", ANSWERED, "accepted", NULL}},
     "",
     true,
     1},
    {"while a replacement is on its way",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", SENT, "", NULL}},
     "",
     true,
     1},
    {"while one is in doubt",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", DOUBT, "", NULL}},
     "",
     true,
     1},
    {"while one is only queued",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", NEVER, "", NULL}},
     "",
     true,
     0},
    {"after one that was cancelled before it left",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", {FILING_CANCELLED}, "", NULL}},
     "",
     true,
     0},
    {"after a correction that was refused and stays open",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", ANSWERED, "rejected", NULL}},
     "",
     true,
     0},
    {"after an accepted cancellation",
     {{"add", ANSWERED, "accepted", NULL}, {"cancel", ENDED, "accepted", NULL}},
     "",
     true,
     1},
    {"about an entry that was refused and stays open", {{"add", ANSWERED, "rejected", NULL}}, "", true, 0},
    {"about an entry that was rejected", {{"add", ENDED, "rejected", NULL}}, "", true, -1},
    {"about one that never left", {{"add", NEVER, "", NULL}}, "", true, -1},
    {"a notice about the correction",
     {{"add", ANSWERED, "accepted", NULL},
      {"replace", ENDED, "rejected", NULL},
      {"update", ANSWERED, "accepted", NULL}},
     "replace",
     true,
     1},
    {"about a cancellation that is not ours", {{"add", ANSWERED, "accepted", NULL}}, "cancel", true, -1},
    {"an answer to the add, while an update is on its way",
     {{"add", SENT, "", NULL}, {"update", SENT, "", NULL}},
     "add",
     false,
     0},
    {"an answer to the update", {{"add", SENT, "", NULL}, {"update", SENT, "", NULL}}, "update", false, 1},
    {"an answer that names no action", {{"add", SENT, "", NULL}, {"update", SENT, "", NULL}}, "", false, 1},
    {"the same rejection once more",
     {{"add", ANSWERED, "accepted", NULL}, {"replace", ENDED, "rejected", NULL}},
     "",
     false,
     1},
    {"an answer to an add that was sent again as a replacement",
     {{"add", SENT, "", "replace"}},
     "replace",
     false,
     0},
    {"a late answer to it as it was sent first", {{"add", SENT, "", "replace"}}, "add", false, 0},
    {"what was not sent yet, if nothing was", {{"add", NEVER, "", NULL}}, "", false, 0},
};

static int64_t put(struct bed *b, const struct one *f)
{
    struct bed_declaration d;
    enum filing_state now = FILING_QUEUED;
    int64_t id;

    bed_declaration(b, &d);
    d.filing[0].action = f->action;
    id = bed_keep(b, &d, NULL);
    for (const enum filing_state *to = f->way; *to != FILING_ACCEPTED; now = *to++)
        ck_assert_int_eq(ledger_move(b->ledger, &b->ctx, id, now, *to, "because", "ana", -1), GLN_OK);
    if (*f->outcome != '\0')
        ck_assert_int_eq(ledger_attach(b->ledger, &b->ctx, id, "outcome", f->outcome, strlen(f->outcome)),
                         GLN_OK);
    if (f->again != NULL)
        ck_assert_int_eq(ledger_attach(b->ledger, &b->ctx, id, "action", f->again, strlen(f->again)), GLN_OK);
    return id;
}

START_TEST(by_key)
{
    struct bed b;
    struct ledger_filing f = {0};
    int64_t ids[3] = {0};
    int status;

    bed_begin(&b);
    for (size_t i = 0; i < 3 && ties[_i].filings[i].action != NULL; i++)
        ids[i] = put(&b, &ties[_i].filings[i]);
    status = ledger_filing_by_key(b.ledger, &b.ctx, "us-ace", "TEST", "9ZZ00000017", ties[_i].action,
                                  ties[_i].notice, &f);
    ck_assert_msg(status == (ties[_i].tied < 0 ? GLN_E_NOT_FOUND : GLN_OK), "%s: %d", ties[_i].what, status);
    if (ties[_i].tied >= 0) {
        const struct one *wanted = &ties[_i].filings[ties[_i].tied];

        ck_assert_msg(f.id == ids[ties[_i].tied], "%s: %lld", ties[_i].what, (long long)f.id);
        ck_assert_str_eq(f.action, wanted->again != NULL ? wanted->again : wanted->action);
    }
    bed_close(&b);
    ck_assert(bed_good(&b, NULL));
    bed_end(&b);
}
END_TEST

Suite *ledger_tie_suite(void)
{
    Suite *s = suite_create("ledger_tie");
    TCase *c = tcase_create("by_key");

    tcase_add_loop_test(c, by_key, 0, (int)(sizeof ties / sizeof ties[0]));
    suite_add_tcase(s, c);
    return s;
}
