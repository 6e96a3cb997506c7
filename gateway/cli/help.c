/*
 * help: all commands, one command, or the settings; all from the tables that do the work, so that help cannot lag behind.
 *
 * Owns nothing. The settings' list comes from the library (gln_option_at), which owns that table.
 */
#include "cli/cli.h"

#include <string.h>

static void print_option(const struct cli *c, int i)
{
    const struct cli_option_spec *o = &cli_option_table[i];
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value != NULL ? "=" : "",
             o->value != NULL ? o->value : "");
    printf("  %-30s %s\n", left, o->text[c->language]);
}

static void print_command(const struct cli *c, const struct command *command)
{
    cli_say(stdout, c, TEXT_USAGE, command->name, command->args, NULL);
    printf("\n  %s\n\n", command->text[c->language]);
    if (command->options != 0)
        cli_say(stdout, c, TEXT_HELP_OPTIONS, NULL, NULL, NULL);
    for (int i = CLI_SET + 1; i < CLI_OPTION_COUNT; i++)
        if ((command->options >> i & 1) != 0)
            print_option(c, i);
    cli_say(stdout, c, TEXT_HELP_EVERYWHERE, NULL, NULL, NULL);
    for (int i = 0; i <= CLI_SET; i++)
        print_option(c, i);
}

static int print_settings(const struct cli *c)
{
    gln_option option = {.struct_size = sizeof option};
    for (size_t i = 0; gln_option_at(i, c->language, &option) == GLN_OK; i++)
        printf("  %-20s %-18s %s%s%s%s\n", option.name,
               option.default_value[0] != '\0' ? option.default_value : "-", option.text,
               option.unit[0] != '\0' ? " (" : "", option.unit, option.unit[0] != '\0' ? ")" : "");
    return 0;
}

static int print_all(const struct cli *c)
{
    cli_say(stdout, c, TEXT_HELP_HEAD, gln_version(), NULL, NULL);
    cli_say(stdout, c, TEXT_HELP_COMMANDS, NULL, NULL, NULL);
    for (size_t i = 0; i < cli_command_count; i++) {
        char left[96];
        snprintf(left, sizeof left, "%s %s", cli_commands[i].name, cli_commands[i].args);
        printf("  %-38s %s\n", left, cli_commands[i].text[c->language]);
    }
    putchar('\n');
    cli_say(stdout, c, TEXT_HELP_EVERYWHERE, NULL, NULL, NULL);
    for (int i = 0; i <= CLI_SET; i++)
        print_option(c, i);
    cli_say(stdout, c, TEXT_HELP_EXIT, NULL, NULL, NULL);
    return 0;
}

int cli_help(struct cli *c)
{
    if (c->arg_count == 0)
        return print_all(c);
    if (strcmp(c->arg[0], "options") == 0)
        return print_settings(c);
    char name[96];
    snprintf(name, sizeof name, "%s%s%s", c->arg[0], c->arg_count > 1 ? " " : "",
             c->arg_count > 1 ? c->arg[1] : "");
    size_t length = strlen(name), found = 0;
    for (size_t i = 0; i < cli_command_count; i++) {
        const char *command = cli_commands[i].name;
        if (strncmp(command, name, length) == 0 && (command[length] == '\0' || command[length] == ' ')) {
            if (found++ > 0)
                putchar('\n');
            print_command(c, &cli_commands[i]);
        }
    }
    if (found > 0)
        return 0;
    cli_say(stderr, c, TEXT_NO_COMMAND, name, NULL, NULL);
    return 2;
}
