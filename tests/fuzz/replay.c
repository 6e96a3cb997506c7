/*
 * Replays the samples of a fuzz entry without a fuzzer.
 *
 * Stands in for libFuzzer's main(): reads each file of $GREENLANE_SRCDIR/tests/fuzz/corpus/<name>, in order of
 * name, gives its bytes to LLVMFuzzerTestOneInput and prints a TAP line. Files named on the command line are
 * replayed instead. The entry itself aborts on what must not be; then the runner sees a program that died.
 * Each sample lies in its own block of memory of exactly its size, so that a read past the end is seen.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path, int number)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size = -1;
    int bad = 1;

    if (file == NULL)
        goto out;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
        goto out;
    data = malloc(size > 0 ? (size_t)size : 1);
    if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size)
        goto out;
    bad = LLVMFuzzerTestOneInput(data, (size_t)size) != 0;
out:
    printf("%s %d - %s\n", bad ? "not ok" : "ok", number, path);
    fflush(stdout);
    free(data);
    if (file != NULL)
        fclose(file);
    return bad;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_folder(const char *program, int *count)
{
    const char *source = getenv("GREENLANE_SRCDIR");
    const char *name = strstr(program, "fuzz_");
    const char *slash = strrchr(program, '/');
    struct dirent **entries = NULL;
    char folder[4096];
    char path[8192];
    int bad = 0;
    int found;

    if (slash != NULL)
        name = strstr(slash, "fuzz_");
    if (name == NULL)
        return 1;
    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source != NULL ? source : ".", name + 5);
    found = scandir(folder, &entries, visible, alphasort);
    if (found <= 0)
        fprintf(stderr, "%s: no samples to replay\n", folder);
    for (int i = 0; i < found; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        bad |= replay(path, ++*count);
        free(entries[i]);
    }
    free(entries);
    return found <= 0 ? 1 : bad;
}

int main(int argc, char **argv)
{
    int count = 0;
    int bad = 0;

    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            bad |= replay(argv[i], ++count);
    } else {
        bad = replay_folder(argv[0], &count);
    }
    printf("1..%d\n", count);
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
