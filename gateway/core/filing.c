/*
 * Filing states (core/filing.h): names, texts, and the table of legal transitions. The ledger asks this table before it
 * writes a change; there is no other way to change a state.
 * Owns nothing; everything is constant. An unknown state has the name "?" and no legal transition.
 */
#include "core/filing.h"

#include <stddef.h>
#include <string.h>

#include "util/str.h"

static const struct {
    const char *name, *text[2];
} table[FILING_STATE_COUNT] = {
#define ROW(id, name, en, es) [FILING_##id] = {name, {en, es}},
    FILING_STATES(ROW)
#undef ROW
};

#define TO(s) (1u << FILING_##s)
static const unsigned legal[FILING_STATE_COUNT] = {
    [FILING_ACCEPTED] = TO(WAITING) | TO(QUEUED) | TO(HELD) | TO(CANCELLED),
    [FILING_WAITING] = TO(QUEUED) | TO(HELD) | TO(CANCELLED),
    [FILING_QUEUED] = TO(SENDING) | TO(HELD) | TO(CANCELLED),
    [FILING_HELD] = TO(QUEUED) | TO(CANCELLED),
    [FILING_SENDING] = TO(SENT) | TO(ANSWERED) | TO(DEFERRED) | TO(IN_DOUBT) | TO(HELD),
    [FILING_DEFERRED] = TO(QUEUED) | TO(HELD) | TO(CANCELLED),
    [FILING_IN_DOUBT] = TO(SENT) | TO(ANSWERED) | TO(QUEUED) | TO(CLOSED),
    [FILING_SENT] = TO(ANSWERED) | TO(OVERDUE) | TO(CLOSED),
    [FILING_OVERDUE] = TO(ANSWERED) | TO(SENT) | TO(CLOSED),
    [FILING_ANSWERED] = TO(ANSWERED) | TO(CLOSED),
    [FILING_CLOSED] = 0,
    [FILING_CANCELLED] = 0,
};
#undef TO

static bool known(enum filing_state s)
{
    return (unsigned)s < FILING_STATE_COUNT;
}

const char *lane_name(enum lane lane)
{
    return lane == LANE_EXPEDITED ? "expedited" : "standard";
}

enum lane lane_parse(const char *name)
{
    return str_eq(name, lane_name(LANE_EXPEDITED)) ? LANE_EXPEDITED : LANE_STANDARD;
}

const char *filing_state_name(enum filing_state s)
{
    return known(s) ? table[s].name : "?";
}

const char *filing_state_text(enum filing_state s, int language)
{
    return known(s) ? table[s].text[language == 1] : "?";
}

bool filing_state_parse(enum filing_state *out, const char *name)
{
    for (unsigned i = 0; name != NULL && i < FILING_STATE_COUNT; i++)
        if (strcmp(table[i].name, name) == 0) {
            *out = (enum filing_state)i;
            return true;
        }
    return false;
}

bool filing_transition_legal(enum filing_state from, enum filing_state to)
{
    return known(from) && known(to) && (legal[from] >> to & 1u) != 0;
}
