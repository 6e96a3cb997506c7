/** @file
 * The command `greenlane`: its own small rooms. Everything it does goes through <greenlane.h>.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <greenlane.h>

enum cli_text {
#define TEXT(id, en, es) TEXT_##id,
#include "cli/texts.def"
#undef TEXT
    TEXT_COUNT
};

/* OPTION(ID, name, value's name or NULL, English, Spanish) */
enum cli_option {
#define OPTION(id, name, value, en, es) CLI_##id,
#include "cli/options.def"
#undef OPTION
    CLI_OPTION_COUNT
};
#define BIT(id) (UINT64_C(1) << CLI_##id)
_Static_assert(CLI_OPTION_COUNT <= 64, "a set of options is 64 bits");
#define CLI_COMMON (BIT(CONFIG) | BIT(HELP) | BIT(JSON) | BIT(LANG) | BIT(LEDGER) | BIT(SET))

struct cli_option_spec {
    const char *name, *value;
    const char *text[2];
};
extern const struct cli_option_spec cli_option_table[CLI_OPTION_COUNT];

enum { CLI_MAX_ARGS = 64, CLI_MAX_SETS = 32 };

struct cli;
struct command {
    const char *name;          /**< "identities add": one or two words */
    const char *args;          /**< for people: "ID", "FILE..." */
    int least, most;           /**< how many arguments */
    uint64_t options;          /**< BIT(..) of those it takes, besides the common ones */
    int (*run)(struct cli *c); /**< returns the exit code */
    const char *method, *path; /**< for cli_ask(): `{1}` stands for the first argument */
    int body;                  /**< for cli_ask(): which argument is a file to send; 0: none */
    const char *text[2];
};
extern const struct command cli_commands[];
extern const size_t cli_command_count;

struct cli {
    const struct command *command;
    const char *value[CLI_OPTION_COUNT]; /**< "" for a flag that is set, NULL: not given */
    const char *set[CLI_MAX_SETS];       /**< --set name=value */
    size_t set_count;
    const char *arg[CLI_MAX_ARGS];
    size_t arg_count;
    enum gln_language language;
    gln_config *config;
    gln_engine *engine;
    gln_context *context;
    gln_gateway *gateway; /**< NULL: the ledger is another process' (then by its socket) or not opened yet */
    bool asked;           /**< the ledger's owner is known */
    bool wrote;           /**< --output was begun: what comes now goes behind it */
};

/* cli/main.c */
/** The command whose words `argv` begins with, NULL if there is none; *used: how many words. */
const struct command *cli_find_command(int argc, char **argv, int *used);

/* cli/text.c */
void cli_say(FILE *to, const struct cli *c, enum cli_text id, const char *a, const char *b, const char *d);

/* cli/settings.c: the engine from --config, --set, --ledger; NULL context on failure, which is told */
int cli_open_engine(struct cli *c);
void cli_close(struct cli *c);
/** Reads a file or "-" whole; told when it cannot. */
int cli_read_file(struct cli *c, const char *path, char **data, size_t *length);
/** To --output, behind what this call wrote there before, or to standard output. */
bool cli_write_output(struct cli *c, const void *data, size_t length);

/* cli/ask.c */
/** One request to whoever owns the ledger. Returns the status; `reply` to be freed with gln_free(reply->body). */
int cli_request(struct cli *c, const char *method, const char *path, const void *body, size_t length,
                gln_reply *reply);
int cli_ask(struct cli *c); /**< run of all commands that are one request */
int cli_show_reply(struct cli *c, int status,
                   gln_reply *reply); /**< prints the body, frees it; the exit code */
/** The command's path with arguments and the given options as query. Malloced. */
char *cli_path(const struct cli *c);
/** One more parameter; *path may move, and is NULL once memory ran out. */
void cli_add_query(char **path, const char *name, const char *value);

/* the commands that are more than one request */
int cli_check(struct cli *c);
int cli_transform(struct cli *c);
int cli_submit(struct cli *c);
int cli_lane(struct cli *c);
int cli_verify(struct cli *c);
int cli_run_program(struct cli *c); /**< sandbox, demo */
int cli_import(struct cli *c);      /**< operators import: one request, with a bar on a terminal */
int cli_ledger_archive(struct cli *c);
int cli_ledger_verify(struct cli *c);
int cli_doctor(struct cli *c);
int cli_help(struct cli *c);
/** Prints how the last word may go on, a line each; not in the table, since only shells call it. */
int cli_complete(struct cli *c, int argc, char **argv);

#endif
