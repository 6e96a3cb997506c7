/*
 * complete: what a shell asks when the tab key is pressed. Given the words after "greenlane", the last one unfinished, it prints how
 * that one may go on, a line each: commands, options, and the words an argument or an option chooses from.
 *
 * Everything comes from the tables that do the work, so that completion cannot lag behind. Owns nothing, reads no settings and no
 * ledger, and says nothing when it knows nothing: the shell then offers files.
 */
#include "cli/cli.h"

#include <string.h>

static void offer(const char *word, size_t length, const char *typed, const char *end)
{
    if (strncmp(word, typed, strlen(typed) < length ? strlen(typed) : length) == 0 && strlen(typed) <= length)
        printf("%.*s%s\n", (int)length, word, end);
}

/* The choices of "FILING arrived|close" or "en|es": of the word with that index, if it is a choice. */
static void offer_choices(const char *text, size_t index, const char *typed)
{
    for (; index > 0 && text != NULL; index--) {
        text = strchr(text, ' ');
        text = text == NULL ? NULL : text + 1;
    }
    if (text == NULL)
        return;
    size_t length = strcspn(text, " ");
    if (memchr(text, '|', length) == NULL)
        return;
    while (length > 0) {
        size_t one = strcspn(text, "| ");
        offer(text, one, typed, "");
        if (one >= length)
            break;
        text += one + 1;
        length -= one + 1;
    }
}

/* The word-th word of every command that begins with `first` (NULL: any), each once. */
static void offer_commands(const char *first, const char *typed)
{
    const char *last = "";
    size_t last_length = 0;
    for (size_t i = 0; i < cli_command_count; i++) {
        const char *word = cli_commands[i].name;
        size_t length = strcspn(word, " ");
        if (first != NULL) {
            if (word[length] == '\0' || strlen(first) != length || strncmp(word, first, length) != 0)
                continue;
            word += length + 1;
            length = strlen(word);
        }
        if (length == last_length && strncmp(word, last, length) == 0)
            continue;
        last = word;
        last_length = length;
        offer(word, length, typed, "");
    }
}

static void offer_options(const struct command *command, const char *typed)
{
    for (int i = 0; i < CLI_OPTION_COUNT; i++)
        if (((command->options | CLI_COMMON) >> i & 1) != 0) {
            char name[64];
            int length = snprintf(name, sizeof name, "--%s", cli_option_table[i].name);
            offer(name, (size_t)length, typed, cli_option_table[i].value != NULL ? "=" : "");
        }
}

/* The option `word` names ("--lang", "--lang=e"), if it takes a value. */
static const struct cli_option_spec *valued_option(const char *word)
{
    if (strncmp(word, "--", 2) != 0)
        return NULL;
    size_t length = strcspn(word + 2, "=");
    for (int i = 0; i < CLI_OPTION_COUNT; i++) {
        const struct cli_option_spec *o = &cli_option_table[i];
        if (o->value != NULL && strlen(o->name) == length && strncmp(o->name, word + 2, length) == 0)
            return o;
    }
    return NULL;
}

/* The option whose value the last word is: "--lang e", or, as bash splits it, "--lang = e". */
static const struct cli_option_spec *option_before(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[argc - 2], "=") == 0)
        return valued_option(argv[argc - 3]);
    return argc > 2 ? valued_option(argv[argc - 2]) : NULL;
}

/* The argument the last word is, counted from the command's own words. */
static size_t argument_index(int used, int argc, char **argv)
{
    size_t index = 0;
    for (int i = used; i < argc - 1; i++)
        index += strncmp(argv[i], "--", 2) != 0 ? 1 : 0;
    return index;
}

static void complete_command(int argc, char **argv, const struct command *command, int used)
{
    const char *typed = argv[argc - 1];
    const struct cli_option_spec *option = option_before(argc, argv);
    if (option != NULL)
        offer_choices(option->value, 0, strcmp(typed, "=") == 0 ? "" : typed);
    else if (strncmp(typed, "--", 2) == 0)
        offer_options(command, typed);
    else
        offer_choices(command->args, argument_index(used, argc, argv), typed);
}

int cli_complete(struct cli *c, int argc, char **argv)
{
    (void)c;
    int used = 0;
    const struct command *command = argc > 1 ? cli_find_command(argc - 1, argv, &used) : NULL;
    if (argc == 1) {
        offer_commands(NULL, argv[0]);
    } else if (argc == 2 && command == NULL) {
        offer_commands(argv[0], argv[1]);
    } else if (argc == 2 && command->run == cli_help) {
        offer_commands(NULL, argv[1]);
        offer("options", strlen("options"), argv[1], "");
    } else if (command != NULL) {
        complete_command(argc, argv, command, used);
    }
    return 0;
}
