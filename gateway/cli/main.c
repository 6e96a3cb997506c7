/*
 * The command `greenlane`: finds the command in the table, reads its options by the one option table, runs it.
 *
 * Owns the run's struct cli. Exit codes: 0 good, 1 findings or a rejection, 2 a wrong call, 3 trouble of our own. Words for
 * people go to standard output, complaints to standard error; both in the language of --lang, else of the environment, which only
 * the command reads (the library never does).
 */
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

const struct cli_option_spec cli_option_table[CLI_OPTION_COUNT] = {
#define OPTION(id, name, value, en, es) [CLI_##id] = {name, value, {en, es}},
#include "cli/options.def"
#undef OPTION
};

static enum gln_language language_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "es", 2) == 0 ? GLN_ES : GLN_EN;
    }
    return GLN_EN;
}

const struct command *cli_find_command(int argc, char **argv, int *used)
{
    for (int words = 2; words >= 1; words--) {
        char name[64] = "";
        size_t length = 0;
        for (int i = 0; i < words && i < argc; i++)
            length +=
                (size_t)snprintf(name + length, sizeof name - length, "%s%.24s", i > 0 ? " " : "", argv[i]);
        for (size_t i = 0; i < cli_command_count; i++)
            if (strcmp(cli_commands[i].name, name) == 0) {
                *used = words;
                return &cli_commands[i];
            }
    }
    return NULL;
}

static int wrong(const struct cli *c, enum cli_text id, const char *a, const char *b)
{
    cli_say(stderr, c, id, c->command->name, a, b);
    return 2;
}

static int find_option(const struct cli *c, const char *name, size_t length)
{
    for (int i = 0; i < CLI_OPTION_COUNT; i++) {
        const struct cli_option_spec *o = &cli_option_table[i];
        if (strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return ((c->command->options | CLI_COMMON) >> i & 1) != 0 ? i : -1;
    }
    return -1;
}

static int keep_option(struct cli *c, int option, const char *value)
{
    if (option == CLI_SET) {
        if (c->set_count == CLI_MAX_SETS || strchr(value, '=') == NULL)
            return wrong(c, TEXT_OPTION_VALUE, "--set NAME=VALUE", value);
        c->set[c->set_count++] = value;
    } else if (option == CLI_LIMIT) {
        size_t digits = strspn(value, "0123456789");
        if (digits == 0 || digits > 6 || value[digits] != '\0')
            return wrong(c, TEXT_OPTION_VALUE, "--limit NUMBER", value);
    } else if (option == CLI_LANG) {
        if (strcmp(value, "en") != 0 && strcmp(value, "es") != 0)
            return wrong(c, TEXT_OPTION_VALUE, "--lang en|es", value);
        c->language = strcmp(value, "es") == 0 ? GLN_ES : GLN_EN;
    }
    c->value[option] = value;
    return 0;
}

static bool is_number(const char *word)
{
    return word != NULL && word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

/* --name, --name=value, --name value; *i moves on when the value is the next word. --wait may stand alone: only a number after it is
   its value. */
static int take_option(struct cli *c, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2, *equals = strchr(argv[*i], '=');
    int option = -1; /* one dash: there are no short options but -h */
    if (argv[*i][1] == '-')
        option = find_option(c, name, equals == NULL ? strlen(name) : (size_t)(equals - name));
    if (option < 0)
        return wrong(c, TEXT_NO_OPTION, argv[*i], NULL);
    bool flag = cli_option_table[option].value == NULL;
    if (flag && equals != NULL)
        return wrong(c, TEXT_OPTION_NO_VALUE, argv[*i], NULL);
    bool alone = option == CLI_WAIT && equals == NULL && (*i + 1 >= argc || !is_number(argv[*i + 1]));
    if (flag || alone)
        return keep_option(c, option, "");
    if (equals == NULL && *i + 1 >= argc)
        return wrong(c, TEXT_OPTION_WANTS, argv[*i], NULL);
    return keep_option(c, option, equals != NULL ? equals + 1 : argv[++*i]);
}

/* What is missing: the words of `args` after those that are there, up to its options. */
static int missing(const struct cli *c)
{
    const char *args = c->command->args;
    char words[64];
    for (size_t i = 0; i < c->arg_count && strchr(args, ' ') != NULL; i++)
        args = strchr(args, ' ') + 1;
    const char *options = strstr(args, " --");
    snprintf(words, sizeof words, "%.*s", (int)(options != NULL ? (size_t)(options - args) : strlen(args)),
             args);
    return wrong(c, TEXT_WANTS, words, c->command->args);
}

static int take_words(struct cli *c, int argc, char **argv)
{
    bool pass_through = c->command->run == cli_run_program && strcmp(c->command->name, "sandbox") == 0;
    bool options = !pass_through;
    for (int i = 0; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            int exit_code = take_option(c, argc, argv, &i);
            if (exit_code != 0)
                return exit_code;
        } else if ((int)c->arg_count >= c->command->most) {
            return wrong(c, TEXT_TOO_MANY, argv[i], NULL);
        } else {
            c->arg[c->arg_count++] = argv[i];
        }
    }
    if (c->value[CLI_HELP] == NULL && (int)c->arg_count < c->command->least)
        return missing(c);
    return 0;
}

/* The first word may be one that others follow: identities list, identities add, ... */
static int no_command(const struct cli *c, int argc, char **argv)
{
    char group[64], typed[128], others[512] = "";
    size_t length = (size_t)snprintf(group, sizeof group, "%.60s ", argv[0]), used = 0;
    snprintf(typed, sizeof typed, "%.60s%s%.60s", argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
    for (size_t i = 0; i < cli_command_count && used < sizeof others; i++)
        if (strncmp(cli_commands[i].name, group, length) == 0)
            used += (size_t)snprintf(others + used, sizeof others - used, "%s %s", used > 0 ? "," : "",
                                     cli_commands[i].name);
    cli_say(stderr, c, used > 0 ? TEXT_NO_SUBCOMMAND : TEXT_NO_COMMAND, used > 0 ? typed : argv[0], others,
            NULL);
    return 2;
}

static int run(struct cli *c, int argc, char **argv)
{
    int used = 1;
    c->command = argc < 1 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0
                     ? &cli_commands[cli_command_count - 1]
                     : cli_find_command(argc, argv, &used);
    if (argc > 0 && strcmp(argv[0], "--version") == 0) {
        printf("greenlane %s\n", gln_version());
        return 0;
    }
    if (argc > 0 && strcmp(argv[0], "complete") == 0)
        return cli_complete(c, argc - 1, argv + 1);
    if (c->command == NULL)
        return no_command(c, argc, argv);
    int exit_code = argc > used ? take_words(c, argc - used, argv + used) : take_words(c, 0, argv);
    if (exit_code != 0)
        return exit_code;
    if (c->value[CLI_HELP] != NULL && c->command->run != cli_help) {
        c->arg[0] = c->command->name;
        c->arg_count = 1;
        return cli_help(c);
    }
    return c->command->run(c);
}

int main(int argc, char **argv)
{
    struct cli c = {.language = language_of_environment()};
    if (gln_init() != GLN_OK) {
        fputs("greenlane: cannot start\n", stderr);
        return 3;
    }
    int exit_code = run(&c, argc - 1, argv + 1);
    cli_close(&c);
    gln_shutdown();
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("greenlane: standard output");
        return exit_code == 0 ? 3 : exit_code;
    }
    return exit_code;
}
